"""
Ask and split: what happens at every moment of a window, for every kind of event, exactly.

`decide` is run on a whole set of moments and kinds of events instead of one. At each question the set is split: the part
for which the answer is yes goes on, the rest waits for its turn. What is left at the end is a leaf: a plan, and exactly the
moments and kinds of events it holds for. The leaves of a number cover everything and never overlap.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

import attrs

from rules.book import Number, RuleBook
from rules.decide import Verdict, decide
from rules.deciding import LIVE, Timetable
from rules.event import Kind
from rules.resolve import Ask
from rules.spaces import Space, Spaces
from rules.spec import FileSpec
from rules.timeline import Timeline, Window

KINDS: tuple[Kind, ...] = ("call", "text")

Answer = TypeVar("Answer")


@attrs.frozen(eq=False)
class Leaf:
    """One *verdict*, and for which kinds of events (*spaces*) at which moments (*times*) it is given; *said* led to it."""

    spaces: tuple[Space, ...]
    times: Timeline
    verdict: Verdict
    said: dict[str, bool]

    @property
    def seconds(self) -> int:
        """How long it holds, all in all."""
        return sum(end - start for start, end in self.times.spans())


@attrs.frozen
class _Part:
    """A set of events not yet decided, and the answers that belong to it."""

    spaces: tuple[Space, ...]
    times: Timeline
    said: dict[str, bool]


class _Splitter:
    """An `ask` for a set: keeps the part for which the answer is yes, and puts the other aside."""

    def __init__(self, tables: Mapping[str, Timeline], part: _Part, aside: list[_Part]) -> None:
        self.tables = tables
        self.spaces = part.spaces
        self.times = part.times
        self.said = part.said
        self.aside = aside

    def __call__(self, question: str) -> bool:
        """Answer for all that is left, splitting it when the answers differ."""
        known = self.said.get(question)
        if known is None:
            if question in self.tables:
                known = self.split_times(question)
            else:
                known = not question.startswith(LIVE) and self.split_spaces(question)
            self.said[question] = known
        return known

    def split_times(self, question: str) -> bool:
        """Keep the moments at which it is so."""
        so = self.times & self.tables[question]
        if not so.edges:
            return False
        if so != self.times:
            otherwise = self.times - self.tables[question]
            self.aside.append(_Part(self.spaces, otherwise, self.said | {question: False}))
            self.times = so
        return True

    def split_spaces(self, question: str) -> bool:
        """Keep the kinds of events of which it is so."""
        so = tuple(space for space in self.spaces if question in space.truths)
        if not so:
            return False
        if len(so) < len(self.spaces):
            otherwise = tuple(space for space in self.spaces if question not in space.truths)
            self.aside.append(_Part(otherwise, self.times, self.said | {question: False}))
            self.spaces = so
        return True


class Explorer:
    """
    Looks at all moments of *window* and all kinds of events of one book.

    *runs* counts how often `decide` was asked.
    """

    def __init__(self, book: RuleBook, spec: FileSpec, window: Window, timetable: Timetable | None = None) -> None:
        self.book = book
        self.window = window
        self.timetable = timetable or Timetable(book, window)
        self.tables = self.timetable.tables
        self.spaces = Spaces(book, spec)
        self.runs = 0

    def leaves(self) -> Iterator[Leaf]:
        """Yield the leaves of every number, calls before texts; only those of one number are in memory at a time."""
        for name in self.book.numbers:
            for kind in KINDS:
                yield from self.of(name, kind)

    def of(self, name: str, kind: Kind) -> Iterator[Leaf]:
        """Yield the leaves of one number for calls or for texts."""
        number = self.book.numbers[name]
        by_sender: dict[str | None, list[Space]] = {}
        for space in self.spaces.of(number, kind):
            by_sender.setdefault(self.spaces.sender(space.inquiry.caller, kind), []).append(space)
        for spaces in by_sender.values():
            yield from self.split(spaces)

    def split(
        self, spaces: Sequence[Space], times: Timeline | None = None, instead: Number | None = None
    ) -> Iterator[Leaf]:
        """
        Yield the leaves of *spaces*, which are of one number, one kind and, for texts, one teammate or none.

        *times* are the moments looked at (None: the whole window); *instead* decides in place of the number.
        """
        inquiry = spaces[0].inquiry._replace(number=instead) if instead else spaces[0].inquiry
        overrides = self.timetable.concerning(inquiry.number)
        everything = times or Timeline((self.window.start, self.window.end))
        waiting = [_Part(tuple(spaces), everything, {})]
        while waiting:
            splitter = _Splitter(self.tables, waiting.pop(), waiting)
            verdict = decide(splitter, inquiry, overrides, self.timetable.absences)
            self.runs += 1
            yield Leaf(splitter.spaces, splitter.times, verdict, splitter.said)

    def moments(self, find_out: Callable[[Ask], Answer]) -> Iterator[tuple[Timeline, Answer]]:
        """Yield everything *find_out* answers over the window, each with the moments it does; event questions are no."""
        return moments(self.tables, Timeline((self.window.start, self.window.end)), find_out)


def moments(
    tables: Mapping[str, Timeline], times: Timeline, find_out: Callable[[Ask], Answer]
) -> Iterator[tuple[Timeline, Answer]]:
    """Yield everything *find_out* answers within *times*, each with the moments it does; event questions are no."""
    waiting = [_Part((), times, {})]
    while waiting:
        splitter = _Splitter(tables, waiting.pop(), waiting)
        answer = find_out(splitter)
        yield splitter.times, answer
