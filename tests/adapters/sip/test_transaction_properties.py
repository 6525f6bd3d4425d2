"""Whatever comes in whatever order: one decision a request, one final answer, and in the end nothing is left."""

import os
import random
from collections import Counter
from collections.abc import Callable
from types import ModuleType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

Write = Callable[..., bytes]
CALLS = range(2)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["INVITE", "ACK", "CANCEL", "MESSAGE", "decide", "fail"]), st.sampled_from(CALLS)),
        st.tuples(st.just("wait"), st.sampled_from([0.01, 0.15, 0.5, 1.9, 2.1, 4.0])),
    ),
    max_size=25,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_every_order(sip: ModuleType, sip_bytes: Write, steps: list[tuple[str, float]]) -> None:
    """
    Requests, copies, ACK, CANCEL, decisions early and late, and time in any order.

    Each transaction is decided once and answered with one final answer, however often that is sent. No interleaving raises.
    """
    world = sip.World(waits=True)
    decider, transactions = world.decider, world.core.transactions
    for what, which in steps:
        before, known, sent = len(decider.asked), len(transactions), len(world.socket.sent)
        if what == "wait":
            world.until(world.clock.seconds() + which)
        elif what in ("decide", "fail"):
            if decider.waiting:
                later = decider.waiting.pop(int(which) % len(decider.waiting))
                later.callback(sip.MOVED) if what == "decide" else later.errback(ZeroDivisionError())
        else:
            via = f"SIP/2.0/UDP 10.0.0.7;branch=z9hG4bK{which}"
            start, call = f"{what} sip:a@b SIP/2.0", f"{which}-{what == 'MESSAGE'}@x"
            world.send(sip_bytes(start, Via=via, Call_ID=call))
            decided = len(decider.asked) - before
            assert decided == len(transactions) - known
            assert decided <= (what in ("INVITE", "MESSAGE"))
            assert what != "ACK" or len(world.socket.sent) == sent
        assert transactions.deciding <= len(transactions)
    for later in decider.waiting:
        later.callback(sip.MOVED)
    world.until(world.clock.seconds() + 40)

    assert len(transactions) == transactions.deciding == 0
    assert transactions._of_peer == {}
    assert world.clock.getDelayedCalls() == []
    finals: dict[str, set[bytes]] = {}
    for _, data, _ in world.socket.sent:
        answer = sip.said(data)
        if answer.code >= 200 and "CANCEL" not in (answer.headers.first("cseq") or ""):
            finals.setdefault(answer.headers.first("call-id") or "", set()).add(data)
    asked = Counter(each.request.call_id for each in decider.asked)
    assert all(1 <= len(said) <= asked[call] for call, said in finals.items())
    assert set(finals) == set(asked)


DATAGRAMS = int(os.environ.get("SWITCHHOOK_DATAGRAMS", "2000"))
"""How many mutated ones are sent; 100,000 take a minute or two."""


@pytest.mark.parametrize("seed", [7])
def test_the_port_lives(sip: ModuleType, sip_bytes: Write, seed: int) -> None:
    """
    Whatever is sent, nothing raises, no fault of ours is met, and no answer, ACK or stranger is answered.

    Every answer goes to the source of what it answers.
    """
    chance = random.Random(seed)
    world = sip.World()
    seeds = [
        sip_bytes(sip.INVITE, "Require: a, b", "Contact: <sip:a@b>", body=b"v=0"),
        sip_bytes(sip.MESSAGE, "Content-Type: text/plain", body=b"hi"),
        sip_bytes(sip.CANCEL),
        sip_bytes(sip.ACK),
        sip_bytes(sip.OPTIONS, "Authorization: Digest a=b"),
        b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 10.0.0.7\r\n\r\n",
    ]
    for _ in range(DATAGRAMS):
        data = mutated(chance, chance.choice(seeds))
        stranger = chance.random() < 0.1
        before = len(world.socket.sent)
        world.send(data, "192.0.2.1" if stranger else "10.0.0.7")
        answered = len(world.socket.sent) - before
        silent = stranger or data.lstrip(b"\r\n").startswith((b"ACK ", b"SIP/2.0 "))
        assert answered <= (0 if silent else 2)
        world.clock.advance(0.01)
    assert {address[0] for _, _, address in world.socket.sent} == {"10.0.0.7"}
    assert world.counts["internal_error"] == 0
    assert world.send(seeds[4]) == [420] or world.send(sip_bytes(sip.OPTIONS)) == [200]


def mutated(chance: random.Random, data: bytes) -> bytes:
    """Damage *data* in a few places, as noise, cuts, doublings and moves do."""
    for _ in range(chance.randrange(1, 4)):
        at, end = sorted(chance.randrange(len(data) + 1) for _ in range(2))
        end = min(end, at + 40)
        match chance.randrange(5):
            case 0:
                data = data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
            case 1:
                data = data[:at] + data[end:]
            case 2:
                data = data[:at] + data[at:end] * 3 + data[end:]
            case 3:
                data = (
                    data[:at] + chance.choice([b"\r\n", b"\0", b'"', b"<", b";", b",", b"%", b":", b"\xff"]) + data[at:]
                )
            case _:
                data = data[:at] + str(chance.getrandbits(70)).encode() + data[end:]
    return data
