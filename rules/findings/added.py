"""Public holidays that are added: past ones, and those on which no schedule does anything else."""

from collections.abc import Iterator
from datetime import date

import attrs

from rules.dates import DAY, EPOCH
from rules.findings.study import Study
from rules.hours import Schedule
from rules.often import wall
from rules.source import Problem, Report
from rules.spec import HolidayChanges, Word
from rules.timeline import Window


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
    """Say whether the hours of *day* would be others without the holiday."""
    added = tuple(each for each in schedule.holidays.add if each != (day, word.text))
    without = attrs.evolve(schedule, holidays=attrs.evolve(schedule.holidays, add=added))
    noon = (day.toordinal() - EPOCH) * DAY + DAY // 2
    around = Window(noon - 3 * DAY, noon + 3 * DAY)
    return schedule.timeline(around) != without.timeline(around)
