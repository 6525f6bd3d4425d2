"""From people to phones: what a call rings, in which order, showing which number."""

from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.book import Safety
from rules.callers import Caller
from rules.callstate import CallState, Dial, StageLeg, from_json, to_json
from rules.directory import Device, Directory, Person
from rules.legs import LEGS_AT_ONCE, freeze
from rules.plan import Decision, Drop, Hangup, Play, Reject, Ring, Say, Step, Voicemail

BOX = Voicemail("main", Say("Please leave a message.", "en-US"), 120)
BUSINESS = "+16175550100"


def person(name: str, *devices: tuple[str, bool], in_order: bool = False) -> Person:
    """Make somebody with phones, all at once unless *in_order*."""
    phones = tuple(Device(f"phone {at}", address, confirm) for at, (address, confirm) in enumerate(devices))
    return Person(
        name, name.title(), phones, in_order, None, (), None, None, ("sms",), None, frozenset(), None, ZoneInfo("UTC")
    )


ANNA = person("anna", ("sip:anna@pbx.example", False), ("+16175550141", True))
BEN = person("ben", ("+16175550142", True))
CHLOE = person("chloe", ("sip:chloe@pbx.example", False), ("+442079460143", True), in_order=True)
DANA = person("dana", ("sip:dana@pbx.example", False), ("+16175550144", True), ("+16175550154", True), in_order=True)
TWIN = person("twin", ("+16175550142", True))
CROWD = person("crowd", *((f"+1617555{1000 + at}", True) for at in range(23)))
PEOPLE = (ANNA, BEN, CHLOE, DANA, TWIN, CROWD)


def book(*, max_legs: int = 30, teammate_sees: str = "caller") -> SimpleNamespace:
    """Make as much of a rule book as freezing needs."""
    return SimpleNamespace(
        numbers={"boston": SimpleNamespace(e164=BUSINESS)},
        directory=Directory({each.name: each for each in PEOPLE}, {}, 20),
        safety=Safety(max_diversions=3, max_legs=max_legs, max_forwards_per_hour=60),
        teammate_sees=teammate_sees,
    )


def decision(*plan: Step, number: str | None = "boston") -> Decision:
    """Decide on *plan*."""
    return Decision(
        kind="call",
        number=number,
        caller_class="number",
        groups=(),
        at=0,
        rule="boston.calls.open",
        layer="hours",
        source=None,
        asked=(),
        plan=plan,
        why=(),
        next_open=None,
        valid_until=None,
        ruleset="sha256:0",
    )


def caller(raw: str = "+12125550100", cls: str = "number", of: str | None = None) -> Caller:
    """Make who calls."""
    return Caller(raw, cls, raw if raw.startswith("+") else None, of, (), False, cls == "number")  # type: ignore[arg-type]


def frozen(*plan: Step, who: Caller | None = None, passes: bool = True, **options: object) -> CallState:
    """Freeze *plan*."""
    return freeze(decision(*plan), book(**options), who or caller(), caller_id_passes=passes)  # type: ignore[arg-type]


def ring(*people: str, strategy: str = "all-at-once", seconds: int = 20) -> Ring:
    """Ring *people*."""
    return Ring(people, None, strategy, seconds)  # type: ignore[arg-type]


def phones(state: CallState) -> list[list[str]]:
    """Return the addresses of each dial."""
    return [[leg.address for leg in stage.legs] for stage in state.stages if isinstance(stage, Dial)]


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        pytest.param(ring("ben"), [["+16175550142"]], id="one phone"),
        pytest.param(ring("anna"), [["sip:anna@pbx.example", "+16175550141"]], id="all phones of a person at once"),
        pytest.param(ring("chloe"), [["sip:chloe@pbx.example"], ["+442079460143"]], id="a list in order"),
        pytest.param(
            ring("anna", "chloe", "dana"),
            [
                ["sip:anna@pbx.example", "+16175550141", "sip:chloe@pbx.example", "sip:dana@pbx.example"],
                ["+442079460143", "+16175550144"],
                ["+16175550154"],
            ],
            id="several at once: lists go on, who rings at once rings once",
        ),
        pytest.param(
            ring("ben", "chloe", strategy="in-turn"),
            [["+16175550142"], ["sip:chloe@pbx.example"], ["+442079460143"]],
            id="in turn, each with a round of their own",
        ),
        pytest.param(ring("ben", "twin"), [["+16175550142"]], id="a shared phone rings once at a time"),
        pytest.param(ring("nobody"), [], id="a name the book does not know"),
        pytest.param(ring(), [], id="nobody"),
    ],
)
def test_who_is_dialled(step: Ring, expected: list[list[str]]) -> None:
    """A round of people becomes one dial, or one for each place in their lists; voicemail follows."""
    state = frozen(step, BOX)

    assert phones(state) == expected
    assert state.stages[-1] == BOX
    assert all(stage.seconds == 20 for stage in state.stages if isinstance(stage, Dial))


def test_a_leg_knows_whose_it_is_and_whether_it_must_accept() -> None:
    """Names are for the record, press-1 for the provider."""
    state = frozen(ring("anna"), BOX)

    assert state.leg(0, 0) == StageLeg("anna", "sip:anna@pbx.example", confirm=False)
    assert state.leg(0, 1) == StageLeg("anna", "+16175550141", confirm=True)
    assert state.leg(0, 2) is None
    assert state.leg(0, -1) is None
    assert state.leg(1, 0) is None
    assert state.leg(7, 0) is None


def test_no_more_than_ten_at_once() -> None:
    """A large team is rung ten phones at a time."""
    assert [len(dial) for dial in phones(frozen(ring("crowd"), BOX))] == [LEGS_AT_ONCE, LEGS_AT_ONCE, 3]


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        pytest.param(30, [10, 10, 3, 1], id="room for all"),
        pytest.param(24, [10, 10, 3, 1], id="just enough"),
        pytest.param(23, [10, 10, 3], id="one too few"),
        pytest.param(11, [10, 1], id="cut within a step"),
        pytest.param(0, [], id="none at all"),
    ],
)
def test_the_limit_of_a_call(most: int, expected: list[int]) -> None:
    """No call rings more phones than the safety limit, over all its steps; then the rest of the plan follows."""
    state = frozen(ring("crowd"), ring("ben"), BOX, max_legs=most)

    assert [len(dial) for dial in phones(state)] == expected
    assert state.stages[-1] == BOX


@pytest.mark.parametrize(
    ("who", "passes", "sees", "expected"),
    [
        pytest.param(caller(), True, "caller", None, id="the caller's own number passes"),
        pytest.param(caller(), False, "caller", BUSINESS, id="the provider does not let it pass"),
        pytest.param(caller(), True, "business", BUSINESS, id="the office wants the business number"),
        pytest.param(caller("anonymous", "anonymous"), True, "caller", BUSINESS, id="a withheld number"),
        pytest.param(caller("sip:x@y", "unrecognised"), True, "caller", BUSINESS, id="a SIP address"),
        pytest.param(caller("+442079460100", "own-number"), True, "caller", None, id="another office of ours"),
        pytest.param(caller("+16175550141", "teammate", "anna"), True, "caller", BUSINESS, id="a private mobile"),
    ],
)
def test_what_a_teammate_sees(who: Caller, passes: bool, sees: str, expected: str | None) -> None:
    """The caller's number, if everybody agrees to that; else the business number, and never a colleague's private one."""
    state = frozen(ring("ben"), BOX, who=who, passes=passes, teammate_sees=sees)

    assert isinstance(state.stage, Dial)
    assert state.stage.caller_id == expected


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        pytest.param(
            caller("+16175550142", "teammate", "ben"), [], id="neither the caller nor a phone shared with them"
        ),
        pytest.param(caller("+16175550141", "teammate", "anna"), [["+16175550142"]], id="others are rung"),
        pytest.param(
            caller("<sip:anna@PBX.example:5060>", "unrecognised"),
            [["+16175550141", "+16175550142"]],
            id="the phone that calls is never rung",
        ),
    ],
)
def test_the_caller_is_not_rung(who: Caller, expected: list[list[str]]) -> None:
    """A call never rings back the phone it comes from, nor the person who makes it."""
    people = ("ben", "twin") if who.person == "ben" else ("anna", "ben")

    assert phones(frozen(ring(*people), BOX, who=who)) == expected


@pytest.mark.parametrize(
    ("plan", "expected", "position", "outcome"),
    [
        pytest.param((BOX,), (BOX,), 0, None, id="straight to voicemail"),
        pytest.param((Say("Hello."), BOX), (Say("Hello."), BOX), 1, None, id="an announcement runs on"),
        pytest.param((Reject("busy"),), (Reject("busy"),), 0, "refused", id="refused at once"),
        pytest.param((Hangup(),), (Hangup(),), 0, "hung up", id="ended at once"),
        pytest.param(
            (Play("media:ab.mp3"), Reject("busy")),
            (Play("media:ab.mp3"), Hangup()),
            1,
            "hung up",
            id="no busy tone after an announcement",
        ),
        pytest.param((), (Hangup(),), 0, "hung up", id="nothing to do"),
        pytest.param((Say("Bye."),), (Say("Bye."), Hangup()), 1, "hung up", id="an end is added"),
        pytest.param((BOX, ring("ben"), Hangup()), (BOX,), 0, None, id="nothing follows voicemail"),
        pytest.param((ring("nobody"), BOX), (BOX,), 0, None, id="nobody to ring"),
        pytest.param((Drop(),), (Hangup(),), 0, "hung up", id="a step for texts"),
    ],
)
def test_the_other_steps(
    plan: tuple[Step, ...], expected: tuple[Step, ...], position: int, outcome: str | None
) -> None:
    """Every call has an end, and stands at the first stage the provider waits for."""
    state = frozen(*plan)

    assert (state.stages, state.position, state.outcome) == (expected, position, outcome)


def test_a_refused_call_belongs_to_no_number() -> None:
    """A call for a number that is not ours is frozen all the same."""
    state = freeze(decision(Reject("declined"), number=None), book(), caller(), caller_id_passes=True)  # type: ignore[arg-type]

    assert state.stages == (Reject("declined"),)


STEPS = st.one_of(
    st.builds(
        Ring,
        st.lists(st.sampled_from([each.name for each in PEOPLE]), max_size=4).map(tuple),
        st.none(),
        st.sampled_from(["in-turn", "all-at-once", "take-turns", "rota"]),
        st.integers(5, 60),
    ),
    st.builds(Say, st.text(max_size=5), st.sampled_from([None, "en-GB"])),
    st.builds(Play, st.just("media:00.mp3")),
    st.builds(Reject, st.sampled_from(["busy", "declined", "unavailable"])),
    st.sampled_from([Hangup(), BOX, Voicemail("plain", None, 60, True), Voicemail("played", Play("media:1.wav"), 60)]),
)


@given(st.lists(STEPS, max_size=6), st.integers(0, 40))
def test_any_plan_becomes_a_call(plan: list[Step], most: int) -> None:
    """Whatever the plan: one end at the end, limits kept, and its JSON is the same call."""
    state = frozen(*plan, max_legs=most)
    dials = phones(state)

    assert sum(map(len, dials)) <= most
    assert all(0 < len(dial) <= LEGS_AT_ONCE == 10 and len(set(dial)) == len(dial) for dial in dials)
    assert from_json(to_json(state)) == state
