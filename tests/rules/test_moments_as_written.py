"""Dates, clock times and moments as people write them."""

from datetime import UTC, date, datetime

import pytest

from rules.dates import read_clock, read_date, read_date_time
from rules.when import read_when
from rules.zones import zone

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)  # Sunday, 10:00 in New York
NEW_YORK = zone("America/New_York")
assert NEW_YORK is not None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-12-24", date(2026, 12, 24)),
        (" 2026-12-24 ", date(2026, 12, 24)),
        ("2028-02-29", date(2028, 2, 29)),
        ("2027-02-29", None),
        ("2026-13-01", None),
        ("2026-1-5", None),
        ("24.12.2026", None),
        ("", None),
    ],
)
def test_dates(text: str, expected: date | None) -> None:
    """A date has one spelling, and must exist."""
    assert read_date(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("00:00", 0),
        ("9:00", 32400),
        ("23:59", 86340),
        ("07:59:59", 28799),
        ("24:00", None),
        ("12:60", None),
        ("12:00:60", None),
        ("12", None),
        ("9am", None),
    ],
)
def test_clock_times(text: str, expected: int | None) -> None:
    """A clock time is one that a clock of 24 hours shows, in seconds since midnight."""
    assert read_clock(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-12-21 12:00", (date(2026, 12, 21), 43200)),
        ("2026-12-21T12:00", (date(2026, 12, 21), 43200)),
        ("2026-12-21", (date(2026, 12, 21), None)),
        ("2026-12-21 24:00", None),
        ("2026-02-30 12:00", None),
        ("mon 12:00", None),
    ],
)
def test_dates_with_a_clock_time(text: str, expected: tuple[date, int | None] | None) -> None:
    """A bare date says no clock time."""
    assert read_date_time(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("now", "2026-11-22T15:00:00+00:00", id="now"),
        pytest.param("2026-11-28 23:10", "2026-11-29T04:10:00+00:00", id="wall clock"),
        pytest.param("2026-11-28T23:10", "2026-11-29T04:10:00+00:00", id="wall clock with a T"),
        pytest.param("2026-11-28 07:59:59", "2026-11-28T12:59:59+00:00", id="with seconds"),
        pytest.param("2026-11-28T23:10:00+01:00", "2026-11-28T22:10:00+00:00", id="with its own offset"),
        pytest.param("2026-11-28T23:10:00Z", "2026-11-28T23:10:00+00:00", id="in UTC"),
        pytest.param("2026-03-08 02:30", "2026-03-08T07:00:00+00:00", id="in the gap: when the clock jumps"),
        pytest.param("2026-11-01 01:30", "2026-11-01T05:30:00+00:00", id="a repeated hour: the first time"),
        pytest.param("sat 11:00", "2026-11-28T16:00:00+00:00", id="next Saturday"),
        pytest.param("Saturday 11:00", "2026-11-28T16:00:00+00:00", id="its full name"),
        pytest.param("sun 10:00", "2026-11-22T15:00:00+00:00", id="this very moment counts"),
        pytest.param("sun 09:59", "2026-11-29T14:59:00+00:00", id="a minute ago is a week ahead"),
    ],
)
def test_moments(text: str, expected: str) -> None:
    """A moment is one of the zone asked for unless it names its own offset."""
    assert NEW_YORK is not None

    assert read_when(text, NEW_YORK, NOW).isoformat() == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("tomorrow", "'tomorrow' is no moment we can read"),
        ("2026-02-30 10:00", "no moment we can read"),
        ("2026-11-28", "has no clock time"),
        ("sat", "'' is no clock time"),
        ("sat 25:00", "'25:00' is no clock time"),
        ("0001-01-01T00:00+14:00", "no moment we can read"),
        ("", "no moment we can read"),
    ],
)
def test_what_is_no_moment(text: str, says: str) -> None:
    """The sentence says what is wrong and how to write it."""
    assert NEW_YORK is not None
    with pytest.raises(ValueError, match=says) as caught:
        read_when(text, NEW_YORK, NOW)

    assert "sat 11:00 or now" in str(caught.value)
