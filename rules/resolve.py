"""Who is reached: a target of the rules, through absence, cover and own hours, to people who can be rung or texted now."""

from collections.abc import Callable

import attrs

from rules.directory import Directory, EvenIf, Person, Team
from rules.event import Kind
from rules.inquiry import Absences
from rules.plan import Strategy

Ask = Callable[[str], bool]
"""The only window a decision has: takes a question, says yes or no."""


OUTSIDE = "{} is outside own hours"
COVERED = "{} {}; cover: {}"
LOOP = "cover loop: {}"
"""What is noted of a person out of hours, of one away and the cover, and of a circle of covers; `check` looks for these."""


AS_WRITTEN: Absences = {}
"""Nobody is away but by the rule file."""


@attrs.frozen
class Found:
    """Who a target comes to: *people*, and the *team* whose way of ringing applies (None: named by themselves)."""

    people: tuple[str, ...] = ()
    team: str | None = None
    how: Strategy = "all-at-once"
    each: int | None = None


NOBODY = Found()


@attrs.frozen
class Away:
    """Not here: *cover* (a person or team by name, or None) stands in."""

    cover: str | None
    reason: str


@attrs.frozen
class Resolver:
    """
    Resolves targets for one event.

    What it finds out on the way goes to *notes*, in words for people. *tried* are those whom an earlier step rings already;
    *absences* those of people who have some beyond the file's.
    """

    ask: Ask
    kind: Kind
    directory: Directory
    notes: list[str]
    tried: frozenset[str] = frozenset()
    absences: Absences = AS_WRITTEN

    def targets(self, names: tuple[str, ...], even_if: EvenIf) -> Found:
        """Resolve a step: one target keeps its team's way of ringing, several are reached at once, nobody twice."""
        found = [self.target(name, even_if, ()) for name in names]
        if len(found) == 1:
            return found[0]
        return Found(tuple(dict.fromkeys(person for each in found for person in each.people)))

    def target(self, name: str, even_if: EvenIf, seen: tuple[str, ...]) -> Found:
        """Resolve a person or team by name; *seen* is who has been tried on the way here, in order."""
        if name in seen:
            circle = (*seen[seen.index(name) :], name)
            self.notes.append(LOOP.format(" -> ".join(circle)))
            return NOBODY
        seen = (*seen, name)
        if team := self.directory.teams.get(name):
            return self.rota(team, even_if, seen) if team.how == "rota" else self.team(team, even_if, seen)
        if person := self.directory.people.get(name):
            return self.person(person, even_if, seen)
        self.notes.append(f"nobody is named for texts to {name}")  # a number whose file says nothing of texts
        return NOBODY

    def person(self, person: Person, even_if: EvenIf, seen: tuple[str, ...]) -> Found:
        """Resolve a person named by themselves: who is away is covered, who is out of hours is skipped."""
        match self.presence(person, even_if):
            case Away(cover=None, reason=reason):
                self.notes.append(f"{person.name} {reason}; nobody covers")
            case Away(cover=str(cover), reason=reason):
                self.notes.append(COVERED.format(person.name, reason, cover))
                return self.target(cover, even_if, seen)
            case True:
                return Found((person.name,))
            case _:
                self.notes.append(OUTSIDE.format(person.name))
        return NOBODY

    def presence(self, person: Person, even_if: EvenIf) -> Away | bool:
        """Say whether *person* can be reached now (True), is outside own hours (False), or is `Away`."""
        even_if |= person.even_if
        if person.left and self.ask(person.left):
            return Away(person.handover, "has left")
        if "away" not in even_if:
            for absence in self.absences.get(person.name, person.away):
                if absence.only in (None, self.kind) and self.ask(absence.question):
                    return Away(absence.cover, f"is away ({absence.note})" if absence.note else "is away")
        return "off-hours" in even_if or person.in_hours is None or self.ask(person.in_hours)

    def team(self, team: Team, even_if: EvenIf, seen: tuple[str, ...]) -> Found:
        """Resolve a team: who is away or out of hours is left out; covers step in only if nobody else is left."""
        even_if |= team.even_if
        present, covers = self.roll_call(team, team.members, even_if)
        people = present or self.stand_ins(covers, even_if, seen)
        return Found(people, team.name, team.how, team.each) if people else NOBODY

    def roll_call(
        self, team: Team, members: tuple[str, ...], even_if: EvenIf
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return who of *members* is here, and the covers of those who are away."""
        present, covers = [], []
        for name in members:
            match self.presence(self.directory.people[name], even_if):
                case Away(cover=cover, reason=reason):
                    self.notes.append(f"{name} {reason}; left out of {team.name}")
                    covers += [cover] if cover else []
                case True:
                    present.append(name)
                case _:
                    self.notes.append(f"{name} is outside own hours; left out of {team.name}")
        return tuple(present), tuple(covers)

    def stand_ins(self, covers: tuple[str, ...], even_if: EvenIf, seen: tuple[str, ...]) -> tuple[str, ...]:
        """Resolve *covers*, nobody twice."""
        found = [self.target(cover, even_if, seen) for cover in dict.fromkeys(covers)]
        people = tuple(dict.fromkeys(person for each in found for person in each.people))
        if people:
            self.notes.append(f"standing in: {', '.join(people)}")
        return people

    def rota(self, team: Team, even_if: EvenIf, seen: tuple[str, ...]) -> Found:
        """
        Resolve a rota: the member of the week; if away, their cover, else the next member who is present.

        A cover whom an earlier step has rung in vain is passed over while another member is present.
        """
        even_if |= team.even_if
        duty = next((at for at, name in enumerate(team.members) if self.ask(f"rota:{team.name}:{name}")), 0)
        present, covers = self.roll_call(team, team.members[duty : duty + 1], even_if)
        stand_ins = () if present else self.stand_ins(covers, even_if, seen)
        people = present or tuple(name for name in stand_ins if name not in self.tried)
        if not people:
            others, covers = self.roll_call(team, team.members[duty + 1 :] + team.members[:duty], even_if)
            people = others[:1] or stand_ins or self.stand_ins(covers, even_if, seen)[:1]
        return Found(people, team.name, "rota", team.each) if people else NOBODY
