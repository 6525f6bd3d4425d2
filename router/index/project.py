"""What a record leaves in the index: pure, from records to the rows of each table."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import attrs

from router.clock import epoch
from router.index.fingerprint import of_key
from router.journal.api import Placed
from router.journal.record import Point, Record

HELD = "hold"
"""The effect that waits for a door to open; every other one only waits for the sender."""


class OutboxRow(NamedTuple):
    """A text on its way: *state* `waiting` or `held`, *people* and *target* by name, *since* and *release_at* ISO in UTC."""

    key: str
    seq: int
    id: str
    state: str
    kind: str
    people: str
    target: str | None
    number: str | None
    since: str
    release_at: str | None


@attrs.frozen
class Rows:
    """What a batch of records changes. In `live` and `consent` the last word counts, so each key stands there once."""

    last: Point
    newest: int
    record: list[tuple[Any, ...]]
    live: dict[str, tuple[int, int, bool]]
    outbox: list[OutboxRow]
    consent: dict[tuple[str, int], tuple[bool, int]]
    reply: list[tuple[int, str, int]]

    def keys(self) -> Iterator[int]:
        """Yield the keys of the events among the records."""
        return (row[4] for row in self.record if row[4] is not None)


def project(batch: Sequence[Placed], fingerprint: Callable[[str], int]) -> Rows:
    """Project *batch*, which is not empty and in order."""
    last = batch[-1].record
    rows = Rows(Point(last.seq, last.hash), microseconds(last.at), [], {}, [], {}, [])
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
        rows.outbox.extend(outbox_rows(record))
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


def outbox_rows(record: Record) -> list[OutboxRow]:
    """Return what *record* puts on its way."""
    return [
        OutboxRow(
            key=effect["key"],
            seq=record.seq,
            id=record.public["id"],
            state="held" if effect["kind"] == HELD else "waiting",
            kind=effect["kind"],
            people=json.dumps(effect.get("people") or [], ensure_ascii=False),
            target=effect.get("target"),
            number=effect.get("number") or record.public.get("number"),
            since=record.at,
            release_at=effect.get("release_at"),
        )
        for effect in (record.private or {}).get("outbox") or []
    ]


def _follow_call(rows: Rows, record: Record, private: dict[str, Any], at: int) -> None:
    call = record.public.get("id")
    if call and (record.kind == "ended" or private.get("state") is not None):
        known = rows.live.get(call)
        rows.live[call] = (record.seq, at, over(record) or (known is not None and known[2]))


def _follow_text(rows: Rows, record: Record, private: dict[str, Any], at: int, caller: int) -> None:
    number, rule = record.public["number"], record.public.get("rule")
    if rule in ("safety:stop", "safety:start"):
        rows.consent[number, caller] = (rule == "safety:stop", record.seq)
    elif private.get("replies"):
        rows.reply.append((at, number, caller))
