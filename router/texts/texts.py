"""
Whatever an event sets going, turned into messages with the rules in force: at once, or when somebody can have it.

Nothing is remembered here that does not stand in a record: what waits is what the outbox has pending, conversations stand in the
records of what was queued because of them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol, cast

import attrs
import structlog
from twisted.internet.defer import Deferred
from twisted.internet.task import LoopingCall

from router.clock import Clock, epoch, iso_seconds
from router.engine.facts import Facts
from router.journal.api import JournalDown, Timers
from router.journal.record import Record
from router.outbox.ledger import Effect
from router.outbox.message import Json, Message
from router.texts import care, deliveries, replies
from router.texts.case import Case, Later, Outcome, Ready
from router.texts.casework import Casework, Rules
from router.texts.posting import is_confirmation
from router.texts.replies import Commands
from router.texts.talks import Talks, written
from router.texts.waiting import Lane, Waiting, order
from rules.reaching import has_left
from rules.relay.allowed import may_be_texted

OURS = frozenset({"deliver", "copy", "hold", "event", "relay", "command", "reply", "text-back"})
"""Kinds of effects that become messages here."""

WAITS = frozenset({"deliver", "hold", "event"})
"""Those that may wait for somebody; the rest waits for the disk only."""

TOLD_LATE = frozenset({"deliver", "hold"})
"""Those of which the team is told when they have been waiting for days."""

MOST = 200
"""How many that wait are looked at in one go, so that a morning's opening keeps no call waiting."""

AGAIN = 600
"""Seconds after which one that waits is looked at in any case."""

MINUTE = 60

STALLED = 5
TROUBLE = 600
"""Seconds until the next try: when the journal was down; when we stumbled ourselves."""


class Outbox(Protocol):
    """What is asked of the outbox."""

    def queue(
        self, effect: str, messages: Sequence[Message], public: Json | None = None, private: Json | None = None
    ) -> bool:
        """Turn an effect into messages, by one record; False when that was done before."""

    def hold(self, effect: str, release_at: str | None, reason: str) -> None:
        """Note until when a pending effect waits, and why."""

    def pending(self) -> list[Effect]:
        """Return what is not turned into messages yet, oldest first."""

    def source(self, effect: Effect) -> Record | None:
        """Return the record an effect comes from."""


@attrs.define(eq=False)
class Texts:
    """
    Turns effects into messages; `effects` is the outbox's hook.

    *caller_of* names who called, by the call's id, for texts back to callers; *commands* carries out commands by text. *more* says
    what becomes of other kinds of effects, or of one of ours in another way.
    """

    outbox: Outbox
    rules: Rules
    facts: Facts
    clock: Clock
    timers: Timers
    commands: Commands
    caller_of: Callable[[str], str | None] = lambda _call: None
    more: Mapping[str, Callable[[Case], Outcome]] = attrs.field(factory=dict)
    talks: Talks = attrs.field(factory=Talks)
    _casework: Casework = attrs.field(init=False)
    _waiting: dict[str, Waiting] = attrs.field(factory=dict, init=False)
    _looked: float = attrs.field(default=0.0, init=False)
    _loop: LoopingCall | None = attrs.field(default=None, init=False)
    _done: "Deferred[LoopingCall]" = attrs.field(init=False)
    _log: structlog.typing.FilteringBoundLogger = attrs.field(
        factory=lambda: structlog.get_logger().bind(logger="texts"), init=False
    )

    def __attrs_post_init__(self) -> None:
        """Make ready."""
        self._casework = Casework(self.talks, self.facts, self.caller_of)

    # ---------------------------------------------------------------- start and stop

    def restore(self, known: Iterable[Record], recent: Iterable[Record]) -> None:
        """Take up conversations: from records the index *known* leads to, and on top of them from *recent* ones."""
        self.talks.recall(known)
        self.talks.recall(recent)

    def start(self) -> None:
        """Take up what is pending, and look every second at what waits."""
        for effect in self.outbox.pending():
            if effect.kind in OURS or effect.kind in self.more:
                self._waiting.setdefault(effect.key, Waiting(effect))
        self._loop = LoopingCall(self.tick)
        self._loop.clock = cast("Any", self.timers)  # zope's interface, in words a type checker reads
        self._done = self._loop.start(1.0, now=False)

    async def stop(self) -> None:
        """End; what waits stays pending."""
        if self._loop is not None:
            self._loop.stop()
            await self._done
            self._loop = None

    # ---------------------------------------------------------------- what happens

    def effects(self, record: Record, effects: Sequence[Effect]) -> None:
        """Take new *effects* of a *record* that is on disk."""
        for effect in effects:
            if effect.kind not in OURS and effect.kind not in self.more:
                continue
            if effect.kind == "deliver":
                self._catch_up(record, effect)
            self._try(Waiting(effect), record, fresh=True)

    def tick(self) -> None:
        """Look at what waits and may go now. Never fails."""
        try:
            self._look()
            self._look_after_conversations()
        except Exception:
            self._log.exception("texts.failed")

    def may_text(self, message: Message) -> str | None:
        """Say why *message* must not go out after all, or None; asked just before each try."""
        if message.channel != "sms" or message.number is None:
            return None
        if self.facts.pair(message.number, message.to) in self.facts.opted_out and not is_confirmation(message):
            return "the recipient has opted out"
        book = self.rules.timetable(int(self.clock.now())).book
        if message.person is None and not may_be_texted(book, message.to):
            return "texts to this number are not allowed"
        return None

    # ---------------------------------------------------------------- what waits

    def _catch_up(self, record: Record, effect: Effect) -> None:
        """Look first at what waits of the same customer, so that an earlier text is not overtaken at the minute of opening."""
        now = self.clock.now()
        caller = self._casework.caller(self.rules.timetable(int(now)), record, effect)
        customer = (effect.number, caller.e164 or caller.raw)
        mine = [
            waiting
            for waiting in self._waiting.values()
            if waiting.timetable is None
            or (waiting.lane and waiting.lane[:2] == customer)  # None: not looked at since the start
        ]
        self._go_through(mine, now, all_of_them=True)

    def _look(self) -> None:
        """Look at what waits, now that a second has passed."""
        if not self._waiting:
            return
        pending = {effect.key for effect in self.outbox.pending()}
        for key in self._waiting.keys() - pending:  # an administrator has dropped it
            del self._waiting[key]
        self._go_through(self._waiting.values(), self.clock.now(), all_of_them=False)

    def _go_through(self, waiting: Iterable[Waiting], now: float, *, all_of_them: bool) -> None:
        """Try what may go by now, oldest first; behind one that must wait on, others of its lane wait too."""
        timetable = self.rules.timetable(int(now))
        blocked: set[Lane | None] = set()
        tried = 0
        for each in sorted(waiting, key=order):
            if each.lane in blocked:
                continue
            if all_of_them or each.look_at <= now or each.timetable is not timetable:
                tried += 1
                if tried > MOST:
                    return
                if self._try(each, self.outbox.source(each.effect), fresh=False):
                    continue
            if each.lane is not None:
                blocked.add(each.lane)

    def _try(self, waiting: Waiting, record: Record | None, *, fresh: bool) -> bool:
        """Do what can be done now; True when it waits no more."""
        effect, now = waiting.effect, self.clock.now()
        try:
            case = self._case(waiting, record, int(now), fresh=fresh)
            outcome = self._outcome(case) if isinstance(case, Case) else case
            if isinstance(outcome, Ready):
                self._queue(effect.key, outcome)
                self._waiting.pop(effect.key, None)
                return True
            self._wait(waiting, outcome, now)
            if isinstance(case, Case):
                self._tell_late(waiting, case)
        except JournalDown:
            waiting.look_at = now + STALLED
        except Exception:
            self._log.exception("texts.failed", effect=effect.key, kind=effect.kind)
            waiting.look_at = now + TROUBLE
        self._waiting[effect.key] = waiting
        return False

    def _case(self, waiting: Waiting, record: Record | None, at: int, *, fresh: bool) -> Case | Outcome:
        waiting.timetable = self.rules.timetable(at)
        case = self._casework.of(waiting.effect, record, waiting.timetable, at, fresh=fresh)
        if isinstance(case, Case) and waiting.effect.kind in WAITS:
            waiting.lane = (case.number.name, case.customer, waiting.effect.target)
        return case

    def _outcome(self, case: Case) -> Outcome:
        if case.effect.kind in self.more:
            return self.more[case.effect.kind](case)
        match case.effect.kind:
            case "deliver" | "hold":
                return deliveries.deliver(case)
            case "copy":
                return deliveries.copy(case)
            case "event":
                return deliveries.event(case)
            case "relay":
                return replies.relay(case)
            case "command":
                return replies.command(case, self.commands)
            case "reply":
                return replies.reply(case)
        return replies.text_back(case)

    def _queue(self, effect: str, ready: Ready) -> None:
        public, private = written(ready.conversations)
        if ready.why:
            public = {**public, "why": ready.why}
        if self.outbox.queue(effect, ready.messages, public, private):
            self.talks.put(ready.conversations)
            if ready.took is not None:
                self.facts.took("text", ready.took, self.clock.now())

    def _wait(self, waiting: Waiting, later: Later, now: float) -> None:
        """Note that it waits (on), when that is news."""
        waiting.look_at = min(now + AGAIN, now + AGAIN if later.until is None else later.until)
        release_at = iso_seconds(later.until) if later.opens else None
        note = (release_at, later.why)
        told = waiting.effect.kind == "hold" and release_at == waiting.effect.release_at
        if note != waiting.noted and not (told and waiting.noted is None):
            self.outbox.hold(waiting.effect.key, release_at, later.why)
        waiting.noted = note

    # ---------------------------------------------------------------- what nobody wrote

    def _tell_late(self, waiting: Waiting, case: Case) -> None:
        """Tell the team, once, of a text that has been waiting for days."""
        since = int(epoch(waiting.effect.since))
        if not waiting.late and waiting.effect.kind in TOLD_LATE and case.at >= since + care.LATE:
            self._queue(care.late_key(waiting.effect), care.late_notice(case, since))
            waiting.late = True

    def _look_after_conversations(self) -> None:
        """Hand over those of somebody who has left, and forget old ones; once a minute."""
        now = self.clock.now()
        if abs(now - self._looked) < MINUTE:
            return
        self._looked = now
        timetable = self.rules.timetable(int(now))
        lasting = timetable.book.conversation_for
        self.talks.prune(int(now), lasting)
        for each in list(self.talks.known.values()):
            if each.owner and each.is_open(int(now), lasting) and has_left(timetable, each.owner, int(now)):
                key = care.left_key(each)
                case = self._casework.about(each, key, timetable, int(now))
                ready = care.hand_over(case, each) if case else None
                if ready is not None:
                    self._queue(key, ready)
