"""
The rule book: what runs. Everything a decision needs, resolved and frozen; nothing in it can be wrong any more.

`rules.compile` makes it from specs that passed every check. Who can be reached stands in its `rules.directory`.
"""

from collections.abc import Callable, Mapping
from typing import Literal
from zoneinfo import ZoneInfo

import attrs

from rules.callers import CallerIndex
from rules.directory import Directory, EvenIf
from rules.event import Kind
from rules.hours import Schedule
from rules.phone import e164
from rules.plan import CallStep, Voicemail
from rules.rota import Rota
from rules.sipuri import sip_uri
from rules.source import Mark
from rules.timeline import Timeline, Window
from rules.words import Words


@attrs.frozen
class RingStep:
    """Ring *targets* (people or teams by name); *seconds* None: the team's, else the default."""

    targets: tuple[str, ...]
    seconds: int | None
    even_if: EvenIf


CallStepRule = RingStep | CallStep
"""A step as the book holds it: a ring still names people and teams, every other step is already what the plan holds."""

CallBlock = tuple[CallStepRule, ...]


@attrs.frozen
class Urgent:
    """Words (the *question* asks for them) that reach *targets* although the text would wait."""

    question: str
    targets: tuple[str, ...]
    even_if: EvenIf


@attrs.frozen
class TextBlock:
    """What happens to a text; without *targets* and not to *drop*, it goes to the number's `text_fallback`."""

    targets: tuple[str, ...]
    even_if: EvenIf
    copy: tuple[str, ...]
    hold: bool
    reply: str | None
    drop: bool
    urgent: Urgent | None


@attrs.frozen
class Rule:
    """
    One of a number's rules.

    *conditions*: of each group of questions one must hold. *when* is `open`, `closed` (the number's own hours) or a question.
    """

    name: str
    conditions: tuple[tuple[str, ...], ...]
    when: Literal["open", "closed"] | str | None
    calls: CallBlock | None
    texts: TextBlock | None
    at: Mark

    def block(self, kind: Kind) -> "CallBlock | TextBlock | None":
        """Return what it says for *kind*; None when it does not mention it."""
        return self.calls if kind == "call" else self.texts


@attrs.frozen
class NamedPlan:
    """A plan for a bad day, used while somebody has switched it on."""

    name: str
    calls: CallBlock | None
    texts: TextBlock | None
    at: Mark

    def block(self, kind: Kind) -> "CallBlock | TextBlock | None":
        """Return what it says for *kind*; None when it does not mention it."""
        return self.calls if kind == "call" else self.texts


@attrs.frozen
class Box:
    """
    A voicemail box as the daemon needs it after the message is left.

    *keep* is for how many seconds recordings are kept here (None: without end); *delete_at_provider* once they are here.
    """

    name: str
    notify: tuple[str, ...]
    private: bool
    keep: int | None
    delete_at_provider: bool = False


@attrs.frozen(eq=False)
class Number:
    """
    A business number and everything that may happen on it.

    *hours* is the question that tells whether it is open (None: always), *zone* the zone its times are told in. *blocks*
    are what happens without a rule, by `calls.open`, `calls.closed`, `texts.open`, `texts.closed`; *places* where each is
    written. *words* and *vias* are the event questions only this number asks,
    *listens_for* the groups its rules tell apart. *last_resort* ends every plan of a call that
    has no end of its own; a text nobody is named for is for *text_fallback*. *prefers_last*: whoever spoke with a caller within a
    day is rung first.
    """

    name: str
    e164: str
    at: Mark
    providers: Mapping[Kind, str]
    also_from: frozenset[str]
    hours: str | None
    zone: ZoneInfo
    language: str | None
    rules: tuple[Rule, ...]
    blocks: Mapping[str, "CallBlock | TextBlock"]
    places: Mapping[str, Mark]
    last_resort: Voicemail
    text_fallback: tuple[str, ...]
    notify_missed: tuple[str, ...]
    text_back: str | None
    words: Mapping[str, Words]
    vias: Mapping[str, frozenset[str]]
    listens_for: frozenset[str]
    common: "Common"
    prefers_last: bool = False

    @property
    def directory(self) -> Directory:
        """Everybody by name."""
        return self.common.directory


@attrs.frozen(eq=False)
class Common:
    """What all numbers of a book share: people, named plans, how blocked callers are answered, fixed replies to texts."""

    directory: Directory
    plans: Mapping[str, NamedPlan]
    block_answer: Literal["busy", "declined", "voicemail"]
    block_at: Mark | None
    limits_forwards: bool
    confirmations: Mapping[str, str]


@attrs.frozen
class Safety:
    """Limits that hold whatever the rules say; None: not limited. *countries* (ISO 3166) are where calls and texts may go."""

    max_diversions: int
    max_legs: int
    max_forwards_per_hour: int | None
    countries: frozenset[str] = frozenset()


@attrs.frozen
class Failsafe:
    """What a caller hears when switchhook itself is in trouble."""

    say: str
    box: str


Spans = tuple[tuple[int, int], ...]
"""Stretches of time, `[start, end)` in UTC epoch seconds."""

Calendars = Callable[[Window], Mapping[str, Spans]]
"""Says when people are away by calendars of theirs within a window, by name."""


def no_calendars(_window: Window) -> Mapping[str, Spans]:
    """Say that no calendar tells anything."""
    return {}


@attrs.frozen(eq=False)
class RuleBook:
    """
    Everything of one set of files; *ruleset* is `sha256:…` over their names and bytes.

    *by_number* finds a number by its E.164 or `sip:` form. *times* are the time questions that follow a schedule, *spans*
    those that are plain stretches of time (UTC epoch seconds). *media* maps `media:<sha256>.<ext>` to the file as written.
    *calendars* stand outside the files, and outside *ruleset*: a command reads them itself, the daemon hears of them as leaves.
    """

    ruleset: str
    business: str
    zone: ZoneInfo
    country: str | None
    numbers: Mapping[str, Number]
    by_number: Mapping[str, Number]
    common: Common
    callers: CallerIndex
    times: Mapping[str, Schedule]
    spans: Mapping[str, tuple[int, int]]
    rotas: tuple[Rota, ...]
    boxes: Mapping[str, Box]
    safety: Safety
    failsafe: Failsafe
    teammate_sees: Literal["caller", "business"]
    from_mobile: bool
    conversation_for: int
    media: Mapping[str, str]
    calendars: Calendars = no_calendars

    @property
    def directory(self) -> Directory:
        """Everybody by name."""
        return self.common.directory

    def find(self, called: str) -> Number | None:
        """Return the number of ours that *called* (as a provider wrote it) means, or None."""
        known = self.by_number.get(called)
        if known is not None:
            return known
        uri = sip_uri(called)
        spoken = called if uri is None else uri.phone or uri.user
        by_address = None if uri is None else self.by_number.get(uri.key)
        return by_address or self.by_number.get(e164(spoken, self.country) or "")

    def tables(self, window: Window) -> dict[str, Timeline]:
        """Compile every time question for *window*."""
        compiled: dict[int, Timeline] = {}
        tables = {}
        for question, schedule in self.times.items():
            if id(schedule) not in compiled:
                compiled[id(schedule)] = schedule.timeline(window)
            tables[question] = compiled[id(schedule)]
        tables |= {question: Timeline.of([span]) for question, span in self.spans.items()}
        for rota in self.rotas:
            tables |= rota.timelines(window)
        return tables
