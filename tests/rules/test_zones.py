"""Zones: safe names, the wall clock, and the hours that are skipped or come twice."""

from datetime import datetime

import pytest

from rules.timeline import Timeline, Window
from rules.zones import closest_zone, instant, on_the_wall, stretches, wall_clock, zone, zone_advice


def utc(text: str) -> int:
    """Epoch seconds of an ISO moment."""
    return int(datetime.fromisoformat(text).timestamp())


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "/etc/localtime",
        "",
        "Europe/Nowhere",
        "Europe",
        "Europe/",
        "localtime",
        "posixrules",
        "posix/Europe/London",
        "right/Europe/London",
        "Factory",
        "Europe/London\x00",
        "A" * 300,
        "..",
    ],
)
def test_what_is_no_zone(name: str) -> None:
    """Nothing outside the tz database is opened, and the server's own zone has no name."""
    assert zone(name) is None


@pytest.mark.parametrize("name", ["Europe/London", "America/Argentina/Buenos_Aires", "UTC", "Etc/GMT+5", "US/Eastern"])
def test_what_is_a_zone(name: str) -> None:
    """Every name of the tz database is known by that name."""
    assert str(zone(name)) == name


@pytest.mark.parametrize(
    ("name", "says"),
    [
        pytest.param("EST", "America/New_York", id="an offset that never moves"),
        pytest.param("US/Eastern", "America/New_York", id="an old name we know"),
        pytest.param("US/Samoa", "America/New_York", id="an old name of that kind"),
        pytest.param("Etc/GMT+5", "fixed offset", id="a sign turned round"),
        pytest.param("Europe/London", None, id="a good name"),
        pytest.param("Etc/GMT", None, id="no offset at all"),
    ],
)
def test_names_that_deserve_a_word(name: str, says: str | None) -> None:
    """Old and fixed names work, and are remarked upon."""
    advice = zone_advice(name)

    assert (says in advice) if says and advice else advice is says


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("London", "Europe/London"),
        ("new york", "America/New_York"),
        ("Europe/Lodnon", "Europe/London"),
        ("EST", "America/New_York"),
        ("qqqq", None),
    ],
)
def test_which_zone_was_meant(name: str, expected: str | None) -> None:
    """A city alone, a slip and a zone by its letters are guessed."""
    assert closest_zone(name) == expected


@pytest.mark.parametrize(
    ("name", "reading", "expected"),
    [
        pytest.param("America/New_York", "2026-03-08 01:59", "2026-03-08T06:59Z", id="before the gap"),
        pytest.param("America/New_York", "2026-03-08 02:00", "2026-03-08T07:00Z", id="the gap begins: the jump"),
        pytest.param("America/New_York", "2026-03-08 02:59", "2026-03-08T07:00Z", id="the gap ends: the same jump"),
        pytest.param("America/New_York", "2026-03-08 03:00", "2026-03-08T07:00Z", id="after the gap"),
        pytest.param("America/New_York", "2026-11-01 01:00", "2026-11-01T05:00Z", id="a repeated hour: the first"),
        pytest.param("America/New_York", "2026-11-01 02:00", "2026-11-01T07:00Z", id="after the repeated hour"),
        pytest.param("Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03T15:30Z", id="a gap of half an hour"),
        pytest.param("Pacific/Apia", "2011-12-30 12:00", "2011-12-30T10:00Z", id="a day that never was"),
        pytest.param("Asia/Kathmandu", "2026-01-01 00:00", "2025-12-31T18:15Z", id="an odd offset"),
        pytest.param("America/Nuuk", "2026-03-28 23:30", "2026-03-29T01:00Z", id="a gap before midnight"),
    ],
)
def test_the_moment_a_clock_reads_something(name: str, reading: str, expected: str) -> None:
    """In a gap it is the jump, in a repeated hour the first time."""
    place = zone(name)
    assert place is not None

    assert instant(datetime.fromisoformat(reading), place) == utc(expected)


def test_a_zone_is_cut_at_its_changes() -> None:
    """A year has three stretches where the clock changes twice; the wall clock follows."""
    place = zone("Europe/London")
    assert place is not None
    window = Window(utc("2026-01-01T00:00Z"), utc("2027-01-01T00:00Z"))

    assert stretches(place, window) == (
        (window.start, utc("2026-03-29T01:00Z"), 0),
        (utc("2026-03-29T01:00Z"), utc("2026-10-25T01:00Z"), 3600),
        (utc("2026-10-25T01:00Z"), window.end, 0),
    )
    assert wall_clock(place, utc("2026-07-01T00:00Z")) == utc("2026-07-01T01:00Z")


def test_a_reading_in_a_gap_never_comes_and_a_repeated_one_comes_twice() -> None:
    """The mapping is pointwise."""
    place = zone("Europe/London")
    assert place is not None
    readings = Timeline(
        (utc("2026-03-29T01:15Z"), utc("2026-03-29T01:45Z"), utc("2026-10-25T01:15Z"), utc("2026-10-25T01:45Z"))
    )
    window = Window(utc("2026-01-01T00:00Z"), utc("2027-01-01T00:00Z"))

    assert list(on_the_wall(readings, place, window).spans()) == [
        (utc("2026-10-25T00:15Z"), utc("2026-10-25T00:45Z")),
        (utc("2026-10-25T01:15Z"), utc("2026-10-25T01:45Z")),
    ]
