"""Boundaries that the change of the clocks skips or repeats: hours, absences, turns of a rota."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import attrs

from rules.dates import DAY, EPOCH, read_date_time
from rules.findings.study import Study
from rules.hours import Schedule, rules_of, special_days
from rules.often import clock_in_words, day_in_words
from rules.osm import readings
from rules.schedule import MappingHours, Range
from rules.source import Mark, Problem, Report
from rules.timeline import Window
from rules.zones import stretches

_START = datetime(1970, 1, 1)  # noqa: DTZ001  wall-clock readings count from here and belong to no zone by themselves


@attrs.frozen
class _Change:
    """A change of the clocks: readings from *low* up to *high* (wall-clock seconds since 1970) are skipped or come twice."""

    low: int
    high: int
    skipped: bool

    def holds(self, reading: int, *, opens: bool) -> bool:
        """Say whether a boundary at *reading* is not what it seems; one that ends where the gap begins is."""
        return self.low < reading < self.high or (opens and self.skipped and reading == self.low)


def check_clocks(study: Study, report: Report) -> None:
    """Report each line whose boundary falls into a gap or an overlap within the window, the first time it does."""
    for _, schedule in study.schedules:
        told: set[tuple[Mark, bool]] = set()
        for change in _changes(schedule.zone, study.window):
            for problem in _boundaries(schedule, change):
                if (problem.at, change.skipped) not in told:
                    told.add((problem.at, change.skipped))
                    report(problem)
    _check_moments(study, report)


def _changes(zone: ZoneInfo, window: Window) -> list[_Change]:
    parts = stretches(zone, window)
    return [
        _Change(moment + min(before, after), moment + max(before, after), after > before)
        for (_, _, before), (moment, _, after) in pairwise(parts)
    ]


def _boundaries(schedule: Schedule, change: _Change) -> Iterator[Problem]:
    """Yield what happens to the spans of the days around a change."""
    for start, end, at in _spans(schedule, change.low // DAY):
        opens, closes = change.holds(start, opens=True), change.holds(end, opens=False)
        if not opens and not closes:
            continue
        if change.skipped and end <= change.high and opens:
            outcome = "it does not open then" if start < end else ""
        elif change.skipped:
            outcome = f"it {'opens' if opens else 'closes'} at {_clock(change.high)} then"
        else:
            first, then = ("opens", "closes") if opens else ("closes", "opens again")
            outcome = (
                f"it {first} at the first {_clock(start if opens else end)}, {then} when the clock goes back to {_clock(change.low)}, "
                f"and {first} {'again ' if opens else ''}at the second"
            )
        yield _problem(change, start if opens else end, outcome, at)


def _spans(schedule: Schedule, day: int) -> Iterator[tuple[int, int, Mark]]:
    """Yield the spans that start on a day (counted from 1970) or on one of the two before, each with its line."""
    body = schedule.body
    if not isinstance(body, MappingHours):
        for start, end in readings(rules_of(body), day - 2, day, lambda at: schedule.holidays.name(at) is not None):
            yield start, end, body.at
        return
    first, last = date.fromordinal(day - 2 + EPOCH), date.fromordinal(day + EPOCH)
    special = special_days(body, schedule.holidays, first, last)
    for each in range(day - 2, day + 1):
        found, weekday = special.get(each + EPOCH), (each + 3) % 7  # day 0 is a Thursday
        spans = body.weekdays.get(weekday, ()) if found is None else found.spans
        written = weekday if found is None else found.line
        at = (
            written.at
            if isinstance(written, Range)
            else body.places.get(written, body.at)
            if written is not None
            else body.at
        )
        for start, end in spans:
            yield each * DAY + start, each * DAY + end, at


def _check_moments(study: Study, report: Report) -> None:
    """Report absences and turns that begin or end at a time the clock skips or repeats."""
    for person in study.spec.people.values():
        changes = _changes(study.zone_of(person), study.window)
        for absence in person.away:
            for word, opens in ((absence.start, True), (absence.until, False)):
                moment = read_date_time(word.text) if word else None
                if word is None or moment is None or moment[1] is None:
                    continue
                reading = (moment[0].toordinal() - EPOCH) * DAY + moment[1]
                for change in changes:
                    if change.holds(reading, opens=opens):
                        outcome = f"{_clock(change.high)} is meant" if change.skipped else "the first time is meant"
                        report(_problem(change, reading, outcome, word.at))


def _problem(change: _Change, reading: int, outcome: str, at: Mark) -> Problem:
    day = day_in_words(_START + timedelta(seconds=reading))
    read = f"never reads {_clock(reading)}" if change.skipped else f"reads {_clock(reading)} twice"
    message = f"on {day} the clock {read}: {outcome}"
    hint = f"the clock goes from {_clock(change.low)} to {_clock(change.high)}; choose a time outside of that"
    if not change.skipped:
        hint = f"the clock goes from {_clock(change.high)} back to {_clock(change.low)}; choose a time outside of that"
    return Problem("dst-boundary", message, at, hint, "warning")


def _clock(reading: int) -> str:
    return clock_in_words(_START + timedelta(seconds=reading))
