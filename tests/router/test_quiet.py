"""Making and letting go of large things while calls come in: what the interpreter is told meanwhile."""

import gc
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import get_native_id

import attrs
import pytest

from router.quiet import NEVER, NICENESS, THRESHOLDS, TURN, let_go, quietly, settle, shared, sharing


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """Leave the interpreter as it was found."""
    interval, thresholds = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(0.005)
    yield
    assert sys.getswitchinterval() == pytest.approx(0.005)
    sys.setswitchinterval(interval)
    assert gc.isenabled()
    gc.set_threshold(*thresholds)
    gc.unfreeze()


def test_turns_are_short_while_something_is_made() -> None:
    """And the collector rests; what was made is set apart, and all is as before when the last one has finished."""
    before = gc.get_freeze_count()
    with quietly():
        with quietly(), sharing():
            inner = (gc.isenabled(), sys.getswitchinterval())
        outer = (gc.isenabled(), sys.getswitchinterval())
        made = [[] for _ in range(1000)]

    assert inner == outer == (False, pytest.approx(TURN))
    assert gc.isenabled()
    assert sys.getswitchinterval() != pytest.approx(TURN)
    assert gc.get_freeze_count() >= before + len(made)


def test_work_in_a_thread_takes_turns() -> None:
    """Whatever it is, and whatever becomes of it; and the collector leaves old things alone."""
    before = gc.get_threshold()
    assert shared(sys.getswitchinterval) == pytest.approx(TURN)
    assert shared(gc.get_threshold) == (*before[:2], NEVER)
    with pytest.raises(ZeroDivisionError):
        shared(lambda: 1 / 0)
    assert sys.getswitchinterval() != pytest.approx(TURN)
    assert gc.get_threshold() == before


def _niceness() -> int:
    return os.getpriority(os.PRIO_PROCESS, get_native_id())


@pytest.mark.skipif(sys.platform != "linux", reason="a niceness of each thread's own is Linux's")
def test_the_reactor_comes_first() -> None:
    """A thread beside it steps back, however often it is asked; the reactor's own never does."""
    before = _niceness()
    with ThreadPoolExecutor(max_workers=1) as threads:
        beside = [threads.submit(shared, _niceness).result() for _ in range(2)]

    assert beside == [max(before, NICENESS)] * 2
    assert shared(_niceness) == before


@pytest.mark.skipif(sys.platform != "linux", reason="a niceness of each thread's own is Linux's")
def test_where_stepping_back_is_forbidden_the_work_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container may refuse the call."""

    def refuse(*_: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "setpriority", refuse)
    with ThreadPoolExecutor(max_workers=1) as threads:
        assert threads.submit(shared, lambda: "done").result() == "done"


def test_what_fails_leaves_nothing_changed() -> None:
    """A mistake while something is made does not stop the collector for good."""
    with pytest.raises(ZeroDivisionError), quietly():
        _ = 1 / 0

    assert gc.isenabled()


@attrs.define(eq=False)
class _Piece:
    """Says how many of its kind are left when it goes."""

    left: list["_Piece"]
    seen: list[int]

    def __del__(self) -> None:
        self.seen.append(len(self.left))


def test_pieces_go_one_by_one() -> None:
    """Between two of them anybody else has a turn; what is still used stays."""
    pieces: list[_Piece] = []
    seen: list[int] = []
    pieces += [_Piece(pieces, seen) for _ in range(3)]
    kept = pieces[1]

    let_go(pieces)

    assert pieces == []
    assert seen == [2, 0]
    assert kept.left is pieces


def test_a_daemon_that_has_started() -> None:
    """What it holds is never walked through again, the collector looks less often at what comes and goes, and turns are short."""
    before = sys.getswitchinterval()
    settle()
    interval = sys.getswitchinterval()
    sys.setswitchinterval(before)

    assert gc.get_freeze_count() > 10_000
    assert gc.get_threshold() == THRESHOLDS
    assert interval == pytest.approx(TURN)
