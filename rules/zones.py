"""Time zones: names that are safe to look up, wall clock to instant and back, and where a zone changes its offset."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from rules.dates import DAY
from rules.source import closest
from rules.timeline import Timeline, Window

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*")
# Files of a zone database that are no zones of a place: the server's own zone, and copies that count leap seconds.
_NOT_A_PLACE = re.compile(r"(?i)(localtime|posixrules|factory)|(posix|right)/.*")

# Old names that mean one place (the tz database's file `backward`), and that people still write.
_MODERN = {
    "US/Eastern": "America/New_York",
    "US/Central": "America/Chicago",
    "US/Mountain": "America/Denver",
    "US/Pacific": "America/Los_Angeles",
    "US/Arizona": "America/Phoenix",
    "US/Alaska": "America/Anchorage",
    "US/Hawaii": "Pacific/Honolulu",
    "US/Michigan": "America/Detroit",
    "Canada/Eastern": "America/Toronto",
    "Canada/Central": "America/Winnipeg",
    "Canada/Mountain": "America/Edmonton",
    "Canada/Pacific": "America/Vancouver",
    "Canada/Atlantic": "America/Halifax",
    "Canada/Newfoundland": "America/St_Johns",
    "EST5EDT": "America/New_York",
    "CST6CDT": "America/Chicago",
    "MST7MDT": "America/Denver",
    "PST8PDT": "America/Los_Angeles",
    "CET": "Europe/Brussels",
    "MET": "Europe/Brussels",
    "EET": "Europe/Athens",
    "WET": "Europe/Lisbon",
    "GB": "Europe/London",
    "GB-Eire": "Europe/London",
    "Eire": "Europe/Dublin",
    "Poland": "Europe/Warsaw",
    "Portugal": "Europe/Lisbon",
    "Turkey": "Europe/Istanbul",
    "Israel": "Asia/Jerusalem",
    "Japan": "Asia/Tokyo",
    "Hongkong": "Asia/Hong_Kong",
    "Singapore": "Asia/Singapore",
    "PRC": "Asia/Shanghai",
    "ROK": "Asia/Seoul",
    "NZ": "Pacific/Auckland",
}
# Names of an offset that never moves: an office in such a zone would be an hour off for half of the year.
_FIXED = {"EST": "America/New_York", "MST": "America/Denver", "HST": "Pacific/Honolulu"}


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo | None:
    """Return the zone called *name* (`Europe/London`), or None when there is none; never looks outside the tz database."""
    if len(name) > 64 or not _NAME.fullmatch(name) or _NOT_A_PLACE.fullmatch(name):
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown; no zone file; a folder such as `Europe`
        return None


def closest_zone(name: str) -> str | None:
    """Name the zone the writer of *name* most likely meant, or None."""
    if name in _FIXED:
        return _FIXED[name]
    choices = {choice.rpartition("/")[2].casefold(): choice for choice in sorted(available_timezones())}
    word = name.strip().replace(" ", "_").casefold()
    return choices.get(word) or closest(word[:64], sorted(available_timezones()))


def zone_advice(name: str) -> str | None:
    """Say in a sentence why a zone that exists is not the one to write, or None when it is fine."""
    if name in _FIXED:
        return f"'{name}' never changes to daylight saving time; write '{_FIXED[name]}' if the place does"
    if name in _MODERN:
        return f"'{name}' is an old name; write '{_MODERN[name]}'"
    if name.startswith("Etc/GMT") and name[7:8] in {"+", "-"}:
        return (
            f"'{name}' is a fixed offset with its sign turned round; write the zone of a city, such as 'Europe/London'"
        )
    if name.startswith(("US/", "Canada/", "Brazil/", "Mexico/", "Chile/")):
        return f"'{name}' is an old name; write the zone of a city, such as 'America/New_York'"
    return None


def offset_at(place: ZoneInfo, moment: int) -> int:
    """Return how many seconds the wall clock of *place* is ahead of UTC at *moment* (epoch seconds)."""
    shift = datetime.fromtimestamp(moment, place).utcoffset()
    return 0 if shift is None else shift.days * DAY + shift.seconds


def wall_clock(place: ZoneInfo, moment: int) -> int:
    """Return what the wall clock of *place* reads at *moment*, as seconds since 1970-01-01 00:00 on that clock."""
    return moment + offset_at(place, moment)


def instant(naive: datetime, place: ZoneInfo) -> int:
    """
    Return the moment (epoch seconds) the wall clock of *place* reads *naive*.

    In a gap: the moment the clock jumps over it. In a repeated hour: the first time.
    """
    reading = int((naive.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
    before, after = (
        -((naive.replace(tzinfo=place, fold=fold).utcoffset() or timedelta()).total_seconds()) for fold in (0, 1)
    )
    first, second = reading + int(before), reading + int(after)
    return first if second >= first else _change(place, second, first)


def _change(place: ZoneInfo, low: int, high: int) -> int:
    """Return the moment in `(low, high]` at which the offset of *place* becomes what it is at *high*."""
    wanted = offset_at(place, high)
    while high - low > 1:
        middle = (low + high) // 2
        if offset_at(place, middle) == wanted:
            high = middle
        else:
            low = middle
    return high


@lru_cache(maxsize=256)
def stretches(place: ZoneInfo, window: Window) -> tuple[tuple[int, int, int], ...]:
    """
    Cut *window* into `(start, end, offset)` of constant offset.

    zoneinfo does not tell its transitions: look once a day (no zone changes twice in one) and close in on each.
    """
    found = []
    start, offset = window.start, offset_at(place, window.start)
    for probe in (*range(window.start + DAY, window.end, DAY), window.end):
        if (later := offset_at(place, probe)) != offset:
            change = _change(place, max(start, probe - DAY), probe)
            found.append((start, change, offset))
            start, offset = change, later
    found.append((start, window.end, offset))
    return tuple(found)


def on_the_wall(readings: Timeline, place: ZoneInfo, window: Window) -> Timeline:
    """
    Turn wall-clock *readings* (seconds since 1970-01-01 00:00 on the wall) into the moments of *window* that read them.

    Pointwise: a reading skipped by the clock never comes, one that comes twice holds both times.
    """
    return Timeline.of(
        (first - offset, last - offset)
        for start, end, offset in stretches(place, window)
        for first, last in readings.within(start + offset, end + offset)
    )
