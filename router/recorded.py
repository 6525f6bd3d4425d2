"""
What replaying needs of a recorded call or text, found in its row without parsing the rest of it.

A row's parts are canonical JSON: the fields stand in the order of their names, so a stretch of them can be cut out as text,
and `,"name":` is always a field, for in a text its quotes would have backslashes. Where one of the fields is missing the whole
part is parsed: slower, never different.
"""

from datetime import datetime
from typing import Any, Literal, NamedTuple

import attrs
import orjson

from router.journal.record import Cut
from rules.event import Diversion, IncomingCall, IncomingText

Json = dict[str, Any]

REMEMBERED = 10_000
"""How many different decisions are kept parsed, at a few kilobytes each."""

END = b""
Stretches = tuple[tuple[bytes, bytes], ...]
"""Which stretches of a part are wanted, in their order: each the field it begins with, and the field behind it, or END."""

_DECIDED: Stretches = (
    (b',"asked":', b',"caller_class":'),
    (b',"layer":', b',"next_open":'),
    (b',"number":', b',"received_at":"'),
    (b',"rule":', b',"ruleset":'),
)
_EVENT: dict[bytes, Stretches] = {
    b"call": ((b',"diversions":', b',"salt":'), (b',"to":', END)),
    b"text": ((b',"from":', b',"media":'), (b',"opt_out":', b',"outbox":'), (b',"text":', END)),
}
"""Of a call neither the answer nor the state of its phones: they are the longest part of its record."""

_RECEIVED = b',"received_at":"'
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
        text = _cut_out(row.public, _DECIDED)
        if text is None:
            public = orjson.loads(row.public)
            decided, received = _decided(public), public.get("received_at")
        else:
            decided = self._known(text)
            begin = row.public.index(_RECEIVED) + len(_RECEIVED)
            received = row.public[begin : begin + _MOMENT].decode()
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
        decided = self.known[text] = _decided(orjson.loads(text))
        return decided


def _cut_out(part: bytes, wanted: Stretches) -> bytes | None:
    """Cut the *wanted* stretches out of a part, as an object; None when one is not there."""
    pieces = []
    end = 0
    for field, following in wanted:
        if following is END:
            begin, end = part.rfind(field, end), len(part) - 1
        else:
            begin = part.find(field, end)
            end = part.find(following, begin)
        if begin < 0 or end < 0:
            return None
        pieces.append(part[begin + 1 : end])
    return b"{%b}" % b",".join(pieces)


def _decided(public: Json) -> Decided | None:
    """Return what the fields of a public part say was decided; None when it was not decided by rules."""
    if "asked" not in public or public.get("layer") == "failsafe":
        return None
    asked = {question: bool(said) for question, said in public["asked"]}
    return Decided(public["number"], public["provider"], asked, public["rule"], public["plan"])


def _private(row: Cut) -> Json | None:
    """Return the private part, or what is needed of it."""
    found: Json | None = orjson.loads(_cut_out(row.private, _EVENT[row.kind]) or row.private)
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
