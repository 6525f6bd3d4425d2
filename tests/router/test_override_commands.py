"""`override` and `away`: what they ask the daemon, what they say, how they end."""

import getpass
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest
from click.testing import CliRunner, Result

from router import asking
from router.cli import main
from router.commands.override import person_here
from router.settings import Listen
from router.state import StateFolder

TOLD = {"id": "o7", "told": ["boston is closed until Sat 28 Nov 00:00 EST", "calls to boston now: voicemail main"]}
ENDED = {"ended": ["o7"], "told": ["boston is closed until Sat 28 Nov 00:00 EST"]}


@attrs.define(eq=False)
class _Daemon:
    """Answers what it is told to, and remembers what it was asked."""

    code: int = 201
    answer: Any = attrs.field(factory=lambda: dict(TOLD))
    asked: list[tuple[str, str, Any]] = attrs.field(factory=list)

    def ask(
        self, place: Listen, method: str, path: str, *, token: str | None = None, said: object = None
    ) -> tuple[int, Any]:
        """Answer."""
        assert token
        self.asked.append((method, path, said))
        return self.code, self.answer


@pytest.fixture
def office(tmp_path: Path, engines: Any) -> Path:
    """Return the office's file, beside a state folder that says where the daemon is."""
    (tmp_path / "config.yaml").write_text(engines.OFFICE)
    folder = StateFolder(tmp_path / "state")
    folder.open()
    folder.close()
    folder.token()
    folder.announce("127.0.0.1:1")
    return tmp_path / "config.yaml"


@pytest.fixture
def run(office: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run a command against a daemon."""

    def run(daemon: _Daemon, *args: str) -> Result:
        monkeypatch.setattr(asking, "ask", daemon.ask)
        monkeypatch.setattr(getpass, "getuser", lambda: "root")
        return CliRunner().invoke(main, ["-c", str(office), *args], prog_name="switchhook")

    return run


@pytest.mark.parametrize(
    ("args", "said"),
    [
        pytest.param(
            ["override", "set", "boston", "closed", "--for", "today"],
            {"by": "root", "target": "boston", "what": "closed", "for": "today"},
            id="closed today",
        ),
        pytest.param(
            ["override", "set", "business", "storm", "--until", "18:00", "--from", "14:00"],
            {"by": "root", "target": "business", "what": "storm", "until": "18:00", "from": "14:00"},
            id="a plan",
        ),
        pytest.param(
            ["away", "anna", "--until", "mon 08:00", "--cover", "chloe", "--only", "calls"],
            {"by": "root", "person": "anna", "until": "mon 08:00", "cover": "chloe", "only": "calls"},
            id="an absence",
        ),
    ],
)
def test_what_is_asked(run: Callable[..., Result], args: list[str], said: dict[str, str]) -> None:
    """The words go to the daemon as they are: it knows the zones. The answer is told line by line."""
    daemon = _Daemon()

    shown = run(daemon, *args)

    assert shown.exit_code == 0, shown.output
    assert daemon.asked == [("POST", "/-/overrides", said)]
    assert shown.output.splitlines() == [
        "o7: boston is closed until Sat 28 Nov 00:00 EST", "  calls to boston now: voicemail main",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("args", "path"),
    [
        pytest.param(["override", "clear", "o7"], "/-/overrides/o7", id="by id"),
        pytest.param(["override", "clear", "main line"], "/-/overrides/main%20line", id="a name of two words"),
        pytest.param(["override", "clear", "a/b"], "/-/overrides/a%2Fb", id="a name with a stroke"),
        pytest.param(["away", "anna", "--back"], "/-/overrides/anna?person=yes", id="somebody is back"),
    ],
)
def test_ended(run: Callable[..., Result], args: list[str], path: str) -> None:
    """What ended is told."""
    daemon = _Daemon(200, ENDED)

    shown = run(daemon, *args)

    assert (shown.exit_code, shown.output) == (0, "ended: boston is closed until Sat 28 Nov 00:00 EST\n")
    assert daemon.asked == [("DELETE", path, None)]


LISTED = {
    "overrides": [
        {"id": "o9", "told": "anna is away from Sat", "active": False, "note": ""},
        {
            "id": "o8",
            "told": "london is open",
            "active": False,
            "note": "not applied: there is no number london any more",
        },
        {"id": "o7", "told": "boston is closed", "active": True, "note": ""},
    ]
}


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        pytest.param(
            LISTED,
            "o9       anna is away from Sat  (to come)\n"
            "o8       london is open  (not applied: there is no number london any more)\n"
            "o7       boston is closed\n",
            id="three",
        ),
        pytest.param({"overrides": []}, "nothing is switched on\n", id="none"),
    ],
)
def test_listed(run: Callable[..., Result], answer: Any, shown: str) -> None:
    """One line each, the newest first."""
    assert run(_Daemon(200, answer), "override", "list").output == shown


@pytest.mark.parametrize(
    ("args", "answer", "shown"),
    [
        pytest.param(["override", "list", "--json"], LISTED, '[{"id": "o9"', id="the list"),
        pytest.param(["override", "clear", "o7", "--json"], ENDED, '{"ended": ["o7"]', id="what ended"),
    ],
)
def test_for_scripts(run: Callable[..., Result], args: list[str], answer: Any, shown: str) -> None:
    """One JSON value."""
    assert run(_Daemon(200, answer), *args).output.startswith(shown)


def test_a_set_for_scripts(run: Callable[..., Result]) -> None:
    """One JSON object."""
    assert run(_Daemon(), "away", "anna", "--for", "2h", "--json").output.startswith('{"id": "o7"')


@pytest.mark.parametrize(
    ("args", "code", "answer", "exit_code", "words"),
    [
        pytest.param(
            ["override", "set", "bostn", "open"], 422, {"error": "did you mean"}, 1, "did you mean", id="refused"
        ),
        pytest.param(
            ["override", "clear", "x"], 404, {"error": "nothing is switched on"}, 1, "nothing is", id="nothing"
        ),
        pytest.param(["away", "anna", "--back", "--for", "2h"], 200, ENDED, 2, "--back stands alone", id="both"),
        pytest.param(["override", "list"], 404, None, 4, "another program", id="no switchhook"),
    ],
)
def test_how_it_ends(
    run: Callable[..., Result], args: list[str], code: int, answer: Any, exit_code: int, words: str
) -> None:
    """By the exit code scripts rely on."""
    shown = run(_Daemon(code, answer), *args)

    assert shown.exit_code == exit_code
    assert words in shown.output


def test_no_daemon(office: Path) -> None:
    """Exit code 4: it cannot be switched on by nobody."""
    StateFolder(office.parent / "state").withdraw()

    for args in (
        ["override", "set", "main", "closed", "--for", "2h"],
        ["override", "list"],
        ["away", "anna", "--back"],
    ):
        assert CliRunner().invoke(main, ["-c", str(office), *args]).exit_code == 4


def test_a_disk_that_cannot_be_written(run: Callable[..., Result]) -> None:
    """Is told besides."""
    shown = run(_Daemon(201, {**TOLD, "note": "it would be forgotten"}), "away", "anna", "--for", "2h")

    assert "it would be forgotten" in shown.stderr


def test_somebody_without_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the command may have no name on this machine."""

    def nobody() -> str:
        raise KeyError("uid")

    monkeypatch.setattr(getpass, "getuser", nobody)

    assert person_here() == "an administrator"
