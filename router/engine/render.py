"""From what a call is to do to what a provider is told: stages and effects into actions."""

from collections.abc import Iterable

from adapters.api import (
    Action,
    AskToAccept,
    ConnectLeg,
    DropLeg,
    HangUp,
    Leg,
    PlayUrl,
    RejectCall,
    RingLegs,
    Speak,
    TakeMessage,
)
from rules import signals
from rules.callstate import Dial, Stage
from rules.plan import Hangup, Play, Reject, Say, Voicemail

ACCEPT = "This is a call for {business}. To take it, press 1."
"""What a callee hears who must press 1."""


def actions_of(stages: Iterable[Stage], public_url: str) -> tuple[Action, ...]:
    """Return what the provider is to do for *stages*; greetings of ours are fetched from *public_url*."""
    return tuple([_action(stage, public_url) for stage in stages])


def leg_action(effect: signals.AskToAccept | signals.Connect | signals.DropLeg, business: str) -> Action:
    """Return what a callee's leg is to do."""
    match effect:
        case signals.AskToAccept(index=index):
            return AskToAccept(ACCEPT.format(business=business), None, index)
        case signals.Connect():
            return ConnectLeg()
        case signals.DropLeg():
            return DropLeg()


def _action(stage: Stage, public_url: str) -> Action:
    match stage:
        case Dial(legs=legs, seconds=seconds, caller_id=caller_id):
            rung = tuple([Leg(index, leg.address, leg.confirm) for index, leg in enumerate(legs)])
            return RingLegs(rung, seconds, caller_id)
        case Say() | Play():
            return _greeting(stage, public_url)
        case Voicemail(box=box, greeting=greeting, max_seconds=longest, transcribe=transcribe):
            spoken = _greeting(greeting, public_url) if greeting else None
            return TakeMessage(box, spoken, longest, transcribe)
        case Reject(reason=reason):
            return RejectCall(reason)
        case Hangup():
            return HangUp()


def _greeting(greeting: Say | Play, public_url: str) -> Speak | PlayUrl:
    if isinstance(greeting, Say):
        return Speak(greeting.text, greeting.language)
    if greeting.source.startswith("media:"):
        return PlayUrl(f"{public_url}/media/{greeting.source.removeprefix('media:')}")
    return PlayUrl(greeting.source)
