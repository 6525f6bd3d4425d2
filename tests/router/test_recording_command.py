"""`recording`: what it asks the daemon, what it writes, and where it says a message is that is not here."""

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs
import pytest
from click.testing import CliRunner, Result

from router import asking
from router.cli import main
from router.settings import Listen
from router.state import StateFolder

LISTED = {
    "recordings": [{"id": "01A", "number": "boston", "box": "main", "kept_at": "2026-11-24T15:00:00Z", "size": 3}]
}
GONE = json.dumps({"error": "no recording is kept for '01A'"}).encode()


@attrs.define(eq=False)
class _Daemon:
    """Answers what it is told to, and remembers what it was asked; *away* when it does not answer."""

    code: int = 200
    content: bytes = b"ID3"
    away: bool = False
    asked: list[tuple[str, str]] = attrs.field(factory=list)

    def exchange(
        self, place: Listen, method: str, path: str, *, token: str | None = None, said: object = None
    ) -> tuple[int, bytes]:
        """Answer."""
        assert token
        assert said is None
        if self.away:
            raise asking.UnreachableError(f"no switchhook answers at {place}")
        self.asked.append((method, path))
        return self.code, self.content


@pytest.fixture
def run(tmp_path: Path, engines: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run the command against a daemon, in a folder of its own."""
    (tmp_path / "config.yaml").write_text(engines.OFFICE)
    folder = StateFolder(tmp_path / "state")
    folder.open()
    folder.close()
    folder.token()
    folder.announce("127.0.0.1:1")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    def run(daemon: _Daemon, *args: str) -> Result:
        monkeypatch.setattr(asking, "exchange", daemon.exchange)
        return CliRunner().invoke(
            main, ["-c", str(tmp_path / "config.yaml"), "recording", *args], prog_name="switchhook"
        )

    return run


@pytest.mark.parametrize(
    ("args", "name"),
    [
        pytest.param(["01A"], "01A.mp3", id="under its own name"),
        pytest.param(["01A", "--out", "message.mp3"], "message.mp3", id="under another"),
    ],
)
def test_a_recording_is_fetched(run: Callable[..., Result], args: list[str], name: str) -> None:
    """Into a file only its owner may read."""
    daemon = _Daemon()
    result = run(daemon, *args)

    assert (result.exit_code, result.stdout) == (0, f"{name}: 3 bytes\n")
    assert daemon.asked == [("GET", "/-/recordings/01A")]
    assert Path(name).read_bytes() == b"ID3"
    assert stat.S_IMODE(os.stat(name).st_mode) == 0o600


def test_a_recording_to_stdout(run: Callable[..., Result]) -> None:
    """For a player behind a pipe; an id is never a path."""
    daemon = _Daemon()
    result = run(daemon, "../01A", "--out", "-")

    assert (result.exit_code, result.stdout_bytes) == (0, b"ID3")
    assert daemon.asked == [("GET", "/-/recordings/..%2F01A")]


@pytest.mark.parametrize(
    ("args", "content", "expected"),
    [
        pytest.param([], LISTED, "2026-11-24 15:00:00  boston  main  3      01A\n", id="a table"),
        pytest.param(["--json"], LISTED, json.dumps(LISTED["recordings"]) + "\n", id="for scripts"),
        pytest.param([], {"recordings": []}, "no recording is kept\n", id="none"),
    ],
)
def test_the_list(run: Callable[..., Result], args: list[str], content: Any, expected: str) -> None:
    """Without an id they are listed."""
    result = run(_Daemon(content=json.dumps(content).encode()), *args)

    assert result.exit_code == 0
    assert result.stdout.endswith(expected)


@pytest.mark.parametrize(
    ("daemon", "code", "said"),
    [
        pytest.param(_Daemon(404, GONE), 1, "no recording is kept for '01A'", id="there is none"),
        pytest.param(_Daemon(500, b"this went wrong"), 1, "the daemon does not give it", id="a fault"),
        pytest.param(_Daemon(500, b"[]"), 1, "the daemon does not give it", id="nonsense"),
        pytest.param(_Daemon(away=True), 4, "no switchhook answers at 127.0.0.1:1", id="no daemon"),
    ],
)
def test_trouble(run: Callable[..., Result], daemon: _Daemon, code: int, said: str) -> None:
    """Is told in a sentence."""
    result = run(daemon, "01A")

    assert (result.exit_code, result.stdout) == (code, "")
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_a_file_that_cannot_be_written(run: Callable[..., Result]) -> None:
    """A folder that is not there."""
    result = run(_Daemon(), "01A", "--out", "nowhere/x.mp3")

    assert result.exit_code == 1
    assert "nowhere/x.mp3 cannot be written: no such file or directory" in result.stderr


def test_a_message_the_exchange_keeps(run: Callable[..., Result], journals: ModuleType, tmp_path: Path) -> None:
    """The command says by which name, as the exchange told it."""
    name = "01" + "A".rjust(24, "0")
    details = {"details": {"seconds": "9", "recording": "mailbox/7/msg0001.wav"}}
    story = [journals.call("A"), journals.after("message", "A", private=details), journals.after("ended", "A")]
    journals.keep(tmp_path / "state", story)
    result = run(_Daemon(404, GONE), name)

    assert result.exit_code == 1
    assert "who took the call has it as mailbox/7/msg0001.wav" in result.stderr
