"""
From when until when: moments as people say them, placed on the axis of time.

Times are those of the clock on the wall of one place, and pointwise: a reading the clock jumps over is the moment it jumps,
and one that comes twice is the next of the two.
"""

from calendar import isleap
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from rules.dates import DAY
from rules.spoken import End, Spoken, UnclearError
from rules.zones import instant, wall_clock

MEANT = 18 * 3600
"""A clock time that has passed today is tomorrow's if that is no further away (seconds); otherwise nobody can know."""

AHEAD = 366 * DAY
"""How far ahead something may begin."""


def moment_in_words(moment: int, place: ZoneInfo) -> str:
    """Tell *moment* (UTC epoch seconds) by the clock of *place*, with its zone: `Mon 30 Nov 08:00 EST`."""
    local = datetime.fromtimestamp(moment, UTC).astimezone(place)
    return f"{local:%a %-d %b %H:%M}{f':{local:%S}' if local.second else ''} {local:%Z}"


def placed(since: Spoken | None, end: End, *, place: ZoneInfo, now: int, most: int) -> tuple[int, int]:
    """
    Return `[start, end)` (UTC epoch seconds) of something said at *now* for the clock of *place*, lasting *most* days at most.

    Raises `UnclearError` with a sentence for whoever said it. What has begun already begins now.
    """
    if end is None:
        raise UnclearError(
            "say when it ends: until 18:00, until mon 08:00, until 2026-12-24 12:00, for 2h or for today"
        )
    begin, ends = _span(since, end, place, now)
    if ends <= now:
        raise UnclearError(f"{moment_in_words(ends, place)} has passed already; name an end that is still to come")
    begin = max(begin, now)
    if ends <= begin:
        told = f"it would begin {moment_in_words(begin, place)} and end {moment_in_words(ends, place)}"
        raise UnclearError(f"the end must come after the beginning: {told}")
    if begin > now + AHEAD:
        raise UnclearError(
            f"{moment_in_words(begin, place)} is more than a year away; write it into the rule file instead"
        )
    on_the_wall = wall_clock(place, ends) - wall_clock(place, begin)
    if min(ends - begin, on_the_wall) > most * DAY:
        told = f"it would last until {_with_year(ends, place)}, and {most} days are the most"
        raise UnclearError(f"{told}; name an earlier end, or write it into the rule file")
    return begin, ends


def _span(since: Spoken | None, end: Spoken | int | str, place: ZoneInfo, now: int) -> tuple[int, int]:
    if since is None:
        return now, _end(end, now, place, now)
    if not _only_a_clock(since):
        begin = _after(since, now, place, now)
        return begin, _end(end, begin, place, now)
    today = _today(place, now)
    readings = _readings(today, since.clock, place)
    begin = next((moment for moment in readings if moment > now), readings[0])
    ends = _end(end, begin, place, now)
    if ends > now:
        return begin, ends
    begin = _tomorrow(since, now, place)
    return begin, _end(end, begin, place, now)


def _end(end: Spoken | int | str, begin: int, place: ZoneInfo, now: int) -> int:
    """Return when something that begins at *begin* ends."""
    if isinstance(end, int):
        return begin + end
    if isinstance(end, str):
        return _readings(_today(place, begin), DAY, place)[0]
    if not _only_a_clock(end):
        return _after(end, begin, place, now)
    soon = next((moment for moment in _readings(_today(place, begin), end.clock, place) if moment > begin), None)
    if soon is not None:
        return soon
    later = _readings(_today(place, begin) + timedelta(days=1), end.clock, place)[0]
    if later - begin <= MEANT:
        return later
    if begin == now:
        return _tomorrow(end, now, place)
    raise UnclearError(f"{end.text} comes before {moment_in_words(begin, place)}; name the day it ends as well")


def _tomorrow(spoken: Spoken, now: int, place: ZoneInfo) -> int:
    """Return tomorrow's reading of a clock time that has passed today, if that is what people mean."""
    day = _today(place, now) + timedelta(days=1)
    moment = _readings(day, spoken.clock, place)[0]
    if moment - now > MEANT:
        tomorrow = f"{day:%a}".lower()
        raise UnclearError(f"{spoken.text} has passed today; write '{tomorrow} {spoken.text}' if you mean tomorrow")
    return moment


def _after(spoken: Spoken, after: int, place: ZoneInfo, now: int) -> int:
    """Return the first moment after *after* that *spoken* can mean; one whose date has passed is the last it could mean."""
    if spoken.exact is not None:
        return spoken.exact
    moment = after
    for day in _candidates(spoken, after, place, now):
        for moment in _readings(day, spoken.clock, place):
            if moment > after:
                return moment
    return moment


def _candidates(spoken: Spoken, after: int, place: ZoneInfo, now: int) -> list[date]:
    """Return the dates *spoken* may mean, the nearest first."""
    here = _today(place, after)
    if isinstance(spoken.day, date):
        return [spoken.day]
    if isinstance(spoken.day, int):
        first = here + timedelta(days=(spoken.day - here.weekday()) % 7)
        return [first, first + timedelta(days=7)]
    if spoken.day is None:
        return [_today(place, now) + timedelta(days=spoken.ahead or 0)]
    month, day = spoken.day
    leap_day = (month, day) == (2, 29)
    years = range(here.year, here.year + 9)  # 1 March 2096: the next leap day is eight years away
    return [date(year, month, day) for year in years if isleap(year) or not leap_day]


def _only_a_clock(spoken: Spoken) -> bool:
    return spoken.day is None and spoken.ahead is None and spoken.exact is None


def _today(place: ZoneInfo, moment: int) -> date:
    return datetime.fromtimestamp(moment, UTC).astimezone(place).date()


def _readings(day: date, clock: int, place: ZoneInfo) -> tuple[int, ...]:
    """Return the moments the clock of *place* reads *clock* on *day*: two where it is put back, the jump where it skips it."""
    naive = datetime.combine(day, time()) + timedelta(seconds=clock)
    first, second = instant(naive, place), int(naive.replace(tzinfo=place, fold=1).timestamp())
    return (first, second) if second > first else (first,)


def _with_year(moment: int, place: ZoneInfo) -> str:
    local = datetime.fromtimestamp(moment, UTC).astimezone(place)
    return f"{local:%a %-d %b %Y %H:%M %Z}"
