"""
The strict profile of the opening_hours notation: rules with their selectors, spans and state.

The notation: https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification
"""

import re
from typing import Literal

import attrs

from rules.dates import DAY
from rules.osm.cursor import Cursor, shifted
from rules.osm.dates import read_dates
from rules.osm.tokens import DAYS, Fault, RefusalError
from rules.schedule import Span

_TIMES = re.compile(r"([0-9]{1,2}):([0-9]{2})-([0-9]{1,2}):([0-9]{2})")
ALL_DAYS = frozenset(range(7))


@attrs.frozen
class Days:
    """
    The weekdays and holidays of a rule.

    *text* are the weekdays as written ("" = every one, or none beside holidays), *numbers* their numbers (0 = Monday);
    *holidays* count days from a public holiday (`PH` = 0); *both*: such a day that is also one of the weekdays.
    """

    text: str = ""
    numbers: frozenset[int] = ALL_DAYS
    holidays: tuple[int, ...] = ()
    both: bool = False


@attrs.frozen
class Rule:
    """
    One rule, in canonical spelling, and its place in the text.

    *dates* are the years, dates and weeks it is limited to (*single* when single days are named); no *spans* means all
    day. An *added* rule (after a comma) leaves what stands before it in force.
    """

    offset: int
    width: int
    added: bool
    dates: str
    single: bool
    days: Days
    spans: tuple[Span, ...]
    state: Literal["open", "off"]

    @property
    def overnight(self) -> bool:
        """Say whether a span goes past midnight."""
        return any(span.end > DAY for span in self.spans)


def parse(text: str) -> tuple[list[Rule], list[Fault]]:
    """Read *text*; a mistake ends one rule, and the reading goes on behind the next semicolon."""
    words = Cursor.over(text)
    rules: list[Rule] = []
    faults: list[Fault] = []
    while True:
        try:
            rules += _rules(words)
        except RefusalError as refusal:
            faults.append(refusal.fault)
            while not words.ended():
                words.at += 1
        if words.now.kind == "end":
            return rules, faults
        semicolon = words.take("mark")
        if words.now.kind == "end":
            faults.append(Fault(semicolon.offset, 1, "nothing stands after this semicolon", "remove it"))
            return rules, faults


def _rules(words: Cursor) -> list[Rule]:
    """Read rules up to a semicolon; a comma after a complete rule adds one."""
    rules = [_rule(words, added=False)]
    while not words.ended():
        if words.now.text != "," or words.before.kind not in {"times", "state", "comment", "always"}:
            raise words.unexpected()
        words.at += 1
        rules.append(_rule(words, added=True))
    return rules


def _rule(words: Cursor, *, added: bool) -> Rule:
    """Read one rule."""
    first, start = words.now, words.at
    dates, single = read_dates(words)
    days = Days()
    if words.now.kind == "always" and not dates:
        words.at += 1
    elif words.now.kind in {"day", "holiday"}:
        days = _days(words)
    spans = _spans(words)
    if words.at == start and words.now.kind != "state":
        raise words.unexpected()
    state: Literal["open", "off"] = "open"
    if words.now.kind == "state":
        state = "off" if words.take("state").text == "off" else "open"
        if words.now.kind == "comment":
            words.at += 1
    width = words.before.offset + words.before.width - first.offset
    return Rule(first.offset, width, added, dates, single, days, spans, state)


def _days(words: Cursor) -> Days:
    """Read weekdays and holidays: `Mo-Fr,Su`, `Su[1,-1]`, `PH,Mo`, `PH Mo-Fr` (holidays that are one of those days)."""
    texts: list[str] = []
    numbers: set[int] = set()
    holidays: list[int] = []
    while True:
        if words.now.kind == "holiday":
            holidays.append(_holiday(words))
        else:
            text, named = _weekday(words)
            texts.append(text)
            numbers |= named
        if not words.comma("day", "holiday"):
            break
    if words.now.kind in {"day", "holiday"}:
        place, hint = words.now, f"write {words.before.text},{words.now.text}"
        if place.kind == "day" and holidays and not texts:
            weekdays = _days(words)
            if not weekdays.holidays:
                return attrs.evolve(weekdays, holidays=tuple(holidays), both=True)
        raise place.refuse("days are separated by commas", hint)
    return Days(",".join(texts), frozenset(numbers), tuple(holidays))


def _holiday(words: Cursor) -> int:
    """Read `PH` or `PH -1 day`."""
    token = words.take("holiday")
    if token.text == "SH":
        raise token.refuse("we do not know the school holidays", "write their dates, as in Jul 06-Aug 14")
    return words.shift()


def _weekday(words: Cursor) -> tuple[str, set[int]]:
    """Read `Mo`, `Fr-Mo`, `Su[1]`, `Mo[-1] +1 day`."""
    first = DAYS.index(words.take("day").text)
    if words.sign("-"):
        last = DAYS.index(words.take("day").text)
        return f"{DAYS[first]}-{DAYS[last]}", {(first + step) % 7 for step in range((last - first) % 7 + 1)}
    if not words.sign("["):
        return DAYS[first], {first}
    which = [_nth(words)]
    while words.sign(","):
        which.append(_nth(words))
    if not words.sign("]"):
        raise words.unexpected()
    shift = words.shift()
    numbers = set(ALL_DAYS) if shift else {first}
    return f"{DAYS[first]}[{','.join(which)}]{shifted(shift)}", numbers


def _nth(words: Cursor) -> str:
    """Read `1`, `-1` or `1-3`."""
    five = ("a month has this weekday five times at most", "write Su[1] for the first, Su[-1] for the last")
    if words.sign("-"):
        return f"-{words.number(1, 5, *five)}"
    first = words.number(1, 5, *five)
    return f"{first}-{words.number(first, 5, *five)}" if words.sign("-") else str(first)


def _spans(words: Cursor) -> tuple[Span, ...]:
    """Read `09:00-12:30,13:30-17:30`."""
    if words.now.kind != "times":
        return ()
    spans = [_span(words)]
    while words.now.text == "," and words.after.kind == "times":
        words.at += 1
        spans.append(_span(words))
    return tuple(spans)


def _span(words: Cursor) -> Span:
    """Read `22:00-02:00`, also written `22:00-26:00`; equal ends are a whole day in this notation."""
    token = words.take("times")
    found = _TIMES.fullmatch(token.text)
    assert found is not None  # the tokens are cut by the same pattern
    start = int(found[1]) * 3600 + int(found[2]) * 60
    end = int(found[3]) * 3600 + int(found[4]) * 60
    if int(found[2]) > 59 or int(found[4]) > 59 or start >= DAY or end > 2 * DAY:
        hint = "times go from 00:00 to 24:00, past midnight up to 48:00"
        raise token.refuse(f"no clock ever reads {token.text}", hint)
    if words.now.text in {"+", "/"}:
        raise words.unexpected()
    return Span(start, end if end > start else end + DAY)
