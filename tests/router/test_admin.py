"""The admin listener: what it tells, and whom it believes."""

# ruff: noqa: N802  the names are Twisted's

import json
from typing import Any

import attrs
import pytest
from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport

from router.admin import Admin, AdminSite, MetricsOnly
from router.rulebook import Outcome

GOOD = Outcome(good=True, changed=True, ruleset="sha256:a", restart=("listen",))
BAD = Outcome(good=False, changed=False, ruleset="sha256:a", problems=("a:1:1: error: x [y]",), shown="a:1:1 …")


class _Transport(StringTransport):
    """A connection in memory, as twisted.web's parser wants it."""

    def loseConnection(self) -> None:
        """Close."""
        self.disconnecting = True

    def abortConnection(self) -> None:
        """Close at once."""
        self.disconnecting = True


@attrs.define(eq=False)
class _Bench:
    """An admin desk with everything behind it made up."""

    outcome: Outcome = GOOD
    journal: bool = True
    index: bool = True
    reloads: int = 0
    fails: bool = False

    def site(self, *, metrics_only: bool = False) -> AdminSite:
        """Return the factory."""
        admin = Admin("secret-token", self.checks, lambda: {"version": "1"}, self.reload, self.exposition)
        return AdminSite(Clock(), MetricsOnly(admin) if metrics_only else admin)

    def checks(self) -> dict[str, dict[str, Any]]:
        """Say how things are."""
        return {
            "journal": {"ok": self.journal, "needed": True, "note": ""},
            "index": {"ok": self.index, "needed": False, "note": ""},
        }

    def reload(self) -> "Deferred[Outcome]":
        """Reload."""
        self.reloads += 1
        if self.fails:
            raise RuntimeError("a bug")
        return succeed(self.outcome)

    def exposition(self) -> "Deferred[bytes]":
        """Render."""
        if self.fails:
            raise RuntimeError("a bug")
        return succeed(b"switchhook_x 1\n")

    def ask(self, method: str, path: str, *, token: str | None = None, metrics_only: bool = False) -> tuple[int, bytes]:
        """Ask over the real parser; returns code and body."""
        connection = self.site(metrics_only=metrics_only).buildProtocol(None)
        assert connection is not None
        transport = _Transport()
        connection.makeConnection(transport)
        extra = f"Authorization: {token}\r\n" if token else ""
        connection.dataReceived(f"{method} {path} HTTP/1.1\r\nHost: x\r\n{extra}\r\n".encode())
        head, _, body = transport.value().partition(b"\r\n\r\n")
        connection.factory.stopFactory()
        return int(head.split()[1]), body


@pytest.mark.parametrize("path", ["/-/healthy", "/livez", "/livez?x=1"])
def test_alive(path: str) -> None:
    """It answers, so it is."""
    assert _Bench().ask("GET", path)[0] == 200


@pytest.mark.parametrize(
    ("journal", "index", "code"),
    [
        pytest.param(True, True, 200, id="all is well"),
        pytest.param(True, False, 200, id="calls go on without the index"),
        pytest.param(False, True, 503, id="texts are not taken without the journal"),
    ],
)
@pytest.mark.parametrize("path", ["/-/ready", "/readyz"])
def test_ready(journal: bool, index: bool, code: int, path: str) -> None:
    """Only what calls and texts need counts; every check is told."""
    found, body = _Bench(journal=journal, index=index).ask("GET", path)

    assert found == code
    assert json.loads(body)["ready"] is (code == 200)
    assert json.loads(body)["checks"]["index"]["ok"] is index


def test_status_and_metrics() -> None:
    """As they are given; for HEAD without a body."""
    assert json.loads(_Bench().ask("GET", "/-/status")[1]) == {"version": "1"}
    assert _Bench().ask("GET", "/metrics") == (200, b"switchhook_x 1\n")
    assert _Bench().ask("HEAD", "/metrics") == (200, b"")


@pytest.mark.parametrize("token", [None, "Bearer wrong", "Basic secret-token", "secret-token", "Bearer", "Bearer ü"])
def test_a_reload_needs_the_token(token: str | None) -> None:
    """Without it nothing happens."""
    bench = _Bench()

    code, body = bench.ask("POST", "/-/reload", token=token)

    assert (code, bench.reloads) == (401, 0)
    assert b"admin-token" in body


@pytest.mark.parametrize(
    ("outcome", "code"), [pytest.param(GOOD, 200, id="taken"), pytest.param(BAD, 422, id="refused")]
)
def test_a_reload_is_told(outcome: Outcome, code: int) -> None:
    """With everything that is wrong."""
    found, body = _Bench(outcome=outcome).ask("POST", "/-/reload", token="bearer secret-token")

    assert found == code
    assert json.loads(body) == json.loads(json.dumps(attrs.asdict(outcome)))


@pytest.mark.parametrize("fails", [False, True])
def test_a_reload_nobody_waits_for(fails: bool) -> None:
    """Is begun; what goes wrong stands in the log."""
    bench = _Bench(fails=fails)

    assert bench.ask("POST", "/-/reload?wait=no", token="Bearer secret-token")[0] == 202
    assert bench.reloads == 1


def test_our_own_fault() -> None:
    """Is told as one."""
    assert _Bench(fails=True).ask("GET", "/metrics")[0] == 500


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("POST", "/metrics", 405),
        ("GET", "/-/reload", 405),
        ("DELETE", "/-/status", 405),
        ("GET", "/", 404),
        ("GET", "/hooks/twilio/call", 404),
        ("GET", "/-/", 404),
    ],
)
def test_what_is_not_there(method: str, path: str, code: int) -> None:
    """Or not asked for like that."""
    assert _Bench().ask(method, path)[0] == code


@pytest.mark.parametrize(
    ("method", "path", "code"), [("GET", "/metrics", 200), ("POST", "/-/reload", 404), ("GET", "/-/status", 404)]
)
def test_metrics_apart(method: str, path: str, code: int) -> None:
    """A listener of its own shows nothing else."""
    assert _Bench().ask(method, path, token="Bearer secret-token", metrics_only=True)[0] == code


def test_too_many_administrators() -> None:
    """Beyond the limit one is turned away, unless another one only waits."""
    site = _Bench().site()
    site.turned_away(429, "too-many-connections")

    assert site.largest_body() == 64 * 1024
