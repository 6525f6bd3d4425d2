"""The book of messages: every change of one is decided by the machine, put down in the journal, and only then so in memory."""

from collections.abc import Callable

import attrs
import structlog

from router.chance import Chance
from router.journal.record import Record
from router.outbox.api import Index, Journal
from router.outbox.hooks import Hooks
from router.outbox.ledger import Entry, Ledger, moved
from router.outbox.machine import Event, Reported, Step, advance
from router.outbox.message import Json, Message
from router.outbox.receipts import Receipts
from rules.event import Receipt


def _nobody(_before: Entry, _after: Entry) -> None:
    """Follow nothing."""


@attrs.define(eq=False)
class Book:
    """
    Keeps the messages.

    *now* gives steady epoch seconds. *follower* is told of each change, before and after.
    """

    journal: Journal
    index: Index
    now: Callable[[], float]
    hooks: Hooks
    chance: Callable[[int], bytes] = attrs.field(factory=Chance)
    follower: Callable[[Entry, Entry], object] = _nobody
    ledger: Ledger = attrs.field(factory=Ledger, init=False)
    receipts: Receipts = attrs.field(init=False)
    _log: structlog.typing.FilteringBoundLogger = attrs.field(
        factory=lambda: structlog.get_logger().bind(logger="outbox"), init=False
    )

    def __attrs_post_init__(self) -> None:
        """Put the parts together."""
        self.receipts = Receipts(self.index)

    @property
    def entries(self) -> dict[str, Entry]:
        """The messages, by key."""
        return self.ledger.entries

    def recall(self, key: str) -> Entry | None:
        """Bring a message back that is finished and was let go of."""
        entry = self.index.message(key)
        if entry is not None:
            self.entries[key] = entry
        return entry

    def move(self, key: str, event: Event) -> Record | None:
        """Let *event* happen to a message; returns the record of it, if it meant something."""
        entry = self.entries.get(key)
        if entry is None:
            return None
        again, spread = entry.message.again, int.from_bytes(self.chance(2), "big") / 32767.5 - 1
        course, step = advance(entry.course, event, self.now(), again=again, spread=spread)
        if step is None:
            if course != entry.course:
                self.entries[key] = changed = attrs.evolve(entry, course=course)
                self.follower(entry, changed)
            return None
        message = entry.message
        public = {"id": message.about, "number": message.number, "message": key, **step.public}
        record = self.journal.append(step.kind, public, _private(message, step))
        changed = attrs.evolve(moved(entry, record), course=course)
        self.entries[key] = changed
        self.receipts.note(changed)
        self.follower(entry, changed)
        self._tell(changed, step)
        if step.kind == "sent" and (early := self.receipts.early(changed)):
            self.move(key, early)
        return record

    def hasten(self, key: str, at: float) -> None:
        """Make a message due *at* once."""
        entry = self.entries[key]
        self.entries[key] = changed = attrs.evolve(entry, course=attrs.evolve(entry.course, due=at))
        self.follower(entry, changed)

    def taken(self, key: str) -> Callable[[str], bool]:
        """Return what says whether a provider's reference belongs to another message than *key*."""
        via = self.entries[key].message.via
        return lambda reference: self.receipts.owner(via, reference) not in (None, key)

    # ---------------------------------------------------------------- receipts

    def concerning(self, event: Receipt) -> tuple[Json, Json]:
        """Return what the record of a receipt says, public and private, about its message; nothing if we do not know it (yet)."""
        entry = self.receipts.find(event, self.entries, self.now())
        if entry is None:
            return {}, {}
        course, message = entry.course, entry.message
        _, step = advance(course, Reported(event.state, event.error), self.now(), again=message.again, spread=0.0)
        public = {"id": message.about, "number": message.number, "message": message.key}
        return public | (step.public if step else {}), _private(message, step)

    def received(self, record: Record) -> None:
        """Let a receipt that stands in the journal move its message, and tell what must be told."""
        key = record.public["message"]
        entry = self.entries.get(key)
        if entry is None:
            entry = self.index.message(key)
        else:
            entry = self.entries[key] = moved(entry, record)
        if entry is not None:
            self._tell(entry, Step("receipt", record.public))

    def _tell(self, entry: Entry, step: Step) -> None:
        """Log a change, and tell those who want to know."""
        message, reason = entry.message, step.public.get("reason")
        said = {"id": message.about, "message": message.key, "via": message.via}
        match step.kind, step.public.get("outcome"):
            case "sent", _:
                self._log.info("outbox.sent", **said, tries=entry.course.tries)
            case "unsent", "dead":
                if step.public.get("unknown"):
                    self._log.error(
                        "outbox.unknown", **said, note="look whether it arrived; it is not sent again by itself"
                    )
                self._log.error("outbox.dead", **said, reason=reason, tries=entry.course.tries)
                self.hooks.tell_dead(message, str(reason))
            case "unsent", outcome:
                self._log.info("outbox.unsent", **said, outcome=outcome, reason=reason, tries=entry.course.tries)
            case "receipt", "failed" if reason:
                self._log.error("outbox.undelivered", **said, reason=reason)
                self.hooks.tell_dead(message, str(reason))
        if step.public.get("opted_out"):
            self.hooks.tell_opted_out(message)


def _private(message: Message, step: Step | None) -> Json:
    """Return the private part of a record: of one that says somebody opted out also who."""
    if step is None:
        return {}
    return step.private | ({"to": message.to} if step.public.get("opted_out") else {})
