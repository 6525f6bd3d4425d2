"""Open, and nobody there: an ordinary call that rings nobody, or whose first ring reaches nobody."""

from typing import TypeVar

import attrs

from rules.book import Number, RingStep
from rules.decide import SKIPPED
from rules.event import Kind
from rules.explore import Leaf
from rules.findings.study import Study, rule_blocks, steps_written
from rules.plan import Ring
from rules.source import Mark, Problem, Report
from rules.spec import RingSpec
from rules.timeline import Timeline

MOST_REASONS = 6

_Key = TypeVar("_Key")


@attrs.define
class _Gap:
    """Stretches of time, where they were decided, and how the earliest of them came about."""

    spans: list[tuple[int, int]]
    at: Mark
    why: tuple[str, ...]
    plan: tuple[object, ...]
    first: int

    def add(self, times: Timeline, leaf: Leaf, at: Mark) -> None:
        """Add what *leaf* says about *times*."""
        self.spans += times.spans()
        if times.edges[0] < self.first:
            self.first, self.at, self.why, self.plan = times.edges[0], at, leaf.verdict.why, leaf.verdict.plan


@attrs.define(eq=False)
class OpenButNobody:
    """A number is open, its steps ring people, and an ordinary call rings nobody."""

    study: Study
    found: dict[str, _Gap] = attrs.field(factory=dict)

    def see(self, number: Number, kind: Kind, leaf: Leaf) -> None:
        """Take note when the leaf is an open moment without a ring."""
        verdict = leaf.verdict
        if not means_to_ring(number, kind, leaf) or any(isinstance(step, Ring) for step in verdict.plan):
            return
        assert verdict.source is not None
        _take(self.found, number.name, self.study.open_times(number) & leaf.times, leaf, verdict.source)

    def times(self, number: str) -> Timeline:
        """Return when it happens on *number*."""
        return Timeline.of(self.found[number].spans) if number in self.found else Timeline(())

    def tell(self, report: Report) -> None:
        """Report each number once."""
        for name, gap in self.found.items():
            often = self.study.often(Timeline.of(gap.spans), self.study.book.numbers[name].zone)
            message = f"{name} is open but nobody can be rung: {often}"
            report(Problem("open-but-nobody", message, gap.at, _reasons(gap.why), "warning"))


def _reasons(why: tuple[str, ...]) -> str | None:
    """Say why nobody was rung: who is out, from the notes of the decision, each once."""
    out = [note.partition(";")[0] for note in why]
    found = [
        note for note in dict.fromkeys(out) if " outside own hours" in note or " is away" in note or " left" in note
    ]
    more = [f"{len(found) - MOST_REASONS} more"] if len(found) > MOST_REASONS else []
    return f"at first: {', '.join((*found[:MOST_REASONS], *more))}" if found else None


@attrs.define(eq=False)
class FirstStepEmpty:
    """The first ring of an ordinary call reaches nobody while the number is open, and a later one does: worth knowing."""

    study: Study
    found: dict[tuple[str, str], _Gap] = attrs.field(factory=dict)

    def see(self, number: Number, kind: Kind, leaf: Leaf) -> None:
        """Take note when the first ring was skipped."""
        if not means_to_ring(number, kind, leaf):
            return
        rule = leaf.verdict.rule
        targets = _first_targets(number, rule)
        rings = any(isinstance(step, Ring) for step in leaf.verdict.plan)
        if rings and SKIPPED.format(", ".join(targets)) in leaf.verdict.why:
            written = steps_written(self.study.spec, number.name)[rule]
            at = next(step.at for step in written if isinstance(step, RingSpec))
            key = (number.name, rule)
            _take(self.found, key, self.study.open_times(number) & leaf.times, leaf, at)

    def tell(self, report: Report) -> None:
        """Report each list of steps once."""
        for (name, rule), gap in self.found.items():
            number = self.study.book.numbers[name]
            often = self.study.often(Timeline.of(gap.spans), number.zone)
            ring = next(step for step in gap.plan if isinstance(step, Ring))
            onward = ring.team or ", ".join(ring.people)
            message = f"{', '.join(_first_targets(number, rule))}, the first to ring here, cannot be rung while {name} is open: {often}"
            report(Problem("first-step-empty", message, gap.at, f"the call goes on to {onward} at once", "note"))


def means_to_ring(number: Number, kind: Kind, leaf: Leaf) -> bool:
    """Say whether the leaf is an ordinary call for which the file names somebody to ring."""
    if kind != "call" or not leaf.spaces[0].ordinary or leaf.verdict.layer not in ("rules", "hours"):
        return False
    return bool(_first_targets(number, leaf.verdict.rule))


def _first_targets(number: Number, rule: str) -> tuple[str, ...]:
    block = rule_blocks(number, "call")[rule]
    assert isinstance(block, tuple)
    return next((step.targets for step in block if isinstance(step, RingStep)), ())


def _take(found: dict[_Key, _Gap], key: _Key, times: Timeline, leaf: Leaf, at: Mark) -> None:
    if times.edges:
        gap = found.setdefault(key, _Gap([], at, leaf.verdict.why, leaf.verdict.plan, times.edges[0]))
        gap.add(times, leaf, at)
