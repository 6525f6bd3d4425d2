"""
The rule book: what runs. Everything a decision needs, resolved and frozen; nothing in it can be wrong any more.

`rules.compile` makes it from specs that passed every check. People and teams know each other by name, through the
`Directory`, because cover chains may be circles.
"""

from collections.abc import Mapping
from typing import Literal

import attrs

from rules.callers import CallerIndex
from rules.event import Kind
from rules.hours import Schedule
from rules.plan import CallStep
from rules.source import Mark
from rules.timeline import Timeline, Window

Excuse = Literal["away", "off-hours"]
EvenIf = frozenset[Excuse]


@attrs.frozen
class Device:
    """One phone: *address* is `sip:…` or E.164; with *confirm* it has answered only after pressing 1."""

    name: str
    address: str
    confirm: bool


@attrs.frozen
class Absence:
    """One time a person is away: the *question* that tells, who covers, and the only kind it is for (None: both)."""

    question: str
    cover: str | None
    only: Kind | None
    span: tuple[int, int]


@attrs.frozen
class Person:
    """
    Somebody who can be reached.

    *in_hours* is the question for their own hours (None: always in); *left* the question for having left the company.
    *cover* and *handover* name a person or a team. *in_order* devices are rung one after another, else all at once.
    """

    name: str
    title: str
    devices: tuple[Device, ...]
    in_order: bool
    in_hours: str | None
    away: tuple[Absence, ...]
    left: str | None
    handover: str | None
    texts_by: tuple[str, ...]
    email: str | None
    even_if: EvenIf


@attrs.frozen
class Team:
    """A team; *duty* names, for a rota, each member's question `rota:<team>:<member>`; *each* is seconds an attempt."""

    name: str
    members: tuple[str, ...]
    how: Literal["in-turn", "all-at-once", "take-turns", "rota"]
    each: int
    even_if: EvenIf


@attrs.frozen(eq=False)
class Directory:
    """Everybody by name."""

    people: Mapping[str, Person]
    teams: Mapping[str, Team]
    ring_for: int


@attrs.frozen
class RingStep:
    """Ring *targets* (people or teams by name); *seconds* None: the team's, else the default."""

    targets: tuple[str, ...]
    seconds: int | None
    even_if: EvenIf


CallStepRule = RingStep | CallStep
"""A step as the book holds it: a ring still names people and teams, every other step is already what the plan holds."""


@attrs.frozen
class Urgent:
    """Words (the *question* asks for them) that reach *targets* although the text would wait."""

    question: str
    targets: tuple[str, ...]
    even_if: EvenIf


@attrs.frozen
class TextBlock:
    """What happens to a text. *targets* empty and *drop* false: it waits for *fallback*."""

    targets: tuple[str, ...]
    even_if: EvenIf
    copy: tuple[str, ...]
    hold: bool
    reply: str | None
    drop: bool
    urgent: Urgent | None


@attrs.frozen
class Rule:
    """One of a number's rules: for each condition the questions of which one must hold (empty: no condition)."""

    name: str
    callers: tuple[str, ...]
    via: str | None
    words: str | None
    when: Literal["open", "closed"] | str | None
    calls: tuple[CallStepRule, ...] | None
    texts: TextBlock | None
    at: Mark


@attrs.frozen
class NamedPlan:
    """A plan for a bad day, used while somebody has switched it on."""

    name: str
    calls: tuple[CallStepRule, ...] | None
    texts: TextBlock | None
    at: Mark


@attrs.frozen
class Box:
    """A voicemail box as the daemon needs it after the message is left."""

    name: str
    notify: tuple[str, ...]
    private: bool
    keep: int | None


@attrs.frozen(eq=False)
class Number:
    """
    A business number and everything that may happen on it.

    *hours* is the name of its schedule (None: always open), *zone* the zone its times are told in. *parts* are the four
    blocks by (kind, "open" or "closed"). *last_resort* is the voicemail that ends every call plan. *text_fallback* names
    who a text waits for when nothing says so.
    """

    name: str
    e164: str
    providers: Mapping[Kind, str]
    also_from: frozenset[str]
    hours: str | None
    zone: str
    rules: tuple[Rule, ...]
    calls: Mapping[Literal["open", "closed"], tuple[CallStepRule, ...]]
    texts: Mapping[Literal["open", "closed"], TextBlock]
    places: Mapping[str, Mark]
    last_resort: CallStep
    text_fallback: str
    notify_missed: tuple[str, ...]
    text_back: str | None
    language: str | None
    directory: Directory
    plans: Mapping[str, NamedPlan]
    block_answer: Literal["busy", "declined", "voicemail"]
    at: Mark


@attrs.frozen
class Replies:
    """The fixed answers to STOP, START and HELP, and how long a conversation stays with a teammate (seconds)."""

    from_mobile: bool
    conversation_for: int
    stop: str
    start: str
    help: str


@attrs.frozen
class Safety:
    """Limits that hold whatever the rules say."""

    max_diversions: int
    max_legs: int
    max_forwards_per_hour: int


@attrs.frozen
class Failsafe:
    """What a caller hears when switchhook itself is in trouble."""

    say: str
    box: str


@attrs.frozen(eq=False)
class RuleBook:
    """
    Everything of one set of files; *ruleset* is `sha256:…` over the files' bytes.

    *by_number* finds a number by its E.164 or `sip:` form. *media* maps `media:<sha256>.<ext>` to the file's path as written.
    """

    ruleset: str
    business: str
    zone: str
    country: str | None
    numbers: Mapping[str, Number]
    by_number: Mapping[str, Number]
    directory: Directory
    callers: CallerIndex
    schedules: Mapping[str, Schedule]
    absences: Mapping[str, tuple[int, int]]
    rotas: Mapping[str, "Rota"]
    boxes: Mapping[str, Box]
    replies: Replies
    safety: Safety
    failsafe: Failsafe
    teammate_sees: Literal["caller", "business"]
    media: Mapping[str, str]

    def tables(self, window: Window) -> "dict[str, Timeline]":
        """Compile every time question for *window*."""
        tables = {question: schedule.timeline(window) for question, schedule in self.schedules.items()}
        tables |= {question: Timeline.of([span]) for question, span in self.absences.items()}
        for rota in self.rotas.values():
            tables |= rota.timelines(window)
        return tables


@attrs.frozen
class Rota:
    """A weekly turn: *members* in order, changing at the wall-clock time *first* has, every seven days, from *first* on."""

    team: str
    members: tuple[str, ...]
    first: int
    zone: str

    def timelines(self, window: Window) -> dict[str, Timeline]:
        """Return, for each member's question, when it is their week."""
        raise NotImplementedError
