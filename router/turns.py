"""
What is to be done at the end of the reactor's turn: the journal's batch, then the log's lines.

Twisted's own way, `callLater(0, …)`, makes a timer, puts it into a heap and takes it out again, and for a call that comes
alone that was a tenth of all its work.
"""

from collections.abc import Callable
from typing import Any

import attrs
import structlog

from router.journal.api import Timers

log = structlog.get_logger()


@attrs.define(eq=False)
class _Soon:
    """Something to be done, unless it is cancelled."""

    work: Callable[..., Any] | None
    given: tuple[object, ...]

    def cancel(self) -> None:
        """Leave it."""
        self.work = None


@attrs.define(eq=False)
class Turns:
    """
    The *timers* of a reactor, which keep what is to be done at once until its turn ends: all that came in has been read then.

    For use on the reactor's thread. Until `watch`, and outside of a turn, `callLater` is the reactor's own.
    """

    timers: Timers
    _due: list[_Soon] = attrs.field(factory=list)
    _within: bool = False

    def watch(self, reactor: Any) -> None:
        """Learn from now on where a turn of *reactor* (any of Twisted's) begins and ends."""
        poll = reactor.doIteration

        def turn(delay: float | None) -> None:
            self._within = True
            try:
                poll(delay)
            finally:
                self._within = False
                if self._due:
                    self._end()

        reactor.doIteration = turn

    def seconds(self) -> float:
        """Return monotonic seconds."""
        return self.timers.seconds()

    def callLater(self, delay: float, callable: Callable[..., Any], /, *args: object) -> Any:  # noqa: A002, N802
        """Call back after *delay* seconds, 0: when this turn ends; what is returned has a `cancel`."""
        if delay or not self._within:
            return self.timers.callLater(delay, callable, *args)
        soon = _Soon(callable, args)
        self._due.append(soon)
        return soon

    def _end(self) -> None:
        """Do what was put off; what one of them cannot do is no reason not to do the next."""
        due, self._due = self._due, []
        for soon in due:
            if soon.work is None:
                continue
            try:
                soon.work(*soon.given)
            except Exception:
                log.exception("turn.failed", logger="daemon")
