"""The tables of the outbox: what must be sent and how far it is, written from records and read back."""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import attrs

from router.clock import epoch, iso
from router.index.fingerprint import of_key
from router.journal.files import record_at
from router.journal.record import Record
from router.outbox.course import Course, follow
from router.outbox.ledger import KINDS, MOVES, Effect, Entry, effects_of, entries_of

KEEP = 30 * 86_400_000_000
"""Microseconds for which what is done and finished is known: receipts come late, and nothing must be done a second time."""

_EFFECT = "key, id, seq, kind, people, target, number, since, release_at"
_ENTRY = "message.queued, message.place, line, last, course, record.segment, record.place, record.length"
_OPEN = "('waiting', 'sending', 'unknown')"
_SHOWN = "('waiting', 'sending', 'unknown', 'dead', 'failed')"


def concerns(record: Record) -> bool:
    """Say whether *record* changes these tables."""
    return record.kind in KINDS or bool((record.private or {}).get("outbox"))


# ---------------------------------------------------------------- writing


def write(database: sqlite3.Connection, records: Iterable[Record], newest: int) -> None:
    """Apply *records* in order, and forget what is old at *newest* (microseconds); within the caller's transaction."""
    for record in records:
        for effect in effects_of(record):
            row = attrs.asdict(effect) | {"id": effect.about, "people": json.dumps(effect.people, ensure_ascii=False)}
            _expect(database, row, done=None)
        if record.kind == "queued":
            _queue(database, record)
        elif record.kind == "held":
            held = (record.public["release_at"], record.public["effect"])
            database.execute("UPDATE effect SET release_at = ? WHERE key = ? AND done IS NULL", held)
        elif record.kind in MOVES:
            _move(database, record)
    database.execute(
        f"DELETE FROM message WHERE at < ? AND phase NOT IN {_OPEN}",  # noqa: S608  our own words
        (newest - KEEP,),
    )
    database.execute("DELETE FROM effect WHERE done IS NOT NULL AND since < ?", (iso((newest - KEEP) / 1_000_000),))


def _expect(database: sqlite3.Connection, row: dict[str, Any], done: int | None) -> None:
    database.execute(
        f"INSERT INTO effect ({_EFFECT}, done)"  # noqa: S608  our own words
        " VALUES (:key, :id, :seq, :kind, :people, :target, :number, :since, :release_at, :done)"
        " ON CONFLICT (key) DO UPDATE SET done = coalesce(excluded.done, done)",
        row | {"done": done},
    )


def _queue(database: sqlite3.Connection, record: Record) -> None:
    """Note that an effect is done, also one nobody announced, and the messages made of it."""
    public = record.public
    nothing = dict.fromkeys(("target", "number", "release_at"))
    own = {
        "key": public["effect"],
        "id": public["id"],
        "seq": record.seq,
        "kind": "own",
        "people": "[]",
        "since": record.at,
    }
    _expect(database, nothing | own, done=record.seq)
    database.executemany(
        "INSERT OR IGNORE INTO message VALUES (?,?,?,?,?,?,?,?,NULL)",
        [
            (
                entry.message.key,
                *entry.order,  # the record, and which of it
                record.seq,
                record.seq,
                _microseconds(record),
                entry.course.phase,
                _written(entry.course),
            )
            for entry in entries_of(record)
        ],
    )


def _move(database: sqlite3.Connection, record: Record) -> None:
    key = record.public.get("message")
    found = database.execute("SELECT phase, course, line, reference FROM message WHERE key = ?", (key,)).fetchone()
    if found is None:
        return
    phase, course, line, reference = found
    moved = follow(Course(**json.loads(course)), record.kind, record.public, epoch(record.at))
    if moved.phase == "waiting" and phase not in ("waiting", "sending", "unknown"):
        line = record.seq
    if record.kind == "sent" and (given := (record.private or {}).get("reference")):
        reference = of_key(given)
    database.execute(
        "UPDATE message SET line = ?, last = ?, at = ?, phase = ?, course = ?, reference = ? WHERE key = ?",
        (line, record.seq, _microseconds(record), moved.phase, _written(moved), reference, key),
    )


def _written(course: Course) -> str:
    return json.dumps(attrs.asdict(course), ensure_ascii=False)


def _microseconds(record: Record) -> int:
    return round(epoch(record.at) * 1_000_000)


# ---------------------------------------------------------------- reading


@attrs.frozen(eq=False)
class Sends:
    """
    What the tables say, as `router.outbox.api.Index` has it.

    *ask* answers a question in SQL, with nothing when there is no database; words and recipients are read from the *journal*.
    """

    ask: Callable[..., list[Any]]
    journal: Path
    position: Callable[[], int]

    def record(self, seq: int) -> Record | None:
        """Return record *seq*."""
        found = self.ask("SELECT segment, place, length FROM record WHERE seq = ?", seq)
        return record_at(self.journal, *found[0]) if found else None

    def effects(self) -> list[Effect]:
        """Return what is not turned into messages yet, oldest first."""
        rows = self.ask(f"SELECT {_EFFECT} FROM effect WHERE done IS NULL ORDER BY seq, key")  # noqa: S608  our own words
        return [_effect(*row) for row in rows]

    def effect_done(self, key: str) -> bool:
        """Say whether the effect *key* has been turned into messages."""
        return bool(self.ask("SELECT 1 FROM effect WHERE key = ? AND done IS NOT NULL", key))

    def unfinished(self) -> list[Entry]:
        """Return the messages on their way, in the order of their lanes."""
        return list(self._entries(f"phase IN {_OPEN} ORDER BY line, message.place"))

    def shown(self) -> list[Entry]:
        """Return those, and what was given up or not delivered."""
        return list(self._entries(f"phase IN {_SHOWN} ORDER BY line, message.place"))

    def message(self, key: str) -> Entry | None:
        """Return a message, finished or not."""
        return next(self._entries("message.key = ?", key), None)

    def sent_as(self, via: str, reference: str) -> Entry | None:
        """Return the message the provider *via* knows as *reference*."""
        found = self._entries("reference = ?", of_key(reference))
        return next((entry for entry in found if entry.message.via == via), None)

    def dead(self) -> int:
        """Return how many messages were given up and not dealt with."""
        found = self.ask("SELECT count(*) FROM message WHERE phase = 'dead'")
        return int(found[0][0]) if found else 0

    def _entries(self, where: str, *values: object) -> Iterator[Entry]:
        """Yield messages, with their words from the journal; those whose words are gone for good are passed over."""
        sql = f"SELECT {_ENTRY} FROM message JOIN record ON record.seq = message.queued WHERE {where}"  # noqa: S608
        for queued, place, line, last, course, *where_it_is in self.ask(sql, *values):
            record = record_at(self.journal, *where_it_is)
            entries = entries_of(record) if record is not None else []
            if place < len(entries):
                order = entries[place].order if line == queued else (line, 0)
                yield attrs.evolve(entries[place], course=Course(**json.loads(course)), order=order, last=last)


def _effect(  # noqa: PLR0913, RUF100  a row
    key: str,
    about: str,
    seq: int,
    kind: str,
    people: str,
    target: str | None,
    number: str | None,
    since: str,
    release_at: str | None,
) -> Effect:
    return Effect(
        key=key,
        about=about,
        seq=seq,
        kind=kind,
        people=tuple(json.loads(people)),
        target=target,
        number=number,
        since=since,
        release_at=release_at,
    )
