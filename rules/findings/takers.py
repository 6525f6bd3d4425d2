"""Who answers in place of a rule that is never used."""

from collections.abc import Sequence

import attrs

from rules.book import Number, Rule
from rules.event import Kind
from rules.explore import KINDS, Leaf
from rules.findings.study import Study
from rules.source import Mark
from rules.timeline import Timeline

BLOCK = "the list of blocked callers"
_FIXED = {
    "safety:loop": "the protection against circles of forwarding",
    "safety:stop": "the answer to STOP",
    "safety:start": "the answer to START",
    "safety:help": "the answer to HELP",
    "safety:relay": "the relay of teammates' texts",
    "safety:command": "the commands of teammates",
    "block": BLOCK,
}


@attrs.define
class Wanted:
    """
    Events to find the takers of: those *rule* is for, of *kinds*; with *only*, those for which that condition holds.

    *fits* says whether any event meets the rule's conditions at all; *rules* are what decides those, by a name for
    people, each with its place; *fixed* what comes before all rules. Neither when the rule's own time never comes.
    """

    rule: Rule
    kinds: Sequence[Kind]
    only: str | None = None
    fits: bool = False
    rules: dict[str, Mark | None] = attrs.field(factory=dict)
    fixed: dict[str, Mark | None] = attrs.field(factory=dict)

    def see(self, study: Study, number: Number, leaf: Leaf) -> None:
        """Take note of what decides a leaf, if the rule could have."""
        if any(_meets(self.rule, space.truths) and self.only in (None, *space.truths) for space in leaf.spaces):
            self.fits = True
            if _at_its_time(study, number, self.rule, leaf.times):
                fixed = _FIXED.get(leaf.verdict.rule)
                (self.fixed if fixed else self.rules).setdefault(fixed or _named(number, leaf), leaf.verdict.source)


def find_takers(study: Study, number: Number, wanted: Sequence[Wanted]) -> None:
    """Find what decides in place of all *wanted*, in one go."""
    for kind in KINDS:
        concerned = [each for each in wanted if kind in each.kinds]
        for leaf in study.explorer.of(number.name, kind) if concerned else ():
            for each in concerned:
                each.see(study, number, leaf)


def _meets(rule: Rule, truths: frozenset[str]) -> bool:
    return all(not truths.isdisjoint(choice) for choice in rule.conditions)


def _at_its_time(study: Study, number: Number, rule: Rule, times: Timeline) -> bool:
    """Say whether the rule's `when` holds at some of *times*."""
    if rule.when is None:
        return True
    if rule.when in ("open", "closed"):
        hours = study.open_times(number)
        return bool((times & hours if rule.when == "open" else times - hours).edges)
    return bool((times & study.explorer.tables[rule.when]).edges)


def _named(number: Number, leaf: Leaf) -> str:
    """Name what decided a leaf."""
    rule = leaf.verdict.rule
    own = rule.removeprefix(f"{number.name}.rules.")
    return f"the rule '{own}'" if own != rule else rule
