"""The way to one provider: what is lined up for it, and how much of it is under way."""

from collections import deque

import attrs
from twisted.internet.defer import Deferred

from router.outbox.breaker import Breaker
from router.outbox.machine import Event


@attrs.define(eq=False)
class Gate:
    """The way to one provider: what is ready for it, and how much is under way."""

    via: str
    breaker: Breaker = attrs.field(factory=Breaker)
    flying: int = 0
    ready: deque[str] = attrs.field(factory=deque)
    looks: deque[str] = attrs.field(factory=deque)


@attrs.define(eq=False)
class Flight:
    """A try or a look-up under way, for as long as its lease lasts."""

    gate: Gate
    until: float
    returned: "Deferred[Event]" = attrs.field(factory=Deferred)
