"""
The string form of a schedule: an OpenStreetMap opening_hours text in a strict profile.

A text that two programs read differently, or that reads one way and means another, is refused with what to write
instead; what passes means here what it means everywhere.
"""

from functools import lru_cache

from opening_hours import OpeningHours, ParserError  # type: ignore[attr-defined]  # its stub leaves it out

from rules.osm.engine import readings, written
from rules.osm.grammar import Rule, parse
from rules.osm.tokens import Fault
from rules.osm.traps import traps

__all__ = ["Fault", "Rule", "needs_holidays", "read_osm", "readings"]

_LONGEST = 2000


@lru_cache(maxsize=1024)
def read_osm(text: str) -> tuple[Rule, ...] | list[Fault]:
    """Read an opening_hours text: its rules, or everything that is wrong with it."""
    if len(text) > _LONGEST:
        hint = "write this as a mapping"
        return [Fault(0, len(text), f"this text is longer than {_LONGEST} characters", hint)]
    rules, faults = parse(text)
    faults = faults or list(traps(rules)) or [fault for rule in rules if (fault := _beyond(rule))]
    return faults or tuple(rules)


def needs_holidays(rules: tuple[Rule, ...]) -> bool:
    """Say whether the rules speak of public holidays."""
    return any(rule.days.holidays for rule in rules)


def _beyond(rule: Rule) -> Fault | None:
    """Refuse what the library cannot read although our grammar can."""
    try:
        OpeningHours(written(rule, "evening", frozenset(rule.days.holidays)))
    except ParserError:
        return Fault(rule.offset, rule.width, "this combination is more than we can read", "write this as a mapping")
    return None
