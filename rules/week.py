"""
A week of the business as a picture shows it: who answers each number when, and who is in, away or standing in.

Everything comes from `decide` and `Resolver` on sets of moments; blocks are exact to the second.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from itertools import pairwise
from typing import Literal, TypeVar
from zoneinfo import ZoneInfo

import attrs

from rules.book import CallBlock, Number, RingStep, TextBlock
from rules.briefly import plan_briefly
from rules.course import stretches
from rules.decide import Verdict
from rules.directory import Person
from rules.event import Kind
from rules.explore import Explorer
from rules.often import wall
from rules.plan import Copy, Deliver, Reply, Ring, Say, Step
from rules.resolve import Ask, Away, Resolver
from rules.spaces import Space
from rules.timeline import Timeline
from rules.zones import instant

State = Literal["answered", "after-hours", "closed", "nobody"]
"""Somebody answers in opening hours; somebody although it is closed; closed; it should be answered, and nobody can."""

Presence = Literal["in", "off", "away", "left"]


@attrs.frozen
class Block:
    """
    What a caller meets in `[start, end)` (UTC epoch seconds).

    *first* are the people tried first, *later* those of further steps, *rest* what else happens, in words.
    """

    start: int
    end: int
    state: State
    first: tuple[str, ...]
    later: tuple[str, ...]
    rest: str


@attrs.frozen
class Shift:
    """How somebody is in `[start, end)` (UTC epoch seconds); *cover* is who stands in, as written."""

    start: int
    end: int
    presence: Presence
    cover: str | None = None


@attrs.frozen
class Stand:
    """Somebody stands in for *whom* in `[start, end)` (UTC epoch seconds)."""

    start: int
    end: int
    whom: str


@attrs.frozen(eq=False)
class NumberWeek:
    """One number, on its own clock; *days* are the starts of its days and the end of the last (UTC epoch seconds)."""

    number: Number
    days: tuple[int, ...]
    blocks: tuple[Block, ...]


@attrs.frozen(eq=False)
class PersonWeek:
    """One person; *stands* are those they stand in for."""

    person: Person
    shifts: tuple[Shift, ...]
    stands: tuple[Stand, ...]


@attrs.frozen(eq=False)
class Week:
    """Some days of one kind of event; people are shown on the clock of the business (*zone*, *days*)."""

    business: str
    kind: Kind
    zone: ZoneInfo
    days: tuple[int, ...]
    numbers: tuple[NumberWeek, ...]
    people: tuple[PersonWeek, ...]


def week_of(explorer: Explorer, kind: Kind, spaces: Mapping[str, Space], at: int, days: int) -> Week:
    """
    Make the picture of *days* days, the first of which *at* (UTC epoch seconds) lies in.

    *spaces* are the numbers to show, each with the kind of event it is shown for. The explorer's window must hold them all.
    """
    book = explorer.book
    return Week(
        business=book.business,
        kind=kind,
        zone=book.zone,
        days=days_from(at, days, book.zone),
        numbers=tuple(
            NumberWeek(
                book.numbers[name],
                days_from(at, days, book.numbers[name].zone),
                tuple(blocks(explorer, book.numbers[name], space)),
            )
            for name, space in spaces.items()
        ),
        people=tuple(people(explorer, kind)),
    )


def days_from(at: int, days: int, zone: ZoneInfo) -> tuple[int, ...]:
    """Return the starts of *days* days of *zone*, the first of which *at* lies in, and the end of the last."""
    midnight = wall(at, zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None, fold=0)
    return tuple(instant(midnight + timedelta(days=day), zone) for day in range(days + 1))


# ---------------------------------------------------------------- numbers


def blocks(explorer: Explorer, number: Number, space: Space) -> Iterator[Block]:
    """Yield what a caller meets, block by block; neighbours that look alike are one."""
    hours = explorer.tables[number.hours] if number.hours else Timeline((explorer.window.start, explorer.window.end))
    pieces = (
        _block(start, end, stretch.verdict, number, is_open=hours.at(start))
        for stretch in stretches(explorer.split([space]))
        for start, end in _cut(stretch.start, stretch.end, hours)
    )
    yield from joined(pieces)


def _cut(start: int, end: int, hours: Timeline) -> Iterator[tuple[int, int]]:
    yield from pairwise([start, *(edge for edge in hours.edges if start < edge < end), end])


def _block(start: int, end: int, verdict: Verdict, number: Number, *, is_open: bool) -> Block:
    first, *others = _reached(verdict.plan) or [()]
    later = tuple(dict.fromkeys(name for people in others for name in people if name not in first))
    rest = plan_briefly(step for step in verdict.plan if not isinstance(step, Ring | Deliver | Copy | Say | Reply))
    state: State = "closed"
    if first:
        state = "answered" if is_open else "after-hours"
    elif is_open and wants_people(number, verdict.rule):
        state = "nobody"
    return Block(start, end, state, first, later, rest if verdict.plan else "")


def _reached(plan: Iterable[Step]) -> list[tuple[str, ...]]:
    return [step.people for step in plan if isinstance(step, Ring | Deliver)]


def wants_people(number: Number, rule: str) -> bool:
    """Say whether *rule* means to reach somebody, whoever is there."""
    name = rule.removeprefix(f"{number.name}.")
    block: CallBlock | TextBlock | None = number.blocks.get(name)
    for written in number.rules:
        if name == f"rules.{written.name}":
            return _wants(written.calls) or _wants(written.texts)
    return _wants(block)


def _wants(block: "CallBlock | TextBlock | None") -> bool:
    if isinstance(block, TextBlock):
        return not block.drop
    return any(isinstance(step, RingStep) for step in block or ())


# ---------------------------------------------------------------- people


def people(explorer: Explorer, kind: Kind) -> Iterator[PersonWeek]:
    """Yield everybody: when in, away, and for whom they stand in."""
    everybody = explorer.book.directory.people
    shifts: dict[str, list[Shift]] = {name: [] for name in everybody}
    stands: dict[str, list[Stand]] = {name: [] for name in everybody}
    for person in everybody.values():
        for times, (presence, cover, instead) in explorer.moments(_Standing(explorer, kind, person)):
            for start, end in times.spans():
                shifts[person.name].append(Shift(start, end, presence, cover))
                for name in instead:
                    stands[name].append(Stand(start, end, person.name))
    for person in everybody.values():
        yield PersonWeek(person, tuple(joined(shifts[person.name])), tuple(joined(stands[person.name])))


@attrs.frozen
class _Standing:
    """Finds out how a person is: present or not, who covers as written, and who stands in just then."""

    explorer: Explorer
    kind: Kind
    person: Person

    def __call__(self, ask: Ask) -> tuple[Presence, str | None, tuple[str, ...]]:
        """Ask what it takes."""
        resolver = Resolver(ask, self.kind, self.explorer.book.directory, [])
        match resolver.presence(self.person, frozenset()):
            case Away(cover=cover, reason=reason):
                instead = resolver.target(cover, frozenset(), (self.person.name,)).people if cover else ()
                return ("left" if reason == "has left" else "away"), cover, instead
            case True:
                return "in", None, ()
        return "off", None, ()


# ---------------------------------------------------------------- both


Piece = TypeVar("Piece", Block, Shift, Stand)


def joined(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Yield *pieces* in the order of time; those that touch and are alike otherwise are one."""
    last: Piece | None = None
    for piece in sorted(pieces, key=lambda piece: (piece.start, piece.end)):
        if (
            last is not None
            and last.end == piece.start
            and attrs.evolve(last, start=piece.start, end=piece.end) == piece
        ):
            last = attrs.evolve(last, end=piece.end)
            continue
        if last is not None:
            yield last
        last = piece
    if last is not None:
        yield last
