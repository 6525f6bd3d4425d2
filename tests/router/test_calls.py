"""Live calls: which there are, and which phones ring for them."""

import attrs

from router.calls import GRACE, LINGERS, LONGEST, LiveCall, LiveCalls
from rules.callstate import Dial, StageLeg, begin
from rules.plan import Voicemail

ANNA, BEN = StageLeg("anna", "sip:anna@pbx", False), StageLeg("ben", "+16175550142", True)
STATE = begin((Dial((ANNA,), 15, None), Dial((BEN, ANNA), 20, None), Voicemail("main", None, 60)))


def _call(name: str = "c1") -> LiveCall:
    return LiveCall(name, "pbx", "acme", f"their-{name}", "main", "+12025550199", "+16175550100", STATE, touched=0.0)


def test_a_call_is_found_by_both_names() -> None:
    """Ours and the provider's."""
    calls = LiveCalls()
    call = _call()
    calls.add(call, 0.0)

    assert calls.get("c1") is calls.by_provider("pbx", "acme", "their-c1") is call
    assert calls.get("c2") is calls.by_provider("other", "acme", "their-c1") is None


def test_phones_ring_while_their_stage_lasts() -> None:
    """And a little longer; not when the call has moved on, was accepted or is over."""
    calls, call = LiveCalls(), _call()
    calls.add(call, 100.0)
    first = calls.is_ringing(["sip:anna@pbx"], 100.0), calls.is_ringing(["+16175550142"], 100.0)
    expired = calls.is_ringing(["sip:anna@pbx"], 115.0 + GRACE)
    calls.move(call, STATE.reaching(1), at=120.0, touched=120.0)
    second = calls.is_ringing(["other", "+16175550142"], 121.0)
    calls.move(call, attrs.evolve(call.state, accepted=(1, 0)), at=125.0, touched=125.0)

    assert (first, expired, second) == ((True, False), False, True)
    assert not calls.is_ringing(["+16175550142", "sip:anna@pbx"], 125.0)


def test_two_calls_for_one_phone() -> None:
    """It rings as long as either does."""
    calls, one, two = LiveCalls(), _call("c1"), _call("c2")
    calls.add(one, 0.0)
    calls.add(two, 10.0)
    calls.move(one, STATE.reaching(2), at=11.0, touched=11.0)
    still = calls.is_ringing(["sip:anna@pbx"], 12.0)
    calls.move(two, STATE.reaching(2), at=12.0, touched=12.0)

    assert (still, calls.is_ringing(["sip:anna@pbx"], 12.0)) == (True, False)


def test_hearing_of_a_call_keeps_it() -> None:
    """Even when nothing changed."""
    calls, call = LiveCalls(), _call()
    calls.add(call, 0.0)
    calls.move(call, STATE, at=16_000.0, touched=16_000.0)

    assert calls.stale(16_201.0) == []
    assert calls.stale(32_201.0) == [call]


def test_a_call_that_is_over_is_known_a_while() -> None:
    """For recordings that come late; then it is forgotten."""
    calls, call = LiveCalls(), _call()
    calls.add(call, 0.0)
    calls.move(call, attrs.evolve(STATE, outcome="caller hung up"), at=1.0, touched=1.0)
    calls.forget_old(1.0 + LINGERS)
    still = calls.get("c1")
    calls.forget_old(1.1 + LINGERS)

    assert (still, len(calls)) == (call, 0)
    assert calls.get("c1") is calls.by_provider("pbx", "acme", "their-c1") is None


def test_only_what_is_old_is_looked_at() -> None:
    """Whoever was heard of last stands behind all others, also when nothing about the call has changed."""
    calls = LiveCalls()
    known = [attrs.evolve(_call(), id=name, call_id=f"their-{name}") for name in ("c1", "c2", "c3")]
    for call in known:
        calls.add(call, 0.0)
    calls.move(known[0], STATE, at=1.0, touched=60.0)
    calls.move(known[2], attrs.evolve(STATE, outcome="caller hung up"), at=1.0, touched=30.0)

    assert calls.stale(LONGEST + 61.0) == [known[1], known[0]]
    assert list(calls.live()) == [known[1], known[0]]
    assert calls.get("c3") is known[2]
