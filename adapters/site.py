"""Keeps the connections from outside: how many there are, whose they are, how long each may take."""

# ruff: noqa: N802  the names are Twisted's

from collections.abc import Callable, Collection, Sequence
from typing import Any, Protocol

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress
from twisted.web.http import HTTPFactory, Request

from adapters.connection import Connection
from adapters.doors import Client, Limits, Proxies, address_of

_SWEEP_SECONDS = 0.25


class Clock(Protocol):
    """What keeps deadlines: the reactor, or `task.Clock` in tests (`IReactorTime`, in words a type checker reads)."""

    def seconds(self) -> float:
        """Return monotonic seconds."""

    def callLater(self, delay: float, callable: Callable[..., object], *args: object, **kwargs: object) -> Any:  # noqa: A002
        """Call *callable* in *delay* seconds; what is returned can be cancelled."""


class LimitedSite(HTTPFactory):
    """
    A factory of `Connection`s within *limits*.

    Where there are too many, the one that has waited longest for its client makes room, so that idle or dripping clients
    cannot keep callers out; only when all are being answered a new one is turned away.
    """

    protocol = Connection  # type: ignore[assignment]  # without ALPN there is nothing to switch between

    def __init__(self, clock: Clock, limits: Limits, proxies: Proxies) -> None:
        super().__init__(reactor=clock)  # type: ignore[arg-type]
        self.clock = clock
        self.limits = limits
        self.proxies = proxies
        self._connections: dict[Connection, None] = {}
        self._busy: dict[Client, int] = {}
        self._sweeping: Any = None
        self._drained: Deferred[None] | None = None

    # ------------------------------------------------------------ for the subclass

    def largest_body(self) -> int:
        """Return the most bytes a body may have."""
        raise NotImplementedError

    def turned_away(self, code: int, reason: str) -> None:
        """Note that a connection or a request was refused before anybody could know for whom it was."""
        raise NotImplementedError

    # ------------------------------------------------------------ coming and going

    def buildProtocol(self, addr: IAddress | None) -> Connection | None:  # type: ignore[override]
        """Let a client in, or not."""
        host = getattr(addr, "host", None)
        peer = None if host is None else address_of(host)
        client = self.proxies.counted(peer)
        if self._drained is not None or not self._room_for(client):
            self.turned_away(429, "too-many-connections")
            return None
        connection: Connection = super().buildProtocol(addr)  # type: ignore[assignment]
        connection.client = client
        connection.proxied = self.proxies.trusts(peer)
        return connection

    def _room_for(self, client: Client | None) -> bool:
        theirs = [one for one in self._connections if one.client == client] if client is not None else []
        if len(theirs) >= self.limits.per_client:
            return self._make_room(theirs)
        return len(self._connections) < self.limits.connections or self._make_room(self._connections)

    def _make_room(self, among: Collection[Connection]) -> bool:
        waiting = [one for one in among if one.due is not None]
        if not waiting:
            return False
        min(waiting, key=lambda one: one.since).cut()
        return True

    def joined(self, connection: Connection) -> None:
        """Keep an eye on *connection*."""
        self._connections[connection] = None
        if self._sweeping is None:
            self._sweeping = self.clock.callLater(_SWEEP_SECONDS, self._sweep)

    def left(self, connection: Connection) -> None:
        """Forget *connection*."""
        self._connections.pop(connection, None)
        if self._drained is not None and not self._connections and not self._drained.called:
            self._drained.callback(None)

    def _sweep(self) -> None:
        """Cut what is past its time. One timer for all, since two for each request would cost more than parsing it."""
        self._sweeping = None
        now = self.clock.seconds()
        for connection in [one for one in self._connections if one.due is not None and now >= one.due]:
            if connection.expire():
                self.turned_away(408, "too-slow")
        if self._connections:
            self._sweeping = self.clock.callLater(_SWEEP_SECONDS, self._sweep)

    # ------------------------------------------------------------ requests through a proxy

    def admit(self, forwarded: Sequence[str]) -> Client | None:
        """
        Count a request against the client a trusted proxy *forwarded* it for; `admitted` of the same takes it back.

        Raises `TooBusyError` when that client has as many under way as it may have.
        """
        client = self.proxies.behind(forwarded)
        if client is not None:
            under_way = self._busy.get(client, 0)
            if under_way >= self.limits.per_client:
                raise TooBusyError
            self._busy[client] = under_way + 1
        return client

    def done(self, client: Client) -> None:
        """Take back what `admit` counted."""
        self._busy[client] -= 1
        if not self._busy[client]:
            del self._busy[client]

    # ------------------------------------------------------------ the end

    def drain(self) -> "Deferred[None]":
        """
        Let nobody in any more, close what waits, let what is being answered be answered.

        Fires when no connection is left; cancelled, it cuts the rest.
        """
        self._drained = Deferred(self._cut_all)
        for connection in list(self._connections):
            connection.retire()
        if not self._connections and not self._drained.called:
            self._drained.callback(None)
        return self._drained

    def _cut_all(self, _: "Deferred[None]") -> None:
        for connection in list(self._connections):
            connection.cut()

    def startFactory(self) -> None:
        """Start nothing: without an access log there is no date to keep for it."""

    def stopFactory(self) -> None:
        """Leave no timer behind."""
        if self._sweeping is not None:
            self._sweeping.cancel()
            self._sweeping = None

    def log(self, request: Request) -> None:
        """Write no access log: the receiver logs what matters, with numbers masked."""


class TooBusyError(Exception):
    """A client has too many requests under way."""
