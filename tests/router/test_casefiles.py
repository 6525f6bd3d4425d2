"""Rules that name their tests come into force only when the tests pass; what runs already goes on either way."""

from pathlib import Path
from typing import Any

import pytest

from router.casefiles import named_files, prove
from router.lastgood import LastGood
from router.loading import InForce, Refusal, Source
from rules.source import Mark
from rules.spec import Word

PASS = "tests: [{name: open, at: 2026-11-24 10:00, call: {to: main, from: '+1 201 555 0100'}, expect: {rings: [anna]}}]"
FAIL = PASS.replace("[anna]", "[ben]")


def word(text: str) -> Word:
    """Return a name as written in a configuration."""
    return Word(text, Mark("config.yaml", 1, 8))


@pytest.fixture
def folder(tmp_path: Path, engines: Any) -> Path:
    """Return a folder with a configuration that names its tests, which pass."""
    (tmp_path / "config.yaml").write_text(engines.OFFICE + "tests: [office.tests.yaml]\n")
    (tmp_path / "office.tests.yaml").write_text(PASS)
    return tmp_path


def read(folder: Path, engines: Any) -> InForce | Refusal:
    """Read the configuration as the daemon does."""
    return Source(folder / "config.yaml", engines.ENVIRONMENT).read(engines.TUESDAY_10)


def test_rules_whose_tests_pass_come_into_force(folder: Path, engines: Any) -> None:
    """And the files of tests belong to what is watched."""
    made = read(folder, engines)

    assert isinstance(made, InForce)
    assert folder / "office.tests.yaml" in made.beside


def test_rules_whose_tests_fail_are_refused(folder: Path, engines: Any) -> None:
    """What came otherwise is shown at the expectation, with its line and why."""
    (folder / "office.tests.yaml").write_text(FAIL)

    made = read(folder, engines)

    assert isinstance(made, Refusal)
    assert [problem.code for problem in made.problems] == ["test-failed"]
    assert "test 'open' fails at 2026-11-24 10:00: `rings` should be ben, is anna [test-failed]" in made.shown
    assert "expect: {rings: [ben]}" in made.shown
    assert "decided by main.calls.open" in made.shown


@pytest.mark.parametrize(
    ("tests", "code"),
    [
        pytest.param("tests: [{}]", "missing-key", id="a test without anything"),
        pytest.param("tests: [", "syntax", id="no YAML"),
        pytest.param(PASS.replace("anna", "ana"), "unknown-name", id="a name nobody has"),
    ],
)
def test_tests_that_cannot_be_read_refuse_the_rules(folder: Path, engines: Any, tests: str, code: str) -> None:
    """A promise nobody can read is not kept."""
    (folder / "office.tests.yaml").write_text(tests)

    made = read(folder, engines)

    assert isinstance(made, Refusal)
    assert made.problems[0].code == code


def test_tests_that_are_not_there_refuse_the_rules(folder: Path, engines: Any) -> None:
    """And once they are there, that is noticed."""
    (folder / "office.tests.yaml").unlink()
    made = read(folder, engines)
    assert isinstance(made, Refusal)
    assert "the file of tests" in made.shown

    (folder / "office.tests.yaml").write_text(PASS)

    source = Source(folder / "config.yaml", engines.ENVIRONMENT)
    assert source.digest(made.beside) != made.digest


def test_a_change_of_the_tests_alone_is_seen(folder: Path, engines: Any) -> None:
    """Somebody has tightened what must hold: it is looked at as soon as a change of the rules would be."""
    made = read(folder, engines)
    (folder / "office.tests.yaml").write_text(FAIL)

    source = Source(folder / "config.yaml", engines.ENVIRONMENT)
    assert source.digest(made.beside) != made.digest


def test_the_last_good_rules_are_not_tested_again(folder: Path, engines: Any) -> None:
    """They have passed once; that their tests have changed or gone since must not keep the daemon from starting."""
    made = read(folder, engines)
    assert isinstance(made, InForce)
    kept = LastGood(folder / "last-good")
    kept.keep(made.files, made.book.ruleset, ())
    (folder / "office.tests.yaml").write_text(FAIL)
    found = kept.find()
    assert found is not None

    again = Source(folder / "config.yaml", engines.ENVIRONMENT).prepare(found, engines.TUESDAY_10)

    assert isinstance(again, InForce)


def test_mistakes_in_the_rules_come_first(folder: Path, engines: Any) -> None:
    """Rules with a mistake are not tested at all."""
    (folder / "config.yaml").write_text(
        engines.OFFICE.replace("members: [anna, ben]", "members: [ana, ben]") + "tests: x\n"
    )

    made = read(folder, engines)

    assert isinstance(made, Refusal)
    assert [problem.code for problem in made.problems] == ["unknown-name"]


def test_patterns_name_all_that_fit(tmp_path: Path) -> None:
    """In the folder of the main file, in the order of their names; folders are passed over."""
    (tmp_path / "tests" / "c.yaml").mkdir(parents=True)
    for name in ("b.yaml", "a.yaml"):
        (tmp_path / "tests" / name).write_text("tests: []")

    found = named_files([word("tests/*.yaml")], tmp_path)

    assert list(found.contents) == [str(tmp_path / "tests" / name) for name in ("a.yaml", "b.yaml")]
    assert found.problems == ()


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param("*.tests.yaml", id="nothing fits"),
        pytest.param("/etc/*.yaml", id="another folder, from the root"),
        pytest.param("../*.yaml", id="another folder, upward"),
    ],
)
def test_a_pattern_that_nothing_fits(tmp_path: Path, pattern: str) -> None:
    """It is a mistake, since somebody believes in those tests; patterns do not leave the folder."""
    found = named_files([word(pattern)], tmp_path / "inner")

    assert [(problem.code, problem.message) for problem in found.problems] == [
        ("missing-file", f"no file of tests fits '{pattern}'")
    ]


def test_a_file_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody writes eight million letters of tests."""
    monkeypatch.setattr("router.casefiles.LARGEST", 10)
    (tmp_path / "t.yaml").write_text(PASS)

    found = named_files([word("t.yaml")], tmp_path)

    assert found.contents == {}
    assert "is larger than" in found.problems[0].message


def test_without_tests_there_is_nothing_to_prove(tmp_path: Path, engines: Any) -> None:
    """Most small offices have none."""
    proof = prove(engines.office().book, [], tmp_path, 0)

    assert (proof.report, proof.problems, proof.texts) == (None, (), {})
