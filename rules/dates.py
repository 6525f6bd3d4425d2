"""The words people use for days and times: weekday and month names, `2026-12-24`, `09:00`."""

import re
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

DAY = 86400
"""Seconds of a wall-clock day."""

EPOCH = date(1970, 1, 1).toordinal()
"""Day numbers count from here: day 0 is Thursday 1 January 1970."""


def _words(names: str, first: int) -> dict[str, int]:
    """Give each of *names* its number, in full and shortened as people shorten it."""
    words: dict[str, int] = {}
    for number, name in enumerate(names.split(), first):
        words |= dict.fromkeys((name, name[:3]), number)
    return words


WEEKDAYS: Mapping[str, int] = MappingProxyType(
    _words("monday tuesday wednesday thursday friday saturday sunday", 0)
    | {"tues": 1, "weds": 2, "thur": 3, "thurs": 3}
)
"""Weekday words in small letters; 0 is Monday."""

MONTHS: Mapping[str, int] = MappingProxyType(
    _words("january february march april may june july august september october november december", 1) | {"sept": 9}
)
"""Month words in small letters; 1 is January."""

DAYS_IN_MONTH = (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
"""The most days a month can have, by its number."""

_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?")
_DATE_TIME = re.compile(r"([0-9-]{10})(?:(?:[ \t]+|T)([0-9:]+))?")


def read_date(text: str) -> date | None:
    """Read `2026-12-24`; None when it is no date, or none that exists."""
    found = _DATE.fullmatch(text.strip())
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def read_clock(text: str) -> int | None:
    """Read `9:00`, `17:30` or `07:59:59` as seconds since midnight; None when the clock never shows it."""
    found = _CLOCK.fullmatch(text.strip())
    if not found:
        return None
    hour, minute, second = (int(part or 0) for part in found.groups())
    return hour * 3600 + minute * 60 + second if hour < 24 and minute < 60 and second < 60 else None


def read_date_time(text: str) -> tuple[date, int | None] | None:
    """Read `2026-12-21 12:00` (or with `T`) or a bare date; the clock in seconds since midnight, None when not said."""
    found = _DATE_TIME.fullmatch(text.strip())
    day = read_date(found[1]) if found else None
    if not found or day is None:
        return None
    if found[2] is None:
        return day, None
    clock = read_clock(found[2])
    return None if clock is None else (day, clock)
