"""Steps behind the end of a call: nothing ever comes to them."""

from itertools import pairwise

from rules.findings.study import Study, line
from rules.source import Problem, Report
from rules.spec import CallStepSpec, FileSpec, HangupSpec, RejectSpec, VoicemailStepSpec


def check_steps(study: Study, report: Report) -> None:
    """Report the first step behind each step that ends the call."""
    for steps in _lists(study.spec):
        for step, following in pairwise(steps):
            if isinstance(step, VoicemailStepSpec | RejectSpec | HangupSpec):
                message = (
                    f"this step is never used: the call ends with the step before it ({line(step.at, following.at)})"
                )
                hint = "nothing comes after voicemail, reject and hangup"
                report(Problem("never-used", message, following.at, hint, "warning"))
                break


def _lists(spec: FileSpec) -> list[tuple[CallStepSpec, ...]]:
    lists = [plan.calls for plan in spec.plans.values()]
    for number in spec.numbers.values():
        lists += [*(rule.calls for rule in number.rules), number.calls_open, number.calls_closed]
    return [steps for steps in lists if steps]
