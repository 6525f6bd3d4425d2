"""
The outbox: everything that must be sent, from the record that says so to the provider's receipt.

Every change is a journal record first, and what is in memory follows from records; so a restart, or an index built anew, sends
nothing twice. docs/decisions/outbox.md says how and why.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import attrs
import structlog
from twisted.internet.defer import Deferred
from twisted.internet.task import LoopingCall

from router.chance import Chance
from router.journal.api import JournalDown, Placed, Timers
from router.journal.record import Record
from router.outbox.api import Index, Journal
from router.outbox.book import Book
from router.outbox.carrier import Carrier
from router.outbox.channel import Channel
from router.outbox.course import resumed
from router.outbox.hooks import Hooks
from router.outbox.ledger import MOVES, Effect, Entry, effects_of
from router.outbox.machine import Drop, Lost, Retry
from router.outbox.message import Json, Message
from router.outbox.sender import Sender
from rules.event import Receipt

TIDY = 15
"""In every so-manieth second what is finished is let go of."""


@attrs.define(eq=False)
class Outbox:
    """
    Owns what must be sent.

    *channels*: by channel and provider (`("sms", "twilio")`); may change while we run. *may_text* says why a message may not go
    out, or None; asked just before each try. *wall* gives UTC epoch seconds.
    """

    journal: Journal
    index: Index
    timers: Timers
    wall: Callable[[], float]
    channels: Mapping[tuple[str, str], Channel] = attrs.field(factory=dict)
    may_text: Callable[[Message], str | None] = lambda _message: None
    chance: Callable[[int], bytes] = attrs.field(factory=Chance)
    hooks: Hooks = attrs.field(factory=Hooks)
    book: Book = attrs.field(init=False)
    sender: Sender = attrs.field(init=False)
    _offset: float = attrs.field(init=False)
    _sources: dict[int, Record] = attrs.field(factory=dict, init=False)
    _missing: int | None = attrs.field(default=None, init=False)
    _beats: int = attrs.field(default=0, init=False)
    _loop: LoopingCall | None = attrs.field(default=None, init=False)
    _done: "Deferred[LoopingCall]" = attrs.field(init=False)
    _log: structlog.typing.FilteringBoundLogger = attrs.field(
        factory=lambda: structlog.get_logger().bind(logger="outbox"), init=False
    )

    def __attrs_post_init__(self) -> None:
        """Put the parts together."""
        self._offset = self.wall() - self.timers.seconds()
        self.book = Book(self.journal, self.index, self.now, self.hooks, self.chance)
        carrier = Carrier(self.journal, self._channel, self.may_text, self.wall)
        self.sender = Sender(self.book, carrier, self.timers, self.now)

    def now(self) -> float:
        """Return epoch seconds that nobody can set: the wall clock at the start, and the seconds since."""
        return self.timers.seconds() + self._offset

    def leap(self, seconds: float) -> None:
        """Behave as if *seconds* had gone by, in a demo whose clock is put on; nothing goes back, what is under way takes its time."""
        if seconds > 0:
            self._offset += seconds
            self.sender.leapt(seconds)

    # ---------------------------------------------------------------- start and stop

    def restore(self, recent: Sequence[Record]) -> None:
        """Take up what the index knows, and on top of it *recent*, the records it has not taken up, in order."""
        self._load()
        position = self.index.position()
        if recent and sum(record.seq > position for record in recent) < recent[-1].seq - position:
            self._missing = recent[-1].seq
        for record in recent:
            key = record.public.get("message")
            if record.kind in MOVES and key is not None and key not in self.book.entries:
                self.book.recall(key)
            self.book.ledger.follow(record)
            self._keep(record)
        at = self.now()
        for key, entry in self.book.entries.items():
            self.book.entries[key] = attrs.evolve(entry, course=resumed(entry.course, at))
            self.book.receipts.note(entry)

    def start(self) -> None:
        """Begin to send; what was under way when we ended is looked up first."""
        for entry in sorted(self.book.entries.values(), key=lambda entry: entry.order):
            self._join(entry)
        self._loop = LoopingCall(self._beat)
        self._loop.clock = cast("Any", self.timers)  # zope's interface, in words a type checker reads
        self._done = self._loop.start(1.0, now=False)
        self._log.info("outbox.restored", effects=len(self.book.ledger.effects), messages=len(self.book.entries))

    async def stop(self) -> None:
        """End: no new tries, those under way get a few seconds."""
        await self.sender.stop()
        if self._loop is not None:
            self._loop.stop()
            await self._done
            self._loop = None

    # ---------------------------------------------------------------- effects

    def pending(self) -> list[Effect]:
        """Return what is not turned into messages yet, oldest first; what is held is of kind `hold`."""
        return sorted(self.book.ledger.effects.values(), key=lambda effect: effect.seq)

    def source(self, effect: Effect) -> Record | None:
        """Return the record an effect comes from, with its words; None when it cannot be read (any more)."""
        return self._sources.get(effect.seq) or self.index.record(effect.seq)

    def queue(
        self, effect: str, messages: Sequence[Message], public: Json | None = None, private: Json | None = None
    ) -> bool:
        """
        Turn an effect into *messages*, none of them if nothing is to be sent; False when that has been done already.

        One record says both; *public* (why, say) and *private* are what else stands in it. Raises `JournalDown` when it is not
        taken in: the effect is then still pending.
        """
        known = self.book.ledger.effects.get(effect)
        if known is None and (effect in self.book.ledger.done or self.index.effect_done(effect)):
            self._log.warning("outbox.again", effect=effect, note="it was queued before; nothing was done")
            return False
        first = messages[0] if messages else None
        record = self.journal.append(
            "queued",
            {
                "number": first.number if first else known.number if known else None,
                **(public or {}),
                "id": first.about if first else known.about if known else effect.rpartition(".")[0],
                "effect": effect,
                "messages": [message.public() for message in messages],
            },
            {**(private or {}), "messages": [message.private() for message in messages]},
        )
        _in_journal(self.journal, record)
        self.book.ledger.follow(record)
        for message in messages:
            self.sender.add(self.book.entries[message.key])
        return True

    def hold(self, effect: str, release_at: str | None, reason: str) -> None:
        """Note that a pending effect is held (on), until *release_at* (ISO in UTC; None: until somebody is in)."""
        known = self.book.ledger.effects[effect]
        public = {
            "id": known.about,
            "number": known.number,
            "effect": effect,
            "release_at": release_at,
            "reason": reason,
        }
        record = self.journal.append("held", public, {})
        _in_journal(self.journal, record)
        self.book.ledger.follow(record)

    def durable(self, rows: Sequence[Placed]) -> None:
        """Take in records that are on disk now: new effects, and receipts. The journal's hook."""
        for record, *_ in rows:
            if effects := effects_of(record):
                for effect in effects:
                    self.book.ledger.expect(effect)
                self._keep(record)
                self.hooks.tell_effects(record, effects)
            if record.kind == "receipt" and record.public.get("key") and record.public.get("message"):
                self.book.received(record)

    def concerning(self, event: Receipt) -> tuple[Json, Json]:
        """Return what the record of a receipt says, public and private, about the message it is for; nothing if that is unknown."""
        return self.book.concerning(event)

    # ---------------------------------------------------------------- an administrator

    def retry(self, key: str) -> str | None:
        """Try a message (again) now; returns why not, if it cannot be."""
        entry = self.book.entries.get(key) or self.book.recall(key)
        if entry is None:
            return f"there is no message {key} in the outbox"
        if self.book.move(key, Retry()) is None:
            return f"message {key} is {entry.course.phase}: there is nothing to be tried again"
        return None

    def drop(self, key: str) -> str | None:
        """Let go of a message, or of an effect that waits; returns why not, if it cannot be."""
        if key in self.book.ledger.effects:
            self.queue(key, (), {"reason": "dropped by an administrator"})
            return None
        entry = self.book.entries.get(key) or self.book.recall(key)
        if entry is None:
            return f"there is no message {key} in the outbox"
        if self.book.move(key, Drop()) is None:
            return f"message {key} is {entry.course.phase}: there is nothing to be dropped"
        return None

    # ---------------------------------------------------------------- figures

    def counts(self) -> dict[str, int]:
        """Return how much there is, by state: effects `held` and `pending`, messages on their way, and `dead` ones."""
        found = dict.fromkeys(("held", "pending", "waiting", "sending", "unknown"), 0)
        for effect in self.book.ledger.effects.values():
            found["held" if effect.kind == "hold" else "pending"] += 1
        for entry in self.book.entries.values():
            if not entry.finished:
                found[entry.course.phase] += 1
        return found | {"dead": self.index.dead()}

    def oldest(self) -> float:
        """Return how long the oldest message on its way has been there, in seconds."""
        since = [entry.since for entry in self.book.entries.values() if not entry.finished]
        return max(0.0, self.now() - min(since)) if since else 0.0

    # ---------------------------------------------------------------- what goes on inside

    def _channel(self, message: Message) -> Channel | None:
        return self.channels.get((message.channel, message.via))

    def _load(self) -> list[Entry]:
        """Take up what the index knows and we do not; returns the messages among it."""
        for effect in self.index.effects():
            self.book.ledger.expect(effect)
        found = [entry for entry in self.index.unfinished() if entry.message.key not in self.book.entries]
        self.book.entries.update({entry.message.key: entry for entry in found})
        return found

    def _keep(self, record: Record) -> None:
        """Keep a record with words that are still to be sent, until the index can find it."""
        if any(effect.key in self.book.ledger.effects for effect in effects_of(record)):
            self._sources[record.seq] = record

    def _join(self, entry: Entry) -> None:
        """Put a message that was taken up again into its lane."""
        if entry.finished:
            return
        self.sender.add(entry)
        self.book.move(entry.message.key, Lost())

    def _beat(self) -> None:
        """Do what is due in one second; an exception would end the loop for good."""
        try:
            self.sender.pump()
            self._beats += 1
            if self._beats % TIDY == 0:
                self._tidy()
        except Exception:
            self._log.exception("outbox.failed", what="its rounds")

    def _tidy(self) -> None:
        """Let go of what is finished, once the index knows it; take up what an index that had to be rebuilt has found."""
        self.sender.tidy()
        position = self.index.position()
        if self._missing is not None:
            if position < self._missing:
                return
            self._missing = None
            for entry in self._load():
                self._join(entry)
        for entry in self.book.ledger.forget(position):
            self.book.receipts.forget(entry)
        needed = {effect.seq for effect in self.book.ledger.effects.values()}
        self._sources = {seq: kept for seq, kept in self._sources.items() if seq > position and seq in needed}


def _in_journal(journal: Journal, record: Record) -> None:
    """Raise `JournalDown` when the journal has not taken *record* in."""
    if record.seq > journal.head.seq:
        raise JournalDown("the journal takes nothing in")
