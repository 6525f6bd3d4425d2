"""
The segments as their one writer sees them: where the next batch goes, and what happens when the disk refuses it.

Everything here runs in the journal's thread. After a failed sync nobody can say which pages reached the disk, and a second
sync may well lie about it; so the segment is left for good and the batch written again, under the same numbers, into a new
one that names the last row known durable.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import attrs

from router.clock import iso
from router.journal.disk import Disk
from router.journal.record import Point
from router.journal.reserve import Reserve
from router.journal.segment import (
    MIB,
    Header,
    Origin,
    Tail,
    adopt,
    create,
    name_of,
)


@attrs.frozen
class Written:
    """A batch is on disk: in which segment, from which byte on; the sync took *seconds*."""

    segment: int
    offset: int
    seconds: float


@attrs.frozen
class Sizes:
    """In bytes: when a segment is full at the latest, how much space is made with it, how much is added where there is no reserve."""

    limit: int = 64 * MIB
    first: int = 4 * MIB
    step: int = MIB // 4


@attrs.define(eq=False)
class Spool:
    """
    Writes batches into *folder*, whose newest segment has *number*; *wall* says the date for people, *seconds* measures.

    With a *reserve* it never makes space while rows wait; who writes little needs none.
    """

    folder: Path
    disk: Disk
    origin: Origin
    wall: Callable[[], float]
    seconds: Callable[[], float] = time.monotonic
    sizes: Sizes = attrs.field(factory=Sizes)
    number: int = 0
    tail: Tail | None = None
    reserve: Reserve | None = None

    def resume(self, used: int, allocated: int) -> None:
        """
        Go on in segment *number* behind *used* bytes of *allocated*; only when it ended cleanly.

        Without this call the first batch starts a new segment.
        """
        self.tail = Tail(self.number, self.disk.open(self.folder / name_of(self.number)), used, allocated, self.disk)

    def write(self, data: bytes, after: Point) -> Written:
        """Make *data*, the rows that follow *after*, durable; raise `OSError` when a new segment cannot be written either."""
        try:
            return self._put(data, after, self.sizes.first)
        except OSError:
            self._leave()
        try:  # little space may be left: take no more than is needed now
            return self._put(data, after, self.sizes.step)
        except OSError:
            self._leave()
            raise

    def close(self) -> None:
        """Let go of the files; what is durable stays so."""
        self._leave()
        if self.reserve:
            self.reserve.close()

    def _put(self, data: bytes, after: Point, first: int) -> Written:
        if self.tail and self._ends(self.tail, len(data)):
            self._finish(self.tail)
        if self.tail is None:
            self.number += 1  # never used twice, whatever becomes of the file
            self.tail = self._begin(Header(self.number, iso(self.wall()), self.origin, after), first)
        began = self.seconds()  # making a file takes longer than a sync, and says nothing about the disk's pace
        offset = self.tail.put(data, step=self.sizes.step)
        return Written(self.tail.number, offset, self.seconds() - began)

    def _ends(self, tail: Tail, more: int) -> bool:
        """Say whether *more* bytes belong into another segment: this one is as large as it may be, or would have to grow."""
        end = tail.used + more
        return end > self.sizes.limit or (end > tail.allocated and self.reserve is not None and self.reserve.ready)

    def _begin(self, header: Header, first: int) -> Tail:
        """Begin a segment: out of the reserve if there is one, else with *first* bytes."""
        reserve = self.reserve
        if reserve is None:
            return create(self.folder, header, self.disk, step=first)
        try:
            if reserve.take(self.folder / name_of(header.segment)):
                return adopt(self.folder, header, self.disk, size=reserve.size)
            return create(self.folder, header, self.disk, step=first)
        finally:
            reserve.keep()

    def _finish(self, tail: Tail) -> None:
        """Leave a full segment, without the space it no longer needs."""
        with suppress(OSError):
            self.disk.truncate(tail.descriptor, tail.used)
        self._leave()

    def _leave(self) -> None:
        """Close the segment without another sync: nobody could say what it meant."""
        if self.tail:
            with suppress(OSError):
                self.disk.close(self.tail.descriptor)
        self.tail = None
