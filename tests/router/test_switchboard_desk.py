"""The switchboard over the admin listener: what may be asked, and what is answered."""

import json
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from router.switchboard.desk import Desk

Beside = Callable[[str, str], ModuleType]


@pytest.fixture
def fakes(beside: Beside) -> ModuleType:
    """Return the fakes of the switchboard."""
    return beside(__file__, "switchboard_fakes")


@pytest.fixture
def bench(fakes: ModuleType, engines: Any) -> Any:
    """Return a switchboard of an office where anna is covered by chloe."""
    return fakes.Bench(engines)


@pytest.fixture
def ask(bench: Any, fakes: ModuleType) -> Callable[[object], tuple[int, dict[str, Any]]]:
    """Ask for something to be switched on."""
    desk = Desk(bench.board, bench.clock)

    def ask(said: object) -> tuple[int, dict[str, Any]]:
        body = said if isinstance(said, bytes) else json.dumps(said).encode()
        answer: tuple[int, dict[str, Any]] = fakes.run(desk.set(body))
        return answer

    return ask


@pytest.mark.parametrize(
    ("said", "told"),
    [
        pytest.param(
            {"what": "closed", "target": "main", "for": "today"},
            "main is closed until Wed 25 Nov 00:00 EST",
            id="closed",
        ),
        pytest.param(
            {"what": "storm", "until": "18:00", "from": "14:00", "target": None},
            "the whole business follows the plan storm from Tue 24 Nov 14:00 EST until Tue 24 Nov 18:00 EST",
            id="a plan, later, for all",
        ),
        pytest.param(
            {"person": "Anna", "until": "mon 08:00", "cover": "ben", "only": "calls", "by": "root"},
            "anna is away for calls until Mon 30 Nov 08:00 EST; cover: ben",
            id="an absence",
        ),
    ],
)
def test_switched_on(bench: Any, ask: Any, said: dict[str, str], told: str) -> None:
    """The answer echoes in words what now happens; who did it is recorded."""
    code, answer = ask(said)

    assert (code, answer["id"], answer["written"]) == (201, "o1", True)
    assert answer["told"][0] == told
    assert bench.standing().by == said.get("by", "an administrator")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        pytest.param({"target": "main", "for": "2h"}, "say what it is to be", id="what?"),
        pytest.param({"what": "closed"}, "say when it ends", id="until when?"),
        pytest.param({"what": "closed", "target": "mian", "for": "2h"}, "did you mean 'main'?", id="a slip"),
        pytest.param({"person": "anna", "for": "2h", "cover": "anna"}, "cannot cover", id="herself"),
        pytest.param(
            {"what": "closed", "til": "18:00"}, "there is no field 'til'; there are: what, target", id="a field"
        ),
        pytest.param({"what": "closed", "for": 2}, "'for' must be a short text", id="a number"),
        pytest.param({"what": "closed", "for": " "}, "'for' must be a short text", id="an empty text"),
        pytest.param({"what": "closed", "for": "2h", "by": "x" * 201}, "'by' must be a short text", id="a long text"),
        pytest.param({"what": "closed", "for": "2h", "by": "a\nb"}, "'by' must be a short text", id="two lines"),
        pytest.param(b"[]", "write a JSON object", id="a list"),
        pytest.param(b"{", "write a JSON object", id="half of it"),
        pytest.param(b"\xff", "write a JSON object", id="no text"),
    ],
)
def test_refused(bench: Any, ask: Any, said: object, why: str) -> None:
    """With a sentence; nothing changes."""
    code, answer = ask(said)

    assert code == 422
    assert why in answer["error"]
    assert bench.on() == []


def test_listed_and_ended(bench: Any, ask: Any, fakes: ModuleType) -> None:
    """What is on, and what was."""
    desk = Desk(bench.board, bench.clock)
    ask({"what": "closed", "target": "main", "for": "2h"})
    code, listed = desk.listed()
    ended = fakes.run(desk.clear("main", person=False))
    again = fakes.run(desk.clear("main", person=False))

    assert (code, [each["id"] for each in listed["overrides"]]) == (200, ["o1"])
    assert ended == (200, {"ended": ["o1"], "told": ["main is closed until Tue 24 Nov 12:00 EST"], "written": True})
    assert again == (404, {"error": "nothing is switched on for 'main'"})


def test_a_disk_that_cannot_be_written(bench: Any, ask: Any, fakes: ModuleType) -> None:
    """The answer says that it would be forgotten."""
    bench.journal.down = True
    code, answer = ask({"what": "closed", "target": "main", "for": "2h"})
    ended = fakes.run(Desk(bench.board, bench.clock).clear("o1", person=False))

    assert (code, answer["written"]) == (201, False)
    assert "would be forgotten" in answer["note"]
    assert "would be forgotten" in ended[1]["note"]
