"""Journal and index of one daemon, opened together: where the chain ends, what memory must know again, what was wrong."""

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import attrs
from twisted.internet.defer import Deferred

from router.clock import epoch, iso
from router.index.api import Index
from router.index.feeder import look
from router.index.fingerprint import load_fingerprint
from router.index.keeper import Keeper
from router.index.scribe import Task
from router.index.sqlite import Reader, SqliteIndex
from router.journal.api import Hooks, Limits, Placed, Timers
from router.journal.disk import Disk, RealDisk
from router.journal.files import pieces, records, rows
from router.journal.record import Point, Record, read
from router.journal.recovery import Recovery, recover
from router.journal.reserve import Reserve
from router.journal.segment import Origin
from router.journal.spool import Sizes, Spool
from router.journal.worker import ThreadWorker
from router.journal.writer import Journal

REMEMBER = 48 * 3600
"""Seconds before the end of the journal that memory is filled with when the index is lost."""

INDEX = "index.db"

RESERVED = 16 << 20
"""Bytes made ready for the journal to go on in: six seconds of a thousand calls each, months of a small office."""


class Reactor(Timers, Protocol):
    """A reactor, as far as the store needs one."""

    def callFromThread(self, callable: Callable[..., Any], /, *args: object) -> Any:  # noqa: A002, N802
        """Call back on the reactor's thread."""


@attrs.frozen
class Report:
    """What was wrong at start, each a sentence for the log: the *torn* tail, *corrupt* rows, the *index*."""

    torn: str | None
    corrupt: tuple[str, ...]
    index: str | None


@attrs.frozen
class Store:
    """
    An open journal with its index.

    *recent* is what the index does not know yet (when it was lost, the last 48 hours, and what was switched by hand before):
    memory of keys, answers, live calls and overrides is filled from `index` first and from these on top, before a port is
    bound.
    """

    journal: Journal
    index: Index
    recent: list[Record]
    report: Report

    def close(self) -> Deferred[None]:
        """Write what is waiting, first the journal, then the index; fires when both are done."""

        def then(_: None) -> None:
            self.index.close()

        return self.journal.close().addCallback(then)


def open_store(
    folder: Path,
    *,
    reactor: Reactor,
    timers: Timers | None = None,
    wall: Callable[[], float],
    origin: Origin,
    hooks: Hooks | None = None,
    limits: Limits | None = None,
    sizes: Sizes | None = None,
    reserve_size: int = RESERVED,
    disk: Disk | None = None,
) -> Store:
    """
    Open what lies in the state *folder*, whose lock the caller holds; *wall* gives UTC epoch seconds.

    *timers* (by default the *reactor*'s) say when a batch of the journal is complete.

    The journal must be readable (`OSError` otherwise), the index need not be.
    """
    journal_folder = private_folder(folder)
    found = recover(journal_folder)
    fingerprint = load_fingerprint(folder)
    path = folder / INDEX
    at, note = look(path, journal_folder, fingerprint)
    recent = _recent(journal_folder, found, at.seq if at else 0)
    index = _index(Reader(path, journal_folder, fingerprint), at, found.head.seq)
    hooks = hooks or Hooks()
    told = hooks.durable

    def durable(rows: Sequence[Placed]) -> None:
        index.follow(rows[-1].record.seq)
        told(rows)

    disk = disk or RealDisk()
    reserve = Reserve(journal_folder, disk, reserve_size)
    spool = Spool(journal_folder, disk, origin, wall, time.monotonic, sizes or Sizes(), found.number, reserve=reserve)
    if found.used is not None and found.header and found.header.origin == origin:
        spool.resume(found.used, found.allocated)
    reserve.keep()
    journal = Journal(
        found.head,
        spool,
        ThreadWorker(reactor.callFromThread),
        timers or reactor,
        wall,
        attrs.evolve(hooks, durable=durable),
        limits or Limits(),
    )
    index.keeper.start()
    return Store(journal, index, recent, _report(found, note))


def private_folder(state: Path) -> Path:
    """Return the journal's folder under *state*, made with mode 0700 when it is missing."""
    folder = state / "journal"
    for path in (state, folder):
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.stat(path).st_mode & 0o077:
            path.chmod(0o700)
    return folder


def _index(reader: Reader, at: Point | None, head: int) -> SqliteIndex:
    """Return the index that is written up to *at* (None: it cannot be opened) by a process that does not run yet."""
    task = Task(str(reader.path), str(reader.journal), reader.fingerprint.key.hex())
    return SqliteIndex(reader, Keeper(task, durable=head, position=at.seq if at else 0, up=at is not None))


def _recent(folder: Path, found: Recovery, position: int) -> list[Record]:
    """Return the records beyond *position*, not older than `REMEMBER` before the end."""
    since = iso(epoch(found.at) - REMEMBER) if found.at else ""
    late = [
        placed.record for placed in records(folder, after=position, since=since) if placed.record.seq <= found.head.seq
    ]
    return late if position else [*_switched_before(folder, since), *late]


def _switched_before(folder: Path, since: str) -> list[Record]:
    """Return the records older than *since* of what was switched by hand, which may last for weeks; only they are parsed."""
    found = (row for piece in pieces(folder, since="") for row in rows(piece, since="", kinds={b"override"}))
    return [read(row) for row in found if row.at.decode() < since]


def _report(found: Recovery, index: str | None) -> Report:
    torn = f"{found.torn}; everything before it is good, the chain goes on in a new segment" if found.torn else None
    return Report(torn, tuple(str(flaw) for flaw in found.corrupt), f"index.db: {index}" if index else None)
