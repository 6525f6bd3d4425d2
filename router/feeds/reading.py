"""
A calendar in iCalendar's form (RFC 5545), read into the stretches of time its owner is away.

What counts are events that are neither cancelled nor shown as free, with a title that fits. Libraries know the form and its
recurrences; they are an extra (`switchhook[calendars]`), and are kept from working for ever on what somebody wrote.
"""

import warnings
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from importlib.util import find_spec
from threading import Lock
from typing import Any
from zoneinfo import ZoneInfo

import attrs

from router.feeds.effort import TooMuchWorkError, at_most
from rules.book import Spans
from rules.timeline import Timeline, Window
from rules.words import Words

LARGEST = 5 * 1024 * 1024
"""Bytes of one calendar."""

MOST_EVENTS, MOST_OCCURRENCES = 20_000, 5_000

PATIENCE = 10.0
"""Seconds of the processor one reading may take; 3,000 events are read in about 4 on a slow machine."""

PATIENCE_FOR_ONE = 2.0
"""Seconds the occurrences of one event may take."""

INSTALL = "pip install 'switchhook[calendars]'"

_SUB_DAILY = {"SECONDLY", "MINUTELY", "HOURLY"}
_MANY = {"BYHOUR", "BYMINUTE", "BYSECOND"}
_BUSY_NOT = {"FREE", "WORKINGELSEWHERE"}
_one_at_a_time = Lock()


class UnreadableError(Exception):
    """No calendar that can be used; the text says why, without anything that stands in it."""


@attrs.frozen
class Feed:
    """What a calendar says of a window: *spans* away, in order and disjoint; *problems*: what of it was left out, in words."""

    spans: Spans
    problems: tuple[str, ...] = ()


def installed() -> bool:
    """Say whether calendars can be read here."""
    return find_spec("icalendar") is not None and find_spec("recurring_ical_events") is not None


def read(content: bytes, window: Window, zone: ZoneInfo, match: Words | None = None) -> Feed:
    """
    Return when the owner of the calendar is away in *window*, whole events at its ends.

    Days and times without a zone are meant in *zone*; with *match* only events with such a title count. Raises
    `UnreadableError`. Takes a while: not for the reactor's thread.
    """
    if len(content) > LARGEST:
        raise UnreadableError(f"it is larger than {LARGEST // 1024 // 1024} MB")
    if not installed():
        raise UnreadableError(f"reading calendars is not installed; install it with: {INSTALL}")
    _look_like_one(content)
    # The library keeps the zones a calendar brings along for all calendars to come, by whatever name it gave them.
    with _one_at_a_time, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from icalendar.timezone import tzp  # noqa: PLC0415  an extra

        try:
            tzp.use_default()
            with at_most(PATIENCE):
                return _Reading(window, zone, match).of(_parsed(content))
        except TooMuchWorkError:
            raise UnreadableError("it takes too long to work out what it repeats") from None
        finally:
            tzp.use_default()


def _look_like_one(content: bytes) -> None:
    start = content[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start:
        raise UnreadableError("it is empty")
    if start.startswith(b"<"):
        raise UnreadableError("it is a web page, maybe one to log in, instead of a calendar")
    if not start[:15].upper() == b"BEGIN:VCALENDAR":
        raise UnreadableError("it is not a calendar in iCalendar's form (.ics)")
    if not content.rstrip().upper().endswith(b"END:VCALENDAR"):
        raise UnreadableError("it is cut short")


def _parsed(content: bytes) -> Any:
    from icalendar import Calendar  # noqa: PLC0415  an extra

    try:
        found = Calendar.from_ical(content.removeprefix(b"\xef\xbb\xbf").lstrip(), multiple=True)
    except Exception as error:  # whatever a library stumbles over
        raise UnreadableError("it is broken: a line of it cannot be read") from error
    if not found or not all(each.name == "VCALENDAR" for each in found):
        raise UnreadableError("it is broken: something in it begins and does not end")
    whole = found[0]
    for more in found[1:]:
        whole.subcomponents += more.subcomponents
    return whole


@attrs.define(eq=False)
class _Reading:
    window: Window
    zone: ZoneInfo
    match: Words | None
    problems: dict[str, int] = attrs.field(factory=dict)
    found: list[tuple[int, int]] = attrs.field(factory=list)

    def of(self, calendar: Any) -> Feed:
        """Go through the events, those of one series together."""
        import recurring_ical_events  # type: ignore[import-untyped]  # noqa: PLC0415  an extra

        series: dict[str, list[Any]] = {}
        events = [each for each in calendar.subcomponents if each.name == "VEVENT"]
        if len(events) > MOST_EVENTS:
            raise UnreadableError(f"it has more than {MOST_EVENTS:,} events")
        for event in events:
            series.setdefault(str(event.get("UID", id(event))), []).append(event)
        rest = [each for each in calendar.subcomponents if each.name != "VEVENT"]
        for parts in series.values():
            if not any(map(self._counts, parts)):
                continue
            calendar.subcomponents = [*rest, *parts]
            self._take(parts, lambda: recurring_ical_events.of(calendar))
            if len(self.found) > MOST_OCCURRENCES:
                raise UnreadableError(f"it has more than {MOST_OCCURRENCES:,} absences within {self._days()} days")
        told = tuple(
            f"{count} event{'s' * (count != 1)} left out: {'it' if count == 1 else 'each'} {why}"
            for why, count in self.problems.items()
        )
        return Feed(tuple(Timeline.of(self.found).spans()), told)

    def _take(self, parts: list[Any], query: Callable[[], Any]) -> None:
        """Take up one series; *query* finds its occurrences. An odd one must not cost all others."""
        try:
            if any(map(_too_often, parts)):
                self._leave_out("repeats more often than once a day")
            elif len(parts) == 1 and not any(name in parts[0] for name in ("RRULE", "RDATE", "RECURRENCE-ID")):
                self.found += list(self._spans(parts))
            else:
                since = datetime.fromtimestamp(self.window.start, UTC) - timedelta(days=1)
                until = datetime.fromtimestamp(self.window.end, UTC) + timedelta(days=1)
                with at_most(PATIENCE_FOR_ONE):
                    self.found += list(self._spans(query().between(since, until)))
        except TooMuchWorkError:
            self._leave_out("takes too long to work out")
        except Exception:  # whatever a library stumbles over
            self._leave_out("cannot be understood")

    def _spans(self, events: Iterable[Any]) -> Iterator[tuple[int, int]]:
        """Return when somebody is away by *events*, those within the window."""
        for event in events:
            start, end = self._moment(event.start), self._moment(event.end)
            if self._counts(event) and start < end and start < self.window.end and end > self.window.start:
                yield start, end

    def _counts(self, event: Any) -> bool:
        """Say whether somebody is away by *event*: neither cancelled nor shown as free, and of a title that fits."""
        if _word(event, "STATUS") == "CANCELLED" or _word(event, "TRANSP") == "TRANSPARENT":
            return False
        if _word(event, "X-MICROSOFT-CDO-BUSYSTATUS") in _BUSY_NOT:
            return False
        return self.match is None or self.match.matches(str(event.get("SUMMARY", "")))

    def _moment(self, when: date) -> int:
        """Return *when* in epoch seconds; days and times without a zone are the owner's."""
        if not isinstance(when, datetime):
            when = datetime.combine(when, time())
        if when.tzinfo is None:
            when = when.replace(tzinfo=self.zone)
        return int(when.timestamp())

    def _leave_out(self, why: str) -> None:
        self.problems[why] = self.problems.get(why, 0) + 1

    def _days(self) -> int:
        return (self.window.end - self.window.start) // 86400


def _word(event: Any, name: str) -> str:
    said = event.get(name, "")
    return str(said[0] if isinstance(said, list) else said).strip().upper()


def _too_often(event: Any) -> bool:
    """Say whether *event* repeats within a day."""
    rules = event.get("RRULE", [])
    for rule in rules if isinstance(rules, list) else [rules]:
        if {str(word).upper() for word in rule.get("FREQ", [])} & _SUB_DAILY:
            return True
        if any(len(rule.get(part, [])) > 1 for part in _MANY):
            return True
    return False
