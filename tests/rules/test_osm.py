"""Opening_hours texts: what they mean, and what the gate refuses with a way out."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rules.calendar import HolidayCalendar
from rules.dates import EPOCH
from rules.hours import Schedule
from rules.osm import Fault, needs_holidays, read_osm, readings
from rules.osm.tokens import DAYS
from rules.schedule import MappingHours, OsmHours, Span, Spans
from rules.source import Mark
from rules.timeline import Timeline, Window

HERE = Mark("config.yaml", 1, 1)
CHRISTMAS = date(2026, 12, 25)  # a Friday


def opened(text: str, day: str, holidays: tuple[date, ...] = (CHRISTMAS,)) -> str:
    """The hours *text* is open on *day*, as the clock reads (a night on to the next day as 24:00)."""
    rules = read_osm(text)
    assert isinstance(rules, tuple), rules
    number = date.fromisoformat(day).toordinal() - EPOCH
    found = Timeline.of(readings(rules, number - 3, number, lambda here: here in holidays))
    start = number * 86400
    shown = [(first - start, last - start) for first, last in found.within(start, start + 86400)]
    return ",".join(f"{a // 3600:02}:{a % 3600 // 60:02}-{b // 3600:02}:{b % 3600 // 60:02}" for a, b in shown)


def faults(text: str) -> list[Fault]:
    """What the gate says."""
    found = read_osm(text)
    assert isinstance(found, list), "the gate let this through"
    return found


@pytest.mark.parametrize(
    ("text", "day", "expected"),
    [
        pytest.param("24/7", "2026-11-23", "00:00-24:00", id="always"),
        pytest.param("24/7; Mo 09:00-17:00 off", "2026-11-23", "00:00-09:00,17:00-24:00", id="always but for hours"),
        pytest.param("open", "2026-11-23", "00:00-24:00", id="open alone"),
        pytest.param("Mo-Fr 09:00-17:00 open", "2026-11-23", "09:00-17:00", id="open said aloud"),
        pytest.param("closed", "2026-11-23", "", id="closed alone"),
        pytest.param("  mo-fr   9:00 - 17:00 ;  ph off ", "2026-11-23", "09:00-17:00", id="any case and spacing"),
        pytest.param(
            "Mo-Fr 09:00-12:00, 13:00-17:00", "2026-11-23", "09:00-12:00,13:00-17:00", id="a comma and a space"
        ),
        pytest.param('Mo-Fr 09:00-17:00; We off "stocktaking"', "2026-11-25", "", id="a remark behind off"),
        pytest.param("Fr-Mo 09:00-17:00", "2026-11-22", "09:00-17:00", id="over the weekend"),
        pytest.param("Fr-Mo 09:00-17:00", "2026-11-24", "", id="not on Tuesday"),
        pytest.param("Su[1] 12:00-16:00", "2026-12-06", "12:00-16:00", id="the first Sunday"),
        pytest.param("Su[1] 12:00-16:00", "2026-12-13", "", id="not the second"),
        pytest.param("Su[-1] 12:00-16:00", "2026-11-29", "12:00-16:00", id="the last Sunday"),
        pytest.param("Su[1-2] 12:00-16:00", "2026-12-13", "12:00-16:00", id="the first two Sundays"),
        pytest.param("Su[-1] +1 day 12:00-16:00", "2026-11-30", "12:00-16:00", id="the day after the last Sunday"),
        pytest.param("week 01-53/2 Mo 09:00-17:00", "2026-11-16", "09:00-17:00", id="odd weeks"),
        pytest.param("week 01-53/2 Mo 09:00-17:00", "2026-11-23", "", id="not even ones"),
        pytest.param("week 47-49 09:00-17:00", "2026-12-06", "09:00-17:00", id="a stretch of weeks"),
        pytest.param("Dec 24,Jan 02: 10:00-11:00", "2027-01-02", "10:00-11:00", id="a list of dates"),
        pytest.param("Su[1,-1] 12:00-16:00", "2026-11-29", "12:00-16:00", id="the first and the last Sunday"),
        pytest.param("week 47,49 09:00-17:00", "2026-11-30", "09:00-17:00", id="a list of weeks"),
        pytest.param("Nov-Feb 09:00-17:00", "2027-02-28", "09:00-17:00", id="months over New Year"),
        pytest.param("Nov-Feb 09:00-17:00", "2027-03-01", "", id="the month after them"),
        pytest.param(
            "Dec 24-Jan 02 off; Jan 31-Feb 01: 10:00-11:00", "2027-02-01", "10:00-11:00", id="dates over a month"
        ),
        pytest.param("2026 Dec 24-2027 Jan 02 10:00-11:00", "2027-01-02", "10:00-11:00", id="dates of two years"),
        pytest.param("2026 Dec 24-2027 Jan 02 10:00-11:00", "2027-01-03", "", id="the day after them"),
        pytest.param("2026-2030/2 Mo 10:00-11:00", "2028-01-03", "10:00-11:00", id="every second year"),
        pytest.param("2026,2028: Mo 10:00-11:00", "2027-01-04", "", id="a list of years"),
        pytest.param("2026+ Mo 10:00-11:00", "2040-01-02", "10:00-11:00", id="from a year on"),
        pytest.param("2026 Nov-Dec 10:00-11:00", "2026-12-01", "10:00-11:00", id="months of a year"),
        pytest.param("Dec 25 +1 day 10:00-11:00", "2026-12-26", "10:00-11:00", id="the day after a date"),
        pytest.param("easter -2 days off; easter 10:00-11:00", "2027-03-28", "10:00-11:00", id="Easter Sunday"),
        pytest.param("easter -2 days 10:00-11:00", "2027-03-26", "10:00-11:00", id="Good Friday"),
        pytest.param("easter -2 days-easter +1 day 10:00-11:00", "2027-03-29", "10:00-11:00", id="around Easter"),
        pytest.param("Feb 27-29 10:00-11:00", "2028-02-29", "10:00-11:00", id="29 February"),
        pytest.param("12:00-12:00", "2026-11-23", "00:00-24:00", id="equal ends are a whole day in this notation"),
        pytest.param("Mo 22:00-26:00", "2026-11-24", "00:00-02:00", id="hours counted past 24"),
        pytest.param("Mo 22:00-48:00", "2026-11-24", "00:00-24:00", id="the whole next day"),
        pytest.param("Mo-Fr 09:00-17:00; Dec 24 off", "2026-12-24", "", id="off on a date"),
        pytest.param("10:00-18:00; Jul-Aug 10:00-22:00", "2026-07-01", "10:00-22:00", id="a season of its own"),
        # nights
        pytest.param("Mo-Fr 22:00-02:00", "2026-11-28", "00:00-02:00", id="the night belongs to Friday"),
        pytest.param("Mo-Fr 22:00-02:00", "2026-11-23", "22:00-24:00", id="no tail of Sunday"),
        pytest.param(
            "Mo-Fr 09:00-17:00; Sa-Su 22:00-02:00", "2026-11-23", "00:00-02:00,09:00-17:00", id="tail and day"
        ),
        pytest.param("Sa 09:00-17:00; Fr 22:00-02:00", "2026-11-28", "00:00-02:00,09:00-17:00", id="in either order"),
        pytest.param(
            "Mo-Th 22:00-02:00, Fr-Sa 22:00-04:00", "2026-11-27", "00:00-02:00,22:00-24:00", id="added nights"
        ),
        pytest.param("Fr 22:00-02:00; Su off", "2026-11-28", "00:00-02:00", id="off on a day the night does not touch"),
        pytest.param("Sa-Su off; Mo-Fr 09:00-17:00", "2026-11-23", "09:00-17:00", id="an off that closes nothing"),
        pytest.param("off; Mo-Fr 09:00-17:00", "2026-11-23", "09:00-17:00", id="off as a way to begin"),
        pytest.param("Sa off; Fr 22:00-02:00", "2026-11-28", "00:00-02:00", id="an off before it takes nothing away"),
        pytest.param(
            "24/7; Fr 18:00-19:00 off; Sa 22:00-02:00", "2026-11-27", "00:00-18:00,19:00-24:00", id="hours off"
        ),
        pytest.param(
            "Fr 22:00-02:00, Sa 12:00-13:00", "2026-11-28", "00:00-02:00,12:00-13:00", id="a day added to a night"
        ),
        # holidays
        pytest.param("Mo-Fr 09:00-17:00; PH off", "2026-12-25", "", id="closed on holidays"),
        pytest.param("Mo-Fr 09:00-17:00; PH off", "2026-12-24", "09:00-17:00", id="open the day before"),
        pytest.param("Mo-Fr 09:00-17:00; PH,Su off", "2026-12-25", "", id="holidays in a list"),
        pytest.param("Mo-Fr 09:00-17:00; PH 10:00-14:00", "2026-12-25", "10:00-14:00", id="holidays have hours"),
        pytest.param("PH 10:00-14:00", "2026-12-24", "", id="nothing but holidays"),
        pytest.param("PH 10:00-14:00", "2026-12-25", "10:00-14:00", id="on a holiday"),
        pytest.param("Sa,PH 10:00-14:00", "2026-12-25", "10:00-14:00", id="holidays count as Saturdays"),
        pytest.param("Sa,PH 10:00-14:00", "2026-12-26", "10:00-14:00", id="and Saturdays stay"),
        pytest.param("PH Mo 10:00-14:00", "2026-12-25", "", id="holidays that are Mondays: a Friday is none"),
        pytest.param("PH Fr 10:00-14:00", "2026-12-25", "10:00-14:00", id="a holiday that is a Friday"),
        pytest.param("PH Fr 10:00-14:00", "2026-12-18", "", id="a Friday that is no holiday"),
        pytest.param("Mo-Fr 09:00-17:00; PH -1 day 09:00-12:00", "2026-12-24", "09:00-12:00", id="the day before"),
        pytest.param("Mo-Fr 09:00-17:00, PH off", "2026-12-25", "", id="after a comma, off still closes"),
        pytest.param("PH off; 2026 Dec 25 10:00-12:00", "2026-12-25", "10:00-12:00", id="one holiday of its own"),
    ],
)
def test_meaning(text: str, day: str, expected: str) -> None:
    """What passes the gate means here what it means everywhere."""
    assert opened(text, day) == expected


@pytest.mark.parametrize(
    ("text", "offset", "hint"),
    [
        # traps
        pytest.param("Mo, We 09:00-17:00", 2, "Mo,We", id="a space in a list of days"),
        pytest.param("Dec 24, Dec 25 off", 6, "24,Dec", id="a space in a list of dates"),
        pytest.param("Mo-Fr 09:00-17:00 || Sa 10:00-12:00", 18, "';'", id="a fallback"),
        pytest.param("Mo-Fr 08:00-12:00+", 17, "when it ends", id="an open end"),
        pytest.param("sunrise-sunset", 0, "clock times", id="the sun"),
        pytest.param('"by appointment"', 0, "open or off", id="a remark alone"),
        pytest.param('Mo-Fr 09:00-17:00 "by appointment"', 18, "open or off", id="a remark without open or off"),
        pytest.param("Mo-Fr 09:00-17:00 unknown", 18, "off", id="neither open nor closed"),
        pytest.param("SH 09:00-17:00", 0, "dates", id="school holidays"),
        pytest.param("Mo-Fr 09:00-12:00; Mo-Fr 13:00-17:00", 0, "separated by commas", id="the lost morning"),
        pytest.param("Fr 09:00-12:00; Mo-Fr 13:00-17:00", 0, "after the usual hours", id="an exception swallowed"),
        pytest.param("Dec 25 off; Mo-Fr 09:00-17:00", 0, "after the usual hours", id="a closed date swallowed"),
        pytest.param(
            "Sa off, Mo-Su 09:00-17:00", 0, "after the usual hours", id="a closed day swallowed by an added rule"
        ),
        pytest.param("PH off; Mo-Fr 09:00-17:00", 0, "PH rule last", id="holidays ignored"),
        pytest.param("PH off, Mo-Fr 09:00-17:00", 0, "PH rule last", id="holidays ignored by an added rule"),
        pytest.param("Fr 22:00-02:00; Sa off", 16, "mapping", id="a night and an override"),
        pytest.param("Fr 22:00-02:00, Sa off", 16, "mapping", id="a night and an added closing"),
        pytest.param("Mo-Th 22:00-02:00; Fr-Sa 22:00-04:00", 19, "mapping", id="nights cut by nights"),
        pytest.param("Mo-Su 22:00-02:00; Dec 24 off", 19, "mapping", id="a night and a date"),
        pytest.param("Mo-Fr 22:00-02:00; PH off", 0, "mapping", id="a night and holidays"),
        # dates that do not exist
        pytest.param("Nov 31 off", 4, "Nov 30", id="31 November"),
        pytest.param("Feb 30 off", 4, "Feb 29", id="30 February"),
        pytest.param("2027 Feb 29 off", 9, "Feb 28", id="29 February of an ordinary year"),
        pytest.param("Dec 30-32 off", 7, "Dec 31", id="32 December"),
        pytest.param("Dec 24-20 off", 0, "Dec 24-Jan 20", id="a range backwards"),
        pytest.param("2030-2026 Mo off", 5, "2026-2030", id="years backwards"),
        pytest.param("0999 Mo off", 0, "1900", id="a year before all"),
        pytest.param("week 54 off", 5, "01 to 53", id="a week too many"),
        pytest.param("week 50-02 off", 8, "50-53,01-02", id="weeks backwards"),
        pytest.param("week 01-53/0 off", 11, "/2", id="a step to nowhere"),
        pytest.param("Su[6] 10:00-12:00", 3, "Su[1]", id="a sixth Sunday"),
        pytest.param("Su[1 10:00-12:00", 5, "Mo-Fr", id="a bracket left open"),
        pytest.param("Dec 24-Feb off", 0, "Nov-Feb", id="a day on one end only"),
        pytest.param("2026 Nov-2027 Feb off", 0, "2027 Feb 28", id="months of two years"),
        pytest.param("2026 Nov-Feb off", 0, "2027 Feb 28", id="months of a year, backwards"),
        pytest.param("Dec 25 +999 days off", 8, "the date itself", id="too far away"),
        # spelling
        pytest.param("mon-fri 09:00-17:00", 0, "write Mo", id="days with three letters"),
        pytest.param("Mo-Friday 09:00-17:00", 3, "write Fr", id="a day in full"),
        pytest.param("december 24 off", 0, "write Dec", id="a month in full"),
        pytest.param("2026-12-24 off", 0, "2026 Dec 24", id="a date with numbers"),
        pytest.param("2026-13-24 off", 0, "2026 Dec 24", id="a date with a month too many"),
        pytest.param("Mo-Fr 9am-5pm", 6, "09:00-17:00", id="the clock of twelve hours"),
        pytest.param("Mo-Fr 09.00-17.00", 6, "09:00-17:00", id="dots"),
        pytest.param("Mo-Fr 0900-1700", 6, "09:00-17:00", id="no colons"),
        pytest.param("Mo-Fr 9-17", 6, "09:00-17:00", id="hours without minutes"),
        pytest.param("Mo-Fr 09:00", 6, "from and to", id="one time"),
        pytest.param("Mo-Fr 09:00\u201317:00", 6, "from and to", id="a typographic dash in hours"),
        pytest.param("Mo\u2013Fr 09:00-17:00", 2, "minus sign", id="a typographic dash in days"),
        pytest.param("Mo-Fr 09:00-12:60", 6, "24:00", id="minute 60"),
        pytest.param("Mo-Fr 24:00-25:00", 6, "24:00", id="a day begins at 24:00"),
        pytest.param("Mo-Fr 22:00-49:00", 6, "48:00", id="two days later"),
        pytest.param("Mo 12:00-14:00 16:00-18:00", 15, "12:00-14:00,16:00-18:00", id="a comma missing"),
        pytest.param("Mo 10:00-12:00/00:30", 14, "leave it out", id="points in time"),
        pytest.param("Mo We 10:00-12:00", 3, "Mo,We", id="days without a comma"),
        pytest.param("PH PH off", 3, "PH,PH", id="holidays without a comma"),
        pytest.param("PH Mo,PH off", 3, "PH,Mo", id="holidays on both sides"),
        pytest.param("Mo-Fr 09:00-17:00;", 17, "remove", id="a semicolon at the end"),
        pytest.param("; Mo-Fr 09:00-17:00", 0, "remove", id="a semicolon at the start"),
        pytest.param("Mo-Fr 09:00-17:00,", 18, "hours such as", id="a comma at the end"),
        pytest.param("Mo-Fr, 09:00-17:00", 5, "Mo-Fr", id="a comma before the hours"),
        pytest.param("week", 4, "Mo-Fr 09:00-17:00", id="a week without a number"),
        pytest.param("easter 24 off", 7, "09:00-17:00", id="a day of Easter"),
        pytest.param("Mo-Fr (09:00-17:00)", 6, "mapping", id="brackets"),
        pytest.param("we are open", 3, "mapping", id="words"),
        pytest.param("all-day", 0, "mapping", id="a word of the other form"),
        pytest.param("", 0, "Mo-Fr 09:00-17:00", id="nothing"),
        pytest.param("Mo 10:00-12:00; " * 200, 0, "mapping", id="far too long"),
    ],
)
def test_refused(text: str, offset: int, hint: str) -> None:
    """Where it is, and what to type instead; never a word of the library's grammar."""
    first = faults(text)[0]

    assert (first.offset, hint in first.hint) == (offset, True), first
    assert "expected" not in first.message + first.hint


def test_all_mistakes_of_a_text_at_once() -> None:
    """Each rule is read, whatever is wrong with the one before it."""
    found = faults("Mo, We 09:00-17:00; Nov 31 off; Sa 10:00-12:00; Su 9am")

    assert [fault.code for fault in found] == ["bad-hours", "impossible-date", "bad-hours"]


def test_what_the_library_cannot_read_is_refused() -> None:
    """A combination our grammar lets through is asked of the library once, before it matters."""
    assert "more than we can read" in faults("9999 9999 Feb off")[0].message


@pytest.mark.parametrize(("text", "expected"), [("Mo-Fr 09:00-17:00", False), ("Mo-Fr 09:00-17:00; PH off", True)])
def test_whether_a_text_needs_a_country(text: str, expected: bool) -> None:
    """Only `PH` does."""
    rules = read_osm(text)
    assert isinstance(rules, tuple)

    assert needs_holidays(rules) is expected


@pytest.mark.parametrize(
    ("zone", "text", "moment", "expected"),
    [
        pytest.param(
            "America/New_York", "Mo-Fr 09:00-17:00; PH off", "2026-11-26T10:00-05:00", False, id="closed on it"
        ),
        pytest.param(
            "America/New_York", "Mo-Fr 09:00-17:00; PH off", "2026-11-27T10:00-05:00", True, id="the day after"
        ),
        pytest.param("Australia/Lord_Howe", "01:30-02:00", "2026-04-05T01:59+11:00", True, id="the first half hour"),
        pytest.param("Australia/Lord_Howe", "01:30-02:00", "2026-04-05T01:59+10:30", True, id="it comes again"),
        pytest.param("Europe/Berlin", "02:00-03:00", "2026-03-29T03:00+02:00", False, id="an hour that is skipped"),
    ],
)
def test_texts_on_the_clock_of_a_place(zone: str, text: str, moment: str, expected: bool) -> None:
    """The same wall clock and the same holidays as mappings."""
    made = Schedule(ZoneInfo(zone), OsmHours(text, HERE), HolidayCalendar.of("US", "MA"))
    at = int(datetime.fromisoformat(moment).timestamp())

    assert made.timeline(Window(at - 3600, at + 3600)).at(at) is expected


QUARTERS = st.integers(0, 95).map(lambda quarter: quarter * 900)


@st.composite
def spans(draw: st.DrawFn) -> Spans:
    """One or two spans of a day, the last one perhaps past midnight."""
    edges = sorted(set(draw(st.lists(QUARTERS, min_size=2, max_size=4, unique=True))))
    found = [Span(a, b) for a, b in zip(edges[::2], edges[1::2], strict=False)]
    if draw(st.booleans()):
        found[-1] = Span(found[-1].end, 86400 + found[0].start)
    return tuple(span for span in found if span.start < span.end)


def clock(seconds: int) -> str:
    """A time of day."""
    return f"{seconds // 3600:02}:{seconds % 3600 // 60:02}"


@settings(max_examples=80, deadline=None)
@given(st.dictionaries(st.integers(0, 6), spans(), min_size=1))
def test_a_text_equals_the_mapping_of_the_same_days(days: dict[int, Spans]) -> None:
    """Days with their hours, nights included, mean the same in both forms."""
    text = ", ".join(
        f"{DAYS[day]} " + ",".join(f"{clock(span.start)}-{clock(span.end)}" for span in hours)
        for day, hours in days.items()
    )
    zone, nobody = ZoneInfo("America/New_York"), HolidayCalendar.of(None, None)
    start = int(datetime(2026, 3, 1, tzinfo=zone).timestamp())
    window = Window(start, start + int(timedelta(days=14).total_seconds()))
    assert isinstance(read_osm(text), tuple)

    written = Schedule(zone, OsmHours(text, HERE), nobody).timeline(window)

    assert written == Schedule(zone, MappingHours(days, {}, {}, (), None, HERE), nobody).timeline(window)


LETTERS = ["Mo", "Su", "PH", "SH", "Feb", "Dec", "easter", "week", "off", "open", "days", "é", '"x"', "\n"]
SIGNS = ["24/7", "09:00-17:00", "22:00-02:00", "1", "29", "31", "2027", " +1 day", *" ;,-+/[]:", ", ", "||"]
WORDS = st.sampled_from([*LETTERS, *SIGNS])


@settings(deadline=None)
@given(st.lists(WORDS, max_size=8).map("".join) | st.text(max_size=20))
@example("Feb 29 Mo[1]")
def test_whatever_is_written_is_read_or_refused(text: str) -> None:
    """No text breaks the gate or the library behind it, and every mistake lies within the text."""
    found = read_osm(text)

    if isinstance(found, tuple):
        Timeline.of(readings(found, 20000, 20040, lambda day: day.day == 25))
    else:
        assert found
        assert all(0 <= fault.offset <= len(text) and fault.message and fault.hint for fault in found)
