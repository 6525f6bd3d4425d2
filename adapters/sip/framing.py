"""Where a SIP message begins and ends: in a datagram, and in a stream (RFC 3261 sections 7.5 and 18.3)."""

import attrs

from adapters.sip.grammar import number
from adapters.sip.head import Head, read_head
from adapters.sip.limits import BODY, HEAD, KEEPALIVE
from adapters.sip.message import Request, Response
from adapters.sip.refusal import Refusal, refuse

_CRLF = b"\r\n"
_END = b"\r\n\r\n"


@attrs.frozen
class Ping:
    """A keep-alive: nothing to a datagram, one CRLF in a stream (RFC 5626 section 4.4.1)."""


@attrs.frozen
class Garbled:
    """
    What came is no message that could be served.

    *refusal* is the answer, sent once and without a transaction to *request*; None when there is nobody to answer (no Via,
    an ACK, an answer of somebody's, noise). *kind* is a word for metrics: `head`, `length`, `size` or `noise`. In a stream
    nothing after it can be trusted: close the connection.
    """

    refusal: Refusal
    request: Request | None
    kind: str


Arrival = Request | Response | Garbled | Ping


def read_datagram(data: bytes) -> Arrival:
    """Read one UDP datagram: bytes behind Content-Length are dropped, without one the body runs to the end."""
    if len(data) < KEEPALIVE or not data.strip(b"\r\n\0"):
        return Ping()
    data = data.lstrip(_CRLF)
    text, end, body = data.partition(_END)
    head = read_head(text)
    if not end:
        return _garbled(head, refuse(400, "header without an end"), "head")
    length = _checked(head, default=len(body))
    if isinstance(length, Garbled):
        return length
    if length > len(body):
        return _garbled(head, refuse(400, "Content-Length"), "length")
    return _whole(head, body[:length])


@attrs.define(eq=False)
class Framer:
    """
    Cuts a stream into messages; pure, it only remembers what is not complete yet.

    After a `Garbled` it is deaf: the place where the next message begins is lost.
    """

    _held: bytearray = attrs.field(factory=bytearray, init=False)
    _searched: int = attrs.field(default=0, init=False)
    _head: Head | None = attrs.field(default=None, init=False)
    _length: int = attrs.field(default=0, init=False)
    _lost: bool = attrs.field(default=False, init=False)

    @property
    def unfinished(self) -> bool:
        """Whether part of a message is here and the rest is waited for; a transport gives it 10 seconds."""
        return self._head is not None or not _END.startswith(bytes(self._held[: len(_END) + 1]))

    def feed(self, data: bytes) -> list[Arrival]:
        """Take in what came; return what is complete now, in order."""
        arrivals: list[Arrival] = []
        if not self._lost:
            self._held += data
            while (arrival := self._next()) is not None:
                arrivals.append(arrival)
        return arrivals

    def _next(self) -> Arrival | None:
        """Take the next thing off the front; None when it is not complete yet."""
        if self._head is None:
            if self._held.startswith(_END):
                del self._held[: len(_END)]
                return Ping()
            garbled = self._read_head()
            if garbled is not None:
                self._lost = True
                self._held.clear()
                return garbled
        if self._head is None or len(self._held) < self._length:
            return None
        message = _whole(self._head, bytes(self._held[: self._length]))
        del self._held[: self._length]
        self._head = None
        return message

    def _read_head(self) -> Garbled | None:
        """Read the head if all of it is here; return what is wrong with it."""
        if _END.startswith(bytes(self._held[: len(_END)])):
            return None  # nothing, or what may become a ping
        if self._held.startswith(_CRLF):
            del self._held[: len(_CRLF)]
        end = self._held.find(_END, self._searched)
        if end < 0 and len(self._held) <= HEAD:
            self._searched = max(0, len(self._held) - len(_END) + 1)
            return None
        head = read_head(bytes(self._held if end < 0 else self._held[:end]))
        length = _checked(head, default=None)
        if isinstance(length, Garbled):
            return length
        del self._held[: end + len(_END)]
        self._head, self._length, self._searched = head, length, 0
        return None


def _checked(head: Head, *, default: int | None) -> int | Garbled:
    """Return how long the body is; *default* without Content-Length, None where there must be one (RFC 3261 section 18.3)."""
    if head.defect is not None:
        return _garbled(head, head.defect, "head")
    if head.message is None:
        return _garbled(head, refuse(400, "start line"), "noise")
    # The same length said twice is still a length; that it may be said only once is for `checks` to tell.
    lengths = {number(said, below=2**32) for said in head.message.headers.all("content-length")} or {default}
    length = lengths.pop()
    if lengths or length is None:
        return _garbled(head, refuse(400, "Content-Length"), "length")
    return length if length <= BODY else _garbled(head, refuse(413), "size")


def _garbled(head: Head, refusal: Refusal, kind: str) -> Garbled:
    if head.message is None:
        return Garbled(refusal, None, "noise")
    return Garbled(refusal, head.answerable, "size" if refusal.code == 513 else kind)


def _whole(head: Head, body: bytes) -> Request | Response:
    assert head.message is not None
    return attrs.evolve(head.message, body=body) if body else head.message
