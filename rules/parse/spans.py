"""What stands after a day of a schedule: `09:00-12:30, 13:30-17:30`, `closed`, `all-day`; and where in it a mistake is."""

import re
from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

from rules.dates import DAY
from rules.schedule import Span, Spans
from rules.source import Mark
from rules.yamltree import Scalar

EXAMPLE = "write hours as 09:00-12:30, 13:30-17:30, or closed, or all-day"

Complain = Callable[[int, int, str, str, str], None]
"""Takes offset and width within the text, the code, the message and the hint."""

_SPAN = re.compile(r"([0-9]{1,2}):([0-9]{2})[ \t]*-[ \t]*([0-9]{1,2}):([0-9]{2})")
_ANY_DASH = r"[ \t]*(?:-+|[\u2010-\u2015\u2212~]|to|until|till|bis|\u00e0)[ \t]*"
_LOOSE_TIME = r"([0-9]{1,2})(?:[:.hH]?([0-9]{2}))?[ \t]*(h|(?:[ap]\.?m\.?))?"
_LOOSE = re.compile(f"{_LOOSE_TIME}{_ANY_DASH}{_LOOSE_TIME}", re.IGNORECASE)
_WHOLE_DAY = {"all day", "allday", "24/7", "24h", "24 hours", "open", "always", "yes", "true", "on"}
_NO_DAY = {"off", "none", "no", "false", "never", "close", "shut", "-", "[]", "null", "~"}


class _Placed(NamedTuple):
    """A span and where in the text it stands."""

    span: Span
    offset: int
    width: int


def inside(scalar: Scalar, offset: int, width: int) -> Mark:
    """Point at a part of a scalar (to the letter where it stands on one line and without escapes)."""
    return Mark(scalar.file, scalar.line, scalar.column + scalar.quoted + offset, max(1, width))


def read_spans(texts: list[tuple[str, Complain]]) -> Spans | None:
    """
    Read the hours of a day, in one text or several (a YAML list); None when a mistake was told.

    Sorted by start; spans past midnight end after 24:00 (86400).
    """
    found: list[tuple[_Placed, Complain]] = []
    words: list[str] = []
    good = True
    for text, complain in texts:
        for offset, part in _parts(text):
            word = part.casefold()
            if word in {"closed", "all-day"}:
                words.append(word)
                if word == "all-day":
                    found.append((_Placed(Span(0, DAY), offset, len(part)), complain))
            elif span := _span(part, offset, complain):
                found.append((_Placed(span, offset, len(part)), complain))
            else:
                good = False
            if word == "closed" and len(texts) + text.count(",") > 1:
                complain(
                    offset, len(part), "bad-hours", "'closed' stands alone", "leave out either 'closed' or the hours"
                )
                good = False
    return _sorted(found) if good else None


def _parts(text: str) -> list[tuple[int, str]]:
    """Cut a text at its commas, each part with where it begins."""
    parts, at = [], 0
    for part in text.split(","):
        parts.append((at + len(part) - len(part.lstrip()), part.strip()))
        at += len(part) + 1
    return parts


def _sorted(found: list[tuple[_Placed, Complain]]) -> Spans | None:
    """Put spans in order, and complain of each that begins before the one before it has ended."""
    found = sorted(found, key=lambda item: item[0].span)
    good = True
    for (before, _), (after, complain) in pairwise(found):
        if after.span.start < before.span.end:
            message = f"{_written(after.span)} overlaps {_written(before.span)} of the same day"
            complain(after.offset, after.width, "overlap", message, "write each stretch once; they may touch")
            good = False
    return tuple(placed.span for placed, _ in found) if good else None


def _span(part: str, offset: int, complain: Complain) -> Span | None:
    """Read `09:00-12:30`; past midnight is written `22:00-02:00`."""
    found = _SPAN.fullmatch(part)
    if not found:
        message, hint = _misspelt(part)
        complain(offset, len(part), "bad-hours", message, hint)
        return None
    hours = [int(found[1]), int(found[3])]
    minutes = [int(found[2]), int(found[4])]
    start, end = (hour * 3600 + minute * 60 for hour, minute in zip(hours, minutes, strict=True))
    wrong = None
    if max(minutes) > 59:
        wrong = "there is no such time", "minutes go from 00 to 59"
    elif start >= DAY:
        wrong = "a day begins before 24:00", "write 00:00 for the beginning of a day, under the day it belongs to"
    elif end > DAY:
        later = f"{found[1]}:{found[2]}-{hours[1] % 24:02}:{found[4]}"
        wrong = "the clock ends at 24:00", f"past midnight is written as the clock reads then: {later}"
    elif start == end:
        wrong = "this begins and ends at the same time", "write all-day for a whole day, closed for none"
    if wrong:
        complain(offset, len(part), "bad-hours", f"'{part}': {wrong[0]}", wrong[1])
        return None
    return Span(start, end if end > start else end + DAY)


def _misspelt(part: str) -> tuple[str, str]:
    """Say what is wrong with hours we cannot read, and what to write instead."""
    word = " ".join(part.casefold().split())
    if not part:
        return "nothing stands between these commas", "remove the comma, or write the hours that are missing"
    if word in _WHOLE_DAY:
        return f"'{part}' is no hours", "write all-day"
    if word in _NO_DAY:
        return f"'{part}' is no hours", "write closed"
    loose = _LOOSE.fullmatch(part)
    meant = [_clock(*loose.groups()[:3]), _clock(*loose.groups()[3:])] if loose else [None]
    if all(meant) and meant[0] != meant[-1]:
        return f"'{part}' is not written as we read hours", f"write {meant[0]}-{meant[1]}"
    return f"'{part}' is no hours", EXAMPLE


def _clock(hour: str, minute: str | None, half: str | None) -> str | None:
    """Write a time such as `9am`, `17`, `0900` or `5.30 pm` as the clock of 24 hours reads it, or None."""
    number = int(hour)
    if half and half[0] in "aApP":
        if not 1 <= number <= 12:
            return None
        number = number % 12 + (12 if half[0] in "pP" else 0)
    if number > 24 or int(minute or 0) > 59:
        return None
    return f"{number:02}:{minute or '00'}"


def _written(span: Span) -> str:
    """Write a span as in a schedule."""
    start, end = (
        f"{at // 3600:02}:{at % 3600 // 60:02}" for at in (span.start, span.end if span.end <= DAY else span.end - DAY)
    )
    return f"{start}-{end}"
