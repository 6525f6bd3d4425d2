"""Runs the coroutine of a request: what `Deferred.fromCoroutine` does, without the Deferred that nobody here waits for."""

from collections.abc import Coroutine
from contextvars import Context, copy_context
from typing import Any, cast

import attrs
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure


def run(coroutine: "Coroutine[Deferred[Any], Any, None]") -> None:
    """
    Run *coroutine* up to its end, in a context of its own (what it binds for the log is bound for nobody else).

    It may await Deferreds; what it raises goes to whoever fires the one it waits for, so it should raise nothing.
    """
    _Run(coroutine, copy_context())(None)


@attrs.define(eq=False)
class _Run:
    coroutine: "Coroutine[Deferred[Any], Any, None]"
    context: Context

    def __call__(self, outcome: Any) -> None:
        """Go on with the *outcome* of what was waited for, up to the next wait."""
        try:
            if isinstance(outcome, Failure):
                error = cast("BaseException", outcome.value)
                waited_for = self.context.run(lambda: self.coroutine.throw(error))
            else:
                waited_for = self.context.run(self.coroutine.send, outcome)
        except StopIteration:
            return
        waited_for.addBoth(self)
