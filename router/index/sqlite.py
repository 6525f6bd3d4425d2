"""The index in SQLite: a process beside the daemon writes it, the reactor reads through a connection that cannot write."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import attrs

from router.index.database import DAY, KEEP_CALLS, reading
from router.index.fingerprint import Fingerprint, of_key
from router.index.keeper import Keeper
from router.index.outbox import Sends
from router.journal.files import record_at
from router.journal.record import Record

PLACE = "segment, place, length"


@attrs.define(eq=False)
class Reader:
    """Point look-ups. A database that cannot be read answers as if it were empty, and is opened again for the next question."""

    path: Path
    journal: Path
    fingerprint: Fingerprint
    _database: sqlite3.Connection | None = attrs.field(default=None, init=False)
    _inode: int = attrs.field(default=0, init=False)

    def find(self, key: str) -> Record | None:
        """Return the newest record of the event with *key*: a fail-safe document that went out instead has one of its own."""
        found = self._records(f"SELECT {PLACE} FROM record WHERE key = ? ORDER BY seq DESC", of_key(key))  # noqa: S608
        return next((record for record in found if record.public.get("key") == key), None)

    def about(self, call: str) -> list[Record]:
        """Return every record about a call or text by its id."""
        return list(self._records(f"SELECT {PLACE} FROM record WHERE id = ? ORDER BY seq", call))  # noqa: S608

    def live_calls(self) -> list[Record]:
        """Return the last record with a state of every call that is not over."""
        live = (
            "SELECT record.segment, record.place, record.length FROM live JOIN record USING (seq)"
            " WHERE over = 0 AND live.at >= (SELECT max(at) FROM live) - ? ORDER BY seq"
        )
        return list(self._records(live, KEEP_CALLS))

    def opted_out(self) -> frozenset[tuple[str, int]]:
        """Return who wants no texts."""
        return frozenset(self.ask("SELECT number, caller FROM consent WHERE stopped = 1"))

    def replies(self) -> list[tuple[int, str, int]]:
        """Return the automatic replies of the last 24 hours before the newest."""
        return self.ask(
            "SELECT at, number, caller FROM reply WHERE at >= (SELECT max(at) FROM reply) - ? ORDER BY at", DAY
        )

    def spoke(self) -> list[tuple[int, str, int, str]]:
        """Return who spoke with whom last within the 24 hours before the newest, oldest first."""
        return self.ask("SELECT at, number, caller, person FROM spoke ORDER BY at")

    def overrides(self) -> list[Record]:
        """Return the last record of everything that is switched on, oldest first."""
        standing = "SELECT segment, place, length FROM override JOIN record USING (seq) ORDER BY seq"
        return list(self._records(standing))

    def conversations(self) -> list[Record]:
        """Return the last record about every conversation of the last weeks, oldest first."""
        last = "SELECT segment, place, length FROM record WHERE seq IN (SELECT seq FROM conversation) ORDER BY seq"
        return list(self._records(last))

    def ask(self, question: str, *values: object) -> list[Any]:
        """Answer in SQL; nothing when the database cannot be read."""
        try:
            return self._open().execute(question, values).fetchall()
        except (sqlite3.Error, FileNotFoundError):
            self.close()
            return []

    def _open(self) -> sqlite3.Connection:
        """Return a connection to the file that has the name now: a damaged one may have been set aside."""
        inode = self.path.stat().st_ino
        if self._database is None or inode != self._inode:
            self.close()
            self._database, self._inode = reading(self.path), inode
        return self._database

    def close(self) -> None:
        """Let go of the database."""
        database, self._database = self._database, None
        if database:
            database.close()

    def _records(self, question: str, *values: object) -> Iterable[Record]:
        for segment, place, length in self.ask(question, *values):
            if record := record_at(self.journal, segment, place, length):
                yield record


@attrs.define(eq=False)
class SqliteIndex:
    """The index of a running daemon."""

    reader: Reader
    keeper: Keeper

    @property
    def up(self) -> bool:
        """Whether the last write went well."""
        return self.keeper.up

    def lag(self) -> float:
        """Return the seconds the oldest record not yet applied has been waiting."""
        return self.keeper.lag()

    def position(self) -> int:
        """Return the seq up to which everything is applied."""
        return self.keeper.position

    def follow(self, seq: int) -> None:
        """Take in the journal up to *seq*, which is durable; returns at once."""
        self.keeper.follow(seq)

    def find(self, key: str) -> Record | None:
        """Return the newest record of the event with *key*, with the answer that was given."""
        sieve = self.keeper.sieve
        return None if sieve is not None and sieve.lacks(of_key(key)) else self.reader.find(key)

    def about(self, call: str) -> list[Record]:
        """Return every record about a call or text by its id, oldest first."""
        return self.reader.about(call)

    def live_calls(self) -> list[Record]:
        """Return the last record with a state of every call that is not over."""
        return self.reader.live_calls()

    def opted_out(self) -> frozenset[tuple[str, int]]:
        """Return who wants no texts, as pairs of number name and fingerprint."""
        return self.reader.opted_out()

    def replies(self) -> list[tuple[int, str, int]]:
        """Return the automatic replies of the last 24 hours."""
        return self.reader.replies()

    def fingerprint(self, number: str) -> int:
        """Return how a caller's number is known here."""
        return self.reader.fingerprint(number)

    @property
    def outbox(self) -> Sends:
        """What must be sent."""
        return Sends(self.reader.ask, self.reader.journal, self.position)

    def spoke(self) -> list[tuple[int, str, int, str]]:
        """Return who spoke with whom last within 24 hours, oldest first."""
        return self.reader.spoke()

    def overrides(self) -> list[Record]:
        """Return the last record of everything that is switched on, oldest first."""
        return self.reader.overrides()

    def conversations(self) -> list[Record]:
        """Return the last record about every conversation of the last weeks, oldest first."""
        return self.reader.conversations()

    def close(self) -> None:
        """Apply what is waiting, and let go of the database; the writer last, for it then leaves one file."""
        self.reader.close()
        self.keeper.close()
