"""Timers in queues of equal length."""

import attrs
from twisted.internet.task import Clock

from adapters.sip.lanes import Lanes


@attrs.define(eq=False)
class Thing:
    """Something with a state."""

    name: str
    state: object = "waiting"


def test_a_changed_state_voids_a_timer() -> None:
    """Only what is still as it was is called, in the order of time; in the end the reactor is asked for nothing."""
    clock, heard = Clock(), list[str]()
    lanes: Lanes[Thing] = Lanes(clock)
    things = [Thing(name) for name in "abc"]
    for seconds, thing in zip((3, 1, 3), things, strict=True):
        lanes.after(seconds, thing, lambda thing: heard.append(f"{thing.name}{clock.seconds():g}"))
    things[0].state = "over"
    clock.pump([0.9, 0.1, 1.9, 0.1])
    assert heard == ["b1", "c3"]
    assert clock.getDelayedCalls() == []


def test_the_one_that_has_waited_longest() -> None:
    """It is taken out of its queue, void ones passed over; an empty or unknown queue has none."""
    lanes: Lanes[Thing] = Lanes(Clock())
    things = [Thing(name) for name in "ab"]
    for thing in things:
        lanes.after(5, thing, lambda _: None)
    things[0].state = "over"
    assert [lanes.soonest(5), lanes.soonest(5), lanes.soonest(4)] == [things[1], None, None]


def test_a_timer_set_by_a_timer() -> None:
    """It is kept, also when it is the earliest of all."""
    clock, heard = Clock(), list[float]()
    lanes: Lanes[Thing] = Lanes(clock)
    thing = Thing("a")
    lanes.after(9, thing, lambda _: heard.append(clock.seconds()))
    lanes.after(1, thing, lambda _: lanes.after(2, thing, lambda _: heard.append(clock.seconds())))
    clock.pump([1, 1, 1, 6])
    assert heard == [3, 9]
