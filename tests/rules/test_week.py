"""A week: who answers each number when, who is in, away, standing in."""

from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from rules.deciding import DAY, Timetable
from rules.event import Kind
from rules.explore import Explorer
from rules.load import load
from rules.spaces import Space
from rules.timeline import Window
from rules.week import Week, days_from, wants_people, week_of

NEW_YORK = ZoneInfo("America/New_York")


def at(text: str) -> int:
    """Read a moment by the clock of New York."""
    return int(datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).astimezone(UTC).timestamp())


def explorer(text: str, start: str) -> Explorer:
    """Look at some days of the rules of *text*."""
    loaded = load("a.yaml", {"a.yaml": text.encode()}, lambda _name: None)
    assert loaded.book
    assert loaded.spec
    window = Window(at(start) - 2 * DAY, at(start) + 9 * DAY)
    return Explorer(loaded.book, loaded.spec, window, Timetable(loaded.book, window))


def week(text: str, start: str, kind: Kind = "call", caller: str = "number") -> Week:
    """Make the week of *caller* from *start* on."""
    found = explorer(text, start)
    spaces: dict[str, Space] = {
        name: space
        for name, number in found.book.numbers.items()
        for space in found.spaces.of(number, kind)
        if space.caller == caller and space.said in ("", "hello")
    }
    return week_of(found, kind, spaces, at(start), 7)


def shown(found: Week, number: int, day: str) -> list[tuple[str, str, tuple[str, ...], tuple[str, ...], str]]:
    """Return the blocks that begin on *day*."""
    return [
        (
            f"{datetime.fromtimestamp(block.start, NEW_YORK):%H:%M}",
            block.state,
            block.first,
            block.later,
            block.rest,
        )
        for block in found.numbers[number].blocks
        if at(f"{day}T00:00") <= block.start < at(f"{day}T00:00") + DAY
    ]


def test_who_answers_when(company_text: str) -> None:
    """Open with the people tried first and later; closed with what happens instead."""
    assert shown(week(company_text, "2026-11-23T15:00"), 0, "2026-11-24") == [
        ("09:00", "answered", ("ann",), ("eve",), "voicemail box"),
        ("10:00", "answered", ("ann", "bob"), ("eve",), "voicemail box"),
        ("16:00", "answered", ("ann",), ("eve",), "voicemail box"),
        ("17:00", "closed", (), (), "voicemail box"),
    ]


def test_open_but_nobody(company_text: str) -> None:
    """It is open, somebody should be rung, and nobody can: that is another thing than closed."""
    text = company_text.replace("open: [{ring: crew}, {ring: duty}]", "open: [{ring: desk}]")

    assert [block[1] for block in shown(week(text, "2026-11-23T00:00"), 0, "2026-11-24")] == [
        "nobody",
        "answered",
        "nobody",
        "closed",
    ]


def test_answered_although_closed(company_text: str) -> None:
    """A VIP is answered after hours."""
    found = week(company_text, "2026-11-23T00:00", caller="vip")

    assert {block.state for block in found.numbers[0].blocks} == {"answered", "after-hours"}


def test_texts_and_numbers_without_hours(company_text: str) -> None:
    """A text that waits for the opening is no gap, one that waits for people is; what is always open is open."""
    found = week(company_text, "2026-12-07T00:00", kind="text")

    assert shown(found, 0, "2026-12-08")[-1] == ("17:00", "closed", (), (), "hold for crew until open")
    assert {block.state for block in found.numbers[1].blocks} == {"answered"}


@pytest.mark.parametrize(
    ("rule", "wanted"),
    [
        pytest.param("main.calls.open", True, id="rings somebody"),
        pytest.param("main.calls.closed", False, id="only voicemail"),
        pytest.param("main.texts.open", True, id="a text for somebody"),
        pytest.param("main.rules.favoured", True, id="a rule that rings"),
        pytest.param("main.rules.night shift", False, id="a rule that only speaks"),
        pytest.param("block", False, id="no rule of the number"),
    ],
)
def test_what_means_to_reach_somebody(company_text: str, rule: str, wanted: bool) -> None:
    """By what is written, whoever is there."""
    number = explorer(company_text, "2026-11-23T00:00").book.numbers["main"]
    assert wants_people(number, rule) is wanted


def test_people_in_away_and_standing_in(company_text: str) -> None:
    """In own hours, away with the cover as written, left; and who really stands in."""
    found = week(company_text, "2026-12-14T00:00")
    people = {person.person.name: person for person in found.people}

    ann = [(shift.presence, shift.cover) for shift in people["ann"].shifts if shift.end > at("2026-12-14T00:00")]
    assert ann[:3] == [("away", "bob"), ("in", None), ("away", "cat")]
    assert {shift.presence for shift in people["bob"].shifts} == {"in", "off", "away"}
    assert [(shift.presence, shift.cover) for shift in people["dan"].shifts] == [("left", "cat")]
    monday = [stand for stand in people["bob"].stands if stand.whom == "ann" and stand.start < at("2026-12-15T00:00")]
    assert [(stand.start, stand.end) for stand in monday] == [(at("2026-12-14T10:00"), at("2026-12-14T16:00"))]
    assert {stand.whom for stand in people["cat"].stands} >= {"dan"}


def test_absent_with_nobody_to_cover(company_text: str) -> None:
    """Nobody stands in."""
    text = company_text.replace("from: 2026-12-07, to: 2026-12-07, cover: cat", "from: 2026-12-07, to: 2026-12-07")
    found = week(text, "2026-12-07T00:00")

    eve = next(person for person in found.people if person.person.name == "eve")
    assert ("away", None) in [(shift.presence, shift.cover) for shift in eve.shifts]


def test_days_begin_at_midnight_of_the_place() -> None:
    """Also when a day has 23 or 25 hours."""
    days = days_from(at("2027-03-13T15:00"), 3, NEW_YORK)

    assert [after - before for before, after in pairwise(days)] == [DAY, DAY - 3600, DAY]
