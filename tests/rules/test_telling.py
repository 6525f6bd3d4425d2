"""A decision told: the JSON scripts rely on, and the words people read."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest

from rules.plan import Copy, Decision, Hangup, Play, Reject, Say
from rules.telling import as_json, in_words, step_json

Ask = Callable[..., Decision]
NEW_YORK = ZoneInfo("America/New_York")


def test_a_call_as_json(call: Ask) -> None:
    """The vocabulary is fixed; no phone number of ours stands in it."""
    told = as_json(call("2026-12-14T11:00:00-05:00", "+12125550177"))

    assert {key: told[key] for key in told if key not in ("asked", "source", "ruleset")} == {
        "schema": "decision/1",
        "kind": "call",
        "to": "main",
        "caller": {"class": "number", "groups": ["vip"]},
        "at": "2026-12-14T16:00:00Z",
        "rule": "main.rules.favoured",
        "plan": [
            {"ring": ["bob"], "team": None, "strategy": "all-at-once", "seconds": 20},
            {"ring": ["bob", "cat"], "team": "all", "strategy": "all-at-once", "seconds": 25},
            {"voicemail": "box"},
        ],
        "tries": [["bob"], ["bob", "cat"]],
        "rings": ["bob"],
        "ends": "voicemail",
        "voicemail": "box",
        "delivers": None,
        "via": None,
        "holds": None,
        "replies": None,
        "next_open": "2026-12-15T14:00:00Z",
        "valid_until": "2026-12-14T21:00:00Z",
        "why": ["ann is away; cover: bob", "ann is away; left out of all", "dan has left; left out of all"],
    }
    assert ["from:vip", True] in told["asked"]  # type: ignore[operator]
    assert str(told["source"]).startswith("company.yaml:")
    assert str(told["ruleset"]).startswith("sha256:")


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        pytest.param(
            {"body": "hi"}, {"delivers": ["ann", "bob"], "via": "crew", "holds": None, "replies": None}, id="delivered"
        ),
        pytest.param(
            {"at": "2026-11-24T23:00:00-05:00"},
            {"delivers": None, "via": None, "holds": "crew", "replies": "We open Wed 25 Nov 09:00."},
            id="held and answered",
        ),
        pytest.param({"caller": "+13055550123"}, {"plan": [{"drop": True}], "delivers": None}, id="blocked"),
        pytest.param({"caller": "+16175550141"}, {"plan": [], "rule": "safety:relay"}, id="a teammate's reply"),
        pytest.param(
            {"to": "+16175550999"},
            {"to": None, "rule": "refused", "source": None, "plan": [{"drop": True}]},
            id="not ours",
        ),
    ],
)
def test_a_text_as_json(text: Ask, ask: dict[str, str], expected: dict[str, object]) -> None:
    """Texts say whom they reach, what holds them, and what was answered."""
    told = as_json(text(**({"at": "2026-11-24T10:00:00-05:00"} | ask)))

    assert {key: told[key] for key in expected} == expected
    assert told["ends"] is None
    assert told["rings"] == []


def test_callers_a_rule_wrote_down_in_place_are_no_group(call: Ask) -> None:
    """Only groups with a name of their own are told."""
    decision = call("2026-11-24T10:00:00-05:00", "+15085550142")

    assert as_json(decision)["caller"] == {"class": "number", "groups": ["works"]}


def test_a_call_in_words(call: Ask) -> None:
    """A person reads who, when, which rule, why, what then, and until when."""
    told = as_json(call("2026-12-14T11:00:00-05:00", "+12125550177")) | {"source": "company.yaml:48:9"}

    assert in_words(told, NEW_YORK, "+1 212 555 0177") == (
        "A call to main from +1 212 555 0177 (number, vip)\n"
        "on Mon 14 Dec 2026 11:00 EST\n"
        "\n"
        "  decided by  main.rules.favoured  (company.yaml:48:9)\n"
        "  because     ann is away; cover: bob\n"
        "              ann is away; left out of all\n"
        "              dan has left; left out of all\n"
        "  then        1. ring bob, 20 s\n"
        "              2. ring bob, cat, all at once (by all), 25 s\n"
        "              3. voicemail box\n"
        "  opens next  Tue 15 Dec 2026 09:00 EST\n"
        "  holds until Mon 14 Dec 2026 16:00 EST\n"
        "\n"
        "  asked       diverted-too-often no, from:teammate no, via:teammate no, blocked no, from:vip yes\n"
        "              limit:forwards no, away:ann:0 yes, away:bob:0 no, in:bob yes, left:dan yes"
    )


@pytest.mark.parametrize(
    ("step", "told"),
    [
        pytest.param(
            {"ring": ["a", "b"], "team": "t", "strategy": "in-turn", "seconds": 15},
            "ring a, b, one after another (by t), 15 s each",
            id="in turn",
        ),
        pytest.param(
            {"ring": ["a", "b"], "team": "t", "strategy": "take-turns", "seconds": 15},
            "ring a, b, longest idle first (by t), 15 s each",
            id="taking turns",
        ),
        pytest.param(
            {"ring": ["a"], "team": "t", "strategy": "rota", "seconds": 15}, "ring a (by t), 15 s", id="a rota"
        ),
        pytest.param({"say": "Hello."}, "say “Hello.”", id="say"),
        pytest.param({"play": "https://example.com/a.mp3"}, "play https://example.com/a.mp3", id="play"),
        pytest.param({"reject": "busy"}, "refuse the call (busy)", id="reject"),
        pytest.param({"hangup": True}, "hang up", id="hang up"),
        pytest.param({"deliver": ["a", "b"], "via": "t"}, "deliver to a, b (by t)", id="to a team"),
        pytest.param({"deliver": ["a"], "via": "a"}, "deliver to a", id="to a person"),
        pytest.param({"hold": "t", "until": "open"}, "wait for the next opening, then go to t", id="held until open"),
        pytest.param(
            {"hold": "t", "until": "reachable"}, "wait until t can be reached", id="held until somebody is in"
        ),
        pytest.param({"copy": ["a"], "via": "a"}, "copy to a", id="copy"),
        pytest.param({"reply": "Hi."}, "reply “Hi.”", id="reply"),
        pytest.param({"drop": True}, "nothing more: the text is only recorded", id="drop"),
    ],
)
def test_each_step_in_words(call: Ask, step: dict[str, object], told: str) -> None:
    """Every step has its sentence; one step is not numbered."""
    decision = as_json(call("2026-11-24T10:00:00-05:00", "+13055550123"))

    assert f"  then        {told}\n" in in_words(decision | {"plan": [step]}, NEW_YORK, "x")


def test_a_plan_with_nothing_in_it(call: Ask) -> None:
    """A relay sends nothing by itself."""
    decision = as_json(call("2026-11-24T10:00:00-05:00", "+13055550123"))

    words = in_words(decision | {"plan": [], "to": None, "source": None, "next_open": None}, NEW_YORK, "x")

    assert "A call to a number that is not ours from x" in words
    assert "nothing is sent by itself" in words


@pytest.mark.parametrize(
    ("step", "told"),
    [
        pytest.param(Play("media:abc.mp3"), {"play": "media:abc.mp3"}, id="play"),
        pytest.param(Say("Hi."), {"say": "Hi."}, id="say"),
        pytest.param(Copy(("cat",), "cat"), {"copy": ["cat"], "via": "cat"}, id="copy"),
        pytest.param(Reject("busy"), {"reject": "busy"}, id="reject"),
        pytest.param(Hangup(), {"hangup": True}, id="hang up"),
    ],
)
def test_each_step_as_json(step: Copy | Hangup | Play | Reject | Say, told: dict[str, object]) -> None:
    """Every step has its JSON."""
    assert step_json(step) == told
