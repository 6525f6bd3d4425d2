"""
What replaying needs of a recorded call or text, found in its row without parsing the rest of it.

A row's parts are canonical JSON: the fields stand in the order of their names, so a stretch of them can be cut out as text,
and `,"name":` is always a field, for in a text its quotes would have backslashes. Where one of the fields is missing the whole
part is parsed: slower, never different.
"""

import json
from datetime import datetime
from typing import Any, Literal, NamedTuple

import attrs

from router.journal.record import Cut
from rules.event import Diversion, IncomingCall, IncomingText

Json = dict[str, Any]

REMEMBERED = 10_000
"""How many different decisions are kept parsed, at a few kilobytes each."""

_STRETCHES = (
    (b',"asked":', b',"caller_class":'),
    (b',"layer":', b',"next_open":'),
    (b',"number":', b',"received_at":'),
    (b',"rule":', b',"ruleset":'),
)
"""The stretches of a public part that say what was decided, each by the field it begins with and the field behind it."""

_RECEIVED = len(',"received_at":"')
_MOMENT = len("2026-11-22T14:03:09.123456Z")

Unusable = Literal["erased", "unusual"]
"""Why an event cannot be decided again: what it was decided by is *erased*; or it was *unusual*, not decided by rules."""


@attrs.frozen(eq=False)
class Decided:
    """What was decided for events alike: by which *provider* they came, to which *number*, what was *asked*, what came of it."""

    number: str | None
    provider: str
    asked: dict[str, bool]
    rule: str
    plan: list[Json]

    def live(self, question: str) -> bool:
        """Answer a live question as it was answered then; one that was not asked, with no."""
        return self.asked.get(question, False)


class Recorded(NamedTuple):
    """An event as it was received *at* a moment (UTC epoch seconds), and what was *decided* then."""

    at: int
    event: IncomingCall | IncomingText
    decided: Decided


@attrs.define(eq=False)
class Reader:
    """Reads the rows of calls and texts. What was decided is parsed once for all that were decided alike: most of them."""

    known: dict[bytes, Decided | None] = attrs.field(factory=dict)

    def read(self, row: Cut) -> Recorded | Unusable:
        """Read *row*, which holds by itself; raise `ValueError` when it is not JSON."""
        private = _private(row)
        if private is None or "from" not in private:
            return "erased"
        found = _stretches(row.public)
        if found is None:
            public = json.loads(row.public.decode())
            decided, received = _decided(public), public.get("received_at")
        else:
            text, received = found
            decided = self._known(text)
        if decided is None:
            return "unusual"
        make = _call if row.kind == b"call" else _text
        return Recorded(int(datetime.fromisoformat(received).timestamp()), make(private, decided.provider), decided)

    def _known(self, text: bytes) -> Decided | None:
        """Return what the stretches say, from memory if possible."""
        if text in self.known:
            return self.known[text]
        if len(self.known) >= REMEMBERED:
            self.known.clear()
        decided = self.known[text] = _decided(json.loads(b"{%b}" % text))
        return decided


def _stretches(public: bytes) -> tuple[bytes, str] | None:
    """Cut out what was decided, as fields between commas, and when the event was received; None when not all is there."""
    pieces = []
    end = 0
    for field, following in _STRETCHES:
        begin = public.find(field, end)
        end = public.find(following, begin)
        if begin < 0 or end < 0:
            return None
        pieces.append(public[begin + 1 : end])
        if following == b',"received_at":':
            received = public[end + _RECEIVED : end + _RECEIVED + _MOMENT].decode()
    return b",".join(pieces), received


def _decided(public: Json) -> Decided | None:
    """Return what the fields of a public part say was decided; None when it was not decided by rules."""
    if "asked" not in public or public.get("layer") == "failsafe":
        return None
    asked = {question: bool(said) for question, said in public["asked"]}
    return Decided(public["number"], public["provider"], asked, public["rule"], public["plan"])


def _private(row: Cut) -> Json | None:
    """Return the private part, of a call without what is longest in it: the answer, and the state of its phones."""
    private = row.private
    if row.kind == b"call":
        begin = private.find(b',"call_id":')
        end = private.find(b',"state":{', begin)
        again = private.rfind(b',"to":')
        if 0 <= begin < end < again:
            private = b"{" + private[begin + 1 : end] + private[again:]
    found: Json | None = json.loads(private.decode())
    return found


def _call(private: Json, provider: str) -> IncomingCall:
    return IncomingCall(
        provider=provider,
        account="",
        id="",
        to=private["to"],
        caller=private["from"],
        diversions=tuple([Diversion(*hop) for hop in private.get("diversions", ())]),
        verified=private.get("verified"),
    )


def _text(private: Json, provider: str) -> IncomingText:
    return IncomingText(
        provider=provider,
        account="",
        id="",
        to=private["to"],
        caller=private["from"],
        text=private.get("text", ""),
        opt_out=private.get("opt_out"),
    )
