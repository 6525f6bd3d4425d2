"""A moment as people write it: `2026-11-28 23:10`, ISO with an offset, `sat 11:00`, `now`."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from rules.dates import WEEKDAYS, read_clock, read_date_time
from rules.zones import instant

HINT = "write a moment as 2026-11-28 23:10, 2026-11-28T23:10:00-05:00, sat 11:00 or now"


def read_when(text: str, place: ZoneInfo, now: datetime) -> datetime:
    """
    Return the moment *text* names, in UTC; a wall-clock time is one of *place*, a weekday the next such moment from *now* on.

    Raises ValueError with a sentence for the person who wrote it.
    """
    word = text.strip()
    if word.casefold() == "now":
        return now.astimezone(UTC)
    day, _, clock = word.partition(" ")
    if day.casefold() in WEEKDAYS:
        return _next(WEEKDAYS[day.casefold()], clock, place, now)
    local = read_date_time(word)
    if local and local[1] is None:
        raise ValueError(f"'{text}' has no clock time; {HINT}")
    try:
        moment = datetime.fromisoformat(word)
        if moment.tzinfo is None:
            return datetime.fromtimestamp(instant(moment, place), UTC)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"'{text}' is no moment we can read; {HINT}") from None


def _next(weekday: int, clock: str, place: ZoneInfo, now: datetime) -> datetime:
    """Return the first moment from *now* on at which the clock of *place* reads that weekday and *clock*."""
    seconds = read_clock(clock)
    if seconds is None:
        raise ValueError(f"'{clock.strip()}' is no clock time; {HINT}")
    midnight = now.astimezone(place).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    midnight += timedelta(days=(weekday - midnight.weekday()) % 7)
    this, following = (
        datetime.fromtimestamp(instant(midnight + timedelta(days=days, seconds=seconds), place), UTC) for days in (0, 7)
    )
    return this if this >= now else following
