"""An outbox with a journal, an index and providers in memory: providers that refuse, hang, cut the line after accepting."""

import json
import random
from collections import Counter, deque
from collections.abc import Callable, Sequence
from typing import Any, Literal

import attrs
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.task import Clock

from adapters.outcome import CannotTell, Found, NotReached, NotThere, Outcome, Refused, Sent, Unknown
from router.clock import iso
from router.journal.api import JournalDown, Placed
from router.journal.canonical import canonical
from router.journal.record import Point, Record
from router.outbox.ledger import Effect, Entry, Ledger
from router.outbox.message import Message
from router.outbox.outbox import Outbox

NOON = 1_795_348_800.0  # 2026-11-22T12:00:00Z

Fault = Literal["ok", "refuse", "cut", "accept-cut", "accept-hang", "hang", "busy", "busy-slow", "no", "stop", "raise"]


@attrs.define(eq=False)
class MemoryJournal:
    """
    Keeps records as JSON would; *held* ones wait for `sync`, *down* lets nothing reach the disk, *full* takes nothing in.

    *set_by*: seconds the machine's clock has been set by.
    """

    clock: Clock
    up: bool = True
    held: bool = False
    full: bool = False
    set_by: float = 0.0
    records: list[Record] = attrs.field(factory=list)
    waiting: "list[Deferred[None]]" = attrs.field(factory=list)
    hook: Callable[[Sequence[Placed]], object] = lambda _rows: None

    @property
    def head(self) -> Point:
        """The end of it."""
        return Point(len(self.records), "")

    def append(self, kind: str, public: dict[str, Any], private: dict[str, Any]) -> Record:
        """Keep a record."""
        shown, hidden = json.loads(canonical(public)), json.loads(canonical(private))
        record = Record(
            len(self.records) + 1, iso(NOON + self.clock.seconds() + self.set_by), kind, shown, "", hidden, "", ""
        )
        if not self.full:
            self.records.append(record)
        return record

    def durable(self, seq: int) -> "Deferred[None]":
        """Wait for the disk."""
        if not self.up or seq > len(self.records):
            return fail(JournalDown("no disk"))
        if not self.held:
            return succeed(None)
        self.waiting.append(told := Deferred())
        return told

    def sync(self, error: Exception | None = None) -> None:
        """Let everything reach the disk, or nothing."""
        waiting, self.waiting = self.waiting, []
        for told in waiting:
            told.errback(error) if error else told.callback(None)

    def of(self, *kinds: str) -> list[Record]:
        """Return the records of some kinds."""
        return [record for record in self.records if record.kind in kinds]


@attrs.define(eq=False, slots=False)
class MemoryIndex:
    """Knows the records of *journal* up to *seq* (None: all)."""

    journal: MemoryJournal
    seq: int | None = 0
    _ledger: Ledger = attrs.field(factory=Ledger, init=False)
    _applied: int = attrs.field(default=0, init=False)

    def position(self) -> int:
        """Return up to where it is."""
        return len(self.journal.records) if self.seq is None else self.seq

    def ledger(self) -> Ledger:
        """Return what the records say."""
        end = self.position()
        if end < self._applied:
            self._ledger, self._applied = Ledger(), 0
        for record in self.journal.records[self._applied : end]:
            self._ledger.follow(record)
        self._applied = end
        return self._ledger

    def record(self, seq: int) -> Record | None:
        """Return a record."""
        return self.journal.records[seq - 1] if seq <= self.position() else None

    def effects(self) -> list[Effect]:
        """Return what waits."""
        return list(self.ledger().effects.values())

    def effect_done(self, key: str) -> bool:
        """Say whether an effect is done."""
        return key in self.ledger().done

    def unfinished(self) -> list[Entry]:
        """Return what is on its way."""
        return [entry for entry in self.ledger().entries.values() if not entry.finished]

    def message(self, key: str) -> Entry | None:
        """Return a message."""
        return self.ledger().entries.get(key)

    def sent_as(self, via: str, reference: str) -> Entry | None:
        """Return the message with a reference."""
        every = self.ledger().entries.values()
        return next((one for one in every if one.message.via == via and one.reference == reference), None)

    def dead(self) -> int:
        """Count the dead."""
        return sum(entry.course.phase == "dead" for entry in self.ledger().entries.values())


@attrs.define(eq=False, slots=False)
class Provider:
    """
    A provider that outlives the daemon: takes messages, or does what *faults* say, one for each try, then what *otherwise* says.

    *shows*: it can be asked what it has.
    """

    clock: Clock
    shows: bool = True
    otherwise: Fault = "ok"
    faults: "deque[Fault]" = attrs.field(factory=deque)
    has: list[tuple[str, Message, float]] = attrs.field(factory=list)
    tries: "Counter[str]" = attrs.field(factory=Counter)
    looks: "Counter[str]" = attrs.field(factory=Counter)
    under_way: int = 0
    most: int = 0
    hanging: "list[Deferred[Outcome]]" = attrs.field(factory=list)

    def accept(self, message: Message) -> Sent:
        """Take a message: from here on its recipient sees it."""
        reference = f"SM{len(self.has)}"
        self.has.append((reference, message, NOON + self.clock.seconds()))
        return Sent(reference)

    def keys(self) -> list[str]:
        """Return what has arrived, in order."""
        return [message.key for _, message, _ in self.has]

    async def send(self, message: Message) -> Outcome:
        """Do what is next."""
        self.tries[message.key] += 1
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            return await self._send(message, self.faults.popleft() if self.faults else self.otherwise)
        finally:
            self.under_way -= 1

    async def _send(self, message: Message, fault: Fault) -> Outcome:  # noqa: PLR0911, RUF100  a table
        match fault:
            case "ok":
                return self.accept(message)
            case "refuse":
                return NotReached("connection refused")
            case "cut":
                return Unknown("the connection was cut")
            case "accept-cut":
                self.accept(message)
                return Unknown("the connection was cut")
            case "accept-hang":
                self.accept(message)
                return await self._hang()
            case "hang":
                return await self._hang()
            case "busy":
                return Refused("too many requests (20429)", retry_after=20)
            case "busy-slow":
                return Refused("queue full (21611)")
            case "no":
                return Refused("no such number (21211)", permanent=True)
            case "stop":
                return Refused("recipient opted out (21610)", permanent=True, opted_out=True)
            case "raise":
                raise RuntimeError("a bug")

    async def _hang(self) -> Outcome:
        self.hanging.append(told := Deferred())
        return await told

    async def look_up(self, message: Message, since: float, taken: Callable[[str], bool]) -> Found:
        """Look for a message by what a provider knows of it."""
        self.looks[message.key] += 1
        if not self.shows:
            return CannotTell("it has no list")
        for reference, known, at in self.has:
            if at >= since and (known.to, known.body) == (message.to, message.body) and not taken(reference):
                return Sent(reference)
        return NotThere()


def text(key: str = "01A.0/0", *, lane: str = "main|1", **more: Any) -> Message:
    """Return a text to a teammate."""
    given: dict[str, Any] = {
        "about": key.partition(".")[0],
        "kind": "deliver",
        "channel": "sms",
        "via": "twilio",
        "number": "main",
        "person": "ben",
        "again": True,
        "to": "+16175550142",
        "sender": "+16175550100",
        "body": f"words of {key}",
    }
    return Message(key=key, lane=lane, **(given | more))


def chance(seed: int) -> Callable[[int], bytes]:
    """Return randomness that is the same each time."""
    return random.Random(seed).randbytes


@attrs.define(eq=False)
class Bureau:
    """An outbox and everything around it; `restart` makes a new one on the same journal and the same provider."""

    clock: Clock = attrs.field(factory=Clock)
    journal: MemoryJournal = attrs.field(init=False)
    index: MemoryIndex = attrs.field(init=False)
    provider: Provider = attrs.field(init=False)
    outbox: Outbox = attrs.field(init=False)
    forbidden: dict[str, str] = attrs.field(factory=dict)
    dead: list[tuple[str, str]] = attrs.field(factory=list)
    opted_out: list[str] = attrs.field(factory=list)
    told: list[str] = attrs.field(factory=list)
    wall_offset: float = 0.0

    def __attrs_post_init__(self) -> None:
        """Start."""
        self.journal = MemoryJournal(self.clock)
        self.index = MemoryIndex(self.journal)
        self.provider = Provider(self.clock)
        self.open()

    def open(self) -> None:
        """Start an outbox on the journal there is."""
        self.outbox = Outbox(
            journal=self.journal,
            index=self.index,
            timers=self.clock,
            wall=lambda: NOON + self.clock.seconds() + self.wall_offset,
            channels={("sms", "twilio"): self.provider},
            may_text=lambda message: self.forbidden.get(message.to),
            chance=chance(len(self.journal.records)),
        )
        self.outbox.hooks.dead.append(lambda message, reason: self.dead.append((message.key, reason)))
        self.outbox.hooks.opted_out.append(lambda message: self.opted_out.append(message.to))
        self.outbox.hooks.effects.append(lambda _record, effects: self.told.extend(one.key for one in effects))
        self.outbox.restore(self.journal.records[self.index.position() :])
        self.outbox.start()

    def crash(self) -> None:
        """End as `kill -9` does: timers and what is under way are gone, the provider has what it has."""
        for late in self.clock.getDelayedCalls():
            late.cancel()
        self.outbox.sender.stopping = True
        for flight in list(self.outbox.sender.flights.values()):
            flight.returned.cancel()

    def restart(self) -> None:
        """Crash, and start again."""
        self.crash()
        self.open()

    def queue(self, *keys: str, **more: Any) -> None:
        """Queue a text for each key, an effect of its own for each."""
        for key in keys:
            self.outbox.queue(key.partition("/")[0], [text(key, **more)])

    def run(self, seconds: float, step: float = 1.0) -> None:
        """Let time pass."""
        for _ in range(max(1, int(seconds / step))):
            self.clock.advance(step)

    def phase(self, key: str = "01A.0/0") -> str:
        """Return how far a message is."""
        return self.outbox.book.entries[key].course.phase

    def decide(self, name: str, *effects: dict[str, Any], **private: Any) -> Record:
        """Write the record of a text with *effects*, and let it be durable."""
        made = [
            {"key": f"{name}.{place}", "people": [], "target": None, "number": "main", **one}
            for place, one in enumerate(effects)
        ]
        record = self.journal.append("text", {"id": name, "number": "main"}, {"text": "hi", "outbox": made, **private})
        self.durable(record)
        return record

    def durable(self, record: Record) -> None:
        """Tell the outbox that a record is on disk."""
        self.outbox.durable([Placed(record, 0, 0, 0)])
