"""Somebody who covers while mostly out of hours."""

from collections.abc import Iterator

import attrs

from rules.book import Number
from rules.directory import Person
from rules.event import Kind
from rules.explore import Leaf
from rules.findings.study import Study
from rules.resolve import COVERED, OUTSIDE
from rules.source import Mark, Problem, Report
from rules.timeline import Timeline

MOSTLY = 0.5
"""From this share of the time on, a cover out of hours is worth a note."""

NEARLY_ALWAYS = 0.8
"""From this share on it is a warning: whoever chose this cover cannot have meant it."""


@attrs.define
class _Needed:
    """When a cover was needed, and when they were out of hours then."""

    needed: list[tuple[int, int]] = attrs.field(factory=list)
    out: list[tuple[int, int]] = attrs.field(factory=list)


@attrs.define(eq=False)
class CoverMostlyOut:
    """
    A cover is out of hours for most of the time they stand in.

    Counted is the time in which a number is open, somebody is sent to the person away, and that person would be there.
    """

    study: Study
    found: dict[tuple[str, int], _Needed] = attrs.field(factory=dict)
    _covered: dict[str, tuple[Person, int, str]] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Know each absence that has a cover by its question."""
        self._covered = {
            absence.question: (person, index, absence.cover)
            for person in self.study.book.directory.people.values()
            for index, absence in enumerate(person.away)
            if absence.cover
        }

    def see(self, number: Number, kind: Kind, leaf: Leaf) -> None:  # noqa: ARG002
        """Take note of each cover that was asked for."""
        for question, so in leaf.said.items():
            if not so or question not in self._covered:
                continue
            person, index, cover = self._covered[question]
            if COVERED.format(person.name, "is away", cover) in leaf.verdict.why:
                self._count(number, leaf, person.in_hours, (person.name, index), cover)

    def _count(self, number: Number, leaf: Leaf, in_hours: str | None, key: tuple[str, int], cover: str) -> None:
        times = leaf.times & self.study.open_times(number)
        if in_hours:
            times &= self.study.explorer.tables[in_hours]
        found = self.found.setdefault(key, _Needed())
        found.needed += times.spans()
        if OUTSIDE.format(cover) in leaf.verdict.why:
            found.out += times.spans()

    def tell(self, report: Report) -> None:
        """Report each place where such a cover is named, once."""
        told: dict[Mark, tuple[str, str, list[_Needed]]] = {}
        for (name, index), needed in self.found.items():
            written = self.study.spec.people[name]
            cover = written.away[index].cover or written.cover
            assert cover is not None
            told.setdefault(cover.at, (name, cover.text, []))[2].append(needed)
        for at, (name, cover_name, found) in told.items():
            for problem in self._judge(at, name, cover_name, found):
                report(problem)

    def _judge(self, at: Mark, name: str, cover: str, found: list[_Needed]) -> Iterator[Problem]:
        needed = _seconds(span for each in found for span in each.needed)
        out = Timeline.of(span for each in found for span in each.out)
        share = _seconds(out.spans()) / needed if needed else 0.0
        if share > MOSTLY:
            person = self.study.spec.people[name]
            often = self.study.often(out, self.study.zone_of(person))
            message = f"{cover} covers for {name}, and is out of hours for {share:.0%} of the time: {often}"
            hint = "name a cover who is in then, or give the cover `even_if: [off-hours]`"
            yield Problem("cover-mostly-out", message, at, hint, "warning" if share > NEARLY_ALWAYS else "note")


def _seconds(spans: Iterator[tuple[int, int]]) -> int:
    return sum(end - start for start, end in Timeline.of(spans).spans())
