"""What the journal promises to the rest of the daemon, and what it asks of it."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

import attrs

from router.journal.record import Record


class JournalDown(Exception):  # noqa: N818  a state of the world, as in `except JournalDown`
    """A record could not be written in time. It stays in memory and is written as soon as the disk allows."""


class Place(NamedTuple):
    """A place in the journal: a byte of a segment."""

    segment: int
    offset: int


BEGINNING = Place(0, 0)


class Placed(NamedTuple):
    """A durable record and where its line stands: *offset* and *length* in bytes, without the newline."""

    record: Record
    segment: int
    offset: int
    length: int

    @property
    def end(self) -> Place:
        """Where the line behind it may stand."""
        return Place(self.segment, self.offset + self.length + 1)


class Timers(Protocol):
    """What is needed of a reactor."""

    def seconds(self) -> float:
        """Return monotonic seconds."""

    def callLater(self, delay: float, callable: Callable[..., Any], /, *args: object) -> Any:  # noqa: A002, N802
        """Call back after *delay* seconds, 0: in the next turn; what is returned has a `cancel`."""


@attrs.frozen
class Hooks:
    """
    Whom the journal tells, always on the reactor's thread.

    *committed(seconds, rows)* after each sync; *up(bool)* when writing begins to fail and when it works again;
    *untold(record)* for each record that could not be written in time; *durable(rows)* in order, each row once.
    """

    committed: Callable[[float, int], object] = lambda _seconds, _rows: None
    up: Callable[[bool], object] = lambda _up: None
    untold: Callable[[Record], object] = lambda _record: None
    durable: Callable[[Sequence[Placed]], object] = lambda _rows: None


@attrs.frozen
class Limits:
    """
    How long and how much.

    In seconds: *patience*, how long the reactor waits for a sync on a fast disk; *waiting*, how long an answer waits for the
    disk at all; *retry*, how often a sick disk is tried again. *ring*: rows kept in memory meanwhile. *batch*: bytes in a write.
    """

    patience: float = 0.002
    waiting: float = 0.25
    retry: float = 1.0
    ring: int = 10_000
    batch: int = 1 << 20
