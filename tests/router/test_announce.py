"""What machines are told of calls, texts and overrides: where a web hook asks for it, in full, and of teammates names only."""

import json
from typing import Any

import attrs
import pytest

from router.announce import Announcements
from router.engine.effects import hook_effects
from router.sending import Sending, Webhook


def hook(name: str, *events: str) -> Webhook:
    """Return a web hook."""
    return Webhook(name, f"https://{name}.example", (b"key",), frozenset(events))


@attrs.frozen
class FakeCase:
    """What an announcement reads of a case."""

    public: dict[str, Any]
    caller: Any
    book: Any
    text: str = "Is it ready?"
    links: tuple[str, ...] = ()
    number: Any = attrs.field(factory=lambda: _Named("main"))
    effect: Any = attrs.field(factory=lambda: _Effect("01A", "01A.hook-x", "2026-11-24T15:00:00Z"))


@attrs.frozen
class _Named:
    name: str


@attrs.frozen
class _Effect:
    about: str
    key: str
    since: str


@attrs.frozen
class _Caller:
    e164: str | None
    person: str | None = None


@attrs.frozen
class _Box:
    private: bool


@attrs.frozen
class _Book:
    boxes: dict[str, _Box]


PUBLIC = {"received_at": "2026-11-24T15:00:00Z", "rule": "main.calls.open", "rings": ["anna"], "voicemail": "main"}
JANE = _Caller("+12025550199")


def told(kind: str, case: FakeCase) -> dict[str, Any]:
    """Return what the one web hook that wants to hear of it is told."""
    hooks = {"crm": hook("crm", "call", "text", "override"), "other": hook("other", "missed")}
    handlers: Any = Announcements(lambda: hooks).handlers()
    ready = handlers[f"hook-{kind}"](case)
    assert [(message.via, message.channel, message.subject) for message in ready.messages] == [("crm", "webhook", kind)]
    found: dict[str, Any] = json.loads(ready.messages[0].body)
    return found


@pytest.mark.parametrize(
    ("caller", "private", "sender", "person"),
    [
        pytest.param(JANE, False, "+12025550199", None, id="a customer"),
        pytest.param(JANE, True, None, None, id="who calls a private box is nobody's business"),
        pytest.param(_Caller(None), False, None, None, id="a withheld number"),
        pytest.param(_Caller("+16175550141", "anna"), False, None, "anna", id="a teammate is a name"),
    ],
)
def test_a_call(caller: _Caller, private: bool, sender: str | None, person: str | None) -> None:
    """Who called, where, when, by which rule, whose phones ring."""
    data = told("call", FakeCase(PUBLIC, caller, _Book({"main": _Box(private)})))

    assert (data["from"], data["person"]) == (sender, person)
    assert (data["call"], data["number"], data["rings"], data["voicemail"]) == ("01A", "main", ["anna"], "main")


def test_a_text_and_an_override() -> None:
    """In the customer's words; what is switched by names and moments."""
    public = PUBLIC | {"delivers": ["anna"], "holds": None}
    text = told("text", FakeCase(public, JANE, _Book({})))
    switched = told("override", FakeCase({"id": "o7", "action": "set", "outcome": "…"}, JANE, _Book({})))

    assert (text["text"], text["delivers"], text["from"]) == ("Is it ready?", ["anna"], "+12025550199")
    assert (switched["id"], switched["action"], switched["at"]) == ("o7", "set", "2026-11-24T15:00:00Z")
    assert "outcome" not in switched


def test_nobody_wants_to_hear_of_it_any_more() -> None:
    """Then nothing is sent, and the record says why."""
    handlers: Any = Announcements(dict).handlers()

    ready = handlers["hook-text"](FakeCase(PUBLIC, JANE, _Book({})))

    assert (ready.messages, bool(ready.why)) == ((), True)


def test_what_is_told_of_at_all() -> None:
    """What at least one web hook wants; a number that is none of ours is nobody's news."""
    events = Sending(webhooks={"a": hook("a", "call"), "b": hook("b", "call", "text")}).events

    assert events == {"call", "text"}
    assert [effect["key"] for effect in hook_effects("01A", "call", "main", events)] == ["01A.hook-call"]
    assert hook_effects("01A", "override", "main", events) == []
    assert hook_effects("01A", "call", None, events) == []
