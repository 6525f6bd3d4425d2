"""SIP over TCP and TLS: messages cut from a stream, answers on the same connection, and limits to both."""

# ruff: noqa: N802  the names are Twisted's
# mypy: allow-untyped-calls

from typing import Any

from twisted.internet.interfaces import IAddress, IHandshakeListener, IPushProducer
from twisted.internet.protocol import Protocol, ServerFactory, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from adapters.sip.certificates import names_in
from adapters.sip.core import Core
from adapters.sip.framing import Framer
from adapters.sip.peers import Peer, Transport

MOST = 512
"""Connections of one port."""

MOST_OF_PEER = 32
"""Connections of one peer."""

UNFINISHED = 10.0
"""Seconds for the rest of a message, and for a handshake."""

IDLE = 180.0
"""Seconds without a message; RFC 3261 section 18 wants at least 32."""

UNSENT = 256 * 1024
"""Bytes waiting for somebody who does not read; beyond that the connection is cut."""

_SWEEP = 1.0


@implementer(IHandshakeListener, IPushProducer)
class Stream(Protocol):
    """
    One connection, and the way back over it (`asked.Flow`).

    *due* is the moment at which it is cut; *peer* is whose it is, not known before the handshake of TLS is done.
    """

    factory: "Streams"
    transport: Any
    reliable = True
    peer: Peer
    ip = ""
    port = 0
    due = 0.0
    _known = False
    _waiting = False
    _unsent: int | None = None

    @property
    def transport_name(self) -> Transport:
        """TCP or TLS."""
        return self.factory.name

    def connectionMade(self) -> None:
        """Look who it is, as far as can be told by now."""
        address = self.transport.getPeer()
        self.ip, self.port = address.host.partition("%")[0], address.port
        self._framer = Framer()
        self._wait(UNFINISHED)
        if not self.factory.joined(self):
            self.transport.abortConnection()
            return
        self.transport.registerProducer(self, True)
        if self.factory.name == "tcp":
            self._identify(frozenset())

    def handshakeCompleted(self) -> None:
        """Look at the certificate, if there is one; Twisted has verified it."""
        self._identify(names_in(self.transport.getPeerCertificate()))

    def _identify(self, names: frozenset[str]) -> None:
        peer = self.factory.core.peers.of(self.ip, self.factory.name, names)
        if peer is None:
            self.factory.core.stranger(self.ip, self.factory.name)
        elif self.factory.admit(peer):
            self.peer, self._known = peer, True
            self._wait(IDLE)
            return
        self.transport.abortConnection()

    def dataReceived(self, data: bytes) -> None:
        """Serve what is complete. Never raises."""
        if not self._known:
            return
        self._complete = False
        going_on = self.factory.core.receive(self._read, data, self)
        if not going_on:
            self.transport.loseConnection()
            self._wait(UNFINISHED)
        elif not self._framer.unfinished:
            self._waiting = False
            self._wait(IDLE)
        elif self._complete or not self._waiting:
            self._waiting = True
            self._wait(UNFINISHED)

    def _read(self, data: bytes) -> list[Any]:
        arrivals = self._framer.feed(data)
        self._complete = bool(arrivals)
        return arrivals

    def _wait(self, seconds: float) -> None:
        self.due = self.factory.core.clock.seconds() + seconds

    def send(self, data: bytes, port: int) -> None:  # noqa: ARG002  a connection has its port
        """Send an answer, unless the connection is gone."""
        if not self._known:
            self.factory.core.statistics.dropped("unsent")
            return
        if self._unsent is not None:
            self._unsent += len(data)
            if self._unsent > UNSENT:
                self.cut()
                return
        self.transport.write(data)

    def pong(self) -> None:
        """Answer a keep-alive (RFC 5626 section 4.4.1)."""
        self.send(b"\r\n", self.port)

    def pauseProducing(self) -> None:
        """Begin to count what waits: the transport has more than it likes."""
        self._unsent = self._unsent or 0

    def resumeProducing(self) -> None:
        """Stop counting: all is sent."""
        self._unsent = None

    def stopProducing(self) -> None:
        """Nothing to do: we only answer."""

    def cut(self) -> None:
        """End it at once."""
        self.transport.abortConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: ARG002
        """Make room."""
        self.factory.left(self)
        if self._known:
            self._known = False
            self.factory.dismiss(self.peer)


class Streams(ServerFactory):
    """The connections of one port; *name* is `tcp` or `tls`."""

    noisy = False

    def __init__(self, core: Core, name: Transport, *, most: int = MOST, most_of_peer: int = MOST_OF_PEER) -> None:
        self.core = core
        self.name: Transport = name
        self.most, self.most_of_peer = most, most_of_peer
        self.connections: set[Stream] = set()
        self._of_peer: dict[str, int] = {}
        self._sweeping: Any = None

    def startFactory(self) -> None:
        """Begin to look for connections that are overdue."""
        self._sweeping = self.core.clock.callLater(_SWEEP, self._sweep)

    def stopFactory(self) -> None:
        """Look no longer."""
        self._sweeping.cancel()

    def buildProtocol(self, addr: IAddress | None) -> Stream:  # type: ignore[override]  # noqa: ARG002
        """Make the protocol of a new connection."""
        stream = Stream()
        stream.factory = self
        return stream

    def joined(self, stream: Stream) -> bool:
        """Take *stream* in; False when there are too many, or when it can be nobody we know."""
        if not self.core.peers.perhaps(stream.ip, self.name):
            self.core.stranger(stream.ip, self.name)
            return False
        if len(self.connections) >= self.most:
            return False
        self.connections.add(stream)
        return True

    def left(self, stream: Stream) -> None:
        """Forget *stream*."""
        self.connections.discard(stream)

    def admit(self, peer: Peer) -> bool:
        """Count one more connection of *peer*; False when it has enough."""
        count = self._of_peer.get(peer.name, 0)
        if count >= self.most_of_peer:
            return False
        self._of_peer[peer.name] = count + 1
        return True

    def dismiss(self, peer: Peer) -> None:
        """Count one connection of *peer* less."""
        self._of_peer[peer.name] -= 1

    def _sweep(self) -> None:
        """Cut every connection that is overdue, and do so again."""
        self._sweeping = self.core.clock.callLater(_SWEEP, self._sweep)
        now = self.core.clock.seconds()
        for stream in [each for each in self.connections if each.due <= now]:
            stream.cut()

    def close(self) -> None:
        """End all connections, once what is written has gone out."""
        for stream in list(self.connections):
            stream.transport.loseConnection()
