"""Asking the running daemon, over its admin listener: TCP or a Unix socket. For commands; nothing here is asynchronous."""

import http.client
import json
import socket
from pathlib import Path
from typing import Any

import attrs

from router.cli import UNREACHABLE, Failure
from router.settings import Listen
from router.state import read_running, read_token

PATIENCE = 30.0
"""Seconds to wait for an answer; the largest rule files take some."""


class UnreachableError(Exception):
    """Nobody answers there; the text says where and why."""


@attrs.frozen
class Daemon:
    """A daemon that runs on this machine, and the token it believes."""

    place: Listen
    token: str = attrs.field(repr=False)

    @classmethod
    def on(cls, state: Path) -> "Daemon":
        """Find the daemon that uses the folder *state*; without one the command ends."""
        try:
            place = Listen.parse(read_running(state), state)
            if place is not None:
                return cls(place, read_token(state))
        except OSError:
            pass
        raise Failure(f"no switchhook is running on {state}", UNREACHABLE)

    def ask(self, method: str, path: str, said: object = None) -> Any:
        """Ask it, with *said* as JSON; what it answers is JSON. When it does not, the command ends."""
        return self.try_to(method, path, said, understood=frozenset())[1]

    def fetch(self, path: str) -> tuple[int, bytes]:
        """Fetch something that is no JSON; returns the code as well. When it does not answer, the command ends."""
        try:
            return exchange(self.place, "GET", path, token=self.token)
        except UnreachableError as error:
            raise Failure(str(error), UNREACHABLE) from error

    def try_to(
        self, method: str, path: str, said: object = None, *, understood: frozenset[int] = frozenset((404,))
    ) -> tuple[int, Any]:
        """Ask for something that may be refused: returns the code as well. Those *understood* are answers, too."""
        try:
            code, answer = ask(self.place, method, path, token=self.token, said=said)
        except UnreachableError as error:
            raise Failure(str(error), UNREACHABLE) from error
        if answer is None or code in {401, 404, 405} - understood:
            raise Failure(f"{self.place} answered {code}; is it another program?", UNREACHABLE)
        return code, answer


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=PATIENCE)
        self._path = path

    def connect(self) -> None:
        """Connect to the socket."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(PATIENCE)
        self.sock.connect(self._path)


def ask(place: Listen, method: str, path: str, *, token: str | None = None, said: object = None) -> tuple[int, Any]:
    """Ask the daemon at *place*, with *said* as JSON; returns the HTTP code and the JSON it answered (None when it is none)."""
    code, content = exchange(place, method, path, token=token, said=said)
    try:
        return code, json.loads(content)
    except ValueError:
        return code, None


def exchange(
    place: Listen, method: str, path: str, *, token: str | None = None, said: object = None
) -> tuple[int, bytes]:
    """Ask the daemon at *place*, with *said* as JSON; returns the HTTP code and whatever it answered."""
    connection = _UnixConnection(str(place.path)) if place.path else _tcp(place)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        body = None if said is None else json.dumps(said).encode()
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
    except (OSError, http.client.HTTPException) as error:
        why = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise UnreachableError(f"no switchhook answers at {place}: {why.lower()}") from error
    finally:
        connection.close()
    return answer.status, content


def _tcp(place: Listen) -> http.client.HTTPConnection:
    """Connect to where a daemon that listens everywhere can be reached from here."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(place.host, place.host)  # noqa: S104
    return http.client.HTTPConnection(host, place.port, timeout=PATIENCE)
