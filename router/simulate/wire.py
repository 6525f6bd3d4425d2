"""The line to the daemon: posts over its public listener what a provider would post to the public address."""

import socket
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException

import attrs

from router.clock import DEMO_HEADER
from router.settings import Listen
from router.simulate.scenario import SimulationError

_TIMEOUT = 20.0
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  what a wildcard listener is reached by


class UnreachableError(Exception):
    """No daemon answers; the text says where it was looked for."""


@attrs.frozen
class Reply:
    """What the daemon answered."""

    code: int
    body: bytes


@attrs.define
class Wire:
    """
    Posts to the daemon at *listen* as if it came to *public_url* (without a slash at its end).

    *moment* is what the clock reads for the provider; *demo*: the daemon is told so, else it goes by its own clock.
    """

    listen: Listen
    public_url: str
    moment: datetime
    demo: bool

    def pass_time(self, seconds: float) -> None:
        """Let *seconds* go by."""
        self.moment += timedelta(seconds=seconds)

    def target(self, url: str) -> str:
        """Return the path and query that *url* has for the daemon; raise `SimulationError` when it is not below its address."""
        if not url.startswith(self.public_url + "/"):
            raise SimulationError(f"the answer links to {url}, which is not below public_url {self.public_url}")
        return url.removeprefix(self.public_url)

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Post *body* to the public *url*; raise `SimulationError` for a refusal, `UnreachableError` without a daemon."""
        told = {DEMO_HEADER: self.moment.isoformat()} if self.demo else {}
        connection = self._connection()
        try:
            connection.request("POST", self.target(url), body, {**headers, **told, "Connection": "close"})
            response = connection.getresponse()
            reply = Reply(response.status, response.read())
            date = response.getheader("Date") or ""
        except (OSError, HTTPException) as error:
            why = (getattr(error, "strerror", None) or str(error) or "the connection was closed").lower()
            raise UnreachableError(
                f"no daemon answers at {self.listen} ({why}); start it with `switchhook run`"
            ) from error
        finally:
            connection.close()
        if reply.code not in (200, 204):
            raise SimulationError(_REFUSALS.get(reply.code, f"the daemon answers with HTTP status {reply.code}"))
        if self.demo and date:
            self._check_clock(date)
        return reply

    def _check_clock(self, date: str) -> None:
        """The daemon's date shows for which moment it has decided."""
        told = parsedate_to_datetime(date).astimezone(UTC)
        if abs((told - self.moment).total_seconds()) > 1:
            raise SimulationError("the daemon goes by its own clock: --at needs one started with `run --demo-clock`")

    def _connection(self) -> HTTPConnection:
        if self.listen.path is not None:
            return _UnixConnection(str(self.listen.path))
        return HTTPConnection(reachable(self.listen.host), self.listen.port, timeout=_TIMEOUT)


def reachable(host: str) -> str:
    """Return what a listener on *host* is reached by."""
    return _EVERYWHERE.get(host, host)


_REFUSALS = {
    403: "the daemon refuses the signature (403): does it run on this configuration, with these secrets?",
    404: "the daemon does not know this address (404): does it run on this configuration?",
    503: "the daemon could not write the text down (503); a provider would try again",
}


class _UnixConnection(HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=_TIMEOUT)
        self._path = path

    def connect(self) -> None:
        """Connect to the socket's path."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(_TIMEOUT)
        self.sock.connect(self._path)
