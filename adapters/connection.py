"""
One HTTP connection from outside: twisted.web's parser, with the limits it lacks.

Stock twisted.web never cuts off a client that drips a request byte by byte, spools bodies of any size to disk before anybody
may look at them, and hands the Content-Type to an e-mail parser that takes a second for one hostile header. Here a request
has a deadline from its first byte, a body is refused the moment it is too large, and the body is not parsed at all.
"""

# ruff: noqa: N802  the names are twisted.web's
# mypy: allow-untyped-calls

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from twisted.web.http import HTTPChannel, Request

from adapters.doors import Client
from adapters.plainrequest import PlainExchange, plain_request

if TYPE_CHECKING:
    from adapters.site import LimitedSite

_SLICE = 2048
"""Bytes parsed at a time: twisted.web copies all that is left for every line, and a slice is where we get to say no."""

_MOST_HELD = 16 * 1024
"""Bytes of later requests taken in while one is being answered; beyond that the client waits, as it does at twisted.web."""

_MOST_DISCARDED = 1024 * 1024
"""Bytes of a refused body we listen to at most, so that a client that is still sending gets to read why."""


class Connection(HTTPChannel):
    """
    A connection with a deadline.

    *due* is the moment (reactor seconds) at which it is cut, None while we ourselves are at work on an answer; *since* is
    when it began to wait for its client; *client* is whose connection it counts as, *proxied* that a trusted proxy is at
    the other end; *slices* counts the portions parsed so far. *plain* answers requests that came in one piece, where the
    factory has something for them; everything else becomes a `requestFactory`.
    """

    factory: "LimitedSite"
    transport: Any
    client: Client | None = None
    proxied = False
    slices = 0
    plain: Callable[[PlainExchange], None] | None = None
    due: float | None = None
    since: float = 0.0
    _between = False
    _closing = False
    _all_sent = True
    _discarded: int | None = None
    _exchange: PlainExchange | None = None
    _held = b""

    def connectionMade(self) -> None:
        """Start the clock; a client that says nothing is cut like one that says it slowly."""
        self.timeOut = None  # the deadline below replaces twisted.web's, which every byte would put off
        super().connectionMade()
        self.wait(self.factory.limits.request)
        self.factory.joined(self)

    def wait(self, seconds: float) -> None:
        """Let the client have *seconds* from now."""
        self.since = self.factory.clock.seconds()
        self.due = self.since + seconds

    def dataReceived(self, data: bytes) -> None:
        """Take what came; the first bytes of a request start its deadline, the bytes of a refused one are dropped."""
        if len(data) <= _SLICE:
            self._take(data)
            return
        for start in range(0, len(data), _SLICE):
            if self.transport.disconnecting:
                return
            self._take(data[start : start + _SLICE])

    def _take(self, data: bytes) -> None:
        self.slices += 1
        if self._exchange is not None:
            self._hold(data)
        elif self._discarded is None:
            answer = self.plain
            plain = plain_request(data) if answer is not None and self._at_a_beginning() else None
            if plain is None or answer is None:
                self._begin()
                super().dataReceived(data)
            else:
                self._between, self.due = False, None
                self._exchange = PlainExchange(self, plain)
                answer(self._exchange)
        else:
            self._begin()
            self._discarded += len(data)
            if self._discarded > _MOST_DISCARDED:
                self.cut()

    def _begin(self) -> None:
        """Start the deadline, when nothing of this request has come before."""
        if self._between:
            self._between = False
            self.wait(self.factory.limits.request)

    def _at_a_beginning(self) -> bool:
        """Say whether a new request begins with what comes next, and nothing of it or of another is there yet."""
        under_way = self.requests or self._buffer or self._busyReceiving or not self.line_mode
        return not under_way and bool(self.persistent)

    def _hold(self, data: bytes) -> None:
        """Keep what comes before its turn: requests are answered in their order."""
        self._held += data
        if len(self._held) > _MOST_HELD:
            self.transport.pauseProducing()

    def plain_done(self) -> None:
        """Go on after the answer to a plain request, as `requestDone` does after others."""
        self._exchange = None
        self._between = True
        self.wait(self.factory.limits.idle)
        if not self.persistent:
            self.loseConnection()
        elif self._held:
            held, self._held = self._held, b""
            if len(held) > _MOST_HELD:
                self.transport.resumeProducing()
            self.dataReceived(held)

    def allHeadersReceived(self) -> None:
        """Be asked to go on, perhaps, which twisted.web then writes itself: nothing may be sent before that."""
        if self.requests[-1].requestHeaders.hasHeader(b"Expect"):
            self._all_sent = False
        super().allHeadersReceived()

    def allContentReceived(self) -> None:
        """Stop the clock: the request is complete, now it is our turn."""
        if self._discarded is None:
            self.due = None
            super().allContentReceived()

    def requestDone(self, request: Request) -> None:
        """Start it again for the next request of this connection."""
        self._between = True
        self.wait(self.factory.limits.idle)
        super().requestDone(request)

    def send(self, data: bytes) -> None:
        """
        Send a whole answer, at once if it fits into the socket's buffer, which is empty unless an answer before it did not.

        Twisted would ask the kernel to be told when the socket can be written to, wait for the reactor's next turn, and tell
        it that no more is to come: two system calls and a turn for an answer that one call sends.
        """
        sent = 0
        at_once = getattr(self.transport, "writeSomeData", None)
        if self._all_sent and at_once is not None and not self.transport.disconnecting:
            sent = at_once(data)
            if sent == len(data):
                return
        self.write(data[sent:] if isinstance(sent, int) else data)

    def write(self, data: bytes) -> None:
        """Let the transport send *data* when it can."""
        self._all_sent = False
        super().write(data)

    def forbid_trailers(self) -> None:
        """Take no headers behind a chunked body: nobody reads them, and twisted.web takes 64 kB, line by line."""
        decoder: Any = self._transferDecoder
        decoder._maxTrailerHeadersSize = len(b"\r\n")

    def refuse(self, answer: bytes) -> None:
        """Send *answer* and close, but listen on for a moment: a reset would destroy the answer before it is read."""
        self.transport.write(answer)
        self._discarded = 0
        self._closing = True
        self.wait(self.factory.limits.linger)
        self.transport.loseWriteConnection()

    def expire(self) -> bool:
        """End a wait that is over: politely between two requests, otherwise at once; say whether it cut off a request."""
        if self._between and not self._closing:
            self._hang_up()
            return False
        self.cut()
        return not self._closing

    def retire(self) -> None:
        """Close after the answer under way, or now when there is none."""
        self.persistent = 0
        if self.due is not None:
            self._hang_up()

    def _hang_up(self) -> None:
        """Close when what is written has gone out, which the client gets a moment for."""
        self._closing = True
        self.wait(self.factory.limits.linger)
        self.loseConnection()

    def cut(self) -> None:
        """Close at once, whatever is under way."""
        self.factory.left(self)
        self.transport.abortConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Make room."""
        if self._exchange is not None:
            self._exchange.gone = True
        self.factory.left(self)
        super().connectionLost(reason)
