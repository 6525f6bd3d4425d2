"""How fast this disk syncs, and what follows from it."""

import attrs

FAST = 0.0005
"""Seconds: below this a sync is worth waiting for within the reactor's turn (facts: 1.5 times the throughput of a free-running thread)."""

CALM = 0.002
"""Seconds: a sync that took longer was a stumble, and stumbles come in rows."""

TRUST = 16
"""So many calm syncs in a row, and the disk is believed to be fast again."""


@attrs.define
class Pace:
    """A moving average over the last syncs, in seconds, and how many of them in a row were calm."""

    average: float = FAST
    calm: int = 0

    def note(self, seconds: float) -> None:
        """Take in how long a sync took."""
        self.average += (seconds - self.average) / 8
        self.calm = self.calm + 1 if seconds < CALM else 0

    def suspect(self) -> None:
        """A sync is not back in time: whatever it will turn out to be, do not wait for the next ones."""
        self.calm = 0

    @property
    def fast(self) -> bool:
        """Say whether the reactor should wait for the next sync."""
        return self.average < FAST and self.calm >= TRUST

    @property
    def linger(self) -> float:
        """Return for how many seconds to gather rows after a busy sync on a slow disk."""
        return 0.0 if self.fast else min(0.001, self.average)
