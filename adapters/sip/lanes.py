"""Timers by the thousand: what waits equally long waits in one queue, and one call of the reactor serves them all."""

from collections import deque
from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

import attrs

from adapters.site import Clock


class Stateful(Protocol):
    """What can wait: a thing with a state, which a timer is set for."""

    @property
    def state(self) -> object:
        """The state it is in; compared by identity."""


T = TypeVar("T", bound=Stateful)


@attrs.define(eq=False)
class Lanes(Generic[T]):
    """
    Runs actions after a few fixed times.

    A timer belongs to the state its thing was in when it was set, and is void once that has changed: nothing has to be
    cancelled. Setting one costs an append; the reactor is asked for one call, the earliest.
    """

    clock: Clock
    _lanes: dict[float, deque[tuple[float, T, object, Callable[[T], None]]]] = attrs.field(factory=dict, init=False)
    _call: Any = attrs.field(default=None, init=False)
    _due: float = attrs.field(default=0.0, init=False)

    def after(self, seconds: float, thing: T, action: Callable[[T], None]) -> None:
        """Call *action* with *thing* in *seconds*, if it is in the state it is in now."""
        due = self.clock.seconds() + seconds
        lane = self._lanes.get(seconds)
        if lane is None:
            lane = self._lanes[seconds] = deque()
        lane.append((due, thing, thing.state, action))
        if self._call is None or due < self._due:
            self._wake_at(due)

    def soonest(self, seconds: float) -> T | None:
        """Take the thing that has waited longest of those that wait for *seconds*; None when there is none."""
        lane = self._lanes.get(seconds, ())
        while lane:
            _, thing, state, _ = lane.popleft()
            if thing.state is state:
                return thing
        return None

    def stop(self) -> None:
        """Forget all of them."""
        self._lanes.clear()
        if self._call is not None:
            self._call.cancel()
            self._call = None

    def _wake_at(self, due: float) -> None:
        if self._call is not None:
            self._call.cancel()
        self._due = due
        self._call = self.clock.callLater(max(0.0, due - self.clock.seconds()), self._run)

    def _run(self) -> None:
        """Run what is due, and ask to be called for the next that is not void."""
        self._call = None
        now = self.clock.seconds()
        for lane in list(self._lanes.values()):
            while lane and (lane[0][0] <= now or lane[0][1].state is not lane[0][2]):
                _, thing, state, action = lane.popleft()
                if thing.state is state:
                    action(thing)
        due = min((lane[0][0] for lane in self._lanes.values() if lane), default=None)
        if due is not None and (self._call is None or due < self._due):
            self._wake_at(due)
