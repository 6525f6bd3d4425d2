"""Opening the places where we listen, and closing them: TCP ports and Unix sockets."""

import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import attrs
from twisted.internet.error import CannotListenError

from adapters.site import LimitedSite
from router.settings import Listen

BACKLOG = 1024
"""Connections the kernel keeps for us while we are busy, such as during a burst of calls."""

GRACE = 10.0
"""Seconds what is being answered may take when we stop."""


class BusyError(Exception):
    """We cannot listen where we were told to; the text says where and why."""


class Reactor(Protocol):
    """What is needed of the reactor."""

    def listenTCP(self, port: int, factory: Any, backlog: int, interface: str) -> Any:  # noqa: N802
        """Open a TCP port."""

    def listenUNIX(self, path: str, factory: Any, backlog: int, mode: int, wantPID: bool) -> Any:  # noqa: N802, N803
        """Open a Unix socket; a stale one is taken over."""

    def adoptStreamPort(self, fileDescriptor: int, addressFamily: int, factory: Any) -> Any:  # noqa: N802, N803
        """Listen at an open socket; it is duplicated."""

    def callLater(self, delay: float, callable: Callable[..., object], /, *args: object) -> Any:  # noqa: A002, N802
        """Call later."""


@attrs.frozen(eq=False)
class Listener:
    """An open listener."""

    site: LimitedSite
    port: Any
    place: Listen

    async def stop_accepting(self) -> None:
        """Let nobody in any more."""
        closed = self.port.stopListening()
        if closed is not None:
            await closed

    async def drain(self, reactor: Reactor, grace: float = GRACE) -> None:
        """Let what is being answered be answered, for *grace* seconds; then cut the rest."""
        drained = self.site.drain()
        cut = reactor.callLater(grace, drained.cancel)
        try:
            await drained.addErrback(lambda _: None)
        finally:
            if cut.active():
                cut.cancel()


def listen(reactor: Reactor, place: Listen, site: LimitedSite, *, mode: int) -> Listener:
    """Open *place* for *site*; *mode* is who may use a Unix socket. Raises `BusyError`."""
    try:
        if place.path is not None:
            port = reactor.listenUNIX(str(place.path), site, BACKLOG, mode, True)
            return Listener(site, port, place)
        port = reactor.listenTCP(place.port, site, BACKLOG, _address(place.host))
    except CannotListenError as error:
        raise BusyError(f"cannot listen on {place}: {_reason(error)}") from error
    except OSError as error:
        raise BusyError(f"cannot listen on {place}: {(error.strerror or str(error)).lower()}") from error
    return Listener(site, port, attrs.evolve(place, port=port.getHost().port))


def adopt(reactor: Reactor, name: str, descriptor: int, site: LimitedSite) -> Listener:
    """
    Listen for *site* at the socket that somebody has opened for us as *name*; *descriptor* is used up.

    Raises `BusyError` when it is no socket that listens.
    """
    try:
        with socket.socket(fileno=descriptor) as given:
            if given.type != socket.SOCK_STREAM or not given.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                raise BusyError(f"the socket handed over as '{name}' is not one that listens (Accept= must be no)")
            given.setblocking(False)
            port = reactor.adoptStreamPort(given.fileno(), given.family, site)
            return Listener(site, port, _place(given.getsockname()))
    except OSError as error:
        raise BusyError(
            f"what was handed over as '{name}' is no socket: {(error.strerror or str(error)).lower()}"
        ) from error


def _place(name: Any) -> Listen:
    """Return where a socket of that *name* listens."""
    return Listen(path=Path(os.fsdecode(name))) if isinstance(name, str | bytes) else Listen(name[0], name[1])


def _address(host: str) -> str:
    """Return *host* as an address; ports are opened by address."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    return str(found[0][4][0])


def _reason(error: CannotListenError) -> str:
    return str(getattr(error.socketError, "strerror", None) or error.socketError).lower()
