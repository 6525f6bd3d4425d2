"""Going through everything a file says should happen, wherever it stands."""

from collections.abc import Iterator

from rules.spec import CallStepSpec, FileSpec, ScheduleSpec, TextBlockSpec, Word


def call_steps(spec: FileSpec) -> Iterator[CallStepSpec]:
    """Yield each step of each list of call steps."""
    for number in spec.numbers.values():
        for rule in number.rules:
            yield from rule.calls or ()
        yield from number.calls_open or ()
        yield from number.calls_closed or ()
    for plan in spec.plans.values():
        yield from plan.calls or ()


def text_blocks(spec: FileSpec) -> Iterator[TextBlockSpec]:
    """Yield each block that says what happens to a text."""
    for number in spec.numbers.values():
        blocks = (*(rule.texts for rule in number.rules), number.texts_open, number.texts_closed)
        yield from (block for block in blocks if block)
    for plan in spec.plans.values():
        if plan.texts:
            yield plan.texts


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


def region(spec: FileSpec) -> str | None:
    """Return the country (ISO 3166) in which numbers without `+` are read."""
    return spec.business.country.text if spec.business.country else None
