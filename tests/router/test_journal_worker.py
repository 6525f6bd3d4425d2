"""The journal's thread, for real: what is done within the patience is told at once, everything else on the reactor's thread."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from router.journal.worker import ThreadWorker


class Mailbox:
    """A reactor's `callFromThread`: what is called waits until the test runs it."""

    def __init__(self) -> None:
        self.calls: list[Callable[[], None]] = []
        self.came = threading.Event()

    def __call__(self, call: Callable[[], None], /, *_args: Any) -> None:
        self.calls.append(call)
        self.came.set()


@pytest.fixture
def mailbox() -> Mailbox:
    """Return where the thread reports."""
    return Mailbox()


@pytest.fixture
def worker(mailbox: Mailbox) -> Iterator[ThreadWorker]:
    """Return a running thread."""
    worker = ThreadWorker(mailbox)
    yield worker
    worker.stop(lambda: None)


def test_quick_work_is_waited_for(worker: ThreadWorker, mailbox: Mailbox) -> None:
    """It is done when `run` returns, and nothing is called later."""
    done: list[str] = []

    waited = worker.run(lambda: done.append("work"), lambda: done.append("then"), 10.0)

    assert (waited, done, mailbox.calls) == (True, ["work"], [])


def test_without_patience_the_report_comes_later(worker: ThreadWorker, mailbox: Mailbox) -> None:
    """`run` returns at once; the report comes through the reactor."""
    done: list[str] = []

    waited = worker.run(lambda: done.append("work"), lambda: done.append("then"), 0)
    mailbox.came.wait(10)

    assert (waited, done) == (False, ["work"])
    mailbox.calls[0]()
    assert done == ["work", "then"]


def test_work_that_outlasts_the_patience_is_reported(worker: ThreadWorker, mailbox: Mailbox) -> None:
    """A stalled disk holds the reactor up for the patience only."""
    hang = threading.Event()

    waited = worker.run(lambda: hang.wait(10) and None, lambda: None, 0.001)
    early = list(mailbox.calls)
    hang.set()
    mailbox.came.wait(10)

    assert (waited, early, len(mailbox.calls)) == (False, [], 1)


def test_work_is_done_in_order(worker: ThreadWorker) -> None:
    """One piece after another, in the order given."""
    done: list[int] = []
    for number in range(50):
        worker.run(lambda number=number: done.append(number), lambda: None, 0)

    worker.run(lambda: None, lambda: None, 10.0)

    assert done == list(range(50))


def test_the_last_work_is_done_before_it_ends() -> None:
    """Stopping closes the files after everything else."""
    done: list[str] = []
    worker = ThreadWorker(lambda call: None)
    worker.run(lambda: done.append("first"), lambda: None, 0)

    worker.stop(lambda: done.append("last"))

    assert done == ["first", "last"]
    assert not worker._thread.is_alive()
