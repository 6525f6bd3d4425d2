"""The results of tests as JUnit XML, which continuous-integration servers read."""

import re
from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from rules.cases import CaseReport, CaseResult, because
from rules.source import Problem

# What no XML 1.0 document may hold, however it is written (section 2.2).
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(report: CaseReport, problems: Iterable[Problem], seconds: float) -> bytes:
    """
    Return *report* as one `testsuites` document, a suite for each file; *seconds* is how long all took.

    Mistakes in the files of tests (*problems*) are errors of a suite of their own file.
    """
    root = Element("testsuites", name="switchhook", time=f"{seconds:.3f}")
    wrong = list(problems)
    names = dict.fromkeys([*(result.file for result in report.results), *(problem.at.file for problem in wrong)])
    for name in names:
        results = [result for result in report.results if result.file == name]
        errors = [problem for problem in wrong if problem.at.file == name]
        failed = sum(not result.passed for result in results)
        counts = {"tests": len(results) + len(errors), "failures": failed, "errors": len(errors), "skipped": 0}
        suite = SubElement(
            root, "testsuite", {"name": clean(name), **{key: str(count) for key, count in counts.items()}}
        )
        for result in results:
            _case(suite, result)
        for problem in errors:
            case = SubElement(suite, "testcase", classname=clean(name), name=clean(str(problem.at)), time="0")
            SubElement(case, "error", message=clean(problem.message), type=problem.code)
    totals = {key: sum(int(suite.get(key, "0")) for suite in root) for key in ("tests", "failures", "errors")}
    root.attrib.update({key: str(total) for key, total in totals.items()})
    indent(root)
    document: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def _case(suite: Element, result: CaseResult) -> None:
    place = {"file": clean(result.file), "line": str(result.case.at.line)}
    case = SubElement(
        suite, "testcase", {"classname": clean(result.file), "name": clean(result.case.name), "time": "0", **place}
    )
    lines = [
        f"{difference.at}: at {checked.check.written}: {difference.key}: expected {difference.expected}, got {difference.got}"
        f" ({because(checked.decision)})"
        for checked in result.checked
        for difference in checked.differences
    ]
    if lines:
        SubElement(case, "failure", message=clean(lines[0]), type="test-failed").text = clean("\n".join(lines))


def clean(text: str) -> str:
    """Return *text* without what XML cannot hold."""
    return _FORBIDDEN.sub("\ufffd", text)
