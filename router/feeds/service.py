"""
Keeps up with everybody's calendar: asks for it, keeps the last good copy, and tells the switchboard when somebody is away.

What cannot be had or read changes nothing: what the calendar said before holds, and how old that is can be seen.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol, cast
from zoneinfo import ZoneInfo

import attrs
import structlog
from twisted.internet.defer import CancelledError, Deferred, DeferredSemaphore
from twisted.internet.task import LoopingCall

from router.clock import Clock
from router.feeds.copies import Copies, Copy, place_of
from router.feeds.fetching import Fetched, Line, fetch
from router.feeds.followed import Asked, Followed
from router.feeds.reading import LARGEST, Feed, UnreadableError, read
from router.feeds.source import MissingError, from_file
from router.journal.api import Timers
from router.loading import InForce
from router.metrics import Metrics
from router.rulebook import InThread
from rules.book import Spans
from rules.deciding import window_around

EVERY, EVERY_FILE = 900.0, 60.0
"""Seconds between two looks at a calendar, at a file."""

JITTER = 0.1
"""The share of that by which a look comes earlier or later, so that not all come at once."""

FIRST_AGAIN, LONGEST_AGAIN = 60.0, 7200.0
"""Seconds after the first failure, and after many, until the next look."""

STALE = 24 * 3600
AT_ONCE = 4
LOOK = 1.0


class Board(Protocol):
    """Takes up when people are away by their calendars; the switchboard."""

    def calendar(self, person: str, spans: Spans) -> None:
        """Take up *spans* instead of what held before."""


@attrs.define(eq=False)
class CalendarService:
    """
    Follows the calendars the rules in force name.

    *chance* returns a number in `[0, 1)`; *in_thread* reads and writes files, and works out what repeats.
    """

    board: Board
    copies: Copies
    line: Line
    clock: Clock
    timers: Timers
    in_thread: InThread
    metrics: Metrics
    chance: Callable[[], float]
    followed: dict[str, Followed] = attrs.field(factory=dict, init=False)
    _rules: InForce = attrs.field(init=False)
    _loop: LoopingCall = attrs.field(init=False)
    _ended: "Deferred[LoopingCall] | None" = attrs.field(default=None, init=False)
    _few: DeferredSemaphore = attrs.field(factory=lambda: DeferredSemaphore(AT_ONCE), init=False)
    _log: structlog.typing.FilteringBoundLogger = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Bind the log and the loop."""
        self._log = structlog.get_logger().bind(logger="calendars")
        self._loop = LoopingCall(self.look)
        self._loop.clock = cast("Any", self.timers)  # zope's interface, in words a type checker reads

    # ---------------------------------------------------------------- beginning and ending

    async def start(self, rules: InForce) -> None:
        """Take up the last good copies, so that the first call is decided by them; then begin to ask for newer ones."""
        self.follow(rules)
        for followed in list(self.followed.values()):
            await self._remember(followed)
        people = await self.in_thread(self.copies.people)
        for person in people - set(self.followed):
            await self.in_thread(partial(self.copies.forget, person))
        self._ended = self._loop.start(LOOK, now=False)

    async def stop(self) -> None:
        """Stop; returns when nothing of ours is left in the reactor."""
        if self._ended is not None:
            ended, self._ended = self._ended, None
            self._loop.stop()
            await ended
        for followed in list(self.followed.values()):
            looking = followed.looking
            if looking is not None:
                looking.cancel()
                await looking

    def follow(self, rules: InForce) -> None:
        """Follow the calendars that *rules* name from now on; those that go on are worked out anew when the rules want it."""
        self._rules = rules
        wanted = {name: each for name, each in rules.settings.calendars.items() if name in rules.book.directory.people}
        for person in set(self.followed) - set(wanted):
            self._drop(person)
        for person, calendar in wanted.items():
            followed = self.followed.get(person)
            if followed is not None and followed.calendar.same_place(calendar):
                followed.calendar = calendar
                continue
            if followed is not None:
                self._drop(person)
            self.followed[person] = Followed(calendar, due=self.timers.seconds(), since=self.clock.now())

    def _drop(self, person: str) -> None:
        followed = self.followed.pop(person)
        if followed.looking is not None:
            followed.looking.cancel()
        self.board.calendar(person, ())
        self.metrics.calendar_age.remove(person)

    # ---------------------------------------------------------------- every second

    def look(self) -> None:
        """Begin what is due, and measure how old everything is."""
        now = self.timers.seconds()
        for followed in self.followed.values():
            if followed.looking is None and (followed.due <= now or self._to_be_worked_out(followed)):
                followed.looking = Deferred.fromCoroutine(self._guarded(followed))
                if followed.looking.called:
                    followed.looking = None
            self._measure(followed)

    def _to_be_worked_out(self, followed: Followed) -> bool:
        return followed.copy is not None and followed.worked_out != self._asked(followed)

    def _asked(self, followed: Followed) -> Asked:
        zone = self._rules.book.directory.people[followed.calendar.person].zone
        return Asked(window_around(int(self.clock.now())), zone.key, followed.calendar.match)

    def _goes_on(self, followed: Followed) -> bool:
        """Say whether the calendar is still one to follow: other rules may have come meanwhile."""
        return self.followed.get(followed.calendar.person) is followed

    async def _guarded(self, followed: Followed) -> None:
        """Look at one calendar; whatever goes wrong, the next look comes."""
        try:
            await self._few.acquire()
            try:
                await self._look_at(followed)
            finally:
                self._few.release()
        except CancelledError:
            pass
        except Exception:
            self._log.exception("calendar.look-failed", person=followed.calendar.person)
            followed.due = self.timers.seconds() + EVERY
        finally:
            followed.looking = None

    async def _look_at(self, followed: Followed) -> None:
        if self._to_be_worked_out(followed):
            await self._remember(followed)
        if followed.due > self.timers.seconds():
            return
        try:
            fetched = await self._fetched(followed)
            await self._take(followed, fetched)
        except (MissingError, UnreadableError) as error:
            if self._goes_on(followed) and self._ended is not None:
                self._failed(followed, str(error))

    async def _fetched(self, followed: Followed) -> Fetched:
        calendar = followed.calendar
        if calendar.path is not None:
            return Fetched(await self.in_thread(partial(from_file, calendar.path, LARGEST)))
        return await fetch(self.line, calendar.url, followed.copy)

    async def _take(self, followed: Followed, fetched: Fetched) -> None:
        """Take up what came; what cannot be read raises `UnreadableError` before anything is changed."""
        calendar, known = followed.calendar, followed.copy
        content = fetched.content
        if content is None and known is not None:
            content = known.content
        assert content is not None
        copy = Copy(
            written=calendar.written,
            place=place_of(calendar.url),
            read_at=int(self.clock.now()),
            etag=fetched.etag,
            modified=fetched.modified,
            content=content,
        )
        if known is None or known.content != content or followed.worked_out != self._asked(followed):
            await self._work_out(followed, copy)
        else:
            followed.copy = copy
        if not self._goes_on(followed):
            return
        self._well(followed)
        try:
            await self.in_thread(partial(self.copies.keep, calendar.person, copy))
        except OSError as error:
            self._log.error("calendar.not-kept", person=calendar.person, reason=error.strerror or "unknown")

    async def _work_out(self, followed: Followed, copy: Copy) -> None:
        """Find out when somebody is away by *copy*, and tell."""
        person, asked = followed.calendar.person, self._asked(followed)
        feed = await self.in_thread(lambda: read(copy.content, asked.window, ZoneInfo(asked.zone), asked.match))
        if self._goes_on(followed):
            followed.copy, followed.worked_out = copy, asked
            self.board.calendar(person, feed.spans)
            self._tell(person, feed)

    async def _remember(self, followed: Followed) -> None:
        """Work out what is known already: after a start, at night, when the rules have changed."""
        calendar = followed.calendar
        copy = followed.copy or await self.in_thread(partial(self.copies.find, calendar.person, calendar.written))
        if copy is None:
            return
        try:
            await self._work_out(followed, copy)
        except UnreadableError as error:
            followed.worked_out = self._asked(followed)
            self._log.warning("calendar.copy-unreadable", person=calendar.person, reason=str(error))

    # ---------------------------------------------------------------- how it stands

    def _well(self, followed: Followed) -> None:
        if followed.failures:
            self._log.info("calendar.back", person=followed.calendar.person)
        followed.failures, followed.problem, followed.warned = 0, "", False
        self._again(followed, EVERY if followed.calendar.path is None else EVERY_FILE)

    def _failed(self, followed: Followed, why: str) -> None:
        """Note that nothing came of it; said once for each reason, not at each look."""
        if followed.problem != why:
            self._log.warning(
                "calendar.unread", person=followed.calendar.person, reason=why, kept=followed.copy is not None
            )
        followed.problem, followed.failures = why, followed.failures + 1
        self._again(followed, min(FIRST_AGAIN * 2.0 ** min(followed.failures - 1, 10), LONGEST_AGAIN))

    def _again(self, followed: Followed, seconds: float) -> None:
        followed.due = self.timers.seconds() + seconds * (1 + JITTER * (2 * self.chance() - 1))

    def _tell(self, person: str, feed: Feed) -> None:
        self._log.info("calendar.read", person=person, absences=len(feed.spans))
        for problem in feed.problems:
            self._log.warning("calendar.left-out", person=person, note=problem)

    def _measure(self, followed: Followed) -> None:
        age = self.age(followed)
        self.metrics.calendar_age.labels(followed.calendar.person).set(age)
        if age > STALE and not followed.warned:
            followed.warned = True
            hours = int(age) // 3600
            self._log.warning("calendar.stale", person=followed.calendar.person, hours=hours, reason=followed.problem)

    def age(self, followed: Followed) -> float:
        """Return how many seconds ago the calendar was last read, or first asked for if it never was."""
        since = followed.copy.read_at if followed.copy is not None else followed.since
        return max(0.0, self.clock.now() - since)

    def stale(self) -> list[str]:
        """Tell which calendars have not been read for a day, in words for a person."""
        return [
            f"{person}'s calendar was last read {int(self.age(each)) // 3600} hours ago"
            + (f": {each.problem}" if each.problem else "")
            for person, each in self.followed.items()
            if self.age(each) > STALE
        ]
