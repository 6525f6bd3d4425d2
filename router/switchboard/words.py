"""What is switched on, told to people: what it is, for whom, until when, and what it does to the next calls and texts."""

from collections.abc import Iterable
from itertools import islice

import attrs

from router.switchboard.standing import Standing
from rules.book import RuleBook
from rules.callers import Caller
from rules.deciding import Recorder, Timetable, never
from rules.ends import moment_in_words
from rules.event import Kind
from rules.explore import KINDS
from rules.inquiry import Inquiry
from rules.plan import Play, Reply, Say
from rules.resolve import Resolver
from rules.telling import step_in_words, step_json

SHOWN = 3
"""For how many numbers the consequences are told."""

LOOKED_AT = 100
"""How many numbers are looked at for what an absence changes."""

ORDINARY = Caller("", "number", None, None, (), blocked=False, repliable=True)
"""Somebody nobody has heard of."""


def headline(standing: Standing, book: RuleBook, now: int) -> str:
    """Say what it is in one line: `boston is closed until Sat 28 Nov 00:00 EST`; its beginning too, if that is to come."""
    zone = standing.zone(book)
    times = f"until {moment_in_words(standing.until, zone)}"
    if standing.since > now:
        times = f"from {moment_in_words(standing.since, zone)} {times}"
    if standing.person is not None:
        only = {"call": " for calls", "text": " for texts", None: ""}[standing.only]
        cover = f"; cover: {standing.cover}" if standing.cover else ""
        return f"{standing.person} is away{only} {times}{cover}"
    state = f"follows the plan {standing.plan}" if standing.plan else f"is {standing.what}"
    return f"{_where(standing)} {state} {times}"


def reminder(standing: Standing, book: RuleBook) -> str:
    """Remind of it, and say how it is ended: `boston is still switched closed, until … (set by ben). To end it: …`."""
    end = moment_in_words(standing.until, standing.zone(book))
    if standing.person is not None:
        what, way_out = f"{standing.person} is still switched away", f"away {standing.person} --back"
    elif standing.plan is not None:
        what, way_out = f"{_where(standing)} still follows the plan {standing.plan}", ""
    else:
        what, way_out = f"{_where(standing)} is still switched {standing.what}", ""
    way_out = way_out or f"override clear {standing.number or 'business'}"
    return f"{what}, until {end} (set by {standing.by}). To end it: switchhook {way_out}."


def _where(standing: Standing) -> str:
    return standing.number or "the whole business"


@attrs.frozen
class Consequences:
    """
    What something switched on does, found by deciding ordinary calls and texts *with* it and *without* it.

    *now* is the moment it is told (UTC epoch seconds).
    """

    standing: Standing
    with_: Timetable
    without: Timetable
    now: int

    def lines(self) -> list[str]:
        """Tell them, in the order they come about."""
        begin = max(self.standing.since, self.now)
        when = "now" if begin == self.now else f"from {self._moment(begin)}"
        told = [self.reached(begin, when)] if self.standing.person else []
        numbers = self.numbers(begin)
        shown = list(islice(numbers.items(), SHOWN))
        for name, kinds in shown:
            told += [f"{kind}s to {name} {when}: {self.plan(self.with_, name, kind, begin)}" for kind in kinds]
        if len(numbers) > SHOWN:
            told.append(f"and so on for {len(numbers) - SHOWN} more")
        return [*told, self.afterwards([(name, kind) for name, kinds in shown for kind in kinds])]

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """What it is for."""
        return KINDS if self.standing.only is None else (self.standing.only,)

    def numbers(self, at: int) -> dict[str, list[Kind]]:
        """Return the numbers it is for, and the kinds of events; of an absence, those for which it changes what happens."""
        known = self.with_.book.numbers
        if self.standing.number is not None:
            return {self.standing.number: [*self.kinds]}
        if self.standing.person is None:
            return {name: [*self.kinds] for name in known}
        changed = {
            name: [
                kind
                for kind in self.kinds
                if self.plan(self.with_, name, kind, at) != self.plan(self.without, name, kind, at)
            ]
            for name in islice(known, LOOKED_AT)
        }
        return {name: kinds for name, kinds in changed.items() if kinds}

    def plan(self, table: Timetable, number: str, kind: Kind, at: int) -> str:
        """Tell what happens to an ordinary call or text at a moment; what is said or replied on the way is left out."""
        decision = table.decide(Inquiry(kind, table.book.numbers[number], None, ORDINARY, ()), at)
        steps = [step for step in decision.plan if not isinstance(step, Say | Play | Reply)]
        return ", then ".join(step_in_words(step_json(step)) for step in steps) or "only words"

    def reached(self, at: int, when: str) -> str:
        """Tell who is reached instead of a person away."""
        found = {kind: who_for(self.standing.person or "", kind, self.with_, at) for kind in self.kinds}
        whom = f"for {self.standing.person} {when} go to"
        if len(set(found.values())) == 1:
            return f"{' and '.join(f'{kind}s' for kind in found)} {whom} {found[self.kinds[0]]}"
        return "; ".join(f"{kind}s {whom} {said}" for kind, said in found.items())

    def afterwards(self, shown: Iterable[tuple[str, Kind]]) -> str:
        """Tell what holds when it is over, going by the numbers and kinds of events that were *shown*."""
        end, bare = self.standing.until, self.with_.switched((), ())
        same = all(self.plan(self.with_, *each, end) == self.plan(bare, *each, end) for each in shown)
        return f"from {self._moment(end)} {'as the file says' if same else 'as what else is switched on says'}"

    def _moment(self, moment: int) -> str:
        return moment_in_words(moment, self.standing.zone(self.with_.book))


def who_for(person: str, kind: Kind, table: Timetable, at: int) -> str:
    """Tell who gets what is meant for *person* at a moment (UTC epoch seconds), or why nobody does."""
    notes: list[str] = []
    asked = Recorder(table.tables, at, frozenset(), never)
    found = Resolver(asked, kind, table.book.directory, notes, absences=table.absences).target(person, frozenset(), ())
    return ", ".join(found.people) or f"nobody ({notes[-1] if notes else 'nobody is in'})"
