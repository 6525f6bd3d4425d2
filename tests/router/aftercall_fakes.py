"""An office whose calls are followed to their end, and what its people are told of them."""

from typing import Any

import attrs
from engine_fakes import CAPABILITIES, FixedClock, call, ended
from texts_fakes import JANE, MAIN, Desk, FakeOutbox

from router.clock import iso
from router.journal.record import Record
from router.notices import Notices
from router.outbox.ledger import effects_of
from router.outbox.message import Message
from router.sending import Webhook

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
  ben: {name: Ben Ortiz, devices: {mobile: "+1 617 555 0142"}, texts_by: [sms]}
  chloe: {devices: {desk: "sip:chloe@pbx.example"}, texts_by: [email], email: chloe@acme.example, hours: office}
  farah: {devices: {mobile: "+1 617 555 0146"}, texts_by: [sms], last_day: 2026-11-20, handover: chloe}
teams:
  pair: {members: [anna, ben], how: in-turn, each: 15s}
callers:
  vip: ["+1 202 555 0123"]
numbers:
  main:
    number: "+1 617 555 0100"
    provider: pbx
    hours: office
    voicemail: main
    calls: {open: [{ring: pair}], closed: [{voicemail: main}]}
    missed: {notify: chloe, text_back: "Sorry we missed you, {business}."}
  both:
    number: "+1 617 555 0101"
    provider: pbx
    voicemail: written
    calls: {open: [{ring: ben, for: 20s}]}
    missed: {notify: [anna, chloe]}
  clinic:
    number: "+1 617 555 0102"
    provider: pbx
    voicemail: clinic
    calls: {open: [{ring: ben}]}
    missed: {notify: [chloe, pair]}
  old:
    number: "+1 617 555 0103"
    provider: pbx
    voicemail: main
    calls: {open: [{ring: ben}]}
    missed: {notify: farah}
voicemail:
  main: {greeting: {say: Leave a message.}, notify: ben, max: 2m, keep: 720h}
  written: {greeting: {say: Leave a message.}, notify: anna, max: 1m, transcribe: yes}
  clinic: {greeting: {say: Leave a message.}, notify: [anna, chloe], max: 2m, transcribe: yes, private: yes, keep: 24h}
"""

BOTH, CLINIC, OLD = "+16175550101", "+16175550102", "+16175550103"


@attrs.define(eq=False)
class Reception(Desk):
    """
    A desk for calls.

    *kept* are the calls whose messages are here; *fetches*: recordings are fetched at all. *webhooks* are told of events.
    """

    config: str = COMPANY
    fetches: bool = False
    kept: set[str] = attrs.field(factory=set)
    webhooks: dict[str, Webhook] = attrs.field(factory=dict)
    _calls: int = 0
    _seen: int = 0

    def open(self) -> None:
        """Begin (again)."""
        super().open()
        self._want()
        notices = Notices(
            self.office.engine.call, self.kept.__contains__, lambda _provider: self.fetches, lambda: self.webhooks
        )
        self.texts.more = notices.handlers()
        self._tell()

    def _want(self) -> None:
        """Let the rules in force have the web hooks."""
        rules = self.office.shared.rules
        sending = attrs.evolve(rules.current.settings.sending, webhooks=self.webhooks)
        rules.current = attrs.evolve(rules.current, settings=attrs.evolve(rules.current.settings, sending=sending))  # type: ignore[misc]

    def ring(self, caller: str = JANE, to: str = MAIN) -> str:
        """Let a call come in; returns our reference."""
        self._calls += 1
        self.office.answer(call(f"c{self._calls}", caller=caller, to=to))
        self._tell()
        return str(self.office.journal.of("call")[-1].public["id"])

    def step(self, what: str, step: int, **more: Any) -> None:
        """Let the provider report about the last call."""
        self.office.answer(self.office.progress(what, step, **more))
        self._tell()

    def hang_up(self, after: float = 0.0) -> None:
        """Let the provider say that the last call is over."""
        self.clock.at += after
        self.office.answer(ended(f"c{self._calls}"))
        self._tell()

    def wait(self, seconds: float) -> list[Message]:
        """Let time pass; returns what was queued meanwhile."""
        self.at(self.clock.at + seconds)
        return self.messages()

    def restart(self) -> None:
        """Begin again with what records say; what is pending is still so."""
        self.office.start()
        self.open()

    def reasons(self) -> list[str]:
        """Return why nothing was sent, of what is done without messages."""
        return [public["why"] for _, messages, public, _ in self.outbox.queued if not messages]

    def _tell(self) -> None:
        """Tell of effects that are new."""
        records = self.office.journal.records
        for place in range(self._seen, len(records)):
            records[place] = records[place]._replace(at=iso(self.clock.at))
        fresh: list[Record] = records[self._seen :]
        self._seen = len(records)
        for record in fresh:
            effects = effects_of(record)
            for effect in effects:
                if not any(key == effect.key for key, *_ in self.outbox.queued):
                    self.outbox.effects[effect.key] = effect
                    self.outbox.sources[effect.key] = record
            self.texts.effects(record, effects)


__all__ = ["BOTH", "CAPABILITIES", "CLINIC", "OLD", "FakeOutbox", "FixedClock", "Reception"]
