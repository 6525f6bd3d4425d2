"""The hours of a schedule from the marked tree: a mapping of days to spans, or an OpenStreetMap text."""

from datetime import date
from functools import partial
from typing import Literal

import attrs

from rules.dates import WEEKDAYS
from rules.osm import read_osm
from rules.parse.days import OTHER_KEYS, Dates, Mistake, Weekdays, read_days
from rules.parse.overlaps import report_overlaps
from rules.parse.spans import EXAMPLE, Complain, inside, read_spans
from rules.schedule import DayPlan, MappingHours, OsmHours, Range, ScheduleBody, Spans, Week, YearDay
from rules.source import Mark, Problem, Report, closest
from rules.yamltree import Mapping, Node, Scalar, Sequence

__all__ = ["OTHER_KEYS", "read_schedule_body"]

_NAMES = tuple(name for name in WEEKDAYS if name.endswith("day"))


def read_schedule_body(node: Node, report: Report) -> ScheduleBody | None:
    """Read the hours part of a schedule, telling every mistake; None when there was one."""
    told = _Told(report)
    if isinstance(node, Scalar):
        return _osm(node, told)
    if isinstance(node, Sequence):
        hint = "write days and hours as `mon-fri: 09:00-17:00`, or an opening_hours text in quotation marks"
        told(Problem("bad-hours", "a list has no place here", node.at, hint))
        return None
    body = _Body(told, node.at)
    for key, value in node.entries:
        if key.text not in OTHER_KEYS:
            body.read(key, value)
    if told.count == 0 and not body.written:
        hint = "write at least one line such as `mon-fri: 09:00-17:00`"
        told(Problem("empty-hours", "this schedule says no hours", node.at, hint))
    report_overlaps(body.ranges, told)
    return None if told.count else body.finished()


@attrs.define
class _Told:
    """A `Report` that counts."""

    report: Report
    count: int = 0

    def __call__(self, problem: Problem) -> None:
        """Pass the problem on."""
        self.count += 1
        self.report(problem)


def _osm(node: Scalar, report: Report) -> OsmHours | None:
    """Read the string form, through the gate."""
    if not node.text.strip():
        hint = "write closed after each day that is closed, or remove the line"
        report(Problem("empty-hours", "the hours are missing", node.at, hint))
        return None
    read = read_osm(node.text)
    if isinstance(read, tuple):
        return OsmHours(node.text, node.at)
    for fault in read:
        report(Problem(fault.code, fault.message, inside(node, fault.offset, fault.width), fault.hint))
    return None


@attrs.define
class _Body:
    """A mapping being read: what was found so far, and where each weekday and date was first named."""

    report: Report
    at: Mark
    written: bool = False
    holidays: Literal["normal"] | Spans | None = None
    weekdays: dict[int, Spans] = attrs.field(factory=dict)
    dates: dict[date, DayPlan] = attrs.field(factory=dict)
    yearly: dict[YearDay, DayPlan] = attrs.field(factory=dict)
    ranges: list[Range] = attrs.field(factory=list)
    _named: dict[int | date | YearDay | str, Scalar] = attrs.field(factory=dict)

    def read(self, key: Scalar, value: Node) -> None:
        """Read one line."""
        self.written = True
        if key.text.strip().casefold() == "holidays":
            if self._first("holidays", "holidays", key):
                self.holidays = _holidays(value, self.report)
            return
        days = read_days(key.text)
        if isinstance(days, Mistake):
            _misread(days, key, self.report)
            if not days.other_key:
                _plan(value, self.report)  # tells what is wrong there too
        elif isinstance(days, Weekdays):
            self.week(days, key, value)
        else:
            self._dates(days, key, value)

    def finished(self) -> MappingHours:
        """Return what was read."""
        places = {what: key.at for what, key in self._named.items() if not isinstance(what, str)}
        return MappingHours(self.weekdays, self.dates, self.yearly, tuple(self.ranges), self.holidays, self.at, places)

    def week(self, days: Weekdays, key: Scalar, value: Node) -> None:
        """Read a line for days of the week."""
        if isinstance(value, Mapping):
            hint = "a week of its own stands after a date or a range: `jul 1..jul 31: {fri: 09:00-13:00}`"
            self.report(Problem("bad-hours", "a weekday takes hours, not days", value.at, hint))
            return
        spans = _spans(value, self.report)
        for day in days.days:
            if self._first(day, _NAMES[day], key) and spans is not None:
                self.weekdays[day] = spans

    def _dates(self, days: Dates, key: Scalar, value: Node) -> None:
        plan = _plan(value, self.report)
        if not days.one:
            if plan is not None:
                self.ranges.append(Range(days.first, days.last, plan, key.at))
        elif self._first(days.first, key.text.strip(), key) and plan is not None:
            if isinstance(days.first, YearDay):
                self.yearly[days.first] = plan
            else:
                self.dates[days.first] = plan

    def _first(self, what: int | date | YearDay | str, name: str, key: Scalar) -> bool:
        """Say whether *what* is named for the first time, and complain when it is not."""
        before = self._named.setdefault(what, key)
        if before is not key:
            hint = f"the other place is {before.at}; keep one of them"
            self.report(Problem("overlap", f"{name} is given twice", key.at, hint))
        return before is key


def _holidays(value: Node, report: Report) -> Literal["normal"] | Spans | None:
    """Read what stands after `holidays:`."""
    if isinstance(value, Scalar) and value.text.strip().casefold() == "normal":
        return "normal"
    if isinstance(value, Mapping):
        hint = "write closed, normal, or hours such as 10:00-14:00"
        report(Problem("bad-hours", "holidays have one kind of hours", value.at, hint))
        return None
    return _spans(value, report)


def _plan(value: Node, report: Report) -> DayPlan | None:
    """Read what a date or range takes: hours, or a week of its own."""
    if not isinstance(value, Mapping):
        return _spans(value, report)
    if not value.entries:
        report(Problem("empty-hours", "this week names no days", value.at, "write closed if nothing is open"))
        return None
    week = _Body(report, value.at)
    for key, inner in value.entries:
        days = read_days(key.text)
        if isinstance(days, Weekdays):
            week.week(days, key, inner)
        elif isinstance(days, Mistake) and days.code != "unknown-key":
            _misread(days, key, report)
        else:
            near = closest(key.text, list(_NAMES))
            hint = f"did you mean '{near}'?" if near else "write weekdays such as fri or mon-thu"
            report(Problem("unknown-key", f"only weekdays stand in here, not '{key.text}'", key.at, hint))
    return Week(week.weekdays)


def _misread(mistake: Mistake, key: Scalar, report: Report) -> None:
    """Tell a mistake in a key."""
    width = mistake.width if mistake.width is not None else len(key.text)
    report(Problem(mistake.code, mistake.message, inside(key, mistake.offset, width), mistake.hint))


def _spans(value: Node, report: Report) -> Spans | None:
    """Read the hours of a day: a text, or a list of texts."""
    items = value.items if isinstance(value, Sequence) else [value]
    texts: list[tuple[str, Complain]] = []
    for item in items:
        if not isinstance(item, Scalar):
            report(Problem("bad-hours", "hours are text", item.at, EXAMPLE))
            return None
        if not item.text.strip():
            report(Problem("empty-hours", "the hours are missing", item.at, "write closed if nothing is open"))
            return None
        texts.append((item.text, partial(_complain, item, report)))
    if not texts:
        report(
            Problem("empty-hours", "an empty list says neither open nor closed", value.at, "write closed, or all-day")
        )
        return None
    return read_spans(texts)


def _complain(scalar: Scalar, report: Report, offset: int, width: int, code: str, message: str, hint: str) -> None:
    """Tell a mistake at its place within *scalar*."""
    report(Problem(code, message, inside(scalar, offset, width), hint))
