"""Circles of covers: whether an absence that is about to be switched on would lead round to where it began."""

from functools import partial

import attrs

from rules.deciding import Timetable
from rules.event import Kind
from rules.explore import KINDS, moments
from rules.inquiry import Leave
from rules.resolve import LOOP, OUTSIDE, Ask, Resolver
from rules.timeline import Timeline

_LOOP, _OUTSIDE = LOOP.format(""), OUTSIDE.format("")


@attrs.frozen
class Circle:
    """Those who stand in for one another, the first named once more at the end, and *since* when (UTC epoch seconds)."""

    names: tuple[str, ...]
    since: int


def circle(timetable: Timetable, leave: Leave) -> Circle | None:
    """
    Return the first circle that reaches nobody while *leave*, which is in force in *timetable*, lasts; None: there is none.

    Every moment of it is looked at. A team that covers for one of its own is no circle. There is no harm in one where
    somebody is found all the same, nor at an hour at which somebody on it has only gone home.
    """
    kinds: tuple[Kind, ...] = KINDS if leave.only is None else (leave.only,)
    found = [
        Circle(names, times.edges[0])
        for kind in kinds
        for times, names in moments(
            timetable.tables, Timeline.of(leave.spans), partial(_led_round, timetable, leave, kind)
        )
        if names
    ]
    return min(found, key=lambda each: each.since, default=None)


def _led_round(timetable: Timetable, leave: Leave, kind: Kind, ask: Ask) -> tuple[str, ...]:
    """Follow the covers of the person away; return the circle they come to if that reaches nobody."""
    directory, notes = timetable.book.directory, list[str]()
    resolver = Resolver(ask, kind, directory, notes, absences=timetable.absences)
    if resolver.target(leave.person, frozenset(), ()).people or any(_OUTSIDE in note for note in notes):
        return ()
    circles = (tuple(note.removeprefix(_LOOP).split(" -> ")) for note in notes if note.startswith(_LOOP))
    return next((names for names in circles if len(names) > 2 or names[0] in directory.people), ())
