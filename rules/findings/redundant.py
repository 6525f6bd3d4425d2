"""Rules that change nothing: without them, every event they decide would be answered in the same way."""

import attrs

from rules.book import Number, Rule
from rules.event import Kind
from rules.explore import KINDS, Leaf
from rules.findings.reached import MANY
from rules.findings.study import Study
from rules.source import Problem, Report


@attrs.define(eq=False)
class Redundant:
    """
    Decides what each rule decided once more, with the rule taken away.

    The first difference settles it, so this costs next to nothing for rules that mean something.
    """

    study: Study
    needed: set[tuple[str, str, Kind]] = attrs.field(factory=set)
    used: dict[tuple[str, str, Kind], str] = attrs.field(factory=dict)
    _without: dict[tuple[str, str], Number] = attrs.field(factory=dict)

    def see(self, number: Number, kind: Kind, leaf: Leaf) -> None:
        """Compare what one leaf says with what it would be without its rule."""
        if leaf.verdict.layer != "rules":
            return
        name = leaf.verdict.rule.removeprefix(f"{number.name}.rules.")
        key = (number.name, name, kind)
        if key in self.needed:
            return
        for other in self.study.explorer.split(leaf.spaces, leaf.times, self._number_without(number, name)):
            if other.verdict.plan != leaf.verdict.plan:
                self.needed.add(key)
                return
            self.used.setdefault(key, other.verdict.rule)

    def tell(self, report: Report) -> None:
        """Report rules that change nothing for any kind they speak of, and those that change nothing for one."""
        for name in dict.fromkeys(number for number, _, _ in self.used):
            for rule in self.study.book.numbers[name].rules:
                kinds = [kind for kind in KINDS if rule.block(kind) is not None]
                idle = [
                    kind for kind in kinds if (key := (name, rule.name, kind)) in self.used and key not in self.needed
                ]
                if idle:
                    report(self._problem(name, rule, idle, whole=idle == kinds))

    def _problem(self, number: str, rule: Rule, idle: list[Kind], *, whole: bool) -> Problem:
        instead = ", ".join(dict.fromkeys(self.used[number, rule.name, kind] for kind in idle))
        what = "" if whole else f" for {MANY[idle[0]]}"
        message = f"the rule '{rule.name}' changes nothing{what}: without it, the same would happen by {instead}"
        hint = "remove it, or let it do something else" if whole else f"remove its `{MANY[idle[0]]}`"
        return Problem("redundant", message, rule.at, hint, "warning")

    def _number_without(self, number: Number, name: str) -> Number:
        key = (number.name, name)
        if key not in self._without:
            rules = tuple(rule for rule in number.rules if rule.name != name)
            self._without[key] = attrs.evolve(number, rules=rules)
        return self._without[key]
