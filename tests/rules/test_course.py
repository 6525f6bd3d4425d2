"""The course of answers for one caller: exact, merged, and what deciding says at every minute."""

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from rules.callers import Caller
from rules.course import Turn, course, courses, stretches
from rules.deciding import DAY, Timetable
from rules.event import IncomingCall, IncomingText
from rules.explore import Explorer
from rules.inquiry import Inquiry, inquire
from rules.load import load
from rules.telltimeline import folded, in_words, turn_json, who
from rules.timeline import Window

NEW_YORK = ZoneInfo("America/New_York")
MINUTE = 60


def at(text: str) -> int:
    """Read a moment by the clock of New York."""
    return int(datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).astimezone(UTC).timestamp())


def explorer(text: str, start: str, days: int) -> Explorer:
    """Look at the rules of *text* from *start* on."""
    loaded = load("a.yaml", {"a.yaml": text.encode()}, lambda _name: None)
    assert loaded.book
    assert loaded.spec
    window = Window(at(start), at(start) + days * DAY)
    around = Window(window.start - 8 * DAY, window.end + 60 * DAY)
    return Explorer(loaded.book, loaded.spec, window, Timetable(loaded.book, around))


def event(found: Explorer, number: str, caller: str, text: str | None = None) -> Inquiry:
    """Imagine a call, or a text."""
    to = found.book.numbers[number]
    named: dict[str, Any] = {"account": "", "id": "", "to": to.e164, "caller": caller}
    if text is None:
        return inquire(found.book, IncomingCall(provider=to.providers["call"], **named))
    return inquire(found.book, IncomingText(provider=to.providers["text"], text=text, **named))


@pytest.mark.parametrize(
    ("number", "caller", "text"),
    [
        pytest.param("main", "+12015550100", None, id="a call"),
        pytest.param("main", "+12125550177", None, id="a call of a VIP"),
        pytest.param("main", "+12015550100", "hello", id="a text, with the next opening in its reply"),
        pytest.param("main", "anonymous", None, id="a withheld number"),
        pytest.param("side", "+12015550100", None, id="a number that is always open"),
    ],
)
def test_every_minute_over_daylight_saving(company_text: str, number: str, caller: str, text: str | None) -> None:
    """Each turn holds at every minute of it, and neighbours differ."""
    found = explorer(company_text, "2027-03-11T00:00", 7)
    inquiry = event(found, number, caller, text)

    turns = list(course(found, inquiry))

    assert (turns[0].start, turns[-1].end) == (found.window.start, found.window.end)
    for turn in turns:
        for moment in range(turn.start, turn.end, MINUTE):
            decision = found.timetable.decide(inquiry, moment)
            assert (decision.rule, decision.plan) == (turn.decision.rule, turn.decision.plan)
    for before, after in pairwise(turns):
        assert before.end == after.start
        assert (before.decision.rule, before.decision.plan) != (after.decision.rule, after.decision.plan)


def test_an_opening_told_to_the_caller_is_a_change(company_text: str) -> None:
    """A rule that decides day and night names another opening after each."""
    text = company_text.replace('{say: "Hello from {business}."}, {hangup: yes}', '{say: "We open {next_open}."}')
    assert text != company_text
    found = explorer(text.replace("when: nights, from: anonymous", "from: anonymous"), "2026-11-23T12:00", 2)

    said = [turn.decision.plan[0] for turn in course(found, event(found, "main", "anonymous"))]

    assert [str(getattr(step, "text", "")) for step in said] == [
        "We open Tue 24 Nov 09:00.",
        "We open Wed 25 Nov 09:00.",
        "We open Thu 26 Nov 09:00.",
    ]


def test_courses_of_many(company_text: str) -> None:
    """Several kinds of events at once come to what each comes to alone; teammates' texts are split by sender."""
    found = explorer(company_text, "2026-12-14T00:00", 7)
    for kind in ("call", "text"):
        spaces = found.spaces.of(found.book.numbers["main"], kind)  # type: ignore[arg-type]
        together = courses(found, spaces)
        for space in spaces:
            assert [(each.start, each.end, each.verdict.plan) for each in together[space]] == [
                (each.start, each.end, each.verdict.plan) for each in stretches(found.split([space]))
            ]


def turns_of(company_text: str, start: str, days: int, text: str | None = None) -> tuple[Inquiry, list[Turn]]:
    """Make the course of an ordinary caller."""
    found = explorer(company_text, start, days)
    inquiry = event(found, "main", "+12015550100", text)
    return inquiry, list(course(found, inquiry))


def test_a_line_for_each_change(company_text: str) -> None:
    """Aligned, on the clock of the number; the zone is named once while the clocks stay."""
    assert in_words(*turns_of(company_text, "2026-11-23T00:00", 1)) == (
        "calls to main from +12015550100 (number), on the clock of America/New_York (EST)\n"
        "\n"
        "Mon 23 Nov 00:00  main.calls.closed  voicemail box\n"
        "Mon 23 Nov 09:00  main.calls.open    ring crew (in-turn: ann) -> ring duty (rota: cat) -> voicemail box\n"
        "Mon 23 Nov 10:00  main.calls.open    ring crew (in-turn: ann, bob) -> ring duty (rota: cat) -> voicemail box\n"
        "Mon 23 Nov 16:00  main.calls.open    ring crew (in-turn: ann) -> ring duty (rota: cat) -> voicemail box\n"
        "Mon 23 Nov 17:00  main.calls.closed  voicemail box"
    ).replace("rota: cat", "rota: eve")


def test_zone_and_year_are_named_where_they_change(company_text: str) -> None:
    """Over daylight saving each line has its zone, over New Year its year."""
    spring = in_words(*turns_of(company_text, "2027-03-12T12:00", 4))
    winter = in_words(*turns_of(company_text, "2026-12-31T00:00", 2))

    assert "on the clock of America/New_York\n" in spring
    assert "Fri 12 Mar 17:00 EST  main.calls.closed" in spring
    assert "Mon 15 Mar 09:00 EDT  main.calls.open" in spring
    assert "Thu 31 Dec 2026 09:00  main.calls.open" in winter


def test_long_lines_are_folded() -> None:
    """As many steps as fit, at least one, the others under the first."""
    assert folded("head  ", ["ring a", "ring b", "voicemail c"], 24) == [
        "head  ring a -> ring b",
        "      -> voicemail c",
    ]
    assert folded("head  ", ["ring a", "ring b"], None) == ["head  ring a -> ring b"]


def test_who_calls() -> None:
    """The class, and groups with a name of their own."""
    caller = Caller("", "anonymous", None, None, ("vip", "main.rules.x"), False, False)
    assert who(caller) == "a withheld number (anonymous, vip)"


def test_a_turn_as_json(company_text: str) -> None:
    """From, until, the rule, the plan, and the reasons."""
    _, turns = turns_of(company_text, "2026-11-23T00:00", 1)
    told = turn_json(turns[0])

    assert (told["from"], told["until"]) == ("2026-11-23T05:00:00Z", "2026-11-23T14:00:00Z")
    assert (told["rule"], told["plan"], told["why"]) == (
        "main.calls.closed",
        [{"voicemail": "box"}],
        ["main is closed"],
    )
