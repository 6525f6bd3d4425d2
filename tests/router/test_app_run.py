"""Under the reactor: monotonic timers, signals, and what keeps a daemon from starting."""

import signal
import time
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from router import underway


@attrs.define(eq=False)
class _Reactor:
    """Runs what waits for the start, then what waits for the end."""

    begin: list[Callable[[], Any]] = attrs.field(factory=list)
    end: list[Callable[[], Any]] = attrs.field(factory=list)
    stopped: bool = False
    during: Callable[[], Any] = lambda: None
    seconds: Callable[[], float] = time.perf_counter

    def callWhenRunning(self, work: Callable[[], Any]) -> None:  # noqa: N802
        """Keep it for the start."""
        self.begin.append(work)

    def addSystemEventTrigger(self, _phase: str, _event: str, work: Callable[[], Any]) -> None:  # noqa: N802
        """Keep it for the end."""
        self.end.append(work)

    def callFromThread(self, work: Callable[[], Any]) -> None:  # noqa: N802
        """Do it in the reactor's turn, which is now."""
        work()

    def stop(self) -> None:
        """Remember that it was told to."""
        self.stopped = True

    def run(self) -> None:
        """Run."""
        for work in self.begin:
            work()
        self.during()
        for work in self.end:
            work()


@attrs.define(eq=False)
class _Daemon:
    """Starts, or does not."""

    error: Exception | None = None
    started_at: float = 0.0
    said: list[str] = attrs.field(factory=list)

    @property
    def rules(self) -> Any:
        """Return itself; it reloads."""
        return self

    async def start(self) -> None:
        """Start."""
        if self.error:
            raise self.error
        self.said.append("started")

    async def stop(self) -> None:
        """Stop."""
        self.said.append("stopped")

    async def reload(self, why: str) -> None:
        """Reload."""
        self.said.append(why)


@pytest.fixture
def reactor(monkeypatch: pytest.MonkeyPatch) -> _Reactor:
    """Put a reactor of ours in the place of Twisted's."""
    reactor = _Reactor()
    monkeypatch.setattr("twisted.internet.reactor", reactor)
    monkeypatch.setattr(signal, "signal", lambda number, handler: setattr(reactor, "during", handler))
    return reactor


def test_timers_run_on_the_monotonic_clock(reactor: _Reactor) -> None:
    """Already when the daemon is built, so before anything is scheduled."""
    seen: list[Any] = []

    def build(given: Any) -> Any:
        seen.append(given.seconds)
        return _Daemon()

    underway.run(build, lambda _: None)

    assert seen == [time.monotonic]


@pytest.mark.parametrize(
    ("started_at", "said"),
    [
        pytest.param(1.0, ["started", "ready", "SIGHUP", "stopped"], id="while it runs"),
        pytest.param(0.0, ["started", "ready", "stopped"], id="while it starts there is nothing to reload"),
    ],
)
def test_a_run_with_a_hang_up(reactor: _Reactor, started_at: float, said: list[str]) -> None:
    """The signal reloads."""
    daemon = _Daemon(started_at=started_at)

    underway.run(lambda _: daemon, lambda _: daemon.said.append("ready"))  # type: ignore[arg-type, return-value]

    assert daemon.said == said
    assert not reactor.stopped


def test_a_start_that_fails(reactor: _Reactor) -> None:
    """Ends the run, and the reason comes out."""
    daemon = _Daemon(OSError("no disk"))

    with pytest.raises(OSError, match="no disk"):
        underway.run(lambda _: daemon, lambda _: daemon.said.append("ready"))  # type: ignore[arg-type, return-value]

    assert reactor.stopped
    assert daemon.said == ["stopped"]
