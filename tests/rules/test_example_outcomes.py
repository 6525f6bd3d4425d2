"""The example's own tests hold: what tests.example.yaml expects is what config.example.yaml decides."""

from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from rules.book import RuleBook
from rules.deciding import Timetable, window_around
from rules.event import IncomingCall, IncomingText
from rules.inquiry import inquire
from rules.load import load
from rules.telling import as_json
from rules.when import read_when

ROOT = Path(__file__).resolve().parents[2]
FILE = yaml.load((ROOT / "tests.example.yaml").read_text("utf-8"), Loader=yaml.BaseLoader)
ZONE = ZoneInfo(FILE["timezone"])
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def moments() -> list[Any]:
    """Return one (test, moment, expectation) for every moment of the file, with the test's name as id."""
    found = []
    for test in FILE["tests"]:
        times = test["at"] if isinstance(test["at"], list) else [test["at"]]
        expected = test["expect"] if isinstance(test["expect"], list) else [test["expect"]] * len(times)
        found += [
            pytest.param(test, at, want, id=f"{test['name']}, {at}") for at, want in zip(times, expected, strict=True)
        ]
    return found


@pytest.fixture(scope="module")
def example() -> RuleBook:
    """Return the book of config.example.yaml."""
    loaded = load(
        "config.example.yaml", {"config.example.yaml": (ROOT / "config.example.yaml").read_bytes()}, lambda _: None
    )
    assert loaded.book, loaded.problems
    return loaded.book


@pytest.mark.parametrize(("test", "at", "expected"), moments())
def test_the_example_does_what_it_says(
    example: RuleBook, test: dict[str, Any], at: str, expected: dict[str, Any]
) -> None:
    """Each expectation names only what matters."""
    asked = test.get("call") or test["text"]
    number = example.numbers[asked["to"]]
    told = {"account": "", "id": "1", "to": number.e164, "caller": asked["from"]}
    moment = int(read_when(at, ZONE, NOW).timestamp())
    happening: IncomingCall | IncomingText = (
        IncomingCall(provider=number.providers["call"], **told)
        if "call" in test
        else IncomingText(provider=number.providers["text"], text=asked["body"], **told)
    )

    got = as_json(Timetable(example, window_around(moment)).decide(inquire(example, happening), moment))

    for key, want in expected.items():
        check(key, want, got)


def check(key: str, want: Any, got: dict[str, Any]) -> None:
    """Compare one expectation with a decision told as JSON."""
    if key == "not_rings":
        assert not set(want) & {person for people in got["tries"] for person in people}
    elif key == "replies" and want != "none":
        assert fnmatchcase(got["replies"], want)
    elif want == "none":
        assert not got[key]
    else:
        assert got[key] == want
