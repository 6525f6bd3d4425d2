"""What the analysis finds in the rules in force, as gauges: who is not reached in the days to come, which rules never decide."""

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

import attrs
import structlog
from twisted.internet.defer import Deferred

from router.clock import Clock
from router.files import Files
from router.gauging import Coverage, Look
from router.journal.api import Timers
from router.loading import InForce
from router.metrics import Metrics
from router.rulebook import InThread

LATER = 5.0
"""Seconds after a load before the analysis begins: whoever has just changed the rules may have more to say, and calls come first."""


class Analyst(Protocol):
    """One look at rules; waits for the answer, in a thread."""

    def __call__(self, files: Files, at: int) -> Coverage | None:
        """Return what there is to find from *at* on; None when it was given up."""

    def give_up(self) -> None:
        """End it."""


@attrs.define(eq=False)
class Analysis:
    """
    Has the rules in force looked at whenever they are swapped: after each load, and every night.

    Newer rules end a look at older ones.
    """

    timers: Timers
    metrics: Metrics
    clock: Clock
    in_thread: InThread
    analyst: Callable[[], Analyst] = Look
    _wanted: InForce = attrs.field(init=False)
    _look: Analyst | None = attrs.field(default=None, init=False)
    _soon: Any = attrs.field(default=None, init=False)
    _running: "Deferred[None] | None" = attrs.field(default=None, init=False)

    def follow(self, rules: InForce) -> None:
        """Look at *rules*, a little later."""
        self._give_up()
        self._wanted = rules
        self._soon = self.timers.callLater(LATER, self._begin)

    async def stop(self) -> None:
        """Stop; returns when nothing of ours is left."""
        self._give_up()
        if self._running is not None:
            await self._running

    def _give_up(self) -> None:
        if self._soon is not None:
            self._soon.cancel()
            self._soon = None
        if self._look is not None:
            self._look.give_up()

    def _begin(self) -> None:
        self._soon = None
        if self._running is not None and not self._running.called:  # the one given up has not come to its end yet
            self._soon = self.timers.callLater(LATER, self._begin)
        else:
            self._running = Deferred.fromCoroutine(self._run())

    async def _run(self) -> None:
        log = structlog.get_logger().bind(logger="rules")
        self._look = self.analyst()
        try:
            found = await self.in_thread(partial(self._look, self._wanted.files, int(self.clock.now())))
        except Exception:
            log.exception("rules.analysis-failed")
        else:
            if found is not None:
                self.publish(found)
                gaps, unreachable = sum(found.gaps.values()), sum(found.unreachable.values())
                log.info("rules.analysed", gap_seconds=gaps, unreachable=unreachable)

    def publish(self, found: Coverage) -> None:
        """Set the gauges; numbers that are gone lose theirs."""
        for gauge, values in (
            (self.metrics.coverage_gap, found.gaps),
            (self.metrics.unreachable_rules, found.unreachable),
        ):
            gauge.clear()
            for number, value in values.items():
                gauge.labels(number).set(value)
