"""
The daemon put together: everything built, started and stopped in order.

Order: rules and settings (read before anything is touched), the lock, the journal and its index, the engine's memory, the
listeners, ready. Stopping goes the other way: nobody new, what is under way is answered, everything written, unlocked.
"""

import mimetypes
import os
import socket
import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from random import random
from typing import Any, cast

import attrs
import structlog
from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThreadPool
from twisted.web.client import BrowserLikePolicyForHTTPS

from adapters.api import Provider
from adapters.doors import Proxies
from adapters.host import hooks_site
from adapters.media import MediaFile
from router.admin import Admin, AdminSite, MetricsOnly
from router.analysis import Analysis
from router.channels.http import Line
from router.chronicle import Chronicle
from router.clock import Clock, DemoClock
from router.correspondence import Correspondence
from router.demo import DemoDesk
from router.engine.engine import Engine
from router.engine.facts import Facts
from router.engine.memory import Memory
from router.engine.recovery import restore
from router.engine.shared import Shared
from router.feeds.copies import Copies
from router.feeds.service import CalendarService
from router.health import Health
from router.heartbeat import Heartbeat
from router.journal.api import Hooks, Placed
from router.journal.record import Record
from router.journal.segment import Origin
from router.lastgood import LastGood
from router.lifecycle import Started
from router.links import Links, key_in
from router.listeners import Listener, listen
from router.loading import InForce, Refusal, Source
from router.metrics import Metrics
from router.outbox.desk import OutboxDesk
from router.quiet import shared
from router.recordings.desk import RecordingsDesk
from router.rulebook import RuleBookService
from router.shadow import Shadow
from router.sip.service import SipService
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

PUBLIC_SOCKET, ADMIN_SOCKET = 0o660, 0o600


@attrs.define(eq=False)
class Daemon:
    """
    A running switchhook.

    *reactor* is Twisted's, *turns* knows when its turns end; *began* what was loaded before it ran, and *refusal* why that is the last good set and not what
    stands on disk. *candidate* is a rule file that decides beside the one in force (`run --shadow`).
    """

    reactor: Any
    turns: Turns
    clock: Clock
    source: Source
    began: InForce
    refusal: Refusal | None = None
    candidate: tuple[Path, RuleBook] | None = None
    metrics: Metrics = attrs.field(factory=Metrics)
    rules: RuleBookService = attrs.field(init=False)
    engine: Engine = attrs.field(init=False)
    health: Health = attrs.field(init=False)
    store: Store = attrs.field(init=False)
    switchboard: Switchboard = attrs.field(init=False)
    sending: Correspondence = attrs.field(init=False)
    sip: SipService = attrs.field(init=False)
    listeners: dict[str, Listener] = attrs.field(factory=dict, init=False)
    providers: dict[str, Provider] = attrs.field(factory=dict, init=False)
    media: dict[str, MediaFile] = attrs.field(factory=dict, init=False)
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
        self.sip = SipService(self.reactor, self.engine, self.clock.received_at, os.urandom(32))
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
        self._listen(folder.token())
        self._announce(folder)
        self.started_at = self.clock.now()
        self._log.info("daemon.ready", version=own_version(), ruleset=self.began.book.ruleset, listens=self.places())

    # ---------------------------------------------------------------- parts

    def _open_store(self, folder: Path) -> None:
        self.metrics.journal_up.set(1)
        hooks = Hooks(
            committed=self.metrics.committed,
            up=self._journal_up,
            untold=self._untold,
            durable=self._on_disk,
        )
        origin = Origin(socket.gethostname(), own_version(), tzdata_version())
        self.store = open_store(
            folder, reactor=self.reactor, timers=self.turns, wall=self.clock.now, origin=origin, hooks=hooks
        )
        self._started.add("store", self.store.close)
        self._chronicle = Chronicle(self.store.journal)
        self.sending = Correspondence(self.reactor, self.clock, self.store, self._in_thread)
        report = self.store.report
        if report.torn:
            self._log.warning("journal.torn", note=report.torn)
        for row in report.corrupt:
            self._log.error("journal.corrupt", note=row)
        if report.index:
            self._log.warning("index.rebuilding", note=report.index)

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
        self.providers.clear()
        self.providers.update(rules.settings.providers)
        self.media.clear()
        self.media.update({name: MediaFile(_type_of(path), path) for name, path in rules.media.items()})
        self.engine.follow(rules)
        self.sip.follow(rules.settings.sip)
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

    def _listen(self, token: str) -> None:
        settings = self.began.settings
        site = hooks_site(
            providers=self.providers,
            receiver=self.engine,
            media=self.media,
            clock=self.reactor,
            received_at=self.clock.received_at,
            proxies=Proxies(settings.trusted_proxies),
        )
        admin = Admin(
            token=token,
            checks=self.health.checks,
            status=lambda: self.health.status(self.places(), self.started_at),
            reload=lambda: self.rules.reload("asked for by an administrator"),
            exposition=lambda: self._in_thread(self.metrics.exposition),
            overrides=Desk(self.switchboard, self.clock),
            outbox=OutboxDesk(self.sending.outbox),
            recordings=RecordingsDesk(self.sending.aftercall.recordings),
            demo=DemoDesk(self.clock, self._keep_up) if isinstance(self.clock, DemoClock) else None,
        )
        self._open("admin", settings.admin, AdminSite(self.reactor, admin), ADMIN_SOCKET)
        if settings.metrics is not None and settings.metrics != settings.admin:
            self._open("metrics", settings.metrics, AdminSite(self.reactor, MetricsOnly(admin)), ADMIN_SOCKET)
        self._open("public", settings.public, site, PUBLIC_SOCKET)
        self._started.add("SIP", self.sip.stop)
        self.sip.open()

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
            folder.announce(self.places()["admin"])
        except OSError as error:
            self._log.error("daemon.not-announced", reason=str(error))

    def _open(self, name: str, place: Any, site: Any, mode: int) -> None:
        listener = listen(self.reactor, place, site, mode=mode)
        self.listeners[name] = listener
        self._started.add(f"{name} connections", lambda: listener.drain(self.reactor))
        self._started.add(f"{name} listener", listener.stop_accepting)

    def _in_thread(self, work: Callable[[], Any]) -> "Deferred[Any]":
        return deferToThreadPool(self.reactor, self.reactor.getThreadPool(), partial(shared, work))

    def _journal_up(self, up: bool) -> None:
        self.metrics.journal_up.set(1 if up else 0)
        if up:
            self._log.info("journal.up")
        else:
            self._log.error("journal.down", note="calls are answered all the same, texts are sent back to the provider")

    def _untold(self, record: Record) -> None:
        """Put what could not be written into the log, as far as it may be seen there."""
        self._log.error("journal.unwritten", seq=record.seq, kind=record.kind, record=record.public)

    def places(self) -> dict[str, str]:
        """Return where we listen, by name."""
        return {name: str(listener.place) for name, listener in self.listeners.items()} | self.sip.places()


def _type_of(path: Path) -> str:
    """Return the content type of a greeting."""
    return mimetypes.guess_type(path.name)[0] or "application/octet-stream"
