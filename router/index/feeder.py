"""The one thread that writes the index, a batch at a time, behind the journal."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

import attrs
import structlog

from router.index.database import MisfitError, apply, connect, is_broken, position, set_aside
from router.index.fingerprint import Fingerprint
from router.index.project import project
from router.index.sieve import Sieve
from router.journal.api import Placed
from router.journal.files import record_at, records
from router.journal.record import START, Point

log = structlog.get_logger("router.index")

BATCH = 1000
WAITING = 20_000
"""Rows kept in memory for an index that cannot be written; beyond that they are read from the journal again."""


def open_index(path: Path, journal: Path, fingerprint: Fingerprint) -> tuple[sqlite3.Connection, Point, str | None]:
    """
    Open the index at *path* for writing, and say up to where it is.

    One that is damaged, of another version, or not of this journal is set aside and begun anew; the third value says why.
    Raises `sqlite3.Error` when it is locked or the disk refuses.
    """
    try:
        database = connect(path)
        try:
            at = position(database, fingerprint.check())
            if not _fits(database, journal, at):
                raise MisfitError("the journal has another record where it ends")
        except BaseException:
            database.close()
            raise
    except MisfitError as error:
        reason = str(error)
    except sqlite3.Error as error:
        if not is_broken(error):
            raise
        reason = f"it is damaged ({error})"
    else:
        return database, at, None
    set_aside(path)
    database = connect(path)
    return database, START, reason


def _fits(database: sqlite3.Connection, journal: Path, at: Point) -> bool:
    """Say whether the record the index ends with is the one that stands in the journal."""
    if at == START:
        return True
    place = database.execute("SELECT segment, place, length FROM record WHERE seq = ?", (at.seq,)).fetchone()
    record = record_at(journal, *place) if place else None
    return record is not None and record.hash == at.hash


def catch_up(
    database: sqlite3.Connection, rows: Iterator[Placed], fingerprint: Fingerprint, sieve: Sieve | None = None
) -> Iterator[Point]:
    """Apply *rows* batch by batch, their keys to *sieve* as well; yields the position after each."""
    while batch := list(islice(rows, BATCH)):
        done = project(batch, fingerprint)
        if sieve is not None:
            sieve.add(done.keys())
        apply(database, done, fingerprint.check())
        yield done.last


@attrs.define(eq=False)
class Feeder:
    """
    Applies what it is fed, in order. What is missing in between, after a start or a long illness, it reads from the journal.

    *gather*: seconds to wait for more rows, since a larger transaction costs less a row. *retry*: seconds between attempts
    while the database refuses.
    """

    path: Path
    journal: Path
    fingerprint: Fingerprint
    durable: int
    gather: float = 0.1
    retry: float = 1.0
    seconds: Callable[[], float] = time.monotonic
    sieve: Sieve = attrs.field(factory=Sieve, init=False)
    up: bool = attrs.field(default=True, init=False)
    at: Point = attrs.field(default=START, init=False)
    _database: sqlite3.Connection | None = attrs.field(default=None, init=False)
    _waiting: list[Placed] = attrs.field(factory=list, init=False)
    _since: float | None = attrs.field(default=None, init=False)
    _wake: threading.Event = attrs.field(factory=threading.Event, init=False)
    _stop: threading.Event = attrs.field(factory=threading.Event, init=False)
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False)
    _thread: threading.Thread = attrs.field(init=False)

    def open(self) -> str | None:
        """Open the database before the thread runs; returns why it is begun anew, if it is. A refusal is met by trying again."""
        try:
            self._database, self.at, reason = open_index(self.path, self.journal, self.fingerprint)
        except sqlite3.Error as error:
            self.up = False
            return f"it cannot be opened ({error})"
        return f"it is rebuilt: {reason}" if reason else None

    def start(self) -> None:
        """Begin to write, first what the journal has beyond the position."""
        self._thread = threading.Thread(target=self._loop, name="index", daemon=True)
        self._thread.start()
        self._wake.set()

    def feed(self, rows: Sequence[Placed]) -> None:
        """Take in durable records."""
        with self._lock:
            self.durable = rows[-1].record.seq
            if self._since is None:
                self._since = self.seconds()
            if len(self._waiting) < WAITING:
                self._waiting.extend(rows)
        self._wake.set()

    def lag(self) -> float:
        """Return for how long the oldest row has been waiting."""
        since = self._since
        return 0.0 if since is None else max(0.0, self.seconds() - since)

    def close(self) -> None:
        """Apply what is waiting, and end."""
        self._stop.set()
        self._wake.set()
        self._thread.join(timeout=5.0)

    def _loop(self) -> None:
        while not self._stop.is_set():
            self._wake.wait(None if self.up else self.retry)
            self._stop.wait(self.gather)
            self._wake.clear()
            self._round()
        self._round()  # what was fed while the last one ran
        if self._database:
            self._database.close()

    def _round(self) -> None:
        """Apply everything that is there."""
        try:
            self._apply_all()
        except sqlite3.Error as error:
            self._refused(error)
        except Exception:  # the thread must not end: the daemon would never hear of it
            log.exception("index.failed", position=self.at.seq)
            self.up = False
        else:
            if not self.up:
                log.info("index.up", position=self.at.seq)
            self.up = True

    def _apply_all(self) -> None:
        with self._lock:
            rows, self._waiting, durable = self._waiting, [], self.durable
        if self._database is None:
            self._database, self.at, reason = open_index(self.path, self.journal, self.fingerprint)
            if reason:
                log.warning("index.rebuilt", reason=reason)
        if not self.sieve.ready:
            self.sieve.fill(self._database)
        rows = [placed for placed in rows if placed.record.seq > self.at.seq]
        behind = durable > self.at.seq and (not rows or rows[0].record.seq != self.at.seq + 1)
        source = records(self.journal, after=self.at.seq) if behind else iter(rows)
        for at in catch_up(self._database, _until(durable, source), self.fingerprint, self.sieve):
            self.at = at
            if behind and self._stop.is_set():  # the rest is there at the next start
                break
        with self._lock:
            if not self._waiting and self.at.seq >= durable:
                self._since = None

    def _refused(self, error: sqlite3.Error) -> None:
        """Let go of a database that refuses; the next round opens it again, or begins anew if it is damaged."""
        if self.up:
            log.warning("index.down", reason=str(error), position=self.at.seq)
        self.up = False
        if self._database:
            with suppress(sqlite3.Error):
                self._database.close()
        if self._database and is_broken(error):
            set_aside(self.path)
        self._database = None


def _until(last: int, rows: Iterator[Placed]) -> Iterator[Placed]:
    """Return *rows* up to seq *last*: what stands behind it in the journal may not be durable yet."""
    for placed in rows:
        if placed.record.seq > last:
            break
        yield placed
