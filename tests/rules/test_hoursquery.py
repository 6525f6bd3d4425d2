"""One schedule on its own: open or closed, and when that changes, however far away."""

import json
from datetime import UTC, datetime

import pytest

from rules.calendar import HolidayCalendar
from rules.hours import Schedule
from rules.hoursquery import Desk
from rules.lookup import Lookup
from rules.schedule import MappingHours, OsmHours, Span
from rules.source import Mark
from rules.timeline import Timeline, Window
from rules.zones import zone

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
HERE = Mark("hours", 1, 1)


def ask(
    hours: object, at: str = "2026-11-23 10:00", timezone: str = "America/New_York", **place: object
) -> dict[str, object]:
    """Answer one question."""
    return Desk(NOW).answer(json.dumps({"hours": hours, "timezone": timezone, "at": at, **place}))


@pytest.mark.parametrize(
    ("hours", "at", "is_open", "change"),
    [
        pytest.param("Mo-Fr 09:00-17:00", "2026-11-23 10:00", True, "2026-11-23T22:00:00Z", id="a text"),
        pytest.param({"mon": "09:00-17:00"}, "2026-11-23 10:00", True, "2026-11-23T22:00:00Z", id="a mapping"),
        pytest.param({"mon": ["09:00-12:00", "13:00-17:00"]}, "mon 12:00", False, "2026-11-23T18:00:00Z", id="a list"),
        pytest.param({"dec 24": {"thu": "09:00-10:00"}}, "now", False, "2026-12-24T14:00:00Z", id="a week in a date"),
        pytest.param("Mo-Fr 09:00-17:00", "2026-11-23T14:00:00Z", True, "2026-11-23T22:00:00Z", id="opening is open"),
        pytest.param("Mo-Fr 09:00-17:00", "2026-11-23T13:59:59.9Z", False, "2026-11-23T14:00:00Z", id="just before it"),
        pytest.param("Mo-Fr 09:00-17:00", "2026-11-23T21:59:59Z", True, "2026-11-23T22:00:00Z", id="the last second"),
        pytest.param(
            "Mo-Fr 09:00-17:00", "2026-11-23T22:00:00Z", False, "2026-11-24T14:00:00Z", id="closing is closed"
        ),
        pytest.param("2033 Dec 24 10:00-11:00", "now", False, "2033-12-24T15:00:00Z", id="years away"),
        pytest.param("24/7", "now", True, None, id="never closed"),
        pytest.param("Feb 29 Mo[1]", "now", False, None, id="a day that cannot be"),
        pytest.param({"daily": "closed"}, "now", False, None, id="never open"),
        pytest.param(
            {"mon": "09:00-17:00", "holidays": "normal"}, "mon 10:00", True, "2026-11-23T22:00:00Z", id="normal"
        ),
    ],
)
def test_answers(hours: object, at: str, is_open: bool, change: str | None) -> None:
    """Half-open spans; the next change in UTC, or null when none comes within about ten years."""
    assert ask(hours, at) == {"open": is_open, "next_change": change}


@pytest.mark.parametrize(
    ("hours", "place", "is_open"),
    [
        pytest.param("Mo-Fr 09:00-17:00; PH off", {"country": "US", "region": "MA"}, False, id="Patriots' Day"),
        pytest.param("Mo-Fr 09:00-17:00; PH off", {"country": "US", "region": "NY"}, True, id="not in New York"),
        pytest.param("Mo-Fr 09:00-17:00; PH off", {"country": "US"}, True, id="without a region: nationwide days"),
        pytest.param(
            {"mon": "09:00-17:00", "holidays": "closed"}, {"country": "US", "region": "MA"}, False, id="mapping"
        ),
        pytest.param(
            {"mon": "09:00-17:00", "holidays": "closed", "country": "US", "region": "MA"}, {}, False, id="its own place"
        ),
        pytest.param(
            {"mon": "09:00-17:00", "holidays": "closed", "country": "US"},
            {"region": "MA"},
            True,
            id="its own country alone",
        ),
        pytest.param(
            {"mon": "09:00-17:00", "holidays": "closed", "skip": ["Patriots' Day"]},
            {"country": "US", "region": "MA"},
            True,
            id="a holiday they work on",
        ),
        pytest.param(
            {"mon": "09:00-17:00", "holidays": "closed", "add": {"2026-04-20": "Inventory"}},
            {"country": "GB", "region": "ENG"},
            False,
            id="a day they add",
        ),
        pytest.param({"mon": "09:00-17:00", "timezone": "Asia/Tokyo"}, {}, False, id="its own zone"),
    ],
)
def test_places(hours: object, place: dict[str, str], is_open: bool) -> None:
    """Ten o'clock in New York on Monday, 20 April 2026."""
    assert ask(hours, "2026-04-20T10:00:00-04:00", **place)["open"] is is_open


@pytest.mark.parametrize(
    ("line", "says"),
    [
        pytest.param("", "no JSON object", id="an empty line"),
        pytest.param("{", "no JSON object", id="half a line"),
        pytest.param("[" * 100_000, "no JSON object", id="deeply nested"),
        pytest.param("[]", "a question is an object", id="a list"),
        pytest.param("5", "a question is an object", id="a number"),
        pytest.param('{"hours": 5, "timezone": "UTC", "at": "now"}', "a question is an object", id="hours as a number"),
        pytest.param('{"hours": "24/7", "at": "now"}', "a question is an object", id="no zone"),
        pytest.param('{"hours": "24/7", "timezone": "UTC"}', "a question is an object", id="no moment"),
        pytest.param(
            '{"hours": "24/7", "timezone": "UTC", "at": "now", "country": 1}', "are texts", id="a bad country"
        ),
        pytest.param('{"hours": "24/7", "timezone": "UTC", "at": "soon"}', "no moment we can read", id="a bad moment"),
        pytest.param('{"hours": "24/7", "timezone": "UTC", "at": "9999-12-31T00:00Z"}', "too far away", id="far away"),
        pytest.param(
            '{"hours": {"mon": "09:00-17:00", "mon": "closed"}, "timezone": "UTC", "at": "now"}',
            "monday is given twice",
            id="a key twice",
        ),
        pytest.param(
            '{"hours": {"mon": true, "tue": null, "wed": 5}, "timezone": "UTC", "at": "now"}',
            "the hours are missing",
            id="values of other kinds",
        ),
    ],
)
def test_what_cannot_be_answered(line: str, says: str) -> None:
    """A sentence, whatever stands in the line."""
    answer = Desk(NOW).answer(line)

    assert list(answer) == ["error"]
    assert says in str(answer["error"])


@pytest.mark.parametrize(
    ("hours", "place", "says"),
    [
        pytest.param("Mo, We 09:00-17:00", {}, "write Mo,We without the space", id="a trap"),
        pytest.param(
            {"mon": "9am-5pm", "tue": "x"}, {}, "write 09:00-17:00); 'x' is no hours", id="all mistakes at once"
        ),
        pytest.param("PH off", {}, "whose public holidays", id="holidays of nobody"),
        pytest.param(
            {"mon": "closed", "holidays": "closed"}, {}, "whose public holidays", id="holidays of nobody, mapped"
        ),
        pytest.param("24/7", {"timezone": "Europe/Lodnon"}, "did you mean 'Europe/London'?", id="a zone misspelt"),
        pytest.param("24/7", {"timezone": "../../etc/passwd"}, "there is no time zone", id="a file as a zone"),
        pytest.param("24/7", {"country": "UK"}, "did you mean 'GB'?", id="a country misspelt"),
        pytest.param("24/7", {"country": "GB", "region": "XX"}, "no region 'XX'", id="a region misspelt"),
        pytest.param(
            {"mon": "closed", "skip": ["Eastre Monday"]}, {"country": "GB", "region": "ENG"}, "Easter", id="skip"
        ),
    ],
)
def test_refused_schedules(hours: object, place: dict[str, str], says: str) -> None:
    """What `check` would say, in one line."""
    place = {"timezone": "UTC"} | place

    assert says in str(ask(hours, **place)["error"])


def test_a_schedule_asked_again_is_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream of questions about one schedule compiles each stretch of time once; a bad one is refused each time."""
    compiled: list[Window] = []
    timeline = Schedule.timeline

    def counted(self: Schedule, window: Window) -> Timeline:
        compiled.append(window)
        return timeline(self, window)

    monkeypatch.setattr(Schedule, "timeline", counted)
    desk = Desk(NOW)
    good = json.dumps({"hours": {"mon-fri": "09:00-17:00"}, "timezone": "UTC", "at": "2026-11-23 10:00"})
    bad = json.dumps({"hours": "9-5", "timezone": "UTC", "at": "now"})

    answers = [desk.answer(line) for line in (good, bad, good, bad)]

    assert answers[:2] == answers[2:]
    assert len(compiled) == 1


def test_a_long_stream_does_not_remember_everything() -> None:
    """Thousands of different schedules do not fill the memory."""
    desk = Desk(NOW)
    for minute in range(1100):
        desk.answer(json.dumps({"hours": f"{minute:05}", "timezone": "UTC", "at": "now"}))

    assert len(desk._known) <= 1000


def test_years_asked_far_apart_do_not_fill_the_memory() -> None:
    """Old blocks are let go."""
    place = zone("UTC")
    assert place is not None
    lookup = Lookup(
        Schedule(place, MappingHours({0: (Span(0, 3600),)}, {}, {}, (), None, HERE), HolidayCalendar.of(None, None))
    )

    for year in range(1970, 2030):
        lookup.at(int(datetime(year, 6, 1, tzinfo=UTC).timestamp()))
        lookup.at(int(datetime(year, 12, 1, tzinfo=UTC).timestamp()))

    assert len(lookup._blocks) <= 4 * 29


def test_a_change_at_the_seam_of_two_blocks_is_told() -> None:
    """Blocks are 128 days; what changes exactly between two of them changes there."""
    place = zone("UTC")
    assert place is not None
    seam = 160 * 128 * 86400
    day = datetime.fromtimestamp(seam, UTC)
    lookup = Lookup(Schedule(place, OsmHours(f"{day:%Y %b %d} off", HERE), HolidayCalendar.of(None, None)))
    opens = Lookup(Schedule(place, OsmHours(f"{day:%Y %b %d}", HERE), HolidayCalendar.of(None, None)))

    assert lookup.at(seam - 1).next_change is None
    assert opens.at(seam - 1).next_change == seam
    assert opens.at(seam).next_change == seam + 86400
