"""
Recordings of messages: fetched when the provider says they are ready, kept, and deleted when their time is over.

What is still to be fetched is an effect of the outbox (`<call>.recording`), so it outlives a restart; what is kept is what lies
on the shelf. The journal says of each: `kept`, `expired`, `heard`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar, cast

import attrs
import structlog
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import LoopingCall

from adapters.sending import Carrier
from router.clock import Clock, epoch
from router.journal.api import JournalDown, Timers
from router.journal.record import Record
from router.outbox.ledger import Effect
from router.outbox.message import Json, Message
from router.recordings.download import Line, Trouble, delete, fetch
from router.recordings.shelf import Note, Shelf
from rules.book import Box

KIND = "recording"
"""The effect that stands for a recording still to be fetched."""

BACK_OFF = (5, 30, 120, 600, 1800)
HOURLY = 3600
"""Seconds until the next try: after the first, the second …, and after those."""

GIVEN_UP = 24 * 3600
"""Seconds after which a recording is not asked for any more; it stays with the provider."""

AT_ONCE = 2
"""Recordings fetched side by side."""

MINUTE = 60

T = TypeVar("T")


class Outbox(Protocol):
    """What is asked of the outbox."""

    def pending(self) -> list[Effect]:
        """Return the effects that are still to be done."""

    def source(self, effect: Effect) -> Record | None:
        """Return the record an effect comes from."""

    def queue(
        self, effect: str, messages: Sequence[Message], public: Json | None = None, private: Json | None = None
    ) -> bool:
        """Note that an effect is done."""


class Journal(Protocol):
    """What is asked of the journal."""

    def append(self, kind: str, public: Json, private: Json) -> Record:
        """Number and chain a record."""


class InThread(Protocol):
    """Runs a function beside the reactor."""

    def __call__(self, work: Callable[[], T]) -> "Deferred[T]":
        """Return what *work* returned."""


@attrs.define(eq=False)
class _Wanted:
    """One that is to be fetched, *due* at UTC epoch seconds, after so many *tries*."""

    effect: Effect
    due: float
    tries: int = 0
    under_way: bool = False


@attrs.define(eq=False)
class Recordings:
    """Fetches, keeps and deletes. *carriers* and *boxes* are those of the rules in force."""

    shelf: Shelf
    outbox: Outbox
    journal: Journal
    line: Line
    carriers: Callable[[], Mapping[str, Carrier]]
    boxes: Callable[[], Mapping[str, Box]]
    clock: Clock
    timers: Timers
    in_thread: InThread
    _wanted: dict[str, _Wanted] = attrs.field(factory=dict, init=False)
    _beats: int = attrs.field(default=0, init=False)
    _busy: "set[Deferred[None]]" = attrs.field(factory=set, init=False)
    _loop: LoopingCall | None = attrs.field(default=None, init=False)
    _done: "Deferred[LoopingCall]" = attrs.field(init=False)
    _log: structlog.typing.FilteringBoundLogger = attrs.field(
        factory=lambda: structlog.get_logger().bind(logger="recordings"), init=False
    )

    def start(self) -> None:
        """Take up what is still to be fetched, and look every second."""
        self.effects(None, self.outbox.pending())
        self._loop = LoopingCall(self.tick)
        self._loop.clock = cast("Any", self.timers)  # zope's interface, in words a type checker reads
        self._done = self._loop.start(1.0, now=False)

    async def stop(self) -> None:
        """End; what is under way is given up, and fetched again after the next start."""
        if self._loop is not None:
            self._loop.stop()
            await self._done
            self._loop = None
        for work in list(self._busy):
            work.cancel()

    def effects(self, _record: Record | None, effects: Sequence[Effect]) -> None:
        """Take new *effects*; the outbox's hook."""
        for effect in effects:
            if effect.kind == KIND:
                self._wanted.setdefault(effect.key, _Wanted(effect, self.clock.now()))

    def coming(self, provider: str) -> bool:
        """Say whether recordings of *provider* are fetched."""
        return provider in self.carriers()

    def heard(self, call: str) -> bytes | None:
        """Return a recording for somebody to hear, and note that they did; None when there is none."""
        sound = self.shelf.sound(call)
        if sound is not None:
            note = self.shelf.notes[call]
            self.journal.append("heard", {"id": call, "number": note.number, "box": note.box}, {})
        return sound

    # ---------------------------------------------------------------- every second

    def tick(self) -> None:
        """Begin what is due. Never fails: an exception would end the loop for good."""
        try:
            now = self.clock.now()
            free = AT_ONCE - len(self._busy)
            due = [each for each in self._wanted.values() if each.due <= now and not each.under_way]
            for wanted in due[: max(0, free)]:
                self._begin(wanted)
            if self._beats % MINUTE == 0:
                self._expire(now)
            self._beats += 1
        except Exception:
            self._log.exception("recordings.failed")

    def _begin(self, wanted: _Wanted) -> None:
        wanted.under_way = True
        work = Deferred.fromCoroutine(self._take(wanted))
        self._busy.add(work)
        work.addBoth(lambda _result: self._busy.discard(work))

    async def _take(self, wanted: _Wanted) -> None:
        """Fetch one, keep it, and say so; or see when to try again."""
        effect, now = wanted.effect, self.clock.now()
        try:
            came = await self._one(effect)
            if isinstance(came, Trouble):
                self._again(wanted, came, now)
            else:
                self._finish(effect, came)
        except CancelledError:
            pass  # we stop; the effect is still pending
        except (JournalDown, OSError) as error:
            self._log.warning("recordings.not-kept", id=effect.about, reason=type(error).__name__)
            wanted.due = now + BACK_OFF[0]
        except Exception:
            self._log.exception("recordings.failed", id=effect.about)
            wanted.due = now + HOURLY
        finally:
            wanted.under_way = False

    async def _one(self, effect: Effect) -> str | Trouble:
        """Do what is left to do for one; returns what came of it."""
        record = self.outbox.source(effect)
        if record is None or record.private is None:
            return "its record has been erased"
        reference = str((record.private.get("details") or {}).get("recording_id"))
        carrier = self.carriers().get(record.public["provider"])
        if carrier is None:
            return "its provider is not in the rules any more"
        box = self.boxes().get(effect.target or "")
        if effect.about not in self.shelf:
            sound = await fetch(self.line, carrier, reference)
            if isinstance(sound, Trouble):
                return sound
            await self._keep(effect, sound, box)
        if box is not None and box.delete_at_provider:
            return await delete(self.line, carrier, reference) or "kept; deleted at the provider"
        return "kept"

    async def _keep(self, effect: Effect, sound: bytes, box: Box | None) -> None:
        note = await self.in_thread(
            lambda: self.shelf.put(
                effect.about,
                sound,
                number=effect.number or "",
                box=effect.target or "",
                at=int(self.clock.now()),
                keep=box.keep if box else None,
            )
        )
        self.journal.append("kept", attrs.asdict(note, filter=lambda field, _: field.name != "kept_at"), {})
        self.shelf.keep(note)
        self._log.info("recordings.kept", id=note.id, box=note.box, size=note.size)

    def _again(self, wanted: _Wanted, trouble: Trouble, now: float) -> None:
        """Try later, unless a day has passed."""
        effect = wanted.effect
        if now >= epoch(effect.since) + GIVEN_UP:
            self._log.error("recordings.given-up", id=effect.about, reason=trouble.reason)
            self._finish(effect, f"given up: {trouble.reason}")
            return
        wanted.due = now + (BACK_OFF[wanted.tries] if wanted.tries < len(BACK_OFF) else HOURLY)
        wanted.tries += 1
        self._log.warning("recordings.not-fetched", id=effect.about, reason=trouble.reason, tries=wanted.tries)

    def _finish(self, effect: Effect, why: str) -> None:
        self.outbox.queue(effect.key, (), {"why": why})
        self._wanted.pop(effect.key, None)

    def _expire(self, now: float) -> None:
        """Delete what has been kept for long enough: as its box says today, or if there is none any more, as it said then."""
        boxes = self.boxes()
        for note in list(self.shelf.notes.values()):
            box = boxes.get(note.box)
            keep = box.keep if box else note.keep
            if keep is not None and now >= note.kept_at + keep:
                self._delete(note)

    def _delete(self, note: Note) -> None:
        self.journal.append("expired", {"id": note.id, "number": note.number, "box": note.box}, {})
        self.shelf.remove(note.id)
        self._log.info("recordings.expired", id=note.id, box=note.box)
