"""The hours of a schedule as written: a mapping of days to spans, or an OpenStreetMap opening_hours text."""

from datetime import date
from typing import Literal, NamedTuple

import attrs

from rules.source import Mark


class Span(NamedTuple):
    """Wall-clock seconds since midnight of the date it starts on, `[start, end)`; *end* may pass 86400 (past midnight)."""

    start: int
    end: int


Spans = tuple[Span, ...]
"""The open spans of a day; empty is closed."""


@attrs.frozen
class Week:
    """A week of its own: spans for the weekdays named (0 = Monday); unnamed days stay as usual."""

    days: dict[int, Spans]


DayPlan = Spans | Week


class YearDay(NamedTuple):
    """A date of every year."""

    month: int
    day: int


@attrs.frozen
class Range:
    """Dates from *first* to *last*, both inclusive; two `YearDay`s repeat every year and may run over New Year."""

    first: date | YearDay
    last: date | YearDay
    plan: DayPlan
    at: Mark


@attrs.frozen
class MappingHours:
    """Hours written day by day; *holidays* None where the schedule does not say, *places* where each day was written."""

    weekdays: dict[int, Spans]
    dates: dict[date, DayPlan]
    yearly: dict[YearDay, DayPlan]
    ranges: tuple[Range, ...]
    holidays: Literal["normal"] | Spans | None
    at: Mark
    places: dict[int | date | YearDay, Mark] = attrs.field(factory=dict, eq=False)


@attrs.frozen
class OsmHours:
    """Hours as an OpenStreetMap opening_hours text that has passed the gate."""

    text: str
    at: Mark


ScheduleBody = MappingHours | OsmHours
