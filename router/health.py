"""How the daemon is: readiness with each check, the status for people, and the figures that must be looked up."""

from typing import Any

import attrs

from router.clock import Clock, iso
from router.engine.engine import Engine
from router.feeds.service import CalendarService
from router.loading import Refusal
from router.masking import mask_all, mask_text
from router.metrics import Metrics
from router.outbox.outbox import Outbox
from router.rulebook import RuleBookService
from router.store import Store
from router.switchboard.switchboard import Switchboard
from router.version import own_version


@attrs.define(eq=False)
class Health:
    """Looks at the parts of a running daemon; *calendars* come last of them. *unsendable* texts are told."""

    rules: RuleBookService
    store: Store
    engine: Engine
    clock: Clock
    metrics: Metrics
    switchboard: Switchboard
    outbox: Outbox
    calendars: CalendarService | None = None
    unsendable: list[str] = attrs.field(factory=list)

    def checks(self) -> dict[str, dict[str, Any]]:
        """Say for each part whether it is well, whether taking calls and texts needs it, and what is wrong."""
        refusal, journal, index = self.rules.refusal, self.store.journal, self.store.index
        covered = self.rules.current.timetable.covers(int(self.clock.now()))
        refused = f"the files on disk were refused, the rules before them go on: {_first(refusal)}" if refusal else ""
        stale = self.calendars.stale() if self.calendars is not None else []
        return {
            "rules": _check(refusal is None, refused),
            "journal": _check(journal.up, "it cannot be written; calls are answered, texts are not taken", needed=True),
            "index": _check(index.up, "it does not follow the journal; calls go on"),
            "clock": _check(covered, "the rules are not compiled for the date the machine's clock shows"),
            "calendars": _check(not stale, "; ".join(stale)),
            "texts": _check(not self.unsendable, "; ".join(self.unsendable)),
        }

    def status(self, places: dict[str, str], started_at: float) -> dict[str, Any]:
        """Return everything `switchhook status` shows."""
        current, journal, index = self.rules.current, self.store.journal, self.store.index
        last = self.rules.last
        return {
            "version": own_version(),
            "started_at": iso(started_at),
            "ruleset": current.book.ruleset,
            "since": iso(current.since),
            "files": sorted(current.files.texts),
            "numbers": sorted(current.book.numbers),
            "last_reload": None if last is None else {"good": last.good, "problems": mask_all(list(last.problems))},
            "listens": places,
            "live_calls": len(self.engine.shared.calls),
            "in_flight": self.engine.in_flight(),
            "overrides": self.switchboard.listed(),
            "held_texts": self.outbox.counts()["held"],
            "outbox": self.outbox.counts(),
            "journal": {"up": journal.up, "seq": journal.head.seq, "waiting": journal.waiting()},
            "index": {"up": index.up, "position": index.position(), "lag_seconds": round(index.lag(), 3)},
            "shadow": shadow.status() if (shadow := self.engine.shared.shadow) else None,
            "checks": self.checks(),
        }

    def tidy(self) -> None:
        """Tidy up, end what is over, and measure what is at hand; called every second."""
        self.engine.tidy()
        self.switchboard.tick()
        self.metrics.index_lag.set(self.store.index.lag())
        self.metrics.index_up.set(1 if self.store.index.up else 0)

    def measure(self) -> None:
        """Count what is on its way; what is given up is counted by the index."""
        counts = self.outbox.counts()
        self.metrics.held_texts.set(counts["held"])
        for state, count in counts.items():
            self.metrics.outbox_messages.labels(state).set(count)
        self.metrics.outbox_oldest_age.set(self.outbox.oldest())


def _check(good: bool, otherwise: str, *, needed: bool = False) -> dict[str, Any]:
    return {"ok": good, "needed": needed, "note": "" if good else otherwise}


def _first(refusal: Refusal) -> str:
    """Tell the first mistake; a number that stands in the wrong place of a file is masked as anywhere."""
    return mask_text(refusal.problems[0].headline() if refusal.problems else refusal.shown)
