"""Gauges of what the analysis finds: after each load, off the reactor, and never in the way of stopping."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from twisted.internet.defer import Deferred

from router.analysis import Analysis
from router.loading import InForce, Source
from router.metrics import Metrics

EXAMPLE = (Path(__file__).resolve().parents[2] / "config.example.yaml").read_text("utf-8")
NOW = 1_795_361_400.0  # Sun 22 Nov 2026 10:30 in Boston
ENVIRONMENT = {"TWILIO_ACCOUNT_SID": "AC" + "0" * 32, "TWILIO_AUTH_TOKEN": "secret"}


class Still:
    """A clock that stands."""

    def now(self) -> float:
        """Return the one moment there is."""
        return NOW


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


@pytest.fixture
def thread() -> Thread:
    """Return a thread that waits to be told."""
    return Thread()


@pytest.fixture
def analysis(thread: Thread) -> Analysis:
    """Return an analysis that has not begun."""
    return Analysis(Metrics(), Still(), thread)  # type: ignore[arg-type]


def rules(folder: Path, *edits: tuple[str, str]) -> InForce:
    """Take the example into force, edited."""
    text = EXAMPLE
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    main = folder / "config.yaml"
    main.write_text(text, "utf-8")
    made = Source(main, ENVIRONMENT).read(NOW)
    assert isinstance(made, InForce), made.shown
    return made


def gauges(analysis: Analysis, name: str) -> dict[str, float]:
    """Return the values of one gauge by number."""
    return {
        sample.labels["number"]: sample.value
        for metric in analysis.metrics.registry.collect()
        if metric.name == f"switchhook_{name}"
        for sample in metric.samples
    }


NOBODY = ("      open: [{ring: chloe}, {ring: design}]", "      open: [{ring: farah}]")
NEVER = ("      - {name: withheld,", "      - {name: late, from: vip, calls: [{ring: ben}]}\n      - {name: withheld,")
ANNA_OUT = ("    handover: anna", "    handover: chloe")
CHLOE = (
    "    hours: london\n    texts_by: [sms]\n    cover: design",
    "    hours: {mon: 09:30-10:00}\n    texts_by: [sms]\n    cover: design",
)


def test_what_is_found_becomes_gauges(tmp_path: Path, analysis: Analysis, thread: Thread) -> None:
    """Seconds open with nobody there, and rules that never decide, by number; numbers without are zero."""
    analysis.follow(rules(tmp_path, NOBODY, NEVER, ANNA_OUT, CHLOE))
    assert gauges(analysis, "coverage_gap_seconds") == {}

    thread.work()

    assert gauges(analysis, "coverage_gap_seconds") == {"boston": 0.0, "london": (5 * 17 - 1) * 1800.0}
    assert gauges(analysis, "unreachable_rules") == {"boston": 1.0, "london": 0.0}


def test_newer_rules_end_a_look_at_older_ones(tmp_path: Path, analysis: Analysis, thread: Thread) -> None:
    """What is told is about the rules in force, and a number that is gone has no gauge any more."""
    analysis.follow(rules(tmp_path, NEVER))
    thread.work()
    analysis.follow(rules(tmp_path, NOBODY))
    analysis.follow(rules(tmp_path, ("  boston:\n", "  salem:\n")))

    thread.work()
    assert gauges(analysis, "unreachable_rules") == {"boston": 1.0, "london": 0.0}
    thread.work()

    assert gauges(analysis, "unreachable_rules") == {"salem": 0.0, "london": 0.0}
    assert thread.waiting == []


def test_files_that_have_changed_underneath(tmp_path: Path, analysis: Analysis, thread: Thread) -> None:
    """A greeting that has gone since is no matter for the gauges: they stay as they are."""
    (tmp_path / "hello.mp3").write_bytes(b"sound")
    made = rules(tmp_path, ('{say: "You have reached Maple and Pine. Please leave a message."}', "{play: hello.mp3}"))
    (tmp_path / "hello.mp3").unlink()
    analysis.follow(made)

    thread.work()

    assert gauges(analysis, "coverage_gap_seconds") == {}


def test_our_own_mistake_is_logged(
    tmp_path: Path, analysis: Analysis, thread: Thread, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next rules are looked at all the same."""
    made = rules(tmp_path)
    monkeypatch.setattr(Analysis, "look", lambda *_: 1 / 0)
    analysis.follow(made)
    thread.work()
    monkeypatch.undo()

    analysis.follow(made)
    thread.work()

    assert gauges(analysis, "coverage_gap_seconds") == {"boston": 0.0, "london": 0.0}


def test_stopping_does_not_wait_for_the_end(tmp_path: Path, analysis: Analysis, thread: Thread) -> None:
    """The thread is told to stop, and the daemon goes on stopping when it has; without any work at once."""
    Deferred.fromCoroutine(Analysis(Metrics(), Still(), thread).stop())  # type: ignore[arg-type]
    analysis.follow(rules(tmp_path))
    analysis.follow(rules(tmp_path))
    stopped: list[None] = []
    Deferred.fromCoroutine(analysis.stop()).addCallback(stopped.append)
    assert stopped == []

    thread.work()

    assert stopped == [None]
    assert thread.waiting == []
    assert gauges(analysis, "coverage_gap_seconds") == {}
