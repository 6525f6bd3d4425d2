"""Moments and ends as people say them, read from the words of a command: `mon 08:00`, `24 dec 12:00`, `8pm`, `2h`, `today`."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Literal

import attrs

from rules.dates import DAY, DAYS_IN_MONTH, MONTHS, WEEKDAYS, read_clock, read_date

_HALF_DAY = re.compile(r"(1[0-2]|0?[1-9])(?:[:.]([0-5][0-9]))?\s?([ap])\.?m\.?")
_LASTING = re.compile(r"([0-9]{1,6})\s?(s|sec|secs|seconds?|m|min|mins|minutes?|h|hrs?|hours?)")
_UNIT = {"s": 1, "m": 60, "h": 3600}
_NTH = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)?")
_NOON, _MIDNIGHT = 12 * 3600, DAY
_LONGEST = 80
_YEARS = range(2000, 2100)


class UnclearError(Exception):
    """What somebody said cannot be done as it stands; the text says why and what to say instead, to them."""


@attrs.define
class Words:
    """The words of a command, read from left to right; *at* is the next one."""

    said: Sequence[str]
    at: int = 0

    @classmethod
    def of(cls, text: str) -> "Words":
        """Split *text*; commas, and the signs that end a sentence, count for nothing."""
        return cls([word for part in text.replace(",", " ").split() if (word := part.rstrip(".;!?"))])

    def peek(self, ahead: int = 0) -> str:
        """Return the next word, or the one so many behind it, in small letters; "" at the end."""
        at = self.at + ahead
        return self.said[at].casefold() if at < len(self.said) else ""

    def take(self, *words: str) -> bool:
        """Go past the next word if it is one of *words*."""
        found = bool(self.peek()) and self.peek() in words
        self.at += found
        return found

    def rest(self) -> str:
        """Return what is left as it was written, as far as it is short."""
        return " ".join(self.said[self.at :])[:_LONGEST]


@attrs.frozen
class Spoken:
    """
    A moment as said: *clock* (seconds since midnight, up to 24:00) on a day.

    *day* is a date, a weekday (0 is Monday), a month with its day, so many days from today (`ahead`), or not said (None).
    *exact* is a moment said with its offset, UTC epoch seconds.
    """

    text: str
    clock: int = 0
    day: date | int | tuple[int, int] | None = None
    ahead: int | None = None
    exact: int | None = None


End = Spoken | int | Literal["today"] | None
"""An end as said: a moment, how long (seconds), the end of the day, or nothing yet."""


def take_end(words: Words) -> End:
    """Take an end said after `for`, or without any word before it: `today`, `2h`, a moment; None when there is none."""
    if words.peek() == "today" and _clock(words, 1) is None:
        words.at += 1
        return "today"
    for length in (2, 1):
        found = _LASTING.fullmatch(" ".join(map(words.peek, range(length))))
        if found:
            words.at += length
            return int(found[1]) * _UNIT[found[2][0]]
    return take_moment(words)


def take_moment(words: Words) -> Spoken | None:
    """Take a moment; None, and nothing is taken, when what comes next is none or not a whole one."""
    start = words.at
    words.take("on", "at")
    for width, day, ahead in _days(words):
        clock = _clock(words, width)
        if clock is not None:
            begin, words.at = words.at, words.at + width + clock[0]
            return Spoken(" ".join(words.said[begin : words.at]), clock[1], day, ahead)
    exact = _exact(words.peek())
    words.at = start if exact is None else words.at + 1
    return exact


def _exact(word: str) -> Spoken | None:
    """Read `2026-12-24T12:00`, with or without an offset from UTC."""
    try:
        whole = datetime.fromisoformat(word.upper())
    except ValueError:
        return None
    if "t" not in word or whole.year not in _YEARS:
        return None
    if whole.tzinfo is None:
        return Spoken(word, whole.hour * 3600 + whole.minute * 60 + whole.second, whole.date())
    return Spoken(word, exact=int(whole.timestamp()))


def lacks_clock(words: Words) -> bool:
    """Say whether what comes next is a day without a time."""
    return any(width for width, _, _ in _days(words))


def _days(words: Words) -> Iterator[tuple[int, date | int | tuple[int, int] | None, int | None]]:
    """Yield the days the next words may name, each with how many words that takes; last of all, no day."""
    first, second = words.peek(), words.peek(1)
    if first in ("today", "tomorrow"):
        yield 1, None, int(first == "tomorrow")
    if first in WEEKDAYS:
        yield 1, WEEKDAYS[first], None
    if (day := read_date(first)) and day.year in _YEARS:
        yield 1, day, None
    for month, nth in ((first, second), (second, first)):
        found = _NTH.fullmatch(nth) if month in MONTHS else None
        if found and 1 <= int(found[1]) <= DAYS_IN_MONTH[MONTHS[month]]:
            yield 2, (MONTHS[month], int(found[1])), None
    yield 0, None, None


def _clock(words: Words, ahead: int) -> tuple[int, int] | None:
    """Read the clock time so many words ahead: how many words it takes, and seconds since midnight."""
    filler = words.peek(ahead) == "at"
    word, following = words.peek(ahead + filler), words.peek(ahead + filler + 1)
    for length, said in ((2, f"{word} {following}"), (1, word)):
        if found := _HALF_DAY.fullmatch(said):
            hour = int(found[1]) % 12 + 12 * (found[3] == "p")
            return filler + length, hour * 3600 + int(found[2] or 0) * 60
    clock = {"noon": _NOON, "midnight": _MIDNIGHT, "24:00": _MIDNIGHT}.get(word, read_clock(word))
    return None if clock is None else (filler + 1, clock)
