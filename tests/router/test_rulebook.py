"""Reloading: newer rules come into force whole, or not at all."""

import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest
from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import Clock

from router.files import hash_of
from router.lastgood import LastGood
from router.loading import InForce, Refusal, Source
from router.metrics import Metrics
from router.rulebook import Outcome, RuleBookService


@attrs.define
class _Notes:
    """Remembers what the journal is told."""

    said: list[str] = attrs.field(factory=list)

    def rules_loaded(self, loaded: InForce) -> Callable[[], object]:
        """Note a set in force."""
        return lambda: self.said.append("loaded")

    def rules_refused(self, refusal: Refusal, *, kept: str) -> None:
        """Note a set refused."""
        self.said.append("refused")


def _at_once(work: Callable[[], Any]) -> "Deferred[Any]":
    return succeed(work())


@attrs.define(eq=False)
class _Bench:
    """A service on a folder, with time in our hands."""

    folder: Path
    engines: Any
    in_thread: Any = _at_once
    timers: Clock = attrs.field(factory=Clock)
    notes: _Notes = attrs.field(factory=_Notes)
    metrics: Metrics = attrs.field(factory=Metrics)
    refusal: Refusal | None = None
    service: RuleBookService = attrs.field(init=False)
    clock: Any = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.clock = self.engines.FixedClock()
        source = Source(self.folder / "config.yaml", self.engines.ENVIRONMENT)
        began = source.read(self.clock.at)
        assert isinstance(began, InForce)
        self.service = RuleBookService(
            source=source,
            current=began,
            clock=self.clock,
            timers=self.timers,
            in_thread=self.in_thread,
            metrics=self.metrics,
            last_good=LastGood(self.folder / "last-good"),
            refusal=self.refusal,
        )

    def start(self) -> None:
        """Start it."""
        Deferred.fromCoroutine(self.service.start(self.notes))

    def write(self, text: str) -> None:
        """Edit the file."""
        (self.folder / "config.yaml").write_text(text)

    def look(self) -> None:
        """Let it look at the disk."""
        self.timers.advance(5)

    def reload(self) -> Outcome:
        """Reload, and return what came of it."""
        got: list[Outcome] = []
        Deferred.fromCoroutine(self.service.reload("test")).addCallback(got.append)
        return got[0]

    @property
    def good(self) -> float | None:
        """Whether the metric says that the newest rules are in force."""
        return self.metrics.registry.get_sample_value("switchhook_config_last_reload_successful")


@pytest.fixture
def bench(tmp_path: Path, engines: Any) -> _Bench:
    """Return a service that has started on the office's file."""
    (tmp_path / "config.yaml").write_text(engines.OFFICE)
    bench = _Bench(tmp_path, engines)
    bench.start()
    return bench


def test_a_start_is_noted_and_kept(bench: _Bench) -> None:
    """The rules stand in the journal, and as the last good set on disk."""
    assert bench.notes.said == ["loaded"]
    assert LastGood(bench.folder / "last-good").find() is not None
    assert bench.good == 1


def test_a_change_is_seen_within_five_seconds(bench: _Bench, engines: Any) -> None:
    """And comes into force; whoever follows is told."""
    followed: list[InForce] = []
    bench.service.on_swap.append(followed.append)
    before = bench.service.current.book.ruleset
    bench.look()
    bench.write(engines.OFFICE.replace("Acme", "Apex"))
    bench.timers.advance(4.9)
    early = bench.service.current.book.business
    bench.timers.advance(0.1)

    assert (early, bench.service.current.book.business) == ("Acme", "Apex")
    assert bench.service.current.book.ruleset != before
    assert followed == [bench.service.current]
    assert bench.notes.said == ["loaded", "loaded"]


def test_a_changed_greeting_comes_into_force(bench: _Bench, engines: Any) -> None:
    """Although not a word of the rules has changed; and once it has, nothing is loaded again."""
    (bench.folder / "hello.wav").write_bytes(b"RIFF")
    bench.write(engines.OFFICE.replace("{say: Leave a message.}", "{play: hello.wav}"))
    bench.look()
    (bench.folder / "hello.wav").write_bytes(b"RIFF2")
    bench.look()
    second = bench.service.current
    bench.look()

    assert list(second.media) == [f"{hash_of(bench.folder / 'hello.wav')}.wav"]
    assert bench.service.current is second


def test_the_note_and_the_swap_have_a_turn_each(tmp_path: Path, engines: Any) -> None:
    """Each takes a while with a large file: between them the reactor is given back, and the note comes first."""
    waiting: list[tuple[Callable[[], Any], Deferred[Any]]] = []
    (tmp_path / "config.yaml").write_text(engines.OFFICE)
    bench = _Bench(tmp_path, engines)
    bench.start()
    bench.write(engines.OFFICE.replace("Acme", "Apex"))

    def later(work: Callable[[], Any]) -> "Deferred[Any]":
        waiting.append((work, Deferred()))
        return waiting[-1][1]

    bench.service.in_thread = later
    Deferred.fromCoroutine(bench.service.reload("test"))
    seen = []
    while waiting:
        work, done = waiting.pop()
        done.callback(work())
        seen.append((len(bench.notes.said), bench.service.current.book.business))

    assert seen == [(1, "Acme"), (2, "Acme"), (2, "Apex"), (2, "Apex")]


def test_without_a_journal_rules_come_into_force_all_the_same(tmp_path: Path, engines: Any) -> None:
    """Before the start nobody writes anything down: neither what is loaded nor what is refused."""
    (tmp_path / "config.yaml").write_text(engines.OFFICE)
    bench = _Bench(tmp_path, engines)
    bench.write(engines.OFFICE.replace("Acme", "Apex"))
    good = bench.reload()
    bench.write("numbers: {")
    bad = bench.reload()

    assert (good.good, bad.good) == (True, False)
    assert bench.service.current.book.business == "Apex"
    assert bench.notes.said == []


def test_the_old_rules_are_let_go(bench: _Bench, engines: Any) -> None:
    """Nobody holds them any longer once the newer ones are in force."""
    old = weakref.ref(next(iter(bench.service.current.book.numbers.values())))
    bench.write(engines.OFFICE.replace("Acme", "Apex"))
    bench.look()

    assert bench.service.current.book.business == "Apex"
    assert old() is None


def test_a_broken_file_changes_nothing(bench: _Bench, engines: Any) -> None:
    """The old rules go on, the metric falls, every mistake is told with its place, once; the mended file rises it again."""
    before = bench.service.current
    bench.write(engines.OFFICE.replace("ring: front", "ring: frunt").replace("voicemail: main}]", "voicemail: mian}]"))
    bench.look()
    bench.look()
    refused = bench.good
    outcome = bench.service.last
    bench.write(engines.OFFICE)
    bench.look()

    assert bench.service.current.book.ruleset == before.book.ruleset
    assert (refused, bench.good) == (0, 1)
    assert outcome is not None
    assert not outcome.good
    assert len(outcome.problems) == 3
    assert "did you mean 'front'" in outcome.shown
    assert bench.notes.said == ["loaded", "refused"]


def test_a_file_that_disappears_is_refused(bench: _Bench) -> None:
    """Like a broken one, and said once."""
    (bench.folder / "config.yaml").unlink()
    bench.look()
    bench.look()

    assert bench.good == 0
    assert bench.service.refusal is not None
    assert bench.notes.said == ["loaded", "refused"]


def test_a_reload_without_a_change(bench: _Bench) -> None:
    """Is good, and makes no record."""
    outcome = bench.reload()

    assert (outcome.good, outcome.changed) == (True, False)
    assert bench.notes.said == ["loaded"]


def test_a_new_port_waits_for_a_restart(bench: _Bench, engines: Any) -> None:
    """The rest comes into force, and it is said."""
    bench.write(engines.OFFICE.replace('public: "127.0.0.1:0"', 'public: "127.0.0.1:9"').replace("Acme", "Apex"))

    outcome = bench.reload()

    assert (outcome.good, outcome.restart) == (True, ("listen",))
    assert bench.service.current.book.business == "Apex"


def test_reloads_come_one_after_another(tmp_path: Path, engines: Any) -> None:
    """A second one waits until the first has swapped; stopping waits for it, and leaves nothing behind."""
    (tmp_path / "config.yaml").write_text(engines.OFFICE)
    waiting: list[Deferred[None]] = []
    running: list[Callable[[], Any]] = []

    def later(work: Callable[[], Any]) -> "Deferred[Any]":
        running.append(work)
        waiting.append(Deferred())
        return waiting[-1].addCallback(lambda _: work())

    bench = _Bench(tmp_path, engines)
    bench.start()
    bench.service.in_thread = later
    done: list[str] = []
    for name in ("one", "two"):
        Deferred.fromCoroutine(bench.service.reload(name)).addCallback(lambda _, name=name: done.append(name))
    Deferred.fromCoroutine(bench.service.stop()).addCallback(lambda _: done.append("stopped"))
    at_once = len(running)
    while waiting:
        waiting.pop(0).callback(None)

    assert at_once == 1
    assert (done[0], set(done)) == ("one", {"one", "two", "stopped"})
    assert bench.timers.getDelayedCalls() == []


def test_a_look_during_a_reload(tmp_path: Path, engines: Any) -> None:
    """Does not load once more what is being loaded, nor what has been loaded since it began."""
    (tmp_path / "config.yaml").write_text(engines.OFFICE)
    waiting: list[tuple[Deferred[Any], Callable[[], Any]]] = []

    def later(work: Callable[[], Any]) -> "Deferred[Any]":
        waiting.append((Deferred(), work))
        return waiting[-1][0]

    def work(at: int) -> None:
        done, job = waiting.pop(at)
        done.callback(job())

    bench = _Bench(tmp_path, engines)
    bench.start()
    bench.service.in_thread = later
    bench.write(engines.OFFICE.replace("Acme", "Apex"))
    done: list[Outcome] = []
    Deferred.fromCoroutine(bench.service.reload("asked for")).addCallback(done.append)
    bench.look()
    work(1)
    while waiting:
        work(0)

    assert [outcome.changed for outcome in done] == [True]
    assert bench.service.last is done[0]
    assert bench.notes.said == ["loaded", "loaded"]


def test_the_window_moves_on_every_night(bench: _Bench) -> None:
    """With the rules in force, even while the file on disk is broken."""
    bench.write("nonsense")
    bench.look()
    first = bench.service.current.timetable.window
    bench.clock.at += 86400
    bench.look()

    assert bench.service.current.timetable.window.start == first.start + 86400
    assert bench.service.current.book.business == "Acme"
    assert bench.service.refusal is not None


def test_the_window_moves_on_without_a_secret_that_has_gone(bench: _Bench) -> None:
    """The rules themselves still hold."""
    bench.service.source = attrs.evolve(bench.service.source, environment={})
    bench.clock.at += 86400
    bench.look()

    assert bench.service.current.timetable.covers(int(bench.clock.at))


def test_another_time_has_tables_of_its_own(bench: _Bench, engines: Any) -> None:
    """A demo may ask for any year; what was compiled for it is used again."""
    far = int(engines.TUESDAY_10) + 3 * 365 * 86400

    tables = bench.service.timetable(far)

    assert bench.service.timetable(int(engines.TUESDAY_10)) is bench.service.current.timetable
    assert tables.covers(far)
    assert bench.service.timetable(far + 60) is tables


def test_a_full_disk_does_not_keep_good_rules_out(bench: _Bench, engines: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """They come into force; only the copy is missing."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(LastGood, "keep", full)
    bench.write(engines.OFFICE.replace("Acme", "Apex"))

    assert bench.reload().good
    assert bench.service.current.book.business == "Apex"


def test_a_look_that_fails_is_not_the_last(bench: _Bench, engines: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of ours is logged, and five seconds later it is tried again."""
    with monkeypatch.context() as broken:
        broken.setattr(Source, "digest", lambda *_: 1 / 0)
        bench.look()
    bench.write(engines.OFFICE.replace("Acme", "Apex"))
    bench.look()

    assert bench.service.current.book.business == "Apex"


def test_a_start_from_the_last_good_set(tmp_path: Path, engines: Any) -> None:
    """Is noted with what is wrong, does not overwrite the set, and raises the alarm."""
    (tmp_path / "config.yaml").write_text(engines.OFFICE)
    refusal = Refusal(None, (), "broken", tmp_path)
    bench = _Bench(tmp_path, engines, refusal=refusal)

    bench.start()

    assert bench.notes.said == ["loaded", "refused"]
    assert bench.good == 0
    assert not (tmp_path / "last-good").exists()
