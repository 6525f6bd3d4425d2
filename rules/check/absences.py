"""Absences and leaving: dates that exist, an end for everything, and never oneself as cover."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

import attrs

from rules.dates import WEEKDAYS, read_clock, read_date, read_date_time
from rules.decode import quote
from rules.source import Problem, Report
from rules.spec import AbsenceSpec, FileSpec, PersonSpec, TeamSpec, Word


def check_absences(spec: FileSpec, report: Report) -> None:
    """Every absence has a beginning and an end that come in this order, and no two say different things."""
    for person in spec.people.values():
        stretches = [stretch for each in person.away if (stretch := _stretch(each, report))]
        for problem in _contradictions(person, stretches):
            report(problem)


@attrs.frozen
class _Stretch:
    """An absence as `[start, end)` by the clock on the wall."""

    start: datetime
    end: datetime
    spec: AbsenceSpec


def _stretch(absence: AbsenceSpec, report: Report) -> _Stretch | None:
    start = read_date_time(absence.start.text)
    if start is None:
        report(_no_date(absence.start))
    end = _end(absence, report)
    if start is None or end is None:
        return None
    begins = _moment(*start)
    if begins >= end:
        last = absence.until or absence.to or absence.start
        report(Problem("ends-first", "this absence ends before it begins", last.at, f"it begins {absence.start.text}"))
        return None
    return _Stretch(begins, end, absence)


def _end(absence: AbsenceSpec, report: Report) -> datetime | None:
    to, until = absence.to, absence.until
    if to and until:
        report(Problem("two-ends", "an absence has one end: `to` or `until`", until.at, "remove one of them"))
    elif to:
        read = read_date_time(to.text)
        if read and read[1] is None and read[0] < date.max:
            return _moment(read[0] + timedelta(days=1), None)
        hint = f"write `until: {to.text}` for a moment, or the date alone for the whole day"
        clock = Problem("bad-value", "`to` is a whole day and takes no clock time", to.at, hint)
        report(clock if read and read[1] is not None else _no_date(to))
    elif until:
        read = read_date_time(until.text)
        if read and read[1] is not None:
            return _moment(*read)
        message = "`until` needs a clock time: people read a bare date both ways"
        hint = f"write `to: {until.text}` if that day is still away, or `until: {until.text} 09:00`"
        report(Problem("until-without-time", message, until.at, hint) if read else _no_date(until))
    else:
        hint = "add `to: 2026-12-18` (a whole day) or `until: 2026-12-18 12:00`; who leaves for good has `last_day`"
        report(Problem("missing-key", "an absence needs an end", absence.at, hint))
    return None


def _moment(day: date, seconds: int | None) -> datetime:
    return datetime.combine(day, time()) + timedelta(seconds=seconds or 0)


def _no_date(word: Word) -> Problem:
    return Problem("impossible-date", f"there is no date {quote(word.text)}", word.at, "write 2026-12-14")


def _contradictions(person: PersonSpec, stretches: list[_Stretch]) -> Iterator[Problem]:
    """Absences at one time, for the same kind, with different covers."""
    ordered = sorted(stretches, key=lambda stretch: stretch.start)
    for position, later in enumerate(ordered):
        for earlier in ordered[max(0, position - 50) : position]:
            kinds = {earlier.spec.only, later.spec.only}
            apart = kinds == {"calls", "texts"}
            if earlier.end > later.start and not apart and _cover(person, earlier) != _cover(person, later):
                first, second = sorted((earlier.spec, later.spec), key=lambda spec: spec.at)
                message = "two absences overlap and have different covers"
                yield Problem("overlap", message, second.at, f"the other is at {first.at}")


def _cover(person: PersonSpec, stretch: _Stretch) -> str | None:
    cover = stretch.spec.cover or person.cover
    return cover.text if cover else None


def check_leavers(spec: FileSpec, report: Report) -> None:
    """Who has a last day has somebody to hand over to, and the other way round."""
    for person in spec.people.values():
        if person.last_day and read_date(person.last_day.text) is None:
            report(_no_date(person.last_day))
        if person.last_day and person.handover is None:
            message = f"after the last day somebody must take over from '{person.name}'"
            report(Problem("missing-key", message, person.last_day.at, "add `handover: NAME`"))
        if person.handover and person.last_day is None:
            message = "`handover` has no effect without `last_day`"
            report(Problem("missing-key", message, person.handover.at, "add `last_day: 2026-10-31`, or write `cover`"))


def check_handovers(spec: FileSpec, report: Report) -> None:
    """Among those who leave and hand over to each other, somebody stays."""
    told: set[str] = set()
    for person in spec.people.values():
        path: list[str] = []
        name: str | None = person.name
        while name is not None and name not in path:
            path.append(name)
            known = spec.people.get(name)
            name = known.handover.text if known and known.last_day and known.handover else None
        circle = path[path.index(name) :] if name is not None else []
        if len(circle) > 1 and person.handover and person.name in circle and told.isdisjoint(circle):
            told.update(circle)
            way = " -> ".join((*circle, circle[0]))
            message = f"after their last days nobody takes over: {way}"
            report(Problem("handover-circle", message, person.handover.at, "hand over to somebody who stays"))


def check_self_cover(spec: FileSpec, report: Report) -> None:
    """Nobody covers for themselves, alone or as the only member of a team."""
    for person in spec.people.values():
        covers = (person.cover, person.handover, *(absence.cover for absence in person.away))
        for word in covers:
            if word and _members(spec, word) == {person.name}:
                message = f"'{person.name}' is named to stand in for '{person.name}'"
                report(Problem("self-cover", message, word.at, "name somebody else"))


def _members(spec: FileSpec, word: Word) -> set[str]:
    team = spec.teams.get(word.text) if word.text not in spec.people else None
    return {member.text for member in team.members} if team else {word.text}


def check_rotas(spec: FileSpec, report: Report) -> None:
    """A rota changes at a clock time of a weekday, and begins on a date."""
    for team in spec.teams.values():
        if team.change and team.first:
            _check_rota(team, team.change, team.first, report)


def _check_rota(team: TeamSpec, change: Word, first: Word, report: Report) -> None:
    weekday, _, clock = change.text.partition(" ")
    day = WEEKDAYS.get(weekday.casefold())
    if day is None or read_clock(clock) is None:
        message = f"`change` of '{team.name}' is no weekday with a clock time"
        report(Problem("bad-value", message, change.at, "write `change: mon 09:00`"))
    start = read_date(first.text)
    if start is None:
        report(_no_date(first))
    elif day is not None and start.weekday() != day:
        message = f"'{team.name}' changes on another weekday than the one {first.text} is"
        hint = f"its first turn begins on the next {weekday}"
        report(Problem("rota-first", message, first.at, hint, "warning"))
