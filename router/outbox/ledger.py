"""
What must be sent, as the records of the journal tell it: effects nobody has turned into messages yet, and messages.

Pure. The daemon keeps one in memory and follows its own records with it; after a restart it is filled from the index and the
records the index has not taken up. A command reads the journal with one when there is no index.
"""

from collections.abc import Iterator

import attrs

from router.clock import epoch
from router.journal.record import Record
from router.outbox.course import UNFINISHED, Course, follow
from router.outbox.message import Message

MOVES = frozenset({"attempt", "sent", "unsent", "dropped", "retried", "receipt"})
"""Kinds of records that may be about a message."""

KINDS = MOVES | {"queued", "held"}
"""Those and the kinds that are about an effect."""


@attrs.frozen(kw_only=True)
class Effect:
    """
    Something a record says must be sent, and that is not a message yet: to whom and in which words is decided when it is.

    *about*: id of the call or text. *seq*: number of the record with the words. *release_at*: when what is held is let go (ISO in
    UTC; None: when somebody is in). Names only, nothing private.
    """

    key: str
    about: str
    seq: int
    kind: str
    people: tuple[str, ...]
    target: str | None
    number: str | None
    since: str
    release_at: str | None


@attrs.frozen(kw_only=True)
class Entry:
    """
    A message and how far it is.

    *effect*: what it comes from. *order*: its place in its lane: number of the record that put it there, and which of them.
    *since*: when it was queued, epoch seconds. *last*: number of the last record about it. *reference*: the provider's.
    """

    message: Message
    effect: str
    course: Course
    order: tuple[int, int]
    since: float
    last: int
    reference: str | None = attrs.field(default=None, repr=False)

    @property
    def finished(self) -> bool:
        """Whether the next one of its lane need not wait for it."""
        return self.course.phase not in UNFINISHED


def effects_of(record: Record) -> list[Effect]:
    """Return what *record* says must be sent."""
    return [
        Effect(
            key=effect["key"],
            about=record.public["id"],
            seq=record.seq,
            kind=effect["kind"],
            people=tuple(effect.get("people") or ()),
            target=effect.get("target"),
            number=effect.get("number") or record.public.get("number"),
            since=record.at,
            release_at=effect.get("release_at"),
        )
        for effect in (record.private or {}).get("outbox") or ()
    ]


def messages_of(record: Record) -> Iterator[Message]:
    """Yield the messages of a `queued` record; none once its private part has been erased."""
    for public, private in zip(record.public["messages"], (record.private or {}).get("messages") or (), strict=False):
        yield Message.read(public, private)


def entries_of(record: Record) -> list[Entry]:
    """Return the messages of a `queued` record, as they stand at first."""
    # Due at once, not at the record's moment: that is the machine's clock, which may have been set since we started.
    return [
        Entry(
            message=message,
            effect=record.public["effect"],
            course=Course(),
            order=(record.seq, place),
            since=epoch(record.at),
            last=record.seq,
        )
        for place, message in enumerate(messages_of(record))
    ]


def moved(entry: Entry, record: Record) -> Entry:
    """Return *entry* after a record about it."""
    course = follow(entry.course, record.kind, record.public, epoch(record.at))
    reference = (record.private or {}).get("reference") if record.kind == "sent" else entry.reference
    order = (record.seq, 0) if entry.finished and course.phase == "waiting" else entry.order
    return attrs.evolve(entry, course=course, reference=reference, order=order, last=record.seq)


@attrs.define(eq=False)
class Ledger:
    """
    Effects that wait, by key, and messages, by key.

    *done* has the effects that wait no more, with the number of the record that says so; `forget` lets go of them.
    """

    effects: dict[str, Effect] = attrs.field(factory=dict)
    entries: dict[str, Entry] = attrs.field(factory=dict)
    done: dict[str, int] = attrs.field(factory=dict)

    def follow(self, record: Record) -> None:
        """Take in a record; records come in order. What it says about a message unknown here is passed over."""
        for effect in effects_of(record):
            self.expect(effect)
        if record.kind == "queued":
            self.finish(record.public["effect"], record.seq)
            self.entries |= {entry.message.key: entry for entry in entries_of(record)}
        elif record.kind == "held" and record.public["effect"] in self.effects:
            key = record.public["effect"]
            self.effects[key] = attrs.evolve(self.effects[key], release_at=record.public["release_at"])
        elif record.kind in MOVES:
            self._move(record)

    def _move(self, record: Record) -> None:
        """Move a message, unless it has seen the record: an index may be ahead of the position it was asked for."""
        entry = self.entries.get(record.public.get("message") or "")
        if entry is not None and record.seq > entry.last:
            self.entries[entry.message.key] = moved(entry, record)

    def expect(self, effect: Effect) -> None:
        """Take in an effect, unless it is known to be done."""
        if effect.key not in self.done:
            self.effects.setdefault(effect.key, effect)

    def finish(self, effect: str, seq: int) -> None:
        """Note that an effect is done, by record *seq*."""
        self.effects.pop(effect, None)
        self.done[effect] = seq

    def forget(self, position: int) -> list[Entry]:
        """
        Let go of effects that are done and of messages that are finished, up to where the index knows them (*position*).

        Returns the messages.
        """
        self.done = {key: seq for key, seq in self.done.items() if seq > position}
        gone = [entry for entry in self.entries.values() if entry.finished and entry.last <= position]
        for entry in gone:
            del self.entries[entry.message.key]
        return gone
