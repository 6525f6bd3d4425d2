"""
The daemon put together: everything built, started and stopped in order.

Order: rules and settings (read before anything is touched), the lock, the journal and its index, the engine's memory, the
listeners, ready. Stopping goes the other way: nobody new, what is under way is answered, everything written, unlocked.
"""

import socket
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from random import random
from typing import Any, cast

import attrs
import structlog
from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThreadPool
from twisted.web.client import BrowserLikePolicyForHTTPS

from router.admin import Admin
from router.analysis import Analysis
from router.channels.http import Line
from router.chronicle import Chronicle
from router.clock import Clock, DemoClock
from router.correspondence import Correspondence
from router.demo import DemoDesk
from router.diskwatch import DiskWatch
from router.engine.engine import Engine
from router.engine.facts import Facts
from router.engine.memory import Memory
from router.engine.recovery import restore
from router.engine.shared import Shared
from router.entrances import Entrances
from router.feeds.copies import Copies
from router.feeds.service import CalendarService
from router.health import Health
from router.heartbeat import Heartbeat
from router.journal.api import Hooks, Placed
from router.journal.segment import Origin
from router.lastgood import LastGood
from router.lifecycle import Started
from router.links import Links, key_in
from router.loading import InForce, Refusal, Source
from router.metrics import Metrics
from router.outbox.desk import OutboxDesk
from router.quiet import shared
from router.recordings.desk import RecordingsDesk
from router.rulebook import RuleBookService
from router.shadow import Shadow
from router.state import StateFolder
from router.store import Store, open_store
from router.switchboard.desk import Desk
from router.switchboard.pins import Pins
from router.switchboard.recovery import restored
from router.switchboard.switchboard import Switchboard
from router.texts.unsendable import unsendable
from router.turns import Turns
from router.version import own_version, tzdata_version
from rules.book import RuleBook


@attrs.define(eq=False)
class Daemon:
    """
    A running switchhook.

    *reactor* is Twisted's, *turns* knows when its turns end; *began* is what was loaded before it ran, and *refusal* why that is
    the last good set and not what stands on disk. *candidate* is a rule file that decides beside the one in force (`run --shadow`);
    *handed* are the listeners a service manager holds open for us.
    """

    reactor: Any
    turns: Turns
    clock: Clock
    source: Source
    began: InForce
    refusal: Refusal | None = None
    candidate: tuple[Path, RuleBook] | None = None
    handed: Mapping[str, int] = attrs.field(factory=dict)
    metrics: Metrics = attrs.field(factory=Metrics)
    rules: RuleBookService = attrs.field(init=False)
    engine: Engine = attrs.field(init=False)
    health: Health = attrs.field(init=False)
    store: Store = attrs.field(init=False)
    switchboard: Switchboard = attrs.field(init=False)
    sending: Correspondence = attrs.field(init=False)
    entrances: Entrances = attrs.field(init=False)
    started_at: float = attrs.field(default=0.0, init=False)
    stopping: bool = attrs.field(default=False, init=False)
    _started: Started = attrs.field(factory=Started, init=False)
    _chronicle: Chronicle = attrs.field(init=False)
    _log: structlog.typing.FilteringBoundLogger = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Bind the log."""
        self._log = structlog.get_logger().bind(logger="daemon")

    async def start(self) -> None:
        """Start everything; when something cannot be, what was started is stopped again, and the error goes on."""
        try:
            await self._start()
        except BaseException:
            await self._started.stop()
            raise

    async def stop(self) -> None:
        """Stop accepting, answer what is under way, write everything, let go of the lock."""
        if self.stopping:
            return
        self.stopping = True
        self._log.info("daemon.stopping")
        await self._started.stop()
        self._log.info("daemon.stopped")

    async def _start(self) -> None:
        settings = self.began.settings
        folder = StateFolder(settings.state)
        folder.open()
        self._started.add("lock", folder.close)
        self.metrics.built(version=own_version(), sqlite=sqlite3.sqlite_version, tzdata=tzdata_version())
        self._open_store(folder.path)
        self.switchboard = Switchboard(
            self.store.journal,
            self.clock,
            self.metrics,
            restored(self.store.index, self.store.recent),
            lambda: "override" in self.rules.current.settings.sending.events,
        )
        self.rules = RuleBookService(
            source=self.source,
            current=self.began,
            clock=self.clock,
            timers=self.reactor,
            in_thread=self._in_thread,
            metrics=self.metrics,
            last_good=LastGood(folder.path / "last-good"),
            refusal=self.refusal,
            switches=self.switchboard.switches,
        )
        self.switchboard.rules = self.rules
        self.rules.switch()
        self._build_engine(folder.path)
        self.entrances = Entrances(self.reactor, self.clock, self.engine, self._started, self.handed)
        self._follow(self.began)
        self.rules.on_swap.append(self._follow)
        self._chronicle.started(self.began.book.ruleset)
        self._started.add("chronicle", lambda: self._chronicle.stopped(self.rules.current.book.ruleset))
        await self.rules.start(self._chronicle)
        self._started.add("rules", self.rules.stop)
        await self._read_calendars(folder.path)
        self.sending.start(folder.path, self.rules, self.engine, self.switchboard, self._started)
        self._beat()
        self._analyse()
        self.entrances.open(self.began.settings, self._admin(folder.token()))
        self._announce(folder)
        self.started_at = self.clock.now()
        self._log.info(
            "daemon.ready", version=own_version(), ruleset=self.began.book.ruleset, listens=self.entrances.places()
        )

    # ---------------------------------------------------------------- parts

    def _open_store(self, folder: Path) -> None:
        watch = DiskWatch(self.metrics)
        hooks = Hooks(committed=self.metrics.committed, up=watch.up, untold=watch.untold, durable=self._on_disk)
        origin = Origin(socket.gethostname(), own_version(), tzdata_version())
        self.store = open_store(
            folder, reactor=self.reactor, timers=self.turns, wall=self.clock.now, origin=origin, hooks=hooks
        )
        self._started.add("store", self.store.close)
        self._chronicle = Chronicle(self.store.journal)
        self.sending = Correspondence(self.reactor, self.clock, self.store, self._in_thread)
        watch.found(self.store.report)

    def _build_engine(self, folder: Path) -> None:
        index = self.store.index
        shared = Shared(
            journal=cast("Any", self.store.journal),
            rules=self.rules,
            links=Links(key_in(folder), self.began.settings.public_url),
            clock=self.clock,
            metrics=self.metrics,
            facts=Facts(index.fingerprint),
            shadow=Shadow(*self.candidate, self.metrics) if self.candidate else None,
            pins=Pins(lambda person: self.rules.current.settings.pins.get(person, "")),
        )
        memory = Memory(index)
        restore(shared, memory, index, self.store.recent)
        self.engine = Engine(shared, memory, self.reactor)
        self.health = Health(
            self.rules, self.store, self.engine, self.clock, self.metrics, self.switchboard, self.sending.outbox
        )
        self._log.info("engine.restored", events=len(memory), live_calls=len(shared.calls))

    def _follow(self, rules: InForce) -> None:
        """Let providers, greetings and fail-safe documents follow the rules in force."""
        self.engine.follow(rules)
        self.entrances.follow(rules)
        self.health.unsendable = unsendable(rules.book, rules.settings.sending.carriers)
        for note in self.health.unsendable:
            self._log.warning("texts.unsendable", note=note)

    def _on_disk(self, rows: Sequence[Placed]) -> None:
        """Pass on what has reached the disk."""
        self.sending.outbox.durable(rows)

    async def _read_calendars(self, folder: Path) -> None:
        """Take up what calendars said last, and keep up with them."""
        calendars = CalendarService(
            board=self.switchboard,
            copies=Copies.within(folder),
            line=Line(self.reactor, self.reactor, BrowserLikePolicyForHTTPS()),  # type: ignore[no-untyped-call]
            clock=self.clock,
            timers=self.reactor,
            in_thread=self._in_thread,
            metrics=self.metrics,
            chance=random,
        )
        await calendars.start(self.rules.current)
        self._started.add("calendars", calendars.stop)
        self.rules.on_swap.append(calendars.follow)
        self.health.calendars = calendars

    def _beat(self) -> None:
        heart = Heartbeat(
            timers=self.reactor,
            clock=self.clock,
            metrics=self.metrics,
            hurry=self.engine.hurry,
            tidy=self.health.tidy,
            measure=self.health.measure,
            clock_set=self._chronicle.clock_set,
        )
        heart.start()
        self._started.add("heartbeat", heart.stop)

    def _analyse(self) -> None:
        """Have the rules in force looked at in a process beside us, now and whenever they are swapped."""
        analysis = Analysis(self.reactor, self.metrics, self.clock, self._in_thread)
        self._started.add("analysis", analysis.stop)
        self.rules.on_swap.append(analysis.follow)
        analysis.follow(self.began)

    def _admin(self, token: str) -> Admin:
        """Return what administrators may ask for."""
        return Admin(
            token=token,
            checks=self.health.checks,
            status=lambda: self.health.status(self.entrances.places(), self.started_at),
            reload=lambda: self.rules.reload("asked for by an administrator"),
            exposition=lambda: self._in_thread(self.metrics.exposition),
            overrides=Desk(self.switchboard, self.clock),
            outbox=OutboxDesk(self.sending.outbox),
            recordings=RecordingsDesk(self.sending.aftercall.recordings),
            demo=DemoDesk(self.clock, self._keep_up) if isinstance(self.clock, DemoClock) else None,
        )

    async def _keep_up(self, seconds: float) -> None:
        """Follow the clock, which has been put on by *seconds*."""
        await self.rules.keep_up()
        self.sending.outbox.leap(seconds)
        self.health.tidy()
        self.sending.texts.tick()

    def _announce(self, folder: StateFolder) -> None:
        """Leave word for the commands where we are; a disk too full for that must not keep callers out."""
        self._started.add("announcement", folder.withdraw)
        try:
            folder.announce(self.entrances.places()["admin"])
        except OSError as error:
            self._log.error("daemon.not-announced", reason=str(error))

    def _in_thread(self, work: Callable[[], Any]) -> "Deferred[Any]":
        return deferToThreadPool(self.reactor, self.reactor.getThreadPool(), partial(shared, work))
