"""What is done every second: looks whether the reactor and the clocks keep time, tidies up, measures."""

from collections.abc import Callable
from typing import Any, cast

import attrs
import structlog
from twisted.internet.defer import Deferred
from twisted.internet.task import LoopingCall

from router.clock import Clock, Watch
from router.journal.api import Timers
from router.metrics import Metrics

HURRY = 0.1
"""Seconds between two looks for answers that are late."""

SLOW = 15
"""The outbox is measured in every so-manieth beat; it is read from the database."""

TOLERANCE = 1.0
"""Seconds the wall clock may move against the monotonic one between two beats before it counts as set; NTP slews far less."""


@attrs.define(eq=False)
class Heartbeat:
    """
    Beats once a second; *hurry* is called ten times as often.

    *tidy* and *measure* are called in every beat and in every fifteenth, *clock_set* with the seconds the clock was set by.
    """

    timers: Timers
    clock: Clock
    metrics: Metrics
    hurry: Callable[[], object]
    tidy: Callable[[], object]
    measure: Callable[[], object]
    clock_set: Callable[[float], object]
    _watch: Watch = attrs.field(factory=lambda: Watch(TOLERANCE), init=False)
    _expected: float | None = attrs.field(default=None, init=False)
    _beats: int = attrs.field(default=0, init=False)
    _loops: "list[tuple[LoopingCall, Deferred[LoopingCall]]]" = attrs.field(factory=list, init=False)

    def start(self) -> None:
        """Begin."""
        for work, every in ((self.hurry, HURRY), (self.beat, 1.0)):
            loop = LoopingCall(self._guarded, work)
            loop.clock = cast("Any", self.timers)  # zope's interface, in words a type checker reads
            self._loops.append((loop, loop.start(every, now=False)))

    async def stop(self) -> None:
        """End; nothing of ours is left in the reactor."""
        loops, self._loops = self._loops, []
        for loop, done in loops:
            loop.stop()
            await done

    def beat(self) -> None:
        """Do what is due in one second."""
        now = self.timers.seconds()
        self.metrics.reactor_lag.set(0.0 if self._expected is None else max(0.0, now - self._expected))
        self._expected = now + 1.0
        apart = self._watch.jumped(self.clock.now(), now)
        if apart:
            self.metrics.clock_jumps.inc()
            self.clock_set(apart)
            structlog.get_logger().warning("clock.was-set", logger="daemon", seconds=round(apart, 3))
        self.tidy()
        if self._beats % SLOW == 0:
            self.measure()
        self._beats += 1

    def _guarded(self, work: Callable[[], object]) -> None:
        """Do *work*; an exception would end the loop for good."""
        try:
            work()
        except Exception:
            structlog.get_logger().exception("heartbeat.failed", logger="daemon")
