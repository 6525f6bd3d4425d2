"""Decisions that hold for a stretch of time, remembered: most events cost one look-up."""

from bisect import bisect_right
from collections.abc import Callable

import attrs

from rules.inquiry import Inquiry
from rules.plan import Decision

Live = Callable[[str], bool]
"""Answers the live questions: facts of this very moment that no table holds."""

CACHED = 50_000


@attrs.define(eq=False)
class Settled:
    """
    A decision that holds for any moment of `[since, until)`, as long as the live questions are answered alike.

    *decision* is it as it was given last: the next event often comes within the same second.
    """

    decision: Decision
    since: int
    until: int
    live: tuple[tuple[str, bool], ...]

    def again(self, inquiry: Inquiry, moment: int, live: Live) -> Decision | None:
        """Give the decision again for *inquiry* at *moment*, or None when it may be another by now."""
        if not self.since <= moment < self.until:
            return None
        for question, said in self.live:
            if live(question) != said:
                return None
        decision, groups = self.decision, inquiry.caller.groups
        if decision.at == moment and decision.groups == groups:
            return decision
        self.decision = decision.at_moment(moment, groups)
        return self.decision


class Memory:
    """Decisions made, each for the stretch of time in which every time question it asked keeps its answer."""

    def __init__(self) -> None:
        self.known: dict[tuple[object, ...], list[Settled]] = {}
        self.count = 0

    def recall(self, inquiry: Inquiry, at: int, live: Live) -> Decision | None:
        """Return what was decided for an event alike, if it still holds at *at*."""
        known = self.known.get(inquiry.signature())
        if known is None:
            return None
        last = bisect_right(known, at, key=_since) - 1
        return known[last].again(inquiry, at, live) if last >= 0 else None

    def keep(self, signature: tuple[object, ...], settled: Settled) -> None:
        """Remember *settled*; one of the same stretch, with other live answers, makes way for it."""
        if self.count >= CACHED:
            self.known.clear()
            self.count = 0
        known = self.known.setdefault(signature, [])
        place = bisect_right(known, settled.since, key=_since)
        if place and known[place - 1].since == settled.since:
            known[place - 1] = settled
        else:
            known.insert(place, settled)
            self.count += 1


def _since(settled: Settled) -> int:
    return settled.since
