"""Whole rule files with a mistake, and what is said about it, byte for byte."""

from pathlib import Path

import pytest

from rules.check import check_all
from rules.files import in_order, read_files, show_all, texts_of

CASES = Path(__file__).parents[1] / "cases"
FOLDERS = [folder for folder in CASES.iterdir() if (folder / "problems.txt").exists()]
NAMES = sorted(folder.name for folder in FOLDERS if not (folder / "now.txt").exists())  # those are of the analysis


def shown(files: dict[str, bytes], main: str = "rules.yaml") -> str:
    """Return everything that is said about *files*."""
    spec, problems = read_files(main, files)
    if spec:
        check_all(spec, problems.append)
    return show_all(in_order(problems, main), texts_of(files))


@pytest.mark.parametrize("name", NAMES)
def test_what_is_said(name: str) -> None:
    """Every mistake is told at its place, in words for an office, with a way out; nothing else is said."""
    expected = (CASES / name / "problems.txt").read_text()

    said = shown({"rules.yaml": (CASES / name / "rules.yaml").read_bytes()})

    assert said == expected.rstrip("\n")


def test_there_is_a_case_for_every_kind_of_mistake() -> None:
    """At least forty mistakes are shown, one file with ten at once."""
    assert len(NAMES) > 80
    assert (CASES / "ten-mistakes-at-once" / "problems.txt").read_text().count(": error: ") >= 10


@pytest.mark.parametrize("name", NAMES)
def test_nothing_a_programmer_would_say(name: str) -> None:
    """No type of Python, pattern or word of the YAML library is ever shown."""
    said = (CASES / name / "problems.txt").read_text()
    headlines = [line for line in said.splitlines() if ": error: " in line or "hint:" in line]

    assert not [
        line
        for line in headlines
        for word in (
            "None",
            "str'",
            "Scalar",
            "scalar",
            "Mapping(",
            "token",
            "flow ",
            "Traceback",
            "regex",
            "\\d",
            "[0-9]",
        )
        if word in line
    ]
