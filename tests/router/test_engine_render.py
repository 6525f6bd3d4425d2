"""Stages and effects in the words providers are told."""

from typing import Any

import pytest

from adapters.api import AskToAccept, HangUp, Leg, PlayUrl, RejectCall, RingLegs, Speak, TakeMessage
from router.engine.render import actions_of, leg_action
from rules import signals
from rules.callstate import Dial, StageLeg
from rules.plan import Hangup, Play, Reject, Say, Voicemail

LEG = StageLeg("ben", "+16175550142", True)


@pytest.mark.parametrize(
    ("stage", "action"),
    [
        pytest.param(
            Dial((LEG,), 20, "+1617"),
            RingLegs((Leg(0, "+16175550142", True),), 20, "+1617"),
            id="phones by their place",
        ),
        pytest.param(Say("Hello", "en-GB"), Speak("Hello", "en-GB"), id="words in their language"),
        pytest.param(Play("https://x/y.mp3"), PlayUrl("https://x/y.mp3"), id="a sound elsewhere"),
        pytest.param(Play("media:ab.wav"), PlayUrl("https://p/base/media/ab.wav"), id="a greeting of ours"),
        pytest.param(
            Voicemail("main", Play("media:ab.wav"), 60, transcribe=True),
            TakeMessage("main", PlayUrl("https://p/base/media/ab.wav"), 60, transcribe=True),
            id="a box with a greeting",
        ),
        pytest.param(Voicemail("main", None, 60), TakeMessage("main", None, 60, transcribe=False), id="a box without"),
        pytest.param(Reject("busy"), RejectCall("busy"), id="busy"),
        pytest.param(Hangup(), HangUp(), id="the end"),
    ],
)
def test_stages(stage: Any, action: Any) -> None:
    """One action each."""
    assert actions_of([stage], "https://p/base") == (action,)


def test_a_callee_hears_for_whom_it_is() -> None:
    """The name of the business, and what to press."""
    action = leg_action(signals.AskToAccept(1, 2, LEG), "Acme")

    assert isinstance(action, AskToAccept)
    assert "Acme" in action.text
    assert action.leg == 2
