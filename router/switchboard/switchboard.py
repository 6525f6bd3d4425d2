"""
The switchboard: what is switched on by hand, set, listed, ended, and put into the rules in force.

Every change is a record of the journal first and in force in the same step; it is called done when the record is on disk. What
has an end ends by itself, by the wall clock: `decide` knows the end from the start, the record of it follows within a second.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Protocol

import attrs
import structlog

from router.clock import Clock, iso_seconds
from router.journal.api import JournalDown
from router.journal.record import Point, Record
from router.metrics import OVERRIDE_KINDS, Metrics
from router.switchboard.standing import RECORD, Action, Json, Register, Standing
from router.switchboard.words import Consequences, headline
from rules.book import RuleBook
from rules.circles import circle
from rules.deciding import Timetable
from rules.ends import moment_in_words
from rules.inquiry import Leave, Override, calendar_leave
from rules.spoken import UnclearError
from rules.switching import GoAway, Switch

MOST = 200
"""How many things may be switched on at once; more is a program gone wrong."""

SPANS_TOLD = 50
"""How many spans of a calendar stand in its record."""

Spans = tuple[tuple[int, int], ...]


class Journal(Protocol):
    """What the switchboard needs of the journal."""

    head: Point

    def append(self, kind: str, public: Json, private: Json) -> Record:
        """Number and chain a record at once."""

    def durable(self, seq: int) -> Awaitable[None]:
        """Return after the sync; raise `JournalDown` when it does not come in time."""


class InForce(Protocol):
    """The rules in force, as far as they matter here."""

    @property
    def book(self) -> RuleBook:
        """What the files say."""

    @property
    def timetable(self) -> Timetable:
        """The same, compiled, with what is switched on."""


class Rules(Protocol):
    """The service that owns them."""

    @property
    def current(self) -> InForce:
        """Return them."""

    def switch(self) -> None:
        """Ask again what is switched on, and decide by that from now on."""


@attrs.frozen
class Done:
    """What was switched on: *lines* tell it, for whom, until when and what follows; *seq* is the number of its record."""

    standing: Standing
    lines: tuple[str, ...]
    seq: int


@attrs.define(eq=False)
class Switchboard:
    """
    Owns what is switched on.

    *announced*: web hooks are to be told of changes. *rules* is given once they are there: they ask `switches` what to apply, this asks them what follows.
    """

    journal: Journal
    clock: Clock
    metrics: Metrics
    register: Register = attrs.field(factory=Register)
    announced: Callable[[], bool] = lambda: False
    rules: Rules = attrs.field(init=False)
    _calendars: dict[str, Spans] = attrs.field(factory=dict, init=False)
    _log: structlog.typing.FilteringBoundLogger = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Bind the log."""
        self._log = structlog.get_logger().bind(logger="overrides")

    # ---------------------------------------------------------------- for the rules in force

    def switches(self, book: RuleBook) -> tuple[tuple[Override, ...], tuple[Leave, ...]]:
        """Return what *book* is to apply, newest first; what names somebody it does not have is left out."""
        switched = [each.switched(book) for each in self.register.newest_first() if not each.missing(book)]
        leaves = [each for each in switched if isinstance(each, Leave)]
        leaves += [calendar_leave(person, spans) for person, spans in self._calendars.items()]
        return tuple(each for each in switched if isinstance(each, Override)), tuple(leaves)

    # ---------------------------------------------------------------- what people do

    def set(self, command: GoAway | Switch, *, by: str, cause: str | None = None) -> Done:
        """
        Switch something on; *by* is who does, in words, *cause* what asks for it, by its unique key.

        What asks a second time, after a restart, switches nothing more. Raises `UnclearError`, with a sentence, for what must
        not be: a circle of covers, an end that has passed.
        """
        known = self.register.because_of(cause)
        if known is not None:
            return self._done(known, 0)
        standing = Standing.of(command, seq=self.journal.head.seq + 1, by=by, cause=cause)
        self._refuse(standing)
        record = self._write(standing, "set", f"{self.headline(standing)}, by {by}")
        self.rules.switch()
        return self._done(standing, record.seq)

    def cancel(self, standings: Iterable[Standing], *, by: str) -> int:
        """End what is switched on; returns the number of the last record of that."""
        seq = 0
        for standing in standings:
            seq = self._write(standing, "cancel", f"ended by {by}: {self.headline(standing)}", by).seq
        self.rules.switch()
        return seq

    async def written(self, seq: int) -> bool:
        """Wait until record *seq* is on disk; says whether it is."""
        try:
            await self.journal.durable(seq)
        except JournalDown:
            self._log.error("override.unwritten", seq=seq)
            return False
        return True

    def calendar(self, person: str, spans: Sequence[tuple[int, int]]) -> None:
        """
        Take up when *person* is away by their calendar, `[start, end)` in UTC epoch seconds; none: never.

        Recorded when it changes; whoever reads the calendar tells it again after a start.
        """
        taken = tuple(spans)
        if taken == self._calendars.get(person, ()):
            return
        told = [[iso_seconds(start), iso_seconds(end)] for start, end in taken[:SPANS_TOLD]]
        outcome = f"{person}: {len(taken)} absence{'s' * (len(taken) != 1)} by the calendar"
        public = {"id": f"calendar-{person}", "action": "calendar", "what": "away", "person": person, "spans": told}
        self.journal.append(RECORD, {**public, "count": len(taken), "outcome": outcome}, {})
        self._calendars[person] = taken
        if not taken:
            del self._calendars[person]
        self.rules.switch()

    # ---------------------------------------------------------------- every second

    def tick(self) -> None:
        """End what is over, remind of what lasts long, count what is on; by the wall clock, whatever it was set to."""
        now = self.clock.now()
        over = [each for each in self.register.all.values() if each.until <= now]
        for standing in over:
            self._write(standing, "end", f"over: {self.headline(standing)}")
        if over:
            self.rules.switch()
        for standing in [each for each in self.register.all.values() if (each.remind_at or now + 1) <= now]:
            self._remind(standing)
        self._count(now)

    def _remind(self, standing: Standing) -> None:
        """Remind of something that has been on for long: in the log, and by a notice from the number, else from one of ours."""
        effect = self._effect(standing, "remind")
        said = f"still switched on: {self.headline(standing)}"
        self._write(standing, "remind", said, effects=[effect])
        self._log.warning("override.lasts", id=standing.id, what=standing.what, note=said)

    def _effect(self, standing: Standing, kind: str) -> Json:
        """Return what is to be done about *standing*, once for each *kind*."""
        numbers = self.rules.current.book.numbers
        told = [name for name, number in numbers.items() if number.notify_missed]
        return {
            "key": f"{standing.id}.{kind}",
            "kind": kind.partition(":")[0],
            "people": [],
            "target": None,
            "number": standing.number or next(iter((*told, *numbers))),
            "release_at": None,
        }

    def _count(self, now: float) -> None:
        on: list[str] = [each.what for each in self.register.all.values() if each.in_force(now)]
        for kind in OVERRIDE_KINDS:
            self.metrics.overrides_active.labels(kind).set(on.count(kind))

    # ---------------------------------------------------------------- telling

    def listed(self) -> list[Json]:
        """Return what is switched on, newest first, as `status` and the admin listener show it."""
        now, book = self.clock.now(), self.rules.current.book
        return [self.told(each, book, now) for each in self.register.newest_first()]

    def told(self, standing: Standing, book: RuleBook, now: float) -> Json:
        """Tell one of them as JSON; *note* says what keeps it from being applied."""
        missing = standing.missing(book)
        kept = ("id", "what", "number", "person", "plan", "cover", "only", "since", "until", "by")
        public = standing.public("set", "")
        return {
            **{name: public[name] for name in kept},
            "active": standing.in_force(now) and missing is None,
            "note": f"not applied: {missing}" if missing else "",
            "told": f"{headline(standing, book, int(now))}, by {standing.by}",
        }

    def consequences(self, standing: Standing) -> list[str]:
        """Tell what *standing*, which is switched on, does to the next calls and texts."""
        current = self.rules.current
        overrides, leaves = self.switches(current.book)
        mine = standing.switched(current.book)
        without = current.timetable.switched(
            tuple(each for each in overrides if each != mine), tuple(each for each in leaves if each != mine)
        )
        return Consequences(standing, current.timetable, without, int(self.clock.now())).lines()

    # ---------------------------------------------------------------- within

    def _refuse(self, standing: Standing) -> None:
        """Raise `UnclearError` for what must not be switched on."""
        current, now = self.rules.current, self.clock.now()
        if standing.until <= now:
            end = moment_in_words(standing.until, standing.zone(current.book))
            raise UnclearError(f"it came too late: {end} has passed by now")
        if len(self.register.all) >= MOST:
            raise UnclearError(
                f"{MOST} things are switched on already; end some of them first: switchhook override list"
            )
        leave = standing.switched(current.book)
        if isinstance(leave, Leave):
            overrides, leaves = self.switches(current.book)
            found = circle(current.timetable.switched(overrides, (leave, *leaves)), leave)
            if found is not None:
                since = moment_in_words(found.since, standing.zone(current.book))
                path = " -> ".join(found.names)
                raise UnclearError(
                    f"that would be a cover loop ({path}) from {since}: all of them are away; name another cover"
                )

    def _write(
        self, standing: Standing, action: Action, outcome: str, by: str | None = None, effects: Sequence[Json] = ()
    ) -> Record:
        """Write the record of a change, and take it up."""
        if action != "remind" and self.announced():
            effects = (*effects, self._effect(standing, f"hook-override:{action}"))
        private = {"outbox": list(effects)} if effects else {}
        record = self.journal.append(RECORD, standing.public(action, outcome, by), private)
        self.register.follow(record)
        self._log.info(f"override.{action}", id=standing.id, what=standing.what, note=outcome)
        return record

    def _done(self, standing: Standing, seq: int) -> Done:
        return Done(standing, (self.headline(standing), *self.consequences(standing)), seq)

    def headline(self, standing: Standing) -> str:
        """Say in one line what is switched on."""
        return headline(standing, self.rules.current.book, int(self.clock.now()))
