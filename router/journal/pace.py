"""
How fast this disk syncs, and what follows from it.

Only a sync that the reactor waits for is measured. Beside a busy reactor the journal's thread waits for the interpreter after
each call into the kernel, a millisecond all in all; whoever took that for the disk's own time would never wait again.
"""

import attrs

FAST = 0.0005
"""Seconds: below this a sync is worth waiting for within the reactor's turn (facts: 1.5 times the throughput of a free-running thread)."""

MOST = 0.002
"""Seconds: how much a single sync counts at most. One stumble is none of the disk's habits."""

SELDOM = 64
"""Batches: on a disk that stays slow every so many-th is waited for, to see whether it still is."""


@attrs.define
class Pace:
    """A moving average over the last syncs (seconds), and how many batches are let go (*left*) until the next one is waited for."""

    average: float = FAST
    left: int = 0
    _pause: int = 0

    @property
    def fast(self) -> bool:
        """Say whether the disk is one to wait for."""
        return self.average < FAST

    def trial(self) -> bool:
        """Say whether the reactor should wait for the batch that leaves now; asked once for each."""
        if self.fast or not self.left:
            return True
        self.left -= 1
        return False

    def note(self, seconds: float) -> None:
        """Take in how long a sync took that was waited for, in vain or not."""
        self.average += (min(seconds, MOST) - self.average) / 8
        self._pause = 0 if seconds < FAST else min(2 * self._pause + 1, SELDOM)
        self.left = self._pause

    @property
    def linger(self) -> float:
        """Return for how many seconds to gather rows after a busy sync on a slow disk."""
        return 0.0 if self.fast else min(0.001, self.average)
