"""Public holidays that are added: past ones, and those on which no schedule does anything else."""

from collections.abc import Iterator
from datetime import date

import attrs

from rules.calendar import HolidayCalendar
from rules.findings.study import Study
from rules.hours import Schedule, special_days
from rules.often import wall
from rules.schedule import MappingHours, Spans
from rules.source import Problem, Report
from rules.spec import HolidayChanges, Word


def check_added(study: Study, report: Report) -> None:
    """Report dates of `add` that are past, and those that make no difference to any schedule."""
    schedules = [schedule for _, schedule in study.schedules]
    changes = [(study.spec.business.holidays, schedules)]
    changes += [(spec.changes, [schedule]) for spec, schedule in study.schedules]
    for change, concerned in changes:
        for problem in _problems(study, change, concerned):
            report(problem)


def _problems(study: Study, change: HolidayChanges, schedules: list[Schedule]) -> Iterator[Problem]:
    for day, word in change.add:
        using = [each for each in schedules if (day, word.text) in each.holidays.add]
        if day < wall(study.now, study.book.zone).date():
            yield Problem("expired", f"{day} is past", word.at, "remove it", "warning")
        elif not any(_counts(each, day, word) for each in using):
            message = f"{word.text} on {day} changes nothing: no schedule has other hours for being a holiday that day"
            hint = "a date named in a schedule counts before holidays; or the day is closed anyway"
            yield Problem("never-used", message, word.at, hint, "warning")


def _counts(schedule: Schedule, day: date, word: Word) -> bool:
    """Say whether the hours of *day* would be others without the holiday; an opening_hours text may always mean it."""
    if not isinstance(schedule.body, MappingHours):
        return True
    added = tuple((at, name) for at, name in schedule.holidays.add if (at, name) != (day, word.text))
    return _hours(schedule.body, schedule.holidays, day) != _hours(
        schedule.body, attrs.evolve(schedule.holidays, add=added), day
    )


def _hours(body: MappingHours, holidays: HolidayCalendar, day: date) -> Spans:
    found = special_days(body, holidays, day, day).get(day.toordinal())
    return body.weekdays.get(day.weekday(), ()) if found is None else found.spans
