"""How often, how long and when first: stretches of time told to people, on the clock of a place."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from rules.timeline import Timeline, Window

Span = tuple[int, int]
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def often(times: Timeline, window: Window, zone: ZoneInfo) -> str:
    """
    Tell all of *times* within *window* in a few words.

    `53 times, 53.0 h, always Fri 15:00-16:00; first Fri 4 Dec 2026, last Fri 24 Dec 2027`
    """
    spans = list(times.spans())
    if spans == [(window.start, window.end)]:
        return "all the time"
    hours = f"{sum(end - start for start, end in spans) / 3600:.1f} h"
    if len(spans) == 1:
        return f"once, {hours}: {span_in_words(spans[0], zone)}"
    count = f"{len(spans)} times, {hours}"
    if pattern := weekly(spans, zone):
        first, last = (day_in_words(wall(span[0], zone)) for span in (spans[0], spans[-1]))
        return f"{count}, always {pattern}; first {first}, last {last}"
    return f"{count}; first {span_in_words(spans[0], zone)}, last {span_in_words(spans[-1], zone)}"


def weekly(spans: Sequence[Span], zone: ZoneInfo) -> str | None:
    """Tell weekdays and hours when all *spans* have the same hours (`Mon, Fri 15:00-16:00`), else None."""
    walls = [(wall(start, zone), wall(end, zone)) for start, end in spans]
    clocks = {clocks_in_words(start, end) for start, end in walls if end - start <= timedelta(days=1)}
    if len(clocks) != 1 or any(end - start > timedelta(days=1) for start, end in walls):
        return None
    days = sorted({start.weekday() for start, _ in walls})
    named = "daily" if len(days) == 7 else days_in_words(days)
    return f"{named} {clocks.pop()}"


def days_in_words(days: Sequence[int]) -> str:
    """Tell weekdays (0 is Monday), three and more in a row as a range: `Mon-Thu, Sat`."""
    runs: list[list[int]] = []
    for day in days:
        if runs and day == runs[-1][-1] + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ", ".join(
        f"{DAYS[run[0]]}-{DAYS[run[-1]]}" if len(run) > 2 else ", ".join(DAYS[day] for day in run) for run in runs
    )


def span_in_words(span: Span, zone: ZoneInfo) -> str:
    """Tell one stretch: `Fri 4 Dec 2026 15:00-16:00`, over midnight with both days."""
    start, end = wall(span[0], zone), wall(span[1], zone)
    if end - start <= timedelta(days=1) and (end - timedelta(seconds=1)).date() == start.date():
        return f"{day_in_words(start)} {clocks_in_words(start, end)}"
    return f"{day_in_words(start)} {clock_in_words(start)} to {day_in_words(end)} {clock_in_words(end)}"


def clocks_in_words(start: datetime, end: datetime) -> str:
    """Tell the hours of a stretch of at most a day; one that ends at midnight ends at 24:00."""
    midnight = end.date() > start.date() and clock_in_words(end) == "00:00"
    return f"{clock_in_words(start)}-{'24:00' if midnight else clock_in_words(end)}"


def clock_in_words(moment: datetime) -> str:
    """Tell hours and minutes, and seconds where there are any."""
    return f"{moment:%H:%M:%S}" if moment.second else f"{moment:%H:%M}"


def day_in_words(moment: datetime) -> str:
    """Tell a day: `Fri 4 Dec 2026`."""
    return f"{DAYS[moment.weekday()]} {moment:%-d %b %Y}"


def wall(moment: int, zone: ZoneInfo) -> datetime:
    """Return what the clock on the wall of *zone* reads at *moment* (epoch seconds)."""
    return datetime.fromtimestamp(moment, UTC).astimezone(zone)
