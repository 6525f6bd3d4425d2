"""Recorded tests: they pass as they are, reach what can be reached, and a change of the rules is noticed."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from rules.cases import run_cases
from rules.cases.recording import record, scalar, written
from rules.files import show_all
from rules.load import Loaded, load

ROOT = Path(__file__).resolve().parents[2]
NOW = int(datetime(2026, 11, 24, 12, tzinfo=UTC).timestamp())


def loaded(text: str) -> Loaded:
    """Return what came of one file."""
    made = load("config.yaml", {"config.yaml": text.encode()}, lambda _: None)
    assert made.book, made.problems
    assert made.spec
    return made


def recorded(text: str) -> str:
    """Return the tests recorded of one file."""
    made = loaded(text)
    assert made.book
    assert made.spec
    return record(made.book, made.spec, NOW)


@pytest.mark.parametrize(
    "path",
    ["config.example.yaml", *(f"examples/{p.name}" for p in ROOT.glob("examples/*.yaml") if ".tests." not in p.name)],
)
def test_what_is_recorded_passes(path: str) -> None:
    """It is read without a complaint, holds, and reaches every rule but the plans nobody has switched on."""
    text = (ROOT / path).read_text("utf-8")
    made = loaded(text)
    assert made.book

    tests = recorded(text)
    report = run_cases(made.book, {"tests.yaml": tests.encode()}, NOW)

    assert show_all((*report.problems, *report.failures()), {"tests.yaml": tests}) == ""
    assert all(rule.startswith("plan:") for rule in report.never_reached)


def test_forwarded_calls_and_attested_callers_are_recorded(company_text: str) -> None:
    """What makes a rule fit is written down with the call."""
    made = loaded(company_text)
    assert made.book

    tests = recorded(company_text)
    report = run_cases(made.book, {"tests.yaml": tests.encode()}, NOW)

    assert show_all((*report.problems, *report.failures()), {"tests.yaml": tests}) == ""
    assert set(report.never_reached) == {"plan:storm"}
    assert 'via: ["+16175550199"]' in tests
    assert "verified: yes" in tests
    assert "body: invoice" in tests


def test_boundaries_are_recorded(company_text: str) -> None:
    """The first and the last second of what a rule does are both there, and a changed hour is noticed."""
    tests = recorded(company_text)

    assert "2026-11-24 17:00, 2026-11-25 08:59:59" in tests
    for hours in ("09:00-16:59", "09:00-17:01", "08:59-17:00", "09:01-17:00"):
        changed = loaded(company_text.replace("mon-fri: 09:00-17:00", f"mon-fri: {hours}"))
        assert changed.book
        assert not run_cases(changed.book, {"tests.yaml": tests.encode()}, NOW).good


def test_no_numbers_no_tests() -> None:
    """A file without numbers gives a file without tests, which is said when it is run."""
    text = "public_url: https://phone.example.com\nbusiness: {name: Acme, timezone: America/New_York, country: US, region: MA}"

    assert recorded(text) == "tests: []\n"


@pytest.mark.parametrize(
    ("text", "yaml"),
    [
        pytest.param("boston.calls.open", "boston.calls.open", id="a plain name"),
        pytest.param("suppliers at night", "suppliers at night", id="words"),
        pytest.param("yes", '"yes"', id="a word that editors take for something else"),
        pytest.param("a: b", '"a: b"', id="a colon"),
        pytest.param("ends ", '"ends "', id="a space at the end"),
        pytest.param('say "hi"', '"say \\"hi\\""', id="quotes"),
        pytest.param("+1 617", '"+1 617"', id="a number"),
    ],
)
def test_texts_are_written_so_that_every_reader_takes_them_for_texts(text: str, yaml: str) -> None:
    """Quotes where YAML or an editor might read something else."""
    assert scalar(text) == yaml


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        pytest.param("2026-11-24T15:00:00+00:00", "2026-11-24 10:00", id="a full minute"),
        pytest.param("2026-11-24T15:00:01+00:00", "2026-11-24 10:00:01", id="a second later"),
        pytest.param("2026-11-01T05:30:00+00:00", "2026-11-01 01:30", id="an hour that comes twice, the first time"),
        pytest.param(
            "2026-11-01T06:30:00+00:00", "2026-11-01T01:30:00-05:00", id="an hour that comes twice, the second time"
        ),
    ],
)
def test_moments_are_written_as_they_are_read(moment: str, text: str) -> None:
    """On the clock of the place, and with the offset where that clock reads so twice."""
    assert written(int(datetime.fromisoformat(moment).timestamp()), ZoneInfo("America/New_York")) == text
