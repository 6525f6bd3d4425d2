"""The SIP listeners of a daemon: opened for each provider that speaks it, following the rules in force, drained in order."""

import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import attrs
import structlog
from twisted.internet.error import CannotListenError

from adapters.sip.certificates import tls_options
from adapters.sip.core import Core
from adapters.sip.datagrams import Datagrams
from adapters.sip.limits import DATAGRAM
from adapters.sip.peers import Peers
from adapters.sip.provider import Sip
from adapters.sip.streams import Streams
from router.engine.engine import Engine
from router.listeners import BACKLOG, GRACE, BusyError
from router.sip.decider import EngineDecider
from router.sip.metrics import SipMetrics
from router.sip.settings import SipListen, SipSettings


@attrs.define(eq=False)
class _Line:
    """One provider: its core, and what is open for it."""

    core: Core
    ports: list[Any] = attrs.field(factory=list)
    streams: list[Streams] = attrs.field(factory=list)
    places: list[SipListen] = attrs.field(factory=list)


@attrs.define(eq=False)
class SipService:
    """Owns them; *secret* is random and as old as the process, *reactor* is Twisted's."""

    reactor: Any
    engine: Engine
    received_at: Callable[[Mapping[str, Sequence[str]]], float]
    secret: bytes = attrs.field(repr=False)
    settings: Mapping[str, SipSettings] = attrs.field(factory=dict)
    _lines: dict[str, _Line] = attrs.field(factory=dict, init=False)

    def open(self) -> None:
        """Open every listener; raises `BusyError` for one that cannot be, the others may be open then."""
        if not self.settings:
            return
        metrics = SipMetrics(self.engine.shared.metrics.registry)
        for name, settings in self.settings.items():
            decider = EngineDecider(self.engine, lambda name=name: self._provider(name), self.received_at)  # type: ignore[misc]
            core = Core(self.reactor, decider, metrics, Peers(settings.peers), self.secret, settings.domains)
            line = self._lines[name] = _Line(core)
            for place in settings.listen:
                self._open(line, place, settings)
        metrics.measured(self._transactions, self._connections, ("tcp", "tls"))

    def follow(self, settings: Mapping[str, SipSettings]) -> None:
        """Let peers, domains and where calls may be sent be those of newer rules; who is no longer named hears nothing."""
        for name, line in self._lines.items():
            newer = settings.get(name)
            line.core.peers = Peers(newer.peers if newer else ())
            line.core.domains = newer.domains if newer else frozenset()
        self.settings = {**self.settings, **settings}

    def stop(self) -> Awaitable[None] | None:
        """Take nothing new, answer what is under way, close; None when there was nothing."""
        return self._stop() if self._lines else None

    def places(self) -> dict[str, str]:
        """Return where we listen, by provider and transport."""
        return {
            f"{name} {at}": str(place) for name, line in self._lines.items() for at, place in enumerate(line.places, 1)
        }

    async def _stop(self) -> None:
        for line in self._lines.values():
            drained = line.core.drain()
            cut = self.reactor.callLater(GRACE, drained.cancel)
            try:
                await drained.addErrback(lambda _: None)
            finally:
                if cut.active():
                    cut.cancel()
        for line in self._lines.values():
            for port in line.ports:
                closed = port.stopListening()
                if closed is not None:
                    await closed
            for streams in line.streams:
                streams.close()
            line.core.stop()

    def _provider(self, name: str) -> Sip:
        return self.settings[name].provider

    def _open(self, line: _Line, place: SipListen, settings: SipSettings) -> None:
        try:
            host = _address(place.host)
            if place.transport == "udp":
                port = self.reactor.listenUDP(place.port, Datagrams(line.core), host, DATAGRAM)
            else:
                port = self._stream(line, place, settings, host)
        except CannotListenError as error:
            reason = str(getattr(error.socketError, "strerror", None) or error.socketError).lower()
            raise BusyError(f"cannot listen on {place}: {reason}") from error
        except (OSError, ValueError) as error:
            raise BusyError(f"cannot listen on {place}: {error}") from error
        line.ports.append(port)
        line.places.append(attrs.evolve(place, port=port.getHost().port))
        structlog.get_logger().info("sip.listening", logger="sip", at=str(line.places[-1]))

    def _stream(self, line: _Line, place: SipListen, settings: SipSettings, host: str) -> Any:
        streams = Streams(line.core, place.transport)
        line.streams.append(streams)
        if place.transport == "tcp":
            return self.reactor.listenTCP(place.port, streams, BACKLOG, host)
        assert settings.tls is not None
        return self.reactor.listenSSL(place.port, streams, tls_options(settings.tls), BACKLOG, host)

    def _transactions(self, method: str) -> float:
        return sum(line.core.transactions.count(method) for line in self._lines.values())

    def _connections(self, transport: str) -> float:
        return sum(
            len(streams.connections)
            for line in self._lines.values()
            for streams in line.streams
            if streams.name == transport
        )


def _address(host: str) -> str:
    """Return *host* as an address; ports are opened by address."""
    return str(socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM, flags=socket.AI_PASSIVE)[0][4][0])
