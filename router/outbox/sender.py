"""
Sends what is due: each lane in order, each provider a few at a time, and a provider that fails only now and then.

It decides when something happens, the machine what it means; what came of it is recorded by the outbox it works for.
"""

from collections import deque
from collections.abc import Callable, Coroutine
from heapq import heappop, heappush
from typing import Any

import attrs
import structlog
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from adapters.outcome import CannotTell, Refused, Sent
from router.journal.api import Timers
from router.outbox.book import Book
from router.outbox.carrier import EXPIRED, Carrier
from router.outbox.course import LEASE
from router.outbox.gate import Flight, Gate
from router.outbox.lanes import Lanes
from router.outbox.ledger import Entry
from router.outbox.machine import Begin, Came, Event, Killed, LeaseOver, Looked, waited

MOST = 8
"""Messages under way to one provider at the same time."""

GRACE = 5.0
"""Seconds that what is under way gets when we are told to stop."""


@attrs.define(eq=False)
class Sender:
    """Moves messages; *now* gives steady epoch seconds, which nobody can set. *most*: messages under way to one provider."""

    book: Book
    carrier: Carrier
    timers: Timers
    now: Callable[[], float]
    most: int = MOST
    lanes: Lanes = attrs.field(factory=Lanes, init=False)
    gates: dict[str, Gate] = attrs.field(factory=dict, init=False)
    flights: dict[str, Flight] = attrs.field(factory=dict, init=False)
    stopping: bool = attrs.field(default=False, init=False)
    _due: list[tuple[float, tuple[int, int], str]] = attrs.field(factory=list, init=False)
    _turn: Any = attrs.field(default=None, init=False)
    _landing: Deferred[None] | None = attrs.field(default=None, init=False)
    _log: structlog.typing.FilteringBoundLogger = attrs.field(
        factory=lambda: structlog.get_logger().bind(logger="outbox")
    )

    def __attrs_post_init__(self) -> None:
        """Hear of every change."""
        self.book.follower = self._changed

    def add(self, entry: Entry) -> None:
        """Put a message at the end of its lane."""
        self.lanes.add(entry)
        self._expect(entry)

    def _changed(self, before: Entry, after: Entry) -> None:
        if not after.finished:
            self.add(after) if before.finished else self._expect(after)
        elif not before.finished:
            following = self.lanes.remove(after)
            if following is not None:
                self._expect(self.book.entries[following])

    def _expect(self, entry: Entry) -> None:
        """Note when something is next to be done about a message, if it is the first of its lane."""
        message, due = entry.message, entry.course.due
        if not self.lanes.leads(entry):
            return
        if message.expires_at is not None and entry.course.phase == "waiting":
            due = min(due, self.now() + max(0.0, message.expires_at - self.carrier.wall()))
        heappush(self._due, (due, entry.order, message.key))
        self.soon()

    # ---------------------------------------------------------------- what is due

    def soon(self) -> None:
        """Look in the next turn of the reactor what is to be done."""
        if self._turn is None and not self.stopping:
            self._turn = self.timers.callLater(0, self._turned)

    def _turned(self) -> None:
        self._turn = None
        self.pump()

    def pump(self) -> None:
        """Do what is due and may be done now; called every second, and whenever something has changed."""
        if self.stopping:
            return
        at = self.now()
        self._end_leases(at)
        while self._collect(at):
            for gate in self.gates.values():
                self._look(gate, at)
                self._try(gate, at)

    def leapt(self, seconds: float) -> None:
        """Do what is due now that *now* has leapt; whoever is being spoken with has noticed nothing."""
        for flight in self.flights.values():
            flight.until += seconds
        self.pump()

    def tidy(self) -> None:
        """Let go of what has expired while its provider could not be reached."""
        for gate in self.gates.values():
            for key in list(gate.ready):
                entry = self.book.entries.get(key)
                if entry is not None and entry.course.phase == "waiting" and self.carrier.expired(entry.message):
                    self.book.move(key, Killed(EXPIRED))

    def _collect(self, at: float) -> bool:
        """Line up at the gates what has become due; False when nothing is to be done there."""
        while self._due and self._due[0][0] <= at:
            _, _, key = heappop(self._due)
            entry = self._first(key)
            if entry is None or key in self.flights:
                continue
            gate = self._gate(entry.message.via)
            if entry.course.phase == "unknown":
                gate.looks.append(key)
            else:
                gate.ready.append(key)
        return any(self._open(gate, at) for gate in self.gates.values())

    def _gate(self, via: str) -> Gate:
        return self.gates.setdefault(via, Gate(via))

    def _open(self, gate: Gate, at: float) -> bool:
        """Say whether something of what is lined up at *gate* may be done."""
        if gate.flying >= self.most:
            return False
        return bool(gate.looks) or (bool(gate.ready) and gate.breaker.allows(at) and self.book.journal.up)

    def _first(self, key: str) -> Entry | None:
        """Return the message, if there is something to do about it: unfinished, and the first of its lane."""
        entry = self.book.entries.get(key)
        return entry if entry is not None and self.lanes.leads(entry) else None

    def _take(self, line: deque[str], phase: str, at: float) -> Entry | None:
        """Take from *line* the next message that is in *phase* and due; what has become of the others is known elsewhere."""
        while line:
            key = line.popleft()
            entry = self._first(key)
            if entry is None or key in self.flights or entry.course.phase != phase:
                continue
            if entry.course.due <= at or (phase == "waiting" and self.carrier.expired(entry.message)):
                return entry
            self._expect(entry)
        return None

    # ---------------------------------------------------------------- trying

    def _try(self, gate: Gate, at: float) -> None:
        while gate.ready and self._open(gate, at) and (entry := self._take(gate.ready, "waiting", at)):
            message = entry.message
            reason = self.carrier.against(message)
            if reason is not None:
                self.book.move(message.key, Killed(reason))
                continue
            gate.breaker.began(at)
            record = self.book.move(message.key, Begin())
            assert record is not None
            self._fly(message.key, gate, at, self.carrier.send(self.book.entries[message.key], record.seq))

    # ---------------------------------------------------------------- asking

    def _look(self, gate: Gate, at: float) -> None:
        while gate.looks and gate.flying < self.most and (entry := self._take(gate.looks, "unknown", at)):
            self._fly(entry.message.key, gate, at, self.carrier.look_up(entry, self.book.taken(entry.message.key)))

    # ---------------------------------------------------------------- what is under way

    def _fly(self, key: str, gate: Gate, at: float, work: Coroutine[Any, Any, Event]) -> None:
        gate.flying += 1
        flight = self.flights[key] = Flight(gate, at + LEASE)
        flight.returned = Deferred.fromCoroutine(work)
        flight.returned.addBoth(self._landed, key, flight)

    def _landed(self, result: "Event | Failure", key: str, flight: Flight) -> None:
        """Take in what came of a try or a look-up; one that was cut short has nothing to say."""
        current = self.flights.get(key) is flight
        if current:
            del self.flights[key]
            flight.gate.flying -= 1
        if not isinstance(result, Failure) and (current or not self.stopping):
            if current:
                self._judge(flight.gate, result)
            self.book.move(key, result)
            if (entry := self._first(key)) is not None:
                self._expect(entry)
        if not self.flights:
            self._let_go()
        self.soon()

    def _end_leases(self, at: float) -> None:
        """Give up waiting for what takes too long."""
        for key, flight in [(key, flight) for key, flight in self.flights.items() if flight.until <= at]:
            del self.flights[key]
            flight.gate.flying -= 1
            flight.returned.cancel()
            entry = self.book.entries.get(key)
            if entry is not None and entry.course.phase == "sending":
                self._failed(flight.gate)
                self.book.move(key, LeaseOver())
            elif entry is not None:
                self.book.move(key, Looked(CannotTell("no answer to the look-up"), entry.course.fence))

    def _judge(self, gate: Gate, event: Event) -> None:
        """Learn from what came back how the provider is."""
        match event:
            case Came(outcome=Sent() | Refused(permanent=True)):
                if gate.breaker.worked():
                    self._log.info("outbox.provider-up", via=gate.via)
                    self._hurry(gate.via)
            case Came(outcome=Refused(retry_after=float() | int() as wait)):
                gate.breaker.pause(self.now() + waited(wait))
            case Came():
                self._failed(gate)

    def _failed(self, gate: Gate) -> None:
        if gate.breaker.failed(self.now()):
            self._log.warning("outbox.provider-down", via=gate.via, note="tried only now and then until it answers")

    def _hurry(self, via: str) -> None:
        """Make due what waits for its next try only because the provider did not answer."""
        for key in self.lanes.first():
            entry = self.book.entries[key]
            if entry.message.via == via and entry.course.phase == "waiting":
                self.book.hasten(key, self.now())

    # ---------------------------------------------------------------- the end

    async def stop(self) -> None:
        """Begin nothing more; what is under way has a few seconds, then it is left as it is, for the next start to look up."""
        self.stopping = True
        if self._turn is not None:
            self._turn.cancel()
            self._turn = None
        if self.flights:
            landing = self._landing = Deferred()
            over = self.timers.callLater(GRACE, self._abandon)
            await landing
            if over.active():
                over.cancel()

    def _abandon(self) -> None:
        """Cut short what is still under way, without a word about it."""
        for flight in list(self.flights.values()):
            flight.returned.cancel()
        self.flights.clear()
        self._let_go()

    def _let_go(self) -> None:
        """Tell whoever waits for the end that nothing is under way."""
        landing, self._landing = self._landing, None
        if landing is not None:
            landing.callback(None)
