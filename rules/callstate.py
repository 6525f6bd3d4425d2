"""A call on its way: the frozen stages of its plan, how far it has come, and the same as JSON."""

from collections.abc import Mapping
from typing import Any, assert_never

import attrs

from rules.plan import Hangup, Play, Reject, Say, Voicemail

ANSWERED = "answered"
"""How the outcome of a call begins that somebody took."""


@attrs.frozen
class StageLeg:
    """One phone of a stage: whose it is, its *address* (`sip:` or E.164), and whether it must press 1 to accept."""

    person: str
    address: str
    confirm: bool


@attrs.frozen
class Dial:
    """Ring *legs* at once for *seconds*; they see *caller_id*, or the caller's own number when it is None."""

    legs: tuple[StageLeg, ...]
    seconds: int
    caller_id: str | None

    def people(self) -> tuple[str, ...]:
        """Return who is rung, each once."""
        return tuple(dict.fromkeys(leg.person for leg in self.legs))


Stage = Dial | Say | Play | Voicemail | Reject | Hangup
"""One thing the provider does. A `Dial` and a `Voicemail` wait for a call-back, `Say` and `Play` run on, the others end the call."""


def runs_on(stage: Stage) -> bool:
    """Say whether the provider goes on to the next stage by itself."""
    return isinstance(stage, Say | Play)


def waits(stage: Stage) -> bool:
    """Say whether the provider calls back when the stage is over."""
    return isinstance(stage, Dial | Voicemail)


def ends_call(stage: Stage) -> bool:
    """Say whether nothing can follow the stage."""
    return isinstance(stage, Voicemail | Reject | Hangup)


@attrs.frozen(kw_only=True)
class CallState:
    """
    A live call; everything needed to go on with it after a restart.

    The last of *stages* ends the call, and none before it does. The provider was last told the stages from *begun* up to
    and including *position*; links of that answer carry *position* as their step. *rung* are the positions of the dials
    begun so far. *accepted* is the leg (position, index) that answered. *message* is how long a message was left (seconds;
    0 when that is unknown). *outcome* is None while the call lives.
    """

    stages: tuple[Stage, ...]
    begun: int
    position: int
    rung: tuple[int, ...] = ()
    accepted: tuple[int, int] | None = None
    message: int | None = None
    outcome: str | None = None

    @property
    def over(self) -> bool:
        """Whether nothing is left to be done."""
        return self.outcome is not None

    @property
    def stage(self) -> Stage:
        """What the provider is doing now."""
        return self.stages[self.position]

    @property
    def answered(self) -> bool:
        """Whether somebody has taken the call, whoever that was."""
        return self.accepted is not None or (self.outcome or "").startswith(ANSWERED)

    def rang(self, measured: Mapping[int, int]) -> tuple[tuple[str, int], ...]:
        """Return who has been rung, in order, and for how many seconds: as *measured*, by stage, else the longest it may have been."""
        found: dict[str, int] = {}
        for at, stage in [(at, stage) for at in self.rung if isinstance(stage := self.stages[at], Dial)]:
            for person in stage.people():
                found[person] = found.get(person, 0) + measured.get(at, stage.seconds)
        return tuple(found.items())

    def answered_by(self) -> str | None:
        """Return who has taken the call, by name."""
        if self.accepted is None:
            return None
        stage = self.stages[self.accepted[0]]
        return stage.legs[self.accepted[1]].person if isinstance(stage, Dial) else None

    def leg(self, step: int, index: int) -> StageLeg | None:
        """Return a leg of the stage at *step*, or None if there is none."""
        stage = self.stages[step] if 0 <= step < len(self.stages) else None
        return stage.legs[index] if isinstance(stage, Dial) and 0 <= index < len(stage.legs) else None

    def reaching(self, position: int) -> "CallState":
        """Return the call at *position*, with the announcements just before it; dials passed on the way count as rung."""
        begun = position
        while begun > 0 and runs_on(self.stages[begun - 1]):
            begun -= 1
        passed = [at for at in range(self.position, position + 1) if isinstance(self.stages[at], Dial)]
        rung = (*self.rung, *(at for at in passed if at not in self.rung))
        return attrs.evolve(self, begun=begun, position=position, rung=rung, accepted=None)

    def to_the_last_ring(self) -> "CallState":
        """Return the call where it stands once all its dials are under way; they count as rung."""
        dials = [at for at, stage in enumerate(self.stages) if isinstance(stage, Dial)]
        return self.reaching(dials[-1]) if dials else self

    def following(self) -> "CallState":
        """Return the call at the next stage that does not run on."""
        return self.reaching(_settles(self.stages, self.position + 1))


def _settles(stages: tuple[Stage, ...], first: int) -> int:
    """Return the position of the first stage from *first* on that does not run on."""
    return next(at for at in range(first, len(stages)) if not runs_on(stages[at]))


def begin(stages: tuple[Stage, ...]) -> CallState:
    """
    Start a call at the first of *stages*; one that is refused or ended at once is over at once.

    What stands behind a stage that ends the call is left out, and stages without such an end get a hang-up.
    """
    ends = next((at for at, stage in enumerate(stages) if ends_call(stage)), None)
    complete = (*stages, Hangup()) if ends is None else stages[: ends + 1]
    state = CallState(stages=complete, begun=0, position=0).reaching(_settles(complete, 0))
    return state if waits(state.stage) else attrs.evolve(state, outcome=ENDED_BY_US[type(state.stage)])


ENDED_BY_US: Mapping[type[Stage], str] = {Reject: "refused", Hangup: "hung up"}
"""How a call ended that nobody was rung for, by its last stage."""


# ---------------------------------------------------------------- as JSON

_Json = dict[str, Any]


def to_json(state: CallState) -> _Json:
    """Write *state* with texts, integers, lists and objects only."""
    written: _Json = {
        "stages": [_stage_to_json(stage) for stage in state.stages],
        "begun": state.begun,
        "position": state.position,
        "rung": list(state.rung),
        "accepted": list(state.accepted) if state.accepted else None,
        "message": state.message,
        "outcome": state.outcome,
    }
    return written


def from_json(written: Mapping[str, Any]) -> CallState:
    """Read what `to_json` wrote."""
    accepted = written["accepted"]
    return CallState(
        stages=tuple(_stage_from_json(stage) for stage in written["stages"]),
        begun=written["begun"],
        position=written["position"],
        rung=tuple(written["rung"]),
        accepted=(accepted[0], accepted[1]) if accepted else None,
        message=written["message"],
        outcome=written["outcome"],
    )


def _stage_to_json(stage: Stage) -> _Json:
    match stage:
        case Dial():
            legs = [[leg.person, leg.address, leg.confirm] for leg in stage.legs]
            return {"dial": legs, "seconds": stage.seconds, "caller_id": stage.caller_id}
        case Say():
            return {"say": stage.text, "language": stage.language}
        case Play():
            return {"play": stage.source}
        case Voicemail():
            greeting = _stage_to_json(stage.greeting) if stage.greeting else None
            return {
                "voicemail": stage.box,
                "greeting": greeting,
                "max_seconds": stage.max_seconds,
                "transcribe": stage.transcribe,
            }
        case Reject():
            return {"reject": stage.reason}
        case Hangup():
            return {"hangup": True}
    assert_never(stage)


def _stage_from_json(written: Mapping[str, Any]) -> Stage:
    match written:
        case {"dial": legs, "seconds": seconds, "caller_id": caller_id}:
            return Dial(tuple(StageLeg(*leg) for leg in legs), seconds, caller_id)
        case {"say": _} | {"play": _}:
            return _greeting_from_json(written)
        case {"voicemail": box, "greeting": greeting, "max_seconds": seconds, "transcribe": transcribe}:
            return Voicemail(box, _greeting_from_json(greeting) if greeting else None, seconds, transcribe)
        case {"reject": reason}:
            return Reject(reason)
    return Hangup()


def _greeting_from_json(written: Mapping[str, Any]) -> Say | Play:
    return Say(written["say"], written["language"]) if "say" in written else Play(written["play"])
