"""
What calendars say, for the commands: they read files themselves, and of all others the daemon's last good copy.

`with_calendars` is the one place where a rule book comes to know them; every command then decides with them.
"""

from collections.abc import Mapping
from datetime import time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import attrs

from router.feeds.copies import Copies
from router.feeds.reading import INSTALL, LARGEST, Feed, UnreadableError, installed, read
from router.feeds.source import Calendar, MissingError, from_file
from rules.book import RuleBook, Spans
from rules.load import Loaded
from rules.often import day_in_words, span_in_words, wall
from rules.source import Mark, Problem
from rules.spec import FileSpec
from rules.timeline import Window

STALE = 24 * 3600
"""Seconds after which what a calendar said is called old."""


@attrs.frozen
class Known:
    """What can be told of one calendar: its *content*, from when it is (epoch seconds, None: read just now), and what is wrong."""

    content: bytes | None = attrs.field(repr=False)
    read_at: int | None = None
    problem: str = ""


@attrs.define(eq=False)
class Calendars:
    """The calendars of one set of files, read when first asked for, and worked out for each window once."""

    book: RuleBook
    calendars: tuple[Calendar, ...]
    copies: Copies
    _known: dict[str, Known] = attrs.field(factory=dict, init=False)
    _feeds: dict[tuple[str, Window], Feed | str] = attrs.field(factory=dict, init=False)

    def __call__(self, window: Window) -> Mapping[str, Spans]:
        """Say when people are away by their calendars; one that cannot be read says nothing."""
        feeds = {calendar.person: self.feed(calendar, window) for calendar in self.calendars}
        return {person: feed.spans for person, feed in feeds.items() if isinstance(feed, Feed) and feed.spans}

    def known(self, calendar: Calendar) -> Known:
        """Find the newest that can be had of *calendar* without asking anybody."""
        if calendar.person not in self._known:
            self._known[calendar.person] = self._find(calendar)
        return self._known[calendar.person]

    def feed(self, calendar: Calendar, window: Window) -> Feed | str:
        """Return what *calendar* says of *window*, or why it says nothing."""
        key = calendar.person, window
        if key not in self._feeds:
            self._feeds[key] = self._read(calendar, self.known(calendar).content, window)
        return self._feeds[key]

    def _find(self, calendar: Calendar) -> Known:
        copy = self.copies.find(calendar.person, calendar.written)
        problem = (
            "" if copy else "it has not been read yet; a running switchhook reads it, as soon as it knows these rules"
        )
        if calendar.path is not None:
            try:
                content = from_file(calendar.path, LARGEST)
                self._usable(calendar, content)
            except (MissingError, UnreadableError) as error:
                problem = str(error)
            else:
                return Known(content)
        return Known(copy.content, copy.read_at, problem) if copy else Known(None, None, problem)

    def _usable(self, calendar: Calendar, content: bytes) -> None:
        """Raise `UnreadableError` for what is no calendar, whatever is asked of it."""
        read(content, Window(0, 1), self._zone(calendar), calendar.match)

    def _read(self, calendar: Calendar, content: bytes | None, window: Window) -> Feed | str:
        if content is None:
            return self.known(calendar).problem
        try:
            return read(content, window, self._zone(calendar), calendar.match)
        except UnreadableError as error:
            return str(error)

    def _zone(self, calendar: Calendar) -> ZoneInfo:
        return self.book.directory.people[calendar.person].zone


def with_calendars(loaded: Loaded, main: Path) -> Loaded:
    """Let the rule book of *loaded*, of which *main* is the main file, know what calendars say."""
    if loaded.book is None or loaded.spec is None:
        return loaded
    found = calendars_of(loaded.spec, main.parent)
    if not found:
        return loaded
    copies = Copies.within(main.parent / loaded.spec.state.text)
    return attrs.evolve(loaded, book=attrs.evolve(loaded.book, calendars=Calendars(loaded.book, found, copies)))


def calendars_of(spec: FileSpec, folder: Path) -> tuple[Calendar, ...]:
    """Return everybody's calendar, as far as the files tell where it is."""
    people = spec.people.items()
    return tuple(Calendar.of(name, person.calendar, folder) for name, person in people if person.calendar is not None)


def findings(loaded: Loaded, window: Window, now: float) -> list[Problem]:
    """Say what is wrong with the calendars of *loaded*, each where the file names it; *now* is the real moment."""
    told = loaded.book.calendars if loaded.book else None
    if not isinstance(told, Calendars) or loaded.spec is None:
        return []
    places = {name: person.calendar.url.at for name, person in loaded.spec.people.items() if person.calendar}
    if not installed():
        return [not_installed(next(iter(places.values())))]
    return [problem for each in told.calendars for problem in _about(told, each, places[each.person], window, now)]


def not_installed(at: Mark) -> Problem:
    """Say that calendars cannot be read here, and how to change that."""
    return Problem("calendars-missing", "reading calendars is not installed", at, f"install it: {INSTALL}")


def _about(told: Calendars, calendar: Calendar, at: Mark, window: Window, now: float) -> list[Problem]:
    known, feed = told.known(calendar), told.feed(calendar, window)
    whose = f"the calendar of '{calendar.person}'"
    found = []
    if known.read_at is not None and now - known.read_at > STALE:
        hours = int(now - known.read_at) // 3600
        message = f"{whose} was last read {hours} hours ago; what it said then still holds"
        hint = "see that it is still shared at its address; `switchhook status` says why it cannot be read"
        found.append(Problem("calendar-stale", message, at, hint, severity="warning"))
    if known.problem or isinstance(feed, str):
        why = known.problem or feed
        rest = "what it said before holds" if isinstance(feed, Feed) else "nobody is away by it"
        hint = "look at the file" if calendar.path else "start switchhook with these rules"
        found.append(
            Problem("calendar-unread", f"{whose} tells nothing new: {why}; {rest}", at, hint, severity="warning")
        )
    elif feed.problems:
        message = f"{whose}: {'; '.join(feed.problems)}"
        hint = "days away are best written as all-day events"
        found.append(Problem("calendar-unread", message, at, hint, severity="warning"))
    return found


def coming(loaded: Loaded, window: Window, count: int = 3) -> list[str]:
    """Tell the next absences by each calendar, from the beginning of *window* on."""
    told = loaded.book.calendars if loaded.book else None
    if not isinstance(told, Calendars):
        return []
    lines = []
    for calendar in told.calendars:
        feed, zone = told.feed(calendar, window), told.book.directory.people[calendar.person].zone
        if isinstance(feed, Feed):
            spans = [span for span in feed.spans if span[1] > window.start]
            more = f", and {len(spans) - count} more" if len(spans) > count else ""
            next_ones = "; ".join(away_in_words(span, zone) for span in spans[:count]) or "no absence in sight"
            lines.append(f"{calendar.person}'s calendar: {'next away ' * bool(spans)}{next_ones}{more}")
    return lines


def away_in_words(span: tuple[int, int], zone: ZoneInfo) -> str:
    """Tell one absence: whole days by the first and the last (`Mon 30 Nov 2026 to Fri 4 Dec 2026`), all others to the minute."""
    start, end = wall(span[0], zone), wall(span[1], zone)
    if start.time() == end.time() == time():
        last = day_in_words(end - timedelta(days=1))
        return day_in_words(start) if last == day_in_words(start) else f"{day_in_words(start)} to {last}"
    return span_in_words(span, zone)
