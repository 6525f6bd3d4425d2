"""
The segments as their one writer sees them: where the next batch goes, and what happens when the disk refuses it.

Everything here runs in the journal's thread. After a failed sync nobody can say which pages reached the disk, and a second
sync may well lie about it; so the segment is left for good and the batch written again, under the same numbers, into a new
one that names the last row known durable.
"""

import errno
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import attrs

from router.clock import iso
from router.journal.disk import Disk
from router.journal.record import Point
from router.journal.segment import (
    FILL,
    MIB,
    Header,
    Origin,
    Tail,
    create,
    name_of,
)

RESERVE = "reserve"
FULL = (errno.ENOSPC, errno.EDQUOT)


@attrs.frozen
class Written:
    """A batch is on disk: in which segment, from which byte on; the sync took *seconds*."""

    segment: int
    offset: int
    seconds: float


@attrs.frozen
class Sizes:
    """
    In bytes: when a segment is full, how much space is made with it, how much is added, and what is kept for bad days.

    Adding space takes a millisecond or two in which rows wait; so much is added in one go (*growth*) that fewer than one call in a
    hundred meets it. Where space is short it is added in *step*s.
    """

    limit: int = 64 * MIB
    first: int = 4 * MIB
    step: int = MIB // 4
    growth: int = MIB
    ahead: int = MIB
    reserve: int = 4 * MIB


@attrs.define(eq=False)
class Spool:
    """Writes batches into *folder*, whose newest segment has *number*; *wall* says the date for people, *seconds* measures."""

    folder: Path
    disk: Disk
    origin: Origin
    wall: Callable[[], float]
    seconds: Callable[[], float] = time.monotonic
    sizes: Sizes = attrs.field(factory=Sizes)
    number: int = 0
    tail: Tail | None = None

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
        except OSError as error:
            self._leave()
            if error.errno in FULL:
                with suppress(OSError):
                    self.disk.remove(self.folder / RESERVE)
        try:  # little space may be left: take no more than is needed now
            return self._put(data, after, self.sizes.step)
        except OSError:
            self._leave()
            raise

    def prepare(self) -> None:
        """Write space ahead and keep the reserve, while nobody waits. A full disk is no error here; it will show."""
        try:
            if self.tail and self.tail.allocated - self.tail.used < self.sizes.ahead:
                self.tail.grow(self.sizes.growth)
        except OSError as error:
            if error.errno not in FULL:
                self._leave()

    def wants(self) -> bool:
        """Say whether `prepare` would have something to do."""
        return self.tail is not None and self.tail.allocated - self.tail.used < self.sizes.ahead

    def keep_reserve(self) -> None:
        """Lay aside a few megabytes to be freed on a full disk; best effort."""
        with suppress(OSError):  # it is there already, or there is no room for it
            descriptor = self.disk.create(self.folder / RESERVE)
            try:
                self.disk.write(descriptor, FILL * self.sizes.reserve, 0)
                self.disk.sync(descriptor)
            finally:
                self.disk.close(descriptor)

    def close(self) -> None:
        """Let go of the segment; what is durable stays so."""
        self._leave()

    def _put(self, data: bytes, after: Point, first: int) -> Written:
        if self.tail and self.tail.used + len(data) > self.sizes.limit:
            self._finish(self.tail)
        if self.tail is None:
            header = Header(self.number + 1, iso(self.wall()), self.origin, after)
            self.number += 1  # never used twice, whatever becomes of the file
            self.tail = create(self.folder, header, self.disk, step=first)
        began = self.seconds()  # making a file takes longer than a sync, and says nothing about the disk's pace
        offset = self.tail.put(data, step=self.sizes.step)
        return Written(self.tail.number, offset, self.seconds() - began)

    def _finish(self, tail: Tail) -> None:
        """Leave a full segment, without the space it no longer needs."""
        with suppress(OSError):
            self.disk.truncate(tail.descriptor, tail.used)
        self._leave()
        self.keep_reserve()

    def _leave(self) -> None:
        """Close the segment without another sync: nobody could say what it meant."""
        if self.tail:
            with suppress(OSError):
                self.disk.close(self.tail.descriptor)
        self.tail = None
