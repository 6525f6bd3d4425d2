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
from router.outbox.message import Json
from router.outbox.receipts import Receipts
from rules.event import Receipt

SILENT = frozenset({"notice", "echo"})
"""Kinds of messages the team is not told of when they are given up: never a notice about a notice."""


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
        record = self.journal.append(step.kind, public, _private(entry, step))
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
        return public | (step.public if step else {}), _private(entry, step)

    def received(self, record: Record) -> None:
        """Let a receipt that stands in the journal move its message, and tell what must be told."""
        key = record.public["message"]
        before = entry = self.entries.get(key)
        if before is None and (found := self.index.message(key)):
            # the index may have followed the record already; until now the message was sent
            before = attrs.evolve(found, course=attrs.evolve(found.course, phase="sent"))
            entry = moved(found, record) if record.seq > found.last else found
        elif before is not None:
            entry = moved(before, record)
        if before is None or entry is None:
            return
        if key in self.entries or not entry.finished:
            self.entries[key] = entry
            self.follower(before, entry)
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
            case "receipt", "failed" if "again_at" in step.public:
                self._log.info("outbox.undelivered", **said, reason=reason, note="it is tried once more")
            case "receipt", "failed" if reason:
                self._log.error("outbox.undelivered", **said, reason=reason)
                self.hooks.tell_dead(message, str(reason))
        if step.public.get("opted_out"):
            self.hooks.tell_opted_out(message)


def _private(entry: Entry, step: Step | None) -> Json:
    """Return the private part of a record: who opted out, if somebody did, and that the team is to be told, if it is."""
    if step is None:
        return {}
    message = entry.message
    opted_out: Json = {"to": message.to} if step.public.get("opted_out") else {}
    return step.private | opted_out | (_to_be_told(entry) if _given_up(step) and message.kind not in SILENT else {})


def _given_up(step: Step) -> bool:
    dead = step.kind == "unsent" and step.public["outcome"] == "dead"
    failed = step.kind == "receipt" and step.public["outcome"] == "failed" and "again_at" not in step.public
    return dead or failed


def _to_be_told(entry: Entry) -> Json:
    """Return the effect of a message that was given up, and of whom the notice is to speak."""
    message = entry.message
    effect = {
        "key": f"{message.key}.undelivered-{entry.course.fence}",
        "kind": "undelivered",
        "people": [message.person] if message.person else [],
        "target": message.lane,
        "number": message.number,
        "release_at": None,
    }
    to_customer = message.person is None and message.channel == "sms"
    about = {"channel": message.channel, "via": message.via, "kind": message.kind}
    return {"outbox": [effect], "undelivered": about} | ({"from": message.to} if to_customer else {})
