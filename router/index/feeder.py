"""What writes the index, a batch at a time, from the journal."""

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path

import attrs

from router.index.database import MisfitError, apply, connect, is_broken, position, set_aside
from router.index.fingerprint import Fingerprint
from router.index.project import project
from router.index.sieve import Sieve
from router.journal.api import BEGINNING, Place, Placed
from router.journal.files import record_at, records
from router.journal.record import START, Point

BATCH = 5_000

PATIENCE = 5.0
"""Seconds to wait for a process that still writes the index: one whose daemon is gone finishes the batch it is at."""


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Be the only one who writes the index at *path*; raise `TimeoutError` when another process does not let go of it."""
    descriptor = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        until = time.monotonic() + PATIENCE
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise TimeoutError("another process writes it") from None
                time.sleep(0.01)
        yield
    finally:
        os.close(descriptor)


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


def look(path: Path, journal: Path, fingerprint: Fingerprint) -> tuple[Point | None, str | None]:
    """
    Say up to where the index at *path* is, None when it cannot be opened; one that does not fit is begun anew.

    The second value says what is wrong, if anything is. For before the process that writes it runs.
    """
    try:
        with alone(path):
            database, at, reason = open_index(path, journal, fingerprint)
            database.close()
    except (sqlite3.Error, OSError) as error:
        return None, f"it cannot be opened ({error})"
    return at, f"it is rebuilt: {reason}" if reason else None


def _place(database: sqlite3.Connection, seq: int) -> tuple[int, int, int] | None:
    """Return where record *seq* stands: segment, byte, length."""
    found: tuple[int, int, int] | None = database.execute(
        "SELECT segment, place, length FROM record WHERE seq = ?", (seq,)
    ).fetchone()
    return found


def _fits(database: sqlite3.Connection, journal: Path, at: Point) -> bool:
    """Say whether the record the index ends with is the one that stands in the journal."""
    if at == START:
        return True
    place = _place(database, at.seq)
    record = record_at(journal, *place) if place else None
    return record is not None and record.hash == at.hash


def write(
    database: sqlite3.Connection, batch: Sequence[Placed], fingerprint: Fingerprint, sieve: Sieve | None = None
) -> None:
    """Apply *batch*, which is not empty and in order; its keys go into *sieve* before they can be found."""
    done = project(batch, fingerprint)
    if sieve is not None:
        sieve.add(done.keys())
    apply(database, done, fingerprint.check())


@attrs.frozen
class Progress:
    """
    How far the index is: its *position* by seq, and whether there may be *more* to apply.

    *refused*: why nothing could be written. *rebuilt*: why it was begun anew.
    """

    position: int
    more: bool = False
    refused: str | None = None
    rebuilt: str | None = None


@attrs.define(eq=False)
class Feeder:
    """Keeps the index at *path* up with the *journal*, a step at a time; the caller is `alone`."""

    path: Path
    journal: Path
    fingerprint: Fingerprint
    sieve: Sieve
    at: Point = attrs.field(default=START, init=False)
    _end: Place = attrs.field(default=BEGINNING, init=False)
    _database: sqlite3.Connection | None = attrs.field(default=None, init=False)

    def step(self, durable: int) -> Progress:
        """Apply the next batch, up to seq *durable*: what stands behind it in the journal may not be durable yet."""
        rebuilt, more = None, False
        try:
            if self._database is None:
                rebuilt = self._open()
            if durable > self.at.seq:
                more = self._apply(durable)
        except (sqlite3.Error, OSError) as error:
            self._let_go(broken=isinstance(error, sqlite3.Error) and is_broken(error))
            return Progress(self.at.seq, refused=str(error), rebuilt=rebuilt)
        return Progress(self.at.seq, more, rebuilt=rebuilt)

    def close(self) -> None:
        """Let go of the database."""
        self._let_go(broken=False)

    def _open(self) -> str | None:
        """Open the database; returns why it is begun anew, if it is."""
        database, self.at, rebuilt = open_index(self.path, self.journal, self.fingerprint)
        self._database = database
        place = _place(database, self.at.seq)
        self._end = Place(place[0], place[1] + place[2] + 1) if place else BEGINNING
        self.sieve.fill(database)
        return rebuilt

    def _apply(self, durable: int) -> bool:
        """Apply a batch; says whether it was a whole one, behind which there may be more."""
        assert self._database is not None
        rows = records(self.journal, after=self.at.seq, place=self._end)
        batch = list(islice(_until(durable, rows), BATCH))
        if batch:
            write(self._database, batch, self.fingerprint, self.sieve)
            self.at, self._end = Point(batch[-1].record.seq, batch[-1].record.hash), batch[-1].end
        return len(batch) == BATCH

    def _let_go(self, *, broken: bool) -> None:
        """Close the database; the next step opens it again, or begins anew if it is *broken*."""
        database, self._database = self._database, None
        if database is None:
            return
        with suppress(sqlite3.Error):
            database.close()
        if broken:
            set_aside(self.path)
            self.at = START


def _until(last: int, rows: Iterator[Placed]) -> Iterator[Placed]:
    """Return *rows* up to seq *last*, without looking for more behind it."""
    for placed in rows:
        if placed.record.seq > last:
            break
        yield placed
        if placed.record.seq == last:
            break
