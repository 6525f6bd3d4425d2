"""Schedules in force: which plan a date has, and what the clock on the wall makes of it."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.calendar import HolidayCalendar
from rules.hours import Schedule, speaks_of_holidays
from rules.parse.hours import read_schedule_body
from rules.schedule import DayPlan, MappingHours, Range, Span, Spans, Week, YearDay
from rules.source import Mark, Problem
from rules.timeline import Window
from rules.yamltree import read_tree

HERE = Mark("config.yaml", 1, 1)
MASSACHUSETTS = HolidayCalendar.of("US", "MA")
OFFICE = """
mon-thu: 09:00-12:30, 13:00-17:30
fri: 09:00-16:00
sat: 22:00-02:00
holidays: closed
2026-12-24: 09:00-12:00
2026-11-26: {fri: 10:00-11:00}
2026-12-28..2026-12-31: closed
2026-05-20..2026-05-29: 10:00-11:00
2026-06-01..2026-06-05: closed
may 1..may 31: 12:00-13:00
jun 3: 08:00-09:00
jul 1..jul 31: {fri: 09:00-13:00}
aug 1..aug 31: {mon: closed}
dec 24: 14:00-15:00
dec 30..jan 2: 20:00-21:00
feb 29: 06:00-07:00
feb 29..mar 1: {mon: 05:00-06:00}
"""


def schedule(text: str, zone: str = "America/New_York", holidays: HolidayCalendar = MASSACHUSETTS) -> Schedule:
    """A schedule as written."""
    problems: list[Problem] = []
    tree = read_tree("config.yaml", text.encode(), problems.append)
    assert tree is not None
    body = read_schedule_body(tree, problems.append)
    assert problems == []
    assert body is not None
    return Schedule(ZoneInfo(zone), body, holidays)


def opened(made: Schedule, day: str, days: int = 1) -> list[str]:
    """The hours a schedule is open on *day* (and the days after it), as the wall clock of its zone reads."""
    start = datetime.fromisoformat(day).replace(tzinfo=made.zone)
    window = Window(int(start.timestamp()), int((start + timedelta(days=days)).timestamp()))
    return [
        "-".join(datetime.fromtimestamp(edge, made.zone).strftime("%H:%M") for edge in span)
        for span in made.timeline(window).spans()
    ]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        pytest.param("2026-11-23", ["09:00-12:30", "13:00-17:30"], id="an ordinary Monday"),
        pytest.param("2026-11-22", ["00:00-02:00"], id="Sunday: only the tail of Saturday night"),
        pytest.param("2026-11-26", [], id="Thanksgiving: a week of its own that leaves Thursdays as usual"),
        pytest.param("2026-12-24", ["09:00-12:00"], id="an exact date beats the yearly one"),
        pytest.param("2025-12-24", ["14:00-15:00"], id="a yearly date"),
        pytest.param("2026-12-25", [], id="a holiday"),
        pytest.param("2026-12-28", [], id="a closed range, its first day"),
        pytest.param("2026-12-31", [], id="a closed range, its last day, over a yearly range with hours"),
        pytest.param("2027-01-01", [], id="a holiday beats a range with hours"),
        pytest.param("2027-01-02", ["20:00-21:00"], id="a yearly range reaches over New Year"),
        pytest.param("2027-01-03", [], id="the day after it, a Sunday, without a tail: Saturday had other hours"),
        pytest.param("2025-12-30", ["20:00-21:00"], id="the yearly range begins"),
        pytest.param("2025-12-29", ["09:00-12:30", "13:00-17:30"], id="the day before it begins"),
        pytest.param("2026-05-19", ["12:00-13:00"], id="a yearly range"),
        pytest.param("2026-05-20", ["10:00-11:00"], id="an exact range beats a yearly one"),
        pytest.param("2026-05-25", [], id="Memorial Day beats ranges with hours"),
        pytest.param("2026-06-03", ["08:00-09:00"], id="a yearly date beats a closed range"),
        pytest.param("2026-06-05", [], id="the last day of the closed range"),
        pytest.param("2026-06-08", ["09:00-12:30", "13:00-17:30"], id="after the closed range"),
        pytest.param("2026-07-03", ["09:00-13:00"], id="a Friday in July"),
        pytest.param("2026-07-02", ["09:00-12:30", "13:00-17:30"], id="a Thursday in July is as usual"),
        pytest.param("2026-08-03", [], id="a Monday closed in August"),
        pytest.param("2028-02-29", ["06:00-07:00"], id="29 February where there is one"),
        pytest.param("2027-03-01", ["05:00-06:00"], id="a range from 29 February begins on 1 March elsewhere"),
        pytest.param("2027-02-28", ["00:00-02:00"], id="and not on 28 February"),
    ],
)
def test_the_plan_of_a_date(day: str, expected: list[str]) -> None:
    """Exact date, yearly date, closed range, holiday, range with hours, weekday: the first that says something."""
    assert opened(schedule(OFFICE), day) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("holidays: closed", [], id="closed"),
        pytest.param("holidays: 10:00-11:00", ["10:00-11:00"], id="hours of their own"),
        pytest.param("holidays: normal", ["09:00-17:00"], id="as usual"),
        pytest.param("dec 26: closed", ["09:00-17:00"], id="not mentioned"),
    ],
)
def test_holidays(line: str, expected: list[str]) -> None:
    """Christmas of 2026, a Friday."""
    assert opened(schedule(f"daily: 09:00-17:00\n{line}"), "2026-12-25") == expected


def test_closing_a_date_takes_its_night_with_it_and_leaves_the_night_before() -> None:
    """A span belongs to the date it starts on."""
    nights = schedule("daily: 22:00-02:00\n2026-11-25: closed")

    assert opened(nights, "2026-11-25") == ["00:00-02:00"]
    assert opened(nights, "2026-11-26") == ["22:00-00:00"]


def test_a_range_that_only_ends_a_yearly_february() -> None:
    """`feb 20..feb 29` ends on 28 February where there is no 29th."""
    made = schedule("daily: closed\nfeb 20..feb 29: 09:00-10:00")

    assert opened(made, "2027-02-28", 2) == ["09:00-10:00"]
    assert opened(made, "2028-02-28", 3) == ["09:00-10:00", "09:00-10:00"]


@pytest.mark.parametrize(
    ("zone", "hours", "start", "days", "expected"),
    [
        pytest.param(
            "America/New_York",
            "02:30-04:00",
            "2026-03-08",
            1,
            ["2026-03-08T07:00 1:00"],
            id="a start in the gap: the jump",
        ),
        pytest.param("America/New_York", "02:00-03:00", "2026-03-08", 1, [], id="wholly in the gap: not that day"),
        pytest.param(
            "America/New_York",
            "01:00-02:30",
            "2026-03-08",
            1,
            ["2026-03-08T06:00 1:00"],
            id="an end in the gap: the jump",
        ),
        pytest.param(
            "America/New_York",
            "01:15-01:45",
            "2026-11-01",
            1,
            ["2026-11-01T05:15 0:30", "2026-11-01T06:15 0:30"],
            id="a repeated half hour is open both times",
        ),
        pytest.param(
            "America/New_York", "00:30-02:30", "2026-11-01", 1, ["2026-11-01T04:30 3:00"], id="over the repeated hour"
        ),
        pytest.param(
            "America/New_York",
            "22:00-06:00",
            "2026-03-07",
            2,
            ["2026-03-07T05:00 6:00", "2026-03-08T03:00 7:00", "2026-03-09T02:00 2:00"],
            id="the night of the change is an hour shorter",
        ),
        pytest.param(
            "Australia/Lord_Howe",
            "01:30-02:00",
            "2026-04-05",
            1,
            ["2026-04-04T14:30 1:00"],
            id="thirty minutes come twice",
        ),
        pytest.param("Australia/Lord_Howe", "02:00-02:30", "2026-10-04", 1, [], id="thirty minutes are skipped"),
        pytest.param(
            "Pacific/Apia",
            "09:00-10:00",
            "2011-12-29",
            3,
            ["2011-12-29T19:00 1:00", "2011-12-30T19:00 1:00"],
            id="Samoa had no 30 December 2011",
        ),
        pytest.param(
            "Pacific/Apia",
            "23:00-01:00",
            "2011-12-29",
            3,
            ["2011-12-29T10:00 1:00", "2011-12-30T09:00 2:00", "2011-12-31T09:00 1:00"],
            id="a night into the day that never was goes on in the next",
        ),
        pytest.param(
            "America/Nuuk",
            "23:00-00:30",
            "2026-03-28",
            2,
            ["2026-03-28T02:00 0:30", "2026-03-29T01:00 0:30", "2026-03-30T00:00 1:00"],
            id="Nuuk jumps an hour before midnight",
        ),
        pytest.param("Asia/Kathmandu", "09:00-10:00", "2026-11-23", 1, ["2026-11-23T03:15 1:00"], id="an odd offset"),
    ],
)
def test_the_clock_on_the_wall(zone: str, hours: str, start: str, days: int, expected: list[str]) -> None:
    """An instant is open exactly when the clock on the wall reads an open time: start in UTC and length of each stretch."""
    made = schedule(f"daily: {hours}", zone)
    begin = datetime.fromisoformat(start).replace(tzinfo=made.zone)
    end = (datetime.fromisoformat(start) + timedelta(days=days)).replace(tzinfo=made.zone)
    window = Window(int(begin.timestamp()), int(end.timestamp()))

    found = [
        f"{datetime.fromtimestamp(first, UTC):%Y-%m-%dT%H:%M} {str(timedelta(seconds=last - first))[:4]}"
        for first, last in made.timeline(window).spans()
    ]

    assert found == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("mon: closed", False), ("{mon: closed, holidays: normal}", False), ("{mon: closed, holidays: closed}", True)],
)
def test_whether_holidays_matter(text: str, expected: bool) -> None:
    """Only a schedule that treats them in its own way needs a country."""
    assert speaks_of_holidays(schedule(text).body) is expected


@pytest.mark.parametrize("server", ["UTC", "Asia/Tokyo", "America/New_York"])
def test_the_zone_of_the_server_does_not_matter(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same hours wherever the process runs, over a change of the clock there or here."""
    monkeypatch.setenv("TZ", server)
    time.tzset()
    try:
        made = schedule("daily: 01:30-04:00", "Europe/London")
        start = int(datetime(2026, 3, 29, tzinfo=UTC).timestamp())

        assert made.timeline(Window(start, start + 86400)).edges == (start + 3600, start + 3 * 3600)
    finally:
        monkeypatch.undo()
        time.tzset()


# ---------------------------------------------------------------- against a plain reading, minute by minute


@attrs.frozen
class Days:
    """A holiday calendar made of dates alone."""

    days: frozenset[date]

    def between(self, first: date, last: date) -> dict[date, str]:
        """The days, named."""
        return {day: "a holiday" for day in self.days if first <= day <= last}


def spans_on(body: MappingHours, holidays: frozenset[date], day: date) -> Spans:
    """The plan of one date, rank by rank, as language and nothing else."""

    def says(plan: DayPlan | None) -> Spans | None:
        return plan.days.get(day.weekday()) if isinstance(plan, Week) else plan

    def covers(written: Range) -> bool:
        first, last = written.first, written.last
        if isinstance(first, YearDay) and isinstance(last, YearDay):
            here = YearDay(day.month, day.day)
            return first <= here <= last if first <= last else here >= first or here <= last
        assert not isinstance(first, YearDay)
        assert not isinstance(last, YearDay)
        return first <= day <= last

    exact = [says(one.plan) for one in body.ranges if covers(one) and not isinstance(one.first, YearDay)]
    yearly = [says(one.plan) for one in body.ranges if covers(one) and isinstance(one.first, YearDay)]
    ranks: list[Callable[[], Spans | None]] = [
        lambda: says(body.dates.get(day)),
        lambda: says(body.yearly.get(YearDay(day.month, day.day))),
        lambda: () if () in exact + yearly else None,
        lambda: body.holidays if isinstance(body.holidays, tuple) and day in holidays else None,
        lambda: next((plan for plan in exact if plan), None),
        lambda: next((plan for plan in yearly if plan), None),
        lambda: body.weekdays.get(day.weekday()),
    ]
    return next((spans for rank in ranks if (spans := rank()) is not None), ())


def is_open(body: MappingHours, holidays: frozenset[date], zone: ZoneInfo, moment: datetime) -> bool:
    """Read the wall clock, and look for a span of that date or the one before it that holds the reading."""
    wall = moment.astimezone(zone)
    today, seconds = wall.date(), wall.hour * 3600 + wall.minute * 60 + wall.second
    return any(
        span.start <= seconds + after < span.end
        for after, day in ((0, today), (86400, today - timedelta(days=1)))
        for span in spans_on(body, holidays, day)
    )


FORTNIGHTS = [
    ("America/New_York", datetime(2026, 3, 1, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 10, 25, tzinfo=UTC)),
    ("Europe/London", datetime(2026, 3, 22, tzinfo=UTC)),
    ("Europe/London", datetime(2026, 12, 25, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 3, 29, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 9, 27, tzinfo=UTC)),
    ("Pacific/Apia", datetime(2011, 12, 23, tzinfo=UTC)),
    ("Asia/Kathmandu", datetime(2026, 2, 22, tzinfo=UTC)),
    ("America/Nuuk", datetime(2026, 3, 22, tzinfo=UTC)),
]
QUARTERS = st.integers(0, 95).map(lambda quarter: quarter * 900)


NORMAL: st.SearchStrategy[Literal["normal"] | None] = st.sampled_from(["normal", None])


@st.composite
def spans(draw: st.DrawFn) -> Spans:
    """Up to two spans of a day, the last one perhaps past midnight."""
    edges = sorted(draw(st.sets(QUARTERS, max_size=4)))
    night = draw(st.booleans())
    found = [Span(a, b) for a, b in zip(edges[::2], edges[1::2], strict=False)]
    if found and night:
        last = found.pop()
        found.append(Span(last.end, 86400 + min(last.start, found[0].start if found else last.start, 82800)))
    return tuple(found)


def plans() -> st.SearchStrategy[DayPlan]:
    """Hours, closed, or a week of its own."""
    return spans() | st.builds(Week, st.dictionaries(st.integers(0, 6), spans(), min_size=1, max_size=3))


@st.composite
def bodies(draw: st.DrawFn, start: date) -> MappingHours:
    """A schedule that says something about the fortnight from *start*: never two ranges of one rank."""

    def days() -> st.SearchStrategy[date]:
        return st.integers(-3, 17).map(lambda after: start + timedelta(days=after))

    def year_day(day: date) -> YearDay:
        return YearDay(day.month, day.day)

    ranges = []
    if draw(st.booleans()):
        first = draw(days())
        ranges.append(Range(first, first + timedelta(days=draw(st.integers(0, 6))), draw(plans()), HERE))
    if draw(st.booleans()):
        ranges.append(Range(year_day(draw(days())), year_day(draw(days())), draw(plans()), HERE))
    return MappingHours(
        draw(st.dictionaries(st.integers(0, 6), spans())),
        draw(st.dictionaries(days(), plans(), max_size=2)),
        {year_day(day): plan for day, plan in draw(st.dictionaries(days(), plans(), max_size=2)).items()},
        tuple(ranges),
        draw(NORMAL | spans()),
        HERE,
    )


@settings(max_examples=60, deadline=None)
@given(st.data(), st.sampled_from(FORTNIGHTS))
def test_a_fortnight_equals_its_minutes(data: st.DataObject, fortnight: tuple[str, datetime]) -> None:
    """Any schedule, over any change of the clock: the intervals hold exactly the minutes that are open one by one."""
    name, start = fortnight
    body = data.draw(bodies(start.date()))
    holidays = frozenset(
        data.draw(st.lists(st.integers(-1, 15).map(lambda n: start.date() + timedelta(days=n)), max_size=3))
    )
    first = int(start.timestamp())
    window = Window(first, first + 14 * 86400)

    timeline = Schedule(ZoneInfo(name), body, Days(holidays)).timeline(window)  # type: ignore[arg-type]

    step = 900  # all edges lie on quarters of an hour, in UTC too
    assert all(edge % step == 0 for edge in timeline.edges)
    for moment in range(window.start, window.end, step):
        expected = is_open(body, holidays, ZoneInfo(name), datetime.fromtimestamp(moment, UTC))
        assert timeline.at(moment) is expected, datetime.fromtimestamp(moment, UTC)


@settings(max_examples=20, deadline=None)
@given(st.data(), st.integers(0, 13 * 86400), st.integers(1, 86400))
def test_a_window_shows_its_part_of_a_larger_one(data: st.DataObject, after: int, length: int) -> None:
    """Where the window begins and ends changes nothing in between."""
    name, start = FORTNIGHTS[0]
    made = Schedule(ZoneInfo(name), data.draw(bodies(start.date())), HolidayCalendar.of(None, None))
    first = int(start.timestamp())
    part = Window(first + after, first + after + length)

    whole = made.timeline(Window(first, first + 15 * 86400))

    assert list(made.timeline(part).spans()) == list(whole.within(part.start, part.end))
