"""Going through everything a file says should happen, wherever it stands."""

from collections.abc import Iterator

from rules.spec import CallStepSpec, FileSpec, NumberSpec, RingSpec, ScheduleSpec, Word


def schedules(spec: FileSpec) -> Iterator[ScheduleSpec]:
    """Yield each schedule, named or written in place."""
    yield from spec.schedules.values()
    inline = [person.hours for person in spec.people.values()] + [number.hours for number in spec.numbers.values()]
    yield from (hours for hours in inline if isinstance(hours, ScheduleSpec))


def told(spec: FileSpec) -> Iterator[Word]:
    """Yield each person or team that gets a notice of something missed."""
    for number in spec.numbers.values():
        if number.missed:
            yield from number.missed.notify
    for box in spec.boxes.values():
        yield from box.notify


def call_steps(spec: FileSpec, number: NumberSpec) -> Iterator[CallStepSpec]:
    """Yield each step a call to *number* may come to; plans may be switched on for each number."""
    written = [*(rule.calls for rule in number.rules), number.calls_open, number.calls_closed]
    written += [plan.calls for plan in spec.plans.values()]
    for steps in written:
        yield from steps or ()


def rung(spec: FileSpec, number: NumberSpec) -> Iterator[Word]:
    """Yield everybody that a call to *number* rings by name."""
    for step in call_steps(spec, number):
        if isinstance(step, RingSpec):
            yield from step.targets


def region(spec: FileSpec) -> str | None:
    """Return the country (ISO 3166) in which numbers without `+` are read."""
    return spec.business.country.text if spec.business.country else None
