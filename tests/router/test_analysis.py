"""Gauges of what the analysis finds: some time after each load, in a process beside the daemon, never in the way of stopping."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from router.analysis import LATER, Analysis
from router.files import Files
from router.gauging import Coverage, Look, answer, main, question
from router.metrics import Metrics

EXAMPLE = (Path(__file__).resolve().parents[2] / "config.example.yaml").read_text("utf-8")
NOW = 1_795_361_400  # Sun 22 Nov 2026 10:30 in Boston
NOBODY = ("      open: [{ring: chloe}, {ring: design}]", "      open: [{ring: farah}]")
TO_CHLOE = ("    handover: anna", "    handover: chloe")
HALF_AN_HOUR = (
    "    hours: london\n    texts_by: [sms]\n    cover: design",
    "    hours: {mon: 09:30-10:00}\n    texts_by: [sms]\n    cover: design",
)
NEVER = ("      - {name: withheld,", "      - {name: late, from: vip, calls: [{ring: ben}]}\n      - {name: withheld,")
FOUND = Coverage({"boston": 0, "london": (5 * 17 - 1) * 1800}, {"boston": 1, "london": 0})


def files(folder: Path, *edits: tuple[str, str]) -> Files:
    """Write the example, edited, and read it as the daemon does."""
    text = EXAMPLE
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    main = folder / "config.yaml"
    main.write_text(text, "utf-8")
    return Files.read(main)


# ---------------------------------------------------------------- looking


def test_what_is_found(tmp_path: Path) -> None:
    """Seconds open with nobody there within a week, and rules that never decide; numbers without are zero."""
    asked = json.loads(json.dumps(question(files(tmp_path, NOBODY, TO_CHLOE, HALF_AN_HOUR, NEVER), NOW)))

    assert answer(asked, os.getppid()) == FOUND


def test_nothing_is_looked_at_for_a_daemon_that_is_gone(tmp_path: Path) -> None:
    """An orphan does not go on for minutes."""
    assert answer(question(files(tmp_path), NOW), 0) == Coverage({}, {})


def test_a_greeting_that_has_gone_since(tmp_path: Path) -> None:
    """The rules in force go on, and their gauges stay as they are."""
    made = files(tmp_path, ('{say: "You have reached Maple and Pine. Please leave a message."}', "{play: hello.mp3}"))

    assert answer(question(made, NOW), os.getppid()) is None


@pytest.mark.slow
def test_another_process_answers(tmp_path: Path) -> None:
    """The same as in this one."""
    assert Look()(files(tmp_path, NOBODY, TO_CHLOE, HALF_AN_HOUR, NEVER), NOW) == FOUND


@pytest.mark.slow
def test_a_look_that_is_given_up_before_it_begins(tmp_path: Path) -> None:
    """Nothing is found, and nothing is left running."""
    look = Look()
    look.give_up()

    assert look(files(tmp_path), NOW) is None
    look.give_up()


@pytest.mark.slow
def test_a_process_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its last words are the reason."""
    start = subprocess.Popen
    failing = [sys.executable, "-c", "import sys; sys.stdin.read(); sys.exit('no memory')"]
    monkeypatch.setattr(subprocess, "Popen", lambda _command, **pipes: start(failing, **pipes))

    with pytest.raises(RuntimeError, match="no memory"):
        Look()(files(tmp_path), NOW)


# ---------------------------------------------------------------- the daemon's part


@attrs.frozen
class Rules:
    """As much of a rule set in force as is needed here."""

    files: str


class Still:
    """A clock that stands."""

    def now(self) -> float:
        """Return the one moment there is."""
        return float(NOW)


class Thread:
    """Does work when it is told to."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Callable[[], Any], Deferred[Any]]] = []

    def __call__(self, work: Callable[[], Any]) -> "Deferred[Any]":
        """Take work."""
        done: Deferred[Any] = Deferred()
        self.waiting.append((work, done))
        return done

    def work(self) -> None:
        """Do the oldest piece of work."""
        work, done = self.waiting.pop(0)
        try:
            result = work()
        except Exception:
            done.errback()
        else:
            done.callback(result)


class Finder:
    """Finds what a table says, unless it is given up."""

    def __init__(self, table: dict[str, Coverage]) -> None:
        self.table = table
        self.given_up = False

    def __call__(self, files: str, at: int) -> Coverage | None:
        """Look it up; what is not in the table is a mistake of ours."""
        assert at == NOW
        return None if self.given_up else self.table[files]

    def give_up(self) -> None:
        """Find nothing any more."""
        self.given_up = True


TABLE = {"old": Coverage({"boston": 0}, {"boston": 1}), "new": Coverage({"salem": 1800}, {"salem": 0})}


@pytest.fixture
def clock() -> Clock:
    """Return time in our hands."""
    return Clock()


@pytest.fixture
def thread() -> Thread:
    """Return a thread that waits to be told."""
    return Thread()


@pytest.fixture
def analysis(clock: Clock, thread: Thread) -> Analysis:
    """Return an analysis that has not begun."""
    return Analysis(clock, Metrics(), Still(), thread, lambda: Finder(TABLE))  # type: ignore[arg-type]


def follow(analysis: Analysis, name: str) -> None:
    """Bring a rule set into force."""
    analysis.follow(Rules(name))  # type: ignore[arg-type]


def gauges(analysis: Analysis, name: str) -> dict[str, float]:
    """Return the values of one gauge by number."""
    return {
        sample.labels["number"]: sample.value
        for metric in analysis.metrics.registry.collect()
        if metric.name == f"switchhook_{name}"
        for sample in metric.samples
    }


def test_what_is_found_becomes_gauges(analysis: Analysis, clock: Clock, thread: Thread) -> None:
    """A little after each load; a number that is gone has no gauge any more."""
    follow(analysis, "old")
    clock.advance(LATER - 0.1)
    assert thread.waiting == []
    clock.advance(0.1)
    thread.work()
    assert gauges(analysis, "unreachable_rules") == {"boston": 1.0}

    follow(analysis, "new")
    clock.advance(LATER)
    thread.work()

    assert gauges(analysis, "coverage_gap_seconds") == {"salem": 1800.0}
    assert gauges(analysis, "unreachable_rules") == {"salem": 0.0}


def test_newer_rules_end_a_look_at_older_ones(analysis: Analysis, clock: Clock, thread: Thread) -> None:
    """The next look begins when the one before has come to its end."""
    follow(analysis, "old")
    follow(analysis, "old")
    clock.advance(LATER)
    follow(analysis, "new")
    clock.advance(LATER)
    assert len(thread.waiting) == 1
    thread.work()
    assert gauges(analysis, "unreachable_rules") == {}

    clock.advance(LATER)
    thread.work()

    assert gauges(analysis, "unreachable_rules") == {"salem": 0.0}


def test_our_own_mistake_is_logged(analysis: Analysis, clock: Clock, thread: Thread) -> None:
    """The next rules are looked at all the same."""
    for name in ("unheard of", "new"):
        follow(analysis, name)
        clock.advance(LATER)
        thread.work()

    assert gauges(analysis, "unreachable_rules") == {"salem": 0.0}


def test_stopping(analysis: Analysis, clock: Clock, thread: Thread) -> None:
    """A look under way is given up and waited for; nothing is left in the reactor."""
    follow(analysis, "old")
    clock.advance(LATER)
    stopped: list[None] = []

    Deferred.fromCoroutine(analysis.stop()).addCallback(stopped.append)
    assert stopped == []
    thread.work()

    assert stopped == [None]
    assert gauges(analysis, "unreachable_rules") == {}
    assert clock.getDelayedCalls() == []


def test_stopping_before_the_first_look(analysis: Analysis, clock: Clock) -> None:
    """There is nothing to wait for."""
    follow(analysis, "old")
    stopped: list[None] = []

    Deferred.fromCoroutine(analysis.stop()).addCallback(stopped.append)

    assert stopped == [None]
    assert clock.getDelayedCalls() == []


def test_the_program_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It makes way for everybody else, reads its question and writes its answer."""
    niceness: list[int] = []
    monkeypatch.setattr(os, "nice", niceness.append)
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(question(files(tmp_path, NEVER), NOW))))

    main()

    assert niceness == [19]
    assert json.loads(capsys.readouterr().out)["unreachable"] == {"boston": 1, "london": 0}
