"""Where a SIP message begins and ends: in a datagram, and in a stream (RFC 3261 sections 7.5 and 18.3)."""

import attrs

from adapters.sip.grammar import number
from adapters.sip.head import Head, read_head
from adapters.sip.limits import BODY, HEAD, KEEPALIVE
from adapters.sip.message import Headers, Request, Response
from adapters.sip.refusal import MalformedError, Refusal, refuse

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
    text = data.lstrip(b"\r\n")
    end = text.find(_END)
    head = read_head(text if end < 0 else text[:end])
    if end < 0:
        return _garbled(head, refuse(400, "no end of header"), "head")
    body = text[end + len(_END) :]
    return _whole(head, body, body_length(head.headers), default=len(body))


@attrs.define(eq=False)
class Framer:
    """
    Cuts a stream into messages; pure, it only remembers what is not complete yet.

    After a `Garbled` it is deaf: the place where the next message begins is lost.
    """

    _held: bytearray = attrs.field(factory=bytearray, init=False)
    _searched: int = attrs.field(default=0, init=False)
    _head: Head | None = attrs.field(default=None, init=False)
    _lost: bool = attrs.field(default=False, init=False)

    @property
    def unfinished(self) -> bool:
        """Whether part of a message is here and the rest is waited for; a transport gives it 10 seconds."""

    def feed(self, data: bytes) -> list[Arrival]:
        """Take in what came; return what is complete now, in order."""
