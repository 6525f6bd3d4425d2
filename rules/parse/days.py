"""What stands before the hours in a schedule: weekdays, dates, yearly dates, and ranges of them."""

import re
from calendar import monthrange
from datetime import date

import attrs

from rules.dates import DAYS_IN_MONTH, MONTHS, WEEKDAYS
from rules.schedule import YearDay
from rules.source import closest

OTHER_KEYS = ("timezone", "country", "region", "skip", "add")
"""Keys of a schedule that are not hours; whoever reads the schedule takes them."""

HINT = "write weekdays (mon-fri, tue, thu, daily), a date (2026-12-24, dec 24), a range (2026-12-28..2026-12-31, jul 1..jul 31) or holidays"


@attrs.frozen
class Weekdays:
    """Days of the week, 0 = Monday."""

    days: tuple[int, ...]


@attrs.frozen
class Dates:
    """One date (*last* equals *first*) or a range, both inclusive; of one year or of every year."""

    first: date | YearDay
    last: date | YearDay
    one: bool


@attrs.frozen
class Mistake:
    """What is wrong with a key, and where in it; *other_key* when it seems to be one of `OTHER_KEYS`, misspelt."""

    code: str
    message: str
    hint: str
    offset: int = 0
    width: int | None = None
    other_key: bool = False


_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_YEARLY = re.compile(r"([a-z]+)\.?[ \t]*([0-9]{1,2})(?:st|nd|rd|th)?")
_DAY_FIRST = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)?\.?[ \t]*([a-z]+)\.?")
_DIGITS_FIRST = re.compile(r"[0-9]+[./-][0-9]+(?:[./-][0-9]+)?")
_WEEKDAY_PART = re.compile(r"([a-z]+)(?:[ \t]*-[ \t]*([a-z]+))?")


def read_days(text: str) -> Weekdays | Dates | Mistake:
    """Read the key of a schedule: `mon-thu`, `tue, thu`, `2026-12-24`, `dec 24`, `jul 1..jul 31`."""
    word = text.strip().casefold()
    if ".." in word:
        return _range(word, text)
    day = _date(word, text)
    if isinstance(day, date | YearDay):
        return Dates(day, day, one=True)
    return day or _weekdays(word, text)


def _weekdays(word: str, text: str) -> Weekdays | Mistake:
    """Read days of the week, in ranges and lists; `fri-mon` goes over the weekend."""
    if word in {"daily", "every day"}:
        return (
            Weekdays((0, 1, 2, 3, 4, 5, 6))
            if word == "daily"
            else Mistake("unknown-key", f"'{text}' is no day", "write daily")
        )
    days: list[int] = []
    at = 0
    for part in text.split(","):
        offset, at = at + len(part) - len(part.lstrip()), at + len(part) + 1
        found = _WEEKDAY_PART.fullmatch(part.strip().casefold())
        names = [name for name in found.groups() if name] if found else []
        unknown = next((name for name in names if name not in WEEKDAYS), None)
        if not names or unknown:
            near = _meant(unknown or word)
            hint, shown = f"did you mean '{near}'?" if near else HINT, part.strip() or text
            return Mistake("unknown-key", f"'{shown}' is no day", hint, offset, len(part.strip()), near in OTHER_KEYS)
        first, last = WEEKDAYS[names[0]], WEEKDAYS[names[-1]]
        if len(names) == 2 and first == last:
            hint = f"write {names[0]}, or daily for the whole week"
            return Mistake(
                "bad-hours", f"'{part.strip()}' begins and ends on the same day", hint, offset, len(part.strip())
            )
        days += [(first + step) % 7 for step in range((last - first) % 7 + 1)]
    for day in days:
        if days.count(day) > 1:
            name = next(name for name, number in WEEKDAYS.items() if number == day)
            return Mistake("overlap", f"{name} stands twice in '{text}'", "name each weekday once")
    return Weekdays(tuple(days))


def _date(word: str, text: str) -> date | YearDay | Mistake | None:
    """Read `2026-12-24` or `dec 24`; None when it is not meant as a date."""
    if found := _ISO.fullmatch(word):
        year, month, day = (int(part) for part in found.groups())
        try:
            exact = date(year, month, day)
        except ValueError:
            return Mistake("impossible-date", f"there is no {text.strip()}", _last_of(year, month))
        if exact.isoformat() != word:
            return Mistake(
                "bad-hours", f"'{text.strip()}' is not written as we read dates", f"write {exact.isoformat()}"
            )
        return exact
    if (found := _YEARLY.fullmatch(word)) and found[1] in MONTHS:
        month, day = MONTHS[found[1]], int(found[2])
        if not 1 <= day <= DAYS_IN_MONTH[month]:
            return Mistake("impossible-date", f"there is no {text.strip()} in any year", _last_of(2000, month))
        return YearDay(month, day)
    if (found := _DAY_FIRST.fullmatch(word)) and found[2] in MONTHS:
        return Mistake(
            "bad-hours", f"'{text.strip()}' is not written as we read dates", f"write {found[2][:3]} {int(found[1])}"
        )
    if _DIGITS_FIRST.fullmatch(word):
        hint = "write a date as 2026-12-24, or dec 24 for every year"
        return Mistake("bad-hours", f"'{text.strip()}' can be read in more than one way", hint)
    if word in MONTHS:
        last = 28 if MONTHS[word] == 2 else DAYS_IN_MONTH[MONTHS[word]]
        return Mistake(
            "unknown-key", f"'{text.strip()}' is a month without days", f"write {word[:3]} 1..{word[:3]} {last}"
        )
    return None


def _range(word: str, text: str) -> Dates | Mistake:
    """Read `2026-12-28..2026-12-31` or `jul 1..jul 31`; the yearly kind may run over New Year."""
    ends = []
    for part in word.split(".."):
        shown = part.strip()
        end = _date(shown, shown)
        if end is None:
            hint = "write a range as 2026-12-28..2026-12-31 or jul 1..jul 31"
            end = Mistake(
                "bad-hours", f"'{shown}' is no date that a range could have" if shown else "one end is missing", hint
            )
        if isinstance(end, Mistake):
            return attrs.evolve(end, offset=text.casefold().find(shown), width=len(shown)) if shown else end
        ends.append(end)
    if len(ends) != 2:
        return Mistake("bad-hours", f"'{text}' has more than two ends", "write one range a line")
    first, last = ends
    if not isinstance(first, YearDay) and not isinstance(last, YearDay):
        if first > last:
            return Mistake("impossible-date", f"'{text}' ends before it begins", f"write {last}..{first}")
    elif isinstance(first, YearDay) != isinstance(last, YearDay):
        return Mistake(
            "bad-hours",
            f"'{text}' mixes a date of one year with one of every year",
            "write the year on both ends or on none",
        )
    return Dates(first, last, one=False)


def _last_of(year: int, month: int) -> str:
    """Say how long a month is, in words."""
    if not 1 <= month <= 12:
        return "months go from 01 to 12"
    return f"that month has {monthrange(year, month)[1]} days"


def _meant(word: str) -> str | None:
    """Guess which key was meant."""
    return closest(
        word[:40], [*OTHER_KEYS, *(name for name in WEEKDAYS if len(name) > 3), "daily", "holidays", *WEEKDAYS]
    )
