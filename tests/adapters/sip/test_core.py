"""The order of checks, and who hears what."""

from collections.abc import Callable
from ipaddress import ip_network
from types import ModuleType
from typing import Any

import pytest

from adapters.sip.framing import Ping
from adapters.sip.peers import Peer

Write = Callable[..., bytes]
REGISTER = "REGISTER sip:biz.example.com SIP/2.0"


@pytest.mark.parametrize(
    ("start", "fields", "lines", "code"),
    [
        pytest.param("INVITE", {"Via": "SIP/2.0/UDP ,"}, (), 400, id="a Via that cannot be read"),
        pytest.param("INVITE", {"To": None}, (), 400, id="a field that must be there"),
        pytest.param("INVITE x SIP/7.0", {}, (), 505, id="another version"),
        pytest.param("FETCH sip:a@b SIP/2.0", {}, (), 501, id="a method nobody knows"),
        pytest.param("INVITE http://a/ SIP/2.0", {}, (), 416, id="another scheme"),
        pytest.param("INVITE sip:a?b=c@x SIP/2.0", {}, (), 404, id="not our domain"),
        pytest.param("INVITE tel:+12125550100 SIP/2.0", {}, (), 302, id="a number has no domain"),
        pytest.param(REGISTER, {}, (), 405, id="known but not served"),
        pytest.param("INVITE", {"To": "<sip:100@biz.example.com>;tag=1"}, (), 481, id="within a dialog"),
        pytest.param("INVITE", {}, ("Require: 100rel",), 302, id="a redirect ignores Require"),
        pytest.param("OPTIONS sip:10.0.0.5 SIP/2.0", {}, ("Require: 100rel",), 420, id="OPTIONS does not"),
        pytest.param("OPTIONS sip:10.0.0.5 SIP/2.0", {}, (), 200, id="OPTIONS, to whatever name"),
        pytest.param("MESSAGE", {}, ("Content-Type: image/png",), 415, id="a text that is none"),
        pytest.param("INVITE", {"Content-Length": "999"}, (), 400, id="a body that is not all there"),
        pytest.param("CANCEL", {}, (), 481, id="CANCEL of nothing"),
    ],
)
def test_the_answer(
    sip: ModuleType, sip_bytes: Write, start: str, fields: dict[str, str], lines: tuple[str, ...], code: int
) -> None:
    """Each request gets exactly its one answer, the same bytes for each copy, with a To tag."""
    world = sip.World(domains=frozenset({"biz.example.com"}))
    sent = sip_bytes(start if " " in start else f"{start} sip:100@biz.example.com SIP/2.0", *lines, **fields)
    assert world.send(sent) == [code]
    assert world.send(sent) == [code]
    assert world.socket.sent[0][1] == world.socket.sent[1][1]
    assert len(world.decider.asked) == (code == 302)


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"\r\n\r\n", id="a keep-alive"),
        pytest.param(b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP a\r\n\r\n", id="an answer"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", id="something else"),
    ],
)
def test_silence(sip: ModuleType, sent: bytes) -> None:
    """What is no request gets no answer."""
    assert sip.World().send(sent) == []


@pytest.mark.parametrize("start", ["OPTIONS sip:a SIP/2.0", "INVITE sip:a SIP/2.0", REGISTER, "x"])
def test_a_stranger_hears_nothing(
    sip: ModuleType, sip_bytes: Write, start: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Not a byte goes out; every knock is counted."""
    world = sip.World()
    for _ in range(3):
        assert world.send(sip_bytes(start), "192.0.2.1") == []
    assert world.counts["dropped.unlisted"] == 3
    assert world.decider.asked == []


def test_strangers_fill_no_log(sip: ModuleType) -> None:
    """One line a source a minute, and no more than a thousand sources."""
    world = sip.World()
    lines: list[str] = []

    class Log:
        def warning(self, event: str, **fields: Any) -> None:
            lines.append(fields["source"])

    world.core.strangers.log = Log()
    for at in (0, 59.9, 60, 60.1):
        world.core.strangers.note("192.0.2.1", "udp", at)
    assert len(lines) == 2
    for n in range(2000):
        world.core.strangers.note(f"n{n}", "udp", 61)
    assert len(lines) == 2 + 1023
    world.core.strangers.note("later", "udp", 130)
    assert lines[-1] == "later"


@pytest.mark.parametrize(
    ("via", "ip", "port", "to"),
    [
        pytest.param("10.0.0.7", "10.0.0.7", 6000, ("10.0.0.7", 5060), id="without rport to the usual port"),
        pytest.param("10.0.0.7:5070", "10.0.0.7", 6000, ("10.0.0.7", 5070), id="to the port named"),
        pytest.param("10.0.0.7:5070;rport", "10.0.0.7", 6000, ("10.0.0.7", 6000), id="with rport whence it came"),
        pytest.param(
            "192.0.2.9;maddr=192.0.2.8;received=192.0.2.7", "10.0.0.7", 9, ("10.0.0.7", 5060), id="never elsewhere"
        ),
        pytest.param("[2001:db8::1];rport", "2001:db8::1", 6000, ("2001:db8::1", 6000), id="IPv6"),
    ],
)
def test_where_answers_go(sip: ModuleType, sip_bytes: Write, via: str, ip: str, port: int, to: tuple[str, int]) -> None:
    """Answers go to the address the datagram came from, and nowhere else."""
    world = sip.World()
    host, _, params = via.partition(";")
    world.send(
        sip_bytes(sip.INVITE, Via=f"SIP/2.0/UDP {host};branch=z9hG4bK1{';' + params if params else ''}"), ip, port
    )
    assert [address for _, _, address in world.socket.sent] == [to]


def test_a_via_that_cannot_be_read_is_answered_to_the_source(sip: ModuleType, sip_bytes: Write) -> None:
    """The port is the one it came from."""
    world = sip.World()
    world.send(sip_bytes(sip.INVITE, Via="x"), port=6000)
    assert [address for _, _, address in world.socket.sent] == [("10.0.0.7", 6000)]


@pytest.mark.parametrize("method", ["INVITE", "OPTIONS", "MESSAGE"])
def test_without_rules_and_while_draining(sip: ModuleType, sip_bytes: Write, method: str) -> None:
    """Everything new is told 503 and when to come back; what is under way gets its answer, and only then it is drained."""
    world = sip.World(ready=False)
    request = sip_bytes(f"{method} sip:100@biz.example.com SIP/2.0")
    assert world.send(request) == [503]
    world.decider.ready = world.decider.waits = True
    world.send(sip_bytes(sip.INVITE, Via="SIP/2.0/UDP 10.0.0.7;branch=z9hG4bKold", Call_ID="old@x"))
    drained: list[None] = []
    world.core.drain().addCallback(drained.append)
    assert world.send(request) == [503]
    assert sip.said(world.socket.sent[-1][1]).headers.first("retry-after") == "5"
    assert drained == []
    world.decider.waiting[0].callback(sip.MOVED)
    assert world.codes()[-1] == 302
    assert drained == [None]
    world.core.drain().addCallback(drained.append)
    assert drained == [None, None]


def test_a_peer_that_asks_too_much(sip: ModuleType, sip_bytes: Write) -> None:
    """Two seconds' worth at once, then as many as its rate, garbage included; its ACK and CANCEL always count."""
    world = sip.World(Peer(name="edge", source=(ip_network("10.0.0.7"),), rate=1.0), waits=True)
    options = sip_bytes(sip.OPTIONS)
    world.send(sip_bytes(sip.INVITE))
    assert world.send(options) + world.send(options) == [200]
    assert world.send(sip_bytes(sip.OPTIONS, Content_Length="99")) == []
    assert world.send(sip_bytes(sip.CANCEL)) == [200, 487]
    world.clock.advance(0.4)
    assert world.send(sip_bytes(sip.ACK)) == []
    world.clock.advance(0.6)
    assert world.send(options) + world.send(options) == [200]
    assert world.counts["dropped.rate"] == 3


def test_a_fault_of_ours_is_answered_once(sip: ModuleType, sip_bytes: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """500 when there is a Via to answer to; the port lives whatever happens."""
    world = sip.World()

    def stumble(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as broken:
        broken.setattr("adapters.sip.transaction.Transactions.find", stumble)
        assert world.send(sip_bytes(sip.INVITE)) == [500]
        broken.setattr("adapters.sip.core.check_syntax", stumble)
        broken.setattr("adapters.sip.transaction.Transactions.acknowledge", stumble)
        assert world.send(sip_bytes(sip.ACK)) == []
        assert world.send(sip_bytes(sip.INVITE, Via="x")) == []
        broken.setattr("adapters.sip.core.respond", stumble)
        assert world.send(sip_bytes(sip.INVITE, Content_Length="99")) == []
        broken.setattr("adapters.sip.datagrams.read_datagram", stumble)
        assert world.send(b"x" * 20) == []
        broken.setattr("adapters.sip.datagrams.read_datagram", lambda _: Ping())
        broken.setattr("adapters.sip.datagrams.DatagramFlow.pong", stumble)
        assert world.send(b"x" * 20) == []
    assert world.counts["internal_error"] >= 6
    assert world.send(sip_bytes(sip.INVITE)) == [302]


def test_a_network_that_does_not_take_it(sip: ModuleType, sip_bytes: Write) -> None:
    """What cannot be sent is counted and lost, also when the port is closed already."""
    world = sip.World()
    world.socket.error = OSError("unreachable")
    world.send(sip_bytes(sip.INVITE))
    world.datagrams.transport = None
    world.until(0.6)
    assert world.counts["dropped.unsent"] == 2


def test_labels_are_a_closed_set(sip: ModuleType, sip_bytes: Write) -> None:
    """A method somebody made up counts as `other`."""
    world = sip.World()
    world.send(sip_bytes("SECRET sip:a@b SIP/2.0"))
    assert world.counts["request.other.edge.udp"] == world.counts["response.other.501"] == 1


def test_drained_is_when_the_last_has_its_answer(sip: ModuleType, sip_bytes: Write) -> None:
    """One of two is not enough."""
    world, drained = sip.World(waits=True), list[None]()
    for call in "ab":
        world.send(sip_bytes(sip.INVITE, Via=f"SIP/2.0/UDP 10.0.0.7;branch=z9hG4bK{call}", Call_ID=call))
    world.core.drain().addCallback(drained.append)
    world.decider.waiting[0].callback(sip.MOVED)
    assert drained == []
    world.decider.waiting[1].callback(sip.MOVED)
    assert drained == [None]
