"""Circles of covers: everybody who stands in for somebody is away at the same time."""

from collections.abc import Iterable, Mapping

import attrs

from rules.book import Number
from rules.event import Kind
from rules.explore import KINDS, Leaf
from rules.findings.study import Study
from rules.resolve import LOOP, Ask, Resolver
from rules.source import Mark, Problem, Report
from rules.spec import Word
from rules.timeline import Timeline

_LOOP = LOOP.format("")


@attrs.define
class _Circle:
    """A circle of covers, as first seen: when it closes, and where the cover that closes it is named."""

    path: str
    at: Mark
    spans: list[tuple[int, int]]


@attrs.define(eq=False)
class CoverLoop:
    """
    A call that comes back to where it was.

    First told of those that some call or text comes to; then of those that nobody comes to as things are, since all it
    takes is a changed step.
    """

    study: Study
    found: dict[tuple[str, ...], _Circle] = attrs.field(factory=dict)

    def see(self, number: Number, kind: Kind, leaf: Leaf) -> None:  # noqa: ARG002
        """Take note of each circle that was recorded."""
        self._note(leaf.verdict.why, kind, leaf.said, leaf.times)

    def tell(self, report: Report) -> None:
        """Report each circle once."""
        met = frozenset(self.found)
        self._look_for_more(met)
        for key, circle in self.found.items():
            often = self.study.often(Timeline.of(circle.spans), self.study.book.zone)
            hint = "all of them are away then; the call or text moves on to the next step. Name another cover for that time"
            if key not in met:
                hint = "all of them are away then; no call or text comes to it as things are. Name another cover for that time"
            report(Problem("cover-loop", f"cover loop: {circle.path}: {often}", circle.at, hint, "warning"))

    def _look_for_more(self, met: frozenset[tuple[str, ...]]) -> None:
        """Follow everybody's covers through the whole window, whether or not anything leads to them."""
        directory = self.study.book.directory
        for kind in KINDS:
            for name in directory.people:

                def find_out(ask: Ask, name: str = name, kind: Kind = kind) -> tuple[list[str], dict[str, bool]]:
                    said: dict[str, bool] = {}
                    notes: list[str] = []

                    def asked(question: str) -> bool:
                        said[question] = ask(question)
                        return said[question]

                    Resolver(asked, kind, directory, notes).target(name, frozenset(), ())
                    return notes, said

                for times, (notes, said) in self.study.explorer.moments(find_out):
                    self._note(notes, kind, said, times, known=met)

    def _note(
        self,
        notes: Iterable[str],
        kind: Kind,
        said: Mapping[str, bool],
        times: Timeline,
        known: frozenset[tuple[str, ...]] = frozenset(),
    ) -> None:
        """Take note of the circles among *notes*, but for those *known*; a team that covers for its own is none."""
        for note in notes:
            if note.startswith(_LOOP):
                names = tuple(note.removeprefix(_LOOP).split(" -> ")[:-1])
                first = names.index(min(names))
                key = names[first:] + names[:first]
                if key in known or (len(names) == 1 and names[0] in self.study.spec.teams):
                    continue
                if key not in self.found:
                    self.found[key] = _Circle(note.removeprefix(_LOOP), self._closing(names, kind, said), [])
                self.found[key].spans += times.spans()

    def _closing(self, names: tuple[str, ...], kind: Kind, said: Mapping[str, bool]) -> Mark:
        """Return where the cover that leads back to the first of *names* is written."""
        last = names[-1]
        team = self.study.spec.teams.get(last)
        members = [word.text for word in team.members] if team else [last]
        covers = (self._in_force(member, kind, said) for member in members)
        return next(cover.at for cover in covers if cover and cover.text == names[0])

    def _in_force(self, name: str, kind: Kind, said: Mapping[str, bool]) -> Word | None:
        """Return who stands in for a person, going by what was *said*."""
        written = self.study.spec.people[name]
        person = self.study.book.directory.people[name]
        if person.left and said.get(person.left):
            return written.handover
        for absence, spec in zip(person.away, written.away, strict=True):
            if absence.only in (None, kind) and said.get(absence.question):
                return spec.cover or written.cover
        return None
