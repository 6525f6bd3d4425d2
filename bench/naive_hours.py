"""Opening hours as one writes them by hand: dictionaries of spans, looked up afresh for each question. Only for comparing."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import holidays
from opening_hours import OpeningHours

Spans = list[tuple[int, int]]
Tree = Any
"""What the YAML library returns: dicts, lists and strings."""

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
YEARS = range(2025, 2030)


def spans_of(text: str) -> Spans:
    """Read `09:00-12:30, 13:00-17:30` into seconds of the day; past midnight beyond 86400."""
    if text == "closed":
        return []
    if text == "all-day":
        return [(0, 86400)]
    spans = []
    for part in text.split(","):
        start, end = ((int(clock[:-3]) * 60 + int(clock[-2:])) * 60 for clock in part.strip().split("-"))
        spans.append((start, end if end > start else end + 86400))
    return spans


def weekdays(text: str) -> list[int]:
    """Read `mon-thu`, `tue, thu` or `daily`."""
    if text == "daily":
        return list(range(7))
    found: list[int] = []
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        found += range(DAYS.index(first), DAYS.index(last or first) + 1)
    return found


def celebrated(tree: Tree, business: Tree) -> set[date]:
    """Return the public holidays of a schedule."""
    own = "country" in tree
    country, region = (tree["country"], tree.get("region")) if own else (business["country"], business.get("region"))
    skip = set() if own else set(business.get("holidays", {}).get("skip", []))
    days = {
        day
        for day, name in holidays.country_holidays(country, subdiv=region, years=YEARS).items()
        if name.removesuffix(" (observed)") not in skip
    }
    if not own:
        days |= {date.fromisoformat(day) for day in business.get("holidays", {}).get("add", {})}
    return days


class Hours:
    """
    A schedule; `open_at` does what the rule language says, the plain way.

    *plans* are the spans of each kind of day: `mon`, `holiday`, `closed`, `2026-12-24`, `12-24 fri`, `07-01 fri`.
    """

    def __init__(self, tree: Tree, business: Tree, zone: str | None = None) -> None:
        self.text = None
        if isinstance(tree, str):
            self.text = OpeningHours(tree.replace("; PH off", ""))
            tree = {"holidays": "closed"}
        self.zone = ZoneInfo(tree.get("timezone") or zone or business["timezone"])
        self.plans: dict[str, Spans] = {"closed": [], **{day: [] for day in DAYS}}
        self.ranges: list[tuple[str, str]] = []
        self.seasons: list[tuple[str, str]] = []
        for key, value in tree.items():
            self._add(key, value)
        self.holidays: set[date] = set()
        if tree.get("holidays", "normal") != "normal":
            self.holidays = celebrated(tree, business)
            self.plans["holiday"] = spans_of(tree["holidays"])

    def _add(self, key: str, value: Tree) -> None:
        if key in ("timezone", "country", "region", "holidays"):
            return
        first, _, last = key.partition("..")
        if key[0].isdigit():
            if last:
                self.ranges.append((first, last))
            else:
                self.plans[key] = spans_of(value)
        elif key[:3] in MONTHS:
            if last:
                self.seasons.append((year_day(first), year_day(last)))
            self.plans |= {
                f"{year_day(first)} {DAYS[day]}": spans_of(hours)
                for names, hours in value.items()
                for day in weekdays(names)
            }
        else:
            self.plans |= {DAYS[day]: spans_of(value) for day in weekdays(key)}

    def kind(self, day: date) -> str:
        """Return which of the plans holds on *day*: the first that speaks about it, in the order of the language."""
        exact, weekday = day.isoformat(), DAYS[day.weekday()]
        if exact in self.plans:
            return exact
        if (yearly := f"{exact[5:]} {weekday}") in self.plans:
            return yearly
        if any(first <= exact <= last for first, last in self.ranges):
            return "closed"
        if day in self.holidays:
            return "holiday"
        for first, last in self.seasons:
            if first <= exact[5:] <= last and (season := f"{first} {weekday}") in self.plans:
                return season
        return weekday

    def plan(self, day: date) -> Spans:
        """Return the spans that begin on *day*."""
        return self.plans[self.kind(day)]

    def open_at(self, at: int) -> bool:
        """Say whether it is open at *at* (UTC epoch seconds)."""
        local = datetime.fromtimestamp(at, self.zone)
        today = local.date()
        if self.text is not None:
            return today not in self.holidays and bool(self.text.is_open(local.replace(tzinfo=None)))
        second = (local.hour * 60 + local.minute) * 60 + local.second
        for start, end in self.plan(today):
            if start <= second < end:
                return True
        return any(start <= second + 86400 < end for start, end in self.plan(today - timedelta(days=1)))


def year_day(text: str) -> str:
    """Read `jul 1` as `07-01`."""
    month, _, day = text.strip().partition(" ")
    return f"{MONTHS.index(month) + 1:02}-{int(day):02}"


def moment(text: str, zone: ZoneInfo, *, after: bool = False) -> float:
    """Read `2026-12-14` or `2026-12-21 12:00` in *zone*; with *after* the end of that date."""
    read = datetime.fromisoformat(text)
    if len(text) == 10 and after:
        read = datetime.combine(read.date() + timedelta(days=1), time())
    return read.replace(tzinfo=zone).timestamp()
