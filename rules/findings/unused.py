"""What nobody refers to: people, teams, schedules, voicemail boxes, groups of callers."""

from collections.abc import Iterable, Iterator

from rules.check.walk import told
from rules.findings.study import Study
from rules.source import Mark, Problem, Report
from rules.spec import FileSpec, RingSpec, VoicemailStepSpec, Word

_USE = {
    "person": "ring them, name them in a team or as cover, or remove them",
    "team": "ring it, or remove it",
    "schedule": "name it as `hours` of a number or person, or after `when`, or remove it",
    "voicemail box": "name it in a step or as `voicemail` of a number, or remove it",
    "group of callers": "name it in a rule after `from`, or remove it",
}


def check_unused(study: Study, report: Report) -> None:
    """Report everything with a name that nothing leads to."""
    spec = study.spec
    reached = _reached(spec)
    sections = (
        ("person", spec.people, reached),
        ("team", spec.teams, reached),
        ("schedule", spec.schedules, {word.text for word in _schedules(spec)}),
        ("voicemail box", spec.boxes, set(_boxes(spec))),
        ("group of callers", spec.groups, {word.text for word in _callers(spec)}),
    )
    for what, section, used in sections:
        for name, written in section.items():
            if name not in used:
                report(
                    Problem(
                        "unused",
                        f"the {what} '{name}' is used nowhere",
                        _name_at(spec, name, written.at),
                        _USE[what],
                        "warning",
                    )
                )


def _name_at(spec: FileSpec, name: str, at: Mark) -> Mark:
    return next((names[name] for names in spec.names.values() if names.get(name) == at), at)


def _reached(spec: FileSpec) -> set[str]:
    """Return every person and team that some call, text or notice leads to, through teams, covers and handovers."""
    reached: set[str] = set()
    waiting = [word.text for word in _targets(spec)]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += (word.text for word in _next(spec, name))
    return reached


def _targets(spec: FileSpec) -> Iterator[Word]:
    for step in spec.call_steps:
        if isinstance(step, RingSpec):
            yield from step.targets
    for block in spec.text_blocks:
        yield from (*block.targets, *block.copy)
        yield from block.urgent.targets if block.urgent else ()
    yield from told(spec)


def _next(spec: FileSpec, name: str) -> Iterable[Word]:
    if name in spec.teams:
        return spec.teams[name].members
    person = spec.people[name]
    stand_ins = (person.cover, person.handover, *(absence.cover for absence in person.away))
    return [word for word in stand_ins if word]


def _schedules(spec: FileSpec) -> Iterator[Word]:
    hours = [*(person.hours for person in spec.people.values()), *(number.hours for number in spec.numbers.values())]
    yield from (word for word in hours if isinstance(word, Word))
    for number in spec.numbers.values():
        yield from (rule.when for rule in number.rules if rule.when)


def _boxes(spec: FileSpec) -> Iterator[str]:
    """Yield each box a call may end in; without `failsafe`, the first one is where everything ends."""
    yield from (step.box.text for step in spec.call_steps if isinstance(step, VoicemailStepSpec))
    yield from (number.voicemail.text for number in spec.numbers.values() if number.voicemail)
    yield spec.failsafe.voicemail.text if spec.failsafe.voicemail else next(iter(spec.boxes), "")


def _callers(spec: FileSpec) -> Iterator[Word]:
    for number in spec.numbers.values():
        for rule in number.rules:
            yield from rule.callers
