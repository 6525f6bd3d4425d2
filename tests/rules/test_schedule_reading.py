"""Hours as written in a rule file: what is read, and every mistake with its place and its way out."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.parse.hours import read_schedule_body
from rules.schedule import MappingHours, OsmHours, ScheduleBody, Span, Spans, Week, YearDay
from rules.source import Problem
from rules.yamltree import Mapping, Node, Scalar, Sequence, read_tree


def read(text: str) -> tuple[ScheduleBody | None, list[Problem]]:
    """Read the schedule that stands under `office:` in a file."""
    problems: list[Problem] = []
    tree = read_tree("config.yaml", text.encode(), problems.append)
    assert tree is not None
    node = tree.get("office")
    assert node is not None
    return read_schedule_body(node, problems.append), problems


def mapping(text: str) -> MappingHours:
    """Read a schedule without mistakes."""
    body, problems = read(text)
    assert problems == []
    assert isinstance(body, MappingHours)
    return body


def hours(*clock: str) -> Spans:
    """`9-17` as seconds since midnight."""
    return tuple(Span(int(a) * 3600, int(b) * 3600) for a, b in (pair.split("-") for pair in clock))


@pytest.mark.parametrize(
    ("key", "days"),
    [
        ("mon", [0]),
        ("mon-thu", [0, 1, 2, 3]),
        ("fri-mon", [4, 5, 6, 0]),
        ("tue, thu", [1, 3]),
        ("tue,thu-fri", [1, 3, 4]),
        ("daily", [0, 1, 2, 3, 4, 5, 6]),
        ("Monday", [0]),
        ("MON - FRI", [0, 1, 2, 3, 4]),
        ("Thurs", [3]),
    ],
)
def test_weekdays(key: str, days: list[int]) -> None:
    """Single days, ranges over the weekend, lists, any case, short or in full."""
    assert sorted(mapping(f'office: {{"{key}": 09:00-17:00}}').weekdays) == sorted(days)


@pytest.mark.parametrize(
    ("value", "spans"),
    [
        pytest.param("09:00-12:00, 13:00-17:00", hours("9-12", "13-17"), id="two spans"),
        pytest.param("13:00-17:00,9:00 - 12:00", hours("9-12", "13-17"), id="in any order and spacing"),
        pytest.param("[09:00-12:00, 13:00-17:00]", hours("9-12", "13-17"), id="a list"),
        pytest.param(
            '["09:00-12:00, 13:00-14:00", 15:00-17:00]', hours("9-12", "13-14", "15-17"), id="lists in a list"
        ),
        pytest.param("09:00-12:00, 12:00-17:00", hours("9-12", "12-17"), id="spans may touch"),
        pytest.param("22:00-02:00", hours("22-26"), id="past midnight"),
        pytest.param("22:00-00:00", hours("22-24"), id="up to midnight"),
        pytest.param("22:00-24:00", hours("22-24"), id="up to midnight as 24:00"),
        pytest.param("00:00-24:00", hours("0-24"), id="a whole day"),
        pytest.param("all-day", hours("0-24"), id="all-day"),
        pytest.param("Closed", (), id="closed"),
    ],
)
def test_hours_of_a_day(value: str, spans: Spans) -> None:
    """Spans as written, closed and all-day."""
    assert mapping(f"office:\n  mon: {value}").weekdays == {0: spans}


def test_every_kind_of_line() -> None:
    """Weekdays, exact and yearly dates and ranges, weeks of their own, holidays; other keys are left to their reader."""
    body = mapping("""
office:
  timezone: Europe/London
  country: GB
  region: ENG
  skip: [Easter Monday]
  add: {2026-11-27: Stocktaking}
  mon-fri: 09:00-17:00
  holidays: 10:00-14:00
  2026-12-24: 09:00-12:00
  Dec 24: {mon-fri: 09:00-13:00, sat: closed}
  2026-12-28..2026-12-31: closed
  december 20 .. jan 2: closed
""")

    assert body.holidays == hours("10-14")
    assert body.dates == {date(2026, 12, 24): hours("9-12")}
    assert body.yearly == {YearDay(12, 24): Week(dict.fromkeys(range(5), hours("9-13")) | {5: ()})}
    assert [(span.first, span.last, span.plan) for span in body.ranges] == [
        (date(2026, 12, 28), date(2026, 12, 31), ()),
        (YearDay(12, 20), YearDay(1, 2), ()),
    ]


@pytest.mark.parametrize(("value", "expected"), [("normal", "normal"), ("closed", ()), ("all-day", hours("0-24"))])
def test_holidays(value: str, expected: object) -> None:
    """Closed, normal or hours."""
    assert mapping(f"office: {{mon: closed, holidays: {value}}}").holidays == expected


def test_holidays_not_mentioned() -> None:
    """What is not said is not guessed here."""
    assert mapping("office: {mon: closed}").holidays is None


def test_a_text_is_an_opening_hours_text() -> None:
    """A text goes through the gate."""
    body, problems = read('office: "Mo-Fr 09:00-17:00"')

    assert problems == []
    assert isinstance(body, OsmHours)
    assert body.text == "Mo-Fr 09:00-17:00"


@pytest.mark.parametrize(
    ("line", "code", "column", "hint"),
    [
        # days
        pytest.param("2026-02-30: closed", "impossible-date", 3, "28 days", id="30 February"),
        pytest.param("2026-02-29: closed", "impossible-date", 3, "28 days", id="29 February of an ordinary year"),
        pytest.param("2026-13-01: closed", "impossible-date", 3, "01 to 12", id="a thirteenth month"),
        pytest.param("nov 31: closed", "impossible-date", 3, "30 days", id="31 November"),
        pytest.param("feb 30: closed", "impossible-date", 3, "29 days", id="30 February of any year"),
        pytest.param("2026-12-01..2026-12-32: closed", "impossible-date", 15, "31 days", id="an impossible end"),
        pytest.param("2026-12-31..2026-12-01: closed", "impossible-date", 3, "2026-12-01..2026-12-31", id="backwards"),
        pytest.param("2026-12-28..jan 3: closed", "bad-hours", 3, "both ends or on none", id="a year on one end only"),
        pytest.param("dec 1..dec 2..dec 3: closed", "bad-hours", 3, "one range a line", id="three ends"),
        pytest.param("dec 24..: closed", "bad-hours", 3, "write a range", id="one end missing"),
        pytest.param("dec 24..monday: closed", "bad-hours", 11, "write a range", id="a weekday as an end"),
        pytest.param("2026-1-5: closed", "bad-hours", 3, "2026-01-05", id="a date without zeros"),
        pytest.param("24 dec: closed", "bad-hours", 3, "dec 24", id="the day before the month"),
        pytest.param("24.12.2026: closed", "bad-hours", 3, "2026-12-24", id="a date of another country"),
        pytest.param("december: closed", "unknown-key", 3, "dec 1..dec 31", id="a month without days"),
        pytest.param("february: closed", "unknown-key", 3, "feb 1..feb 28", id="the shortest month"),
        pytest.param("mon-mon: closed", "bad-hours", 3, "daily", id="from Monday to Monday"),
        pytest.param("tusday: closed", "unknown-key", 3, "did you mean 'tuesday'?", id="a weekday misspelt"),
        pytest.param("mon-frj: closed", "unknown-key", 3, "did you mean 'fri'?", id="a short weekday misspelt"),
        pytest.param("mon, xyz: closed", "unknown-key", 8, "write weekdays", id="no weekday at all"),
        pytest.param("mon,: closed", "unknown-key", 7, "did you mean 'mon'?", id="a comma too many"),
        pytest.param("every day: closed", "unknown-key", 3, "write daily", id="every day"),
        pytest.param("timezon: Europe/London", "unknown-key", 3, "did you mean 'timezone'?", id="another key misspelt"),
        pytest.param("holiday: closed", "unknown-key", 3, "did you mean 'holidays'?", id="one holiday"),
        pytest.param('"mon-wed, tue": closed', "overlap", 4, "once", id="a weekday twice in one key"),
        # hours
        pytest.param("mon: 9am-5pm", "bad-hours", 8, "write 09:00-17:00", id="twelve-hour clock"),
        pytest.param("mon: 9-17", "bad-hours", 8, "write 09:00-17:00", id="hours without minutes"),
        pytest.param("mon: 09.00-17.00", "bad-hours", 8, "write 09:00-17:00", id="dots"),
        pytest.param("mon: 0900-1730", "bad-hours", 8, "write 09:00-17:30", id="no colons"),
        pytest.param("mon: 09:00–17:00", "bad-hours", 8, "write 09:00-17:00", id="an en dash"),
        pytest.param("mon: 09:00 to 17:00", "bad-hours", 8, "write 09:00-17:00", id="a word for the dash"),
        pytest.param("mon: 12am-12pm", "bad-hours", 8, "write 00:00-12:00", id="midnight and noon"),
        pytest.param("mon: 13pm-14pm", "bad-hours", 8, "write hours as", id="thirteen o'clock in the afternoon"),
        pytest.param("mon: 9-75", "bad-hours", 8, "write hours as", id="no such hour"),
        pytest.param("mon: 9:00-9", "bad-hours", 8, "write hours as", id="equal ends, loosely written"),
        pytest.param("mon: 09:00-09:00", "bad-hours", 8, "all-day", id="equal ends"),
        pytest.param("mon: 24:00-02:00", "bad-hours", 8, "00:00", id="24:00 as a start"),
        pytest.param("mon: 22:00-26:00", "bad-hours", 8, "22:00-02:00", id="an end after 24:00"),
        pytest.param("mon: 09:00-12:60", "bad-hours", 8, "00 to 59", id="minute 60"),
        pytest.param("mon: open", "bad-hours", 8, "all-day", id="open"),
        pytest.param("mon: off", "bad-hours", 8, "closed", id="off"),
        pytest.param("mon: by appointment", "bad-hours", 8, "write hours as", id="a remark"),
        pytest.param("mon: 09:00-12:00, 9-17", "bad-hours", 21, "write 09:00-17:00", id="the second span"),
        pytest.param('mon: "09:00-12:00, 9-17"', "bad-hours", 22, "write 09:00-17:00", id="the second span in quotes"),
        pytest.param("mon: [09:00-12:00, 9-17]", "bad-hours", 22, "write 09:00-17:00", id="the second of a list"),
        pytest.param("mon: 09:00-12:00,", "bad-hours", 20, "comma", id="a comma at the end"),
        pytest.param("mon: closed, 09:00-12:00", "bad-hours", 8, "leave out", id="closed with hours"),
        pytest.param("mon: 09:00-12:00, 11:00-14:00", "overlap", 21, "touch", id="spans overlap"),
        pytest.param("mon: 22:00-02:00, 23:00-23:30", "overlap", 21, "touch", id="within a night"),
        pytest.param("mon: all-day, 09:00-10:00", "overlap", 17, "touch", id="within all-day"),
        pytest.param("mon:", "empty-hours", 7, "closed", id="nothing"),
        pytest.param('mon: ""', "empty-hours", 8, "closed", id="an empty text"),
        pytest.param("mon: []", "empty-hours", 8, "closed", id="an empty list"),
        pytest.param('mon: [""]', "empty-hours", 9, "closed", id="a list of nothing"),
        pytest.param("mon: [[09:00-10:00]]", "bad-hours", 9, "write hours as", id="a list in a list"),
        pytest.param("mon: {tue: closed}", "bad-hours", 8, "after a date", id="a week under a weekday"),
        pytest.param("holidays: {mon: closed}", "bad-hours", 13, "closed, normal", id="a week for holidays"),
        pytest.param("holidays: sometimes", "bad-hours", 13, "write hours as", id="holidays sometimes"),
        pytest.param("jul 1..jul 31: 9-17", "bad-hours", 18, "write 09:00-17:00", id="hours of a range"),
        # weeks of their own
        pytest.param("dec 24: {}", "empty-hours", 11, "closed", id="a week without days"),
        pytest.param("dec 24: {dec 25: closed}", "unknown-key", 12, "write weekdays", id="a date within a date"),
        pytest.param("dec 24: {holidays: closed}", "unknown-key", 12, "write weekdays", id="holidays within a date"),
        pytest.param(
            "dec 24: {fridy: closed}", "unknown-key", 12, "did you mean 'friday'?", id="misspelt within a date"
        ),
        pytest.param("dec 24: {fri-fri: closed}", "bad-hours", 12, "daily", id="a bad range within a date"),
        pytest.param("dec 24: {fri: 9-17}", "bad-hours", 17, "write 09:00-17:00", id="hours within a date"),
    ],
)
def test_one_mistake(line: str, code: str, column: int, hint: str) -> None:
    """One line, one problem: its code, where it points, and what to type instead."""
    body, problems = read(f"office:\n  {line}\n")

    assert body is None
    assert [(problem.code, problem.at.line, problem.at.column) for problem in problems] == [(code, 2, column)]
    assert hint in str(problems[0].hint)


@pytest.mark.parametrize(
    ("lines", "conflict"),
    [
        pytest.param(["mon-fri: closed", "wed: all-day"], "wednesday is given twice", id="a weekday twice"),
        pytest.param(
            ["dec 24: closed", "december 24: all-day"], "december 24 is given twice", id="a yearly date twice"
        ),
        pytest.param(["holidays: closed", "Holidays: normal"], "holidays is given twice", id="holidays twice"),
        pytest.param(["dec 24: {mon-fri: closed, tue: all-day}"], "tuesday is given twice", id="twice in one week"),
        pytest.param(["2026-12-24: closed", "dec 24: all-day"], None, id="an exact date beats a yearly one"),
        pytest.param(
            ["2026-07-01..2026-07-31: 09:00-12:00", "2026-07-31..2026-08-05: 10:00-12:00"],
            "different hours for 2026-07-31",
            id="ranges share a day",
        ),
        pytest.param(
            ["2026-07-01..2026-07-30: 09:00-12:00", "2026-07-31..2026-08-05: 10:00-12:00"], None, id="ranges meet"
        ),
        pytest.param(
            ["2026-07-01..2026-07-31: 09:00-12:00", "2026-07-31..2026-08-05: 09:00-12:00"], None, id="the same hours"
        ),
        pytest.param(
            ["2026-07-01..2026-07-31: 09:00-12:00", "2026-07-10..2026-07-12: closed"], None, id="closed outranks hours"
        ),
        pytest.param(
            ["jul 1..jul 31: 09:00-12:00", "2026-07-10..2026-07-12: 10:00-11:00"], None, id="years outrank every year"
        ),
        pytest.param(
            ["dec 20..jan 5: 09:00-12:00", "jan 5..jan 9: 10:00-12:00"], "05 January of a year", id="over New Year"
        ),
        pytest.param(["dec 20..jan 5: 09:00-12:00", "jan 6..dec 19: 10:00-12:00"], None, id="all year round"),
        pytest.param(
            ["jul 1..jul 31: {fri: 09:00-12:00}", "jul 15..jul 20: {mon: 10:00-12:00}"], None, id="different weekdays"
        ),
        pytest.param(
            ["jul 1..jul 31: {fri: 09:00-12:00}", "jul 15..jul 20: 10:00-12:00"], "15 July of a year", id="a Friday"
        ),
        pytest.param(
            ["2026-07-06..2026-07-09: {fri: 09:00-12:00}", "2026-07-05..2026-07-09: 10:00-12:00"],
            None,
            id="no Friday among these dates",
        ),
        pytest.param(
            ["2026-07-06..2026-07-10: {fri: 09:00-12:00}", "2026-07-05..2026-07-10: 10:00-12:00"],
            "different hours for 2026-07-10",
            id="a Friday among these dates",
        ),
    ],
)
def test_days_given_twice(lines: list[str], conflict: str | None) -> None:
    """Two things said about one day are a mistake, unless one outranks the other."""
    body, problems = read("office:\n" + "".join(f"  {line}\n" for line in lines))

    assert (body is None) is (conflict is not None)
    assert [problem.code for problem in problems] == (["overlap"] if conflict else [])
    assert conflict is None or conflict in problems[0].message


def test_all_mistakes_at_once() -> None:
    """Nothing hides behind the first mistake; a bad key does not hide bad hours."""
    _, problems = read("office:\n  mondy: 9-17\n  tue: 24:00-25:00\n  dec 24..jun 31: {fri: x}\n")

    assert [(problem.at.line, problem.code) for problem in problems] == [
        (2, "unknown-key"),
        (2, "bad-hours"),
        (3, "bad-hours"),
        (4, "impossible-date"),
        (4, "bad-hours"),
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("office: [mon, tue]", "bad-hours", id="a list"),
        pytest.param("office: {}", "empty-hours", id="an empty mapping"),
        pytest.param("office: {timezone: Europe/London}", "empty-hours", id="a zone and no hours"),
        pytest.param("office:", "empty-hours", id="nothing"),
    ],
)
def test_what_is_no_schedule(text: str, code: str) -> None:
    """A schedule says some hours."""
    body, problems = read(text)

    assert body is None
    assert [problem.code for problem in problems] == [code]


def test_a_mistake_in_a_text_has_its_column() -> None:
    """The gate's place becomes a place in the file, behind the quotation mark."""
    _, problems = read('office: "Mo-Fr 09:00-17:00; Nov 31 off"')

    assert [(problem.code, str(problem.at), problem.at.width) for problem in problems] == [
        ("impossible-date", "config.yaml:1:33", 2)
    ]


TEXT = (
    st.text(max_size=30)
    | st.from_regex(r"[0-9:,. apm-]{0,20}")
    | st.sampled_from(["closed", "mon-fri", "dec 24", ".."])
)
SCALARS = st.builds(lambda text: Scalar(text, False, "f", 1, 1, len(text)), TEXT)
NODES: st.SearchStrategy[Node] = st.recursive(
    SCALARS,
    lambda inner: (
        st.builds(lambda items: Sequence(items, "f", 1, 1), st.lists(inner, max_size=3))
        | st.builds(lambda entries: Mapping(entries, "f", 1, 1), st.lists(st.tuples(SCALARS, inner), max_size=3))
    ),
    max_leaves=6,
)


@given(NODES)
def test_whatever_is_written_is_read_or_refused(node: Node) -> None:
    """No text breaks the reader: the result is a schedule, or at least one problem, never both and never neither."""
    problems: list[Problem] = []

    body = read_schedule_body(node, problems.append)

    assert (body is None) is bool(problems)
