"""The command line: what there is, where the configuration stands, and exit codes."""

import sys
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from router import cli
from router.cli import Context, Failure, main


def _run(*args: str, **environment: str) -> Result:
    return CliRunner().invoke(main, args, env=environment, prog_name="switchhook")


@pytest.fixture
def office(tmp_path: Path, engines: Any) -> Path:
    """Return the office's file."""
    path = tmp_path / "config.yaml"
    path.write_text(engines.OFFICE)
    return path


def test_help_lists_what_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without importing any of it; a command of another version is not listed."""
    monkeypatch.setitem(cli.COMMANDS, "knit", ("router.commands.knit:knit", "Not yet."))
    monkeypatch.delitem(sys.modules, "router.commands.hours", raising=False)

    shown = _run("--help")

    assert shown.exit_code == 0
    assert "  status " in shown.output
    assert "knit" not in shown.output
    assert "router.commands.hours" not in sys.modules
    assert _run("knit").exit_code == 2


@pytest.mark.parametrize("name", list(cli.COMMANDS))
def test_every_command_has_help(name: str) -> None:
    """And is where the list says."""
    shown = _run(name, "--help")

    assert (shown.exit_code, "Usage: switchhook" in shown.output) == (0, True)


def test_a_misspelt_command() -> None:
    """Is answered with the one that was meant."""
    shown = _run("statsu")

    assert shown.exit_code == 2
    assert "did you mean 'status'?" in shown.output
    assert "did you mean" not in _run("xyzzy").output


@pytest.mark.parametrize(
    ("args", "environment", "found"),
    [
        pytest.param(["show"], {}, "config.yaml", id="the usual name"),
        pytest.param(["show"], {"SWITCHHOOK_CONFIG": "e.yaml"}, "e.yaml", id="from the environment"),
        pytest.param(["-c", "a.yaml", "show"], {"SWITCHHOOK_CONFIG": "e.yaml"}, "a.yaml", id="before the command"),
        pytest.param(["show", "--config", "a.yaml"], {}, "a.yaml", id="behind the command"),
        pytest.param(["show", "--config=a.yaml"], {}, "a.yaml", id="in one word"),
    ],
)
def test_where_the_configuration_is(
    monkeypatch: pytest.MonkeyPatch, args: list[str], environment: dict[str, str], found: str
) -> None:
    """The nearer word counts."""

    @click.command()
    @click.pass_obj
    def show(context: Context) -> None:
        click.echo(str(context.config))

    module = type(sys)("fake_show")
    module.__spec__ = type(sys.__spec__)("fake_show", None)  # type: ignore[arg-type]
    module.show = show  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "fake_show", module)
    monkeypatch.setitem(cli.COMMANDS, "show", ("fake_show:show", "Show."))

    assert _run(*args, **environment).output == f"{found}\n"


def test_words_behind_two_dashes_are_left_alone() -> None:
    """They are somebody's text; a --config without a file is a mistake of usage."""
    assert cli._config_first(["explain", "--", "-c", "x"]) == ["explain", "--", "-c", "x"]
    assert _run("version", "--config").exit_code == 2


def test_a_context_reads_files(office: Path, monkeypatch: pytest.MonkeyPatch, engines: Any) -> None:
    """The book, the settings, the folder."""
    monkeypatch.setenv("PBX_SECRET", engines.ENVIRONMENT["PBX_SECRET"])
    context = Context(office)

    assert context.load().book is not None
    assert context.load(office).book is not None
    assert list(context.settings().providers) == ["pbx"]
    assert context.state_folder() == office.parent / "state"


def test_what_a_context_cannot_read(office: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """Ends the command with a sentence."""
    monkeypatch.delenv("PBX_SECRET", raising=False)
    with pytest.raises(Failure, match="PBX_SECRET is not set"):
        Context(office).settings()
    with pytest.raises(Failure, match="name the configuration with --config"):
        Context(office.parent / "none.yaml").load()
    with pytest.raises(Failure, match=r"cannot be read: no such file or directory$"):
        Context(office).load(office.parent / "none.yaml")
    office.write_text("[")
    with pytest.raises(Failure, match="cannot be used as it is"):
        Context(office).settings()
    assert "error" in capsys.readouterr().err
    assert Context(office).state_folder() == office.parent / "state"


def test_a_failure_is_a_sentence() -> None:
    """On stderr, with its exit code."""
    failure = Failure("no switchhook is running", cli.UNREACHABLE)

    assert failure.exit_code == 4


def test_version() -> None:
    """For people and for scripts."""
    assert "twisted" in _run("version").output
    assert _run("version", "--json").output.startswith('{"switchhook"')


def test_version_without_an_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    """From a folder nobody installed, and with the machine's own time zones."""
    from importlib.metadata import PackageNotFoundError

    from router import version

    def none(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(version, "version", none)

    assert (version.own_version(), version.tzdata_version()) == ("source", "system")
