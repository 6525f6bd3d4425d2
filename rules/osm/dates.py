"""The dates an opening_hours rule is limited to: years, months, days, Easter and calendar weeks."""

from calendar import isleap

from rules.dates import DAYS_IN_MONTH
from rules.osm.cursor import Cursor, shifted
from rules.osm.tokens import MONTH_WORDS

_DATES = ("year", "month", "easter")


def read_dates(words: Cursor) -> tuple[str, bool]:
    """Read what stands before the weekdays, in canonical spelling; say also whether it names single days."""
    parts, single = [], False
    if words.now.kind == "year" and words.after.kind not in {"month", "easter"}:
        years = [_years(words)]
        while words.comma("year"):
            years.append(_years(words))
        parts.append(",".join(years))
        words.sign(":")
    if words.now.kind in _DATES:
        start = words.at
        dates = [_dates(words)]
        while words.comma(*_DATES):
            dates.append(_dates(words))
        parts.append(",".join(dates))
        single = any(word.kind in {"number", "easter"} for word in words.words[start : words.at])
        words.sign(":")
    if words.now.kind == "week":
        words.at += 1
        weeks = [_weeks(words)]
        while words.comma("number"):
            weeks.append(_weeks(words))
        parts.append("week " + ",".join(weeks))
        words.sign(":")
    return " ".join(parts), single


def _years(words: Cursor) -> str:
    """Read `2026`, `2026-2030/2` or `2026+`."""
    first = _year(words)
    if words.now.text == "+" and not words.now.spaced:
        words.at += 1
        return f"{first}+"
    if not words.sign("-"):
        return first
    place, last = words.now, _year(words)
    if last < first:
        raise place.refuse("these years end before they begin", f"write {last}-{first}", "impossible-date")
    return f"{first}-{last}{words.step()}"


def _year(words: Cursor) -> str:
    """Read a year."""
    token = words.take("year")
    if token.text < "1900":
        raise token.refuse(f"{token.text} is no year we know", "years go from 1900 to 9999", "impossible-date")
    return token.text


def _weeks(words: Cursor) -> str:
    """Read `05` or `01-53/2`."""
    missing = ("there is no such week", "weeks go from 01 to 53")
    first = words.number(1, 53, *missing)
    if not words.sign("-"):
        return f"{first:02}"
    place = words.now
    last = words.number(1, 53, *missing)
    if last < first:
        hint = f"write week {first:02}-53,01-{last:02}"
        raise place.refuse("these weeks end before they begin", hint, "impossible-date")
    return f"{first:02}-{last:02}{words.step()}"


def _dates(words: Cursor) -> str:
    """Read `Dec`, `Nov-Feb`, `Dec 24`, `Dec 24-26`, `2026 Dec 24-2027 Jan 02`, `easter -2 days`."""
    place = words.now
    year, month, day = _date(words)
    exact = bool(day) or month == "easter"
    text = _written(year, month, day) + (shifted(words.shift()) if exact else "")
    if not words.sign("-"):
        return text
    if words.now.kind == "number" and day:
        last_day = _day(words, month, "")
        if int(last_day) < int(day):
            following = MONTH_WORDS[(MONTH_WORDS.index(month) + 1) % 12]
            hint = f"write {_written(year, month, day)}-{following} {last_day}"
            raise place.refuse("this range ends before it begins", hint, "impossible-date")
        return f"{text}-{month} {last_day}"
    last_year, last_month, last_day = _date(words)
    last_exact = bool(last_day) or last_month == "easter"
    if exact != last_exact:
        raise place.refuse("one end of this range has a day, the other has none", "write Dec 24-Jan 02, or Nov-Feb")
    if not exact and (last_year or (year and MONTH_WORDS.index(last_month) < MONTH_WORDS.index(month))):
        raise place.refuse("months of different years need their days", "write as in 2026 Nov 01-2027 Feb 28")
    return f"{text}-{_written(last_year, last_month, last_day)}" + (shifted(words.shift()) if exact else "")


def _date(words: Cursor) -> tuple[str, str, str]:
    """Read a year (or none), a month or Easter, and a day (or none)."""
    year = _year(words) if words.now.kind == "year" else ""
    if words.now.kind == "easter":
        words.at += 1
        return year, "easter", ""
    month = words.take("month").text
    return year, month, _day(words, month, year) if words.now.kind == "number" else ""


def _day(words: Cursor, month: str, year: str) -> str:
    """Read the day of a month that has it (29 February unless the year says otherwise)."""
    number = MONTH_WORDS.index(month) + 1
    days = 28 if number == 2 and year and not isleap(int(year)) else DAYS_IN_MONTH[number]
    shown = " ".join(filter(None, (year, month, words.now.text)))
    return f"{words.number(1, days, f'there is no {shown}', f'the last day is {month} {days}'):02}"


def _written(year: str, month: str, day: str) -> str:
    """Write a date as the notation does."""
    return " ".join(filter(None, (year, month, day)))
