"""Starting and stopping, the beat in between, and what is written down about it."""

# ruff: noqa: N802, N803  the names are Twisted's

from typing import Any

import attrs
import pytest
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.error import CannotListenError
from twisted.internet.task import Clock

from router.chronicle import Chronicle
from router.heartbeat import Heartbeat
from router.journal.form import Form
from router.lifecycle import Started
from router.listeners import BusyError, Listener, listen
from router.loading import Refusal
from router.metrics import Metrics
from router.settings import Listen


def _run(coroutine: Any) -> Any:
    got: list[Any] = []
    Deferred.fromCoroutine(coroutine).addBoth(got.append)
    return got[0] if got else None


def test_what_was_started_is_stopped_in_reverse() -> None:
    """Each, once, although one fails."""
    stopped: list[str] = []
    started = Started()
    started.add("one", lambda: stopped.append("one"))
    started.add("two", lambda: fail(RuntimeError("stuck")))
    started.add("three", lambda: succeed(stopped.append("three")))

    well = _run(started.stop())

    assert (well, stopped) == (False, ["three", "one"])
    assert _run(started.stop()) is True


@attrs.define
class _Heart:
    """A heartbeat with time in our hands."""

    engines: Any
    timers: Clock = attrs.field(factory=Clock)
    metrics: Metrics = attrs.field(factory=Metrics)
    done: list[str] = attrs.field(factory=list)
    beat: Heartbeat = attrs.field(init=False)
    clock: Any = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.clock = self.engines.FixedClock()
        self.beat = Heartbeat(
            timers=self.timers,
            clock=self.clock,
            metrics=self.metrics,
            hurry=lambda: self.done.append("hurry"),
            tidy=lambda: self.done.append("tidy"),
            measure=lambda: self.done.append("measure"),
            clock_set=lambda seconds: self.done.append(f"clock {seconds:g}"),
        )

    def pass_(self, seconds: int) -> None:
        """Let time pass on both clocks."""
        for _ in range(seconds):
            self.clock.at += 1
            self.timers.advance(1)


def test_the_beat(engines: Any) -> None:
    """Every second it tidies, every fifteen it measures; after stopping nothing is left."""
    heart = _Heart(engines)
    heart.beat.start()
    heart.pass_(16)

    _run(heart.beat.stop())

    assert (heart.done.count("tidy"), heart.done.count("measure")) == (16, 2)
    assert heart.done.count("hurry") >= 16
    assert heart.timers.getDelayedCalls() == []


def test_a_clock_that_is_set_is_noticed(engines: Any) -> None:
    """Counted, and told once."""
    heart = _Heart(engines)
    heart.beat.start()
    heart.pass_(2)
    heart.clock.at -= 3600
    heart.pass_(2)

    assert [said for said in heart.done if said.startswith("clock")] == ["clock -3600"]
    assert heart.metrics.registry.get_sample_value("switchhook_clock_jumps_total") == 1


def test_a_late_reactor_is_measured(engines: Any) -> None:
    """By how late the beat comes."""
    heart = _Heart(engines)
    heart.beat.beat()
    heart.timers.rightNow += 1.25
    heart.beat.beat()

    assert heart.metrics.registry.get_sample_value("switchhook_reactor_lag_seconds") == pytest.approx(0.25)


def test_a_beat_that_fails_is_not_the_last(engines: Any) -> None:
    """It is logged, and the next one comes."""
    heart = _Heart(engines)
    heart.beat.tidy = lambda: 1 / 0
    heart.beat.start()
    heart.pass_(2)
    heart.beat.tidy = lambda: heart.done.append("tidy")
    heart.pass_(1)

    assert heart.done.count("tidy") == 1


def test_what_is_written_down(engines: Any) -> None:
    """Starts, stops, rules with their texts or what is wrong with them, clocks."""
    journal = engines.MemoryJournal()
    chronicle = Chronicle(journal)
    loaded = engines.office()

    chronicle.started("sha256:a")
    chronicle.rules_loaded(loaded)()
    chronicle.rules_refused(Refusal(loaded.files, (), "shown", engines.Path()), kept="sha256:a")
    chronicle.rules_refused(Refusal(None, (), "gone", engines.Path()), kept="sha256:a")
    chronicle.clock_set(-3600.25)
    chronicle.stopped("sha256:a")

    records = journal.records
    assert [record.kind for record in records] == ["start", "rules", "rules", "rules", "clock", "stop"]
    assert records[1].private["texts"] == {"/office/config.yaml": engines.OFFICE}
    assert [record.public["outcome"] for record in records[1:4]] == ["loaded", "refused", "refused"]
    assert records[3].public["problems"] == 1
    assert records[4].public["milliseconds"] == -3600250


@pytest.mark.parametrize(
    "texts",
    [
        pytest.param({"rules.yaml": "business: {}"}, id="one small file"),
        pytest.param({"z.yaml": "é", "a.yaml": "", 'ü " \\.yaml': "\n"}, id="several, by name"),
        pytest.param({"rules.yaml": '\U0001f4de"\\\x7f\t' * 30_000}, id="signs of all kinds at the edge of a step"),
        pytest.param({"rules.yaml": "x" * 65_536}, id="exactly one step"),
        pytest.param({"rules.yaml": "x" * 65_537}, id="one more than a step"),
    ],
)
def test_the_texts_are_written_as_any_record_is(engines: Any, texts: dict[str, str]) -> None:
    """Encoded step by step, they are what the journal's own encoder makes of them in one go."""
    written: list[Any] = []
    loaded = engines.office()
    files = attrs.evolve(loaded.files, texts={name: text.encode() for name, text in texts.items()})
    journal = type("_Journal", (), {"append": lambda *record: written.append(record[-1])})()

    Chronicle(journal).rules_loaded(attrs.evolve(loaded, files=files))()

    assert written[0].private == Form.of({"texts": texts}, ("salt",))


# ---------------------------------------------------------------- listeners


class _Port:
    def __init__(self, stops: Any = None) -> None:
        self.stops = stops

    def getHost(self) -> Any:
        return type("Host", (), {"port": 4711})

    def stopListening(self) -> Any:
        return self.stops


class _Reactor(Clock):
    error: Exception | None = None

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[tuple[Any, ...]] = []

    def listenTCP(self, port: int, factory: Any, backlog: int, interface: str) -> _Port:
        return self._open(interface, port)

    def listenUNIX(self, path: str, factory: Any, backlog: int, mode: int, wantPID: bool) -> _Port:
        return self._open(path, mode)

    def _open(self, *where: Any) -> _Port:
        if self.error:
            raise self.error
        self.opened.append(where)
        return _Port(succeed(None))


class _Site:
    def __init__(self) -> None:
        self.cut = False
        self.drained: Deferred[None] = Deferred(self._cut)

    def drain(self) -> "Deferred[None]":
        return self.drained

    def _cut(self, _: Any) -> None:
        self.cut = True


def test_places_are_opened() -> None:
    """A port, which may be any; a socket with its mode."""
    reactor = _Reactor()

    port = listen(reactor, Listen("localhost", 0), _Site(), mode=0o600)  # type: ignore[arg-type]
    socket = listen(reactor, Listen(path=engines_path("/run/x")), _Site(), mode=0o660)  # type: ignore[arg-type]

    assert reactor.opened[0][0] in ("127.0.0.1", "::1")
    assert reactor.opened[1] == ("/run/x", 0o660)
    assert (port.place.port, str(socket.place)) == (4711, "unix:/run/x")


def engines_path(text: str) -> Any:
    """Return a path."""
    from pathlib import Path

    return Path(text)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        pytest.param(
            CannotListenError("127.0.0.1", 80, OSError(98, "Address already in use")), "already in use", id="taken"
        ),
        pytest.param(CannotListenError("127.0.0.1", 80, "odd"), "odd", id="another reason"),
        pytest.param(OSError(13, "Permission denied"), "permission denied", id="not allowed"),
    ],
)
def test_a_place_that_cannot_be_had(error: Exception, words: str) -> None:
    """Is told where and why."""
    reactor = _Reactor()
    reactor.error = error

    with pytest.raises(BusyError, match=f"cannot listen on 127.0.0.1:80: .*{words}"):
        listen(reactor, Listen("127.0.0.1", 80), _Site(), mode=0)  # type: ignore[arg-type]


def test_stopping_lets_answers_finish() -> None:
    """What is under way ends in time, and no timer is left."""
    reactor, site = _Reactor(), _Site()
    listener = Listener(site, _Port(), Listen("h", 1))  # type: ignore[arg-type]
    done: list[Any] = []
    Deferred.fromCoroutine(listener.stop_accepting())
    Deferred.fromCoroutine(listener.drain(reactor)).addCallback(done.append)
    before = list(done)
    site.drained.callback(None)

    assert (before, done, site.cut) == ([], [None], False)
    assert reactor.getDelayedCalls() == []


def test_stopping_waits_ten_seconds_at_most() -> None:
    """Then what is left is cut."""
    reactor, site = _Reactor(), _Site()
    done: list[Any] = []
    listener = Listener(site, _Port(succeed(None)), Listen("h", 1))  # type: ignore[arg-type]
    Deferred.fromCoroutine(listener.stop_accepting())
    Deferred.fromCoroutine(listener.drain(reactor)).addCallback(done.append)
    reactor.advance(9.9)
    early = site.cut
    reactor.advance(0.1)

    assert (early, site.cut, done) == (False, True, [None])
