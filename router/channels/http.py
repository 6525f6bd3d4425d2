"""
One HTTP request, made once: what came back, or whether anything can have arrived.

The difference between the two failures is what the outbox lives on: nobody reached, and the request may be made again; bytes
on their way and no answer, and it may have been obeyed.
"""

# ruff: noqa: N802  the names are Twisted's
# mypy: allow-untyped-calls

from collections.abc import Callable
from typing import Any, NoReturn, Protocol, cast

import attrs
import structlog
from treq.client import HTTPClient
from treq.content import collect
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import HostnameEndpoint, wrapClientTLS
from twisted.internet.interfaces import IHandshakeListener, IProtocolFactory, IReactorTime, IStreamClientEndpoint
from twisted.web._newclient import HTTP11ClientProtocol
from twisted.web.client import URI, Agent, HTTPConnectionPool
from twisted.web.http_headers import Headers
from twisted.web.iweb import IAgentEndpointFactory
from zope.interface import alsoProvides, implementer

from adapters.sending import RestReply, RestRequest
from router.channels.trouble import BROKE, TooLargeError, TooSlowError, in_words

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 15.0
LARGEST_ANSWER = 1024 * 1024


class Trust(Protocol):
    """Whose certificates count: an `IPolicyForHTTPS` of Twisted's."""

    def creatorForNetloc(self, hostname: bytes, port: int) -> Any:
        """Return what makes the encrypted connections to one host."""
        ...


class Endpoint(Protocol):
    """Somewhere to connect to: an `IStreamClientEndpoint` of Twisted's."""

    def connect(self, protocolFactory: Any) -> "Deferred[Any]":  # noqa: N803
        """Connect."""
        ...


class NeverReachedError(Exception):
    """No connection came about, so nothing was asked; the text says why, in a few words without an address."""


class NoAnswerError(Exception):
    """The request was on its way and no whole answer came; the text says why, in a few words without an address."""


@attrs.frozen
class Line:
    """
    Makes requests, each over a connection of its own: one kept open may be closing just as we write.

    *trust* says whose certificates count. Redirects are an answer like any other. *clock* ends a request after
    `TOTAL_SECONDS`; *reactor* gives up connecting after `CONNECT_SECONDS`.
    """

    reactor: Any
    clock: IReactorTime
    trust: Trust

    def seconds(self) -> float:
        """Return what *clock* reads; only differences mean anything."""
        clock: Any = self.clock
        return float(clock.seconds())

    async def exchange(self, request: RestRequest, *, limit: int = LARGEST_ANSWER) -> RestReply:
        """Make *request* and return the answer, of at most *limit* bytes; raise `NeverReachedError` or `NoAnswerError`."""
        reach = _Reach()
        pool = HTTPConnectionPool(self.reactor, persistent=False)
        agent = Agent.usingEndpointFactory(self.reactor, _Endpoints(self.reactor, self.trust, reach), pool)
        asked = Deferred.fromCoroutine(_ask(agent, request, limit))
        asked.addTimeout(TOTAL_SECONDS, self.clock, _too_slow)
        try:
            return await asked
        except Exception as error:
            reach.abort()
            words = in_words(error)
            if words == BROKE:  # a server that makes no sense, or a fault of ours
                structlog.get_logger().warning("line.broke", logger="channels", error=type(error).__name__)
            raise (NoAnswerError(words) if reach.reached else NeverReachedError(words)) from error


async def _ask(agent: Agent, request: RestRequest, limit: int) -> RestReply:
    headers = Headers({name: [value] for name, value in request.headers.items()})
    client: Any = HTTPClient(cast(Any, agent))
    response = await client.request(
        request.method,
        request.url,
        headers=headers,
        data=request.body or None,
        allow_redirects=False,
        unbuffered=True,
    )
    body = bytearray()

    def take(piece: bytes) -> None:
        body.extend(piece)
        if len(body) > limit:
            raise TooLargeError

    await collect(response, take)
    answered = {
        name.decode("latin-1").lower(): values[-1].decode("latin-1")
        for name, values in response.headers.getAllRawHeaders()
    }
    return RestReply(response.code, answered, bytes(body))


def _too_slow(_result: object, _seconds: float) -> NoReturn:
    raise TooSlowError


# ---------------------------------------------------------------- how far a request got


@attrs.define(eq=False)
class _Reach:
    """Whether somebody was there to hear us: connected, and with TLS also shaken hands."""

    reached: bool = False
    _protocol: HTTP11ClientProtocol | None = None

    def connected(self, protocol: HTTP11ClientProtocol, *, tls: bool) -> None:
        """Note a connection; over TLS nothing of ours is read before the handshake is complete."""
        self._protocol = protocol
        if tls:
            protocol.handshakeCompleted = self._arrive  # type: ignore[attr-defined]
            alsoProvides(protocol, IHandshakeListener)
        else:
            self._arrive()

    def _arrive(self) -> None:
        self.reached = True

    def abort(self) -> None:
        """Close what is open, at once."""
        if self._protocol is not None:
            self._protocol.abort()


@implementer(IAgentEndpointFactory)
@attrs.frozen(eq=False)
class _Endpoints:
    """Where to connect for an address, watched."""

    reactor: Any
    trust: Trust
    reach: _Reach

    def endpointForURI(self, uri: URI) -> Endpoint:
        """Return the way to *uri*."""
        endpoint: Any = HostnameEndpoint(self.reactor, uri.host, uri.port, timeout=CONNECT_SECONDS)
        tls = uri.scheme == b"https"
        if tls:
            endpoint = wrapClientTLS(self.trust.creatorForNetloc(uri.host, uri.port), endpoint)
        return _Endpoint(endpoint, lambda protocol: self.reach.connected(protocol, tls=tls))


@implementer(IStreamClientEndpoint)
@attrs.frozen(eq=False)
class _Endpoint:
    endpoint: Endpoint
    connected: Callable[[HTTP11ClientProtocol], None]

    def connect(self, protocolFactory: Any) -> "Deferred[Any]":  # noqa: N803
        """Connect, and tell of it."""
        return self.endpoint.connect(_Factory(protocolFactory, self.connected))


@implementer(IProtocolFactory)
@attrs.frozen(eq=False)
class _Factory:
    factory: Any
    connected: Callable[[HTTP11ClientProtocol], None]

    def buildProtocol(self, addr: Any) -> HTTP11ClientProtocol:
        """Make the protocol of a connection that has come about."""
        protocol: HTTP11ClientProtocol = self.factory.buildProtocol(addr)
        self.connected(protocol)
        return protocol

    def doStart(self) -> None:
        """Start the factory."""
        self.factory.doStart()

    def doStop(self) -> None:
        """Stop the factory."""
        self.factory.doStop()
