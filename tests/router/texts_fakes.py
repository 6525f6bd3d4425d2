"""A desk where texts come in through the engine and go out into a list, and an office small enough to know by heart."""

from collections.abc import Sequence

import attrs
from engine_fakes import CAPABILITIES, TUESDAY_10, FixedClock, Office, office
from twisted.internet.task import Clock

from router.engine.engine import Engine
from router.journal.api import JournalDown
from router.journal.record import Record
from router.loading import InForce
from router.outbox.ledger import Effect, effects_of
from router.outbox.message import Json, Message
from router.texts.texts import Texts
from rules.deciding import Timetable, window_around
from rules.event import IncomingText, Media
from rules.inquiry import Leave, Override

HOUR = 3600
DAY = 24 * HOUR
MAIN, SALES, BARE, MUTE = "+16175550100", "+16175550101", "+16175550102", "+16175550103"
ANNA, BEN, ELI = "+16175550141", "+16175550142", "+16175550145"
JANE, JOE = "+12025550199", "+12025550123"

COMPANY = """
listen: {public: "127.0.0.1:0", admin: "127.0.0.1:0"}
public_url: https://phone.example/base
providers:
  pbx: {adapter: generic, secret: env:PBX_SECRET}
safety: {countries: [US]}
failsafe: {say: Please leave a message., voicemail: main}
business: {name: Acme, timezone: America/New_York, country: US, region: MA}
mail: {server: "mail.example:587", from: phone@acme.example}
schedules:
  office: {mon-fri: 09:00-17:00, holidays: normal}
people:
  anna: {name: Anna Lind, devices: {desk: "sip:anna@pbx.example", mobile: "+1 617 555 0141"}, texts_by: [sms], cover: ben}
  ben: {name: Ben Ortiz, devices: {home: "+1 617 555 0149", mobile: "+1 617 555 0142"}, texts_by: [sms]}
  chloe: {devices: {desk: "sip:chloe@pbx.example"}, texts_by: [email], email: chloe@acme.example, hours: office}
  eli: {devices: {mobile: "+1 617 555 0145"}, texts_by: [sms], email: eli@acme.example}
  farah: {name: Farah Aziz, devices: {mobile: "+1 617 555 0146"}, texts_by: [sms], last_day: 2026-11-25, handover: chloe}
  gus: {devices: {mobile: "+1 617 555 0147"}, texts_by: [sms], last_day: 2026-11-25, handover: pair}
  hal: {devices: {desk: "sip:hal@pbx.example"}}
teams:
  pair: {members: [anna, ben], how: all-at-once, each: 15s}
  turns: {members: [anna, ben], how: take-turns, each: 15s}
callers:
  vip: ["+1 202 555 0123"]
numbers:
  main:
    number: "+1 617 555 0100"
    provider: pbx
    hours: office
    voicemail: main
    rules:
      - {name: farah, words: [farah], texts: {to: farah}}
      - {name: gus, words: [gus], texts: {to: gus}}
      - {name: chloe, words: [chloe], texts: {to: chloe, copy: eli}}
      - {name: anyway, words: [anyway], texts: {to: chloe, hold: until-open, even_if: [off-hours]}}
      - {name: turns, words: [turns], texts: {to: turns, hold: until-open}}
    calls: {open: [{ring: pair}], closed: [{voicemail: main}]}
    texts:
      open: {to: pair}
      closed: {to: pair, hold: until-open, reply: "Closed until {next_open}.", urgent: {words: [urgent], to: eli}}
    missed: {notify: chloe, text_back: "Sorry we missed you, {business}."}
  sales:
    number: "+1 617 555 0101"
    provider: pbx
    hours: office
    voicemail: main
    calls: {open: [{ring: eli}], closed: [{voicemail: main}]}
    texts: {open: {to: eli}, closed: {to: eli}}
  bare:
    number: "+1 617 555 0102"
    provider: pbx
    calls: {open: [{ring: eli}]}
  mute: {number: "+1 617 555 0103", provider: pbx}
voicemail:
  main: {greeting: {say: Leave a message.}, notify: chloe, max: 2m}
plans:
  storm: {texts: {to: eli}}
"""


@attrs.define(eq=False)
class FixedRules:
    """Rules with what is switched on."""

    current: InForce
    now: Timetable

    def timetable(self, at: int) -> Timetable:
        """Return them."""
        return self.now


@attrs.define(eq=False)
class FakeOutbox:
    """Keeps what is queued in lists; while *down* the journal takes nothing."""

    effects: dict[str, Effect] = attrs.field(factory=dict)
    sources: dict[str, Record] = attrs.field(factory=dict)
    queued: list[tuple[str, Sequence[Message], Json, Json]] = attrs.field(factory=list)
    held: list[tuple[str, str | None, str]] = attrs.field(factory=list)
    down: bool = False

    def queue(
        self, effect: str, messages: Sequence[Message], public: Json | None = None, private: Json | None = None
    ) -> bool:
        """Keep it, once."""
        if self.down:
            raise JournalDown("no disk")
        if any(key == effect for key, *_ in self.queued):
            return False
        self.effects.pop(effect, None)
        self.queued.append((effect, messages, public or {}, private or {}))
        return True

    def hold(self, effect: str, release_at: str | None, reason: str) -> None:
        """Note it."""
        assert effect in self.effects
        self.held.append((effect, release_at, reason))

    def pending(self) -> list[Effect]:
        """Return what is not queued."""
        return sorted(self.effects.values(), key=lambda effect: effect.seq)

    def source(self, effect: Effect) -> Record | None:
        """Return the record an effect comes from."""
        return self.sources.get(effect.key)


@attrs.define(eq=False)
class Echo:
    """Carries out every command, and says so."""

    done: list[tuple[str, str, int, str]] = attrs.field(factory=list)
    broken: bool = False

    def command(self, person: str, text: str, at: int, *, proof: str, cause: str) -> str:
        """Note it."""
        if self.broken:
            raise RuntimeError("broken")
        self.done.append((person, text, at, proof))
        return f"done: {text}"


@attrs.define(eq=False)
class Desk:
    """An office that is texted."""

    config: str = COMPANY
    reply_apart: bool = False
    outbox: FakeOutbox = attrs.field(factory=FakeOutbox)
    timers: Clock = attrs.field(factory=Clock)
    clock: FixedClock = attrs.field(factory=FixedClock)
    echo: Echo = attrs.field(factory=Echo)
    callers: dict[str, str] = attrs.field(factory=dict)
    office: Office = attrs.field(init=False)
    rules: FixedRules = attrs.field(init=False)
    texts: Texts = attrs.field(init=False)
    _read: int = 0
    _texts: int = 0

    def __attrs_post_init__(self) -> None:
        """Open it."""
        loaded = office(self.config)
        self.office = Office(loaded, clock=self.clock)
        if self.reply_apart:
            self.office.provider.capabilities = attrs.evolve(CAPABILITIES, replies_in_answer=False)
        self.rules = FixedRules(loaded, Timetable(loaded.book, window_around(int(TUESDAY_10))))
        self.office.shared.rules = self.rules
        self.open()

    @property
    def engine(self) -> Engine:
        """Who decides."""
        return self.office.engine

    def open(self) -> None:
        """Begin (again), with what records say."""
        self.texts = Texts(
            self.outbox, self.rules, self.office.shared.facts, self.clock, self.timers, self.echo, self.callers.get
        )
        records = [
            Record(at, "", "queued", public, "", private, "", "")
            for at, (_, _, public, private) in enumerate(self.outbox.queued)
        ]
        self.texts.restore(records[:1], records[1:])
        self.texts.start()

    def text(self, body: str, caller: str = JANE, to: str = MAIN, media: Sequence[str] = ()) -> Record:
        """Let a text come in, and its effects be told."""
        record = self.decided(body, caller, to, media)
        effects = effects_of(record)
        for effect in effects:
            self.outbox.effects[effect.key] = effect
            self.outbox.sources[effect.key] = record
        self.texts.effects(record, effects)
        return record

    def decided(self, body: str, caller: str, to: str, media: Sequence[str] = ()) -> Record:
        """Let a text come in and be recorded, no more."""
        self._texts += 1
        pictures = tuple(Media(url, "image/jpeg") for url in media)
        event = IncomingText(
            provider="pbx", account="acme", id=f"t{self._texts}", to=to, caller=caller, text=body, media=pictures
        )
        self.office.answer(event)
        return self.office.journal.records[-1]

    def switch(self, overrides: tuple[Override, ...] = (), leaves: tuple[Leave, ...] = ()) -> None:
        """Switch something on, and all else off."""
        self.rules.now = self.rules.now.switched(overrides, leaves)

    def at(self, moment: float) -> None:
        """Let it be *moment* (UTC epoch seconds), and a second pass."""
        self.clock.at = moment
        self.timers.advance(1)

    def messages(self) -> list[Message]:
        """Return what was queued since the last look."""
        found = [message for _, messages, *_ in self.outbox.queued[self._read :] for message in messages]
        self._read = len(self.outbox.queued)
        return found

    def sent(self) -> list[tuple[str, str]]:
        """Return to whom, by name, and what, since the last look."""
        return [(message.person or message.to, message.body) for message in self.messages()]


def away(person: str, until: float, cover: str | None = None, since: float = TUESDAY_10) -> Leave:
    """Return an absence."""
    return Leave(f"away:{person}:command:o1", person, ((int(since), int(until)),), cover)


def closed(until: float, number: str | None = None) -> Override:
    """Return an override that closes."""
    return Override("override:o1", (int(TUESDAY_10), int(until)), number, None, opens=False)
