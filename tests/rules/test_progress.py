"""A live call: what moves it on, and that no order of signals can ring twice, miss twice or get stuck."""

import json

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from rules.callstate import CallState, Dial, Stage, StageLeg, begin, from_json, to_json, waits
from rules.event import CallEnded, Progress, StepRef
from rules.plan import Hangup, Reject, Say, Voicemail
from rules.progress import advance, current, out_of_sight, resume
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

BEN = StageLeg("ben", "+16175550142", confirm=True)
CHLOE = StageLeg("chloe", "sip:chloe@pbx.example", confirm=False)
ELI = StageLeg("eli", "+16175550145", confirm=True)
FIRST = Dial((BEN,), 15, None)
SORRY = Say("One moment.")
BOTH = Dial((CHLOE, ELI), 20, None)
BOX = Voicemail("main", Say("Leave a message."), 120)
BYE = Hangup()

# 0: ring ben · 1: announcement · 2: ring chloe and eli · 3: voicemail
CALL = begin((FIRST, SORRY, BOTH, BOX))
BEN_REFUSED = StepEnded(0, "rejected")
ONWARDS = Perform(2, (SORRY, BOTH))


def after(*signals: Signal, of: CallState = CALL) -> CallState:
    """Return the call *of* after some signals."""
    for signal in signals:
        of, _ = advance(of, signal)
    return of


SECOND = after(StepEnded(0, "no-answer"))
AT_BOX = after(StepEnded(0, "no-answer"), StepEnded(2, "busy"))
SHORT = begin((FIRST, Reject("busy")))
BEN_RANG = (("ben", 15),)
ALL_RANG = (("ben", 15), ("chloe", 20), ("eli", 20))


def test_the_first_answer() -> None:
    """The provider is first told everything up to the first stage it waits for."""
    assert current(CALL) == Perform(0, (FIRST,))
    assert current(begin((SORRY, FIRST, BOX))) == Perform(1, (SORRY, FIRST))
    assert current(begin((Reject("busy"),))) == Perform(0, (Reject("busy"),))


@pytest.mark.parametrize(
    ("state", "signal", "expected"),
    [
        # ---- a step is over
        pytest.param(CALL, StepEnded(0, "busy"), (ONWARDS, Note("busy")), id="busy: the next"),
        pytest.param(CALL, StepEnded(0, "no-answer"), (ONWARDS, Note("no answer")), id="no answer: the next"),
        pytest.param(CALL, BEN_REFUSED, (ONWARDS, Note("refused to accept")), id="did not press 1: the next"),
        pytest.param(CALL, StepEnded(0, "failed"), (ONWARDS, Note("could not be reached")), id="failed: the next"),
        pytest.param(CALL, StepEnded(0, "machine"), (ONWARDS, Note("a machine answered")), id="machine: the next"),
        pytest.param(
            SECOND, StepEnded(2, "no-answer"), (Perform(3, (BOX,)), Note("no answer")), id="the last ring: voicemail"
        ),
        pytest.param(
            CALL,
            StepEnded(0, "answered"),
            (Finish("answered by ben"), Perform(0, (BYE,))),
            id="answered: nobody else is rung",
        ),
        pytest.param(
            CALL,
            StepEnded(0, "hung-up"),
            (Finish("caller hung up"), Missed(BEN_RANG, None)),
            id="the caller gave up: nothing to say, but missed",
        ),
        pytest.param(
            SHORT,
            StepEnded(0, "busy"),
            (Perform(1, (Reject("busy"),)), Finish("busy"), Missed(BEN_RANG, None)),
            id="the plan ends without an answer",
        ),
        # ---- who it was
        pytest.param(
            SECOND, StepEnded(2, "answered"), (Finish("answered"), Perform(2, (BYE,))), id="one of two, nobody says who"
        ),
        pytest.param(
            SECOND,
            StepEnded(2, "answered", answered_by="eli"),
            (Finish("answered by eli"), Perform(2, (BYE,))),
            id="the provider knows the name",
        ),
        pytest.param(
            SECOND,
            StepEnded(2, "answered", answered_by="sip:chloe@pbx.example"),
            (Finish("answered by chloe"), Perform(2, (BYE,))),
            id="the provider knows the phone",
        ),
        pytest.param(
            SECOND,
            StepEnded(2, "answered", answered_by="+15550000000"),
            (Finish("answered"), Perform(2, (BYE,))),
            id="a phone we did not ring is not repeated",
        ),
        pytest.param(
            after(Pressed(2, 1, "1"), of=SECOND),
            StepEnded(2, "answered"),
            (Finish("answered by eli"), Perform(2, (BYE,))),
            id="who accepted",
        ),
        pytest.param(
            after(LegMoved(2, 0, "answered"), of=SECOND),
            StepEnded(2, "answered"),
            (Finish("answered by chloe"), Perform(2, (BYE,))),
            id="whose phone was picked up",
        ),
        # ---- duplicates, late comers, crashes
        pytest.param(SECOND, StepEnded(0, "no-answer"), (Repeat(0),), id="an older step is answered as before"),
        pytest.param(
            CALL,
            StepEnded(2, "busy"),
            (Perform(3, (BOX,)), Note("busy")),
            id="a step ahead: we crashed after answering",
        ),
        pytest.param(
            SECOND,
            StepEnded(9, "busy"),
            (Surprise(SECOND, StepEnded(9, "busy")), Perform(3, (BOX,)), Note("busy")),
            id="a step that never was: the call goes on",
        ),
        pytest.param(
            CALL,
            StepEnded(1, "hung-up"),
            (Surprise(CALL, StepEnded(1, "hung-up")), Finish("caller hung up"), Missed(BEN_RANG, None)),
            id="an announcement has no links, but the caller is gone",
        ),
        # ---- the callee is asked
        pytest.param(CALL, PickedUp(0, 0), (AskToAccept(0, 0, BEN), Note("picked up")), id="picked up: asked"),
        pytest.param(
            CALL, PickedUp(0, 0, machine=True), (DropLeg(), Note("a machine answered")), id="a machine is not asked"
        ),
        pytest.param(CALL, Pressed(0, 0, "1"), (Connect(BEN), Note("answered by ben")), id="1 accepts"),
        pytest.param(CALL, Pressed(0, 0, "2"), (DropLeg(), Note("refused to accept")), id="2 does not"),
        pytest.param(CALL, Pressed(0, 0, ""), (DropLeg(), Note("refused to accept")), id="no key does not"),
        pytest.param(CALL, Pressed(0, 0, "11"), (DropLeg(), Note("refused to accept")), id="11 is not 1"),
        pytest.param(SECOND, PickedUp(0, 0), (DropLeg(), Note("picked up too late")), id="picked up after its step"),
        pytest.param(SECOND, Pressed(0, 0, "1"), (DropLeg(), Note("accepted too late")), id="accepted after its step"),
        pytest.param(
            after(LegMoved(2, 0, "answered"), of=SECOND),
            PickedUp(2, 1),
            (DropLeg(), Note("picked up too late")),
            id="somebody else was faster",
        ),
        pytest.param(
            after(LegMoved(2, 0, "answered"), of=SECOND),
            Pressed(2, 1, "1"),
            (DropLeg(), Note("accepted too late")),
            id="the first to accept wins",
        ),
        pytest.param(
            after(Pressed(2, 1, "1"), of=SECOND),
            Pressed(2, 1, "1"),
            (Connect(ELI), Note("answered by eli")),
            id="accepting twice is accepting",
        ),
        pytest.param(
            after(Ended()), Pressed(0, 0, "1"), (DropLeg(), Note("accepted too late")), id="accepted a dead call"
        ),
        pytest.param(CALL, PickedUp(0, 5), (Surprise(CALL, PickedUp(0, 5)), DropLeg()), id="a leg that never was"),
        pytest.param(
            CALL, Pressed(3, 0, "1"), (Surprise(CALL, Pressed(3, 0, "1")), DropLeg()), id="a key from no leg at all"
        ),
        pytest.param(CALL, PickedUp(2, 1), (AskToAccept(2, 1, ELI), Note("picked up")), id="a leg ahead is believed"),
        # ---- legs
        pytest.param(CALL, LegMoved(0, 0, "ringing"), (Note("ringing"),), id="a phone rings"),
        pytest.param(CALL, LegMoved(0, 0, "answered"), (Note("picked up"),), id="picked up is not accepted"),
        pytest.param(SECOND, LegMoved(2, 0, "answered"), (Note("answered by chloe"),), id="no key needed: answered"),
        pytest.param(SECOND, LegMoved(2, 1, "ended", "busy"), (Note("busy"),), id="a phone is busy"),
        pytest.param(SECOND, LegMoved(2, 1, "ended", "answered"), (Note("ended"),), id="a conversation ends"),
        pytest.param(
            SECOND,
            LegMoved(2, 2, "ringing"),
            (Surprise(SECOND, LegMoved(2, 2, "ringing")),),
            id="an unknown phone rings",
        ),
        # ---- messages
        pytest.param(
            AT_BOX,
            MessageLeft(3, 23),
            (Finish("message left, 23 s"), Missed(ALL_RANG, 23), Perform(3, (BYE,))),
            id="a message",
        ),
        pytest.param(
            AT_BOX,
            MessageLeft(3, 0),
            (Finish("message left"), Missed(ALL_RANG, 0), Perform(3, (BYE,))),
            id="a message of unknown length",
        ),
        pytest.param(
            AT_BOX,
            StepEnded(3, "answered", recorded=True, seconds=7),
            (Finish("message left, 7 s"), Missed(ALL_RANG, 7), Perform(3, (BYE,))),
            id="a message told as a step",
        ),
        pytest.param(
            AT_BOX,
            StepEnded(3, "hung-up", recorded=True, seconds=7),
            (Finish("message left, 7 s"), Missed(ALL_RANG, 7), Perform(3, (BYE,))),
            id="hung up after the message",
        ),
        pytest.param(
            AT_BOX,
            StepEnded(3, "hung-up"),
            (Finish("no message left"), Missed(ALL_RANG, None)),
            id="hung up before the message",
        ),
        pytest.param(
            AT_BOX,
            StepEnded(3, "failed"),
            (Finish("no message left"), Missed(ALL_RANG, None), Perform(3, (BYE,))),
            id="no message, still there",
        ),
        pytest.param(
            CALL,
            MessageLeft(3, 5),
            (Finish("message left, 5 s"), Missed(ALL_RANG, 5), Perform(3, (BYE,))),
            id="a message ahead: all were rung",
        ),
        pytest.param(after(MessageLeft(3, 5), of=AT_BOX), MessageLeft(3, 5), (Repeat(3),), id="the same message"),
        pytest.param(
            after(Ended(), of=AT_BOX),
            MessageLeft(3, 5),
            (Note("message left, 5 s"), Missed((), 5), Perform(3, (BYE,))),
            id="the end was told before the message: it is told by itself",
        ),
        pytest.param(
            CALL,
            MessageLeft(0, 5),
            (Surprise(CALL, MessageLeft(0, 5)), Perform(0, (BYE,))),
            id="a message where none is taken",
        ),
        pytest.param(AT_BOX, Stored("recording", 23), (Note("recording, 23 s"),), id="the recording is there"),
        pytest.param(AT_BOX, Stored("recording", missing=True), (Note("recording missing"),), id="it will never be"),
        pytest.param(AT_BOX, Stored("transcript"), (Note("transcript"),), id="the transcript is there"),
        # ---- the end
        pytest.param(CALL, Ended(), (Finish("caller hung up"), Missed(BEN_RANG, None)), id="ended while ringing"),
        pytest.param(AT_BOX, Ended(), (Finish("caller hung up"), Missed(ALL_RANG, None)), id="ended without a message"),
        pytest.param(after(Pressed(0, 0, "1")), Ended(), (Finish("answered by ben"),), id="ended while talking"),
        pytest.param(after(Ended()), Ended(), (Note("call ended"),), id="ended twice"),
        pytest.param(
            after(Ended()), StepEnded(0, "hung-up"), (Note("caller hung up"),), id="the step says so after the end"
        ),
        pytest.param(
            after(Ended()),
            StepEnded(0, "answered"),
            (Note("answered by ben"), Perform(0, (BYE,))),
            id="the answer is learnt after the end",
        ),
        pytest.param(
            after(Ended()), StepEnded(2, "busy"), (Note("busy"), Perform(0, (BYE,))), id="nothing rings after the end"
        ),
    ],
)
def test_what_happens_next(state: CallState, signal: Signal, expected: tuple[Effect, ...]) -> None:
    """Each signal has its effects, in the order they are to be carried out."""
    _, effects = advance(state, signal)

    assert effects == expected


@pytest.mark.parametrize(
    ("signals", "outcome", "answered_by", "message"),
    [
        pytest.param((StepEnded(0, "answered"),), "answered by ben", "ben", None, id="answered at once"),
        pytest.param((BEN_REFUSED, Pressed(2, 1, "1"), Ended()), "answered by eli", "eli", None, id="the second try"),
        pytest.param((Pressed(0, 0, "1"), BEN_REFUSED, Ended()), "caller hung up", None, None, id="accepted in vain"),
        pytest.param((Pressed(0, 0, "1"), Pressed(0, 0, "2"), Ended()), "caller hung up", None, None, id="taken back"),
        pytest.param((MessageLeft(3, 9), Ended()), "message left, 9 s", None, 9, id="a message"),
        pytest.param((Ended(), StepEnded(0, "answered")), "answered by ben", "ben", None, id="learnt late"),
    ],
)
def test_how_it_ended(signals: tuple[Signal, ...], outcome: str, answered_by: str | None, message: int | None) -> None:
    """The call keeps how it ended, who took it, and how long a message was."""
    state = after(*signals)

    assert (state.outcome, state.answered_by(), state.message) == (outcome, answered_by, message)


def test_what_a_call_that_is_over_repeats() -> None:
    """A lost answer of a call that is over is a hang-up, or its refusal again."""
    assert current(after(Ended())) == Perform(0, (BYE,))
    assert current(after(StepEnded(0, "busy"), of=SHORT)) == Perform(1, (Reject("busy"),))


@pytest.mark.parametrize(
    ("fresh", "signal", "expected"),
    [
        pytest.param(CALL, StepEnded(0, "no-answer"), (ONWARDS, Note("no answer")), id="the step behind the lost one"),
        pytest.param(CALL, StepEnded(2, "no-answer"), (Perform(3, (BOX,)), Note("no answer")), id="then voicemail"),
        pytest.param(
            CALL, StepEnded(2, "hung-up"), (Finish("caller hung up"), Missed(ALL_RANG, None)), id="the caller is gone"
        ),
        pytest.param(CALL, StepEnded(7, "busy"), (Perform(3, (BOX,)), Note("busy")), id="a step it has not: voicemail"),
        pytest.param(CALL, StepEnded(1, "busy"), (Perform(3, (BOX,)), Note("busy")), id="no step of its: voicemail"),
        pytest.param(
            SHORT,
            StepEnded(7, "busy"),
            (Perform(1, (Reject("busy"),)), Finish("busy"), Missed(BEN_RANG, None)),
            id="no voicemail in the plan: its end",
        ),
        pytest.param(CALL, Ended(), (Finish("caller hung up"), Missed(BEN_RANG, None)), id="the end needs no step"),
        pytest.param(CALL, Stored("recording", 3), (Note("recording, 3 s"),), id="nor does a recording"),
        pytest.param(CALL, Pressed(2, 1, "1"), (Connect(ELI), Note("answered by eli")), id="a colleague accepts"),
    ],
)
def test_a_lost_call_goes_on(fresh: CallState, signal: Signal, expected: tuple[Effect, ...]) -> None:
    """Without its state a call goes on behind the step the provider names; nothing is rung a second time."""
    _, effects = resume(fresh, signal)

    assert effects == expected


@pytest.mark.parametrize(
    ("signal", "told"),
    [
        pytest.param(StepEnded(7, "answered"), Finish("answered"), id="answered"),
        pytest.param(StepEnded(7, "hung-up"), Finish("caller hung up"), id="the caller is gone"),
        pytest.param(Pressed(7, 1, "1"), DropLeg(), id="a colleague who would hear silence"),
        pytest.param(StepEnded(0, "busy"), Note("busy"), id="a call that would be refused now"),
    ],
)
def test_a_lost_call_with_another_plan(signal: Signal, told: Effect) -> None:
    """When the plan decided afresh has no such step, nobody is rung at all."""
    fresh = begin((Reject("busy"),)) if signal == StepEnded(0, "busy") else CALL

    _, effects = resume(fresh, signal)

    assert told in effects
    assert not any(
        isinstance(stage, Dial) for effect in effects if isinstance(effect, Perform) for stage in effect.stages
    )


def event(what: str, **fields: object) -> Progress:
    """Make what an adapter reads about leg 1 of step 2."""
    ref = StepRef("01J", 2, 1, "mac")
    return Progress(provider="line", account="", id="1", what=what, ref=ref, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("happening", "expected"),
    [
        pytest.param(event("next", result="busy"), StepEnded(2, "busy"), id="a step is over"),
        pytest.param(event("next"), StepEnded(2, "failed"), id="nobody says how"),
        pytest.param(
            event("next", result="answered", answered_by="eli"), StepEnded(2, "answered", "eli"), id="by whom"
        ),
        pytest.param(
            event("next", result="answered", details={"recording": "r", "seconds": "7"}),
            StepEnded(2, "answered", None, recorded=True, seconds=7),
            id="with a recording",
        ),
        pytest.param(event("screen"), PickedUp(2, 1), id="picked up"),
        pytest.param(event("screen", result="machine"), PickedUp(2, 1, machine=True), id="by a machine"),
        pytest.param(event("accept", digits="1"), Pressed(2, 1, "1"), id="a key"),
        pytest.param(event("accept"), Pressed(2, 1, ""), id="no key"),
        pytest.param(event("leg", state="ringing"), LegMoved(2, 1, "ringing"), id="a leg"),
        pytest.param(event("leg", result="busy"), LegMoved(2, 1, "", "busy"), id="a leg without a state"),
        pytest.param(event("message", details={"seconds": "23"}), MessageLeft(2, 23), id="a message"),
        pytest.param(event("message", details={"seconds": "soon"}), MessageLeft(2, 0), id="of no length"),
        pytest.param(event("message", details={"seconds": "9" * 5000}), MessageLeft(2, 0), id="of absurd length"),
        pytest.param(
            event("recording", state="completed", details={"seconds": "4"}), Stored("recording", 4), id="a recording"
        ),
        pytest.param(event("recording", state="absent"), Stored("recording", missing=True), id="no recording"),
        pytest.param(event("transcript", state="failed"), Stored("transcript", missing=True), id="no transcript"),
        pytest.param(
            CallEnded(provider="line", account="", id="1", call_id="CA1", status="completed"), Ended(), id="the end"
        ),
    ],
)
def test_signals_of_events(happening: Progress | CallEnded, expected: Signal) -> None:
    """What adapters read becomes what a call understands."""
    assert signal_of(happening) == expected


# ---------------------------------------------------------------- any order of anything

LEGS = st.sampled_from([BEN, CHLOE, ELI])
STAGES: st.SearchStrategy[Stage] = st.one_of(
    st.builds(Dial, st.lists(LEGS, min_size=1, max_size=3).map(tuple), st.integers(5, 60), st.none()),
    st.sampled_from([SORRY, BOX, BYE, Reject("busy")]),
)
STEP = st.integers(-1, 7)
RESULTS = st.sampled_from(["answered", "busy", "no-answer", "rejected", "failed", "machine", "hung-up"])
SIGNALS: st.SearchStrategy[Signal] = st.one_of(
    st.builds(StepEnded, STEP, RESULTS, st.sampled_from([None, "ben", "+1"]), st.booleans(), st.integers(0, 99)),
    st.builds(PickedUp, STEP, st.integers(-1, 3), st.booleans()),
    st.builds(Pressed, STEP, st.integers(-1, 3), st.sampled_from(["1", "2", ""])),
    st.builds(LegMoved, STEP, st.integers(-1, 3), st.sampled_from(["ringing", "answered", "ended", ""]), RESULTS),
    st.builds(MessageLeft, STEP, st.integers(0, 99)),
    st.builds(Stored, st.sampled_from(["recording", "transcript"]), st.integers(0, 99), st.booleans()),
    st.just(Ended()),
)


class Calls(RuleBasedStateMachine):
    """Calls under any signals in any order, written down and read back after each."""

    calls: Bundle[int] = Bundle("calls")

    def __init__(self) -> None:
        super().__init__()
        self.states: list[CallState] = []
        self.rung: list[list[int]] = []
        self.missed: list[int] = []

    @rule(target=calls, stages=st.lists(STAGES, max_size=6).map(tuple))
    def starts(self, stages: tuple[Stage, ...]) -> int:
        """A call comes in."""
        state = begin(stages)
        self.states.append(state)
        self.rung.append(list(state.rung))
        self.missed.append(0)
        return len(self.states) - 1

    @rule(call=calls, signal=SIGNALS)
    def goes_on(self, call: int, signal: Signal) -> None:
        """Anything happens: nothing rings twice, positions only grow, the end is told once."""
        before = self.states[call]
        state, effects = advance(from_json(json.loads(json.dumps(to_json(before)))), signal)
        performed = [effect for effect in effects if isinstance(effect, Perform)]
        for effect in performed:
            dialled = [effect.step for stage in effect.stages if isinstance(stage, Dial)]
            assert not set(dialled) & set(self.rung[call])
            self.rung[call] += dialled
        missed = [effect for effect in effects if isinstance(effect, Missed)]
        assert not before.over or all(not effect.rung and effect.message is not None for effect in missed)
        self.missed[call] += 0 if before.over else len(missed)
        assert effects
        assert len(performed) <= 1
        assert state.position >= before.position
        assert state.over >= before.over
        assert sum(isinstance(effect, Finish) for effect in effects) == (state.over and not before.over)
        assert self.missed[call] <= 1
        if isinstance(signal, PickedUp | Pressed):
            assert sum(isinstance(effect, AskToAccept | Connect | DropLeg) for effect in effects) == 1
        self.states[call] = state

    @rule(call=calls)
    def ends(self, call: int) -> None:
        """When the provider says that a call is over, it is, and who took it was not missed."""
        before = self.states[call]
        self.goes_on(call, Ended())
        assert self.states[call].over
        if not before.over:
            assert self.missed[call] == (before.accepted is None)

    @rule(call=calls, result=RESULTS)
    def always_ends(self, call: int, result: str) -> None:
        """However each step ends, a call comes to its end in no more steps than it has."""
        for _ in range(len(self.states[call].stages)):
            state = self.states[call]
            if waits(state.stage) and not state.over:
                self.goes_on(call, StepEnded(state.position, result))  # type: ignore[arg-type]
        assert self.states[call].over

    @rule(call=calls, signal=SIGNALS)
    def is_lost(self, call: int, signal: Signal) -> None:
        """A call whose state is lost goes on too, and never rings its first step."""
        fresh = begin(self.states[call].stages)
        state, effects = resume(fresh, signal)
        told = [stage for effect in effects if isinstance(effect, Perform) for stage in effect.stages]
        assert fresh.stages[fresh.position] not in told or not isinstance(fresh.stage, Dial) or state.position > 0
        assert from_json(to_json(state)) == state

    @invariant()
    def are_written_as_they_are(self) -> None:
        """Every state survives being written and read, with nothing but texts, integers, lists and objects."""
        for state in self.states:
            assert from_json(json.loads(json.dumps(to_json(state), allow_nan=False))) == state


TestCalls = Calls.TestCase
TestCalls.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


@given(st.lists(STAGES, max_size=6).map(tuple))
def test_what_is_performed_is_what_was_planned(stages: tuple[Stage, ...]) -> None:
    """When nobody ever answers, the provider is told every stage once, in order."""
    state = begin(stages)
    told = list(current(state).stages)
    while not state.over and isinstance(state.stage, Dial):
        state, effects = advance(state, StepEnded(state.position, "no-answer"))
        told += [stage for effect in effects if isinstance(effect, Perform) for stage in effect.stages]

    assert tuple(told) == state.stages
    assert attrs.evolve(state) == state


@given(st.lists(STAGES, max_size=6).map(tuple))
def test_given_whole(stages: tuple[Stage, ...]) -> None:
    """A call whose dials are all under way stands at the last of them, each rung once; out of sight it is over and missed."""
    state = begin(stages).to_the_last_ring()
    dials = tuple(at for at, stage in enumerate(state.stages) if isinstance(stage, Dial))

    gone, effects = out_of_sight(state, "no answer")

    assert state.rung == dials
    assert not dials or state.position == dials[-1]
    assert gone.over
    assert len([effect for effect in effects if isinstance(effect, Missed)]) == (not state.over)
