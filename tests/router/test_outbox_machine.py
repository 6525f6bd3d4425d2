"""The state machine of a message: what each event makes of it, when it is tried again, and when somebody must be told."""

from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.outcome import CannotTell, NotReached, NotThere, Outcome, Refused, Sent, Unknown
from router.clock import epoch
from router.outbox.course import LEASE, Course, follow, resumed
from router.outbox.machine import (
    DAY,
    Begin,
    Came,
    Drop,
    Event,
    Killed,
    LeaseOver,
    Looked,
    Lost,
    Reported,
    Retry,
    Stalled,
    advance,
)

T = 1_795_348_800.0
WAITING = Course(due=T)
SENDING = Course(phase="sending", due=T + LEASE, tries=1, fence=1, first=T, began=T, worded=T)
UNKNOWN = attrs.evolve(SENDING, phase="unknown", doubted=T, due=T + 5)
SENT = attrs.evolve(SENDING, phase="sent", due=0.0)


def go(course: Course, *events: Event, at: float = T, again: bool = True, spread: float = 0.0) -> Course:
    """Let events happen at one moment."""
    for event in events:
        course, _ = advance(course, event, at, again=again, spread=spread)
    return course


def told(course: Course, event: Event, at: float = T, *, again: bool = True, spread: float = 0.0) -> dict[str, Any]:
    """Return the record an event leaves, as one dictionary."""
    _, step = advance(course, event, at, again=again, spread=spread)
    assert step is not None
    return {"kind": step.kind, **step.public}


@pytest.mark.parametrize(
    ("course", "event", "phase"),
    [
        pytest.param(WAITING, Begin(), "sending", id="its turn"),
        pytest.param(WAITING, Killed("opted out"), "dead", id="may not be sent"),
        pytest.param(SENDING, Stalled(), "waiting", id="the journal is down: nothing was sent"),
        pytest.param(SENDING, Came(Sent("SM1"), 1), "sent", id="taken"),
        pytest.param(SENDING, Came(NotReached("refused"), 1), "waiting", id="nobody there"),
        pytest.param(SENDING, Came(Refused("busy"), 1), "waiting", id="refused for now"),
        pytest.param(SENDING, Came(Refused("bad number", permanent=True), 1), "dead", id="refused for ever"),
        pytest.param(SENDING, Came(Unknown("cut"), 1), "unknown", id="cut after the bytes went out"),
        pytest.param(SENDING, LeaseOver(), "unknown", id="no answer in time"),
        pytest.param(SENDING, Lost(), "unknown", id="we were killed meanwhile"),
        pytest.param(UNKNOWN, Looked(Sent("SM1"), 1), "sent", id="found by look-up"),
        pytest.param(UNKNOWN, Came(Sent("SM1"), 1), "sent", id="a late answer to the last try still counts"),
        pytest.param(UNKNOWN, Retry(), "waiting", id="an administrator knows better"),
        pytest.param(UNKNOWN, Drop(), "dropped", id="an administrator lets go"),
        pytest.param(SENT, Reported("delivered"), "delivered", id="delivered"),
        pytest.param(SENT, Reported("failed", "30006"), "failed", id="not delivered"),
        pytest.param(SENT, Reported("failed", "30003"), "waiting", id="not delivered, and it may be tried once more"),
    ],
)
def test_what_an_event_makes_of_a_message(course: Course, event: Event, phase: str) -> None:
    """Each event leads where the diagram says, and leaves a record."""
    moved, step = advance(course, event, T, again=True, spread=0.0)

    assert moved.phase == phase
    assert step is not None


@pytest.mark.parametrize(
    ("course", "event"),
    [
        pytest.param(SENDING, Begin(), id="a second try while one is under way"),
        pytest.param(attrs.evolve(SENDING, fence=2), Came(Sent("SM1"), 1), id="the late result of an earlier try"),
        pytest.param(attrs.evolve(UNKNOWN, fence=2), Looked(Sent("SM1"), 1), id="the look-up of an earlier try"),
        pytest.param(UNKNOWN, Came(Unknown("cut"), 1), id="a late answer that says nothing"),
        pytest.param(UNKNOWN, Killed("expired"), id="what may be out cannot be stopped"),
        pytest.param(WAITING, LeaseOver(), id="no lease runs"),
        pytest.param(SENDING, Drop(), id="dropped in the very moment it is sent"),
        pytest.param(SENDING, Retry(), id="tried again while it is sent"),
        pytest.param(SENT, Retry(), id="what is sent is not sent again"),
        pytest.param(SENT, Reported("sent"), id="sent is no news"),
        pytest.param(attrs.evolve(SENT, phase="delivered"), Reported("failed"), id="delivered is the last word"),
        pytest.param(attrs.evolve(SENT, phase="failed"), Reported("delivered"), id="failed is the last word"),
        pytest.param(
            attrs.evolve(SENT, phase="dead"), Came(Sent("SM1"), 1), id="a dead one is not revived by accident"
        ),
    ],
)
def test_what_means_nothing_changes_nothing(course: Course, event: Event) -> None:
    """Nothing is recorded, and everything stays as it is."""
    assert advance(course, event, T, again=True, spread=0.0) == (course, None)


@pytest.mark.parametrize(
    ("tries", "delay"),
    [
        pytest.param(1, 5, id="after the first"),
        pytest.param(2, 30, id="after the second"),
        pytest.param(3, 120, id="after the third"),
        pytest.param(4, 600, id="after the fourth"),
        pytest.param(5, 1800, id="after the fifth"),
        pytest.param(6, 3600, id="then hourly"),
        pytest.param(20, 3600, id="still hourly"),
    ],
)
@pytest.mark.parametrize("spread", [-1.0, 0.0, 1.0])
def test_when_it_is_tried_again(tries: int, delay: float, spread: float) -> None:
    """The schedule holds, give or take a fifth."""
    course = attrs.evolve(SENDING, tries=tries)

    again_at = epoch(told(course, Came(NotReached("refused"), 1), spread=spread)["again_at"])

    assert again_at == pytest.approx(T + delay * (1 + spread / 5))


@pytest.mark.parametrize(
    ("wait", "expected"),
    [
        pytest.param(2.0, 5.0, id="shorter than ours: ours"),
        pytest.param(90.0, 90.0, id="longer: theirs"),
        pytest.param(-5.0, 5.0, id="nonsense below"),
        pytest.param(float("nan"), 5.0, id="not a number"),
    ],
)
def test_a_provider_may_ask_us_to_wait(wait: float, expected: float) -> None:
    """Retry-After is honoured."""
    step = told(SENDING, Came(Refused("busy", retry_after=wait), 1))

    assert epoch(step["again_at"]) == pytest.approx(T + expected)


@pytest.mark.parametrize(
    ("first", "outcome"),
    [
        pytest.param(T - DAY + 3600, "retry", id="the last hour of the day"),
        pytest.param(T - DAY + 3599, "dead", id="a second later"),
    ],
)
def test_after_a_day_it_is_given_up(first: float, outcome: str) -> None:
    """A try that would come later than 24 hours after the first does not."""
    course = attrs.evolve(SENDING, tries=9, first=first)

    assert told(course, Came(NotReached("refused"), 1))["outcome"] == outcome


@pytest.mark.parametrize(
    ("found", "after", "again", "repeated", "expected"),
    [
        pytest.param(NotThere(), 59.9, True, False, None, id="not there yet: asked once more"),
        pytest.param(
            NotThere(), 60.0, True, False, ("retry", None), id="not there after a minute: sent again, unmarked"
        ),
        pytest.param(NotThere(), 60.0, False, False, ("retry", None), id="an automatic reply too, for that is certain"),
        pytest.param(CannotTell("no list"), 60.0, True, False, None, id="nobody can tell: asked once more"),
        pytest.param(CannotTell("no list"), 599.9, True, False, None, id="a second short of ten minutes"),
        pytest.param(CannotTell("no list"), 600.0, True, False, ("retry", True), id="ten minutes: again, marked"),
        pytest.param(CannotTell("no list"), 600.0, False, False, ("dead", None), id="an automatic reply never"),
        pytest.param(CannotTell("no list"), 600.0, True, True, ("dead", None), id="a marked one not a third time"),
    ],
)
def test_what_a_look_up_settles(
    found: Any, after: float, again: bool, repeated: bool, expected: tuple[str, bool | None] | None
) -> None:
    """Found is sent; not there is believed after a minute; what nobody can tell is repeated marked, or not at all."""
    course = attrs.evolve(UNKNOWN, repeat=repeated)

    moved, step = advance(course, Looked(found, 1), T + after, again=again, spread=0.0)

    if expected is None:
        assert step is None
        assert T + after < moved.due <= T + 600
    else:
        assert step is not None
        assert (step.public["outcome"], step.public.get("repeat")) == expected
        assert moved.repeat is (repeated or expected[1] is True)
        assert step.public.get("unknown") is (True if expected[0] == "dead" else None)


def test_look_ups_come_after_5_15_and_60_seconds() -> None:
    """And then until ten minutes are over."""
    course, seen = UNKNOWN, []
    while course.phase == "unknown":
        seen.append(course.due - T)
        course, _ = advance(course, Looked(CannotTell("no list"), 1), course.due, again=False, spread=0.0)

    assert seen == [5, 15, 60, 180, 360, 600]


def test_words_that_have_changed_are_looked_for_from_then_on() -> None:
    """A repeat is another text at the provider; the one before it must not be taken for it."""
    waiting = go(UNKNOWN, Looked(CannotTell("no list"), 1), at=T + 600)
    sending = go(waiting, Begin(), at=T + 700)

    assert (waiting.worded, sending.worded, sending.fence) == (None, T + 700, 2)


def test_the_journal_being_down_costs_no_try() -> None:
    """What was never sent has all its tries."""
    course = go(WAITING, Begin(), Stalled())

    assert (course.phase, course.tries, course.fence, course.due) == ("waiting", 0, 1, T + 5)


def test_a_retry_begins_anew_and_never_uses_a_fence_twice() -> None:
    """An administrator's retry has the whole schedule; what may be out already is marked."""
    dead = go(UNKNOWN, Looked(CannotTell("no list"), 1), at=T + 600, again=False)
    certain = go(SENDING, Came(Refused("no", permanent=True), 1))

    assert go(dead, Retry()) == Course(due=T, fence=1, repeat=True)
    assert go(certain, Retry()) == Course(due=T, fence=1, worded=T)


def test_numbers_in_reasons_are_masked_and_cut() -> None:
    """A reason stands in public."""
    reason = told(SENDING, Came(NotReached("cannot reach +16175550142 " + "x" * 300), 1))["reason"]

    assert reason.startswith("cannot reach +1617***0142")
    assert len(reason) == 200


@pytest.mark.parametrize(
    ("code", "reason", "opted_out"),
    [
        pytest.param("30003", "not delivered: the recipient's phone cannot be reached (30003)", None, id="unreachable"),
        pytest.param(
            "21610",
            "not delivered: the recipient has opted out of texts from this number (21610)",
            True,
            id="opted out",
        ),
        pytest.param("opted-out", "not delivered (opted-out)", True, id="opted out, says a generic provider"),
        pytest.param("\x1b[1m", "not delivered (?[1m)", None, id="harmless to a terminal"),
        pytest.param(None, "not delivered", None, id="no code"),
    ],
)
def test_a_receipt_says_why(code: str | None, reason: str, opted_out: bool | None) -> None:
    """The provider's code is told, and that somebody has opted out."""
    step = told(SENT, Reported("failed", code))

    assert (step["reason"], step.get("opted_out")) == (reason, opted_out)


def test_a_recipient_who_opted_out_is_told() -> None:
    """The record of a refusal says so too."""
    step = told(SENDING, Came(Refused("opted out (21610)", permanent=True, opted_out=True), 1))

    assert (step["outcome"], step["opted_out"]) == ("dead", True)


def test_a_clock_that_was_wrong_makes_nothing_wait_for_ever() -> None:
    """After a restart moments far in the future are brought near."""
    waiting = resumed(attrs.evolve(WAITING, due=T + 1e6), T)
    unknown = resumed(attrs.evolve(UNKNOWN, doubted=T + 1e6, due=T + 1e6), T)

    assert waiting.due == T + 3600 * 1.2
    assert unknown.doubted == T


def test_records_of_other_kinds_move_nothing() -> None:
    """Also a receipt that comes when it no longer matters."""
    assert follow(SENDING, "call", {}, T) == SENDING
    assert follow(SENDING, "receipt", {"outcome": "delivered"}, T) == SENDING


OUTCOMES: st.SearchStrategy[Outcome] = st.one_of(
    st.just(Sent("SM1")),
    st.builds(Refused, st.just("no"), permanent=st.booleans(), retry_after=st.none() | st.floats(0, 1e9)),
    st.just(NotReached("no")),
    st.just(Unknown("cut")),
)
EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.sampled_from([Begin(), Stalled(), LeaseOver(), Lost(), Killed("no"), Retry(), Drop()]),
    st.builds(Came, OUTCOMES, st.integers(0, 4)),
    st.builds(Looked, st.sampled_from([Sent("SM1"), NotThere(), CannotTell("no")]), st.integers(0, 4)),
    st.builds(Reported, st.sampled_from(["queued", "sent", "delivered", "failed"]), st.none() | st.text(max_size=9)),
)


@given(st.lists(st.tuples(EVENTS, st.floats(0, 5000), st.floats(-1, 1)), max_size=40), st.booleans())
def test_whatever_happens_records_tell_the_same(events: list[tuple[Event, float, float]], again: bool) -> None:
    """Any events in any order: no exception, records alone lead to the same place, fences grow, what is out stays out."""
    course = known = WAITING
    at, fences, out = T, [0], False
    for event, seconds, spread in events:
        at += seconds
        course, step = advance(course, event, at, again=again, spread=spread)
        if step is not None:
            known = follow(known, step.kind, step.public, at)
            if step.kind == "attempt":
                assert not out
                fences.append(course.fence)
            out = step.kind != "retried" and (out or step.kind == "sent")

        assert attrs.evolve(known, due=0.0) == attrs.evolve(course, due=0.0)
        assert 0 <= course.tries <= course.fence
    assert fences == sorted(set(fences))
