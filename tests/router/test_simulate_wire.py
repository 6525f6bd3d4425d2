"""The simulator's line to the daemon, and its look into the record."""

import socketserver
import threading
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from router.settings import Listen
from router.simulate import lookup
from router.simulate.lookup import decision_of
from router.simulate.play import random_id
from router.simulate.scenario import SimulationError
from router.simulate.wire import Reply, UnreachableError, Wire

MOMENT = datetime(2026, 11, 28, 23, 10, tzinfo=UTC)
PUBLIC = "https://phone.example"


class Connection:
    """An HTTP connection that answers what it is told to."""

    def __init__(
        self, code: int = 200, body: bytes = b"ok", date: str | None = None, fails: Exception | None = None
    ) -> None:
        self.code, self.body, self.date, self.fails = code, body, date, fails
        self.sent: tuple[Any, ...] = ()
        self.closed = False

    def request(self, *sent: Any) -> None:
        """Take a request."""
        if self.fails:
            raise self.fails
        self.sent = sent

    def getresponse(self) -> SimpleNamespace:
        """Answer it."""
        return SimpleNamespace(status=self.code, read=lambda: self.body, getheader=lambda _name: self.date)

    def close(self) -> None:
        """Hang up."""
        self.closed = True


def wire(connection: Connection, monkeypatch: pytest.MonkeyPatch, *, demo: bool = False) -> Wire:
    """Return a wire over *connection*."""
    monkeypatch.setattr(Wire, "_connection", lambda _self: connection)
    return Wire(Listen("127.0.0.1", 8080), PUBLIC, MOMENT, demo)


def test_a_post_goes_to_the_listener_as_if_to_the_public_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """Path and query stay, the public address falls away; the moment is told under a demo clock only."""
    connection = Connection(date="Sat, 28 Nov 2026 23:10:05 GMT")
    line = wire(connection, monkeypatch, demo=True)
    line.pass_time(5)

    reply = line.post(f"{PUBLIC}/hooks/twilio/call?x=1", {"A": "b"}, b"body")

    assert reply == Reply(200, b"ok")
    told = {"A": "b", "switchhook-demo-now": "2026-11-28T23:10:05+00:00", "Connection": "close"}
    assert connection.sent == ("POST", "/hooks/twilio/call?x=1", b"body", told)
    assert connection.closed


def test_without_a_moment_the_daemon_goes_by_its_own_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing about the time is sent, and the date that comes back is not looked at."""
    connection = Connection(date="Thu, 01 Jan 1970 00:00:00 GMT")

    wire(connection, monkeypatch).post(f"{PUBLIC}/x", {}, b"")

    assert connection.sent[3] == {"Connection": "close"}


@pytest.mark.parametrize(
    ("connection", "error", "said"),
    [
        pytest.param(Connection(403), SimulationError, "signature", id="not signed as expected"),
        pytest.param(Connection(404), SimulationError, "does not know this address", id="another configuration"),
        pytest.param(Connection(503), SimulationError, "could not write", id="a sick disk"),
        pytest.param(Connection(500), SimulationError, "status 500", id="anything else"),
        pytest.param(
            Connection(date="Sun, 22 Nov 2026 10:00:00 GMT"), SimulationError, "--demo-clock", id="no demo clock"
        ),
        pytest.param(
            Connection(fails=ConnectionRefusedError("refused")), UnreachableError, "refused", id="nobody there"
        ),
        pytest.param(Connection(fails=HTTPException()), UnreachableError, "was closed", id="cut off"),
    ],
)
def test_what_can_go_wrong(
    connection: Connection, error: type[Exception], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refusals and silence are told in words."""
    with pytest.raises(error, match=said):
        wire(connection, monkeypatch, demo=True).post(f"{PUBLIC}/x", {}, b"")
    assert connection.closed


@pytest.mark.parametrize(
    "url", ["https://evil.example/x", "https://phone.example.evil/x", PUBLIC, "http://phone.example/x"]
)
def test_links_that_lead_elsewhere(url: str) -> None:
    """Only our own address is followed."""
    with pytest.raises(SimulationError, match="not below public_url"):
        Wire(Listen("127.0.0.1", 8080), PUBLIC, MOMENT, demo=False).target(url)


@pytest.mark.parametrize(
    ("host", "reached"),
    [
        pytest.param("127.0.0.1", "127.0.0.1", id="loopback"),
        pytest.param("0.0.0.0", "127.0.0.1", id="every address"),
        pytest.param("::", "::1", id="every address of IPv6"),
    ],
)
def test_where_a_listener_is_reached(host: str, reached: str) -> None:
    """A listener on every address is reached by loopback."""
    connection = Wire(Listen(host, 8080), PUBLIC, MOMENT, demo=False)._connection()

    assert isinstance(connection, HTTPConnection)
    assert (connection.host, connection.port) == (reached, 8080)


class Handler(BaseHTTPRequestHandler):
    """Answers every post with its own body."""

    def do_POST(self) -> None:
        """Echo."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.path.encode() + b" " + body)

    def address_string(self) -> str:
        """A Unix socket has no address."""
        return ""

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


def test_a_unix_socket(tmp_path: Path) -> None:
    """The daemon may listen on a Unix socket."""
    path = tmp_path / "s"
    with socketserver.UnixStreamServer(str(path), Handler) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        reply = Wire(Listen(path=path), PUBLIC, MOMENT, demo=False).post(f"{PUBLIC}/x", {}, b"hello")
        thread.join()

    assert reply == Reply(200, b"/x hello")


class FakeReader:
    """An index that knows the event after some look-ups; *fails* when it cannot be read."""

    after = 0
    fails = False
    closed = 0

    def __init__(self, *_where: object) -> None:
        self.asked = 0

    def find(self, key: str) -> Any:
        """Look up."""
        if FakeReader.fails:
            raise PermissionError
        self.asked += 1
        public = {"key": key, "rule": "boston.calls.open", "why": ["boston is open"], "answer_sha256": "…"}
        return SimpleNamespace(public=public) if self.asked > FakeReader.after else None

    def close(self) -> None:
        """Let go."""
        FakeReader.closed += 1


@pytest.mark.parametrize(
    ("there", "after", "fails", "found", "waited"),
    [
        pytest.param(True, 0, False, True, 0, id="at once"),
        pytest.param(True, 3, False, True, 3, id="the index is a little behind"),
        pytest.param(True, 99, False, False, 20, id="not within two seconds"),
        pytest.param(True, 0, True, False, 0, id="the folder cannot be read"),
        pytest.param(False, 0, False, False, 0, id="there is no index here"),
    ],
)
def test_the_decision_is_looked_up(
    there: bool, after: int, fails: bool, found: bool, waited: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is public of the record is told, if it can be read in time."""
    monkeypatch.setattr(lookup, "Reader", FakeReader)
    monkeypatch.setattr(FakeReader, "after", after)
    monkeypatch.setattr(FakeReader, "fails", fails)
    monkeypatch.setattr(FakeReader, "closed", 0)
    if there:
        (tmp_path / "index.db").touch()
    pauses: list[float] = []

    decision = decision_of("key", tmp_path, pauses.append)

    assert decision == ({"rule": "boston.calls.open", "why": ["boston is open"]} if found else None)
    assert len(pauses) == waited
    assert FakeReader.closed == 1


def test_ids_are_random() -> None:
    """Each event has an id of its own."""
    assert len(random_id()) == 32
    assert random_id() != random_id()
