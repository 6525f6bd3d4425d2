"""How often something may happen by itself: so many per hour, and per day, for one pair of numbers."""

from collections import deque

import attrs

HOUR = 3600
DAY = 24 * HOUR


@attrs.define(eq=False)
class Sliding:
    """
    Remembers when something happened, by key, and says whether it may happen again.

    *allowed* pairs a span in seconds with how many are allowed within it. A moment that lies *span* back no longer counts.
    """

    allowed: tuple[tuple[int, int], ...]
    _moments: dict[str, deque[float]] = attrs.field(factory=dict)

    def reached(self, key: str, at: float) -> bool:
        """Say whether one more at *at* (epoch seconds) would be too many."""
        moments = self._moments.get(key)
        if moments is None:
            return False
        self._forget(key, moments, at)
        return any(sum(at - span < moment for moment in moments) >= most for span, most in self.allowed)

    def note(self, key: str, at: float) -> None:
        """Remember that it happened at *at*."""
        moments = self._moments.setdefault(key, deque())
        moments.append(at)
        self._forget(key, moments, at)

    def prune(self, at: float) -> None:
        """Forget everything that no longer counts; called now and then so that memory stays flat."""
        for key, moments in list(self._moments.items()):
            self._forget(key, moments, at)

    def _forget(self, key: str, moments: deque[float], at: float) -> None:
        longest = max(span for span, _ in self.allowed)
        while moments and at - moments[0] >= longest:
            moments.popleft()
        if not moments:
            self._moments.pop(key, None)

    def __len__(self) -> int:
        return len(self._moments)


@attrs.define(eq=False)
class Limits:
    """
    The limits of the language (§7): automatic replies per pair of numbers, forwards per hour and business number.

    *forwards* is kept per number name; its most per hour comes from the rule file, so it is asked with the limit.
    """

    replies: Sliding = attrs.field(factory=lambda: Sliding(((HOUR, 1), (DAY, 3))))
    _forwards: dict[str, deque[float]] = attrs.field(factory=dict)

    def reply_reached(self, *, ours: str, theirs: str, at: float) -> bool:
        """Say whether one more automatic reply from *ours* to *theirs* would be too many."""
        return self.replies.reached(f"{ours}>{theirs}", at)

    def replied(self, *, ours: str, theirs: str, at: float) -> None:
        """Remember an automatic reply."""
        self.replies.note(f"{ours}>{theirs}", at)

    def forwards_reached(self, number: str, *, most: int, at: float) -> bool:
        """Say whether *number* has forwarded *most* calls within the hour before *at*."""
        moments = self._forwards.get(number)
        if moments is None:
            return False
        while moments and at - moments[0] >= HOUR:
            moments.popleft()
        return len(moments) >= most

    def forwarded(self, number: str, at: float) -> None:
        """Remember that a call of *number* was sent on to somebody."""
        self._forwards.setdefault(number, deque()).append(at)

    def prune(self, at: float) -> None:
        """Forget what no longer counts."""
        self.replies.prune(at)
        for number in list(self._forwards):
            self.forwards_reached(number, most=0, at=at)
