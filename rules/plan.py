"""What was decided: the plan as an ordered list of steps, and the decision with its reasons."""

from typing import Literal, NamedTuple

import attrs

from rules.event import Kind
from rules.source import Mark

Strategy = Literal["in-turn", "all-at-once", "take-turns", "rota"]


@attrs.frozen
class Ring:
    """
    Ring *people* (names): all at once, or one round each (`in-turn`, `take-turns`), *seconds* an attempt.

    *team* is the team whose strategy applies, None for people named by themselves.
    """

    people: tuple[str, ...]
    team: str | None
    strategy: Strategy
    seconds: int

    def rounds(self) -> tuple[tuple[str, ...], ...]:
        """Split into the rounds in which people are rung."""
        if self.strategy in ("in-turn", "take-turns"):
            return tuple((person,) for person in self.people)
        return (self.people,)


@attrs.frozen
class Say:
    """Speak *text*, its template filled in; *language* as BCP 47."""

    text: str
    language: str | None = None


@attrs.frozen
class Play:
    """Play a greeting: *source* is an https URL, or `media:<sha256>.<ext>` for a file of the configuration."""

    source: str


@attrs.frozen
class Voicemail:
    """Take a message in *box*; *greeting* is what the caller hears first; *max_seconds* how long it may be."""

    box: str
    greeting: Say | Play | None
    max_seconds: int
    transcribe: bool = False


@attrs.frozen
class Reject:
    """Refuse without answering."""

    reason: Literal["busy", "declined", "unavailable"]


@attrs.frozen
class Hangup:
    """End the call."""


CallStep = Ring | Say | Play | Voicemail | Reject | Hangup


@attrs.frozen
class Deliver:
    """Bring a text to *people* now, or to *one* of them, whose turn it is; *via* is the target as written."""

    people: tuple[str, ...]
    via: str
    one: bool = False


@attrs.frozen
class Hold:
    """Keep a text for *target* (as written) until the number opens or, *until* `reachable`, until somebody of it is in."""

    target: str
    until: Literal["open", "reachable"]


@attrs.frozen
class Copy:
    """Show a text to *people* as well; *via* is the target as written."""

    people: tuple[str, ...]
    via: str


@attrs.frozen
class Reply:
    """Answer the sender by itself, its template filled in."""

    text: str


@attrs.frozen
class Drop:
    """Record the text and do nothing else."""


TextStep = Deliver | Hold | Copy | Reply | Drop
Step = CallStep | TextStep

Layer = Literal["refused", "safety", "block", "plan", "rules", "hours"]


class Decision(NamedTuple):
    """
    One decision, complete: what happens, which rule said so, and every question that was asked.

    *at* and *valid_until* are UTC epoch seconds; *valid_until* is the first moment at which the same event might be decided
    otherwise (None: never within the compiled window). *why* is told to people. *number* is the name in the configuration,
    None when refused. *caller_class* and *groups* say who called.
    """

    kind: Kind
    number: str | None
    caller_class: str
    groups: tuple[str, ...]
    at: int
    rule: str
    layer: Layer
    source: Mark | None
    asked: tuple[tuple[str, bool], ...]
    plan: tuple[Step, ...]
    why: tuple[str, ...]
    next_open: int | None
    valid_until: int | None
    ruleset: str

    def at_moment(self, at: int, groups: tuple[str, ...]) -> "Decision":
        """Return the same decision for another moment, and a caller who may be in other groups besides."""
        return self._replace(at=at, groups=groups)

    def tries(self) -> tuple[tuple[str, ...], ...]:
        """Return the rounds in which people are rung, over all steps."""
        return tuple(round_ for step in self.plan if isinstance(step, Ring) for round_ in step.rounds())

    def rings(self) -> tuple[str, ...]:
        """Return the people of the first round; empty when nobody is rung."""
        return next(iter(self.tries()), ())

    def ends(self) -> Literal["voicemail", "reject", "hangup"] | None:
        """Return how the call ends when nobody answers; None for a text."""
        match self.plan[-1] if self.plan else None:
            case Voicemail():
                return "voicemail"
            case Reject():
                return "reject"
            case Hangup():
                return "hangup"
        return None
