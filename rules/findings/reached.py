"""What no call and no text ever reaches: rules, what they say for one kind, callers they name, parts of the hours, steps."""

from collections.abc import Iterator

import attrs

from rules.book import Number, RingStep, TextBlock
from rules.decide import SKIPPED
from rules.event import Kind
from rules.explore import KINDS, Leaf
from rules.findings.study import Study, line, rule_blocks, steps_written
from rules.findings.takers import BLOCK, Wanted, find_takers
from rules.source import Mark, Problem, Report
from rules.spec import FileSpec, RuleSpec, TextBlockSpec

MANY = {"call": "calls", "text": "texts"}


@attrs.define
class _Seen:
    """What happened on one number for one kind of event, over all leaves."""

    rules: dict[str, set[str]] = attrs.field(factory=dict)
    rung: dict[str, set[tuple[str, ...]]] = attrs.field(factory=dict)
    urgent: set[str] = attrs.field(factory=set)


@attrs.define(eq=False)
class NeverReached:
    """Remembers what was reached; the rest is told, with what is reached in its place."""

    study: Study
    seen: dict[tuple[str, Kind], _Seen] = attrs.field(factory=dict)

    def see(self, number: Number, kind: Kind, leaf: Leaf) -> None:
        """Take note of the rule that decided, who it was for, and which steps rang somebody."""
        seen = self.seen.setdefault((number.name, kind), _Seen())
        rule = leaf.verdict.rule
        truths = seen.rules.setdefault(rule, set())
        for space in leaf.spaces:
            truths |= space.truths
        if leaf.verdict.layer not in ("rules", "hours"):
            return
        block = rule_blocks(number, kind)[rule]
        if isinstance(block, TextBlock):
            if block.urgent and leaf.said.get(block.urgent.question):
                seen.urgent.add(rule)
            return
        rung = seen.rung.setdefault(rule, set())
        for step in block:
            if isinstance(step, RingStep) and SKIPPED.format(", ".join(step.targets)) not in leaf.verdict.why:
                rung.add(step.targets)

    def tell(self, report: Report) -> None:
        """Report everything of each number that was looked at."""
        for name in dict.fromkeys(name for name, _ in self.seen):
            number = self.study.book.numbers[name]
            for problem in (*self._rules(number), *self._hours(number), *self._steps(number)):
                report(problem)

    def unreached(self, number: Number) -> int:
        """Return how many rules of *number* decide nothing at all."""
        decided = {name for kind in KINDS for name in self.seen[number.name, kind].rules}
        return sum(f"{number.name}.rules.{rule.name}" not in decided for rule in number.rules)

    # ---------------------------------------------------------------- rules

    def _rules(self, number: Number) -> Iterator[Problem]:
        """Report rules that never decide, and callers a rule names and never decides for, although it does for others."""
        never: list[tuple[Wanted, str, Mark]] = []
        written = {rule.name.text: rule for rule in self.study.spec.numbers[number.name].rules}
        for rule in number.rules:
            name = f"{number.name}.rules.{rule.name}"
            kinds = [kind for kind in KINDS if rule.block(kind) is not None]
            missing = [kind for kind in kinds if name not in self.seen[number.name, kind].rules]
            if missing == kinds:
                never.append((Wanted(rule, kinds), f"the rule '{rule.name}' is never used", rule.at))
                continue
            for kind in missing:
                what = f"what the rule '{rule.name}' says for {MANY[kind]} is never used"
                never.append((Wanted(rule, [kind]), what, _place_of(written[rule.name], kind)))
            reached = [kind for kind in kinds if kind not in missing]
            decided = set().union(*(self.seen[number.name, kind].rules[name] for kind in reached))
            for word in written[rule.name].callers:
                if (only := f"from:{word.text}") in rule.conditions[0] and only not in decided:
                    what = f"the rule '{rule.name}' never decides for '{word.text}'"
                    never.append((Wanted(rule, reached, only), what, word.at))
        find_takers(self.study, number, [wanted for wanted, _, _ in never])
        for wanted, what, at in never:
            because, hint = _explained(wanted, at)
            yield Problem("never-used", f"{what}: {because}", at, hint, "warning")

    # ---------------------------------------------------------------- hours and steps

    def _hours(self, number: Number) -> Iterator[Problem]:
        """Report parts of the hours that were written and never come."""
        spec = self.study.spec.numbers[number.name]
        written = {
            "calls.open": spec.calls_open[0].at if spec.calls_open else None,
            "calls.closed": spec.calls_closed[0].at if spec.calls_closed else None,
            "texts.open": spec.texts_open.at if spec.texts_open else None,
            "texts.closed": spec.texts_closed.at if spec.texts_closed else None,
        }
        for place, at in written.items():
            kind: Kind = "call" if place.startswith("calls") else "text"
            name = f"{number.name}.{place}"
            if at is None or name in self.seen[number.name, kind].rules:
                continue
            part = place.partition(".")[2]
            times = self.study.open_times(number)
            if number.hours is None:
                because, hint = f"{number.name} has no hours, so it never closes", "add `hours: NAME`, or remove it"
            elif not (times if part == "open" else times.outside(self.study.window)).edges:
                because = f"{number.name} is never {part} in {self.study.days}"
                hint = "look at the schedule it uses"
            else:
                because, hint = "rules answer everything before it", "a rule without conditions takes all there is"
            yield Problem("never-used", f"what {name} says is never used: {because}", at, hint, "warning")

    def _steps(self, number: Number) -> Iterator[Problem]:
        """Report rings that never reach anybody, in lists of steps that are used."""
        rung = self.seen[number.name, "call"].rung
        for rule, steps in steps_written(self.study.spec, number.name).items():
            block = rule_blocks(number, "call")[rule]
            assert isinstance(block, tuple)
            for step, spec in zip(block, steps, strict=True):
                if rule in rung and isinstance(step, RingStep) and step.targets not in rung[rule]:
                    message = f"ringing {', '.join(step.targets)} here never reaches anybody in {self.study.days}"
                    hint = "look at hours, absences and covers; or remove the step"
                    yield Problem("never-used", message, spec.at, hint, "warning")
        yield from self._urgent(number)

    def _urgent(self, number: Number) -> Iterator[Problem]:
        """Report words that no text ever comes with to the block that listens for them."""
        seen = self.seen[number.name, "text"]
        for rule, block in _text_blocks(self.study.spec, number.name):
            if rule in seen.rules and block.urgent and rule not in seen.urgent:
                message = "these words are never heard: a rule or a fixed answer takes every text they stand in"
                yield Problem("never-used", message, block.urgent.at, None, "warning")


def _text_blocks(spec: FileSpec, number: str) -> Iterator[tuple[str, TextBlockSpec]]:
    written = spec.numbers[number]
    for rule in written.rules:
        if rule.texts:
            yield f"{number}.rules.{rule.name.text}", rule.texts
    for part, block in (("open", written.texts_open), ("closed", written.texts_closed)):
        if block:
            yield f"{number}.texts.{part}", block


def _place_of(spec: RuleSpec, kind: Kind) -> Mark:
    """Return where a rule says something for *kind*."""
    if kind == "call":
        return spec.calls[0].at if spec.calls else spec.at
    return spec.texts.at if spec.texts else spec.at


def _explained(wanted: Wanted, at: Mark) -> tuple[str, str]:
    """Say why something is never used, and what to do."""
    kind = " or ".join(wanted.kinds)
    if not wanted.fits:
        return f"no {kind} fits it", "a caller must be in one of the lists it names, and come with its words"
    takers = wanted.rules or ({BLOCK: wanted.fixed[BLOCK]} if BLOCK in wanted.fixed else wanted.fixed)
    if not takers:
        return "its hours never come", "look at the schedule after `when`"
    named = [f"{name} ({line(mark, at)})" if mark else name for name, mark in takers.items()]
    said = named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"
    verb = "already answers" if len(named) == 1 else "together already answer"
    return f"{said} {verb} every {kind} it could match", "remove it, or move it up if it should come first"
