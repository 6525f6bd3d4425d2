"""
A schedule that runs: the plan of each date, and from it UTC intervals for any window.

The plan of a date is the first of these that says something about it:
an exact date; a yearly date; a range that says closed; a public holiday; a range with hours; the weekday.
Where two ranges of one of these ranks meet, the one with years is the more specific and counts before the yearly one.
A week of its own (`jul 1..jul 31: {fri: ...}`) says something about the weekdays it names only.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

import attrs

from rules.calendar import HolidayCalendar
from rules.dates import DAY, EPOCH
from rules.osm import Rule, needs_holidays, read_osm, readings
from rules.schedule import DayPlan, MappingHours, OsmHours, Range, ScheduleBody, Spans, Week, YearDay
from rules.timeline import Timeline, Window
from rules.zones import on_the_wall, wall_clock

_BEHIND = 3  # days looked back: a span may run for two (22:00-48:00), and the window may begin in the middle of one


@attrs.frozen
class Schedule:
    """Hours with the zone whose wall clock they are read on and the public holidays that count."""

    zone: ZoneInfo
    body: ScheduleBody
    holidays: HolidayCalendar

    def timeline(self, window: Window) -> Timeline:
        """Return when it is open within *window*."""
        first = wall_clock(self.zone, window.start) // DAY - _BEHIND
        last = wall_clock(self.zone, window.end) // DAY
        if isinstance(self.body, OsmHours):
            found = readings(rules_of(self.body), first, last, lambda day: self.holidays.name(day) is not None)
        else:
            found = list(_readings(self.body, self.holidays, first, last))
        return on_the_wall(Timeline.of(found), self.zone, window)


def rules_of(body: OsmHours) -> tuple[Rule, ...]:
    """Return the rules of a text that has passed the gate."""
    rules = read_osm(body.text)
    assert isinstance(rules, tuple)
    return rules


def _readings(body: MappingHours, holidays: HolidayCalendar, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Yield the spans that start on the days *first* to *last* (day numbers), as wall-clock seconds since 1970."""
    special = special_days(body, holidays, date.fromordinal(first + EPOCH), date.fromordinal(last + EPOCH))
    usual = [body.weekdays.get(weekday, ()) for weekday in range(7)]
    for day in range(first, last + 1):
        plan = special.get(day + EPOCH)
        midnight = day * DAY
        for start, end in usual[(day + 3) % 7] if plan is None else plan.spans:  # day 0 is a Thursday
            yield midnight + start, midnight + end


class Special(NamedTuple):
    """The plan of a date that is no ordinary weekday, and the line that says so (None: `holidays`)."""

    spans: Spans
    line: date | YearDay | Range | None


def special_days(body: MappingHours, holidays: HolidayCalendar, first: date, last: date) -> dict[int, Special]:
    """Return the plan of each date (by its ordinal) that is no ordinary weekday: weaker plans first, stronger ones over them."""
    special: dict[int, Special] = {}

    def put(
        days: Iterable[int], plan: DayPlan, line: date | YearDay | Range | None, *, closed: bool | None = None
    ) -> None:
        """Lay *plan* over *days*; *closed* picks the days on which it says closed, or those on which it has hours."""
        for day in days:
            spans = plan.days.get((day - 1) % 7) if isinstance(plan, Week) else plan  # ordinal 1 was a Monday
            if spans is not None and (closed is None or closed is not bool(spans)):
                special[day] = Special(spans, line)

    ranges = sorted(body.ranges, key=lambda written: not isinstance(written.first, YearDay))  # yearly ones are weaker
    for written in ranges:
        put(days_of(written, first, last), written.plan, written, closed=False)
    if isinstance(body.holidays, tuple):
        put((day.toordinal() for day in holidays.between(first, last)), body.holidays, None)
    for written in ranges:
        put(days_of(written, first, last), written.plan, written, closed=True)
    for year_day, plan in body.yearly.items():
        put(days_of(Range(year_day, year_day, plan, body.at), first, last), plan, year_day)
    for exact, plan in body.dates.items():
        if first <= exact <= last:
            put([exact.toordinal()], plan, exact)
    return special


def days_of(written: Range, first: date, last: date) -> Iterator[int]:
    """Yield the ordinals of the dates of a range between *first* and *last*."""
    start, end = written.first, written.last
    if isinstance(start, YearDay) and isinstance(end, YearDay):
        for year in range(first.year - 1, last.year + 1):
            begins = _ordinal(year, *start)
            ends = _ordinal(year + (end < start), *end, ending=True)
            yield from range(max(begins, first.toordinal()), min(ends, last.toordinal()) + 1)
    else:
        assert not isinstance(start, YearDay)  # both ends are of one kind
        assert not isinstance(end, YearDay)
        yield from range(max(start, first).toordinal(), min(end, last).toordinal() + 1)


def _ordinal(year: int, month: int, day: int, *, ending: bool = False) -> int:
    """Return a yearly date in one year; 29 February begins on 1 March, and ends on 28 February, where there is none."""
    try:
        return date(year, month, day).toordinal()
    except ValueError:
        return date(year, 3, 1).toordinal() - int(ending)


def speaks_of_holidays(body: ScheduleBody) -> bool:
    """Say whether public holidays make a difference."""
    if isinstance(body, OsmHours):
        return needs_holidays(rules_of(body))
    return isinstance(body.holidays, tuple)
