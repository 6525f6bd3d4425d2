"""A candidate rule file that decides beside the one in force, on real events, and never answers anybody."""

from collections import deque
from pathlib import Path
from typing import Any

import attrs
import structlog

from router.metrics import Metrics
from rules.book import RuleBook
from rules.deciding import Timetable, window_around
from rules.event import IncomingCall, IncomingText
from rules.inquiry import inquire
from rules.plan import Decision
from rules.settled import Live

KEPT = 20
"""How many disagreements are kept for `switchhook status`."""


@attrs.define(eq=False)
class Shadow:
    """
    The candidate *book* of *file*, and how often it agrees with the rules in force.

    Compared are the rule that decides and the plan; where a team takes turns, before whose turn it is was applied. A fault
    of the candidate's is logged and counts as neither.
    """

    file: Path
    book: RuleBook
    metrics: Metrics
    agreed: int = 0
    disagreed: int = 0
    last: deque[dict[str, Any]] = attrs.field(factory=lambda: deque(maxlen=KEPT))
    _timetable: Timetable | None = None

    def beside(self, event: IncomingCall | IncomingText, decision: Decision, live: Live) -> None:
        """Decide *event* as the candidate would and compare it with *decision*; never raises."""
        try:
            candidate = self.timetable(decision.at).decide(inquire(self.book, event), decision.at, live)
        except Exception:
            structlog.get_logger().exception("shadow.failed", file=str(self.file))
            return
        same = (candidate.rule, candidate.plan) == (decision.rule, decision.plan)
        self.metrics.shadow_decisions.labels("same" if same else "different").inc()
        if same:
            self.agreed += 1
            return
        self.disagreed += 1
        self.last.append(
            {
                "kind": event_kind(event),
                "event_id": event.id,
                "number": decision.number or candidate.number,
                "was": decision.rule,
                "now": candidate.rule,
            }
        )

    def timetable(self, at: int) -> Timetable:
        """Return the candidate compiled for *at* (UTC epoch seconds)."""
        if self._timetable is None or not self._timetable.covers(at):
            self._timetable = Timetable(self.book, window_around(at))
        return self._timetable

    def status(self) -> dict[str, Any]:
        """Return what `switchhook status` shows; no number of a caller is in it."""
        return {
            "file": str(self.file),
            "ruleset": self.book.ruleset,
            "agreed": self.agreed,
            "disagreed": self.disagreed,
            "last": list(self.last),
        }


def event_kind(event: IncomingCall | IncomingText) -> str:
    """Return `call` or `text`."""
    return "call" if isinstance(event, IncomingCall) else "text"
