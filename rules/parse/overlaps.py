"""Two ranges of a schedule that say different things about one date."""

from collections.abc import Iterable
from datetime import date

from rules.schedule import DayPlan, Range, Spans, Week, YearDay
from rules.source import Problem, Report

_LEAP = 2000


def report_overlaps(ranges: Iterable[Range], report: Report) -> None:
    """Tell each pair of ranges of one rank that hold different hours for one date."""
    seen: list[Range] = []
    for later in ranges:
        for earlier in seen:
            if shared := _conflict(earlier, later):
                message = f"two ranges say different hours for {shared}"
                report(
                    Problem(
                        "overlap", message, later.at, f"the other range is {earlier.at}; let one of them end earlier"
                    )
                )
        seen.append(later)


def _conflict(one: Range, other: Range) -> str | None:
    """Name the first date for which two ranges of one kind say different hours; a range that is closed there outranks hours."""
    yearly = isinstance(one.first, YearDay)
    if yearly != isinstance(other.first, YearDay):
        return None
    for start, end in _stretches(one):
        for opposite, last in _stretches(other):
            first = max(start, opposite)
            # After seven days every weekday was there; a yearly date falls on each of them in the end.
            for day in (
                range(first, first + 7 if yearly else min(end, last, first + 6) + 1) if first <= min(end, last) else ()
            ):
                mine, theirs = _on(one.plan, (day - 1) % 7), _on(other.plan, (day - 1) % 7)
                if mine and theirs and mine != theirs:
                    return f"{date.fromordinal(first):%d %B} of a year" if yearly else str(date.fromordinal(day))
    return None


def _on(plan: DayPlan, weekday: int) -> Spans | None:
    """Return what *plan* says for a weekday, None where it leaves the day as usual."""
    return plan.days.get(weekday) if isinstance(plan, Week) else plan


def _stretches(written: Range) -> list[tuple[int, int]]:
    """Return the dates of a range as ordinals: a yearly one in a leap year, cut in two when it runs over New Year."""
    first, last = (
        (date(_LEAP, *end) if isinstance(end, YearDay) else end).toordinal() for end in (written.first, written.last)
    )
    if first <= last:
        return [(first, last)]
    return [(first, date(_LEAP, 12, 31).toordinal()), (date(_LEAP, 1, 1).toordinal(), last)]
