"""The end of a reactor's turn: what is put off until then, and what is not."""

import socket
from collections.abc import Callable

import pytest
from structlog.testing import capture_logs
from twisted.internet.abstract import FileDescriptor
from twisted.internet.selectreactor import SelectReactor
from twisted.internet.task import Clock

from router.turns import Turns


class Poll(Clock):
    """A reactor whose turn brings what it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.brings: list[Callable[[], object]] = []
        self.waited: list[float | None] = []

    def doIteration(self, delay: float | None) -> None:  # noqa: N802  the name is Twisted's
        """Do all that came in."""
        self.waited.append(delay)
        for each in self.brings:
            each()


@pytest.fixture
def reactor() -> Poll:
    """Return a reactor."""
    return Poll()


@pytest.fixture
def turns(reactor: Poll) -> Turns:
    """Return its turns, watched."""
    made = Turns(reactor)
    made.watch(reactor)
    return made


def test_what_is_put_off_comes_after_all_that_came_in(reactor: Poll, turns: Turns) -> None:
    """In the order in which it was put off, with what it was given, and without a timer."""
    said: list[str] = []
    reactor.brings = [
        lambda: turns.callLater(0, said.append, "first"),
        lambda: turns.callLater(0, said.append, "second"),
        lambda: said.append("came in"),
    ]
    reactor.doIteration(0.5)

    assert said == ["came in", "first", "second"]
    assert reactor.waited == [0.5]
    assert reactor.getDelayedCalls() == []


def test_what_is_put_off_twice_over_has_to_wait_for_a_turn(reactor: Poll, turns: Turns) -> None:
    """Nothing is done for ever within one turn: what is put off at its end is the reactor's next business."""
    said: list[str] = []
    reactor.brings = [lambda: turns.callLater(0, lambda: turns.callLater(0, said.append, "later"))]
    reactor.doIteration(0)
    before = list(said)
    reactor.advance(0)

    assert (before, said) == ([], ["later"])


def test_what_is_cancelled_is_not_done(reactor: Poll, turns: Turns) -> None:
    """As with a timer; the others are."""
    said: list[str] = []
    reactor.brings = [
        lambda: turns.callLater(0, said.append, "not").cancel(),
        lambda: turns.callLater(0, said.append, "this"),
    ]
    reactor.doIteration(0)

    assert said == ["this"]


@pytest.mark.parametrize(
    ("delay", "within"),
    [
        pytest.param(0, False, id="at once, but said outside of a turn: nothing would end it"),
        pytest.param(0.25, False, id="later, said outside of a turn"),
        pytest.param(0.25, True, id="later, said within a turn"),
    ],
)
def test_everything_else_is_the_reactors(reactor: Poll, turns: Turns, delay: float, within: bool) -> None:
    """A timer of its own, which waits as long as it was told."""
    said: list[str] = []

    def ask() -> None:
        turns.callLater(delay, said.append, "now")

    if within:
        reactor.brings = [ask]
        reactor.doIteration(0)
    else:
        ask()
    before = list(said)
    reactor.advance(delay)

    assert (before, said, turns.seconds()) == ([], ["now"], delay)


def test_one_that_fails_does_not_keep_the_others(reactor: Poll, turns: Turns) -> None:
    """It is logged, with what went wrong; the journal's batch must not take the log's lines along."""
    said: list[str] = []
    reactor.brings = [lambda: turns.callLater(0, lambda: 1 / 0), lambda: turns.callLater(0, said.append, "this")]
    with capture_logs() as logged:
        reactor.doIteration(0)

    assert said == ["this"]
    assert [(line["event"], line["log_level"]) for line in logged] == [("turn.failed", "error")]


def test_a_turn_that_fails_still_ends(reactor: Poll, turns: Turns) -> None:
    """What came in before is taken care of."""
    said: list[str] = []
    reactor.brings = [lambda: turns.callLater(0, said.append, "this"), lambda: 1 / 0]
    with pytest.raises(ZeroDivisionError):
        reactor.doIteration(0)

    assert said == ["this"]


class Bell(FileDescriptor):
    """Something a reactor hears: one end of a pair of sockets, at the other of which there is a byte."""

    def __init__(self, reactor: SelectReactor, rung: Callable[[], None]) -> None:
        super().__init__(reactor)
        self.ear, mouth = socket.socketpair()
        self.rung = rung
        mouth.send(b"!")
        mouth.close()

    def fileno(self) -> int:
        """Return where to listen."""
        return self.ear.fileno()

    def doRead(self) -> None:  # noqa: N802  the name is Twisted's
        """Hear it, once."""
        self.reactor.removeReader(self)
        self.ear.close()
        self.rung()


def test_a_real_reactor_goes_through_it() -> None:
    """Twisted asks the object for its `doIteration` at each turn, so ours is found, and no timer is needed."""
    reactor, said, timers = SelectReactor(), [], []
    turns = Turns(reactor)
    turns.watch(reactor)

    def rung() -> None:
        turns.callLater(0, said.append, "rung")
        turns.callLater(0, reactor.stop)
        timers.extend(reactor.getDelayedCalls())

    reactor.addReader(Bell(reactor, rung))
    reactor.run(installSignalHandlers=False)

    assert (said, timers) == (["rung"], [])
