"""How often something may happen by itself: so many within a span of time, for one key."""

from collections import deque
from typing import Generic, TypeVar

import attrs

HOUR = 3600
DAY = 24 * HOUR

REPLIES = ((HOUR, 1), (DAY, 3))
"""Automatic replies between one of our numbers and one caller: one an hour, three a day."""

FORWARDS_KEPT = 100_000
"""More forwards of one number within an hour than any limit allows; beyond that the oldest are forgotten."""

K = TypeVar("K")


def within(span: int, then: float, at: float) -> bool:
    """Say whether *then* is less than *span* seconds away from *at* (both UTC epoch seconds), whichever way the clock was set between."""
    return -span < at - then < span


@attrs.define(eq=False)
class Sliding(Generic[K]):
    """
    Remembers when something happened, by key, and says whether it may happen again.

    *allowed* pairs a span in seconds with how often it may happen within it. A moment that lies *span* back no longer counts, and
    one that is as far ahead does not either: a clock set back by a second forgets nothing, one that was a year ahead blocks nobody.
    """

    allowed: tuple[tuple[int, int], ...]
    _moments: dict[K, deque[float]] = attrs.field(factory=dict)
    _most: int = attrs.field(init=False)
    _longest: int = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Note how much must be remembered, and for how long."""
        self._most = max(most for _, most in self.allowed)
        self._longest = max(span for span, _ in self.allowed)

    def reached(self, key: K, at: float) -> bool:
        """Say whether once more at *at* (UTC epoch seconds) would be too often."""
        moments = self._moments.get(key)
        if moments is None:
            return False
        return any(sum(within(span, moment, at) for moment in moments) >= most for span, most in self.allowed)

    def count(self, key: K, at: float) -> int:
        """Return how often it happened within the longest span before *at*."""
        self._forget(key, at)
        return len(self._moments.get(key, ()))

    def note(self, key: K, at: float) -> None:
        """Remember that it happened at *at*."""
        moments = self._moments.get(key)
        if moments is None:
            moments = self._moments[key] = deque(maxlen=self._most)
        moments.append(at)

    def prune(self, at: float) -> None:
        """Forget everything that no longer counts; called now and then so that memory stays flat."""
        for key in list(self._moments):
            self._forget(key, at)

    def _forget(self, key: K, at: float) -> None:
        moments = self._moments.get(key)
        while moments and at - moments[0] >= self._longest:
            moments.popleft()
        if moments is not None and not moments:
            del self._moments[key]

    def __len__(self) -> int:
        return len(self._moments)
