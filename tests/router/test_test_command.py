"""`switchhook test`: what an administrator types, reads and hands to a build server."""

import json
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest
from click.testing import CliRunner, Result

from router.cli import main

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "config.example.yaml"

GOOD = """
tests:
  - name: an ordinary morning
    at: [2026-11-24 10:00, 2026-11-24 12:30]
    call: {to: boston, from: "+1 212 555 0100"}
    expect: [{rings: [dana]}, {voicemail: main}]
"""
WRONG = """
tests:
  - name: an ordinary morning
    at: 2026-11-24 10:00
    call: {to: boston, from: "+1 212 555 0100"}
    after: [no-answer]
    expect: {rings: [dana]}
  - {name: it is closed, at: now, call: {to: boston, from: "+1"}, override: closed, expect: {rule: boston.calls.closed}}
"""


def run(*args: str, config: Path = CONFIG) -> Result:
    """Run the command."""
    return CliRunner().invoke(main, ["-c", str(config), "test", *args])


@pytest.fixture
def file(tmp_path: Path) -> "File":
    """Return a way to write a file of tests."""
    return File(tmp_path)


class File:
    """Writes files of tests into a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, text: str, name: str = "t.yaml") -> str:
        """Write one, and return its path."""
        (self.folder / name).write_text(text)
        return str(self.folder / name)


def test_one_line_for_each_test(file: File) -> None:
    """Then how many passed, how long it took, and what no test reaches."""
    result = run(file(GOOD))

    first, last = result.stdout.splitlines()
    assert result.exit_code == 0
    assert first == "ok      an ordinary morning"
    assert last.startswith("1/1 tests, 2 moments, 0.")
    assert "; rules reached by tests: 2/13; never tested: block, boston.rules.vip," in last
    assert last.endswith(", london.texts.closed, plan:storm")


def test_many_untested_rules_are_counted(file: File) -> None:
    """The last line stays a line."""
    refused = "tests: [{name: x, at: now, call: {to: '+1 617 555 9999', from: '+1'}, expect: {rule: refused}}]"

    result = run(file(refused))

    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1].endswith(
        "0/13; never tested: block, boston.rules.vip, boston.rules.suppliers at night, boston.rules.withheld, boston.calls.open, boston.calls.closed, boston.texts.open, boston.texts.closed, london.calls.open, london.calls.closed, london.texts.open, london.texts.closed and 1 more"
    )


def test_everything_reached_is_not_listed() -> None:
    """Nothing is said about what is never tested when all is."""
    result = run(str(ROOT / "tests.example.yaml"))

    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1].endswith("s; rules reached by tests: 13/13")


def test_a_failure_says_what_was_expected_and_why_it_came_otherwise(file: File) -> None:
    """The place of the expectation, both values under each other, the rule that decided and where it stands."""
    path = file(WRONG)

    result = run(path)

    assert result.exit_code == 1
    assert result.stdout.splitlines()[:6] == [
        "FAILED  an ordinary morning",
        f"        {path}:7:21: rings, at 2026-11-24 10:00 after no-answer",
        "          expected  dana",
        "          got       ben",
        "        decided by boston.calls.open (config.example.yaml:138:11): boston is open".replace(
            "config.example.yaml", str(CONFIG)
        ),
        "ok      it is closed",
    ]
    assert result.stdout.splitlines()[6].startswith("1/2 tests, 2 moments, ")


def test_a_mistake_in_the_file_is_shown_with_its_line(file: File) -> None:
    """On stderr, as every mistake; the tests that can be read are run all the same."""
    path = file(GOOD + "  - {name: b, at: 2026-11-31 10:00, call: {to: bosten, from: '+1'}, expect: {rings: none}}\n")

    result = run(path)

    assert result.exit_code == 1
    assert f"{path}:7:19: error: '2026-11-31 10:00' is no moment we can read [bad-value]" in result.stderr
    assert "= hint: did you mean 'boston'?" in result.stderr
    assert "ok      an ordinary morning" in result.stdout


def test_as_json(file: File) -> None:
    """One value and nothing else, with everything the text says."""
    result = run(file(WRONG), "--json")

    told = json.loads(result.stdout)
    assert result.exit_code == 1
    assert (told["schema"], told["good"], told["tests"], told["passed"], told["moments"]) == ("tests/1", False, 2, 1, 2)
    assert told["rules"]["reached"] == ["boston.calls.open", "boston.calls.closed"]
    assert "boston.rules.vip" in told["rules"]["never"]
    first = told["results"][0]
    assert (first["name"], first["line"], first["passed"]) == ("an ordinary morning", 3, False)
    moment = first["moments"][0]
    assert (moment["at"], moment["written"], moment["after"]) == (
        "2026-11-24T15:00:00Z",
        "2026-11-24 10:00",
        ["no-answer"],
    )
    assert (moment["rule"], moment["why"]) == ("boston.calls.open", ["boston is open"])
    assert moment["differences"][0] | {"file": ""} == {
        "key": "rings",
        "expected": "dana",
        "got": "ben",
        "file": "",
        "line": 7,
        "column": 21,
    }


def test_problems_as_json(file: File) -> None:
    """Mistakes in the file are in the value, too, also where no rule decides."""
    refused = "tests: [{name: x, at: now, call: {to: '+1 617 555 9999', from: '+1'}, expect: {rule: refused}}, {}]"

    told = json.loads(run(file(refused), "--json").stdout)

    assert (told["good"], told["passed"]) == (False, 1)
    assert told["problems"][0]["code"] == "missing-key"
    assert told["results"][0]["moments"][0]["source"] is None


def test_junit(file: File, tmp_path: Path) -> None:
    """A suite for each file, a failure with every difference, an error for each mistake; nothing XML cannot hold."""
    bell = file(
        'tests: [{name: "a \\a bell & <b>", at: now, call: {to: boston, from: "+1"}, expect: {rings: none, rule: block}}, {}]',
        "b.yaml",
    )

    result = run(file(GOOD), bell, "--junit", str(tmp_path / "out.xml"))

    root = fromstring((tmp_path / "out.xml").read_bytes())
    assert result.exit_code == 1
    assert {key: root.get(key) for key in ("tests", "failures", "errors")} == {
        "tests": "5",
        "failures": "1",
        "errors": "3",
    }
    good, bad = root
    assert (good.get("name"), good.get("failures"), good[0].get("name"), len(good[0])) == (
        file(GOOD),
        "0",
        "an ordinary morning",
        0,
    )
    assert bad[0].get("name") == "a \ufffd bell & <b>"
    failure = bad[0].find("failure")
    assert failure is not None
    assert failure.get("type") == "test-failed"
    assert "rule: expected block, got boston.calls." in (failure.text or "")
    assert [case.find("error") is not None for case in bad] == [False, True, True, True]


def test_junit_that_cannot_be_written(file: File, tmp_path: Path) -> None:
    """A sentence instead of a traceback."""
    result = run(file(GOOD), "--junit", str(tmp_path / "nowhere" / "out.xml"))

    assert result.exit_code == 1
    assert (
        result.stderr
        == f"switchhook: {tmp_path / 'nowhere' / 'out.xml'} cannot be written: no such file or directory\n"
    )


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """A sentence with the name."""
    result = run(str(tmp_path / "none.yaml"))

    assert result.exit_code == 1
    assert result.stderr == f"switchhook: {tmp_path / 'none.yaml'} cannot be read: no such file or directory\n"


def test_without_a_file_those_of_the_configuration_are_run() -> None:
    """Wherever the command is given, they are found beside the configuration."""
    result = run(config=ROOT / "examples" / "clinic.yaml")

    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1].endswith("rules reached by tests: 5/5")


def test_when_no_file_is_named_anywhere() -> None:
    """It is said where to name one, and how to get one."""
    result = run()

    assert result.exit_code == 2
    assert f"name files of tests, here or in {CONFIG} under `tests:`; --record writes some" in result.stderr


def test_a_file_the_configuration_names_and_that_is_not_there(tmp_path: Path) -> None:
    """The mistake is in the configuration, at the name."""
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG.read_text() + "\ntests: [none.yaml]\n")

    result = run(config=config)

    assert result.exit_code == 1
    assert (
        f"the file of tests {tmp_path / 'none.yaml'} cannot be read: no such file or directory [missing-file]"
        in result.stderr
    )
    assert "tests: [none.yaml]" in result.stderr


def test_a_configuration_that_is_wrong(tmp_path: Path, file: File) -> None:
    """It is shown what is wrong with it; no test is run."""
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG.read_text().replace("fri: 09:00-16:00", "fri: 9-16"))

    result = run(file(GOOD), config=config)

    assert result.exit_code == 1
    assert "write 09:00-16:00" in result.stderr
    assert result.stdout == ""


def test_the_present_can_be_told(file: File) -> None:
    """Relative moments are counted from --now, so that a run can be repeated."""
    path = file(
        "tests: [{name: a, at: [now, fri 15:00], call: {to: boston, from: '+1'}, expect: [{rule: boston.calls.open}, {rule: boston.calls.closed}]}]"
    )

    assert run(path, "--now", "2026-11-24 10:00").exit_code == 0
    assert run(path, "--now", "2026-11-24 08:59").exit_code == 1
    assert run(path, "--now", "yesterday").exit_code == 2


def test_recording(file: File) -> None:
    """What is printed are tests that pass."""
    recorded = run("--record", "--now", "2026-11-24 10:00")

    assert recorded.exit_code == 0
    assert run(file(recorded.stdout)).exit_code == 0
