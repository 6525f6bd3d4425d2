"""
The open wall-clock stretches of opening_hours rules, by the library opening-hours-py in its naive mode.

The library is asked nothing it answers differently from us: no zones, no holidays, no night. `PH` is resolved by
asking once with each rule's holiday part taken as true and once as false; a night is asked for in two halves, the part
before midnight and the part after it, so that it belongs to the date it starts on.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal

from opening_hours import OpeningHours, State

from rules.dates import DAY, EPOCH
from rules.osm.grammar import Rule

Half = Literal["evening", "morning"]
"""What of each rule is asked for: its spans up to midnight, or what of them lies after it."""


def readings(
    rules: tuple[Rule, ...], first: int, last: int, is_holiday: Callable[[date], bool]
) -> list[tuple[int, int]]:
    """Return the open stretches that start on the days *first* to *last* (day numbers), as wall-clock seconds since 1970."""
    found = _half(rules, "evening", first, last, is_holiday)
    if any(rule.overnight for rule in rules):
        found += [(start + DAY, end + DAY) for start, end in _half(rules, "morning", first, last, is_holiday)]
    return found


def _half(
    rules: tuple[Rule, ...], half: Half, first: int, last: int, is_holiday: Callable[[date], bool]
) -> list[tuple[int, int]]:
    """Ask for the days *first* to *last*, those that are or neighbour a holiday by themselves."""
    shifts = tuple({shift for rule in rules for shift in rule.days.holidays})
    found = []
    usual = first
    for day in range(first, last + 1) if shifts else ():
        here = date.fromordinal(day + EPOCH)
        if matched := frozenset(shift for shift in shifts if is_holiday(here - timedelta(days=shift))):
            found += _asked(rules, half, frozenset(), usual, day)
            found += _asked(rules, half, matched, day, day + 1)
            usual = day + 1
    return found + _asked(rules, half, frozenset(), usual, last + 1)


def _asked(rules: tuple[Rule, ...], half: Half, matched: frozenset[int], first: int, end: int) -> list[tuple[int, int]]:
    """Ask the library for the days from *first* up to *end*."""
    parsed = _parsed(rules, half, matched)
    if parsed is None or first >= end:
        return []
    start = datetime.fromordinal(first + EPOCH)
    return [
        (_seconds(opens), _seconds(closes))
        for opens, closes, state, _ in parsed.intervals(start, datetime.fromordinal(end + EPOCH))
        if state == State.OPEN
    ]


def _seconds(reading: datetime) -> int:
    """Count a naive reading from 1970."""
    return (reading.toordinal() - EPOCH) * DAY + reading.hour * 3600 + reading.minute * 60


@lru_cache(maxsize=4096)
def _parsed(rules: tuple[Rule, ...], half: Half, matched: frozenset[int]) -> OpeningHours | None:
    """Parse what is left of *rules* on days that match these holidays; None when nothing is."""
    text = ""
    for rule in rules:
        if said := written(rule, half, matched):
            text += (", " if rule.added else "; ") * bool(text) + said
    return OpeningHours(text) if text else None


def written(rule: Rule, half: Half, matched: frozenset[int]) -> str:
    """Write a rule for the library as it stands on days that match these holidays; "" when it says nothing there."""
    days = rule.days.text
    if rule.days.holidays:
        if matched.isdisjoint(rule.days.holidays):
            if rule.days.both or not days:
                return ""
        elif not rule.days.both:
            days = ""
    state, spans = rule.state, [(span.start, min(span.end, DAY)) for span in rule.spans]
    if half == "morning":
        spans = [(0, span.end - DAY) for span in rule.spans if span.end > DAY]
        if not spans and (rule.state == "open" or rule.spans):
            if rule.added or rule.state == "off":
                return ""
            state = "off"  # it holds on its days all the same, and leaves no morning there
    times = ",".join(f"{_clock(start)}-{_clock(end)}" for start, end in spans)
    said = " ".join(filter(None, (rule.dates, days, times, "off" if state == "off" else "")))
    return said or "24/7"


def _clock(seconds: int) -> str:
    """Write a time of day."""
    return f"{seconds // 3600:02}:{seconds % 3600 // 60:02}"
