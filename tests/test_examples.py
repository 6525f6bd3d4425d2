"""The ready files: each loads without a complaint, its tests pass and reach every rule, and its story is told."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from router.casefiles import prove
from router.cli import main
from router.files import Files
from rules.cases import run_cases
from rules.files import show_all
from rules.load import Loaded

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
NAMES = sorted(path.stem for path in EXAMPLES.glob("*.yaml") if not path.name.endswith(".tests.yaml"))
NOW = int(datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp())


def loaded(name: str) -> Loaded:
    """Return what came of one example."""
    return Files.read(EXAMPLES / f"{name}.yaml").load()


def test_there_are_five() -> None:
    """One for each story that offices tell."""
    assert NAMES == ["clinic", "on-call", "sales-texts", "solo-assistant", "two-people"]


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_good_as_it_stands(name: str) -> None:
    """Nothing is wrong with it, not even a little."""
    assert loaded(name).problems == ()


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_left_open(name: str) -> None:
    """`check` finds nothing to remark in 400 days, however strict it is."""
    file = str(EXAMPLES / f"{name}.yaml")

    result = CliRunner().invoke(main, ["check", "--strict", "--now", "2026-11-22 12:00", file])

    assert (result.exit_code, result.stderr) == (0, "")


@pytest.mark.parametrize("name", NAMES)
def test_its_tests_pass_and_reach_every_rule(name: str) -> None:
    """The file names its own tests; together they reach everything it can do."""
    example = loaded(name)
    assert example.book is not None
    assert example.spec is not None

    proof = prove(example.book, example.spec.tests, EXAMPLES, NOW)

    assert proof.problems == ()
    assert proof.report is not None
    assert proof.report.moments >= 10
    assert proof.report.never_reached == ()


@pytest.mark.parametrize("name", NAMES)
def test_its_story_is_told(name: str) -> None:
    """The page about the examples links the file and its tests; the file itself stays short and says what it is."""
    page = (EXAMPLES / "README.md").read_text("utf-8")
    text = (EXAMPLES / f"{name}.yaml").read_text("utf-8")

    assert f"({name}.yaml)" in page
    assert f"({name}.tests.yaml)" in page
    assert len(text.splitlines()) < 100
    assert text.splitlines()[1].startswith("# ")


def test_the_example_does_what_it_says() -> None:
    """All of tests.example.yaml holds for config.example.yaml, and together it reaches every rule."""
    root = EXAMPLES.parent
    example = Files.read(root / "config.example.yaml").load()
    assert example.book is not None

    report = run_cases(example.book, {"tests.example.yaml": (root / "tests.example.yaml").read_bytes()}, NOW)

    assert show_all((*report.problems, *report.failures()), {}) == ""
    assert report.never_reached == ()
