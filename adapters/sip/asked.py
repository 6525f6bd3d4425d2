"""The seam between SIP and whoever decides: what was asked, what to answer, who counts, and the way back to the sender."""

from typing import Literal, Protocol

import attrs

from adapters.sip.message import Request
from adapters.sip.peers import Peer, Transport

Trouble = Literal["deadline", "error"]
Outcome = Literal["cancelled", "unacknowledged"]
Dropped = Literal["unlisted", "rate", "garbage", "response", "unsent"]


@attrs.frozen
class SipAsked:
    """
    An INVITE or a MESSAGE that passed every check; decided exactly once, however often it is sent.

    *request* is noted where it was `seen_from`; *domain* is the host of its Request-URI, lower-case, None for a `tel:` URI.
    """

    request: Request
    peer: Peer
    transport: Transport
    domain: str | None


@attrs.frozen
class SipAnswer:
    """
    What to answer: a final *code*, its *reason* phrase (None: the RFC's), and *headers* as (name, ready value) pairs.

    Nothing of it may be taken from the request unescaped; with a *body*, its Content-Type is among the headers.
    """

    code: int
    reason: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


class Decider(Protocol):
    """Who decides and records; the router, or a test."""

    @property
    def ready(self) -> bool:
        """Whether there are rules to decide by; without them everything new is answered 503."""

    async def decide(self, asked: SipAsked) -> SipAnswer:
        """
        Say what to answer; called once for each request.

        What comes after the deadline or a CANCEL is thrown away: `on_error` or `ended` said so when it happened.
        """

    def on_error(self, asked: SipAsked, trouble: Trouble) -> SipAnswer:
        """Say what to answer instead: `decide` failed, or said nothing within two seconds."""

    def ended(self, asked: SipAsked, outcome: Outcome) -> None:
        """Hear what became of it: the caller hung up before the answer, or the answer was never acknowledged."""


class Statistics(Protocol):
    """Who counts. Every label is one of a closed set: a method we know or `other`, the name of a peer, a transport, a code."""

    def request(self, method: str, peer: str, transport: Transport) -> None:
        """Count a request as it came, copies included."""

    def response(self, method: str, code: int) -> None:
        """Count an answer, when it is first sent."""

    def retransmission(self, direction: Literal["in", "out"]) -> None:
        """Count a request that came again, or an answer sent again without being asked."""

    def ack_missing(self) -> None:
        """Count an answer to an INVITE that was never acknowledged."""

    def cancelled(self) -> None:
        """Count a call that was cancelled before its answer."""

    def parse_error(self, kind: str) -> None:
        """Count a message that is none: *kind* is `head`, `length`, `size`, `noise` or `syntax`."""

    def dropped(self, reason: Dropped) -> None:
        """Count what was given no answer."""

    def decided(self, seconds: float) -> None:
        """Count a decision and how long it took."""

    def internal_error(self) -> None:
        """Count a fault of ours."""


class Flow(Protocol):
    """The way back to whoever sent a request: the same connection, or the address its datagram came from."""

    @property
    def transport_name(self) -> Transport:
        """How the request came."""

    @property
    def ip(self) -> str:
        """The address it came from."""

    @property
    def port(self) -> int:
        """The port it came from."""

    @property
    def peer(self) -> Peer:
        """Who that is."""

    @property
    def reliable(self) -> bool:
        """Whether what is sent arrives unless the connection breaks: nothing is sent twice then."""

    def send(self, data: bytes, port: int) -> None:
        """Send an answer, to *port* of the address if there is no connection. Never raises."""

    def pong(self) -> None:
        """Answer a keep-alive, where one is answered."""
