"""`switchhook check`: every mistake, every finding, exit codes, JSON, the bar, and files too large to be looked at whole."""

import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from router.cli import main
from router.commands.check import Progress

CONFIG = Path(__file__).resolve().parents[2] / "config.example.yaml"
QUIET = CONFIG.parent / "tests" / "cases" / "an-analysis-that-finds-nothing" / "rules.yaml"
NOW = ("--now", "2026-11-22 10:30")
LOOKED = "looked at every minute of 400 days from Sun 22 Nov 2026 10:30, every kind of caller and text: 226 decisions\n"


def run(*args: str, config: Path = CONFIG) -> Result:
    """Run the command."""
    return CliRunner().invoke(main, ["-c", str(config), "check", *args])


@pytest.fixture
def edited(tmp_path: Path) -> Path:
    """Return a copy of the example that a test may change."""
    copy = tmp_path / "config.yaml"
    copy.write_text(CONFIG.read_text("utf-8"), "utf-8")
    return copy


def change(file: Path, old: str, new: str) -> None:
    """Change one place of a file."""
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


def test_a_good_file() -> None:
    """A line that sums up and one that says what was looked at; what is worth knowing goes to stderr."""
    result = run(str(CONFIG), *NOW)

    assert result.exit_code == 0
    assert result.stdout == f"{CONFIG}: good. 2 numbers, 6 people; 2 notes\n{LOOKED}"
    assert f"{CONFIG}:138:11: note: front, the first to ring here, cannot be rung while boston is open" in result.stderr


def test_a_file_with_nothing_to_say_about() -> None:
    """Nothing on stderr."""
    result = run(str(QUIET), *NOW, "--strict")

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith(f"{QUIET}: good. 1 number, 2 people\n")


@pytest.mark.parametrize(
    ("provider", "hint"),
    [
        pytest.param(
            "adapter: twilio", "name the `account` of twilio; or reach them by mail", id="an account is missing"
        ),
        pytest.param(
            "adapter: generic",
            "write under twilio where texts are posted: `api: https://…`; or reach",
            id="an address is",
        ),
        pytest.param("adapter: twilio, account: AC1", None, id="Twilio with an account"),
        pytest.param("adapter: generic, api: https://pbx.example.com/texts", None, id="texts are posted to an address"),
    ],
)
def test_texts_that_can_never_go_out(tmp_path: Path, provider: str, hint: str | None) -> None:
    """The way out is the provider's; where there is no trouble, nothing is said."""
    file = tmp_path / "config.yaml"
    file.write_text(QUIET.read_text("utf-8").replace("adapter: twilio, account: AC1", provider), "utf-8")

    result = run(str(file), *NOW)

    assert ("texts from 'boston' to anna, ben can never go out" in result.stderr) == (hint is not None)
    assert (hint or "") in result.stderr


def test_every_mistake_at_once(edited: Path) -> None:
    """Each with its place, its line and a way out; exit 1; the analysis waits until they are mended."""
    change(edited, "cover: ben", "cover: benn")
    change(edited, "fri: 09:00-16:00", "fri: 9-16")

    result = run(config=edited)

    assert result.exit_code == 1
    assert result.stderr.count("error:") == 2
    assert "[unknown-name]" in result.stderr
    assert result.stdout.endswith("2 mistakes; the file cannot be used as it is\n")


def test_findings_are_held_against_a_file_under_strict_only(edited: Path) -> None:
    """Warnings exit with 3 under --strict; notes never do."""
    change(edited, "    2026-12-24: 09:00-12:00\n", "    2026-12-26: 09:00-12:00\n")

    assert run(*NOW, config=edited).exit_code == 0
    assert run(*NOW, "--strict", config=edited).exit_code == 3
    assert run(*NOW, "--strict").exit_code == 0
    assert "; 1 warning; 2 notes\n" in run(*NOW, config=edited).stdout


def test_json(edited: Path) -> None:
    """One JSON value: every problem with its place, and what was looked at."""
    change(edited, "change: mon 09:00", "change: tue 09:00")

    (told,) = json.loads(run("--json", *NOW, "--days", "7", config=edited).stdout)

    assert (told["file"], told["good"], told["tests"]) == (str(edited), True, None)
    assert told["looked_at"] == {
        "from": "2026-11-22T15:30:00Z",
        "until": "2026-11-29T15:30:00Z",
        "numbers": 2,
        "of": 2,
        "decisions": told["looked_at"]["decisions"],
    }
    assert [(each["severity"], each["code"], each["line"]) for each in told["problems"]] == [
        ("warning", "rota-first", 115),
        ("note", "first-step-empty", 138),
    ]


def test_json_of_a_file_that_cannot_be_used(edited: Path) -> None:
    """Nothing was looked at."""
    change(edited, "cover: ben", "cover: benn")

    (told,) = json.loads(run("--json", config=edited).stdout)

    assert (told["good"], told["looked_at"], told["tests"]) == (False, None, None)


TESTS = """
tests:
  - {name: open, at: 2026-11-24 10:00, call: {to: boston, from: +1 212 555 0199}, expect: {ends: voicemail}}
  - {name: shut, at: 2026-11-24 23:00, call: {to: boston, from: +1 212 555 0199}, expect: {rings: [%s]}}
"""


def test_the_tests_a_file_names(edited: Path) -> None:
    """They run as well; one that fails is a mistake, shown at its place."""
    change(edited, "# rule_files:", "tests: own-tests.yaml\n# rule_files:")
    own = edited.parent / "own-tests.yaml"
    own.write_text(TESTS % "eli", "utf-8")
    failed = run(*NOW, config=edited)
    own.write_text(TESTS % "", "utf-8")

    passed = run(*NOW, config=edited)
    (told,) = json.loads(run(*NOW, "--json", config=edited).stdout)

    assert failed.exit_code == 1
    assert f"{own}:4:" in failed.stderr
    assert "[test-failed]" in failed.stderr
    assert f"{edited}: its tests fail. 2 numbers, 6 people, 2 tests" in failed.stdout
    assert passed.exit_code == 0
    assert "good. 2 numbers, 6 people, 2 tests; 2 notes" in passed.stdout
    assert told["tests"] == {"passed": 2, "of": 2}


def test_several_files(edited: Path) -> None:
    """Each is told by itself; one mistake is enough for exit 1."""
    change(edited, "cover: ben", "cover: benn")

    result = run(str(CONFIG), str(edited), *NOW)

    assert result.exit_code == 1
    assert [line.partition(";")[0] for line in result.stdout.splitlines()] == [
        f"{CONFIG}: good. 2 numbers, 6 people",
        LOOKED.strip(),
        f"{edited}: 1 mistake",
    ]


def test_a_moment_that_is_none() -> None:
    """A sentence and exit 2."""
    result = run("--now", "soon")

    assert result.exit_code == 2
    assert "'soon'" in result.stderr


def test_more_numbers_than_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was left out is said."""
    monkeypatch.setattr(Progress, "__call__", lambda _self, done, _of: done < 1)

    result = run(*NOW, "--limit", "5")

    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == (
        "looked at 1 of 2 numbers within 5 s, every minute of 400 days from Sun 22 Nov 2026 10:30;"
        " nothing is said of the others (--limit 0 looks at all of them)"
    )


class Screen(io.StringIO):
    """A stream that may be a terminal."""

    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        """Say whether it is one."""
        return self.terminal


@pytest.mark.parametrize(
    ("terminal", "seconds", "shown"),
    [
        pytest.param(True, 1.1, True, id="a terminal, after more than a second"),
        pytest.param(True, 0.9, False, id="a terminal, within a second"),
        pytest.param(False, 1.1, False, id="a file"),
    ],
)
def test_the_bar(*, terminal: bool, seconds: float, shown: bool) -> None:
    """A person who waits sees how far it is; a file never holds a bar."""
    screen = Screen(terminal=terminal)
    times = iter([0.0, 0.0, seconds, seconds, seconds])

    with Progress(0, screen, lambda: next(times)) as progress:
        went_on = [progress(done, 3) for done in range(4)]

    assert went_on == [True] * 4
    assert ("looking at every minute" in screen.getvalue()) is shown


@pytest.mark.parametrize(
    ("limit", "seconds", "goes_on"),
    [
        pytest.param(5, 4.9, True, id="just within the limit"),
        pytest.param(5, 5.0, False, id="the limit is reached"),
        pytest.param(0, 5000.0, True, id="no limit"),
    ],
)
def test_the_limit(*, limit: int, seconds: float, goes_on: bool) -> None:
    """After so many seconds no further number is looked at."""
    times = iter([0.0, seconds])

    assert Progress(limit, Screen(terminal=False), lambda: next(times))(1, 9) is goes_on
