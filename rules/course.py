"""The course of answers: what one kind of event gets, from when until when. Neighbours that are alike are one."""

from collections.abc import Iterable, Iterator
from itertools import pairwise

import attrs

from rules.decide import Verdict
from rules.explore import Explorer, Leaf
from rules.inquiry import Inquiry
from rules.plan import Decision, Reply, Say, Step, Voicemail
from rules.spaces import Space

NEXT_OPEN = "{next_open}"


@attrs.frozen
class Stretch:
    """One answer, given at every moment of `[start, end)` (UTC epoch seconds); templates are not filled in."""

    start: int
    end: int
    verdict: Verdict


@attrs.frozen
class Turn:
    """One answer with everything filled in, given at every moment of `[start, end)` (UTC epoch seconds)."""

    start: int
    end: int
    decision: Decision


def stretches(leaves: Iterable[Leaf]) -> tuple[Stretch, ...]:
    """Put the leaves of one kind of event in the order of time; what is decided alike, by one rule, is joined."""
    pieces = sorted(((start, end, leaf.verdict) for leaf in leaves for start, end in leaf.times.spans()), key=_start)
    joined: list[Stretch] = []
    for start, end, verdict in pieces:
        last = joined[-1] if joined else None
        if last and last.end == start and answer(last.verdict) == answer(verdict):
            joined[-1] = attrs.evolve(last, end=end)
        else:
            joined.append(Stretch(start, end, verdict))
    return tuple(joined)


def answer(verdict: Verdict) -> tuple[str, tuple[Step, ...]]:
    """Return what an answer is: the rule and the plan. Reasons and places of the rule are none of it."""
    return verdict.rule, verdict.plan


def courses(explorer: Explorer, spaces: Iterable[Space]) -> dict[Space, tuple[Stretch, ...]]:
    """Return the course of each of *spaces*, which are of one number and one kind."""
    by_sender: dict[str | None, list[Space]] = {}
    for space in spaces:
        by_sender.setdefault(space.inquiry.caller.person if space.kind == "text" else None, []).append(space)
    leaves: dict[Space, list[Leaf]] = {}
    for alike in by_sender.values():
        for leaf in explorer.split(alike):
            for space in leaf.spaces:
                leaves.setdefault(space, []).append(leaf)
    return {space: stretches(found) for space, found in leaves.items()}


def course(explorer: Explorer, inquiry: Inquiry) -> Iterator[Turn]:
    """Yield what *inquiry* gets over the explorer's window; an opening told to the caller changes the answer too."""
    assert inquiry.number is not None
    timetable = explorer.timetable
    space = Space(inquiry.number.name, inquiry.kind, "", "", inquiry.caller.raw, inquiry, inquiry.truths())
    opens = openings(explorer, inquiry.number.name)
    for stretch in stretches(explorer.split([space])):
        told = opens if names_opening(stretch.verdict.plan) else ()
        cuts = [stretch.start, *(moment for moment in told if stretch.start < moment < stretch.end), stretch.end]
        for start, end in pairwise(cuts):
            yield Turn(start, end, timetable.decide(inquiry, start))


def names_opening(plan: Iterable[Step]) -> bool:
    """Say whether the caller is told the next opening."""
    return any(NEXT_OPEN in text for step in plan for text in spoken(step))


def spoken(step: Step) -> tuple[str, ...]:
    """Return what *step* says or writes to the caller."""
    match step:
        case Say(text=text) | Reply(text=text) | Voicemail(greeting=Say(text=text)):
            return (text,)
    return ()


def openings(explorer: Explorer, name: str) -> tuple[int, ...]:
    """Return every moment at which a number opens, as far as its hours are compiled."""
    hours = explorer.book.numbers[name].hours
    return explorer.timetable.tables[hours].edges[::2] if hours else ()


def _start(piece: tuple[int, int, Verdict]) -> int:
    return piece[0]
