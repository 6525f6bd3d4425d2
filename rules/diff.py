"""
What changes between two rule files, by meaning: for whom, when, what was and what becomes.

Both books are split into their leaves (`rules.explore`) over the same moments and the same kinds of events, and the
answers are laid side by side. Nothing here decides anything by itself.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import attrs

from rules.book import Number, RuleBook
from rules.course import Stretch, answer, courses, names_opening, openings
from rules.decide import Verdict
from rules.deciding import BEHIND, MARGIN, Timetable
from rules.event import Kind
from rules.explore import KINDS, Explorer
from rules.pairs import Pair, Pairs, Side
from rules.plan import Hold, Step
from rules.timeline import Window

Openings = tuple[int | None, int | None]
"""The next opening by the old and by the new book, UTC epoch seconds; None: none is known."""


@attrs.frozen(eq=False)
class Change:
    """
    One kind of event (*pair*) that gets another answer at every moment of `[start, end)` (UTC epoch seconds).

    *openings* is set when the answers are alike, but name (or wait for) another next opening: the old and the new one.
    *number* is the new book's.
    """

    number: Number
    pair: Pair
    start: int
    end: int
    was: Verdict
    now: Verdict
    openings: Openings | None = None


@attrs.frozen(eq=False)
class Comparison:
    """
    Everything that changes for callers within *window*.

    *callers* are the names of all callers a number of the new book can tell apart, by number and kind. *appeared* and
    *vanished* are numbers of one book only.
    """

    window: Window
    changes: tuple[Change, ...]
    callers: Mapping[tuple[str, Kind], frozenset[str]]
    appeared: tuple[Number, ...]
    vanished: tuple[Number, ...]


def compare(old: Side, new: Side, window: Window) -> Comparison:
    """Compare what two files do to every kind of event at every moment of *window*."""
    explorers = explore(old, window), explore(new, window)
    pairs = Pairs(old, new)
    changes: list[Change] = []
    callers: dict[tuple[str, Kind], frozenset[str]] = {}
    for name, number in new.book.by_number.items():
        before = old.book.by_number.get(name)
        if before:
            for kind in KINDS:
                found = pairs.of(before, number, kind)
                callers[number.name, kind] = frozenset(name for pair in found for name in pair.callers)
                changes += changes_of(explorers, found, before, number)
    return Comparison(window, tuple(changes), callers, _only_in(new.book, old.book), _only_in(old.book, new.book))


def explore(side: Side, window: Window) -> Explorer:
    """Look at one book in *window*, compiled far enough beyond it to know the opening after its end."""
    around = Window(window.start - BEHIND, window.end + MARGIN)
    return Explorer(side.book, side.spec, window, Timetable(side.book, around))


def changes_of(explorers: tuple[Explorer, Explorer], pairs: list[Pair], old: Number, new: Number) -> Iterator[Change]:
    """Yield what changes on one number for the kinds of events *pairs*."""
    before = courses(explorers[0], dict.fromkeys(pair.old for pair in pairs))
    after = courses(explorers[1], dict.fromkeys(pair.new for pair in pairs))
    differing = openings_that_differ(*explorers, old.name, new.name)
    for pair in pairs:
        for start, end, was, now in side_by_side(before[pair.old], after[pair.new]):
            was = attrs.evolve(was, rule=_renamed(was.rule, old.name, new.name))
            if answer(was) != answer(now):
                yield Change(new, pair, start, end, was, now)
            elif differing and _depends_on_opening(now.plan):
                for first, last, opens in differing:
                    if first < end and start < last:
                        yield Change(new, pair, max(first, start), min(last, end), was, now, opens)


def side_by_side(
    before: tuple[Stretch, ...], after: tuple[Stretch, ...]
) -> Iterator[tuple[int, int, Verdict, Verdict]]:
    """Lay two courses over the same window side by side: pieces in which neither changes."""
    left, right = 0, 0
    while left < len(before) and right < len(after):
        one, other = before[left], after[right]
        start, end = max(one.start, other.start), min(one.end, other.end)
        yield start, end, one.verdict, other.verdict
        left += one.end == end
        right += other.end == end


def openings_that_differ(
    one: Explorer, other: Explorer, number: str, other_number: str
) -> list[tuple[int, int, Openings]]:
    """Return when the two books name another next opening of a number, and which."""
    window = one.window
    starts = openings(one, number), openings(other, other_number)
    if starts[0] == starts[1]:
        return []
    inside = {at for at in (*starts[0], *starts[1]) if window.start < at < window.end}
    cuts = sorted({window.start, window.end, *inside})
    found = []
    for start, end in pairwise(cuts):
        opens = _next(starts[0], start), _next(starts[1], start)
        if opens[0] != opens[1]:
            found.append((start, end, opens))
    return found


def _next(starts: Sequence[int], moment: int) -> int | None:
    after = bisect_right(starts, moment)
    return starts[after] if after < len(starts) else None


def _depends_on_opening(plan: tuple[Step, ...]) -> bool:
    """Say whether the next opening is told or waited for."""
    return names_opening(plan) or any(isinstance(step, Hold) and step.until == "open" for step in plan)


def _renamed(rule: str, old: str, new: str) -> str:
    """Return a rule's name as it is under the number's new name."""
    return f"{new}.{rule.removeprefix(f'{old}.')}" if rule.startswith(f"{old}.") else rule


def _only_in(one: RuleBook, other: RuleBook) -> tuple[Number, ...]:
    return tuple(number for name, number in one.by_number.items() if name not in other.by_number)
