"""A caller who calls back: who spoke with them is remembered for a day, for this number and this caller, also across restarts."""

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from router.engine.facts import Facts
from router.index.fingerprint import load_fingerprint
from router.index.rebuild import rebuild
from router.index.sqlite import Reader

DAY = 24 * 3600
TEXT_BACK = {"key": "01F.text-back", "kind": "text-back", "number": "boston", "people": [], "target": None}
JANE, JOE = "+12025550199", "+12025550123"


@pytest.fixture
def office(engines: Any) -> Any:
    """Return an office that prefers who answered last."""
    text = engines.OFFICE.replace(
        "    hours: office\n    voicemail: main", "    voicemail: main\n    prefer: last-answered"
    )
    return engines.Office(engines.office(text))


def rings(office: Any, engines: Any, caller: str = JANE, to: str = "+16175550100") -> list[str]:
    """Let a call come in; returns who is rung first."""
    office.answer(engines.call(f"c{len(office.journal.records)}", caller=caller, to=to))
    return list(office.journal.of("call")[-1].public["rings"])


def ben_answers(office: Any, engines: Any, caller: str = JANE) -> None:
    """Let a call come in that Ben takes, the second of two."""
    assert rings(office, engines, caller) == ["anna"]
    office.answer(office.progress("next", 0, result="no-answer"))
    office.answer(office.progress("screen", 1))
    office.answer(office.progress("accept", 1, digits="1"))
    office.answer(office.progress("next", 1, result="answered"))


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        pytest.param(1, ["ben"], id="at once"),
        pytest.param(DAY - 1, ["ben"], id="just within a day"),
        pytest.param(DAY, ["anna"], id="a day later"),
    ],
)
def test_who_calls_back(office: Any, engines: Any, after: int, expected: list[str]) -> None:
    """Whoever took the call is rung first, and the record says why."""
    ben_answers(office, engines)
    office.clock.at += after
    office.engine.tidy()

    assert rings(office, engines) == expected
    assert (["spoke-with:ben", True] in office.journal.of("call")[-1].public["asked"]) == (expected == ["ben"])
    assert len(office.shared.facts.spoke) == (expected == ["ben"])


@pytest.mark.parametrize(
    ("caller", "to"),
    [
        pytest.param(JOE, "+16175550100", id="another caller"),
        pytest.param(JANE, "+16175550101", id="another number of ours"),
        pytest.param("anonymous", "+16175550100", id="who hides the number"),
    ],
)
def test_who_does_not_call_back(office: Any, engines: Any, caller: str, to: str) -> None:
    """Nothing is known of them, also if somebody else without a number was spoken with."""
    ben_answers(office, engines)
    ben_answers(office, engines, "anonymous")

    assert rings(office, engines, caller, to) == ["anna"]


@pytest.mark.parametrize("indexed", [pytest.param(0, id="from the journal"), pytest.param(None, id="from the index")])
def test_a_restart(office: Any, engines: Any, indexed: int | None) -> None:
    """It is known again."""
    ben_answers(office, engines)
    office.index.seq = indexed
    if indexed is None:
        pair = office.shared.facts.pair("main", JANE)
        office.index.talks = [(int(engines.TUESDAY_10 * 1_000_000), *pair, "ben")]
    office.start()

    assert rings(office, engines) == ["ben"]


def test_the_last_one_counts() -> None:
    """Of two who spoke with a caller; a clock that is set back a little changes nothing."""
    facts = Facts(len)
    facts.talked(("main", 1), "anna", 100.0)
    facts.talked(("main", 2), "eli", 150.0)
    facts.talked(("main", 1), "ben", 200.0)

    assert [facts.spoke_with(("main", 1), at) for at in (200.0 - DAY, 199.0, 200.0, 200.0 + DAY - 1, 200.0 + DAY)] == [
        None,
        "ben",
        "ben",
        "ben",
        None,
    ]
    assert facts.spoke_with(("main", 3), 200.0) is None
    facts.prune(150.0 + DAY)
    assert facts.spoke == {("main", 1): ("ben", 200.0)}


def test_the_index_knows_who_spoke_with_whom(journals: ModuleType, tmp_path: Path) -> None:
    """By number and fingerprint of the caller, the last one; only of the last day. And who was texted back."""
    talk = {"from": JANE}
    journals.keep(
        tmp_path,
        [
            journals.after("next", "A", outcome="answered by old", private={"from": JOE}),
            journals.after("next", "B", outcome="answered by anna", private=talk),
            journals.after("next", "C", outcome="answered by nobody known"),
            journals.after("next", "D", outcome="no answer", private=talk),
            journals.after("accept", "E", outcome="answered by ben", private=talk),
            journals.after("next", "F", outcome="no answer", private={**talk, "outbox": [TEXT_BACK]}),
        ],
        seconds=8 * 3600,
    )
    rebuild(tmp_path)
    key = load_fingerprint(tmp_path)
    reader = Reader(tmp_path / "index.db", tmp_path / "journal", key)

    assert [(number, caller) for _, number, caller in reader.replies()] == [("boston", key(JANE))]
    assert [(number, caller, person) for _, number, caller, person in reader.spoke()] == [("boston", key(JANE), "ben")]
