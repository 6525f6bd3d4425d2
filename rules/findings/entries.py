"""Lines of a schedule for dates: those that never count, those that change nothing, and those that open a closed day."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta

import attrs

from rules.calendar import HolidayCalendar
from rules.findings.study import Study, line
from rules.hours import Schedule, Special, special_days
from rules.often import DAYS, day_in_words
from rules.schedule import DayPlan, MappingHours, Range, Spans, Week, YearDay
from rules.source import Mark, Problem, Report

YEARS = 12
"""How far ahead a line of every year is looked at: in that time its date falls on every weekday."""

Line = date | YearDay | Range


def check_entries(study: Study, report: Report) -> None:
    """Report lines for dates that are past, never count, change nothing, or open a day that is usually closed."""
    for _, schedule in study.schedules:
        if isinstance(schedule.body, MappingHours):
            for problem in _Entries.of(study, schedule, schedule.body).problems():
                report(problem)


@attrs.frozen(eq=False)
class _Entries:
    """One schedule from *today* on: which line decides each of its special days."""

    body: MappingHours
    holidays: HolidayCalendar
    today: date
    until: date
    deciding: Mapping[int, Special]

    @classmethod
    def of(cls, study: Study, schedule: Schedule, body: MappingHours) -> "_Entries":
        """Look *YEARS* ahead where there are lines of every year, else as far as the window goes."""
        today = datetime.fromtimestamp(study.now, UTC).astimezone(schedule.zone).date()
        until = datetime.fromtimestamp(study.window.end, UTC).astimezone(schedule.zone).date()
        if body.yearly or any(isinstance(each.first, YearDay) for each in body.ranges):
            until = max(until, today + timedelta(days=YEARS * 366))
        last = [*body.dates, *(each.last for each in body.ranges if not isinstance(each.last, YearDay))]
        until = max(until, min(max(last, default=until), today + timedelta(days=YEARS * 366)))
        deciding = special_days(body, schedule.holidays, today, until) if _lines(body) else {}
        return cls(body, schedule.holidays, today, until, deciding)

    def problems(self) -> Iterator[Problem]:
        """Yield what is to be said of each line."""
        for written in _lines(self.body):
            problem = self._past(written) or self._idle(written) or self._opens(written)
            if problem:
                yield problem

    def _past(self, written: Line) -> Problem | None:
        _, last = _ends(written)
        if isinstance(last, YearDay) or last >= self.today:
            return None
        message = f"this line of the schedule is past: it ends {day_in_words(_noon(last))}"
        return Problem("expired", message, self.place(written), "remove it", "warning")

    def _idle(self, written: Line) -> Problem | None:
        days = self._days(written)
        won = [day for day in days if self.deciding[day].line is written]
        at = self.place(written)
        if not days:
            first, last = _ends(written)
            if isinstance(first, YearDay) or isinstance(last, YearDay) or first < self.today or last > self.until:
                return None
            message = "this line never counts: none of the weekdays it names falls on its dates"
            return Problem("never-used", message, at, "look at both", "warning")
        if not won:
            day = days[0]
            return Problem("never-used", f"this line never counts: {self._winner(day, at)}", at, _ORDER, "warning")
        without = _without(self.body, written)
        first, last = date.fromordinal(won[0]), date.fromordinal(won[-1])
        others = special_days(without, self.holidays, first, last)
        if all(self._spans(others, day) == self.deciding[day].spans for day in won):
            same = "the same hours hold" if self.deciding[won[0]].spans else "it is closed"
            message = f"this line changes nothing: without it, {same} as well"
            return Problem("redundant", message, at, "remove it", "warning")
        return None

    def _opens(self, written: Line) -> Problem | None:
        """Tell when hours are given for a day that is usually closed; a week of its own names its days on purpose, dates alone too."""
        if isinstance(_plan(self.body, written), Week) or not any(self.body.weekdays.values()):
            return None
        opened = [
            day
            for day in self._days(written)
            if self.deciding[day].line is written
            and self.deciding[day].spans
            and not self.body.weekdays.get((day - 1) % 7)
        ]
        if not opened:
            return None
        weekdays = dict.fromkeys(DAYS[(day - 1) % 7] for day in opened)
        first = day_in_words(_noon(date.fromordinal(opened[0])))
        message = f"this opens days that are usually closed ({', '.join(weekdays)}): first {first}"
        if len(opened) == 1:
            message = f"this opens {first}, a day that is usually closed"
        hint = "write a week of its own to leave the other days as usual: `{mon-fri: 09:00-12:00}`"
        if not isinstance(written, Range):
            hint = (
                "if that is meant, all is well; to open only when it is a working day, write `{mon-fri: 09:00-12:00}`"
            )
        return Problem("opens-usually-closed", message, self.place(written), hint, "warning")

    # ---------------------------------------------------------------- looking up

    def _days(self, written: Line) -> list[int]:
        """Return the dates (as ordinals) a line says something about, from today on."""
        alone = _only(self.body, written)
        return sorted(special_days(alone, HolidayCalendar.of(None, None), self.today, self.until))

    def _spans(self, special: Mapping[int, Special], day: int) -> Spans:
        found = special.get(day)
        return self.body.weekdays.get((day - 1) % 7, ()) if found is None else found.spans

    def _winner(self, day: int, at: Mark) -> str:
        """Say what counts instead on *day*."""
        winner = self.deciding[day].line
        told = day_in_words(_noon(date.fromordinal(day)))
        if winner is None:
            name = self.holidays.name(date.fromordinal(day))
            return f"{told} is a public holiday ({name}), and `holidays` counts before a range with hours"
        return f"for {told} and all its other dates, {line(self.place(winner), at)} counts before it"

    def place(self, written: Line) -> Mark:
        """Return where a line stands."""
        return written.at if isinstance(written, Range) else self.body.places.get(written, self.body.at)


_ORDER = "what counts first: a date, a date of every year, a range that says closed, a holiday, a range with hours, the weekday"


def _lines(body: MappingHours) -> list[Line]:
    return [*body.dates, *body.yearly, *body.ranges]


def _ends(written: Line) -> tuple[date | YearDay, date | YearDay]:
    """Return the first and the last date of a line."""
    return (written.first, written.last) if isinstance(written, Range) else (written, written)


def _plan(body: MappingHours, written: Line) -> DayPlan:
    if isinstance(written, Range):
        return written.plan
    return body.yearly[written] if isinstance(written, YearDay) else body.dates[written]


def _only(body: MappingHours, written: Line) -> MappingHours:
    """Return a schedule of nothing but one line."""
    alone = MappingHours({}, {}, {}, (), None, body.at)
    if isinstance(written, Range):
        return attrs.evolve(alone, ranges=(written,))
    if isinstance(written, YearDay):
        return attrs.evolve(alone, yearly={written: body.yearly[written]})
    return attrs.evolve(alone, dates={written: body.dates[written]})


def _without(body: MappingHours, written: Line) -> MappingHours:
    """Return the schedule without one line."""
    return attrs.evolve(
        body,
        dates={day: plan for day, plan in body.dates.items() if day != written},
        yearly={day: plan for day, plan in body.yearly.items() if day != written},
        ranges=tuple(each for each in body.ranges if each is not written),
    )


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
