"""`run`, `reload` and `status`: what they refuse, what they say, how they end; and a real daemon from start to SIGTERM."""

import http.client
import io
import json
import os
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from click.testing import CliRunner, Result
from twilio.request_validator import RequestValidator

from router import asking, underway
from router.asking import UnreachableError
from router.cli import main
from router.commands.run import first_rules, greet
from router.lastgood import LastGood
from router.listeners import BusyError
from router.loading import InForce, Source
from router.loglines import Lines
from router.settings import Listen
from router.state import LockedError, StateFolder

ROOT = Path(__file__).parents[2]


@pytest.fixture
def office(tmp_path: Path, engines: Any) -> Path:
    """Return the office's file."""
    path = tmp_path / "config.yaml"
    path.write_text(engines.OFFICE)
    return path


@pytest.fixture(autouse=True)
def as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the logging of the other tests alone."""
    monkeypatch.setattr("router.commands.run.configure", lambda **_: Lines(io.StringIO()))


def _run(path: Path, *args: str, **environment: str) -> Result:
    return CliRunner().invoke(main, ["-c", str(path), *args], env=environment, prog_name="switchhook")


def _edit(path: Path, old: str, new: str) -> None:
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


# ---------------------------------------------------------------- run


def test_a_broken_file_without_a_last_good_one(office: Path, engines: Any) -> None:
    """Everything wrong is shown; no port is opened and the state folder not even made."""
    _edit(office, "ring: front", "ring: frunt")

    shown = _run(office, "run", **engines.ENVIRONMENT)

    assert shown.exit_code == 1
    assert "did you mean 'front'" in shown.output
    assert "nothing was started" in shown.output
    assert not (office.parent / "state").exists()


def test_a_start_from_the_last_good_rules(office: Path, engines: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """What is wrong is shown, and the rules of before run; a last good set that is of no use either is none."""
    source = Source(office, engines.ENVIRONMENT)
    good = source.read(engines.TUESDAY_10)
    assert isinstance(good, InForce)
    LastGood(office.parent / "state/last-good").keep(good.files, good.book.ruleset, ())
    _edit(office, "ring: front", "ring: frunt")

    began, refusal = first_rules(source, engines.TUESDAY_10)

    assert began.book.ruleset == good.book.ruleset
    assert refusal is not None
    assert "starting with the last good rules" in capsys.readouterr().err
    with pytest.raises(Exception, match="no last good one"):
        first_rules(Source(office, {}), engines.TUESDAY_10)


def test_a_demo_clock_is_for_this_machine(office: Path, engines: Any) -> None:
    """Nobody from outside may turn it."""
    _edit(office, 'public: "127.0.0.1:0"', 'public: "0.0.0.0:0"')

    shown = _run(office, "run", "--demo-clock", **engines.ENVIRONMENT)

    assert shown.exit_code == 2
    assert "0.0.0.0:0" in shown.output


def test_a_demo_clock_takes_no_sockets_from_a_service_manager(office: Path, engines: Any) -> None:
    """Nobody knows who comes in there."""
    held = {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1", "LISTEN_FDNAMES": "public"}

    shown = _run(office, "run", "--demo-clock", **engines.ENVIRONMENT, **held)

    assert shown.exit_code == 2
    assert "takes no sockets from a service manager" in shown.output


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        pytest.param(LockedError("already running"), 5, "already running", id="another daemon"),
        pytest.param(BusyError("cannot listen on x"), 1, "cannot listen on x", id="a port that is taken"),
        pytest.param(OSError(13, "Permission denied"), 1, "cannot use the state folder", id="a folder we may not use"),
    ],
)
def test_what_keeps_it_from_starting(
    office: Path, engines: Any, monkeypatch: pytest.MonkeyPatch, error: Exception, code: int, words: str
) -> None:
    """Is one sentence and an exit code."""

    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr(underway, "run", fail)
    monkeypatch.setattr("router.commands.run.take_over_twisted", lambda: None)

    shown = _run(office, "run", **engines.ENVIRONMENT)

    assert shown.exit_code == code
    assert words in shown.output


def test_a_socket_that_is_none_of_ours_keeps_it_from_starting(office: Path, engines: Any) -> None:
    """Before anything else is looked at."""
    held = {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1", "LISTEN_FDNAMES": "switchhook.socket"}

    shown = _run(office, "run", **engines.ENVIRONMENT, **held)

    assert shown.exit_code == 1
    assert "'switchhook.socket', which is none of ours" in shown.output


@pytest.mark.parametrize(
    ("make", "told"), [pytest.param("1", "make demo", id="by make"), pytest.param("", "", id="by a service manager")]
)
def test_a_person_is_greeted(
    office: Path, engines: Any, monkeypatch: pytest.MonkeyPatch, capsys: Any, make: str, told: str
) -> None:
    """With where to go next; a service manager is not."""
    began = Source(office, engines.ENVIRONMENT).read(engines.TUESDAY_10)
    daemon = type("Daemon", (), {})()
    daemon.rules = type("Rules", (), {"current": began})
    places = {"public": "127.0.0.1:8080", "admin": "unix:/run/admin.sock"}
    daemon.entrances = type("Entrances", (), {"providers": {"pbx": None}, "places": lambda _self: places})()
    monkeypatch.delenv("MAKELEVEL", raising=False)
    if make:
        monkeypatch.setenv("MAKELEVEL", make)
    monkeypatch.chdir(office.parent)

    greet(daemon)

    said = capsys.readouterr().out
    assert told in said
    assert bool(said) == bool(make)
    assert ("http://127.0.0.1:8080/hooks/pbx/call" in said) == bool(make)
    assert ("never places emergency calls" in said) == bool(make)


# ---------------------------------------------------------------- asking it


class _Answers:
    """A daemon that answers what it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, office: Path, code: int, answer: Any) -> None:
        self.asked: list[tuple[str, str, str | None]] = []
        folder = StateFolder(office.parent / "state")
        folder.open()
        folder.close()
        self.token = folder.token()
        folder.announce("127.0.0.1:1")

        def ask(
            place: Listen, method: str, path: str, *, token: str | None = None, said: object = None
        ) -> tuple[int, Any]:
            self.asked.append((method, path, token))
            return code, answer

        monkeypatch.setattr(asking, "ask", ask)


GOOD = {"good": True, "changed": True, "ruleset": "sha256:a", "restart": ["listen"], "shown": ""}
BAD = {"good": False, "changed": False, "ruleset": "sha256:a", "restart": [], "shown": "config.yaml:1:1: error: x"}


@pytest.mark.parametrize(
    ("args", "code", "answer", "exit_code", "words"),
    [
        pytest.param(["--wait"], 200, GOOD, 0, ["in force: sha256:a", "needs a restart", "listen"], id="taken"),
        pytest.param(
            ["--wait"], 200, {**GOOD, "changed": False, "restart": []}, 0, ["nothing has changed"], id="the same"
        ),
        pytest.param(["--wait"], 422, BAD, 1, ["config.yaml:1:1", "the rules before them go on"], id="refused"),
        pytest.param([], 202, {"asked": True}, 0, ["asked for"], id="without waiting"),
        pytest.param(["--wait"], 401, {"error": "x"}, 4, ["another program"], id="one that does not believe us"),
        pytest.param(["--wait"], 200, None, 4, ["another program"], id="one that is no switchhook"),
    ],
)
def test_reload(
    office: Path,
    monkeypatch: pytest.MonkeyPatch,
    args: list[str],
    code: int,
    answer: Any,
    exit_code: int,
    words: list[str],
) -> None:
    """Says what came of it."""
    daemon = _Answers(monkeypatch, office, code, answer)

    shown = _run(office, "reload", *args)

    assert shown.exit_code == exit_code, shown.output
    assert all(word in shown.output for word in words)
    assert daemon.asked[0][2] == daemon.token


STATUS = {
    "version": "0.1.0",
    "started_at": "2026-11-24T15:00:00.000000Z",
    "ruleset": "sha256:" + "a" * 64,
    "since": "2026-11-24T15:00:00.000000Z",
    "numbers": ["boston"],
    "listens": {"public": "127.0.0.1:8080"},
    "live_calls": 1,
    "held_texts": 2,
    "overrides": [
        {"id": "o7", "told": "boston is closed until Sat 28 Nov 00:00 EST, by anna", "active": True, "note": ""}
    ],
    "journal": {"up": True, "seq": 5, "waiting": 0},
    "index": {"up": True, "position": 5, "lag_seconds": 0.0},
    "last_reload": {"good": False, "problems": ["config.yaml:1:1: error: x"]},
    "checks": {
        "rules": {"ok": False, "needed": False, "note": "the files on disk were refused"},
        "journal": {"ok": True, "needed": True, "note": ""},
    },
}
SICK = {
    **STATUS,
    "checks": {"journal": {"ok": False, "needed": True, "note": "it cannot be written"}},
    "last_reload": None,
}


@pytest.mark.parametrize(
    ("args", "answer", "exit_code", "words"),
    [
        pytest.param(
            [],
            STATUS,
            0,
            ["1 live calls", "! rules", "config.yaml:1:1", "o7       boston is closed until Sat"],
            id="for people",
        ),
        pytest.param([], SICK, 1, ["! journal: it cannot be written"], id="when something is wrong"),
        pytest.param(["--json"], STATUS, 0, ['"version": "0.1.0"'], id="for scripts"),
        pytest.param(["--ready"], STATUS, 0, ["ready\n"], id="ready"),
        pytest.param(["--ready"], SICK, 1, ["not ready"], id="not ready"),
    ],
)
def test_status(
    office: Path, monkeypatch: pytest.MonkeyPatch, args: list[str], answer: Any, exit_code: int, words: list[str]
) -> None:
    """Says how it is."""
    daemon = _Answers(monkeypatch, office, 200, answer)

    shown = _run(office, "status", *args)

    assert shown.exit_code == exit_code
    assert all(word in shown.output for word in words)
    assert daemon.asked[0][1] == ("/-/ready" if "--ready" in args else "/-/status")


def test_nobody_runs(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is said, with the exit code for it, also when word of a dead one was left behind."""
    without = _run(office, "status")
    _Answers(monkeypatch, office, 200, STATUS)

    def gone(*_: Any, **__: Any) -> None:
        raise UnreachableError("no switchhook answers at 127.0.0.1:1: connection refused")

    monkeypatch.setattr(asking, "ask", gone)
    dead = _run(office, "reload")

    assert (without.exit_code, dead.exit_code) == (4, 4)
    assert "no switchhook is running" in without.output
    assert "connection refused" in dead.output


# ---------------------------------------------------------------- a real one


@pytest.mark.slow
def test_a_real_daemon(office: Path, engines: Any) -> None:
    """It starts, answers a signed call, reloads by signal and by command, tells how it is, and ends well on SIGTERM."""
    twilio = "twilio: {adapter: twilio, account: env:SID, secret: env:AUTH}"
    _edit(office, "pbx: {adapter: generic, secret: env:PBX_SECRET}", twilio)
    _edit(office, "provider: pbx", "provider: twilio")
    _edit(office, 'admin: "127.0.0.1:0"', 'admin: "unix:admin.sock", metrics: "localhost:0"')
    environment = {**os.environ, "SID": "AC" + "0" * 32, "AUTH": "a-token", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "router", "-c", str(office), "run", "--demo-clock", "--log-format", "json"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            ready = _event(process, "daemon.ready")
            code, body = _call(ready["listens"]["public"])
            _edit(office, "Acme", "Apex")
            process.send_signal(signal.SIGHUP)
            reloaded = _event(process, "rules.loaded")
            status = _command(office, environment, "status", "--json")
            again = _command(office, environment, "reload", "--wait")
            metrics = asking.ask(_place(ready["listens"]["metrics"]), "GET", "/metrics")
            second = _command(office, environment, "run")
            process.send_signal(signal.SIGTERM)
            ended = process.wait(timeout=20)
        finally:
            process.kill()

    assert (code, b"sip:anna@pbx.example" in body) == (200, True)
    assert reloaded["changed"] is True
    assert json.loads(status.stdout)["checks"]["journal"]["ok"] is True
    assert "nothing has changed" in again.stdout
    assert metrics == (200, None)
    assert (second.returncode, "already running" in second.stderr) == (5, True)
    assert ended == 0
    with pytest.raises(UnreachableError):
        asking.ask(Listen(path=office.parent / "admin.sock"), "GET", "/-/ready")


def _event(process: "subprocess.Popen[str]", name: str) -> dict[str, Any]:
    """Return the next log line called *name*."""
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("{") and json.loads(line)["event"] == name:
            return dict(json.loads(line))
    raise AssertionError(f"no {name}")


def _place(text: str) -> Listen:
    place = Listen.parse(text, Path())
    assert place is not None
    return place


def _call(place: str) -> tuple[int, bytes]:
    """Post a call as Twilio does, on a Tuesday morning."""
    fields = {"AccountSid": "AC" + "0" * 32, "CallSid": "CA1", "From": "+12025550199", "To": "+16175550100"}
    signature = RequestValidator("a-token").compute_signature("https://phone.example/base/hooks/twilio/call", fields)
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Twilio-Signature": signature,
        "Switchhook-Demo-Now": "2026-11-24T10:00:00-05:00",
    }
    with closing(http.client.HTTPConnection(place, timeout=20)) as connection:
        connection.request("POST", "/hooks/twilio/call", urlencode(fields), headers)
        answer = connection.getresponse()
        return answer.status, answer.read()


def _command(office: Path, environment: dict[str, str], *args: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "router", "-c", str(office), *args]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
