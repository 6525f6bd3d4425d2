"""Schedules: zones that exist, holidays that are decided about, and whose holidays they are."""

import re

from rules.check.walk import schedules
from rules.countries import place_problems
from rules.decode import quote
from rules.schedule import MappingHours
from rules.source import Problem, Report
from rules.spec import FileSpec, HolidayChanges, ScheduleSpec, Word
from rules.zones import closest_zone, zone, zone_advice

_PH = re.compile(r"\bPH\b")


def check_zones(spec: FileSpec, report: Report) -> None:
    """Every zone is one of the tz database, and one that keeps summer time as the place does."""
    words = [spec.business.timezone, *(schedule.timezone for schedule in schedules(spec))]
    words += [person.timezone for person in spec.people.values()]
    for word in words:
        if word is None:
            continue
        if zone(word.text) is None:
            near = closest_zone(word.text)
            hint = f"did you mean '{near}'?" if near else "write a zone with a city, such as America/New_York"
            report(Problem("unknown-name", f"there is no time zone {quote(word.text)}", word.at, hint))
        elif advice := zone_advice(word.text):
            report(Problem("old-zone", advice, word.at, severity="warning"))


def check_holidays_decided(spec: FileSpec, report: Report) -> None:
    """The hours of a number say what happens on public holidays."""
    told: set[int] = set()
    for number in spec.numbers.values():
        hours = number.hours
        schedule = spec.schedules.get(hours.text) if isinstance(hours, Word) else hours
        if schedule is None or id(schedule) in told:
            continue
        told.add(id(schedule))
        if isinstance(schedule.body, MappingHours) and schedule.body.holidays is None:
            what = f"the schedule '{schedule.name}'" if schedule.name else "these hours"
            hint = f"add `holidays: closed`, `normal` or hours; the number '{number.name}' uses it"
            report(Problem("holidays-missing", f"{what} must say what happens on public holidays", schedule.at, hint))


def check_places(spec: FileSpec, report: Report) -> None:
    """Countries and regions have public holidays that are known, and skipped holidays are among them."""
    business = spec.business
    at_home = [schedule for schedule in schedules(spec) if schedule.country is None and schedule.region is None]
    strict = any(asks_for_holidays(schedule) for schedule in at_home)
    for problem in place_problems(business.country, business.region, business.at, business.holidays, strict=strict):
        report(problem)
    for schedule in schedules(spec):
        for problem in _place_of(spec, schedule):
            report(problem)


def _place_of(spec: FileSpec, schedule: ScheduleSpec) -> list[Problem]:
    """Return what is wrong with the place of a schedule: its own, or the business's with its own changes."""
    if schedule.country is None and schedule.region is None and schedule.changes == HolidayChanges():
        return []
    country = schedule.country or spec.business.country
    region = schedule.region or (spec.business.region if schedule.country is None else None)
    if country is None and schedule.changes.skip:
        message = "holidays to skip need the country they are of"
        return [Problem("region-missing", message, schedule.changes.skip[0].at, "add `country:`, such as US")]
    strict = asks_for_holidays(schedule) and schedule.country is not None
    problems = place_problems(country, region, schedule.at, schedule.changes, strict=strict)
    return [problem for problem in problems if problem.at != (spec.business.country or spec.business.name).at]


def asks_for_holidays(schedule: ScheduleSpec) -> bool:
    """Say whether public holidays change anything in *schedule*."""
    if isinstance(schedule.body, MappingHours):
        return schedule.body.holidays not in (None, "normal")
    return _PH.search(schedule.body.text) is not None
