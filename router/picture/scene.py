"""What a picture of the week holds, whoever draws it: panels of rows of bars, with places as fractions of a row."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import attrs

from rules.often import clock_in_words, wall
from rules.timeline import Window
from rules.week import Block, NumberWeek, PersonWeek, Shift, Stand, Week
from rules.zones import stretches

DAY = 86400
TONES = 8
NOBODY = "nobody!"


@attrs.frozen
class Bar:
    """
    One stretch of a row: from *left* to *right* (0 to 1), of a *kind* (the states of `rules.week`, and `stand`).

    *tone* (0 to 7) is the colour of the person who matters most, None for nobody's. *text* should be read in it, *more* as
    well if there is room. *when* and both are the whole of it in words.
    """

    left: float
    right: float
    kind: str
    tone: int | None
    text: str
    more: str
    when: str

    @property
    def title(self) -> str:
        """Everything about it in one sentence."""
        return f"{self.when}: {self.text}{f', {self.more}' if self.more else ''}"


@attrs.frozen
class Row:
    """A line of bars with its *label*, a *note* beside it, and thin bars *under* it."""

    label: str
    note: str
    bars: tuple[Bar, ...]
    under: tuple[Bar, ...] = ()


@attrs.frozen
class Panel:
    """A block of rows under one heading; *ticks* name places along all its rows, *lines* are the finer ones."""

    title: str
    subtitle: str
    rows: tuple[Row, ...]
    ticks: tuple[tuple[float, str], ...]
    lines: tuple[float, ...]
    people: bool = False


@attrs.frozen
class Scene:
    """The whole picture."""

    title: str
    subtitle: str
    panels: tuple[Panel, ...]


def scene_of(week: Week, caller: str) -> Scene:
    """Arrange *week*; *caller* says in words for whom it is drawn."""
    tones = {person.person.name: index % TONES for index, person in enumerate(week.people)}
    first, last = wall(week.days[0], week.zone), wall(week.days[-1] - 1, week.zone)
    days = f"{first:%a %-d %b} to {last:%a %-d %b %Y}"
    numbers = tuple(_number_panel(number, tones) for number in week.numbers)
    return Scene(
        f"{week.business}: who answers when",
        f"{week.kind.capitalize()}s from {caller}, {days}",
        (*numbers, _people_panel(week, tones)),
    )


# ---------------------------------------------------------------- numbers: a row for each day


def _number_panel(week: NumberWeek, tones: dict[str, int]) -> Panel:
    number = week.number
    hours = tuple((hour / 24, f"{hour:02}") for hour in range(0, 25, 3))
    return Panel(
        title=number.name,
        subtitle=f"{number.e164}, {number.zone.key} time",
        rows=tuple(_day(week, day, tones) for day in range(len(week.days) - 1)),
        ticks=hours,
        lines=tuple(hour / 24 for hour in range(25)),
    )


def _day(week: NumberWeek, day: int, tones: dict[str, int]) -> Row:
    start, end = week.days[day], week.days[day + 1]
    zone = week.number.zone
    bars = [
        _block_bar(block, place, zone, tones)
        for block in week.blocks
        for place in places(block.start, block.end, (start, end), zone)
    ]
    return Row(f"{wall(start, zone):%a %-d}", _clock_change(end - start), tuple(bars))


def _clock_change(seconds: int) -> str:
    if seconds == DAY:
        return ""
    return "clocks forward" if seconds < DAY else "clocks back"


def _block_bar(block: Block, place: "Place", zone: ZoneInfo, tones: dict[str, int]) -> Bar:
    later = f"then {', '.join(block.later)}" if block.later else ""
    if block.first:
        text, more = ", ".join(block.first), later or (f"then {block.rest}" if block.rest else "")
        more = f"after hours; {more}".removesuffix("; ") if block.state == "after-hours" else more
    elif block.state == "nobody":
        text, more = NOBODY, f"open, but {block.rest}"
    else:
        text, more = f"closed, {block.rest}" if block.rest else "closed", ""
    tone = tones[block.first[0]] if block.first else None
    return Bar(place.left, place.right, block.state, tone, text, more, place.when(zone))


# ---------------------------------------------------------------- people: a row for each, all days in it


def _people_panel(week: Week, tones: dict[str, int]) -> Panel:
    days = len(week.days) - 1
    ticks = tuple((day / days, f"{wall(week.days[day], week.zone):%a %-d}") for day in range(days))
    return Panel(
        title="People",
        subtitle=f"in, away, standing in; {week.zone.key} time",
        rows=tuple(_person_row(person, week, tones) for person in week.people),
        ticks=ticks,
        lines=tuple(quarter / days / 4 for quarter in range(days * 4 + 1)),
        people=True,
    )


def _person_row(person: PersonWeek, week: Week, tones: dict[str, int]) -> Row:
    tone = tones[person.person.name]
    bars = [bar for shift in person.shifts if shift.presence != "off" for bar in _shift_bars(shift, week, tone)]
    under = [bar for stand in person.stands for bar in _stand_bars(stand, week, tones)]
    return Row(person.person.name, person.person.title, tuple(bars), tuple(under))


def _shift_bars(shift: Shift, week: Week, tone: int) -> Iterator[Bar]:
    covers = f"{shift.cover} covers" if shift.cover else "nobody covers"
    found = list(places(shift.start, shift.end, week.days, week.zone))
    if shift.presence == "in" and shift.end - shift.start <= DAY:
        for place in found:
            yield Bar(place.left, place.right, "in", tone, place.shortly(week.zone), "", place.when(week.zone))
    elif found:
        whole = attrs.evolve(found[0], right=found[-1].right, end=found[-1].end)
        said = {"in": "in, day and night", "away": f"away, {covers}", "left": f"has left, {covers}"}[shift.presence]
        own = tone if shift.presence == "in" else None
        yield Bar(whole.left, whole.right, shift.presence, own, said, "", whole.when(week.zone))


def _stand_bars(stand: Stand, week: Week, tones: dict[str, int]) -> Iterator[Bar]:
    for place in places(stand.start, stand.end, week.days, week.zone):
        text = f"for {stand.whom}"
        yield Bar(place.left, place.right, "stand", tones[stand.whom], text, "", place.when(week.zone))


# ---------------------------------------------------------------- where on the row


@attrs.frozen
class Place:
    """A stretch within one day: `[start, end)` (UTC epoch seconds), at *left* to *right* (0 to 1) of all days together."""

    start: int
    end: int
    left: float
    right: float

    def clocks(self, zone: ZoneInfo) -> str:
        """Tell the hours: `09:00-12:30`."""
        start, end = wall(self.start, zone), wall(self.end, zone)
        ends = "24:00" if end.date() > start.date() and clock_in_words(end) == "00:00" else clock_in_words(end)
        return f"{clock_in_words(start)}-{ends}"

    def shortly(self, zone: ZoneInfo) -> str:
        """Tell the hours as shortly as can be: `9-12:30`."""
        return "-".join(clock.removeprefix("0").removesuffix(":00") for clock in self.clocks(zone).split("-"))

    def when(self, zone: ZoneInfo) -> str:
        """Tell day and hours: `Mon 30 Nov 09:00-12:30`, over several days with both."""
        start, last = wall(self.start, zone), wall(self.end - 1, zone)
        if start.date() == last.date():
            return f"{start:%a %-d %b} {self.clocks(zone)}"
        return f"{start:%a %-d %b %H:%M} to {last + timedelta(seconds=1):%a %-d %b %H:%M}"


def places(start: int, end: int, days: Iterable[int], zone: ZoneInfo) -> Iterator[Place]:
    """
    Cut `[start, end)` at the midnights *days* and where the clocks change, and place each part by the clock on the wall.

    What a clock shows twice is in the same place twice; what it skips stays empty.
    """
    starts = tuple(days)
    count = len(starts) - 1
    start, end = max(start, starts[0]), min(end, starts[-1])
    for day in range(count):
        first, last = max(start, starts[day]), min(end, starts[day + 1])
        if first >= last:
            continue
        for begins, ends, offset in stretches(zone, Window(starts[day], starts[day + 1])):
            one, other = max(first, begins), min(last, ends)
            if one < other:
                midnight = _midnight(starts[day], zone)
                yield Place(
                    one,
                    other,
                    (day + (one + offset - midnight) / DAY) / count,
                    (day + (other + offset - midnight) / DAY) / count,
                )


def _midnight(moment: int, zone: ZoneInfo) -> int:
    """Return the midnight before *moment* on the wall of *zone*, as seconds since 1970 on that wall."""
    naive = wall(moment, zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=UTC)
    return int((naive - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
