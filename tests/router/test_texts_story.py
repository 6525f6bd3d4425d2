"""Whole days with texts: engine, texts and outbox together, on one journal, with a provider that keeps what it gets."""

from types import ModuleType
from typing import Any

import attrs
import pytest
from twisted.internet.task import Clock

from router.journal.api import Placed
from router.outbox.message import Message
from router.outbox.outbox import Outbox
from router.texts.texts import Texts
from rules.deciding import Timetable, window_around
from rules.event import IncomingText

HOUR = 3600


@attrs.define(eq=False, slots=False)
class Shop:
    """The company of the fakes, from the provider's webhook to the provider's REST."""

    engines: ModuleType
    desks: ModuleType
    outboxes: ModuleType
    timers: Clock = attrs.field(factory=Clock)
    began: float = 0.0

    def __attrs_post_init__(self) -> None:
        """Open it on that Tuesday at ten."""
        self.began = self.began or self.engines.TUESDAY_10
        rules = self.engines.office(self.desks.COMPANY)
        self.rules = self.desks.FixedRules(rules, Timetable(rules.book, window_around(int(self.began))))
        self.office = self.engines.Office(rules, clock=self)
        self.office.shared.rules = self.rules
        self.journal = Recording(self.office.journal, self)
        self.index = self.outboxes.MemoryIndex(self.journal)
        self.provider = self.outboxes.Provider(self.timers)
        self.count = 0
        self.open()

    def now(self) -> float:
        """Return what the clock says."""
        return self.began + self.timers.seconds()

    def received_at(self, _headers: object) -> float:
        """Return the same."""
        return self.now()

    @property
    def at(self) -> float:
        """The same, as the fakes call it."""
        return self.now()

    def open(self) -> None:
        """Begin (again) on the journal there is."""
        self.outbox = Outbox(
            journal=self.journal,
            index=self.index,
            timers=self.timers,
            wall=self.now,
            channels={("sms", "pbx"): self.provider},
            may_text=self.may_text,
            chance=self.outboxes.chance(1),
        )
        self.texts = Texts(self.outbox, self.rules, self.office.shared.facts, self, self.timers, self.desks.Echo())
        self.outbox.hooks.effects.append(self.texts.effects)
        recent = list(self.journal.records)
        self.outbox.restore(recent)
        self.texts.restore([], recent)
        self.outbox.start()
        self.texts.start()

    def may_text(self, message: Message) -> str | None:
        """Ask the desk."""
        return self.texts.may_text(message)

    def crash(self) -> None:
        """End without a word, and open again."""
        for late in self.timers.getDelayedCalls():
            late.cancel()
        self.open()

    def text(self, body: str, caller: str) -> None:
        """Let a text come in, and a few seconds pass."""
        self.count += 1
        event = IncomingText(
            provider="pbx", account="acme", id=f"t{self.count}", to=self.desks.MAIN, caller=caller, text=body
        )
        self.office.answer(event)
        record = self.journal.records[-1]
        self.outbox.durable([Placed(record, 0, 0, 0)])
        self.run(3)

    def run(self, seconds: float) -> None:
        """Let time pass."""
        for _ in range(int(seconds)):
            self.timers.advance(1)

    def until(self, moment: float) -> None:
        """Let it be *moment*, a minute at a time but for the last."""
        while self.now() + 60 < moment:
            self.timers.advance(60)
        self.run(moment - self.now() + 2)

    def got(self) -> list[tuple[str, str, str]]:
        """Return what the provider was given since the last look: from, to, words."""
        found = [(message.sender, message.to, message.body) for _, message, _ in self.provider.has]
        self.provider.has.clear()
        return found


@attrs.define(eq=False, slots=False)
class Recording:
    """The engine's journal, as the outbox sees one; records carry the shop's time."""

    real: Any
    shop: Shop
    up: bool = True

    @property
    def records(self) -> list[Any]:
        """Everything there is."""
        return list(self.real.records)

    @property
    def head(self) -> Any:
        """The last one."""
        return self.real.head

    def append(self, kind: str, public: dict[str, Any], private: dict[str, Any]) -> Any:
        """Write one."""
        record = self.real.append(kind, public, private)
        stamped = record._replace(at=self.shop.engines.iso(self.shop.now()))
        self.real.records[-1] = stamped
        return stamped

    def durable(self, seq: int) -> Any:
        """It is on disk at once."""
        return self.real.durable(seq)


@pytest.fixture
def shop(engines: ModuleType, desks: ModuleType, outboxes: ModuleType) -> Shop:
    """Return the shop."""
    return Shop(engines, desks, outboxes)


def test_the_vacation(shop: Shop, desks: Any) -> None:
    """Anna's conversation continues with Ben while she is away, masked both ways, and comes back; her phone stays silent."""
    shop.text("Is the sofa ready?", desks.JANE)
    shop.text("On Monday", desks.ANNA)
    before = shop.got()
    away = desks.away("anna", shop.now() + 24 * HOUR)
    shop.rules.now = shop.rules.now.switched((), (away,))

    shop.text("Is it now?", desks.JANE)
    shop.text("It is, come by", desks.BEN)
    shop.crash()
    shop.text("Thanks!", desks.JANE)
    meanwhile = shop.got()
    shop.until(away.spans[0][1])
    shop.text("One more thing", desks.JANE)

    assert before[-2:] == [
        (desks.MAIN, desks.JANE, "On Monday"),
        (desks.MAIN, desks.BEN, "Anna Lind has answered +1202***0199."),
    ]
    assert meanwhile == [
        (desks.MAIN, desks.BEN, "+1202***0199: Is it now?"),
        (desks.MAIN, desks.JANE, "It is, come by"),
        (desks.MAIN, desks.BEN, "+1202***0199: Thanks!"),
    ]
    assert shop.got() == [(desks.MAIN, desks.ANNA, "+1202***0199: One more thing")]
    reasons = [
        record.public["why"] for record in shop.journal.records if record.kind == "queued" and "why" in record.public
    ]
    assert "anna has this conversation; anna is away; cover: ben" in reasons


def test_the_night(shop: Shop, desks: Any) -> None:
    """Held ones go out at the opening in their order, once, whatever crash lies between; the urgent one at once."""
    shop.timers.advance(12 * HOUR)
    shop.text("one", desks.JANE)
    shop.crash()
    shop.text("two", desks.JANE)
    shop.text("urgent!", desks.JANE)
    night = shop.got()
    shop.text("three", desks.JANE)
    shop.crash()
    opening = shop.began + 23 * HOUR
    shop.until(opening - 5)
    early = shop.got()
    shop.crash()
    shop.until(opening)

    assert night == [(desks.MAIN, desks.ELI, "main, +1202***0199: urgent!")]
    assert early == []
    assert [words for _, to, words in shop.got() if to == desks.BEN] == [
        "+1202***0199: one",
        "+1202***0199: two",
        "+1202***0199: three",
    ]
    shop.crash()
    shop.run(30)
    assert shop.got() == []


def test_what_a_kill_left_undone_is_not_overtaken(shop: Shop, desks: Any) -> None:
    """A text whose record was all there was when the daemon died goes before the next one of the same customer."""
    event = IncomingText(provider="pbx", account="acme", id="t0", to=desks.MAIN, caller=desks.JANE, text="one")
    shop.office.answer(event)
    shop.crash()

    shop.text("two", desks.JANE)

    assert [words for _, to, words in shop.got() if to == desks.BEN] == ["+1202***0199: one", "+1202***0199: two"]
