"""
Breaking any one routing fact of the example makes one of its tests fail.

Each value, key and order of config.example.yaml is changed in turn; what still passes must be known not to route anything.
"""

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from rules.cases import run_cases
from rules.load import load
from rules.yamltree import Mapping, Node, Sequence, read_tree

pytestmark = pytest.mark.no_cover  # hundreds of books: traced line by line they would take minutes

ROOT = Path(__file__).resolve().parents[2]
TESTS = {"tests.example.yaml": (ROOT / "tests.example.yaml").read_bytes()}
Path_ = tuple[str | int, ...]

PEOPLE = ("anna", "ben", "chloe", "dana", "eli")
TEAMS = ("front", "design", "everyone", "on-call")
# Names that may stand in each other's place, so that a change is not merely a name nobody knows.
ALIKE = (
    (*PEOPLE, *TEAMS),
    ("main", "suppliers", "london"),
    ("office", "london", "showroom"),
    ("vip", "suppliers", "anonymous"),
)
CHOICES = (
    ("in-turn", "all-at-once", "take-turns"),
    ("busy", "declined", "voicemail"),
    ("open", "closed"),
    ("closed", "normal"),
    ("US", "GB"),
    ("outside", "always", "never"),
    ("caller", "business"),
    ("America/New_York", "Europe/London", "Asia/Manila"),
)

NOT_ROUTING = {
    r"(version|state|public_url|listen|providers|mail)\b.*": "where the daemon listens, whom it trusts and who takes its mail, not where a call goes",
    r"failsafe\..*": "said when switchhook itself is in trouble, so by no rule",
    r"safety\.countries\.\d.*": "a fence around the rules: what they route inside it stays the same",
    r"business\.(name|holidays\.add\..*: Day).*|people\.\w+\.(name|away\.\d\.note)\b.*": "a name for people to read",
    r"people\.dana\.email: .*": "an address at which a person is reached, not which person",
    r"defaults\.(press_1|teammate_sees)\b.*": "how a phone is answered and what it shows, not which one rings",
    r"replies\..*": "how long an answer from a mobile belongs to a conversation",
    r"voicemail\.\w+\.max\b.*": "how long a message may be",
    r"numbers\.boston\.missed\b.*": "what follows a call that nobody took",
    r"(safety\.countries|business\.holidays\.skip|callers\.vip|block\.from|.*\.words): .*": "a set: its order means nothing",
    r"people\.anna\.away: 0 and 1 exchanged": "absences that do not meet: their order means nothing",
    r"teams\.everyone\.members: .* exchanged": "rung all at once: the order means nothing",
    r"numbers\.boston\.rules: .* exchanged": "rules for callers of which none is of two kinds: their order means nothing",
    r"schedules\.office\.2026-12-28.*: key 2026-12-2(7|8)\.\.(2026-12-31|2027-01-01)": "a Sunday and a holiday are closed anyway",
    r"people\.anna\.away\.0\.(from: .* 2026-12-13|to: .* 2026-12-19)": "a Sunday and a Saturday, on which she is neither in nor on call",
    r"people\.(chloe|dana)\.cover: .*": "nobody covers for who is never away",
    r"people\.farah\.handover: anna -> ben": "Farah is in no step but the designers', where Chloe is always in",
    r"people\.chloe\.timezone: .*": "she has no times of her own: her hours are London's, and so is their zone",
    r"teams\.design\.members(: 1 and 2 exchanged|\.2: removed)": "Farah has left",
    r"teams\.design\.how: take-turns -> in-turn": "whose turn it is depends on who was rung last, which no file tells",
    r"teams\.design\.each: removed": "as long as phones ring anyway",
    r"teams\.on-call\.first: .* 2026-11-01": "the first Monday from that day on is the same",
    r"numbers\.boston\.voicemail: removed": "the box in reserve is the same",
    r"(numbers\.boston\.rules\.2\.calls\.1|numbers\.\w+\.calls\.closed|plans\.storm\.calls\.2): removed": "voicemail ends every call anyway",
    r"numbers\.\w+\.texts\.(open|closed\.to): removed": "a text nobody is named for goes to the same people anyway",
}


@pytest.fixture(autouse=True, scope="module")
def _parse_the_tests_once() -> Iterator[None]:
    """Hundreds of books are tried with one file of tests: its YAML is parsed once."""
    tree = read_tree("tests.example.yaml", TESTS["tests.example.yaml"], lambda _: None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rules.cases.reading.read_tree", lambda *_, **__: tree)
        yield


def plain(node: Node) -> Any:
    """Return *node* as dicts, lists and texts."""
    if isinstance(node, Mapping):
        return {key.text: plain(value) for key, value in node.entries}
    return [plain(item) for item in node.items] if isinstance(node, Sequence) else node.text


ROOT_NODE = read_tree("config.example.yaml", (ROOT / "config.example.yaml").read_bytes(), lambda _: None)
assert ROOT_NODE is not None
EXAMPLE = plain(ROOT_NODE)


def at(tree: Any, path: Path_) -> Any:
    """Return what stands at *path*."""
    for part in path:
        tree = tree[part]
    return tree


def places(tree: Any, path: Path_ = ()) -> Iterator[Path_]:
    """Yield the path of everything in the file."""
    yield path
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in items:
        yield from places(value, (*path, key))


def replaced(path: Path_, value: Any) -> Any:
    """Return the file with *value* at *path*."""
    tree = deepcopy(EXAMPLE)
    at(tree, path[:-1])[path[-1]] = value
    return tree


def renamed(path: Path_, key: str) -> Any:
    """Return the file with another *key* in the place of the last of *path*."""
    tree = deepcopy(EXAMPLE)
    above = at(tree, path[:-1])
    entries = [(key if name == path[-1] else name, value) for name, value in above.items()]
    above.clear()
    above.update(entries)
    return tree


def without(path: Path_) -> Any:
    """Return the file without what stands at *path*."""
    tree = deepcopy(EXAMPLE)
    del at(tree, path[:-1])[path[-1]]
    return tree


def clocks(text: str) -> Iterator[str]:
    """Yield *text* with each clock time a minute earlier."""
    for found in re.finditer(r"\b(\d\d):(\d\d)\b", text):
        minutes = (int(found[1]) * 60 + int(found[2]) - 1) % 1440
        yield f"{text[: found.start()]}{minutes // 60:02}:{minutes % 60:02}{text[found.end() :]}"


def dates(text: str) -> Iterator[str]:
    """Yield *text* with each date a day later, and a day earlier."""
    for found in re.finditer(r"\d{4}-\d\d-\d\d", text):
        for days in (1, -1):
            day = date.fromisoformat(found[0]) + timedelta(days=days)
            yield f"{text[: found.start()]}{day}{text[found.end() :]}"
    for found in re.finditer(r"\b(dec|jul) (\d+)", text):
        day = int(found[2]) + (1 if int(found[2]) < 31 else -1)
        yield f"{text[: found.start()]}{found[1]} {day}{text[found.end() :]}"


def weekdays(text: str) -> Iterator[str]:
    """Yield *text* with each weekday moved on by one."""
    for days in (["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"]):
        for found in re.finditer(rf"\b({'|'.join(days)})\b", text):
            following = days[(days.index(found[0]) + 1) % 7]
            yield f"{text[: found.start()]}{following}{text[found.end() :]}"


def values(text: str) -> Iterator[str]:
    """Yield other values that could stand where *text* does."""
    for alike in (*ALIKE, *CHOICES):
        if text in alike:
            yield alike[(alike.index(text) + 1) % len(alike)]
    yield from clocks(text)
    yield from dates(text)
    yield from weekdays(text)
    if found := re.fullmatch(r"(\d+)([smh])", text):
        yield f"{int(found[1]) + 5}{found[2]}"
    if re.fullmatch(r"\d+", text):
        yield str(int(text) + 1)
    if re.match(r"\+[\dx ]+$", text):
        yield re.sub(r"[\dx](?=\D*$)", lambda digit: "3" if digit[0] != "3" else "4", text)
    if "@" in text and not text.startswith("sip:"):
        yield f"x{text}"
    if text.startswith("sip:"):
        yield text.replace("sip:", "sip:x")
    if re.fullmatch(r"\[\w+\]", text) or (" " in text and not text.startswith("+")):
        yield f"{text} indeed"


def mutants(section: str) -> Iterator[tuple[str, Any]]:
    """Yield the file with one thing changed, and what that is, for everything in *section*."""
    for path in places(EXAMPLE[section], (section,)):
        where, here = ".".join(map(str, path)), at(EXAMPLE, path)
        if isinstance(here, str):
            yield from ((f"{where}: {here} -> {value}", replaced(path, value)) for value in values(here))
        key = str(path[-1])
        if len(path) > 2 and isinstance(path[-1], str):
            for other in (*dates(key), *weekdays(key)):
                yield f"{where}: key {other}", renamed(path, other)
            yield f"{where}: removed", without(path)
        elif isinstance(path[-1], int):
            yield f"{where}: removed", without(path)
        if isinstance(here, list):
            for place in range(len(here) - 1):
                order = [*here]
                order[place : place + 2] = reversed(order[place : place + 2])
                yield f"{where}: {place} and {place + 1} exchanged", replaced(path, order)


def survives(tree: Any) -> bool:
    """Say whether a changed file is good and all tests of the example pass."""
    loaded = load("config.yaml", {"config.yaml": json.dumps(tree).encode()}, lambda _: None)
    return loaded.book is not None and run_cases(loaded.book, TESTS, 0).good


def explained(label: str) -> bool:
    """Say whether what is changed is known not to route anything."""
    return any(re.fullmatch(pattern, label) for pattern in NOT_ROUTING)


@pytest.mark.parametrize("section", EXAMPLE)
def test_no_routing_fact_can_be_changed_unnoticed(section: str) -> None:
    """Whatever is changed in a section is refused or fails a test, unless it is known to route nothing."""
    survivors = [label for label, tree in mutants(section) if not explained(label) and survives(tree)]

    assert survivors == []


def test_every_excuse_is_one() -> None:
    """What is said to route nothing is there to be changed, and its change does pass all tests."""
    labelled = [(label, tree) for section in EXAMPLE for label, tree in mutants(section)]

    for pattern, reason in NOT_ROUTING.items():
        excused = [(label, tree) for label, tree in labelled if re.fullmatch(pattern, label)]
        assert any(survives(tree) for _, tree in excused), (pattern, reason)


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        pytest.param(
            ("schedules", "office", "fri"),
            "09:00-15:00",
            "`rule` should be boston.calls.open, is boston.calls.closed",
            id="Friday's closing hour",
        ),
        pytest.param(("people", "anna", "cover"), "eli", "`delivers` should be ben, is eli", id="Anna's cover"),
        pytest.param(
            ("teams", "front", "members"),
            ["ben", "dana"],
            "`tries` should be [dana], [ben], [anna, ben, chloe, dana, eli],"
            " is [ben], [dana], [anna, ben, chloe, dana, eli]",
            id="the order at the front desk",
        ),
        pytest.param(
            ("numbers", "london", "voicemail"), "main", "`voicemail` should be london, is main", id="London's box"
        ),
    ],
)
def test_the_message_says_which(path: Path_, value: Any, told: str) -> None:
    """A test that fails names what was expected, what came instead, the rule that decided and its place."""
    loaded = load("config.yaml", {"config.yaml": json.dumps(replaced(path, value)).encode()}, lambda _: None)
    assert loaded.book is not None

    failures = run_cases(loaded.book, TESTS, 0).failures()

    found = [failure for failure in failures if failure.message.endswith(told)]
    assert found
    assert found[0].code == "test-failed"
    assert found[0].at.file == "tests.example.yaml"
    assert "decided by" in (found[0].hint or "")
    assert "(config.yaml:" in (found[0].hint or "")
