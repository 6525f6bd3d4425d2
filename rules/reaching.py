"""Who is reached at some moment, outside a decision: a text that waited, a conversation, a notice. The same resolver as ever."""

import attrs

from rules.book import Number, TextBlock
from rules.deciding import Recorder, Timetable, never
from rules.directory import EvenIf
from rules.event import Kind
from rules.resolve import Resolver

NO_EXCUSE: EvenIf = frozenset()


@attrs.frozen
class Reach:
    """
    Who is reached: *people*, or *one* of them, whose turn it is; *why* in words for people.

    *until* is when that may change (UTC epoch seconds; None: not within the compiled window).
    """

    people: tuple[str, ...]
    one: bool
    why: tuple[str, ...]
    until: int | None


def reach(
    timetable: Timetable,
    number: Number,
    targets: tuple[str, ...],
    at: int,
    *,
    even_if: EvenIf = NO_EXCUSE,
    kind: Kind = "text",
) -> Reach:
    """Resolve *targets* (people and teams by name) for something that concerns *number*, at *at* (UTC epoch seconds)."""
    recorder = Recorder(timetable.tables, at, frozenset(), never)
    notes: list[str] = []
    resolver = Resolver(recorder, kind, number.directory, notes, absences=timetable.absences)
    found = resolver.targets(targets, even_if)
    return Reach(found.people, found.how == "take-turns", tuple(notes), recorder.stretch()[1])


def is_open(timetable: Timetable, number: Number, at: int) -> tuple[bool, int | None]:
    """Say whether *number* is open at *at*, by its hours and what is switched on; and when that changes next."""
    door = timetable.door(number)
    return (True, None) if door is None else (door.at(at), door.next_change(at))


def has_left(timetable: Timetable, person: str, at: int) -> bool:
    """Say whether *person*, by name, has left the company; nobody by that name has left as well."""
    known = timetable.book.directory.people.get(person)
    return known is None or (known.left is not None and timetable.tables[known.left].at(at))


def block_of(number: Number, rule: str) -> TextBlock | None:
    """Return what the rule that decided (by its name in the decision) says of texts now; None when it is gone."""
    plan = number.common.plans.get(rule.removeprefix("plan:")) if rule.startswith("plan:") else None
    if plan is not None:
        return plan.texts
    place = rule.removeprefix(f"{number.name}.")
    block = number.blocks.get(place) if place.startswith("texts.") else None
    if isinstance(block, TextBlock):
        return block
    named = place.removeprefix("rules.")
    return next((each.texts for each in number.rules if each.name == named), None)
