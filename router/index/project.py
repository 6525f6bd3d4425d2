"""What a record leaves in the index: pure, from records to the rows of each table."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import attrs

from router.clock import epoch
from router.index.fingerprint import of_key
from router.index.outbox import concerns
from router.journal.api import Placed
from router.journal.record import Point, Record


@attrs.frozen
class Rows:
    """
    What a batch of records changes.

    In `live`, `consent`, `override` and `conversation` the last word counts, so each key stands there once; what is switched off
    has no seq.
    """

    last: Point
    newest: int
    record: list[tuple[Any, ...]]
    live: dict[str, tuple[int, int, bool]]
    outbox: list[Record]
    consent: dict[tuple[str, int], tuple[bool, int]]
    reply: list[tuple[int, str, int]]
    override: dict[str, int | None]
    conversation: dict[str, tuple[int, int]]
    spoke: dict[tuple[str, int], tuple[str, int]]

    def keys(self) -> Iterator[int]:
        """Yield the keys of the events among the records."""
        return (row[4] for row in self.record if row[4] is not None)


def project(batch: Sequence[Placed], fingerprint: Callable[[str], int]) -> Rows:
    """Project *batch*, which is not empty and in order."""
    last = batch[-1].record
    rows = Rows(Point(last.seq, last.hash), microseconds(last.at), [], {}, [], {}, [], {}, {}, {})
    for record, segment, offset, length in batch:
        public, private = record.public, record.private or {}
        at, key, caller = microseconds(record.at), public.get("key"), None
        if private.get("from"):  # reports about a call may say it too; `audit list --caller` shows all that do
            caller = fingerprint(private["from"])
        rows.record.append(
            (
                record.seq,
                at,
                record.kind,
                public.get("id"),
                of_key(key) if key else None,
                public.get("number"),
                public.get("rule"),
                caller,
                segment,
                offset,
                length,
            )
        )
        _follow_call(rows, record, private, at)
        if caller is not None and public.get("number"):
            _follow_talk(rows, record, caller, at)
        if concerns(record):
            rows.outbox.append(record)
        _follow_consent(rows, record, private, fingerprint)
        for conversation in public.get("conversations") or ():
            rows.conversation[conversation["id"]] = (record.seq, at)
        if record.kind == "override":
            _follow_override(rows, record)
        if record.kind == "text" and caller is not None and public.get("number"):
            _follow_text(rows, record, private, at, caller)
    return rows


def microseconds(at: str) -> int:
    """Turn a record's `at` into whole microseconds since 1970."""
    return round(epoch(at) * 1_000_000)


def over(record: Record) -> bool:
    """Say whether *record* is the last word about its call: the provider says it ended, or its state has an outcome."""
    state = (record.private or {}).get("state")
    return record.kind == "ended" or (state is not None and state.get("outcome") is not None)


def _follow_call(rows: Rows, record: Record, private: dict[str, Any], at: int) -> None:
    call = record.public.get("id")
    if call and (record.kind == "ended" or private.get("state") is not None):
        known = rows.live.get(call)
        rows.live[call] = (record.seq, at, over(record) or (known is not None and known[2]))


def _follow_override(rows: Rows, record: Record) -> None:
    """Take up what is switched on; what a calendar says is told again by whoever reads it."""
    action = record.public.get("action")
    if action in ("set", "remind"):
        rows.override[record.public["id"]] = record.seq
    elif action in ("cancel", "end"):
        rows.override[record.public["id"]] = None


def _follow_talk(rows: Rows, record: Record, caller: int, at: int) -> None:
    """Take up who took a call, and that a caller whom nobody answered is texted by itself."""
    if any(effect["kind"] == "text-back" for effect in (record.private or {}).get("outbox") or ()):
        rows.reply.append((at, record.public["number"], caller))
    outcome = record.public.get("outcome")
    if isinstance(outcome, str) and outcome.startswith("answered by "):
        rows.spoke[record.public["number"], caller] = (outcome.removeprefix("answered by "), at)


def _follow_text(rows: Rows, record: Record, private: dict[str, Any], at: int, caller: int) -> None:
    number, rule = record.public["number"], record.public.get("rule")
    if rule in ("safety:stop", "safety:start"):
        rows.consent[number, caller] = (rule == "safety:stop", record.seq)
    elif private.get("replies"):
        rows.reply.append((at, number, caller))


def _follow_consent(rows: Rows, record: Record, private: dict[str, Any], fingerprint: Callable[[str], int]) -> None:
    """Take in that a provider said, when we wrote, that somebody wants no texts."""
    number, to = record.public.get("number"), private.get("to")
    if record.public.get("opted_out") and number and to:
        rows.consent[number, fingerprint(to)] = (True, record.seq)
