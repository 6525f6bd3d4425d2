"""What lies on disk may be lost or damaged: the index is built again, a bad line is found, named, and passed over."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

import attrs
import pytest

pytestmark = pytest.mark.slow


@attrs.frozen
class Past:
    """A state folder in which a day has been, and what was answered in that day."""

    state: Path
    answers: dict[Any, Any]


@pytest.fixture(scope="module")
def past(
    daemons: ModuleType, outside: ModuleType, twilio: Any, pbx: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Past]:
    """Return the state after some calls and texts, the daemon killed in the end."""
    chance, answers = Random(3), {}
    with daemons.workplace(tmp_path_factory.mktemp("past")) as place:
        with outside.Wire(place.start().place()) as wire:
            for provider in (twilio, pbx) * 5:
                call = provider.call(outside.name_of(chance))
                answers[call] = wire.post(call)
                step = provider.after(call, answers[call].body)
                for event in (step, provider.ended(call), provider.text(outside.name_of(chance))):
                    answers[event] = wire.post(event)
        place.running.kill()
        yield Past(place.state, answers)


@pytest.fixture
def inherited(office: Any, past: Past) -> Any:
    """Return a workplace with that past."""
    shutil.copytree(past.state, office.state)
    return office


@attrs.define
class Segment:
    """The journal's one segment, to be spoiled."""

    path: Path

    @classmethod
    def of(cls, office: Any) -> "Segment":
        """Find it."""
        (path,) = (office.state / "journal").glob("*.jsonl")
        return cls(path)

    def line_of(self, event: Any) -> int:
        """Return the number of the line that holds *event*, counted as an editor does."""
        lines = self.path.read_bytes().split(b"\n")
        return next(n for n, line in enumerate(lines, 1) if f'"event_id":"{event.id}"'.encode() in line)

    def spoil(self, number: int, change: Callable[[bytes], bytes]) -> int:
        """Change a line to something as long, and return the seq it had."""
        lines = self.path.read_bytes().split(b"\n")
        seq = int(json.loads(lines[number - 1])["seq"])
        changed = change(lines[number - 1])
        assert len(changed) == len(lines[number - 1])
        lines[number - 1] = changed
        self.path.write_bytes(b"\n".join(lines))
        return seq


def _torn(line: bytes) -> bytes:
    """Leave what a write that was cut short leaves: its beginning."""
    return line[: len(line) // 2].ljust(len(line), b"\n")


def _flipped(line: bytes) -> bytes:
    """Turn one bit, somewhere in the private part."""
    place = line.index(b'"private"') + 40
    return line[:place] + bytes([line[place] ^ 1]) + line[place + 1 :]


QUESTIONS = (
    ("audit", "list", "--json"),
    ("audit", "list", "--json", "--reveal", "--caller", "+12125550177", "--limit", "7"),
    ("audit", "export"),
    ("outbox", "list", "--json"),
)


def test_an_index_built_again_answers_alike(inherited: Any, past: Past) -> None:
    """Whoever deletes `index.db` and reindexes reads the same in every command of the audit."""
    calls = [event for event in past.answers if event.kind == "call"]
    questions = [*QUESTIONS, ("audit", "show", calls[0].id, "--json"), ("audit", "show", calls[1].id)]
    with_the_old = [inherited.command(*words).stdout for words in questions]
    for file in inherited.state.glob("index.db*"):
        file.unlink()

    rebuilt = inherited.command("audit", "reindex")
    with_the_new = [inherited.command(*words).stdout for words in questions]

    assert rebuilt.exit_code == 0, rebuilt.stderr
    assert (inherited.state / "index.db").exists()
    assert with_the_new == with_the_old
    assert [len(said) > 100 for said in with_the_new] == [True] * len(questions)


@pytest.mark.parametrize("index", [pytest.param(True, id="with its index"), pytest.param(False, id="without")])
def test_a_torn_last_line_is_named_and_what_stands_before_it_is_served(
    index: bool, inherited: Any, outside: ModuleType, past: Past
) -> None:
    """The line is reported at start and by `verify`; its event counts as new, every other gets its old bytes."""
    *before, last = past.answers
    segment = Segment.of(inherited)
    number = segment.line_of(last)
    seq = segment.spoil(number, _torn)
    if not index:
        (inherited.state / "index.db").unlink()

    verified = inherited.command("audit", "verify")
    daemon = inherited.start()
    with outside.Wire(daemon.place()) as wire:
        again = {event: wire.post(event) for event in past.answers}
    code = daemon.stop()
    rows = inherited.rows()

    assert verified.exit_code == 1
    assert f"journal/{segment.path.name} line {number}" in verified.stdout
    (told,) = daemon.events("journal.torn")
    assert f"{segment.path.name} line {number}" in told["note"]
    assert {event: again[event] for event in before} == {event: past.answers[event] for event in before}
    assert again[last].code == 200
    assert [row["seq"] for row in rows if row["event_id"] == last.id] == [daemon_seq(rows, last)]
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    assert seq <= daemon_seq(rows, last)
    assert code == 0
    assert inherited.command("audit", "verify").exit_code == 0


def daemon_seq(rows: list[dict[str, Any]], event: Any) -> int:
    """Return the number of the newest row of *event*."""
    return max(int(row["seq"]) for row in rows if row["event_id"] == event.id)


@pytest.mark.parametrize("index", [pytest.param(True, id="with its index"), pytest.param(False, id="without")])
def test_a_flipped_bit_is_named_and_the_rows_around_it_are_served(
    index: bool, inherited: Any, outside: ModuleType, past: Past
) -> None:
    """A damaged row in the middle is reported with its place and number, at start and by `verify`, and never served."""
    events = list(past.answers)
    middle = events[len(events) // 2]
    others = [event for event in events if event != middle]
    segment = Segment.of(inherited)
    number = segment.line_of(middle)
    seq = segment.spoil(number, _flipped)
    if not index:
        (inherited.state / "index.db").unlink()

    verified = inherited.command("audit", "verify", "--json")
    daemon = inherited.start()
    with outside.Wire(daemon.place()) as wire:
        again = {event: wire.post(event) for event in others}
    code = daemon.stop()
    shown = inherited.command("audit", "verify")

    assert (verified.exit_code, shown.exit_code) == (1, 1)
    assert json.loads(verified.stdout)["good"] is False
    assert f"journal/{segment.path.name} line {number}, record {seq}" in shown.stdout
    (told,) = daemon.events("journal.corrupt")
    assert f"{segment.path.name} line {number}, record {seq}" in told["note"]
    assert again == {event: past.answers[event] for event in others}
    assert code == 0
