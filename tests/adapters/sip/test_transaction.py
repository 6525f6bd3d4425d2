"""Each request is decided once and answered alike, whatever is lost and however it races."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from adapters.sip.asked import SipAnswer

Write = Callable[..., bytes]
RETRIES = [0.0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]


def tag_of(sip: ModuleType, data: bytes) -> Any:
    """Return the To tag of an answer."""
    return sip.said(data).headers.first("to").partition("tag=")[2]


# ---------------------------------------------------------------- INVITE


def test_an_answer_at_once(sip: ModuleType, sip_bytes: Write) -> None:
    """A quick decision is sent without a 100, and after the ACK silence reigns: nothing is sent again."""
    world = sip.World()
    assert world.send(sip_bytes(sip.INVITE)) == [302]
    assert world.send(sip_bytes(sip.ACK)) == []
    world.until(40)
    assert world.codes() == [302]
    assert len(world.decider.asked) == 1
    assert len(world.core.transactions) == 0
    assert world.decider.heard == []


@pytest.mark.parametrize(
    ("after", "codes"),
    [
        pytest.param(0.1, [302], id="a decision before 150 ms needs no 100"),
        pytest.param(0.2, [100, 302], id="a later one is preceded by it"),
    ],
)
def test_trying(sip: ModuleType, sip_bytes: Write, after: float, codes: list[int]) -> None:
    """100 is sent exactly when the answer takes 150 ms; it has no To tag and copies Timestamp."""
    world = sip.World(waits=True)
    world.send(sip_bytes(sip.INVITE, "Timestamp: 54"))
    world.until(after)
    world.decider.waiting[0].callback(sip.MOVED)
    assert world.codes() == codes
    if 100 in codes:
        assert world.times(100) == pytest.approx([0.15])
        trying = sip.said(world.socket.sent[0][1])
        assert trying.headers.first("timestamp") == "54"
        assert "tag" not in trying.headers.first("to")


def test_the_answer_is_sent_again_until_the_ack_is_missed(sip: ModuleType, sip_bytes: Write) -> None:
    """Timer G sends the same bytes 11 times within 32 s, then timer H gives up and tells."""
    world = sip.World()
    world.send(sip_bytes(sip.INVITE))
    world.until(31.9)
    assert world.times(302) == pytest.approx(RETRIES, abs=0.001)
    assert len({data for _, data, _ in world.socket.sent}) == 1
    assert world.decider.heard == []
    world.until(32.1)
    assert world.decider.heard == ["unacknowledged"]
    assert world.counts["ack_missing"] == 1
    assert world.counts["retransmission.out"] == 10
    assert len(world.core.transactions) == 0
    world.until(80)
    assert len(world.socket.sent) == 11
    assert world.clock.getDelayedCalls() == []


@pytest.mark.parametrize(
    ("at", "codes", "count"),
    [
        pytest.param(0.1, [], 1, id="before there is anything to say, silence"),
        pytest.param(0.3, [100], 1, id="while it is decided, the 100 again"),
        pytest.param(1.2, [302], 1, id="after the answer, that again"),
        pytest.param(4.0, [], 1, id="after the ACK, silence"),
        pytest.param(8.6, [100], 2, id="after timer I it is a new request"),
    ],
)
def test_a_copy_of_the_request(sip: ModuleType, sip_bytes: Write, at: float, codes: list[int], count: int) -> None:
    """A copy is answered with what was said last, and never decided again while it is known."""
    world = sip.World(waits=True)
    sent = sip_bytes(sip.INVITE)
    world.send(sent)
    world.clock.callLater(1.0, lambda: world.decider.waiting[0].callback(sip.MOVED))
    world.clock.callLater(3.5, world.send, sip_bytes(sip.ACK))
    world.until(at)
    heard = world.send(sent)
    if count == 2:
        world.until(at + 0.2)
        heard = world.codes()[-1:]
    assert heard == codes
    assert len(world.decider.asked) == count
    assert world.counts["retransmission.in"] == 2 - count


@pytest.mark.parametrize(
    ("cancel_at", "codes", "heard"),
    [
        pytest.param(0.05, [200, 487], ["cancelled"], id="before the 100"),
        pytest.param(0.95, [100, 200, 487], ["cancelled"], id="just before the decision"),
        pytest.param(1.05, [100, 302, 200], [], id="just after the decision"),
    ],
)
def test_cancel_races_the_decision(
    sip: ModuleType, sip_bytes: Write, cancel_at: float, codes: list[int], heard: list[str]
) -> None:
    """Whoever is first wins: one final answer to the INVITE, a 200 to the CANCEL, and one tag for both."""
    world = sip.World(waits=True)
    world.send(sip_bytes(sip.INVITE))
    world.clock.callLater(1.0, lambda: world.decider.waiting[0].callback(sip.MOVED))
    world.clock.callLater(cancel_at, world.send, sip_bytes(sip.CANCEL))
    world.clock.callLater(cancel_at + 0.15, world.send, sip_bytes(sip.ACK))
    world.until(3)
    assert world.codes() == codes
    assert world.decider.heard == heard
    assert world.counts["cancelled"] == len(heard)
    assert len({tag_of(sip, data) for _, data, _ in world.socket.sent if sip.said(data).code != 100}) == 1
    assert world.send(sip_bytes(sip.CANCEL)) == [200]
    world.until(40)
    assert world.send(sip_bytes(sip.CANCEL)) == [481]


def test_a_decision_that_takes_too_long(sip: ModuleType, sip_bytes: Write) -> None:
    """After two seconds the answer for errors goes out, and what is decided later is thrown away."""
    world = sip.World(waits=True)
    world.send(sip_bytes(sip.INVITE))
    world.until(2.1)
    assert world.codes() == [100, 480]
    assert world.times(480) == pytest.approx([2.0])
    world.decider.waiting[0].callback(sip.MOVED)
    assert world.codes() == [100, 480]
    assert world.decider.heard == ["deadline"]


@pytest.mark.parametrize(
    "broken", [pytest.param(False, id="the answer for errors"), pytest.param(True, id="even that is broken: 480")]
)
def test_a_decision_that_fails(sip: ModuleType, sip_bytes: Write, broken: bool) -> None:
    """A fault while deciding is counted, and the caller gets an answer."""
    world = sip.World(error=ZeroDivisionError(), broken=broken)
    assert world.send(sip_bytes(sip.INVITE)) == [480]
    assert world.decider.heard == ["error"]
    assert world.counts["internal_error"] == 1 + broken
    world.until(40)
    assert world.counts["internal_error"] == 1 + 2 * broken


def test_an_answer_that_cannot_be_written(sip: ModuleType, sip_bytes: Write) -> None:
    """It is counted, and the deadline answers."""
    world = sip.World(answer=SipAnswer(302, headers=(("Contact", None),)), waits=False)  # type: ignore[arg-type]
    world.decider.answer = None
    assert world.send(sip_bytes(sip.INVITE)) == []
    assert world.counts["internal_error"] == 1
    world.until(2.1)
    assert world.codes() == [100, 480]


@pytest.mark.parametrize("when", [pytest.param(0, id="never an INVITE"), pytest.param(1, id="twice after one")])
def test_acks_are_never_answered(sip: ModuleType, sip_bytes: Write, when: int) -> None:
    """An ACK is taken in silence, whether it belongs to anything or not, and whatever is wrong with it."""
    world = sip.World()
    if when:
        world.send(sip_bytes(sip.INVITE))
    for ack in (
        sip_bytes(sip.ACK),
        sip_bytes(sip.ACK),
        sip_bytes(sip.ACK, CSeq="1 INVITE"),
        sip_bytes(sip.ACK, To=None),
        sip_bytes(sip.ACK, Call_ID=None),
    ):
        assert world.send(ack) == []


# ---------------------------------------------------------------- MESSAGE


def test_a_message_is_answered_for_32_seconds(sip: ModuleType, sip_bytes: Write) -> None:
    """No 100, no repeating by itself; a copy within timer J gets the same bytes, a later one is new."""
    world = sip.World(answer=SipAnswer(202))
    text = sip_bytes(sip.MESSAGE, "Content-Type: text/plain", body=b"hi")
    assert world.send(text) == [202]
    world.until(31.9)
    assert world.send(text) == [202]
    assert world.socket.sent[0][1] == world.socket.sent[1][1]
    assert len(world.decider.asked) == 1
    assert world.core.transactions.count("MESSAGE") == 1
    world.until(32.1)
    assert world.send(text) == [202]
    assert len(world.decider.asked) == 2


def test_a_message_that_waits_has_no_100(sip: ModuleType, sip_bytes: Write) -> None:
    """A copy of a text that is being decided is not answered before the text itself; a CANCEL does not concern it."""
    world = sip.World(waits=True)
    text = sip_bytes(sip.MESSAGE, "Content-Type: text/plain", body=b"hi")
    world.send(text)
    world.until(1)
    assert world.send(text) == []
    assert world.send(sip_bytes(sip.CANCEL)) == [481]
    world.decider.waiting[0].callback(SipAnswer(202))
    assert world.codes() == [481, 202]


# ---------------------------------------------------------------- limits


def test_a_request_that_came_two_ways(sip: ModuleType, sip_bytes: Write) -> None:
    """The second way is told 482 while the first is known; afterwards it would be new."""
    world = sip.World()
    other = sip_bytes(sip.INVITE, Via="SIP/2.0/UDP 10.0.0.8;branch=z9hG4bKother")
    assert world.send(sip_bytes(sip.INVITE)) == [302]
    assert world.send(other, "10.0.0.8") == [482]
    world.send(sip_bytes(sip.ACK))
    world.until(5.1)
    assert world.send(other, "10.0.0.8") == [302]


def numbered(sip: ModuleType, sip_bytes: Write, number: int, start: str | None = None) -> bytes:
    """Write one of many calls."""
    return sip_bytes(start or sip.INVITE, Via=f"SIP/2.0/UDP 10.0.0.7;branch=z9hG4bK{number}", Call_ID=f"{number}@x")


def test_a_peer_that_never_acknowledges(sip: ModuleType, sip_bytes: Write) -> None:
    """Beyond its share it is told 503 and when to come back, without a transaction; an ACK makes room."""
    world = sip.World()
    world.core.transactions.most_of_peer = 2
    assert [code for n in (1, 2, 3, 3) for code in world.send(numbered(sip, sip_bytes, n))] == [302, 302, 503, 503]
    assert sip.said(world.socket.sent[-1][1]).headers.first("retry-after") == "5"
    world.send(numbered(sip, sip_bytes, 1, sip.ACK))
    assert world.send(numbered(sip, sip_bytes, 3)) == [302]
    assert len(world.core.transactions) == 3


def test_when_all_is_full_the_acknowledged_make_room(sip: ModuleType, sip_bytes: Write) -> None:
    """The one acknowledged longest ago goes first; with none of them, 503."""
    world = sip.World()
    world.core.transactions.most = 2
    for n in (1, 2):
        world.send(numbered(sip, sip_bytes, n))
    assert world.send(numbered(sip, sip_bytes, 3)) == [503]
    for n in (2, 1):
        world.send(numbered(sip, sip_bytes, n, sip.ACK))
        world.clock.advance(0.01)
    assert world.send(numbered(sip, sip_bytes, 3)) == [302]
    assert world.send(numbered(sip, sip_bytes, 4)) == [302]
    assert world.send(numbered(sip, sip_bytes, 5)) == [503]
    world.until(60)
    assert len(world.core.transactions) == 0


def test_nothing_is_sent_after_the_end(sip: ModuleType, sip_bytes: Write) -> None:
    """Stopping ends every timer, and a decision still under way is for nobody."""
    world = sip.World(waits=True)
    world.core.stop()
    world.send(sip_bytes(sip.INVITE))
    world.core.stop()
    world.decider.waiting[0].callback(sip.MOVED)
    world.until(40)
    assert world.codes() == []
    assert world.clock.getDelayedCalls() == []
