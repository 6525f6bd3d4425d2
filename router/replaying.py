"""A whole journal replayed, in pieces, by as many processes as there are cores: there may be millions of events in a month."""

import gc
import os
import signal
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path

import attrs

from router.journal.files import Piece, pieces, rows
from router.replay import Replayer, Report
from router.switchboard.history import NOTHING, History
from rules.book import RuleBook

KINDS = (b"call", b"text")

ENOUGH = 4
"""From how many pieces on it is worth starting processes."""

MOST = 4
"""The most processes at once: each has a memory of its own of what it has seen."""


@attrs.define(eq=False)
class _Worker:
    """What one process does its pieces with; *since* is ISO, UTC."""

    replayer: Replayer
    since: str


_workers: list[_Worker] = []
"""The worker of this process, where there is one: what is sent to a process is a function by its name, and a piece."""


Begin = Callable[[RuleBook, str, History], None]
Pool = Callable[[int, Begin, tuple[RuleBook, str, History]], Executor]
"""Makes so many workers, each of which begins with the arguments."""


def forked(workers: int, begin: Begin, arguments: tuple[RuleBook, str, History]) -> Executor:
    """
    Make processes that have the book, which could not be sent.

    For a process without other threads: one of them may hold a lock at that moment, and the child would wait for it for ever.
    """
    return ProcessPoolExecutor(workers, get_context("fork"), begin, arguments)


def replay(book: RuleBook, journal: Path, since: str, history: History = NOTHING, *, pool: Pool = forked) -> Report:
    """Decide the calls and texts in the folder *journal* since a moment (ISO, UTC) again by *book*; *history*: what was on then."""
    found = pieces(journal, since=since)
    cores = min(len(os.sched_getaffinity(0)), MOST)
    if cores > 1 and len(found) >= ENOUGH:
        try:
            return _together(found, pool(cores, _begin, (book, since, history)))
        except BrokenProcessPool:  # one of them was ended, probably for its memory: then the slow way, which needs less
            pass
    return _alone(book, found, since, history)


def _alone(book: RuleBook, found: list[Piece], since: str, history: History) -> Report:
    """Replay the pieces *found* one after the other."""
    worker = _Worker(Replayer(book, history), since)
    report = Report()
    for piece in found:
        report.join(_report(worker, piece))
    return report


def _together(found: list[Piece], workers: Executor) -> Report:
    """Replay the pieces *found* side by side; what came of them is put together in their order, so that nobody sees it."""
    gc.freeze()  # a collection that looks through the book would write to every page of it, and no page would be shared
    report = Report()
    with workers:
        for part in workers.map(_work, found):
            report.join(part)
    return report


def _begin(book: RuleBook, since: str, history: History) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the command, which ends its processes
    _workers[:] = [_Worker(Replayer(book, history), since)]


def _work(piece: Piece) -> Report:
    return _report(_workers[0], piece)


def _report(worker: _Worker, piece: Piece) -> Report:
    return worker.replayer.replay(rows(piece, since=worker.since, kinds=KINDS))
