"""
The next segment, made ready beside the work: a file full of newlines, on disk before anybody needs it.

It serves two ends. Going on in it takes a rename and no space ahead has to be written while rows wait (a megabyte of it takes three
milliseconds). And on a full disk it is what there still is to write into.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import attrs

from router.journal.disk import Disk
from router.journal.segment import FILL, write_all
from router.quiet import step_back

RESERVE = "reserve"
UNFINISHED = "reserve.new"

SLICE = 128 * 1024
"""Bytes written and synced in one go, so few that the sync of rows beside it takes no longer than usual."""

REST = 0.005
"""Seconds between slices: sixteen megabytes are ready within a second."""

LAST = 1.0
"""Seconds to wait at the end for a slice that is being written; a thread stuck in a dead disk is left behind."""


def beside(work: Callable[[], None]) -> None:
    """Do *work* in a thread of its own, after the reactor's."""

    def run() -> None:
        step_back()
        work()

    threading.Thread(target=run, name="reserve", daemon=True).start()


@attrs.define(eq=False)
class Reserve:
    """
    A file of *size* bytes in *folder*, *ready* or being made (*idle* is set when not); *apart* runs what makes it, *rest* waits between slices.

    The journal's thread asks, another one makes it: the file has another name until it is whole.
    """

    folder: Path
    disk: Disk
    size: int
    apart: Callable[[Callable[[], None]], object] = beside
    rest: Callable[[float], object] = time.sleep
    ready: bool = attrs.field(default=False, init=False)
    _ending: bool = attrs.field(default=False, init=False)
    idle: threading.Event = attrs.field(factory=threading.Event, init=False)

    def __attrs_post_init__(self) -> None:
        self.idle.set()

    def keep(self) -> None:
        """See to it that there is one, now or soon; best effort, the disk may be full."""
        if not self.ready and self.idle.is_set() and not self._ending:
            self.idle.clear()
            try:
                self.apart(self._make)
            except RuntimeError:  # no thread to be had; rows are more important
                self.idle.set()

    def take(self, path: Path) -> bool:
        """Give it the name *path*, for good; False when it is not ready."""
        if not self.ready:
            return False
        self.ready = False
        self.disk.rename(self.folder / RESERVE, path)
        return True

    def close(self) -> None:
        """Have nothing more done; what is unfinished is made anew after the next start."""
        self._ending = True
        self.idle.wait(LAST)

    def _make(self) -> None:
        try:
            self.ready = self._there() or self._made()
        finally:
            self.idle.set()

    def _there(self) -> bool:
        """Say whether an earlier run left one behind."""
        with suppress(OSError):
            return self.disk.size(self.folder / RESERVE) == self.size
        return False

    def _made(self) -> bool:
        """
        Make the file, slice by slice; False when the disk refuses or it is no longer wanted.

        On a disk that is nearly full the rest is for rows.
        """
        unfinished = self.folder / UNFINISHED
        with suppress(OSError):
            self.disk.remove(unfinished)
            if self.disk.free(self.folder) < 2 * self.size:
                return False
            descriptor = self.disk.create(unfinished)
            try:
                whole = self._filled(descriptor)
            finally:
                self.disk.close(descriptor)
            if whole:
                self.disk.rename(unfinished, self.folder / RESERVE)
                return True
        with suppress(OSError):
            self.disk.remove(unfinished)
        return False

    def _filled(self, descriptor: int) -> bool:
        for offset in range(0, self.size, SLICE):
            if self._ending:
                return False
            write_all(self.disk, descriptor, FILL * min(SLICE, self.size - offset), offset)
            self.disk.sync(descriptor)
            self.rest(REST)
        return True
