"""Runs the coroutine of a request, and gives it something to wait for: what Deferreds do, without the Deferreds nobody here needs."""

from collections.abc import Callable, Coroutine, Generator
from contextvars import Context, copy_context
from typing import Any, Generic, Protocol, TypeVar, cast

import attrs
import structlog
from twisted.python.failure import Failure

T = TypeVar("T")
_NOT_YET: Any = object()


class Awaited(Protocol):
    """What such a coroutine may wait for: a Deferred, or a `Later`."""

    def addBoth(self, callback: Callable[[Any], Any], /) -> Any:  # noqa: N802
        """Have *callback* told of the outcome."""


def run(coroutine: Coroutine[Awaited, Any, None]) -> None:
    """
    Run *coroutine* up to its end, in a context of its own (what it binds for the log is bound for nobody else).

    What it raises goes to whoever fires the one it waits for, so it should raise nothing.
    """
    _Run(coroutine, copy_context())(None)


@attrs.define(eq=False)
class _Run:
    coroutine: Coroutine[Awaited, Any, None]
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


@attrs.define(eq=False)
class Later(Generic[T]):
    """A value that is still to come, for one coroutine that waits for it: a Deferred without chains, errors and cancelling."""

    _value: T = _NOT_YET
    _then: Callable[[T], object] | None = None

    def come(self, value: T) -> None:
        """Give it, once. Whoever waits goes on at once, and what goes wrong there is no business of the caller's: it is logged."""
        self._value = value
        if self._then is None:
            return
        try:
            self._then(value)
        except Exception:
            structlog.get_logger("adapters.running").exception("request.failed")

    def __await__(self) -> Generator["Later[T]", T, T]:
        """Wait, unless it is there."""
        return self._value if self._value is not _NOT_YET else (yield self)

    def addBoth(self, callback: Callable[[T], object], /) -> None:  # noqa: N802
        """Have *callback* told when it comes."""
        self._then = callback
