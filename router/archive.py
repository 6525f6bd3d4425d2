"""
The state folder as commands read it, whether the daemon runs or not: the index where it helps, the journal for the rest.

An index that is missing, behind or damaged makes a command slower, never its answer smaller.
"""

import fcntl
import os
import sqlite3
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TypeVar

import attrs

from router.index.database import is_index, reading
from router.index.fingerprint import KEY, Fingerprint, plain
from router.index.outbox import Sends
from router.index.project import microseconds
from router.journal.files import record_at, records
from router.journal.record import Record
from router.outbox.ledger import MOVES, Entry, Ledger

_T = TypeVar("_T")


@attrs.frozen(kw_only=True)
class Filter:
    """
    Which records are wanted; None: all.

    *since* (inclusive) and *until* (exclusive) are ISO in UTC. *number* is one of ours by name or as it was called, *rule* may
    hold `*`.
    """

    since: str = ""
    until: str | None = None
    kinds: frozenset[str] = frozenset()
    number: str | None = None
    caller: str | None = None
    rule: str | None = None

    def admits(self, record: Record) -> bool:
        """Say whether *record* is wanted."""
        private = record.private or {}
        return (
            record.at >= self.since
            and (self.until is None or record.at < self.until)
            and (not self.kinds or record.kind in self.kinds)
            and self.number in (None, record.public.get("number"), private.get("to"))
            and (self.caller is None or plain(self.caller) == plain(private.get("from") or ""))
            and (self.rule is None or fnmatchcase(record.public.get("rule") or "", self.rule))
        )


@attrs.define
class Archive:
    """What lies in the *state* folder."""

    state: Path

    @property
    def journal(self) -> Path:
        """The journal's folder."""
        return self.state / "journal"

    @property
    def index(self) -> Path:
        """The index file."""
        return self.state / "index.db"

    def select(self, wanted: Filter, limit: int | None = None) -> Iterator[Record]:
        """Return the records that are *wanted*, oldest first; with *limit* the newest so many."""
        if limit is not None or wanted.caller:
            found = self._indexed(lambda index, position: self._search(index, position, wanted, limit))
            if found is not None:
                return iter(found)
        every = self._admitted(wanted, after=0)
        return every if limit is None else iter(deque(every, maxlen=limit))

    def about(self, name: str) -> list[Record]:
        """Return every record about a call or text: by its id, else by the provider's id of the event, else by its seq."""
        if found := self._of_call(name):
            return found
        for placed in records(self.journal):
            record = placed.record
            if name in (record.public.get("event_id"), str(record.seq)):
                call = record.public.get("id")
                return self._of_call(call) if call else [record]
        return []

    def outbox(self) -> Ledger:
        """Return what must be sent and is not yet, and what was given up."""

        def known(index: sqlite3.Connection, position: int) -> Ledger:
            tables = Sends(lambda sql, *values: index.execute(sql, values).fetchall(), self.journal, lambda: position)
            ledger = Ledger()
            for effect in tables.effects():
                ledger.expect(effect)
            ledger.entries.update({entry.message.key: entry for entry in tables.shown()})
            return self._followed(ledger, position, tables.message)

        found = self._indexed(known)
        return self._followed(Ledger(), 0, lambda _key: None) if found is None else found

    def running(self) -> bool:
        """Say whether a daemon holds the lock of the folder."""
        try:
            descriptor = os.open(self.state / "lock", os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False

    def _admitted(self, wanted: Filter, after: int) -> Iterator[Record]:
        """Read the wanted records beyond seq *after* from the journal."""
        every = (placed.record for placed in records(self.journal, after=after, since=wanted.since))
        return (record for record in every if wanted.admits(record))

    def _followed(self, ledger: Ledger, after: int, recall: Callable[[str], Entry | None]) -> Ledger:
        """Let *ledger* follow the journal beyond seq *after*; a message it has let go of is recalled."""
        for placed in records(self.journal, after=after):
            record = placed.record
            key = record.public.get("message")
            if record.kind in MOVES and key is not None and key not in ledger.entries and (entry := recall(key)):
                ledger.entries[key] = entry
            ledger.follow(record)
        return ledger

    def _of_call(self, name: str) -> list[Record]:
        def known(index: sqlite3.Connection, position: int) -> list[Record]:
            rows = index.execute("SELECT segment, place, length FROM record WHERE id = ? ORDER BY seq", (name,))
            return [*self._read(rows), *self._about(name, after=position)]

        found = self._indexed(known)
        return self._about(name, after=0) if found is None else found

    def _about(self, name: str, after: int) -> list[Record]:
        every = (placed.record for placed in records(self.journal, after=after))
        return [record for record in every if record.public.get("id") == name]

    def _search(self, index: sqlite3.Connection, position: int, wanted: Filter, limit: int | None) -> list[Record]:
        """Find the wanted records, what the index has not seen from the journal, the rest through the index."""
        newer = deque(self._admitted(wanted, after=position), maxlen=limit)
        older: list[Record] = []
        sql, values = self._question(wanted, position)
        for record in self._read(index.execute(sql, values)):
            if limit is not None and len(older) + len(newer) >= limit:
                break
            if wanted.admits(record):
                older.append(record)
        return [*reversed(older), *newer]

    def _question(self, wanted: Filter, position: int) -> tuple[str, list[object]]:
        """Ask for at least the wanted records up to *position*, newest first; `Filter.admits` has the last word."""
        terms: list[tuple[str, object]] = [("seq <= ?", position)]
        if wanted.since:
            terms.append(("at >= ?", microseconds(wanted.since)))
        if wanted.until:
            terms.append(("at < ?", microseconds(wanted.until)))
        if wanted.caller:
            terms.append(("caller = ?", self._fingerprint()(wanted.caller)))
        if wanted.rule and "*" not in wanted.rule:
            terms.append(("rule = ?", wanted.rule))
        where = " AND ".join(term for term, _ in terms)
        sql = f"SELECT segment, place, length FROM record WHERE {where} ORDER BY seq DESC"  # noqa: S608  our own words
        return sql, [value for _, value in terms]

    def _read(self, places: Iterable[tuple[int, int, int]]) -> Iterator[Record]:
        for segment, place, length in places:
            if record := record_at(self.journal, segment, place, length):
                yield record

    def _fingerprint(self) -> Fingerprint:
        return Fingerprint((self.state / KEY).read_bytes())

    def _indexed(self, ask: Callable[[sqlite3.Connection, int], _T]) -> _T | None:
        """Ask the index, telling up to which seq it goes; None when it is missing, damaged, or not of this journal."""
        if not self.index.exists() or not is_index(self.index):
            return None
        try:
            with closing(reading(self.index)) as index:
                position = self._position(index)
                return ask(index, position) if position else None
        except (sqlite3.Error, FileNotFoundError):
            return None

    def _position(self, index: sqlite3.Connection) -> int:
        found = index.execute(
            "SELECT position.seq, position.hash, fingerprint, segment, place, length"
            " FROM position JOIN record ON record.seq = position.seq"
        ).fetchone()
        if found is None:
            return 0
        record = record_at(self.journal, *found[3:])
        fits = record is not None and record.hash == found[1] and found[2] == self._fingerprint().check()
        return int(found[0]) if fits else 0
