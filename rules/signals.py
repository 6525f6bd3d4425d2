"""What a live call is told (signals) and what must be done about it (effects)."""

from typing import Literal, assert_never

import attrs

from rules.callstate import CallState, Stage, StageLeg
from rules.event import CallEnded, Progress, Result

# ---------------------------------------------------------------- signals


@attrs.frozen
class StepEnded:
    """
    The stage at *step* is over.

    *answered_by* is what the provider says of who took the call (a name or an address). A provider without a call-back
    of its own for messages says here that one was *recorded*, and how long it is (*seconds*, 0: unknown).
    """

    step: int
    result: Result
    answered_by: str | None = None
    recorded: bool = False
    seconds: int = 0


@attrs.frozen
class PickedUp:
    """A callee has picked up and must be asked; *machine* when the provider says that no person did."""

    step: int
    leg: int
    machine: bool = False


@attrs.frozen
class Pressed:
    """A callee who was asked has pressed *digits* (or nothing)."""

    step: int
    leg: int
    digits: str


@attrs.frozen
class LegMoved:
    """A leg is being called (`initiated`), `ringing`, `answered` or `ended`, with a *result* when it did not talk."""

    step: int
    leg: int
    state: str
    result: Result | None = None


@attrs.frozen
class MessageLeft:
    """The caller has finished leaving a message of *seconds* (0: unknown)."""

    step: int
    seconds: int


@attrs.frozen
class Stored:
    """The recording of a message, or its transcript, is there, or will never be (*missing*)."""

    what: Literal["recording", "transcript"]
    seconds: int = 0
    missing: bool = False


@attrs.frozen
class Ended:
    """The provider says the call is over."""


Signal = StepEnded | PickedUp | Pressed | LegMoved | MessageLeft | Stored | Ended


def signal_of(event: Progress | CallEnded) -> Signal:
    """Say what *event* means for its call; its token must have been checked before."""
    if isinstance(event, CallEnded):
        return Ended()
    step, leg = event.ref.step, event.ref.leg
    seconds = _seconds(event.details.get("seconds", ""))
    match event.what:
        case "next":
            recorded = "recording" in event.details
            return StepEnded(step, event.result or "failed", event.answered_by, recorded, seconds)
        case "screen":
            return PickedUp(step, leg, machine=event.result == "machine")
        case "accept":
            return Pressed(step, leg, event.digits or "")
        case "leg":
            return LegMoved(step, leg, event.state or "", event.result)
        case "message":
            return MessageLeft(step, seconds)
        case "recording" | "transcript":
            missing = (event.state or "") in ("absent", "failed", "error")
            return Stored(event.what, seconds, missing)
    assert_never(event.what)


def _seconds(text: str) -> int:
    """Read whole seconds; what is no number, or longer than a week, counts as unknown."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 6 else 0


# ---------------------------------------------------------------- effects


@attrs.frozen
class Perform:
    """Answer the provider with *stages*; the links of the last one carry *step*. Nothing in it: the caller has gone."""

    step: int
    stages: tuple[Stage, ...]


@attrs.frozen
class AskToAccept:
    """Answer the callee's leg: ask for the key 1. The links carry *step* and *index*."""

    step: int
    index: int
    leg: StageLeg


@attrs.frozen
class Connect:
    """Answer the callee's leg: join it with the caller."""

    leg: StageLeg


@attrs.frozen
class DropLeg:
    """Answer the callee's leg: end it; the caller goes on."""


@attrs.frozen
class Repeat:
    """Answer *step* again with the bytes it got the first time; if they are lost, with what the call is at (`current`)."""

    step: int


@attrs.frozen
class Finish:
    """The call is over as far as we are concerned; *outcome* for people."""

    outcome: str


@attrs.frozen
class Missed:
    """
    Nobody took the call; said once, when it is over, and once more should a message be learnt of only afterwards.

    *rung* are the people tried, in order, with the longest time (seconds) their phones may have rung; *message* how long a
    message was left (0: unknown), None without one.
    """

    rung: tuple[tuple[str, int], ...]
    message: int | None


@attrs.frozen
class Note:
    """Nothing to do, but worth a line in the record."""

    outcome: str


@attrs.frozen
class Surprise:
    """A signal that makes no sense in this state; the call stays as it is."""

    state: CallState
    signal: Signal


Effect = Perform | AskToAccept | Connect | DropLeg | Repeat | Finish | Missed | Note | Surprise
