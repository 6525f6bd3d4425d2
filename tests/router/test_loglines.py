"""Log lines on their way to the file: together, in order, never lost but to a file that cannot be written."""

import io
from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest
import structlog
from twisted.internet.task import Clock

from router.loglines import Lines
from router.logs import configure


class Written(io.StringIO):
    """A file that counts what it was asked to write, and refuses while *full*."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self.full = False

    def write(self, text: str) -> int:
        """Take *text*; of what does not fit the beginning."""
        if self.full:
            super().write(text[:3])
            raise OSError(28, "No space left on device")
        self.pieces.append(text)
        return super().write(text)


@pytest.fixture
def to() -> Written:
    """Return the file."""
    return Written()


@pytest.fixture
def lines(to: Written) -> Lines:
    """Return lines that go there."""
    return Lines(to)


def test_until_the_reactor_runs_each_line_is_written_at_once(lines: Lines, to: Written) -> None:
    """What keeps the daemon from starting is seen."""
    lines.info("a")
    lines.warning("b")

    assert to.pieces == ["a\n", "b\n"]


def test_what_is_said_in_one_turn_is_written_in_one_go(lines: Lines, to: Written) -> None:
    """At its end, in order; the next turn has a write of its own."""
    clock = Clock()
    lines.gather(clock.callLater)
    lines.info("a")
    lines.debug("b")
    lines.warning("c")
    before = list(to.pieces)
    clock.advance(0)
    lines.info("d")
    clock.advance(0)

    assert before == []
    assert to.pieces == ["a\nb\nc\n", "d\n"]
    assert clock.getDelayedCalls() == []


@pytest.mark.parametrize("level", ["error", "critical", "exception"])
def test_an_error_is_written_at_once_behind_what_was_said_before(lines: Lines, to: Written, level: str) -> None:
    """Whatever comes next, the story up to it is there."""
    lines.gather(Clock().callLater)
    lines.info("a")
    getattr(lines, level)("b")

    assert to.pieces == ["a\n", "b\n"]


def test_nothing_is_lost_at_the_end(lines: Lines, to: Written) -> None:
    """What waits is written when the reactor stops, and what comes later at once."""
    lines.gather(Clock().callLater)
    lines.info("a")
    lines.scatter()
    lines.info("b")

    assert to.pieces == ["a\n", "b\n"]


@pytest.mark.parametrize("level", ["info", "error"])
def test_another_thread_writes_for_itself(lines: Lines, to: Written, level: str) -> None:
    """It must touch neither the reactor nor what waits there."""
    lines.gather(Clock().callLater)
    lines.info("a")
    beside = Thread(target=getattr(lines, level), args=("beside",))
    beside.start()
    beside.join()
    lines.flush()

    assert to.pieces == ["beside\n", "a\n"]


def test_a_full_disk_loses_lines_and_nothing_else(lines: Lines, to: Written) -> None:
    """No error, and the first line that fits again begins on one of its own."""
    lines.info("a")
    to.full = True
    lines.info("bcdef")
    lines.error("ghijk")
    to.full = False
    lines.info("d")
    lines.info("e")

    assert to.getvalue().splitlines()[-2:] == ["d", "e"]
    assert to.getvalue().startswith("a\nbcd")


def test_a_closed_file_is_no_error(lines: Lines, to: Written) -> None:
    """As standard error may be, in the last moments of a process."""
    to.close()

    lines.info("a")
    lines.flush()


@pytest.fixture
def logged(to: Written) -> Iterator[Lines]:
    """Log there, and afterwards as before."""
    before = structlog.get_config()
    yield configure(style="json", level="debug", clock=_Noon(), to=to)
    structlog.configure(**before)


class _Noon:
    def now(self) -> float:
        return 1_795_532_400.25

    def received_at(self, headers: Any) -> float:
        raise AssertionError


def test_every_level_of_structlog_has_its_method(logged: Lines, to: Written) -> None:
    """Each line comes out once."""
    log = structlog.get_logger()
    for level in ("debug", "info", "warning", "error", "critical", "exception"):
        getattr(log, level)(level)

    assert len(to.getvalue().splitlines()) == 6
