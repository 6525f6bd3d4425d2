"""The JSON Schema knows what the reader knows, and never calls a file wrong that can be used."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from rules.cases.vocabulary import EXPECTATIONS
from rules.files import read_files
from rules.parse.sections import SECTIONS
from rules.schema import rule_file, tests_file

ROOT = Path(__file__).resolve().parents[2]
CASES = ROOT / "tests" / "cases"
MODELINE = "# yaml-language-server: $schema="
RULES = jsonschema.Draft7Validator(rule_file())
TESTS = jsonschema.Draft7Validator(tests_file())

# What is wrong with one value or one mapping, whatever stands elsewhere: a schema can see that.
SHAPE = {
    *("unknown-key", "wrong-shape", "missing-key", "bad-value", "bad-name", "two-in-one", "two-ends", "empty-file"),
    *("until-without-time", "secret-in-file", "merge-key"),
}
BEYOND = {
    "missing-business": "the section may stand in another file",
    "a-group-that-is-blocked-by-name": "which names are groups is said elsewhere",
    "a-rule-name-that-cannot-be-one": "the schema tells what names look like where they are keys",
    "a-word-nobody-can-write": "what is a letter or digit in some script, no pattern of an editor can tell",
    "a-calendar-whose-match-is-no-word": "what is a letter or digit in some script, no pattern of an editor can tell",
}


class EditorLoader(yaml.SafeLoader):
    """Types what the core schema of YAML 1.2 (section 10.3) types, as editors do: never dates or sexagesimals."""

    yaml_implicit_resolvers: dict[str, Any] = {}


for tag, pattern, first in (
    ("null", r"~|null|Null|NULL|", [*"~nN", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", [*"tTfF"]),
    ("int", r"[-+]?[0-9]+", [*"-+0123456789"]),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", [*"-+.0123456789"]),
):
    EditorLoader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), first)
EditorLoader.add_constructor("tag:yaml.org,2002:int", lambda _, node: int(node.value))


def keyed(value: Any) -> Any:
    """Return *value* with its keys as texts, as JSON has them."""
    if isinstance(value, dict):
        return {str(key): keyed(each) for key, each in value.items()}
    return [keyed(each) for each in value] if isinstance(value, list) else value


def as_an_editor_reads(text: str) -> Any:
    """Return what an editor compares with a schema."""
    return keyed(yaml.load(text, Loader=EditorLoader))


def codes(name: str) -> set[str]:
    """Return the codes of the errors of one case."""
    return set(re.findall(r": error: .*\[([a-z0-9-]+)\]$", (CASES / name / "problems.txt").read_text(), re.MULTILINE))


def readable() -> list[str]:
    """Return the cases an editor can read as YAML at all."""
    names = []
    for folder in sorted(CASES.iterdir()):
        try:
            as_an_editor_reads((folder / "rules.yaml").read_text())
        except yaml.YAMLError:
            continue
        names.append(folder.name)
    return names


@pytest.mark.parametrize(
    ("file", "made"),
    [
        pytest.param("switchhook.schema.json", rule_file, id="the schema of a rule file"),
        pytest.param("switchhook.tests.schema.json", tests_file, id="the schema of a file of tests"),
    ],
)
def test_the_schema_in_the_repository_is_current(file: str, made: Any) -> None:
    """`switchhook schema` prints what is committed, and it is a schema of draft-07."""
    jsonschema.Draft7Validator.check_schema(made())

    assert json.loads((ROOT / file).read_text("utf-8")) == made(), f"write it again: switchhook schema > {file}"


@pytest.mark.parametrize(
    "path", ["config.example.yaml", *sorted(f"examples/{p.name}" for p in ROOT.glob("examples/*.yaml"))]
)
def test_files_that_are_good_fit(path: str) -> None:
    """Each example fits the schema its first line names."""
    text = (ROOT / path).read_text("utf-8")
    schema = (ROOT / path).parent / text.splitlines()[0].removeprefix(MODELINE)
    validator = TESTS if "tests" in schema.name else RULES

    problems = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(as_an_editor_reads(text))]

    assert schema.resolve().is_file()
    assert problems == []


@pytest.mark.parametrize("name", readable())
def test_a_wrong_shape_is_seen_by_editors_too(name: str) -> None:
    """What breaks shape is refused by the schema, what only contradicts something said elsewhere is not."""
    tree = as_an_editor_reads((CASES / name / "rules.yaml").read_text())

    fits = RULES.is_valid(tree)

    assert fits == (not codes(name) & SHAPE or name in BEYOND)


def test_every_section_and_expectation_is_described() -> None:
    """An editor has a sentence for every key it offers."""
    sections = rule_file()["properties"]
    expected = tests_file()["properties"]["tests"]["anyOf"][0]["properties"]["expect"]["anyOf"][0]["properties"]

    assert {key: piece["description"] for key, piece in sections.items()} == {each.key: each.about for each in SECTIONS}
    assert {each.key for each in EXPECTATIONS} | {"after"} == set(expected)
    assert all(piece["description"] for piece in expected.values())


@pytest.mark.parametrize(
    ("written", "fits"),
    [
        pytest.param("defaults: {ring_for: 20s}", True, id="a duration"),
        pytest.param("defaults: {ring_for: 20}", False, id="a duration without its unit"),
        pytest.param("version: 1", True, id="a version typed as a number"),
        pytest.param('version: "1"', True, id="a version in quotes"),
        pytest.param("replies: {from_mobile: Off}", True, id="off with a capital letter"),
        pytest.param("replies: {from_mobile: true}", True, id="a boolean"),
        pytest.param("replies: {from_mobile: maybe}", False, id="neither yes nor no"),
        pytest.param("safety: {max_diversions: 20}", True, id="the highest number"),
        pytest.param("safety: {max_diversions: 21}", False, id="more than the highest number"),
        pytest.param("callers: {vip: +12125550177}", True, id="a number an editor takes for an integer"),
        pytest.param("callers: {open: +12125550177}", True, id="a word that is taken elsewhere"),
        pytest.param("callers: {anonymous: +12125550177}", False, id="a word that is taken here"),
        pytest.param("schedules: {a: {MON-FRI: 9:00-17:00, Dec 24: closed}}", True, id="days in capital letters"),
        pytest.param("schedules: {a: {montag: 09:00-17:00}}", False, id="a day in another language"),
        pytest.param("schedules: {a: {mon: 9-17}}", False, id="hours without minutes"),
        pytest.param("schedules: {a: {mon: [09:00-12:00, 13:00-17:00]}}", True, id="hours in a list"),
        pytest.param("schedules: {a: {jul 1..jul 31: {fri: 09:00-13:00}}}", True, id="a week of its own"),
        pytest.param("schedules: {a: {mon: {fri: 09:00-13:00}}}", False, id="a week of its own under a weekday"),
        pytest.param("people: {zoë: {hours: office}}", True, id="a name with a letter beyond ASCII"),
        pytest.param("people: {a.b: {hours: office}}", False, id="a name with a dot"),
        pytest.param('people: {a: {devices: "+1 617 555 0141"}}', True, id="one phone without a name"),
        pytest.param("people: {a: {devices: []}}", False, id="no phone in a list"),
        pytest.param(
            "teams: {t: {members: a, how: in-turn, first: 2026-11-02}}", False, id="a beginning without a rota"
        ),
        pytest.param("plans: {storm: {calls: [hangup]}}", True, id="a step without a value"),
        pytest.param("plans: {storm: {calls: [{hangup: yes}]}}", True, id="a step with yes"),
        pytest.param("plans: {storm: {}}", False, id="a plan that says nothing"),
    ],
)
def test_what_editors_are_told(written: str, fits: bool) -> None:
    """The pieces agree with the reader about the forms of each value."""
    _, problems = read_files("rules.yaml", {"rules.yaml": written.encode()})

    shaped_well = all("business" in problem.message for problem in problems)
    assert shaped_well == fits
    assert RULES.is_valid(as_an_editor_reads(written)) == fits
