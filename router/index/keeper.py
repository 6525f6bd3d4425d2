"""The daemon's side of the process that writes the index: keeps one at work, tells it what is durable, hears how far it is."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO, Protocol

import attrs
import structlog

from router.index.feeder import Progress
from router.index.scribe import END, Task
from router.index.sieve import Sieve, shared_bits

log = structlog.get_logger("router.index")

LAST = 3.0
"""Seconds in which what is left is applied when the daemon stops; what is then still missing waits for the next start."""

MANY = 500
"""Rows of one batch; when there were more, the next one has longer to gather."""

LONGER = 5
"""So many times as long: the same pages of the database are changed by every batch, and then written fewer times."""

GRACE = 2.0
"""Seconds an index that is told to end has for that, before it is killed."""


class Child(Protocol):
    """The other process, as far as it matters here: a `subprocess.Popen`."""

    def communicate(self, *, timeout: float | None = None) -> tuple[bytes, bytes]:
        """Wait for its end; return what it wrote to standard error as the second."""

    def kill(self) -> None:
        """End it by force."""


def launch(wire: socket.socket, sieve: int) -> Child:
    """Start a scribe that talks over *wire* and shares the memory *sieve*."""
    command, ours = [sys.executable, "-m", "router.index.scribe", str(sieve)], wire.fileno()
    return subprocess.Popen(command, stdin=ours, stdout=ours, stderr=subprocess.PIPE, pass_fds=(sieve,))  # noqa: S603


@attrs.define(eq=False)
class Keeper:
    """
    Has a scribe do the *task*, from a thread that mostly sleeps; starts another one when it dies.

    *durable* is the last record on disk, *position* the last one in the index; *sieve* knows which keys are not in it, None
    until it holds all that are. *gather*: seconds to wait for more rows, since a larger transaction costs less a row, and each word
    with the scribe costs the reactor a moment; under load `LONGER` times that. *retry*: seconds before the next attempt when the
    database refuses, or the scribe has died.
    """

    task: Task
    durable: int
    position: int
    up: bool
    gather: float = 1.0
    retry: float = 1.0
    seconds: Callable[[], float] = time.monotonic
    launch: Callable[[socket.socket, int], Child] = launch
    sieve: Sieve | None = attrs.field(default=None, init=False)
    _bits: int | None = attrs.field(default=None, init=False)
    _since: float | None = attrs.field(default=None, init=False)
    _until: float = attrs.field(default=float("inf"), init=False)
    _child: Child | None = attrs.field(default=None, init=False)
    _wake: threading.Event = attrs.field(factory=threading.Event, init=False)
    _stop: threading.Event = attrs.field(factory=threading.Event, init=False)
    _thread: threading.Thread = attrs.field(init=False)

    def start(self) -> None:
        """Begin, first with what the journal has beyond the position."""
        self._thread = threading.Thread(target=self._run, name="index", daemon=True)
        self._thread.start()

    def follow(self, seq: int) -> None:
        """Have everything up to *seq* applied, soon."""
        self.durable = seq
        if self._since is None:
            self._since = self.seconds()
        if not self._wake.is_set():
            self._wake.set()

    def lag(self) -> float:
        """Return for how long the oldest record has been waiting."""
        since = self._since
        return 0.0 if since is None else max(0.0, self.seconds() - since)

    def close(self) -> None:
        """Have the rest applied, and end."""
        self._until = self.seconds() + LAST
        self._stop.set()
        self._wake.set()
        self._thread.join(LAST)
        if self._thread.is_alive() and self._child is not None:
            self._child.kill()
        self._thread.join(GRACE)

    # ---------------------------------------------------------------- the thread

    def _run(self) -> None:
        """Keep a scribe at work until we stop."""
        while wrong := self._attend():
            self._note(wrong)
            if self._stop.wait(self.retry):
                break
        if self._bits is not None:
            os.close(self._bits)

    def _attend(self) -> str | None:
        """Start a scribe and talk with it until we stop; returns why it was not to be, if it was not."""
        try:
            ours, child = self._start()
        except OSError as error:
            return f"the process that writes it cannot be started ({error})"
        self._child = child
        with ours, ours.makefile("rb") as answers:
            done = self._talk(ours, answers)
        last_words = _end(child)
        return None if done else f"the process that writes it has ended ({last_words})"

    def _start(self) -> tuple[socket.socket, Child]:
        """Start a scribe; returns our end of the wire as well."""
        if self._bits is None:
            self._bits = shared_bits(self.durable)
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                return ours, self.launch(theirs, self._bits)
        except BaseException:
            ours.close()
            raise

    def _talk(self, wire: socket.socket, answers: BinaryIO) -> bool:
        """Tell the scribe what is durable, until we stop; False when it is gone."""
        with suppress(OSError, ValueError, TypeError):  # half an answer, none, or that of another version
            wire.sendall(self.task.line())
            while self._step(wire, answers):
                pass
            wire.sendall(END)
            return True
        return False

    def _step(self, wire: socket.socket, answers: BinaryIO) -> bool:
        """Have one batch applied, and wait for the next; False when it is time to end."""
        asked, before = self.durable, self.position
        wire.sendall(b"%d\n" % asked)
        told = Progress(**json.loads(answers.readline()))
        self._take(told, asked)
        if self._stop.is_set():
            unfinished = told.more or asked < self.durable
            return unfinished and told.refused is None and self.seconds() < self._until
        if not told.more:
            self._wake.wait(None if self.up else self.retry)
            self._stop.wait(self.gather * LONGER if told.position - before > MANY else self.gather)
            self._wake.clear()
        return True

    def _take(self, told: Progress, asked: int) -> None:
        """Take in how far the index is."""
        self.position = told.position
        if told.rebuilt:
            log.warning("index.rebuilt", reason=told.rebuilt)
        if told.refused is None:
            if self.sieve is None and self._bits is not None:
                self.sieve = Sieve.at(self._bits)
            if not told.more and asked == self.durable:
                self._since = None
        self._note(told.refused)

    def _note(self, wrong: str | None) -> None:
        """Say when the index stops following the journal, and when it goes on."""
        if wrong and self.up:
            log.warning("index.down", reason=wrong, position=self.position)
        elif not wrong and not self.up:
            log.info("index.up", position=self.position)
        self.up = wrong is None


def _end(child: Child) -> str:
    """Wait until *child* has ended, not for long; returns the last line of its complaints."""
    try:
        _, complaints = child.communicate(timeout=GRACE)
    except subprocess.TimeoutExpired:
        child.kill()
        _, complaints = child.communicate()
    return complaints.decode(errors="replace").strip().rpartition("\n")[2]
