"""`switchhook simulate` and `switchhook demo`: what is typed, what is shown."""

import json
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs
import pytest
from click.testing import CliRunner, Result

from router.cli import Context
from router.commands import demo as demo_command
from router.commands import simulate as simulate_command
from router.commands.demo import SCENES, customer, demo
from router.commands.simulate import simulate, stage_of
from router.simulate.wire import UnreachableError

ROOT = Path(__file__).parents[2]


@pytest.fixture
def daemon(simulations: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A daemon in memory that both commands talk with."""
    made = simulations.Daemon(ROOT / "config.example.yaml")
    monkeypatch.setattr(simulate_command, "stage_of", lambda _context: made.stage())
    monkeypatch.setattr(demo_command, "stage_of", lambda _context: made.stage())
    return made


def typed(*args: str) -> Result:
    """Run `switchhook simulate` with *args*."""
    return CliRunner().invoke(simulate, args, obj=Context(ROOT / "config.example.yaml"))


CALL = ("call", "--to", "boston", "--from", "+12125550100")


def test_a_call_is_told(daemon: Any) -> None:
    """The story stands on stdout."""
    result = typed(*CALL, "--at", "2026-11-24 10:00", "--legs", "answered")

    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("Tue 24 Nov 2026 10:00 EST   +12125550100 calls boston\n  rings              dana")
    assert "the caller talks with dana for 60 s" in result.stdout


def test_a_text_as_json(daemon: Any) -> None:
    """With --json there is one JSON value and nothing else; a number may be named by its digits."""
    number = daemon.book.numbers["boston"].e164
    result = typed("text", "--to", number, "--from", "+12125550100", "--text", "hi", "--at", "sat 23:10", "--json")

    told = json.loads(result.stdout)
    assert (told["kind"], told["to"], told["from"]) == ("text", "boston", "+12125550100")


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        pytest.param((*CALL, "--text", "hi"), 2, "a call has no --text", id="a call with a text"),
        pytest.param(("text", *CALL[1:]), 2, "a text needs --text BODY", id="a text without one"),
        pytest.param(("call", "--to", "bostn", "--from", "1"), 2, "did you mean 'boston'?", id="a number misspelt"),
        pytest.param(("call", "--to", "zzzz", "--from", "1"), 2, "there are boston, london", id="no such number"),
        pytest.param((*CALL, "--legs", "bussy"), 2, "'bussy' is no way a ring ends", id="an end of a ring misspelt"),
        pytest.param((*CALL, "--at", "noonish"), 2, "is no moment we can read", id="a moment nobody can read"),
    ],
)
def test_what_is_typed_wrong(daemon: Any, args: tuple[str, ...], code: int, said: str) -> None:
    """A sentence says what to type."""
    result = typed(*args)

    assert result.exit_code == code
    assert said in result.output


def test_no_daemon(daemon: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 4 and a sentence when nobody answers."""

    def unreachable(*_args: object) -> None:
        raise UnreachableError("no daemon answers at 127.0.0.1:8080")

    monkeypatch.setattr(type(daemon), "answer", unreachable)
    result = typed(*CALL)

    assert result.exit_code == 4
    assert "no daemon answers at 127.0.0.1:8080" in result.output


def test_a_finding(daemon: Any) -> None:
    """Exit 1 when the daemon's answer cannot be played."""
    daemon.raws = [b"<html/>"]
    result = typed(*CALL)

    assert result.exit_code == 1
    assert "is no TwiML" in result.output


def test_the_stage_is_read_from_the_configuration(simulations: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Listener, public address and secrets are the daemon's own."""
    for name, value in simulations.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)

    stage = stage_of(Context(ROOT / "config.example.yaml"))

    assert stage.settings.public_url == "https://phone.maplepine.example"
    assert stage.now() > 1_700_000_000


def test_a_broken_configuration_is_shown(tmp_path: Path) -> None:
    """A file that cannot be used is not played with."""
    (tmp_path / "config.yaml").write_text("version: 1\nnonsense: 2\n")
    result = CliRunner().invoke(simulate, CALL, obj=Context(tmp_path / "config.yaml"))

    assert result.exit_code == 1
    assert "nonsense" in result.output


def test_the_five_stories(daemon: Any) -> None:
    """The demo tells office hours, lunch, vacation, after hours and a night text."""
    result = CliRunner().invoke(demo, [], obj=Context(ROOT / "config.example.yaml"))

    assert result.exit_code == 0, result.output
    assert [line[:2] for line in result.output.splitlines() if line[:1].isdigit()] == ["1.", "2.", "3.", "4.", "5."]
    for said in (
        "dana (app) for 15 s: nobody answers",
        "the caller talks with ben for 60 s",
        "Tue 24 Nov 2026 12:30 EST",
        "the caller talks with chloe for 60 s",
        "a message of 14 s is left",
        "we answer Mon 30 Nov 09:00",
    ):
        assert said in result.output
    assert len(SCENES) == 5


@pytest.mark.parametrize(("microsecond", "number"), [(0, "+12125550100"), (76, "+12125550176"), (77, "+12125550100")])
def test_customers_of_the_demo(microsecond: int, number: str) -> None:
    """A number for fiction that is not the VIP's, a new one each time."""
    assert customer(1_790_000_000 + microsecond / 1_000_000) == number


def test_the_demo_needs_the_example(daemon: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another configuration has other numbers, which is said."""
    stage = daemon.stage()
    book = attrs.evolve(stage.book, numbers={}, by_number={})
    monkeypatch.setattr(demo_command, "stage_of", lambda _context: attrs.evolve(stage, book=book))

    result = CliRunner().invoke(demo, [], obj=Context(ROOT / "config.example.yaml"))

    assert result.exit_code == 2
    assert "no number here is called 'boston'" in result.output
