"""
How a live call goes on: `advance(state, signal) -> (state, effects)`, pure and total.

A step is rung once: signals about a step the call has left never bring it back. A signal from a step ahead is believed,
because only we can have named that step: we crashed after answering and before writing it down.
"""

from collections.abc import Mapping
from typing import assert_never

import attrs

from rules.callstate import (
    ANSWERED,
    CallState,
    Dial,
    begin,
    ends_call,
    from_json,
    to_json,
    waits,
)
from rules.event import Result
from rules.plan import Hangup, Voicemail
from rules.signals import (
    AskToAccept,
    Connect,
    DropLeg,
    Effect,
    Ended,
    Finish,
    LegMoved,
    MessageLeft,
    Missed,
    Note,
    Perform,
    PickedUp,
    Pressed,
    Repeat,
    Signal,
    StepEnded,
    Stored,
    Surprise,
    signal_of,
)

__all__ = ["CallState", "advance", "begin", "current", "from_json", "out_of_sight", "resume", "signal_of", "to_json"]

Step = tuple[CallState, tuple[Effect, ...]]

IN_WORDS: Mapping[Result, str] = {
    "answered": "answered",
    "busy": "busy",
    "no-answer": "no answer",
    "rejected": "refused to accept",
    "failed": "could not be reached",
    "machine": "a machine answered",
    "hung-up": "caller hung up",
}
"""Results as people read them."""


def advance(state: CallState, signal: Signal) -> Step:
    """Say how *signal* moves the call on, and what must be done about it."""
    match signal:
        case StepEnded():
            return _step_ended(state, signal)
        case MessageLeft():
            return _message_left(state, signal)
        case PickedUp():
            return _picked_up(state, signal)
        case Pressed():
            return _pressed(state, signal)
        case LegMoved():
            return _leg_moved(state, signal)
        case Stored(what, seconds, missing):
            return state, (Note(f"{what} missing" if missing else _lasting(what, seconds)),)
        case Ended():
            return _ended(state)
    assert_never(signal)


def current(state: CallState) -> Perform:
    """Return what the provider is to do at the place the call is at."""
    if state.over and waits(state.stage):
        return _hang_up(state)
    return Perform(state.position, state.stages[state.begun : state.position + 1])


def out_of_sight(state: CallState, outcome: str) -> Step:
    """Close a call that goes on where nobody tells us of it: as far as we know, whoever was rung has missed it."""
    return _without_answer(state, outcome, caller_gone=True)


def resume(fresh: CallState, signal: Signal) -> Step:
    """
    Go on with a call whose state is lost: *fresh* is the beginning of the same call, decided again.

    The step that *signal* belongs to counts as the one the call is at, so nothing is rung again; a step that the fresh
    plan does not have leads to its end, a voicemail.
    """
    if fresh.over or isinstance(signal, Stored | Ended) or _exists(fresh, signal.step):
        return advance(fresh, signal)
    last = fresh.reaching(len(fresh.stages) - 1)
    match signal:
        case StepEnded(result="answered"):
            return _answered(last, signal.answered_by)
        case StepEnded(result="hung-up"):
            return _without_answer(last, IN_WORDS["hung-up"], caller_gone=True)
        case StepEnded(result=result):
            return _arrived(last, IN_WORDS[result])
    return advance(last, signal)


# ---------------------------------------------------------------- each signal


def _step_ended(state: CallState, signal: StepEnded) -> Step:
    if signal.step < state.position:
        return state, (Repeat(signal.step),)
    if not _exists(state, signal.step):
        # The caller is on the line and must not hear silence: it counts as the step the call is at.
        surprise = Surprise(state, signal)
        state, effects = _stage_over(state, signal)
        return state, (surprise, *effects)
    return _stage_over(_caught_up(state, signal.step), signal)


def _stage_over(state: CallState, signal: StepEnded) -> Step:
    """Leave the stage the call is at."""
    if isinstance(state.stage, Voicemail):
        if signal.recorded or signal.result == "answered":
            return _message_left(state, MessageLeft(state.position, signal.seconds))
        return _without_answer(state, "no message left", caller_gone=signal.result == "hung-up")
    if signal.result == "answered":
        return _answered(state, signal.answered_by)
    if signal.result == "hung-up":
        return _without_answer(state, IN_WORDS["hung-up"], caller_gone=True)
    return _go_on(state, IN_WORDS[signal.result])


def _message_left(state: CallState, signal: MessageLeft) -> Step:
    outcome = _lasting("message left", signal.seconds)
    if not _exists(state, signal.step) or not isinstance(state.stages[signal.step], Voicemail):
        return state, (Surprise(state, signal), _hang_up(state))
    if state.message is not None:
        return state, (Repeat(signal.step),)
    state = attrs.evolve(_caught_up(state, signal.step), message=signal.seconds)
    if state.over:
        # the provider told the end first: what was missed has been said, the message has not
        told = Missed((), signal.seconds)
        return attrs.evolve(state, outcome=outcome), (Note(outcome), told, _hang_up(state))
    return _without_answer(state, outcome, caller_gone=False)


def _picked_up(state: CallState, signal: PickedUp) -> Step:
    leg = state.leg(signal.step, signal.leg)
    if leg is None:
        return state, (Surprise(state, signal), DropLeg())
    state = _caught_up(state, signal.step)
    if _too_late(state, signal):
        return state, (DropLeg(), Note("picked up too late"))
    if signal.machine:
        return state, (DropLeg(), Note(IN_WORDS["machine"]))
    return state, (AskToAccept(signal.step, signal.leg, leg), Note("picked up"))


def _pressed(state: CallState, signal: Pressed) -> Step:
    leg = state.leg(signal.step, signal.leg)
    if leg is None:
        return state, (Surprise(state, signal), DropLeg())
    state = _caught_up(state, signal.step)
    if _too_late(state, signal):
        return state, (DropLeg(), Note("accepted too late"))
    if signal.digits != "1":
        return attrs.evolve(state, accepted=None), (DropLeg(), Note(IN_WORDS["rejected"]))
    state = attrs.evolve(state, accepted=(signal.step, signal.leg))
    return state, (Connect(leg), Note(f"answered by {leg.person}"))


def _leg_moved(state: CallState, signal: LegMoved) -> Step:
    leg = state.leg(signal.step, signal.leg)
    if leg is None:
        return state, (Surprise(state, signal),)
    state = _caught_up(state, signal.step)
    if signal.state != "answered":
        talked = signal.result in (None, "answered")
        return state, (Note(signal.state if talked else IN_WORDS[signal.result or "failed"]),)
    if leg.confirm or _too_late(state, signal):
        return state, (Note("picked up"),)
    return attrs.evolve(state, accepted=(signal.step, signal.leg)), (Note(f"answered by {leg.person}"),)


def _ended(state: CallState) -> Step:
    if state.over:
        return state, (Note("call ended"),)
    if state.accepted is not None:
        return _finished(state, f"{ANSWERED} by {state.answered_by()}")
    return _without_answer(state, IN_WORDS["hung-up"], caller_gone=True)


# ---------------------------------------------------------------- what they have in common


def _exists(state: CallState, step: int) -> bool:
    """Say whether *step* is a stage whose links we may have given out."""
    return 0 <= step < len(state.stages) and waits(state.stages[step])


def _caught_up(state: CallState, step: int) -> CallState:
    """Return the call at *step* if that lies ahead: we have told the provider so, and then forgotten it."""
    return state.reaching(step) if step > state.position and not state.over else state


def _too_late(state: CallState, signal: PickedUp | Pressed | LegMoved) -> bool:
    """Say whether the caller is no longer waiting for this leg."""
    taken = state.accepted is not None and state.accepted != (signal.step, signal.leg)
    return state.over or signal.step < state.position or taken


def _answered(state: CallState, answered_by: str | None) -> Step:
    """Close a call that somebody took: the conversation is over."""
    stage = state.stage
    legs = stage.legs if isinstance(stage, Dial) else ()
    named = next((at for at, leg in enumerate(legs) if answered_by in (leg.person, leg.address)), None)
    if named is None and state.accepted is None and len({leg.person for leg in legs}) == 1:
        named = 0
    if named is not None:
        state = attrs.evolve(state, accepted=(state.position, named))
    person = state.answered_by()
    state, effects = _finished(state, f"{ANSWERED} by {person}" if person else ANSWERED)
    return state, (*effects, _hang_up(state))


def _go_on(state: CallState, because: str) -> Step:
    """Leave the current stage for the next one."""
    if state.over or ends_call(state.stage):
        return _without_answer(state, because, caller_gone=False)
    return _arrived(state.following(), because)


def _arrived(state: CallState, because: str) -> Step:
    """Tell the provider the stages the call has come to; if they end it, nobody has answered."""
    told = current(state)
    if waits(state.stage):
        return state, (told, Note(because))
    missed = _missed(state)
    state, effects = _finished(state, because)
    return state, (told, *effects, missed)


def _without_answer(state: CallState, outcome: str, *, caller_gone: bool) -> Step:
    """Close a call that nobody took."""
    goodbye = () if caller_gone else (_hang_up(state),)
    if state.over:
        return state, (Note(outcome), *goodbye)
    missed = _missed(state)
    state, effects = _finished(state, outcome)
    return state, (*effects, missed, *goodbye)


def _finished(state: CallState, outcome: str) -> Step:
    """Close the call; what is learnt after its end (who had answered, a message) is kept and noted."""
    effect = Note(outcome) if state.over else Finish(outcome)
    return attrs.evolve(state, outcome=outcome), (effect,)


def _missed(state: CallState) -> Missed:
    return Missed(state.rang({}), state.message)


def _hang_up(state: CallState) -> Perform:
    return Perform(state.position, (Hangup(),))


def _lasting(what: str, seconds: int) -> str:
    return f"{what}, {seconds} s" if seconds else what
