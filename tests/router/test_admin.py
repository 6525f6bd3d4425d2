"""The admin listener: what it tells, and whom it believes."""

# ruff: noqa: N802  the names are Twisted's

import json
from typing import Any, cast

import attrs
import pytest
from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport

from router.admin import Admin, AdminSite, MetricsOnly
from router.journal.api import JournalDown
from router.outbox.desk import OutboxDesk
from router.recordings.desk import RecordingsDesk
from router.recordings.shelf import Note
from router.rulebook import Outcome
from router.switchboard.desk import Desk

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


@attrs.define
class _Outbox:
    """Remembers what it was asked for; *down* while its journal is."""

    down: bool = False
    asked: list[tuple[str, str]] = attrs.field(factory=list)

    def retry(self, key: str) -> str | None:
        """Try again whatever begins with 01."""
        if self.down:
            raise JournalDown("no disk")
        self.asked.append(("retry", key))
        return None if key.startswith("01") else f"there is no message {key} in the outbox"

    def drop(self, key: str) -> str | None:
        """Let go of anything."""
        self.asked.append(("drop", key))
        return None


@attrs.define
class _Recordings:
    """Keeps one recording."""

    notes: dict[str, Note] = attrs.field(
        factory=lambda: {
            "01A": Note(id="01A", number="boston", box="main", kept_at=0, keep=None, size=3, sha256="ab"),
        }
    )

    @property
    def shelf(self) -> "_Recordings":
        """Return itself."""
        return self

    def heard(self, call: str) -> bytes | None:
        """Return the sound."""
        return b"ID3" if call in self.notes else None


@attrs.define(eq=False)
class _Bench:
    """An admin desk with everything behind it made up."""

    outcome: Outcome = GOOD
    journal: bool = True
    index: bool = True
    reloads: int = 0
    fails: bool = False
    outbox: _Outbox = attrs.field(factory=_Outbox)
    recordings: _Recordings = attrs.field(factory=_Recordings)

    def site(self, *, metrics_only: bool = False) -> AdminSite:
        """Return the factory."""
        admin = Admin(
            "secret-token",
            self.checks,
            lambda: {"version": "1"},
            self.reload,
            self.exposition,
            overrides=Desk(cast("Any", None), cast("Any", None)),
            outbox=OutboxDesk(cast("Any", self.outbox)),
            recordings=RecordingsDesk(cast("Any", self.recordings)),
        )
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


@pytest.mark.parametrize(
    ("path", "token", "code", "asked"),
    [
        pytest.param("/-/outbox/retry?key=01A.0%2F0", "Bearer secret-token", 200, [("retry", "01A.0/0")], id="retry"),
        pytest.param("/-/outbox/drop?key=01A.0%2F0", "Bearer secret-token", 200, [("drop", "01A.0/0")], id="drop"),
        pytest.param("/-/outbox/retry?key=x", "Bearer secret-token", 409, [("retry", "x")], id="there is none"),
        pytest.param("/-/outbox/retry", "Bearer secret-token", 409, [("retry", "")], id="no key at all"),
        pytest.param("/-/outbox/retry?key=01A.0%2F0", "Bearer wrong", 401, [], id="the wrong token"),
        pytest.param("/-/outbox/drop?key=01A.0%2F0", None, 401, [], id="no token"),
    ],
)
def test_the_outbox_obeys_who_has_the_token(path: str, token: str | None, code: int, asked: list[Any]) -> None:
    """Retry and drop, by the message's key; without the token nothing happens."""
    bench = _Bench()

    assert bench.ask("POST", path, token=token)[0] == code
    assert bench.outbox.asked == asked
    assert bench.ask("GET", path, token=token)[0] == 405


def test_an_outbox_whose_journal_is_down_says_so() -> None:
    """Nothing can be done without a record of it."""
    code, body = _Bench(outbox=_Outbox(down=True)).ask("POST", "/-/outbox/retry?key=01", token="Bearer secret-token")

    assert (code, b"journal" in body) == (503, True)


@pytest.mark.parametrize(
    ("method", "path", "token", "code", "body"),
    [
        pytest.param("GET", "/-/recordings", None, 401, b"admin-token", id="the list, by a stranger"),
        pytest.param("GET", "/-/recordings/01A", None, 401, b"admin-token", id="a message, by a stranger"),
        pytest.param("GET", "/-/recordings", "Bearer secret-token", 200, b'"box": "main"', id="the list"),
        pytest.param("GET", "/-/recordings/01A", "Bearer secret-token", 200, b"ID3", id="a message"),
        pytest.param("GET", "/-/recordings/01B", "Bearer secret-token", 404, b"no recording is kept", id="none"),
        pytest.param("GET", "/-/recordings/..%2F01A", "Bearer secret-token", 404, b"no recording", id="a path"),
        pytest.param("DELETE", "/-/recordings/01A", "Bearer secret-token", 405, b"", id="nobody deletes one"),
    ],
)
def test_recordings_are_for_who_has_the_token(
    method: str, path: str, token: str | None, code: int, body: bytes
) -> None:
    """They are as private as it gets."""
    found, content = _Bench().ask(method, path, token=token)

    assert found == code
    assert body in content
