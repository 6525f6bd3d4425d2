"""What comes in from the world, in our words: a call, a text, and what happens to a call afterwards."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

Kind = Literal["call", "text"]

Result = Literal["answered", "busy", "no-answer", "rejected", "failed", "machine", "hung-up"]
"""
How a ring step, or one leg of it, ended. `rejected`: picked up but not accepted (press 1 refused, or a mailbox heard the
prompt); `machine`: the provider itself says that a machine answered; `hung-up`: the caller gave up.
"""


class Diversion(NamedTuple):
    """One hop the call was forwarded over before it reached us (SIP Diversion, ForwardedFrom)."""

    number: str
    reason: str | None = None


class Media(NamedTuple):
    """A picture or file that came with a text, as a link of the provider's."""

    url: str
    type: str


class IncomingCall(NamedTuple):
    """
    A call has arrived and waits for an answer.

    *id* is the provider's, the same on every retry. *to* and *caller* are as the provider wrote them;
    *verified* says whether the carrier attests the caller's number (STIR level A), None when it says nothing.
    *at* is the provider's own time, recorded only: the moment decided for is our first receipt. *asserted* is the number
    behind a *caller* who hides it, vouched for by the network: rules may look at it, nobody is shown it. A proxy that asks
    again, because the phones of our last answer rang in vain, says how that ended (*previous_result*) and for which call
    (*again*, the *id* it first came under).
    """

    provider: str
    account: str
    id: str
    to: str
    caller: str
    caller_name: str | None = None
    diversions: tuple[Diversion, ...] = ()
    verified: bool | None = None
    at: str | None = None
    asserted: str | None = None
    previous_result: Result | None = None
    again: str | None = None


class IncomingText(NamedTuple):
    """
    A text has arrived.

    *opt_out* is set when the provider itself has already answered STOP, START or HELP: then we stay silent.
    """

    provider: str
    account: str
    id: str
    to: str
    caller: str
    text: str
    media: tuple[Media, ...] = ()
    opt_out: Literal["stop", "start", "help"] | None = None
    at: str | None = None


class StepRef(NamedTuple):
    """Which step (and leg) of which call a call-back belongs to; the token in its path, already split, not yet trusted."""

    call: str
    step: int
    leg: int
    mac: str


ProgressKind = Literal["next", "screen", "accept", "leg", "message", "recording", "transcript"]


class Progress(NamedTuple):
    """
    Something happened to a call we answered.

    *what*: `next` a step ended (*result*), `screen` a callee picked up and must be asked, `accept` a callee pressed keys
    (*digits*), `leg` a leg changed state (*state*: initiated | ringing | answered | ended), `message` the caller has finished
    leaving a message, `recording` and `transcript` arrived. *id* tells one event from its retry. *details* is what else the
    provider said that is worth keeping (durations in seconds, recording reference), all text. *call_id*, *caller* and *to*
    are the provider's id and the two numbers of the caller's leg, where the request names them: should the call be lost
    here, it is decided again by them.
    """

    provider: str
    account: str
    id: str
    what: ProgressKind
    ref: StepRef
    result: Result | None = None
    digits: str | None = None
    state: str | None = None
    answered_by: str | None = None
    call_id: str | None = None
    caller: str | None = None
    to: str | None = None
    details: Mapping[str, str] = MappingProxyType({})


class CallEnded(NamedTuple):
    """The provider says a call is over; *call_id* is its own id for the inbound call. It may come for a call we never saw."""

    provider: str
    account: str
    id: str
    call_id: str
    status: str
    seconds: int | None = None


class Receipt(NamedTuple):
    """What became of a text we sent: queued, sent, delivered, failed, in our words; *error* is the provider's code."""

    provider: str
    account: str
    id: str
    message_id: str
    state: str
    error: str | None = None


Happening = IncomingCall | IncomingText | Progress | CallEnded | Receipt
