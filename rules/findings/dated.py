"""Absences and last days whose time is over, and absences within others."""

from collections.abc import Iterator

from rules.deciding import DAY
from rules.directory import Absence
from rules.findings.study import Study, line
from rules.often import day_in_words, wall
from rules.source import Problem, Report
from rules.spec import PersonSpec

GRACE = 30 * DAY
"""How long after a last day the name may stand: customers and habits need a while."""


def check_absences_over(study: Study, report: Report) -> None:
    """Report absences that are over or change nothing, and people who left long ago and are still named."""
    for person in study.spec.people.values():
        for problem in (*_over(study, person), *_left(study, person)):
            report(problem)


def _over(study: Study, written: PersonSpec) -> Iterator[Problem]:
    person = study.book.directory.people[written.name]
    zone = study.zone_of(written)
    spans = [study.book.spans[absence.question] for absence in person.away]
    gone = study.book.spans[person.left][0] if person.left else None
    for index, ((start, end), spec) in enumerate(zip(spans, written.away, strict=True)):
        if end <= study.now:
            message = f"this absence of {person.name} is over since {day_in_words(wall(end - 1, zone))}"
            yield Problem("expired", message, spec.at, "remove it", "warning")
        elif gone is not None and start >= gone:
            message = f"this absence never counts: {person.name} has left by then"
            yield Problem("never-used", message, spec.at, "after the last day `handover` counts; remove it", "warning")
        elif (other := _said_by(index, person.away, spans)) is not None:
            message = (
                f"this absence changes nothing: {line(written.away[other].at, spec.at)} says the same for all of it"
            )
            yield Problem("redundant", message, spec.at, "remove it", "warning")


def _said_by(index: int, away: tuple[Absence, ...], spans: list[tuple[int, int]]) -> int | None:
    """Return which other absence says all that absence *index* says, or None; of two alike the later one is too many."""
    mine, (start, end) = away[index], spans[index]
    for other, absence in enumerate(away):
        wider = spans[other][0] <= start and end <= spans[other][1] and absence.only in (None, mine.only)
        same = spans[other] == (start, end) and absence.only == mine.only
        if other != index and wider and absence.cover == mine.cover and not (same and other > index):
            return other
    return None


def _left(study: Study, written: PersonSpec) -> Iterator[Problem]:
    """
    Refuse rules that point at somebody who has left; after a while, note other places where the name still stands.

    Whoever they name reaches the handover, so nothing is lost; but the file says something else than what happens.
    """
    left = study.book.directory.people[written.name].left
    if left is None or study.book.spans[left][0] > study.now:
        return
    assert written.last_day is not None
    message = f"{written.name} left on {written.last_day.text} and is still named"
    to = written.handover.text if written.handover else "nobody"
    pointed = {word.at for word in study.pointed_at}
    named = sorted((word for word in study.named if word.text == written.name), key=lambda word: word.at)
    for word in named:
        if word.at in pointed:
            hint = f"name {to}, who has taken over; the last day is at {line(written.last_day.at, word.at)}"
            yield Problem("expired", f"{message} here", word.at, hint)
    others = [word.at for word in named if word.at not in pointed]
    if others and study.book.spans[left][0] + GRACE <= study.now:
        places = ", ".join(dict.fromkeys(line(at, written.last_day.at) for at in others))
        hint = f"at {places}; calls and texts go to {to}"
        yield Problem("expired", message, written.last_day.at, hint, "note")
