"""
One HTTP connection from outside: twisted.web's parser, with the limits it lacks.

Stock twisted.web never cuts off a client that drips a request byte by byte, spools bodies of any size to disk before anybody
may look at them, and hands the Content-Type to an e-mail parser that takes a second for one hostile header. Here a request
has a deadline from its first byte, a body is refused the moment it is too large, and the body is not parsed at all.
"""

# ruff: noqa: N802  the names are twisted.web's
# mypy: allow-untyped-calls

from typing import TYPE_CHECKING, Any

from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from twisted.web.http import NO_CONTENT, RESPONSES, HTTPChannel, Request

from adapters.doors import Client
from adapters.plainrequest import Plain, plain_request

if TYPE_CHECKING:
    from adapters.site import LimitedSite

Header = tuple[bytes, bytes]
CLOSE: Header = (b"Connection", b"close")

_SLICE = 2048
"""Bytes parsed at a time: twisted.web copies all that is left for every line, and a slice is where we get to say no."""

_FREE_CRUMBS = 512
_SMALLEST_CRUMB = 32
"""A body that comes with more chunks than that must have so many bytes in each, on average; how the network cuts it is free."""

_MOST_DISCARDED = 1024 * 1024
"""Bytes of a refused body we listen to at most, so that a client that is still sending gets to read why."""


class Connection(HTTPChannel):
    """
    A connection with a deadline.

    *due* is the moment (reactor seconds) at which it is cut, None while we ourselves are at work on an answer; *since* is
    when it began to wait for its client; *client* is whose connection it counts as, *proxied* that a trusted proxy is at
    the other end; *slices* counts the portions parsed so far.
    """

    factory: "LimitedSite"
    transport: Any
    client: Client | None = None
    proxied = False
    slices = 0
    due: float | None = None
    since: float = 0.0
    _between = False
    _closing = False
    _all_sent = True
    _discarded: int | None = None

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
        if self._between:
            self._between = False
            self.wait(self.factory.limits.request)
        if len(data) <= _SLICE:
            self._take(data)
            return
        for start in range(0, len(data), _SLICE):
            if self.transport.disconnecting:
                return
            self._take(data[start : start + _SLICE])

    def _take(self, data: bytes) -> None:
        self.slices += 1
        if self._discarded is None:
            plain = plain_request(data) if self._at_a_beginning() else None
            if plain is None:
                super().dataReceived(data)
            else:
                self._take_plain(plain)
            return
        self._discarded += len(data)
        if self._discarded > _MOST_DISCARDED:
            self.cut()

    def _at_a_beginning(self) -> bool:
        """Say whether a new request begins with what comes next, and nothing of it or of another is there yet."""
        under_way = self.requests or self._buffer or self._busyReceiving or not self.line_mode
        return not under_way and bool(self.persistent)

    def _take_plain(self, plain: Plain) -> None:
        """Do with a request that is read already what twisted.web does with one it has read line by line."""
        request = self.requestFactory(self, len(self.requests))
        self.requests.append(request)
        line: Any = (b"POST", plain.target, b"HTTP/1.1")
        self._command, self._path, self._version = line
        self.length = len(plain.body)
        for name, value in plain.headers:
            request.requestHeaders.addRawHeader(name, value)
        self.allHeadersReceived()
        request.handleContentChunk(plain.body)
        self.allContentReceived()

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
        self.factory.left(self)
        super().connectionLost(reason)


class LimitedRequest(Request):
    """A request whose body is kept in memory up to a limit, and not looked into; *gone* when its client is."""

    channel: Connection
    gone = False
    _crumbs = 0
    _slice = 0
    _refused = False

    def __init__(self, channel: Connection, queued: object = None) -> None:
        super().__init__(channel, queued, parsePOSTFormSubmission=False)
        self._body = bytearray()

    def gotLength(self, length: int | None) -> None:
        """Learn how long the client says its body is (None: chunked); too much is refused before it is sent."""
        if length is None:
            self.channel.forbid_trailers()
        elif length > self.channel.factory.largest_body():
            self._refuse(413)

    def handleContentChunk(self, data: bytes) -> None:
        """Keep a piece of the body; tiny chunks sent in one go are refused, for each costs as much as a large one."""
        if self._refused:
            return
        self._body += data
        if self._slice == self.channel.slices:
            self._crumbs += 1
        self._slice = self.channel.slices
        if len(self._body) > self.channel.factory.largest_body():
            self._refuse(413)
        elif self._crumbs > _FREE_CRUMBS and len(self._body) < self._crumbs * _SMALLEST_CRUMB:
            self._refuse(400)

    def _refuse(self, code: int) -> None:
        self._refused = True
        self._body.clear()
        self.channel.factory.turned_away(code, "too-large" if code == 413 else "malformed")
        self.requestHeaders.removeHeader(b"Expect")  # or the parser would ask for the body now
        self.channel.refuse(head(code, [CLOSE], 0))

    def parseCookies(self) -> None:
        """Leave cookies alone."""

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        """Go on to `process`; neither query nor body is parsed."""
        self.method, self.uri, self.clientproto = command, path, version
        self.process()

    def body(self) -> bytes:
        """Return the whole body."""
        return bytes(self._body)

    def connectionLost(self, reason: Failure) -> None:
        """Remember that nobody waits any more; what is under way is finished and recorded all the same."""
        self.gone = True
        super().connectionLost(reason)

    def begin(self, code: int, headers: list[Header], length: int) -> None:
        """Write the head of an answer whose body has *length* bytes."""
        self.channel.write(self._head(code, headers, length))

    def _head(self, code: int, headers: list[Header], length: int) -> bytes:
        self.code = code  # what twisted.web looks at after us
        self.startedWriting = 1
        return head(code, headers if self.channel.persistent else [*headers, CLOSE], length)

    def send(self, code: int, headers: list[Header], body: bytes) -> None:
        """Write a whole answer; nothing happens when the client has gone."""
        if self.gone:
            return
        whole = self._head(code, headers, len(body))
        self.channel.send(whole if self.method == b"HEAD" else whole + body)
        self.finish()


def head(code: int, headers: list[Header], length: int) -> bytes:
    """Write the head of an answer; *headers* are ours and need no escaping."""
    lines = [b"HTTP/1.1 %d %s\r\n" % (code, RESPONSES.get(code, b""))]
    lines += [b"%s: %s\r\n" % header for header in headers]
    if code != NO_CONTENT:
        lines.append(b"Content-Length: %d\r\n" % length)
    lines.append(b"\r\n")
    return b"".join(lines)
