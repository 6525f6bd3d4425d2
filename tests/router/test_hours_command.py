"""`switchhook hours` as people and scripts call it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from router.commands.hours import hours

PLACE = ["--zone", "America/New_York", "--country", "US", "--region", "MA"]


def run(*args: str, stdin: bytes = b"") -> Result:
    """Run the command."""
    return CliRunner().invoke(hours, list(args), input=stdin, prog_name="switchhook hours")


@pytest.mark.parametrize(
    ("expr", "at", "expected"),
    [
        pytest.param("Mo-Fr 09:00-17:00", "2026-11-23 10:00", "open; closes Mon 23 Nov 2026 17:00 EST\n", id="open"),
        pytest.param("Mo-Fr 09:00-17:00", "2026-11-22 10:00", "closed; opens Mon 23 Nov 2026 09:00 EST\n", id="closed"),
        pytest.param("24/7", "now", "open, and that does not change within ten years\n", id="always"),
    ],
)
def test_in_words(expr: str, at: str, expected: str) -> None:
    """Told in the zone of the place."""
    result = run(expr, *PLACE, "--at", at)

    assert (result.exit_code, result.stdout, result.stderr) == (0, expected, "")


def test_as_json() -> None:
    """One JSON value on stdout and nothing else."""
    result = run("Mo-Fr 09:00-17:00; PH off", *PLACE, "--at", "2026-11-26 10:00", "--json")

    assert json.loads(result.stdout) == {"open": False, "next_change": "2026-11-27T14:00:00Z"}


def test_mistakes_are_shown_with_a_caret() -> None:
    """All of them, with exit code 1."""
    result = run("Mo, We 09:00-17:00; Nov 31 off", *PLACE, "--at", "now")

    assert result.exit_code == 1
    assert result.stdout == ""
    assert "hours:1:25: error: there is no Nov 31 [impossible-date]\n 1 | Mo, We" in result.stderr
    assert result.stderr.count("error:") == 2


def test_a_country_misspelt_is_a_finding() -> None:
    """What stands outside the schedule is told without its line."""
    result = run("24/7", "--zone", "UTC", "--country", "UK", "--at", "now")

    assert result.exit_code == 1
    assert result.stderr == (
        "country: error: there is no country 'UK' whose holidays we know (did you mean 'GB'?) [unknown-name]\n"
    )


@pytest.mark.parametrize(
    ("args", "says"),
    [
        pytest.param([], "--zone and --at", id="nothing"),
        pytest.param(["24/7", "--at", "now"], "--zone and --at", id="no zone"),
        pytest.param(["24/7", "--zone", "UTC"], "--zone and --at", id="no moment"),
        pytest.param(["24/7", "--batch", "-"], "not both", id="a schedule and a stream"),
        pytest.param(["24/7", "--zone", "Europe/Lodnon", "--at", "now"], "did you mean 'Europe/London'?", id="a slip"),
        pytest.param(["24/7", "--zone", "7", "--at", "now"], "there is no time zone '7'", id="no zone at all"),
        pytest.param(["24/7", "--zone", "UTC", "--at", "soon"], "no moment we can read", id="no moment at all"),
        pytest.param(["24/7", "--zone", "UTC", "--at", "9999-12-31 10:00"], "too far away", id="far away"),
        pytest.param(["--batch", "/nowhere"], "does not exist", id="no such file"),
    ],
)
def test_wrong_usage(args: list[str], says: str) -> None:
    """Exit code 2 and a sentence."""
    result = run(*args)

    assert result.exit_code == 2
    assert says in " ".join(result.stderr.split())


def test_an_old_zone_name_is_remarked_upon() -> None:
    """It works, and stdout stays clean."""
    result = run("24/7", "--zone", "US/Eastern", "--at", "now", "--json")

    assert json.loads(result.stdout) == {"open": True, "next_change": None}
    assert "write 'America/New_York'" in result.stderr


def test_a_stream(tmp_path: Path) -> None:
    """One answer a line, in order, whatever stands in it; a byte order mark and bad bytes break nothing."""
    good = json.dumps({"hours": "Mo-Fr 09:00-17:00", "timezone": "UTC", "at": "2026-11-23 10:00"}).encode()
    stream = b"\n".join([b"\xef\xbb\xbf" + good, b"", b"\xff\xfe", b"{}", good])
    file = tmp_path / "questions.jsonl"
    file.write_bytes(stream)

    result, from_file = run("--batch", "-", stdin=stream), run("--batch", str(file))

    assert result.exit_code == from_file.exit_code == 0
    assert result.stdout == from_file.stdout
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert [next(iter(answer)) for answer in answers] == ["open", "error", "error", "error", "open"]
    assert answers[0] == {"open": True, "next_change": "2026-11-23T17:00:00Z"}
