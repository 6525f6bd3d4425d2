"""Whole rule files without a mistake, and what the analysis finds in them, byte for byte."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from rules.files import in_order, show_all
from rules.findings import find
from rules.load import load
from rules.timeline import Window
from rules.when import read_when

CASES = Path(__file__).parents[1] / "cases"
NAMES = sorted(folder.name for folder in CASES.iterdir() if (folder / "now.txt").exists())
DAYS = 400 * 86400

OF_THE_ANALYSIS = {
    *("never-used", "redundant", "open-but-nobody", "first-step-empty", "cover-loop", "expired", "dst-boundary"),
    *("opens-usually-closed", "cover-mostly-out", "unused", "texts-unsaid"),
}


@pytest.mark.parametrize("name", NAMES)
def test_what_is_found(name: str) -> None:
    """Each finding stands at its line, says how often, how long and when first, and what to do; nothing else is said."""
    written = (CASES / name / "rules.yaml").read_bytes()
    expected = (CASES / name / "problems.txt").read_text()
    loaded = load("rules.yaml", {"rules.yaml": written}, lambda _name: None)
    assert loaded.book
    assert loaded.spec
    now = read_when((CASES / name / "now.txt").read_text(), loaded.book.zone, datetime(2026, 1, 1, tzinfo=UTC))
    start = int(now.timestamp())

    found = find(loaded.book, loaded.spec, Window(start, start + DAYS))

    said = show_all(in_order((*loaded.problems, *found.problems), "rules.yaml"), dict(loaded.texts))
    assert said == expected.rstrip("\n")


def test_there_is_a_case_for_every_kind_of_finding() -> None:
    """Each code has a file that shows it; those about providers need one that lacks something, and have tests of their own."""
    shown = "".join((CASES / name / "problems.txt").read_text() for name in NAMES)

    assert [code for code in sorted(OF_THE_ANALYSIS) if f"[{code}]" not in shown] == []
