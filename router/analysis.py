"""What the analysis finds in the rules in force, as gauges: who is not reached in the days to come, which rules never decide."""

from collections.abc import Mapping
from functools import partial
from threading import Event

import attrs
import structlog
from twisted.internet.defer import Deferred

from router.clock import Clock
from router.files import Files
from router.loading import InForce, pieces
from router.metrics import Metrics
from router.quiet import let_go, quietly
from router.rulebook import InThread
from rules.findings import Study, never_reached, open_but_nobody
from rules.load import Loaded
from rules.timeline import Window

DAY = 86400
AHEAD = 7 * DAY
"""How far `coverage_gap_seconds` looks."""

FAR = 400 * DAY
"""How far rules that never decide are looked for."""

PAUSE = 0.01
"""Seconds of rest after each number: the thread shares the interpreter with the reactor, whose calls come first."""


@attrs.frozen
class Coverage:
    """What was found: seconds open with nobody there, and rules that never decide, by number."""

    gaps: Mapping[str, int]
    unreachable: Mapping[str, int]


@attrs.define(eq=False)
class Analysis:
    """
    Looks at the rules in force in a thread, whenever they are swapped: after each load, and every night.

    Newer rules end a look at older ones.
    """

    metrics: Metrics
    clock: Clock
    in_thread: InThread
    _wanted: Files | None = attrs.field(default=None, init=False)
    _running: "Deferred[None] | None" = attrs.field(default=None, init=False)
    _stopped: Event = attrs.field(factory=Event, init=False)

    def follow(self, rules: InForce) -> None:
        """Look at *rules* as soon as the thread is free; only their files are kept, so that an old book can go."""
        self._wanted = rules.files
        if self._running is None or self._running.called:
            self._running = Deferred.fromCoroutine(self._run())

    async def stop(self) -> None:
        """Stop; returns when the thread has ended."""
        self._stopped.set()
        if self._running is not None:
            await self._running

    async def _run(self) -> None:
        log = structlog.get_logger().bind(logger="rules")
        while self._wanted is not None and not self._stopped.is_set():
            files, self._wanted = self._wanted, None
            at = int(self.clock.now())
            try:
                found = await self.in_thread(partial(self.look, files, at))
            except Exception:
                log.exception("rules.analysis-failed")
            else:
                if found is not None:
                    log.info(
                        "rules.analysed", gaps=sum(found.gaps.values()), unreachable=sum(found.unreachable.values())
                    )

    def look(self, files: Files, at: int) -> Coverage | None:
        """
        Find it all out, from *at* (UTC epoch seconds) on, and set the gauges; None when there is something newer to do.

        The files are read again: what was written is of no use to a daemon, and would be kept in memory all the time.
        """
        with quietly():
            loaded = files.load()
        found = self._find(loaded, at)
        made = pieces(loaded)
        del loaded
        let_go(made)
        if found is not None:
            self.publish(found)
        return found

    def _find(self, loaded: Loaded, at: int) -> Coverage | None:
        if loaded.book is None or loaded.spec is None:  # a greeting has gone since
            return None
        book, spec = loaded.book, loaded.spec
        gaps = open_but_nobody(Study.of(book, spec, Window(at, at + AHEAD)), self._go_on)
        unreachable = never_reached(Study.of(book, spec, Window(at, at + FAR)), self._go_on)
        return Coverage(gaps, unreachable) if self._go_on(0, 0) else None

    def publish(self, found: Coverage) -> None:
        """Set the gauges; numbers that are gone lose theirs."""
        for gauge, values in (
            (self.metrics.coverage_gap, found.gaps),
            (self.metrics.unreachable_rules, found.unreachable),
        ):
            gauge.clear()
            for number, value in values.items():
                gauge.labels(number).set(value)

    def _go_on(self, done: int, _of: int) -> bool:
        """Rest a little, and say whether to go on."""
        return not self._stopped.wait(PAUSE if done else 0) and self._wanted is None
