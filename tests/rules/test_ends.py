"""From when until when: what people say, placed in time."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rules.ends import moment_in_words, placed
from rules.spoken import Spoken, UnclearError, Words, take_moment
from rules.switching import Said

BOSTON = ZoneInfo("America/New_York")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
TUESDAY = "2026-11-24T10:00:00-05:00"


def moment(text: str) -> int:
    """Return the UTC epoch seconds of an ISO moment with its offset."""
    return int(datetime.fromisoformat(text).timestamp())


def span(words: str, now: str = TUESDAY, place: ZoneInfo = BOSTON, most: int = 14) -> tuple[int, int]:
    """Place what is said in *words* at *now*."""
    said, left = Said(), Words.of(words)
    while left.peek():
        assert said.hear(left), left.rest()
    return placed(said.since, said.end, place=place, now=moment(now), most=most)


@pytest.mark.parametrize(
    ("words", "now", "end"),
    [
        pytest.param("for today", TUESDAY, "2026-11-25T00:00:00-05:00", id="the rest of the day"),
        pytest.param("today", TUESDAY, "2026-11-25T00:00:00-05:00", id="the same in one word"),
        pytest.param("for 2h", TUESDAY, "2026-11-24T12:00:00-05:00", id="two hours"),
        pytest.param("90m", TUESDAY, "2026-11-24T11:30:00-05:00", id="minutes, and no 'for'"),
        pytest.param("for 2 hours", TUESDAY, "2026-11-24T12:00:00-05:00", id="in full"),
        pytest.param("for 45 s", TUESDAY, "2026-11-24T10:00:45-05:00", id="seconds"),
        pytest.param("until 20:00", TUESDAY, "2026-11-24T20:00:00-05:00", id="a clock time still to come is today's"),
        pytest.param("until 8pm", TUESDAY, "2026-11-24T20:00:00-05:00", id="as Americans write it"),
        pytest.param("until 8:30 p.m.", TUESDAY, "2026-11-24T20:30:00-05:00", id="with points and a space"),
        pytest.param("until 12am", TUESDAY, "2026-11-25T00:00:00-05:00", id="twelve a.m. is midnight"),
        pytest.param("until 12:15 pm", TUESDAY, "2026-11-24T12:15:00-05:00", id="twelve p.m. is noon"),
        pytest.param("until noon", TUESDAY, "2026-11-24T12:00:00-05:00", id="noon"),
        pytest.param("until midnight", TUESDAY, "2026-11-25T00:00:00-05:00", id="midnight ends the day"),
        pytest.param("until 24:00", TUESDAY, "2026-11-25T00:00:00-05:00", id="so does 24:00"),
        pytest.param(
            "until 08:00", "2026-11-24T22:00:00-05:00", "2026-11-25T08:00:00-05:00", id="said at night: tomorrow morning"
        ),
        pytest.param(
            "until 08:00", "2026-11-24T14:00:00-05:00", "2026-11-25T08:00:00-05:00", id="18 hours away: tomorrow still"
        ),
        pytest.param("until mon 08:00", TUESDAY, "2026-11-30T08:00:00-05:00", id="the next monday"),
        pytest.param("until Monday at 8am", TUESDAY, "2026-11-30T08:00:00-05:00", id="in full"),
        pytest.param("tue 10:00", TUESDAY, "2026-12-01T10:00:00-05:00", id="this very moment: a week from now"),
        pytest.param("tue 10:01", TUESDAY, "2026-11-24T10:01:00-05:00", id="a minute from now: today"),
        pytest.param("until tomorrow 12:00", TUESDAY, "2026-11-25T12:00:00-05:00", id="tomorrow"),
        pytest.param("until today 12:00", TUESDAY, "2026-11-24T12:00:00-05:00", id="today"),
        pytest.param("until 2026-11-28 12:00", TUESDAY, "2026-11-28T12:00:00-05:00", id="a date"),
        pytest.param("until 28 nov 12:00", TUESDAY, "2026-11-28T12:00:00-05:00", id="a day and a month"),
        pytest.param("until Nov 28th, 12:00", TUESDAY, "2026-11-28T12:00:00-05:00", id="a month and a day"),
        pytest.param("until 2026-11-28T12:00", TUESDAY, "2026-11-28T12:00:00-05:00", id="as machines write it"),
        pytest.param("until 2026-11-28T12:00:00Z", TUESDAY, "2026-11-28T12:00:00+00:00", id="with an offset"),
        pytest.param(
            "until 2 jan 09:00", "2026-12-30T09:00:00-05:00", "2027-01-02T09:00:00-05:00", id="over the new year"
        ),
        pytest.param(
            "for 336h", TUESDAY, "2026-12-08T10:00:00-05:00", id="fourteen days to the second"
        ),
        pytest.param(
            "until 8 nov 10:00", "2026-10-25T10:00:00-04:00", "2026-11-08T10:00:00-05:00",
            id="fourteen days by the calendar, an hour longer by the sun",
        ),
        pytest.param(
            "for 336h", "2026-03-07T10:00:00-05:00", "2026-03-21T11:00:00-04:00", id="fourteen days by the sun"
        ),
        pytest.param(
            "until 02:30", "2026-03-08T01:00:00-05:00", "2026-03-08T03:00:00-04:00", id="a reading that is skipped: the jump"
        ),
        pytest.param(
            "until 01:30", "2026-11-01T00:30:00-04:00", "2026-11-01T01:30:00-04:00", id="a reading that comes twice: the first"
        ),
        pytest.param(
            "until 01:30", "2026-11-01T01:45:00-04:00", "2026-11-01T01:30:00-05:00", id="after the first, the second"
        ),
        pytest.param(
            "for today", "2026-11-01T00:30:00-04:00", "2026-11-02T00:00:00-05:00", id="a day of 25 hours"
        ),
    ],
)  # fmt: skip
def test_an_end(words: str, now: str, end: str) -> None:
    """It begins now, and ends at the first moment that is meant."""
    assert span(words, now) == (moment(now), moment(end))


@pytest.mark.parametrize(
    ("words", "now", "start", "end"),
    [
        pytest.param(
            "from 14:00 until 18:00", TUESDAY, "2026-11-24T14:00:00-05:00", "2026-11-24T18:00:00-05:00", id="this afternoon"
        ),
        pytest.param(
            "from 22:00 until 06:00", TUESDAY, "2026-11-24T22:00:00-05:00", "2026-11-25T06:00:00-05:00", id="tonight"
        ),
        pytest.param(
            "from 09:00 until 18:00", TUESDAY, TUESDAY, "2026-11-24T18:00:00-05:00", id="what has begun begins now"
        ),
        pytest.param(
            "from 08:00 until 12:00", "2026-11-24T22:00:00-05:00", "2026-11-25T08:00:00-05:00",
            "2026-11-25T12:00:00-05:00", id="said at night: tomorrow",
        ),
        pytest.param(
            "from 14:00 for today", TUESDAY, "2026-11-24T14:00:00-05:00", "2026-11-25T00:00:00-05:00", id="for today"
        ),
        pytest.param(
            "from fri 14:00 for 2h", TUESDAY, "2026-11-27T14:00:00-05:00", "2026-11-27T16:00:00-05:00", id="on another day"
        ),
        pytest.param(
            "from fri 14:00 for today", TUESDAY, "2026-11-27T14:00:00-05:00", "2026-11-28T00:00:00-05:00",
            id="its own day's end",
        ),
        pytest.param(
            "from mon 08:00 until tue 08:00", TUESDAY, "2026-11-30T08:00:00-05:00", "2026-12-01T08:00:00-05:00",
            id="the tuesday after that monday",
        ),
        pytest.param(
            "from 2026-11-20 08:00 until fri 08:00", TUESDAY, TUESDAY, "2026-11-27T08:00:00-05:00", id="since last week: now"
        ),
        pytest.param(
            "from tomorrow 08:00 until tomorrow 12:00", TUESDAY, "2026-11-25T08:00:00-05:00", "2026-11-25T12:00:00-05:00",
            id="tomorrow is the day after today, for both",
        ),
    ],
)  # fmt: skip
def test_a_beginning(words: str, now: str, start: str, end: str) -> None:
    """The end follows the beginning."""
    assert span(words, now) == (moment(start), moment(end))


@pytest.mark.parametrize(
    ("words", "now", "why"),
    [
        pytest.param("from 14:00", TUESDAY, "say when it ends", id="no end"),
        pytest.param(
            "until 20:00", "2026-11-24T20:00:00-05:00", "20:00 has passed today; write 'wed 20:00' if you mean tomorrow",
            id="this very second: has passed",
        ),
        pytest.param(
            "until 08:00", "2026-11-24T13:59:59-05:00", "08:00 has passed today", id="a second more than 18 hours away"
        ),
        pytest.param("from 09:00 until 09:30", TUESDAY, "09:00 has passed today", id="over already"),
        pytest.param("until today 09:00", TUESDAY, "Tue 24 Nov 09:00 EST has passed already", id="today, and over"),
        pytest.param("until 2026-11-24 09:59", TUESDAY, "has passed already", id="a date that is over"),
        pytest.param("until 2025-11-24T12:00Z", TUESDAY, "has passed already", id="a year ago"),
        pytest.param(
            "from 18:00 until 14:00", TUESDAY, "14:00 comes before Tue 24 Nov 18:00 EST; name the day", id="which 14:00?"
        ),
        pytest.param(
            "from 2026-11-28 12:00 until 2026-11-28 11:00", TUESDAY, "the end must come after the beginning", id="reversed"
        ),
        pytest.param(
            "until 2026-12-08 10:01", TUESDAY, "last until Tue 8 Dec 2026 10:01 EST, and 14 days are the most",
            id="a minute more than fourteen days",
        ),
        pytest.param("until 24 nov 09:00", TUESDAY, "until Wed 24 Nov 2027", id="passed this year: a year is too long"),
        pytest.param("for 336h until 20:00", TUESDAY, "the end is said twice", id="two ends"),
        pytest.param("from 2028-01-01 00:00 for 2h", TUESDAY, "more than a year away", id="too far away"),
        pytest.param("until", TUESDAY, "a time is missing", id="until what?"),
        pytest.param("until mon", TUESDAY, "'mon' needs a time of day", id="a bare weekday"),
        pytest.param("until 2026-11-28", TUESDAY, "needs a time of day", id="a bare date"),
        pytest.param("until 8", TUESDAY, "'8' is no time we can read", id="a bare hour"),
        pytest.param("until 25:00", TUESDAY, "no time we can read", id="no such hour"),
        pytest.param("until 13pm", TUESDAY, "no time we can read", id="no such hour in halves"),
        pytest.param("until 31 feb 10:00", TUESDAY, "no time we can read", id="no such date"),
        pytest.param("until 0001-01-01T00:00+14:00", TUESDAY, "no time we can read", id="before all time"),
        pytest.param("for 20:00", TUESDAY, "'for 20:00' is no time we can read: write for 2h", id="for wants a length"),
        pytest.param("for 0h", TUESDAY, "has passed already", id="no time at all"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant(words: str, now: str, why: str) -> None:
    """A sentence says what is wrong and what to say instead."""
    with pytest.raises(UnclearError) as caught:
        span(words, now)

    assert why in str(caught.value)


def test_a_leap_day_may_be_years_away() -> None:
    """It is found, and is too long from now."""
    with pytest.raises(UnclearError, match="Feb 2028"):
        span("until 29 feb 10:00")


@pytest.mark.parametrize(
    ("at", "place", "told"),
    [
        pytest.param("2026-11-30T08:00:00-05:00", BOSTON, "Mon 30 Nov 08:00 EST", id="with the zone"),
        pytest.param(
            "2026-11-30T08:00:05-05:00", BOSTON, "Mon 30 Nov 08:00:05 EST", id="with seconds, if there are any"
        ),
        pytest.param("2026-06-01T10:30:00+10:30", LORD_HOWE, "Mon 1 Jun 10:30 +1030", id="a zone without letters"),
    ],
)
def test_moments_in_words(at: str, place: ZoneInfo, told: str) -> None:
    """By the clock on the wall, and always with its zone."""
    assert moment_in_words(moment(at), place) == told


ZONES = st.sampled_from(
    [BOSTON, LORD_HOWE, ZoneInfo("Europe/London"), ZoneInfo("America/Havana"), ZoneInfo("Asia/Manila")]
)
NOW = st.integers(moment("2026-01-01T00:00:00+00:00"), moment("2028-01-01T00:00:00+00:00"))


@given(now=NOW, place=ZONES, hour=st.integers(0, 23), minute=st.integers(0, 59))
def test_a_clock_time_is_the_next_that_reads_so(now: int, place: ZoneInfo, hour: int, minute: int) -> None:
    """Minute by minute from now on, no earlier one reads it, except where the clock skips it."""
    clock = f"{hour:02}:{minute:02}"
    spoken = take_moment(Words.of(clock))
    assert spoken is not None
    try:
        _, end = placed(None, spoken, place=place, now=now, most=14)
    except UnclearError:
        assume(False)

    def reads(at: int) -> str:
        return f"{datetime.fromtimestamp(at, UTC).astimezone(place):%H:%M}"

    first = now - now % 60 + 60
    found = next((at for at in range(first, end, 60) if reads(at) == clock), end)
    assert found == end
    assert reads(end) == clock or reads(end - 60) < clock < reads(end)


@given(now=NOW, place=ZONES)
def test_today_ends_when_the_date_changes(now: int, place: ZoneInfo) -> None:
    """The second before its end has today's date, its end has not."""
    _, end = placed(None, "today", place=place, now=now, most=14)

    def date(at: int) -> object:
        return datetime.fromtimestamp(at, UTC).astimezone(place).date()

    assert date(end - 1) == date(now)
    assert date(end) != date(now)


@given(now=NOW, place=ZONES, day=st.integers(0, 6), hour=st.integers(0, 23))
def test_a_weekday_is_within_a_week(now: int, place: ZoneInfo, day: int, hour: int) -> None:
    """The next such moment: later than now, a week away at most, and it reads so on the wall."""
    _, end = placed(None, Spoken("", hour * 3600, day), place=place, now=now, most=14)
    local = datetime.fromtimestamp(end, UTC).astimezone(place)

    assert 0 < end - now <= timedelta(days=7, hours=1).total_seconds()
    assert local.weekday() == day
    assert local.hour in (hour, hour + 1)
