"""A candidate beside the rules in force: it is counted where they differ, and never gets in the way."""

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from router.commands.status import shadow_told
from router.metrics import Metrics
from router.shadow import Shadow
from rules.book import RuleBook
from rules.deciding import Timetable, never, window_around
from rules.event import IncomingCall, IncomingText
from rules.inquiry import inquire
from rules.load import load

RULES = """
version: 1
listen: {public: 127.0.0.1:8080}
public_url: https://phone.example.com
providers: {line: {adapter: generic, secret: env:SECRET}}
business: {name: Acme, timezone: Europe/London}
people: {ann: {devices: {mobile: "+44 20 7946 0143"}, texts_by: [sms]}}
numbers:
  main:
    number: "+44 20 7946 0100"
    provider: line
    hours: {mon-fri: 09:00-17:00, holidays: normal}
    voicemail: box
    calls: {open: [{ring: ann}]}
    texts: {open: {to: ann}}
voicemail: {box: {greeting: {say: Hello.}, notify: ann, max: 1m}}
"""
NOON = 1_795_435_200  # Mon 23 Nov 2026 12:00 in London
FIVE = NOON + 5 * 3600 - 1800


def book(text: str) -> RuleBook:
    """Load rules that must be good."""
    loaded = load("a.yaml", {"a.yaml": text.encode()}, lambda _name: None)
    assert loaded.book, loaded.problems
    return loaded.book


def beside(candidate: RuleBook, *events: tuple[IncomingCall | IncomingText, int]) -> Shadow:
    """Decide *events* by the rules above, with *candidate* beside them."""
    live = Timetable(book(RULES), window_around(NOON))
    shadow = Shadow(Path("new.yaml"), candidate, Metrics())
    for event, at in events:
        shadow.beside(event, live.decide(inquire(live.book, event), at), never)
    return shadow


def call(name: str = "1") -> IncomingCall:
    """Return a call."""
    return IncomingCall(provider="line", account="", id=name, to="+442079460100", caller="+442079460200")


def text(name: str = "2") -> IncomingText:
    """Return a text."""
    return IncomingText(provider="line", account="", id=name, to="+442079460100", caller="+442079460200", text="hi")


def test_the_same_rules_agree_on_everything() -> None:
    """A candidate that changes nothing never disagrees."""
    shadow = beside(book(RULES), (call(), NOON), (text(), NOON), (call(), FIVE))

    assert (shadow.agreed, shadow.disagreed, list(shadow.last)) == (3, 0, [])


def test_where_they_differ_is_counted_and_kept() -> None:
    """Closing at four sends the half past four call elsewhere, and leaves noon alone."""
    shadow = beside(book(RULES.replace("17:00", "16:00")), (call(), NOON), (call("late"), FIVE), (text("late"), FIVE))

    assert (shadow.agreed, shadow.disagreed) == (1, 2)
    assert shadow.last[0] == {
        "kind": "call",
        "event_id": "late",
        "number": "main",
        "was": "main.calls.open",
        "now": "main.calls.closed",
    }
    assert shadow.metrics.registry.get_sample_value("switchhook_shadow_decisions_total", {"result": "different"}) == 2
    assert shadow_told(shadow.status()) == [
        "  shadow    new.yaml: 2 of 3 events would go otherwise",
        "    call to main: was main.calls.open, now main.calls.closed",
        "    text to main: was main.texts.open, now main.texts.closed",
    ]


def test_a_moment_far_away_gets_a_window_of_its_own() -> None:
    """A clock that jumps by years does not end the comparison."""
    shadow = beside(book(RULES), (call(), NOON))

    assert shadow.timetable(NOON).covers(NOON)
    assert shadow.timetable(NOON + 3 * 365 * 86400).covers(NOON + 3 * 365 * 86400)


def test_a_fault_of_the_candidate_is_logged_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, engines: ModuleType
) -> None:
    """Whatever happens beside, the caller gets the answer of the rules in force."""

    def stumble(*_args: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(Shadow, "timetable", stumble)
    shadow = beside(book(RULES), (call(), NOON))

    assert (shadow.agreed, shadow.disagreed) == (0, 0)
    assert engines
