"""The one thread that touches the journal's files, and how long the reactor is willing to wait for it."""

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, Protocol

import attrs


class Worker(Protocol):
    """Does one piece of work after another, away from the reactor."""

    def run(self, work: Callable[[], None], then: Callable[[], None], patience: float) -> bool:
        """
        Do *work*, which must not raise.

        Wait for it up to *patience* seconds. True: it is done, and *then* will not be called. False: *then* is called on
        the reactor's thread when it is.
        """

    def stop(self, last: Callable[[], None]) -> None:
        """Do *last* after everything else, and end."""


@attrs.define(eq=False)
class _Turn:
    work: Callable[[], None]
    then: Callable[[], None]
    awaited: bool
    done: bool = False
    guard: threading.Lock = attrs.field(factory=threading.Lock)
    finished: threading.Lock = attrs.field(factory=threading.Lock)


@attrs.define(eq=False)
class ThreadWorker:
    """
    A real thread; *call_in_reactor* is the reactor's `callFromThread`.

    Waiting for the thread costs some 20 microseconds more than syncing in place. It buys that a disk which stalls holds
    the reactor up for *patience* and not for as long as the stall lasts.
    """

    call_in_reactor: Callable[..., Any]
    _queue: SimpleQueue[_Turn | None] = attrs.field(factory=SimpleQueue, init=False)
    _thread: threading.Thread = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._thread = threading.Thread(target=self._loop, name="journal", daemon=True)
        self._thread.start()

    def run(self, work: Callable[[], None], then: Callable[[], None], patience: float) -> bool:
        """Hand *work* over, and wait for it if *patience* is more than nothing."""
        turn = _Turn(work, then, awaited=patience > 0)
        turn.finished.acquire()
        self._queue.put(turn)
        if not turn.awaited or turn.finished.acquire(timeout=patience):
            return turn.awaited
        with turn.guard:
            turn.awaited = False
            return turn.done

    def stop(self, last: Callable[[], None]) -> None:
        """End after *last*; a thread stuck in a dead disk is left behind, it cannot be ended."""
        self._queue.put(_Turn(last, lambda: None, awaited=True))
        self._queue.put(None)
        self._thread.join(timeout=1.0)

    def _loop(self) -> None:
        while turn := self._queue.get():
            turn.work()
            with turn.guard:
                turn.done = True
                awaited = turn.awaited
            if turn.finished.locked():
                turn.finished.release()
            if not awaited:
                self.call_in_reactor(turn.then)
