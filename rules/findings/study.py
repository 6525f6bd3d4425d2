"""What findings are made from: a file as written and as it runs, the stretch of time looked at, and words for both."""

from collections.abc import Mapping
from functools import cached_property
from typing import Protocol
from zoneinfo import ZoneInfo

import attrs

from rules.book import CallBlock, Number, RuleBook, TextBlock
from rules.check.walk import told
from rules.deciding import DAY
from rules.event import Kind
from rules.explore import Explorer, Leaf
from rules.hours import Schedule
from rules.often import clock_in_words, day_in_words, wall
from rules.schedules import Schedules
from rules.source import Mark, Report
from rules.spec import CallStepSpec, FileSpec, PersonSpec, RingSpec, ScheduleSpec, Word
from rules.timeline import Timeline, Window


class Abilities(Protocol):
    """What a finding asks of a provider."""

    @property
    def passes_caller_id(self) -> bool:
        """Whether a teammate's phone can show the caller's own number."""

    @property
    def screens(self) -> bool:
        """Whether a phone can be asked for the key 1 before it counts as answered."""

    @property
    def speaks(self) -> bool:
        """Whether a caller can be told something, or played, before anybody takes the call."""

    @property
    def sends_texts(self) -> bool:
        """Whether texts of ours can be sent by it."""


NOTHING_KNOWN: Mapping[str, Abilities] = {}


@attrs.frozen(slots=False, eq=False)
class Study:
    """
    One file under study.

    *window* begins at *now* (UTC epoch seconds). *abilities* are those of the providers by name; a provider that is not
    among them is taken to be able to do everything.
    """

    book: RuleBook
    spec: FileSpec
    explorer: Explorer
    abilities: Mapping[str, Abilities]

    @classmethod
    def of(
        cls, book: RuleBook, spec: FileSpec, window: Window, abilities: Mapping[str, Abilities] = NOTHING_KNOWN
    ) -> "Study":
        """Begin to study *book*, which was made of *spec*."""
        return cls(book, spec, Explorer(book, spec, window), abilities)

    @property
    def window(self) -> Window:
        """The stretch of time looked at."""
        return self.explorer.window

    @property
    def now(self) -> int:
        """Where it begins."""
        return self.window.start

    @property
    def days(self) -> str:
        """How long that is, in words."""
        days = round((self.window.end - self.window.start) / DAY)
        return f"{days} day{'s' * (days != 1)}"

    @cached_property
    def schedules(self) -> tuple[tuple[ScheduleSpec, Schedule], ...]:
        """Every schedule as written and as it runs, named or written in place."""
        running = Schedules(self.spec)
        named = [(spec, running.named[name]) for name, spec in self.spec.schedules.items()]
        owners = [(person.hours, person.timezone) for person in self.spec.people.values()]
        owners += [(number.hours, None) for number in self.spec.numbers.values()]
        own = [
            (hours, schedule)
            for hours, timezone in owners
            if isinstance(hours, ScheduleSpec) and (schedule := running.of(hours, timezone))
        ]
        return (*named, *own)

    @cached_property
    def pointed_at(self) -> tuple[Word, ...]:
        """Every place where a rule itself names a person or team: to ring, to text, to tell."""
        spec = self.spec
        found = [word for step in spec.call_steps if isinstance(step, RingSpec) for word in step.targets]
        for block in spec.text_blocks:
            found += (*block.targets, *block.copy, *(block.urgent.targets if block.urgent else ()))
        return (*found, *told(spec))

    @cached_property
    def named(self) -> tuple[Word, ...]:
        """Those, and every place where somebody is named as a member of a team or as a stand-in."""
        found = list(self.pointed_at)
        found += (word for team in self.spec.teams.values() for word in team.members)
        for person in self.spec.people.values():
            stand_ins = (person.cover, person.handover, *(absence.cover for absence in person.away))
            found += (word for word in stand_ins if word)
        return tuple(found)

    def zone_of(self, person: PersonSpec) -> ZoneInfo:
        """Return the zone a person's dates are meant in."""
        return Schedules(self.spec).zone_of(person)

    def open_times(self, number: Number) -> Timeline:
        """Return when *number* is open by its hours."""
        if number.hours is None:
            return Timeline((self.window.start, self.window.end))
        return self.explorer.tables[number.hours]

    def often(self, times: Timeline, zone: ZoneInfo) -> str:
        """Tell how often, how long and when first: `273 times in 400 days, 1077.5 h; first Mon 23 Nov 2026 04:30 to 08:30`."""
        spans = list(times.spans())
        count = "1 time" if len(spans) == 1 else f"{len(spans)} times"
        whole = f"{count} in {self.days}, {lasting(sum(end - start for start, end in spans))}"
        start, end = (wall(moment, zone) for moment in spans[0])
        first = f"{day_in_words(start)} {clock_in_words(start)}"
        if spans[0][1] == self.window.end:
            return f"{whole}; from {first} on"
        until = clock_in_words(end) if end.date() == start.date() else f"{day_in_words(end)} {clock_in_words(end)}"
        return f"{whole}; first {first} to {until}"


def lasting(seconds: int) -> str:
    """Tell a length in hours, a short one in minutes or seconds."""
    if seconds >= 360:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds // 60} min" if seconds >= 60 else f"{seconds} s"


class Watcher(Protocol):
    """Looks at every leaf of every number, and tells what it found afterwards."""

    def see(self, number: Number, kind: Kind, leaf: Leaf) -> None:
        """Look at one leaf; the leaves of one number and kind come one after another."""

    def tell(self, report: Report) -> None:
        """Report everything found."""


def rule_blocks(number: Number, kind: Kind) -> Mapping[str, CallBlock | TextBlock]:
    """Return what each rule and each part of the hours says for *kind*, by the name a verdict has for it."""
    blocks = {
        f"{number.name}.rules.{rule.name}": block for rule in number.rules if (block := rule.block(kind)) is not None
    }
    return blocks | {f"{number.name}.{place}": number.blocks[place] for place in (f"{kind}s.open", f"{kind}s.closed")}


def steps_written(spec: FileSpec, number: str) -> Mapping[str, tuple[CallStepSpec, ...]]:
    """Return the call steps of a number as written, by the name a verdict has for them; those nobody wrote are missing."""
    written = spec.numbers[number]
    found = {f"{number}.rules.{rule.name.text}": rule.calls for rule in written.rules}
    found |= {f"{number}.calls.open": written.calls_open, f"{number}.calls.closed": written.calls_closed}
    return {name: steps for name, steps in found.items() if steps}


def line(there: Mark, here: Mark) -> str:
    """Name a place as seen from another: by its line in the same file, else in full."""
    return f"line {there.line}" if there.file == here.file else str(there)
