"""The rules in force: one reference, swapped whole when newer files are good, and kept when they are not."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

import attrs
import structlog
from twisted.internet.defer import Deferred, DeferredLock
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall

from router.clock import Clock
from router.lastgood import LastGood
from router.loading import InForce, Refusal, Source
from router.metrics import Metrics
from router.quiet import let_go, quietly
from rules.book import RuleBook
from rules.deciding import Timetable, window_around
from rules.inquiry import Leave, Override

SHOWN = 20
"""How many problems one log line names; the journal keeps them all."""

T = TypeVar("T")

Switches = Callable[[RuleBook], tuple[tuple[Override, ...], tuple[Leave, ...]]]
"""What is switched on by hand, as far as a book can apply it: overrides and leaves, newest first."""


def nothing_switched(_book: RuleBook) -> tuple[tuple[Override, ...], tuple[Leave, ...]]:
    """Return that nothing is switched on."""
    return (), ()


class InThread(Protocol):
    """Runs a function beside the reactor; `deferToThread`, or a test that runs it at once."""

    def __call__(self, work: Callable[[], T]) -> Awaitable[T]:
        """Return what *work* returned."""


class Chronicle(Protocol):
    """Writes down which rules came into force and which were refused."""

    def rules_loaded(self, loaded: InForce) -> Callable[[], object]:
        """Make the note of a set in force, in any thread; what is returned writes it."""

    def rules_refused(self, refusal: Refusal, *, kept: str) -> None:
        """Note a set refused, while the rule set *kept* stays in force."""


@attrs.frozen
class Outcome:
    """What a reload came to. *problems* are one-liners, *shown* the same with their lines, *restart* what waits for one."""

    good: bool
    changed: bool
    ruleset: str
    problems: tuple[str, ...] = ()
    shown: str = ""
    restart: tuple[str, ...] = ()


@attrs.define(eq=False)
class RuleBookService:
    """
    Owns the one reference to the rules in force, and looks every *every* seconds whether the files have changed.

    All that can fail happens in a thread and before the swap; then one reference changes, so an event is decided by the
    old rules or by the new ones and never by a mixture. Reloads come one after another. *refusal* is why the newest
    files are not in force (None: they are). *switches* says what is switched on besides: asked of each book that comes into
    force, and again whenever `switch` is called.
    """

    source: Source
    current: InForce
    clock: Clock
    timers: IReactorTime
    in_thread: InThread
    metrics: Metrics
    last_good: LastGood
    refusal: Refusal | None = None
    every: float = 5.0
    switches: Switches = nothing_switched
    on_swap: list[Callable[[InForce], None]] = attrs.field(factory=list)
    last: Outcome | None = attrs.field(default=None, init=False)
    _chronicle: Chronicle | None = attrs.field(default=None, init=False)
    _one_at_a_time: DeferredLock = attrs.field(factory=DeferredLock, init=False)
    _loop: LoopingCall = attrs.field(init=False)
    _looking: "Deferred[LoopingCall] | None" = attrs.field(default=None, init=False)
    _strayed: Timetable | None = attrs.field(default=None, init=False)
    _log: structlog.typing.FilteringBoundLogger = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Bind the log and the loop."""
        self._log = structlog.get_logger().bind(logger="rules")
        self._loop = LoopingCall(lambda: Deferred.fromCoroutine(self._look()))
        self._loop.clock = self.timers

    def timetable(self, at: int) -> Timetable:
        """Return the rules compiled around *at*: those in force, unless a demo or a clock set wrong asks for another time."""
        if self.current.timetable.covers(at):
            return self.current.timetable
        strayed = self._strayed
        if strayed is None or strayed.book is not self.current.book or not strayed.covers(at):
            book = self.current.book
            strayed = self._strayed = Timetable(book, window_around(at), *self.switches(book))
        return strayed

    def switch(self) -> None:
        """Ask again what is switched on, and decide by that from now on."""
        timetable = self.current.timetable.switched(*self.switches(self.current.book))
        self.current, self._strayed = attrs.evolve(self.current, timetable=timetable), None

    async def start(self, chronicle: Chronicle) -> None:
        """Note what is in force, keep it as the last good set, and begin to look for changes."""
        self._chronicle = chronicle
        chronicle.rules_loaded(self.current)()
        if self.refusal is None:
            await self._keep(self.current)
        else:
            chronicle.rules_refused(self.refusal, kept=self.current.book.ruleset)
        self._tell()
        self._looking = self._loop.start(self.every, now=False)

    async def stop(self) -> None:
        """Stop looking; returns when nothing of ours is left in the reactor."""
        if self._looking is not None:
            looking, self._looking = self._looking, None
            self._loop.stop()
            await looking
        await self._one_at_a_time.acquire()
        self._one_at_a_time.release()

    async def reload(self, why: str) -> Outcome:
        """Take the files on disk into force, or keep what runs and say what is wrong with them."""
        await self._one_at_a_time.acquire()
        try:
            self.last = await self._reload(why)
            return self.last
        finally:
            self._one_at_a_time.release()

    async def keep_up(self) -> None:
        """Compile the rules around the present moment, when that has left the stretch of time they were compiled for."""
        if self.current.timetable.window != window_around(int(self.clock.now())):
            await self._move_window()

    async def _look(self) -> None:
        """Look once at the disk and at the calendar; whatever goes wrong, the next look comes."""
        try:
            beside, _ = self._tried()
            seen = await self.in_thread(lambda: self.source.digest(beside))
            # Somebody may have asked for a reload meanwhile: then the next look tells whether anything is left to do.
            if seen != self._tried()[1] and not self._one_at_a_time.locked:
                await self.reload("changed on disk")
            await self.keep_up()
        except Exception:
            self._log.exception("rules.look-failed")

    def _tried(self) -> tuple[frozenset[Path], str]:
        """Return what the newest files depend on that were tried, and their digest."""
        tried = self.refusal or self.current
        return tried.beside, tried.digest

    async def _reload(self, why: str) -> Outcome:
        at = self.clock.now()
        made = await self._build(lambda: self.source.read(at))
        if isinstance(made, Refusal):
            return self._refuse(made, why)
        before, self.refusal = self.current, None
        changed = made.book.ruleset != before.book.ruleset
        restart = before.settings.needs_restart(made.settings)
        # The note and the swap are each long enough for a turn of the reactor: keeping the files, in a thread, lies between them.
        if changed:
            await self._note(made)
        await self._keep(made)
        old = self._swap(made)
        self._tell()
        self._log.info("rules.loaded", why=why, ruleset=made.book.ruleset, changed=changed)
        if restart:
            self._log.warning("rules.restart-needed", parts=restart)
        del before
        await self._let_go(old)
        return Outcome(good=True, changed=changed, ruleset=made.book.ruleset, restart=restart)

    def _refuse(self, refusal: Refusal, why: str) -> Outcome:
        kept = self.current.book.ruleset
        self.refusal = refusal
        if self._chronicle is not None:
            self._chronicle.rules_refused(refusal, kept=kept)
        self._tell()
        said = tuple(problem.headline() for problem in refusal.problems) or (refusal.shown,)
        self._log.error("rules.refused", why=why, kept=kept, problems=said[:SHOWN], count=len(said))
        return Outcome(good=False, changed=False, ruleset=kept, problems=said, shown=refusal.shown)

    async def _move_window(self) -> None:
        """Move the compiled stretch of time on: every night, and when the machine's clock was set."""
        await self._one_at_a_time.acquire()
        try:
            old = self._swap(await self._moved(self.current, self.clock.now()))
            await self._let_go(old)
            self._log.info("rules.window-moved", ruleset=self.current.book.ruleset)
        finally:
            self._one_at_a_time.release()

    async def _moved(self, before: InForce, at: float) -> InForce:
        """Make the same as *before*, compiled around *at*."""
        made = await self._build(lambda: self.source.prepare(before.files, at))
        if isinstance(made, Refusal):  # a greeting or secret has gone since; the rules themselves still hold
            timetable = await self._build(lambda: Timetable(before.book, window_around(int(at))))
            return attrs.evolve(before, timetable=timetable)
        return attrs.evolve(made, since=before.since)

    async def _build(self, work: Callable[[], T]) -> T:
        """Run *work* in a thread, without the reactor having to wait for it, and with time zones read afresh."""
        ZoneInfo.clear_cache()
        with quietly():
            return await self.in_thread(work)

    async def _keep(self, made: InForce) -> None:
        """Keep the files as the last good set; a full disk must not stop good rules from coming into force."""
        greetings = tuple(made.book.media.values())
        try:
            await self.in_thread(lambda: self.last_good.keep(made.files, made.book.ruleset, greetings))
        except OSError as error:
            self._log.error("rules.not-kept", reason=str(error))

    async def _note(self, made: InForce) -> None:
        """Write the journal's note of *made*, which is put together in a thread."""
        chronicle = self._chronicle
        if chronicle is not None:
            write = await self.in_thread(lambda: chronicle.rules_loaded(made))
            write()

    def _swap(self, made: InForce) -> list[object]:
        """Put *made* into force; return the pieces of what was, which nobody else holds any more."""
        old = self.current.pieces()
        self.current = made
        self.switch()
        for follow in self.on_swap:
            follow(self.current)
        return old

    async def _let_go(self, old: list[object]) -> None:
        """Free what was in force, in a thread."""
        await self.in_thread(lambda: let_go(old))

    def _tell(self) -> None:
        self.metrics.ruleset(self.current.book.ruleset)
        self.metrics.reload_successful.set(0 if self.refusal else 1)
        if self.refusal is None:
            self.metrics.reload_success_timestamp.set(self.current.since)
