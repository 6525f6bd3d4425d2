"""
Where finished log lines go: what is said within one turn of the reactor is written in one go, an error at once.

A write for each line would cost as much as deciding the call it is about.
"""

import threading
from collections.abc import Callable
from typing import TextIO

import attrs


@attrs.define(eq=False)
class Lines:
    """
    A file in which a line may get lost, but never an error: its disk may be full, its reader gone.

    Every answer passes a line of the log. An error there would reach the top of each request, be logged, fail again, and leave
    the caller without an answer; what must not get lost stands in the journal.

    Its methods are what structlog calls, by the level of the line. Until `gather` each line is written at once.
    """

    file: TextIO
    _later: Callable[..., object] | None = None
    _thread: int = 0
    _waiting: list[str] = attrs.field(factory=list)
    _torn: bool = False
    _lock: threading.Lock = attrs.field(factory=threading.Lock)

    def gather(self, later: Callable[..., object]) -> None:
        """From now on, write what this thread says together: *later* is `callLater`, of the reactor or its `Turns`."""
        self._later, self._thread = later, threading.get_ident()

    def scatter(self) -> None:
        """Write what waits, and every line at once from now on."""
        self._later = None
        self.flush()

    def info(self, line: str) -> None:
        """Write *line* with the others of this turn."""
        if self._later is None or threading.get_ident() != self._thread:
            self._write(line)
            return
        if not self._waiting:
            self._later(0, self.flush)
        self._waiting.append(line)

    debug = warning = info

    def error(self, line: str) -> None:
        """Write *line* at once, behind everything said before it: nobody knows how long we live."""
        if threading.get_ident() == self._thread:
            self.flush()
        self._write(line)

    critical = exception = error

    def flush(self) -> None:
        """Write what waits."""
        waiting, self._waiting = self._waiting, []
        if waiting:
            self._write("\n".join(waiting))

    def _write(self, text: str) -> None:
        """Write *text*, or not; after a line that was cut short it begins on one of its own."""
        with self._lock:
            try:
                self.file.write(f"\n{text}\n" if self._torn else f"{text}\n")
                self.file.flush()
            except (OSError, ValueError):
                self._torn = True
            else:
                self._torn = False

    def __call__(self, *_: object) -> "Lines":
        """Be the logger of every part of the daemon (structlog's `logger_factory`)."""
        return self
