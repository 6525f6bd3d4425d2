"""A server of SIP whose clock, decisions and network are a test's."""

from collections import Counter
from ipaddress import ip_network
from typing import Any

import attrs
from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport

from adapters.sip.asked import SipAnswer, SipAsked
from adapters.sip.core import Core
from adapters.sip.datagrams import Datagrams
from adapters.sip.framing import read_datagram
from adapters.sip.message import Response
from adapters.sip.peers import Peer, Peers
from adapters.sip.streams import Stream, Streams

EDGE = Peer(name="edge", source=(ip_network("10.0.0.0/24"), ip_network("2001:db8::/64")))
MOVED = SipAnswer(302, headers=(("Contact", "<sip:alice@pbx.example.com>;q=1.0"),))
INVITE = "INVITE sip:100@biz.example.com SIP/2.0"
MESSAGE = "MESSAGE sip:100@biz.example.com SIP/2.0"
OPTIONS = "OPTIONS sip:biz.example.com SIP/2.0"
ACK = "ACK sip:100@biz.example.com SIP/2.0"
CANCEL = "CANCEL sip:100@biz.example.com SIP/2.0"


@attrs.define
class FakeDecider:
    """Answers *answer* at once, unless it is to be waited for or to fail."""

    answer: Any = MOVED
    ready: bool = True
    waits: bool = False
    error: Exception | None = None
    broken: bool = False
    asked: list[SipAsked] = attrs.field(factory=list)
    waiting: list[Any] = attrs.field(factory=list)
    heard: list[str] = attrs.field(factory=list)

    async def decide(self, asked: SipAsked) -> SipAnswer:
        self.asked.append(asked)
        if self.error is not None:
            raise self.error
        if self.waits:
            later: Deferred[SipAnswer] = Deferred()
            self.waiting.append(later)
            return await later
        answer: SipAnswer = self.answer
        return answer

    def on_error(self, asked: SipAsked, trouble: str) -> SipAnswer:
        self.heard.append(trouble)
        if self.broken:
            raise ZeroDivisionError
        return SipAnswer(480)

    def ended(self, asked: SipAsked, outcome: str) -> None:
        self.heard.append(outcome)
        if self.broken:
            raise ZeroDivisionError


@attrs.define
class FakeStatistics:
    """Counts under the name and its labels: `dropped.rate`."""

    counts: Counter[str] = attrs.field(factory=Counter)

    def __getattr__(self, name: str) -> Any:
        def count(*labels: object) -> None:
            closed = () if name == "decided" else labels
            self.counts[".".join([name, *map(str, closed)])] += 1

        return count


@attrs.define
class FakeSocket:
    """Notes what is sent, and when."""

    clock: Clock
    sent: list[tuple[float, bytes, tuple[str, int]]] = attrs.field(factory=list)
    error: Exception | None = None

    def write(self, data: bytes, address: tuple[str, int]) -> None:
        if self.error is not None:
            raise self.error
        self.sent.append((self.clock.seconds(), data, address))


class FakeTransport(StringTransport):
    """A connection in memory that can show a certificate."""

    certificate: Any = None
    aborted = False

    def getPeerCertificate(self) -> Any:  # noqa: N802
        return self.certificate

    def abortConnection(self) -> None:  # noqa: N802
        self.aborted = True
        super().abortConnection()


class World:
    """The server, and a way to send to it and to hear what it says."""

    def __init__(self, *peers: Peer, domains: frozenset[str] = frozenset(), **decider: Any) -> None:
        self.clock = Clock()
        self.decider = FakeDecider(**decider)
        self.statistics = FakeStatistics()
        self.core = Core(self.clock, self.decider, self.statistics, Peers(peers or (EDGE,)), b"secret", domains)
        self.socket = FakeSocket(self.clock)
        self.datagrams = Datagrams(self.core)
        self.datagrams.transport = self.socket

    @property
    def counts(self) -> Counter[str]:
        return self.statistics.counts

    def send(self, data: bytes, ip: str = "10.0.0.7", port: int = 5060) -> list[int]:
        """Send a datagram; return the codes of what comes back at once."""
        before = len(self.socket.sent)
        self.datagrams.datagramReceived(data, (ip, port))
        return [said(data).code for _, data, _ in self.socket.sent[before:]]

    def codes(self) -> list[int]:
        """Return the codes of everything sent so far."""
        return [said(data).code for _, data, _ in self.socket.sent]

    def times(self, code: int) -> list[float]:
        """Return when *code* was sent."""
        return [at for at, data, _ in self.socket.sent if said(data).code == code]

    def until(self, seconds: float) -> None:
        """Let time pass up to *seconds* after the beginning, from one timer to the next."""
        while (calls := self.clock.getDelayedCalls()) and (due := min(call.getTime() for call in calls)) <= seconds:
            self.clock.advance(max(0.0, due - self.clock.seconds()))
        self.clock.advance(max(0.0, seconds - self.clock.seconds()))

    def streams(self, name: Any = "tcp", **limits: int) -> Streams:
        made = Streams(self.core, name, **limits)
        made.startFactory()
        return made

    def connect(self, streams: Streams, ip: str = "10.0.0.7", certificate: Any = None) -> tuple[Stream, FakeTransport]:
        """Connect from *ip*; return our end, and what it writes to."""
        stream = streams.buildProtocol(None)
        transport = FakeTransport(peerAddress=IPv4Address("TCP", ip, 40001))
        transport.certificate = certificate
        stream.makeConnection(transport)
        if streams.name == "tls" and not transport.aborted:
            stream.handshakeCompleted()
        return stream, transport


def said(data: bytes) -> Response:
    """Read an answer."""
    answer = read_datagram(data)
    assert isinstance(answer, Response)
    return answer
