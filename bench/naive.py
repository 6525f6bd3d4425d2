"""
The engine one writes by hand: a loop over the rules of the number, questions answered as they come up.

It reads the same YAML files and decides calls alike (the bench checks that on samples); it keeps no trace, no reasons, no
`valid_until`, and finds no mistakes. What it can do is what the measured files need. Only for comparing.
"""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from bench.naive_hours import Hours, Tree, moment

Rounds = list[list[str]]
WITHHELD = {"", "anonymous", "restricted", "private", "unavailable"}


def bare(number: str) -> str:
    """Drop the spaces of a number."""
    return number.replace(" ", "")


def names(value: Tree) -> list[str]:
    """Return one name or a list of them as a list."""
    return value if isinstance(value, list) else [value]


class Callers:
    """A list of callers: exact ones in a set, patterns in a list."""

    def __init__(self, entries: list[str]) -> None:
        self.exact = {bare(entry) for entry in entries if "x" not in entry}
        self.patterns = [bare(entry) for entry in entries if "x" in entry]

    def has(self, caller: str) -> bool:
        """Say whether *caller* is in it."""
        return caller in self.exact or any(
            len(pattern) == len(caller) and all(p in ("x", c) for p, c in zip(pattern, caller, strict=True))
            for pattern in self.patterns
        )


class Person:
    """Somebody, with what decides about their being here."""

    def __init__(self, tree: Tree, schedules: dict[str, Hours], business: Tree) -> None:
        hours = tree.get("hours")
        zone = tree.get("timezone")
        self.hours: Hours | None = None
        if hours is not None:
            self.hours = schedules[hours] if isinstance(hours, str) else Hours(hours, business, zone)
        self.zone = ZoneInfo(zone) if zone else self.hours.zone if self.hours else ZoneInfo(business["timezone"])
        self.away = [
            (
                moment(entry["from"], self.zone),
                moment(entry.get("to") or entry["until"], self.zone, after="to" in entry),
                entry.get("cover") or tree.get("cover"),
            )
            for entry in tree.get("away", [])
        ]
        if "last_day" in tree:
            self.away.insert(0, (moment(tree["last_day"], self.zone, after=True), float("inf"), tree.get("handover")))


class Naive:
    """The whole company, as dictionaries."""

    def __init__(self, text: str) -> None:
        tree: dict[str, Any] = yaml.load(text, Loader=yaml.CBaseLoader)
        business = tree["business"]
        self.zone = ZoneInfo(business["timezone"])
        self.schedules = {name: Hours(value, business) for name, value in tree["schedules"].items()}
        self.people = {name: Person(value, self.schedules, business) for name, value in tree["people"].items()}
        self.teams = tree["teams"]
        self.groups = {name: Callers(entries) for name, entries in tree["callers"].items()}
        self.block = Callers(tree.get("block", {}).get("from", []))
        self.numbers = {bare(value["number"]): (name, value) for name, value in tree["numbers"].items()}

    def decide(self, called: str, caller: str, at: int) -> tuple[str, Rounds]:
        """Return the rule that decides a call, and the rounds in which people are rung."""
        if called not in self.numbers:
            return "refused", []
        name, number = self.numbers[called]
        if self.block.has(caller) and not any(caller in group.exact for group in self.groups.values()):
            return "block", []
        is_open: bool | None = None
        for rule in number.get("rules", ()):
            if "calls" not in rule:
                continue
            if not any(self.fits(entry, caller) for entry in names(rule["from"])):
                continue
            if "when" in rule:
                if is_open is None:
                    is_open = self.schedules[number["hours"]].open_at(at)
                if is_open != (rule["when"] == "open"):
                    continue
            return f"{name}.rules.{rule['name']}", self.rounds(rule["calls"], at)
        if is_open is None:
            is_open = self.schedules[number["hours"]].open_at(at)
        part = "open" if is_open else "closed"
        return f"{name}.calls.{part}", self.rounds(number["calls"].get(part, []), at)

    def fits(self, entry: str, caller: str) -> bool:
        """Say whether *caller* is what a rule's `from` names."""
        return caller in WITHHELD if entry == "anonymous" else self.groups[entry].has(caller)

    def rounds(self, steps: Tree, at: int) -> Rounds:
        """Turn the steps of a call into rounds of people."""
        found: Rounds = []
        for step in steps:
            if "ring" not in step:
                continue
            people: list[str] = []
            in_turn = False
            tried = frozenset(person for each in found for person in each)
            for target in names(step["ring"]):
                people += self.reached(target, at, tried=tried)
                in_turn = target in self.teams and self.teams[target]["how"] in ("in-turn", "take-turns")
            if people:
                found += [[person] for person in people] if in_turn else [people]
        return found

    def reached(
        self,
        target: str,
        at: int,
        seen: frozenset[str] = frozenset(),
        even_off_hours: bool = False,
        tried: frozenset[str] = frozenset(),
    ) -> list[str]:
        """Resolve a person or team to who can be rung; *tried* are those whom earlier steps have rung."""
        if target in seen:
            return []
        seen |= {target}
        if target in self.teams:
            return self.team(self.teams[target], at, seen, even_off_hours, tried)
        state, cover = self.presence(target, at, even_off_hours)
        if state == "away" and cover:
            return self.reached(cover, at, seen, even_off_hours)
        return [target] if state == "in" else []

    def team(self, team: Tree, at: int, seen: frozenset[str], even_off_hours: bool, tried: frozenset[str]) -> list[str]:
        """Resolve a team; covers only if nobody else is left, and of a rota not whom an earlier step has rung."""
        even_off_hours |= "off-hours" in team.get("even_if", ())
        members = team["members"]
        if team["how"] != "rota":
            return self.some(members, at, seen, even_off_hours)
        turn = members.index(self.on_duty(team, at))
        duty, others = members[turn], members[turn + 1 :] + members[:turn]
        first = self.some([duty], at, seen, even_off_hours)
        fresh = [name for name in first if name == duty or name not in tried]
        here = [name for name in others if self.presence(name, at, even_off_hours)[0] == "in"]
        return fresh or here[:1] or first or self.some(others, at, seen, even_off_hours)[:1]

    def some(self, members: list[str], at: int, seen: frozenset[str], even_off_hours: bool) -> list[str]:
        """Return who of *members* is here, else who covers for those who are away."""
        present, covers = [], []
        for name in members:
            state, cover = self.presence(name, at, even_off_hours)
            if state == "in":
                present.append(name)
            elif state == "away" and cover and cover not in covers:
                covers.append(cover)
        if present:
            return present
        found: list[str] = []
        for cover in covers:
            found += [name for name in self.reached(cover, at, seen, even_off_hours) if name not in found]
        return found

    def presence(self, name: str, at: int, even_off_hours: bool) -> tuple[str, str | None]:
        """Say whether somebody is in, out of hours, or away, and who covers."""
        person = self.people[name]
        for start, end, cover in person.away:
            if start <= at < end:
                return "away", cover
        if even_off_hours or person.hours is None or person.hours.open_at(at):
            return "in", None
        return "out", None

    def on_duty(self, team: Tree, at: int) -> str:
        """Return whose week it is."""
        clock = team["change"].partition(" ")[2]
        first = datetime.fromisoformat(f"{team['first']} {clock}:00")
        local = datetime.fromtimestamp(at, self.zone).replace(tzinfo=None)
        weeks = (local - first) // timedelta(weeks=1)
        member: str = team["members"][weeks % len(team["members"])]
        return member
