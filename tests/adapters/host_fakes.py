"""A provider and a receiver that do what a test says, and a client that speaks HTTP in memory through the real parser."""

from collections.abc import Awaitable, Callable
from typing import Any

import attrs
from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from adapters.api import Answer, Capabilities, Provider, RawRequest, RawResponse, RefusedError
from adapters.doors import Limits, Proxies
from adapters.host import HooksSite, hooks_site
from adapters.media import MediaFile
from adapters.twilio import CAPABILITIES
from rules.event import CallEnded, Happening

NOW = 1_770_071_127.0
DOCUMENT = RawResponse(200, "text/xml", b"<Response><Reject/></Response>")


@attrs.define
class FakeProvider:
    """Accepts everything, unless told to raise."""

    name: str = "acme"
    capabilities: Capabilities = CAPABILITIES
    verifies: Exception | None = None
    reads: Exception | list[Happening] = attrs.field(factory=lambda: [ended()])
    seen: list[RawRequest] = attrs.field(factory=list)

    def verify(self, request: RawRequest) -> None:
        """Keep what came."""
        self.seen.append(request)
        if self.verifies is not None:
            raise self.verifies

    def read(self, request: RawRequest) -> list[Happening]:
        """Say what the test wants."""
        if isinstance(self.reads, Exception):
            raise self.reads
        return self.reads

    def write(self, answer: Answer) -> RawResponse:
        """Say that there is nothing to do."""
        return RawResponse(204, "", b"")


@attrs.define
class FakeReceiver:
    """Remembers what it was told; answers at once, or when the test fires `waiting`."""

    answer: RawResponse | Exception = DOCUMENT
    slow: bool = False
    received: list[Happening] = attrs.field(factory=list)
    refusals: list[tuple[str, int, str]] = attrs.field(factory=list)
    faults: list[tuple[str, str]] = attrs.field(factory=list)
    waiting: list["Deferred[RawResponse]"] = attrs.field(factory=list)

    def receive(self, provider: Provider, happenings: list[Happening], received_at: float) -> Awaitable[RawResponse]:
        """Take the happenings."""
        self.received += happenings
        answered: Deferred[RawResponse] = Deferred()
        self.waiting.append(answered)
        if not self.slow:
            self.fire()
        return answered

    def fire(self) -> None:
        """Answer what waits longest."""
        answered = self.waiting.pop(0)
        if isinstance(self.answer, Exception):
            answered.errback(self.answer)
        else:
            answered.callback(self.answer)

    def refused(self, provider: str, error: RefusedError) -> None:
        """Remember why."""
        self.refusals.append((provider, error.code, error.reason))

    def fault(self, provider: Provider, what: str, error: Exception) -> RawResponse:
        """Answer with the fail-safe document."""
        self.faults.append((provider.name, what))
        return RawResponse(200, "text/xml", b"<failsafe/>")


class Transport(StringTransport):
    """
    A transport that can close one direction, and tells the protocol when it is gone.

    Its socket takes *room* bytes at once, None: as many as come.
    """

    half_closed = False
    room: int | None = None
    client: "Client"

    def writeSomeData(self, data: bytes) -> int:  # noqa: N802
        """Send what fits."""
        taken = data[: self.room]
        super().write(taken)
        return len(taken)

    def loseWriteConnection(self) -> None:  # noqa: N802
        """Close our side only."""
        self.half_closed = True

    def abortConnection(self) -> None:  # noqa: N802
        """Close at once."""
        super().abortConnection()
        self.client.vanish()


@attrs.define(eq=False)
class Client:
    """One connection from outside."""

    site: HooksSite
    peer: IAddress
    let_in: bool = attrs.field(init=False, default=False)
    gone: bool = attrs.field(init=False, default=False)
    transport: Transport = attrs.field(init=False)
    _protocol: Any = attrs.field(init=False, default=None)

    def __attrs_post_init__(self) -> None:
        self.transport = Transport(peerAddress=self.peer)
        self.transport.client = self
        self._protocol = self.site.buildProtocol(self.peer)
        if self._protocol is not None:
            self.let_in = True
            self._protocol.makeConnection(self.transport)

    def send(self, data: bytes) -> bytes:
        """Send *data*; return what has come back since the last time."""
        if not self.gone:
            self._protocol.dataReceived(data)
        return self.received()

    def received(self) -> bytes:
        """Return what has come since the last time."""
        came = self.transport.value()
        self.transport.clear()
        return came

    def vanish(self) -> None:
        """Close from the client's side."""
        if not self.gone:
            self.gone = True
            self._protocol.connectionLost(Failure(ConnectionResetError()))

    @property
    def closed(self) -> bool:
        """Whether we closed the connection, in whatever way."""
        return self.gone or self.transport.disconnecting or self.transport.half_closed


@attrs.define
class World:
    """A host with one provider, its clock, and clients to connect."""

    provider: Any = attrs.field(factory=FakeProvider)
    receiver: FakeReceiver = attrs.field(factory=FakeReceiver)
    clock: Clock = attrs.field(factory=Clock)
    media: dict[str, MediaFile] = attrs.field(factory=dict)
    limits: Limits = attrs.field(factory=Limits)
    proxies: Proxies = attrs.field(factory=Proxies)
    moment: Callable[..., float] = lambda _headers: NOW
    site: HooksSite = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.site = hooks_site(
            providers={self.provider.name: self.provider},
            receiver=self.receiver,
            media=self.media,
            clock=self.clock,
            received_at=self.moment,
            limits=self.limits,
            proxies=self.proxies,
        )

    def connect(self, address: str = "203.0.113.1") -> Client:
        """Connect from *address*."""
        return Client(self.site, IPv4Address("TCP", address, 40000))

    def pass_seconds(self, seconds: float) -> None:
        """Let time go by, in steps as the reactor would."""
        self.clock.pump([0.25] * round(seconds * 4))


def ended() -> CallEnded:
    """Return some happening."""
    return CallEnded(provider="acme", account="a", id="1", call_id="c", status="completed")


def post(path: str = "/hooks/acme/call", body: bytes = b"a=1", **headers: str) -> bytes:
    """Spell a request; *headers* with `_` for `-`."""
    lines = [f"POST {path} HTTP/1.1", "Host: h", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def status(answer: bytes) -> int:
    """Return the status code of the first answer in *answer*."""
    return int(answer.split(b" ", 2)[1])
