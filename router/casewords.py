"""What came of an administrator's tests, told: a line for each, what came otherwise, and which rules were never reached."""

from collections.abc import Iterator, Mapping

from rules.cases import CaseReport, CaseResult, Checked, Difference, because
from rules.source import Problem, printable
from rules.telling import iso

Json = dict[str, object]
MOST_NAMED = 12
"""How many untested rules are named in the last line."""


def in_lines(report: CaseReport, seconds: float) -> Iterator[str]:
    """Yield the lines for people; *seconds* is how long it took."""
    for result in report.results:
        yield f"{'ok    ' if result.passed else 'FAILED'}  {printable(result.case.name)}"
        for checked in result.checked:
            if checked.differences:
                yield from _told(checked)
    yield summary(report, seconds)


def _told(checked: Checked) -> Iterator[str]:
    """Yield what came otherwise at one moment: each difference with its place, then why it was decided so."""
    tries = f" after {', '.join(checked.check.after)}" if checked.check.after else ""
    for difference in checked.differences:
        yield f"        {difference.at}: {difference.key}, at {checked.check.written}{tries}"
        yield f"          expected  {difference.expected}"
        yield f"          got       {difference.got}"
    yield f"        {because(checked.decision)}"


def summary(report: CaseReport, seconds: float) -> str:
    """Say in one line how many passed, how long it took, and which rules no test reaches."""
    passed = sum(result.passed for result in report.results)
    never = report.never_reached
    reached = len(report.rules) - len(never)
    named = ", ".join(never[:MOST_NAMED]) + (f" and {len(never) - MOST_NAMED} more" if len(never) > MOST_NAMED else "")
    return (
        f"{passed}/{len(report.results)} tests, {report.moments} moments, {seconds:.2f} s;"
        f" rules reached by tests: {reached}/{len(report.rules)}" + (f"; never tested: {named}" if never else "")
    )


def as_json(report: CaseReport, problems: tuple[Problem, ...], seconds: float) -> Json:
    """Return everything as one value; *problems* are all mistakes in the files of tests."""
    return {
        "schema": "tests/1",
        "good": report.good and not problems,
        "tests": len(report.results),
        "passed": sum(result.passed for result in report.results),
        "moments": report.moments,
        "seconds": round(seconds, 3),
        "rules": {
            "reached": [rule for rule in report.rules if rule in report.reached],
            "never": list(report.never_reached),
        },
        "problems": [_problem(problem) for problem in problems],
        "results": [_result(result) for result in report.results],
    }


def _problem(problem: Problem) -> Json:
    place = {"file": problem.at.file, "line": problem.at.line, "column": problem.at.column}
    return {"code": problem.code, "message": problem.message, **place, "hint": problem.hint}


def _result(result: CaseResult) -> Json:
    return {
        "file": result.file,
        "line": result.case.at.line,
        "name": result.case.name,
        "passed": result.passed,
        "moments": [_moment(checked) for checked in result.checked],
    }


def _moment(checked: Checked) -> Json:
    return {
        "at": iso(checked.check.moment),
        "written": checked.check.written,
        "after": list(checked.check.after),
        "rule": checked.decision.rule,
        "source": str(checked.decision.source) if checked.decision.source else None,
        "why": list(checked.decision.why),
        "differences": [_difference(difference) for difference in checked.differences],
    }


def _difference(difference: Difference) -> Json:
    at = difference.at
    told: Mapping[str, object] = {"key": difference.key, "expected": difference.expected, "got": difference.got}
    return {**told, "file": at.file, "line": at.line, "column": at.column}
