"""Calendars read into absences: RFC 5545 recurrence and its exceptions, what does not count, and what is no calendar at all."""

import sys
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from router.feeds import reading
from router.feeds.effort import TooMuchWorkError, at_most
from router.feeds.reading import Feed, UnreadableError, read
from rules.timeline import Timeline, Window
from rules.words import Words

BERLIN = ZoneInfo("Europe/Berlin")
WINDOW = Window(int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()), int(datetime(2027, 7, 1, tzinfo=UTC).timestamp()))
HEAD = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n"


def event(*lines: str, uid: str = "one") -> str:
    """Return an event of these lines."""
    return "\r\n".join(("BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20260101T000000Z", *lines, "END:VEVENT", ""))


def calendar(*parts: str) -> bytes:
    """Return a calendar of these parts."""
    return (HEAD + "".join(parts) + "END:VCALENDAR\r\n").encode()


def told(content: bytes, *match: str, window: Window = WINDOW) -> list[str]:
    """Read *content*, and tell each absence as the clock in Berlin shows it."""
    feed = read(content, window, BERLIN, Words.of(match) if match else None)
    clocks = [[datetime.fromtimestamp(edge, BERLIN) for edge in span] for span in feed.spans]
    return [f"{start:%Y-%m-%d %H:%M} - {end:%Y-%m-%d %H:%M}" for start, end in clocks]


def hours(*days: str, since: str = "10:00", until: str = "12:00") -> list[str]:
    """Return absences on *days*."""
    return [f"{day} {since} - {day} {until}" for day in days]


TEN = ("DTSTART;TZID=Europe/Berlin:{day}T100000", "DTEND;TZID=Europe/Berlin:{day}T120000")


def ten(day: str, *more: str) -> str:
    """Return an event from 10 to 12 on *day*, with *more* lines."""
    return event(*(line.format(day=day) for line in TEN), *more)


OWN_ZONE = (
    "BEGIN:VTIMEZONE\r\nTZID:Our Office\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"
    "TZOFFSETFROM:{0}\r\nTZOFFSETTO:{0}\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(calendar(), [], id="a calendar with nothing in it is a good one"),
        pytest.param(
            calendar(event("DTSTART;VALUE=DATE:20261130", "DTEND;VALUE=DATE:20261205")),
            ["2026-11-30 00:00 - 2026-12-05 00:00"],
            id="whole days end before the day that is named as the end",
        ),
        pytest.param(
            calendar(event("DTSTART;VALUE=DATE:20261130")),
            ["2026-11-30 00:00 - 2026-12-01 00:00"],
            id="a day without an end is one day",
        ),
        pytest.param(
            calendar(event("DTSTART;VALUE=DATE:20260328", "DTEND;VALUE=DATE:20260331")),
            ["2026-03-28 00:00 - 2026-03-31 00:00"],
            id="whole days over the change of the clocks",
        ),
        pytest.param(
            calendar(event("DTSTART;VALUE=DATE:20260328", "DURATION:P3D")),
            ["2026-03-28 00:00 - 2026-03-31 00:00"],
            id="three days of duration over the change of the clocks",
        ),
        pytest.param(
            calendar(event("DTSTART:20260701T100000", "DURATION:PT2H")),
            hours("2026-07-01"),
            id="a time without a zone is the owner's",
        ),
        pytest.param(
            calendar(event("DTSTART:20260701T080000Z", "DTEND:20260701T100000Z")),
            hours("2026-07-01"),
            id="a time in UTC",
        ),
        pytest.param(
            calendar(
                event(
                    "DTSTART;TZID=W. Europe Standard Time:20260701T100000",
                    "DTEND;TZID=W. Europe Standard Time:20260701T120000",
                )
            ),
            hours("2026-07-01"),
            id="a zone by the name Windows has for it",
        ),
        pytest.param(
            calendar(
                OWN_ZONE.format("+0500"),
                event("DTSTART;TZID=Our Office:20260701T130000", "DTEND;TZID=Our Office:20260701T150000"),
            ),
            hours("2026-07-01"),
            id="a zone the calendar brings along",
        ),
        pytest.param(calendar(event("DTSTART:20260701T100000Z")), [], id="an event without an end takes no time"),
        pytest.param(
            calendar(ten("20260701"), ten("20260701").replace("UID:one", "UID:two").replace("T120000", "T130000")),
            hours("2026-07-01", until="13:00"),
            id="what overlaps is one absence",
        ),
        pytest.param(
            calendar(ten("20260706", "RRULE:FREQ=WEEKLY;COUNT=4", "EXDATE;TZID=Europe/Berlin:20260713T100000")),
            hours("2026-07-06", "2026-07-20", "2026-07-27"),
            id="every week but one",
        ),
        pytest.param(
            calendar(
                ten("20260706", "RRULE:FREQ=WEEKLY;COUNT=2"),
                ten("20260714", "RECURRENCE-ID;TZID=Europe/Berlin:20260713T100000"),
            ),
            hours("2026-07-06", "2026-07-14"),
            id="one of them moved to another day",
        ),
        pytest.param(
            calendar(
                ten("20260706", "RRULE:FREQ=WEEKLY;COUNT=2"),
                ten("20260713", "RECURRENCE-ID;TZID=Europe/Berlin:20260713T100000", "STATUS:CANCELLED"),
            ),
            hours("2026-07-06"),
            id="one of them cancelled",
        ),
        pytest.param(
            calendar(
                ten("20260706", "RRULE:FREQ=WEEKLY;COUNT=2", "TRANSP:TRANSPARENT"),
                ten("20260713", "RECURRENCE-ID;TZID=Europe/Berlin:20260713T100000", "TRANSP:OPAQUE"),
            ),
            hours("2026-07-13"),
            id="only one of them counts",
        ),
        pytest.param(
            calendar(
                ten("20260706", "RRULE:FREQ=WEEKLY;COUNT=3"),
                event(
                    "DTSTART;TZID=Europe/Berlin:20260714T140000",
                    "DTEND;TZID=Europe/Berlin:20260714T160000",
                    "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Berlin:20260713T100000",
                ),
            ),
            [*hours("2026-07-06"), *hours("2026-07-14", "2026-07-21", since="14:00", until="16:00")],
            id="moved from one of them on",
        ),
        pytest.param(
            calendar(ten("20260706", "RRULE:FREQ=DAILY;UNTIL=20260708T080000Z")),
            hours("2026-07-06", "2026-07-07", "2026-07-08"),
            id="until a moment in UTC, that of the last one",
        ),
        pytest.param(
            calendar(ten("20260706", "RRULE:FREQ=DAILY;UNTIL=20260708T075959Z")),
            hours("2026-07-06", "2026-07-07"),
            id="until a second before the last one",
        ),
        pytest.param(
            calendar(event("DTSTART:20260706T100000", "DURATION:PT2H", "RRULE:FREQ=DAILY;UNTIL=20260708T100000")),
            hours("2026-07-06", "2026-07-07", "2026-07-08"),
            id="until a moment without a zone",
        ),
        pytest.param(
            calendar(ten("20260105", "RRULE:FREQ=MONTHLY;BYDAY=-1FR,1MO;COUNT=4")),
            hours("2026-01-05", "2026-01-30", "2026-02-02", "2026-02-27"),
            id="the first Monday and the last Friday of a month",
        ),
        pytest.param(
            calendar(ten("20260131", "RRULE:FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3")),
            hours("2026-01-31", "2026-02-28", "2026-03-31"),
            id="the last day of each month",
        ),
        pytest.param(
            calendar(event("DTSTART;VALUE=DATE:20240229", "RRULE:FREQ=YEARLY")),
            [],
            id="the 29th of February comes in leap years only",
        ),
        pytest.param(
            calendar(ten("20260706", "RDATE;VALUE=PERIOD:20260710T080000Z/20260710T100000Z,20260711T080000Z/PT2H")),
            hours("2026-07-06", "2026-07-10", "2026-07-11"),
            id="further times as periods",
        ),
        pytest.param(
            calendar(ten("20260327", "RRULE:FREQ=DAILY;COUNT=4")),
            hours("2026-03-27", "2026-03-28", "2026-03-29", "2026-03-30"),
            id="ten o'clock stays ten o'clock when the clocks change",
        ),
        pytest.param(
            calendar(event("DTSTART;VALUE=DATE:20251220", "DTEND;VALUE=DATE:20260102")),
            ["2025-12-20 00:00 - 2026-01-02 00:00"],
            id="what has begun before is told whole",
        ),
        pytest.param(calendar(ten("20251220")), [], id="what is over is not told"),
        pytest.param(calendar(ten("20260701", "STATUS:CANCELLED")), [], id="cancelled"),
        pytest.param(calendar(ten("20260701", "STATUS:TENTATIVE")), hours("2026-07-01"), id="tentative counts"),
        pytest.param(calendar(ten("20260701", "TRANSP:TRANSPARENT")), [], id="shown as free"),
        pytest.param(calendar(ten("20260701", "X-MICROSOFT-CDO-BUSYSTATUS:FREE")), [], id="free, as Outlook says it"),
        pytest.param(
            calendar(ten("20260701", "X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE")),
            [],
            id="working elsewhere is working",
        ),
        pytest.param(
            calendar(ten("20260701", "X-MICROSOFT-CDO-BUSYSTATUS:OOF")), hours("2026-07-01"), id="out of office"
        ),
        pytest.param(b"\xef\xbb\xbf" + calendar(ten("20260701")), hours("2026-07-01"), id="behind a byte order mark"),
        pytest.param(calendar(ten("20260701")) * 2, hours("2026-07-01"), id="two calendars in one file"),
    ],
)
def test_when_somebody_is_away(content: bytes, expected: list[str]) -> None:
    """Each event that counts is an absence, at the times RFC 5545 gives it, in the owner's zone where it has none."""
    assert told(content) == expected


@pytest.mark.parametrize(
    ("title", "counts"),
    [
        pytest.param("Vacation", True, id="the word, in any case"),
        pytest.param("On vacation!", True, id="the word among others"),
        pytest.param("OUT  OF OFFICE (Rome)", True, id="a phrase"),
        pytest.param("Vacations of the team", False, id="another word that begins alike"),
        pytest.param("out of the office", False, id="the words of the phrase, apart"),
        pytest.param("", False, id="no title"),
    ],
)
def test_titles(title: str, counts: bool) -> None:
    """With words to look for, only events with one of them in the title count."""
    content = calendar(ten("20260701", f"SUMMARY:{title}"))

    assert told(content, "vacation", "out of office") == (hours("2026-07-01") if counts else [])


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param(b"", "it is empty", id="nothing"),
        pytest.param(b" \r\n", "it is empty", id="an empty line"),
        pytest.param(
            b"<!DOCTYPE html><title>Log in</title>", "it is a web page, maybe one to log in", id="a page to log in"
        ),
        pytest.param(b'{"error": "gone"}', "it is not a calendar", id="something else"),
        pytest.param(calendar(ten("20260701"))[:-20], "it is cut short", id="half of it"),
        pytest.param(
            (HEAD + "BEGIN:VEVENT\r\nEND:VCALENDAR\r\n").encode(), "it is broken", id="an event that does not end"
        ),
        pytest.param(b"BEGIN:VCALENDAR\r\n" + b"X" * reading.LARGEST, "it is larger than 5 MB", id="too large"),
    ],
)
def test_what_is_no_calendar(content: bytes, why: str) -> None:
    """What cannot be used is said to be so, and never taken for a calendar with nothing in it."""
    with pytest.raises(UnreadableError) as caught:
        read(content, WINDOW, BERLIN)

    assert str(caught.value).startswith(why)


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        pytest.param(("RRULE:FREQ=SECONDLY",), "repeats more often than once a day", id="every second"),
        pytest.param(("RRULE:FREQ=MINUTELY;INTERVAL=5000",), "repeats more often than once a day", id="by the minute"),
        pytest.param(("RRULE:FREQ=HOURLY;COUNT=3",), "repeats more often than once a day", id="every hour"),
        pytest.param(("RRULE:FREQ=DAILY;BYHOUR=1,2,3",), "repeats more often than once a day", id="at several hours"),
        pytest.param(
            ("RRULE:FREQ=DAILY;COUNT=3", "RRULE:FREQ=SECONDLY"),
            "repeats more often than once a day",
            id="the second of two",
        ),
        pytest.param(("RRULE:FREQ=SOMETIMES",), "cannot be understood", id="nothing RFC 5545 knows"),
    ],
)
def test_what_is_left_out(lines: tuple[str, ...], why: str) -> None:
    """An event nobody can be away by is left out and told; the others count."""
    feed = read(calendar(ten("20260701", *lines), ten("20260702").replace("one", "two")), WINDOW, BERLIN)

    assert feed.problems == (f"1 event left out: it {why}",)
    assert len(feed.spans) == 1


def test_several_left_out() -> None:
    """Those left out for one reason are counted."""
    content = calendar(*(ten("20260701", "RRULE:FREQ=SECONDLY").replace("one", f"u{n}") for n in range(3)))

    assert read(content, WINDOW, BERLIN) == Feed((), ("3 events left out: each repeats more often than once a day",))


def test_a_rule_that_never_comes_true(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule one looks for in vain until the year 9999 is given up soon, and costs nothing but itself."""
    monkeypatch.setattr(reading, "PATIENCE_FOR_ONE", 0.05)
    never = ten("19700101", "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30")

    feed = read(calendar(never, ten("20260701").replace("one", "two")), WINDOW, BERLIN)

    assert (len(feed.spans), feed.problems) == (1, ("1 event left out: it takes too long to work out",))


def test_a_calendar_that_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of it together may not take for ever either."""
    monkeypatch.setattr(reading, "PATIENCE", 0.0)

    with pytest.raises(UnreadableError, match="it takes too long"):
        read(calendar(*(ten("20260701").replace("one", f"u{n}") for n in range(50))), WINDOW, BERLIN)


@pytest.mark.parametrize(
    ("limit", "count", "why"),
    [
        pytest.param("MOST_OCCURRENCES", 4, "", id="as many absences as there may be"),
        pytest.param("MOST_OCCURRENCES", 5, "it has more than 4 absences within 546 days", id="one more"),
        pytest.param("MOST_EVENTS", 5, "it has more than 4 events", id="an event too many"),
    ],
)
def test_limits(monkeypatch: pytest.MonkeyPatch, limit: str, count: int, why: str) -> None:
    """More than anybody can have is refused as a whole."""
    monkeypatch.setattr(reading, limit, 4)
    content = calendar(*(ten(f"2026070{n + 1}").replace("one", f"u{n}") for n in range(count)))

    if why:
        with pytest.raises(UnreadableError, match=why):
            read(content, WINDOW, BERLIN)
    else:
        assert len(read(content, WINDOW, BERLIN).spans) == count


def test_zones_of_one_calendar_are_not_those_of_another() -> None:
    """Two calendars that call different zones by one name are each read by their own."""
    lines = ("DTSTART;TZID=Our Office:20260701T130000", "DTEND;TZID=Our Office:20260701T150000")

    first = told(calendar(OWN_ZONE.format("+0500"), event(*lines)))
    second = told(calendar(OWN_ZONE.format("+0400"), event(*lines)))

    assert (first, second) == (hours("2026-07-01"), hours("2026-07-01", since="11:00", until="13:00"))


def test_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the libraries it is said how to install them."""
    monkeypatch.setattr(reading, "find_spec", lambda _: None)

    with pytest.raises(UnreadableError, match=r"pip install 'switchhook\[calendars\]'"):
        read(calendar(), WINDOW, BERLIN)


def _for_ever() -> None:
    while True:
        abs(-1)


def test_work_has_a_limit() -> None:
    """A loop that calls anything is ended from within; whoever profiles goes on afterwards."""
    before = sys.getprofile()

    with pytest.raises(TooMuchWorkError), at_most(0.01):
        _for_ever()

    assert sys.getprofile() is before


@settings(deadline=None, max_examples=20)
@given(
    frequency=st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
    interval=st.integers(1, 5),
    count=st.integers(1, 20),
    start=st.datetimes(datetime(2025, 6, 1), datetime(2027, 1, 1)).map(lambda at: at.replace(second=0, microsecond=0)),
    days=st.sets(st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"])),
)
def test_simple_rules(frequency: str, interval: int, count: int, start: datetime, days: set[str]) -> None:
    """What repeats by a simple rule is away exactly when dateutil says, and never anywhere else."""
    rule = f"FREQ={frequency};INTERVAL={interval};COUNT={count}" + (f";BYDAY={','.join(sorted(days))}" if days else "")
    written = f"{start:%Y%m%dT%H%M%S}"
    aware = [at.replace(tzinfo=BERLIN) for at in rrulestr(rule, dtstart=start)]
    hour = int(timedelta(hours=1).total_seconds())
    moments = [int(at.timestamp()) for at in aware if at.utcoffset() == (at + timedelta(hours=3)).utcoffset()]

    feed = read(calendar(event(f"DTSTART:{written}", "DURATION:PT1H", f"RRULE:{rule}")), WINDOW, BERLIN)

    line = Timeline.of(feed.spans)
    within = [at for at in moments if WINDOW.start <= at and at + hour <= WINDOW.end]
    assert [at for at in within if not (line.at(at) and line.at(at + hour - 1))] == []
    assert len(feed.spans) <= len(
        {*aware, start.replace(tzinfo=BERLIN)}
    )  # the first is away as well, whatever the rule says


@settings(deadline=None, max_examples=30)
@given(st.binary(max_size=300), st.text("BEGINDVTSR:;=,/0123456789Z-\r\n ", max_size=300))
def test_nothing_makes_it_fail_otherwise(noise: bytes, words: str) -> None:
    """Whatever comes over the network, the answer is a feed or why there is none."""
    for content in (noise, calendar(words), calendar(event(words))):
        try:
            feed = read(content, WINDOW, BERLIN)
        except UnreadableError:
            continue
        assert isinstance(feed, Feed)
