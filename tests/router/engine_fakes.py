"""An engine with a journal, an index and a provider in memory, and an office small enough to know by heart."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.task import Clock

from adapters.api import Answer, Capabilities, RawRequest, RawResponse
from adapters.running import run
from router.clock import epoch, iso
from router.engine.engine import Engine
from router.engine.facts import Facts
from router.engine.memory import Memory
from router.engine.recovery import restore
from router.engine.shared import Shared
from router.files import Files
from router.journal.api import JournalDown
from router.journal.canonical import canonical
from router.journal.form import Forms
from router.journal.record import Point, Record
from router.links import Links
from router.loading import InForce, Source
from router.metrics import Metrics
from rules.deciding import Timetable
from rules.event import (
    CallEnded,
    Happening,
    IncomingCall,
    IncomingText,
    Progress,
    Receipt,
    StepRef,
)

TUESDAY_10 = 1_795_532_400.0  # 2026-11-24 15:00 UTC, 10:00 in New York: open
TUESDAY_22 = TUESDAY_10 + 12 * 3600
KEY = b"k" * 32

OFFICE = """
listen: {public: "127.0.0.1:0", admin: "127.0.0.1:0"}
public_url: https://phone.example/base
providers:
  pbx: {adapter: generic, secret: env:PBX_SECRET}
safety: {countries: [US], max_forwards_per_hour: 60}
failsafe: {say: Please leave a message., voicemail: main}
business: {name: Acme, timezone: America/New_York, country: US, region: MA}
schedules:
  office: {mon-fri: 09:00-17:00, holidays: closed}
people:
  anna: {devices: {desk: "sip:anna@pbx.example"}, texts_by: [email], email: anna@acme.example}
  ben: {devices: {mobile: "+1 617 555 0142"}, texts_by: [sms]}
  chloe: {devices: {desk: "sip:chloe@pbx.example"}, texts_by: [email], email: chloe@acme.example}
teams:
  front: {members: [anna, ben], how: in-turn, each: 15s}
  pool: {members: [anna, chloe], how: take-turns, each: 20s}
block: {from: ["+1 305 555 0123"], answer: busy}
numbers:
  main:
    number: "+1 617 555 0100"
    provider: pbx
    hours: office
    voicemail: main
    calls:
      open: [{ring: front}]
      closed: [{voicemail: main}]
    texts:
      open: {to: front}
      closed: {to: front, hold: until-open, reply: "Closed until {next_open}."}
    missed: {notify: front, text_back: Sorry we missed you.}
  sales:
    number: "+1 617 555 0101"
    provider: pbx
    hours: office
    voicemail: main
    calls:
      open: [{ring: pool}]
      closed: [{voicemail: main}]
    texts:
      open: {to: pool}
      closed: {to: pool}
voicemail:
  main: {greeting: {say: Leave a message.}, notify: ben, max: 2m}
"""

ENVIRONMENT = {"PBX_SECRET": "whsec_" + "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LTEyMw=="}


def office(text: str = OFFICE, at: float = TUESDAY_10) -> InForce:
    """Return the office's rules in force."""
    main = Path("/office/config.yaml")
    made = Source(main, ENVIRONMENT).prepare(Files(str(main), main.parent, {str(main): text.encode()}), at)
    assert isinstance(made, InForce), getattr(made, "shown", made)
    return made


CAPABILITIES = Capabilities(
    passes_caller_id=True,
    screens=True,
    replies_in_answer=True,
    max_message_seconds=600,
    content_type="application/json",
    body_limit=65536,
    deadline=1.5,
)


@attrs.define(eq=False)
class PlainProvider:
    """Says what it was told to say, in Python's words; *break_* makes `write` fail."""

    name: str = "pbx"
    capabilities: Capabilities = CAPABILITIES
    break_: bool = False
    written: list[Answer] = attrs.field(factory=list)

    def verify(self, request: RawRequest) -> None:
        """Believe it."""

    def read(self, request: RawRequest) -> list[Happening]:
        """Read nothing."""
        return []

    def write(self, answer: Answer) -> RawResponse:
        """Write the answer down, links included."""
        if self.break_:
            raise RuntimeError("cannot write")
        self.written.append(answer)
        link = answer.link("next", 0) if answer.link else None
        said = {"to": answer.to, "actions": [repr(action) for action in answer.actions], "link": link}
        return RawResponse(200, "application/json", json.dumps(said).encode())


@attrs.define(eq=False)
class MemoryJournal:
    """
    Keeps records in a list; *held* ones wait for `sync`. While *down*, nothing is durable; *full* takes nothing in.

    What is written must be canonical JSON, as in the real one.
    """

    held: bool = False
    down: bool = False
    full: bool = False
    broken: bool = False
    records: list[Record] = attrs.field(factory=list)
    waiting: "list[tuple[int, Deferred[None]]]" = attrs.field(factory=list)
    head: Point = attrs.field(factory=lambda: Point(0, ""))

    def append(self, kind: str, public: dict[str, Any], private: dict[str, Any], forms: Forms | None = None) -> Record:
        """Keep a record; one written by *forms* must be the one it would be without them."""
        if self.broken:
            raise RuntimeError("the journal is broken")
        if forms is not None:
            public, written = forms.public.filled(public)
            assert written == canonical(public)
            private, written = forms.private.filled({**private, "salt": "00"})
            assert written == canonical(private)
            del private["salt"]
        shown, hidden = json.loads(canonical(public)), json.loads(canonical(private))
        assert not any(isinstance(value, float) for value in (*shown.values(), *hidden.values()))
        record = Record(self.head.seq + 1, iso(TUESDAY_10), kind, shown, "", hidden, "", "")
        if not self.full:
            self.head = Point(record.seq, "")
            self.records.append(record)
        return record

    def durable(self, seq: int) -> "Deferred[None]":
        """Wait for the disk."""
        if self.down or seq > self.head.seq:
            return fail(JournalDown("no disk"))
        if not self.held:
            return succeed(None)
        told: Deferred[None] = Deferred()
        self.waiting.append((seq, told))
        return told

    def when_durable(self, seq: int, then: Callable[[Exception | None], object]) -> None:
        """Wait for the disk, and call *then*."""
        self.durable(seq).addCallbacks(then, lambda failure: then(failure.value))

    def sync(self) -> None:
        """Let everything reach the disk."""
        waiting, self.waiting = self.waiting, []
        for _, told in waiting:
            told.callback(None)

    def fail_all(self, error: Exception) -> None:
        """Let nothing of it reach the disk."""
        waiting, self.waiting = self.waiting, []
        for _, told in waiting:
            told.errback(error)

    def of(self, kind: str) -> list[Record]:
        """Return the records of one kind."""
        return [record for record in self.records if record.kind == kind]


@attrs.define(eq=False)
class MemoryIndex:
    """Looks into the records of *journal* up to *seq* (None: all)."""

    journal: MemoryJournal
    seq: int | None = 0
    sick: bool = False
    talks: list[tuple[int, str, int, str]] = attrs.field(factory=list)

    def known(self) -> list[Record]:
        """Return what it has taken up."""
        return [record for record in self.journal.records if self.seq is None or record.seq <= self.seq]

    def find(self, key: str) -> Record | None:
        """Return the newest record of the event *key*."""
        if self.sick:
            raise OSError("the database is gone")
        return next((record for record in reversed(self.known()) if record.public.get("key") == key), None)

    def about(self, call: str) -> list[Record]:
        """Return every record about a call."""
        return [record for record in self.known() if record.public.get("id") == call]

    def live_calls(self) -> list[Record]:
        """Return the last record with a state of every call that is not over."""
        last = {record.public["id"]: record for record in self.known() if (record.private or {}).get("state")}
        return [record for record in last.values() if (record.private or {})["state"]["outcome"] is None]

    def opted_out(self) -> frozenset[tuple[str, int]]:
        """Return nobody; the records beyond the index tell."""
        return frozenset()

    def replies(self) -> list[tuple[int, str, int]]:
        """Return the texts back to callers."""
        return [
            (int(epoch(record.at) * 1_000_000), record.public["number"], hash(record.private["from"]) & 0xFFFF)
            for record in self.known()
            for effect in (record.private or {}).get("outbox", ())
            if effect["kind"] == "text-back"
        ]

    def spoke(self) -> list[tuple[int, str, int, str]]:
        """Return what is set."""
        return self.talks

    def position(self) -> int:
        """Return up to where it is."""
        return self.journal.head.seq if self.seq is None else self.seq


@attrs.define(eq=False)
class FixedRules:
    """Rules that stay as they are."""

    current: InForce

    def timetable(self, at: int) -> Timetable:
        """Return the ones there are."""
        return self.current.timetable


@attrs.define
class FixedClock:
    """A wall clock that is set by hand."""

    at: float = TUESDAY_10

    def now(self) -> float:
        """Return what it was set to."""
        return self.at

    def received_at(self, headers: object) -> float:
        """Return the same."""
        return self.at


@attrs.define(eq=False)
class Office:
    """An engine and everything around it."""

    rules: InForce = attrs.field(factory=office)
    journal: MemoryJournal = attrs.field(factory=MemoryJournal)
    provider: PlainProvider = attrs.field(factory=PlainProvider)
    clock: FixedClock = attrs.field(factory=FixedClock)
    timers: Clock = attrs.field(factory=Clock)
    most: int = 2_000
    index: MemoryIndex = attrs.field(init=False)
    shared: Shared = attrs.field(init=False)
    engine: Engine = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Start."""
        self.index = MemoryIndex(self.journal)
        settings = attrs.evolve(self.rules.settings, providers={"pbx": self.provider})
        self.rules = attrs.evolve(self.rules, settings=settings)
        self.start()

    def start(self) -> None:
        """Start an engine on the journal there is."""
        self.shared = Shared(
            journal=self.journal,
            rules=FixedRules(self.rules),
            links=Links(KEY, ""),
            clock=self.clock,
            metrics=Metrics(),
            facts=Facts(lambda text: hash(text) & 0xFFFF),
        )
        memory = Memory(self.index)
        restore(self.shared, memory, self.index, self.journal.records[self.index.position() :])
        self.engine = Engine(self.shared, memory, self.timers, most=self.most)

    def send(self, *happenings: Happening) -> "Deferred[RawResponse]":
        """Hand events to the engine."""
        answered: Deferred[RawResponse] = Deferred()

        async def asked() -> None:
            answered.callback(await self.engine.receive(self.provider, list(happenings), self.clock.at))

        run(asked())
        return answered

    def answer(self, *happenings: Happening) -> RawResponse:
        """Hand events to the engine, and return the answer, which must be there at once."""
        got: list[Any] = []
        self.send(*happenings).addBoth(got.append)
        assert got, "no answer yet"
        assert isinstance(got[0], RawResponse), got[0]
        return got[0]

    def said(self, *happenings: Happening) -> list[str]:
        """Return what the provider is told to do."""
        return said(self.answer(*happenings))

    def token(self, what: str, step: int, leg: int = 0, call: str | None = None) -> StepRef:
        """Return the reference a call-back of the last call carries."""
        call = call or self.journal.of("call")[-1].public["id"]
        ref = StepRef(call, step, leg, "")
        return ref._replace(mac=self.shared.links.mac("pbx", what, ref))

    def progress(self, what: Any, step: int, leg: int = 0, **more: Any) -> Progress:
        """Return a call-back of the last call; its id is its place unless one is given."""
        ref = more.pop("ref", None) or self.token(what, step, leg)
        id_ = more.pop("id", f"{what}.{ref.call}.{step}.{leg}")
        return Progress(provider="pbx", account="acme", id=id_, what=what, ref=ref, **more)

    def count(self, name: str, **labels: str) -> float:
        """Return a metric's value."""
        value = self.shared.metrics.registry.get_sample_value(f"switchhook_{name}", labels)
        return value or 0.0


def said(response: RawResponse) -> list[str]:
    """Return the actions in an answer of `PlainProvider`."""
    return list(json.loads(response.body)["actions"])


def call(id_: str = "c1", *, to: str = "+16175550100", caller: str = "+12025550199", **more: Any) -> IncomingCall:
    """Return a call that arrives."""
    return IncomingCall(provider="pbx", account="acme", id=id_, to=to, caller=caller, **more)


def text(
    id_: str = "t1", *, body: str = "hello", to: str = "+16175550100", caller: str = "+12025550199"
) -> IncomingText:
    """Return a text that arrives."""
    return IncomingText(provider="pbx", account="acme", id=id_, to=to, caller=caller, text=body)


def ended(call_id: str = "c1", status: str = "completed") -> CallEnded:
    """Return the end of a call."""
    return CallEnded(
        provider="pbx", account="acme", id=f"{call_id}:{status}", call_id=call_id, status=status, seconds=9
    )


def receipt(id_: str = "m1:sent", state: str = "sent") -> Receipt:
    """Return what became of a text."""
    return Receipt(provider="pbx", account="acme", id=id_, message_id="m1", state=state)
