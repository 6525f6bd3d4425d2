"""Of a recorded event only what is needed is parsed, and it is the same as if all of it had been."""

from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router import recorded
from router.journal.record import START, Cut, cut, seal
from router.recorded import Decided, Reader, Recorded
from rules.event import Diversion, IncomingCall, IncomingText

TRAPS = ('","to":"+1', ',"text":"}', '\\","media":[', '"}', ',"layer":"failsafe"', "\N{GRINNING FACE}", "\\")
"""What looks like fields of a record to whoever does not look closely."""

words = st.lists(st.sampled_from(TRAPS) | st.text(st.characters(exclude_categories=("Cs",)), max_size=5)).map("".join)


def row(kind: str, public: dict[str, Any], private: dict[str, Any]) -> Cut:
    """Return a row as the journal reads it."""
    at = "2026-11-22T12:00:00.000000Z"
    _, line = seal(seq=1, at=at, kind=kind, public=public, private=private, prev=START.hash, salt=b"s" * 16)
    found = cut(line.rstrip(b"\n"))
    assert found
    return found


def read(cut_row: Cut) -> Recorded:
    """Read a row that can be decided again."""
    found = Reader().read(cut_row)
    assert isinstance(found, Recorded)
    return found


@given(caller=words, to=words, name=words, hop=words, body=words)
def test_a_call_is_the_one_that_came(
    journals: ModuleType, caller: str, to: str, name: str, hop: str, body: str
) -> None:
    """Whatever its texts look like, and whatever fields the answer and the state of its phones have."""
    _, public, private = journals.call("1", received_at="2026-11-22T12:00:03.999999Z", event_id=hop)
    private |= {"from": caller, "to": to, "caller_name": name, "diversions": [[hop, None]], "verified": True}
    private |= {"answer": {"body": body, "from": "x"}, "state": {"a": {"to": "x", "verified": False}, "salt": body}}

    found = read(row("call", public, private))

    event = found.event
    assert isinstance(event, IncomingCall)
    assert (event.caller, event.to, event.verified) == (caller, to, True)
    assert (event.diversions, event.provider) == ((Diversion(hop),), "twilio")
    assert found.at == 1_795_348_803


@given(caller=words, to=words, text=words, target=words, opt_out=st.sampled_from(["stop", None]))
def test_a_text_is_the_one_that_came(
    journals: ModuleType, caller: str, to: str, text: str, target: str, opt_out: str | None
) -> None:
    """Whatever stands in it, and whatever it set going."""
    _, public, private = journals.text("1")
    private |= {"from": caller, "to": to, "text": text, "opt_out": opt_out, "media": [[text, text]], "replies": text}
    private["outbox"] = [{"key": "1.0", "target": target, "text": "x", "to": "y"}]

    event = read(row("text", public, private)).event

    assert isinstance(event, IncomingText)
    assert (event.caller, event.to, event.text, event.opt_out) == (caller, to, text, opt_out)


@given(rule=words, number=words | st.none(), reply=words, source=words, said=st.booleans())
def test_what_was_decided_is_what_was_written(
    journals: ModuleType, rule: str, number: str | None, reply: str, source: str, said: bool
) -> None:
    """Whatever the names in the rule file look like."""
    plan = [{"reply": reply}, {"hold": source, "until": "open"}]
    _, public, private = journals.call("1", rule=rule, number=number, plan=plan, source=source, why=[reply])
    public["asked"] = [[source, said]]

    decided = read(row("call", public, private)).decided

    assert (decided.rule, decided.number, decided.plan) == (rule, number, plan)
    assert (decided.live(source), decided.live("limit:unasked")) == (said, False)


@pytest.mark.parametrize("missing", ["caller_class", "next_open", "ruleset"])
def test_a_record_of_fewer_fields_is_read_as_well(journals: ModuleType, missing: str) -> None:
    """Nothing that is needed stands in them."""
    _, public, private = journals.call("1")
    del public[missing]

    found = read(row("call", public, private))

    assert (found.at, found.decided.rule, found.event.to) == (1_795_348_800, "boston.calls.open", "+16175550100")


def test_what_cannot_be_decided_again(journals: ModuleType) -> None:
    """A record that has lost its private part or the caller, one of the fail-safe, one that asked nothing."""
    _, public, private = journals.call("1", diversions=[], verified=None)
    whole = row("call", public, private)
    without_asked = {name: value for name, value in public.items() if name != "asked"}
    without_from = {name: value for name, value in private.items() if name != "from"}

    rows = [
        whole._replace(private=b"null"),
        row("call", public, without_from),
        row("call", public | {"layer": "failsafe"}, private),
        row("call", without_asked, private),
    ]

    assert [Reader().read(each) for each in rows] == ["erased", "erased", "unusual", "unusual"]


def test_decisions_alike_are_parsed_once(journals: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two calls decided alike share what was decided; the memory begins anew when it is full."""
    monkeypatch.setattr(recorded, "REMEMBERED", 2)
    reader = Reader()

    def decided(name: str, rule: str) -> Decided:
        _, public, private = journals.call(name, rule=rule, decided_at=f"2026-11-22T12:00:0{name}.000000Z")
        found = reader.read(row("call", public, private))
        assert isinstance(found, Recorded)
        return found.decided

    first, second, _, last = decided("1", "a"), decided("2", "a"), decided("3", "b"), decided("4", "c")

    assert first is second
    assert len(reader.known) == 1
    assert last in reader.known.values()
