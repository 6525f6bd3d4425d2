"""The process beside the daemon that writes the index: kept at work, told what is durable, heard, ended, started again."""

import io
import json
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from mmap import mmap
from pathlib import Path
from time import monotonic, sleep
from types import ModuleType
from typing import Any

import attrs
import pytest
from structlog.testing import capture_logs

from router.index import keeper as keepers
from router.index import scribe
from router.index.fingerprint import load_fingerprint, of_key
from router.index.keeper import Keeper, launch
from router.index.scribe import END, Task, serve
from router.index.sieve import Sieve, shared_bits
from router.index.sqlite import Reader, SqliteIndex

Script = Callable[[bytes], bytes | None]


def until(true: Callable[[], Any]) -> None:
    """Wait until something has come about in another thread or process."""
    end = monotonic() + 20
    while not true():
        assert monotonic() < end
        sleep(0.002)


def until_applied(keeper: Keeper, seq: int) -> None:
    """Wait until the daemon has heard that everything up to *seq* is in the index."""
    until(lambda: keeper.position == seq and keeper.up and keeper.sieve is not None and not keeper.lag())


@attrs.define(eq=False)
class Acted:
    """A child that is a thread here: it answers each line as *script* says, None: by dying, with *last_words*."""

    script: Script
    last_words: bytes = b""
    killed: bool = False
    said: list[bytes] = attrs.field(factory=list)
    wire: socket.socket = attrs.field(init=False)
    thread: threading.Thread = attrs.field(init=False)

    def __call__(self, wire: socket.socket, _sieve: int) -> "Acted":
        self.wire = wire.dup()
        self.thread = threading.Thread(target=self._act, daemon=True)
        self.thread.start()
        return self

    def _act(self) -> None:
        with self.wire, self.wire.makefile("rwb") as lines:
            for line in lines:
                self.said.append(line)
                if line.startswith(b"{"):
                    continue
                if (answer := self.script(line)) is None:
                    return
                lines.write(answer)
                lines.flush()

    def communicate(self, *, timeout: float | None = None) -> tuple[bytes, bytes]:
        self.thread.join(timeout)
        if self.thread.is_alive():
            raise subprocess.TimeoutExpired("scribe", timeout or 0)
        return b"", self.last_words

    def kill(self) -> None:
        self.killed = True
        self.wire.shutdown(socket.SHUT_RDWR)


def obedient(line: bytes) -> bytes:
    """Answer that all is applied."""
    return b"" if line == END else b'{"position":%d}\n' % int(line)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Callable[..., Keeper]]:
    """Return what makes a keeper for the state folder; all are closed afterwards."""
    made: list[Keeper] = []

    def kept(durable: int = 0, **settings: Any) -> Keeper:
        task = Task(str(tmp_path / "index.db"), str(tmp_path / "journal"), load_fingerprint(tmp_path).key.hex())
        settings = {"position": 0, "up": True, "gather": 0.0, "retry": 0.0} | settings
        made.append(Keeper(task, durable, **settings))
        return made[-1]

    yield kept
    for keeper in made:
        if hasattr(keeper, "_thread"):
            keeper.close()


def lacks(keeper: Keeper, key: str) -> bool:
    """Say whether an event is known to be new."""
    assert keeper.sieve is not None
    return keeper.sieve.lacks(of_key(key))


def index_of(keeper: Keeper, state: Path) -> SqliteIndex:
    """Return the daemon's view of it."""
    return SqliteIndex(Reader(state / "index.db", state / "journal", load_fingerprint(state)), keeper)


def test_another_process_writes_the_index(journals: ModuleType, kept: Callable[..., Keeper], tmp_path: Path) -> None:
    """What it does not know at start, and what is durable from then on, until the end; its keys are known here as well."""
    rows = journals.keep(tmp_path, [journals.call(str(n)) for n in range(3)])
    keeper = kept(durable=2)
    index = index_of(keeper, tmp_path)
    before = keeper.sieve

    keeper.start()
    until_applied(keeper, 2)
    found = index.find("twilio|AC1|call|CA1"), index.find("twilio|AC1|call|CA2")
    index.follow(3)
    index.close()

    assert not (tmp_path / "index.db-wal").exists()
    assert found == (rows[1].record, None)
    assert (index.position(), index.up, index.lag()) == (3, True, 0.0)
    assert index.find("twilio|AC1|call|CA2") == rows[2].record
    assert before is None
    assert lacks(keeper, "twilio|AC1|call|new")
    index.reader.close()


@pytest.mark.parametrize(
    ("rows", "waits"),
    [
        pytest.param(500, [1.0], id="five hundred rows are few"),
        pytest.param(501, [5.0], id="one more is many, and the next batch has five times as long to gather"),
    ],
)
def test_a_busy_index_gathers_for_longer(kept: Callable[..., Keeper], rows: int, waits: list[float]) -> None:
    """Each batch changes the same pages of the database; fewer batches, fewer pages written."""
    keeper = kept(durable=rows, gather=1.0)
    keeper.launch = Acted(obedient)
    waited: list[float | None] = []

    class Stop(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waited.append(timeout)
            return super().wait(0)

    keeper._stop = Stop()
    keeper.start()
    keeper.follow(rows)
    until(lambda: len(waited) >= 1)
    keeper.close()

    assert waited[:1] == waits


def test_one_that_is_killed_has_a_successor(journals: ModuleType, kept: Callable[..., Keeper], tmp_path: Path) -> None:
    """Until then the index is down; nothing is missing afterwards, and nothing is known as new that is not."""
    journals.keep(tmp_path, [journals.call("A"), journals.call("B")])
    children: list[Any] = []
    ups: list[bool] = []

    def launched(wire: socket.socket, sieve: int) -> Any:
        ups.append(keeper.up)
        children.append(launch(wire, sieve))
        return children[-1]

    keeper = kept(durable=1, launch=launched, retry=0.01)
    keeper.start()
    until_applied(keeper, 1)
    with capture_logs() as logs:
        children[0].kill()
        keeper.follow(2)
        until_applied(keeper, 2)

    assert ups == [True, False]
    assert logs[0]["reason"] == "the process that writes it has ended ()"
    assert children[0].returncode == -signal.SIGKILL  # waited for, no zombie
    assert keeper.up
    assert not lacks(keeper, "twilio|AC1|call|CAB")


def test_with_its_daemon_gone_it_ends_at_once(
    journals: ModuleType, kept: Callable[..., Keeper], tmp_path: Path
) -> None:
    """It ignores the signals meant for the daemon, lets nobody else write while it lives, and leaves the files as they are."""
    journals.keep(tmp_path, [journals.call("A")])
    task, bits = kept(launch=Acted(obedient)).task, shared_bits(0)
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            child: Any = launch(theirs, bits)
        with ours.makefile("rwb") as wire:
            wire.write(task.line() + b"1\n")
            wire.flush()
            told = json.loads(wire.readline())
            child.send_signal(signal.SIGTERM)
            child.send_signal(signal.SIGINT)
            wire.write(b"1\n")
            wire.flush()
            still_there = wire.readline() != b""
    _, complaints = child.communicate(timeout=20)
    os.close(bits)

    assert (told["position"], still_there) == (1, True)
    assert (child.returncode, complaints) == (1, b"")
    assert (tmp_path / "index.db-wal").exists()


def test_one_that_cannot_work_says_why(kept: Callable[..., Keeper], tmp_path: Path) -> None:
    """The last line of its complaints stands in the log; until the fault is mended it is tried again and again."""
    keeper = kept(retry=0.01)
    (tmp_path / "index.lock").mkdir()

    with capture_logs() as logs:
        keeper.start()
        until(lambda: not keeper.up)
        (tmp_path / "index.lock").rmdir()
        until(lambda: keeper.up)

    assert [entry["event"] for entry in logs] == ["index.down", "index.up"]
    assert "the process that writes it has ended (IsADirectoryError" in logs[0]["reason"]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(None, id="dies"),
        pytest.param(b'{"posi', id="dies in the middle of a word"),
        pytest.param(b"[]\n", id="speaks another language"),
        pytest.param(b'{"position":1,"mood":"fine"}\n', id="is of another version"),
    ],
)
def test_one_that_is_not_understood_is_replaced(answer: bytes | None, kept: Callable[..., Keeper]) -> None:
    """Whatever it says: the index is down until its successor has spoken."""
    odd = Acted(lambda _line: None if answer is None else answer, last_words=b"Traceback\nOops: it broke\n")
    if answer == b'{"posi':
        odd.script = lambda _line: odd.wire.send(answer) and None
    cast = [odd, Acted(obedient)]

    def launched(wire: socket.socket, sieve: int) -> Acted:
        return cast.pop(0)(wire, sieve)

    keeper = kept(durable=5, launch=launched)

    with capture_logs() as logs:
        keeper.start()
        until_applied(keeper, 5)

    assert [entry["event"] for entry in logs] == ["index.down", "index.up"]
    assert logs[0]["reason"] == "the process that writes it has ended (Oops: it broke)"


def test_without_memory_to_share_it_is_tried_again(
    kept: Callable[..., Keeper], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As long as nothing tells what is new, everything is looked up."""
    journal = tmp_path / "journal"
    keeper = kept(durable=5, launch=Acted(obedient))

    def refuse(descriptor: int, _length: int) -> None:
        monkeypatch.undo()
        raise OSError(27, "File too large")

    monkeypatch.setattr(os, "ftruncate", refuse)
    with capture_logs() as logs:
        unknown = index_of(keeper, tmp_path).find("twilio|AC1|call|CAA")
        keeper.start()
        until_applied(keeper, 5)

    assert unknown is None
    assert not journal.exists()
    assert [entry["event"] for entry in logs] == ["index.down", "index.up"]
    assert "cannot be started ([Errno 27] File too large)" in logs[0]["reason"]


def test_one_that_cannot_be_started_is_tried_again(kept: Callable[..., Keeper]) -> None:
    """A machine that is out of processes for a moment does not end it."""
    attempts = iter(range(9))

    def launched(wire: socket.socket, sieve: int) -> Acted:
        if next(attempts) < 2:
            raise BlockingIOError("no more processes")
        return Acted(obedient)(wire, sieve)

    keeper = kept(durable=5, launch=launched)

    with capture_logs() as logs:
        keeper.start()
        until_applied(keeper, 5)

    assert [entry["event"] for entry in logs] == ["index.down", "index.up"]
    assert logs[0]["reason"] == "the process that writes it cannot be started (no more processes)"


def test_what_it_says_is_told(kept: Callable[..., Keeper]) -> None:
    """A refusal is told once and met by asking again; so is an index that had to be begun anew."""
    answers = iter(
        [
            b'{"position":0,"refused":"database is locked"}\n',
            b'{"position":0,"refused":"database is locked"}\n',
            b'{"position":0,"rebuilt":"it is damaged","more":true}\n',
        ]
    )
    keeper = kept(durable=5, launch=Acted(lambda line: next(answers, obedient(line))))
    ready: list[Sieve | None] = []

    with capture_logs() as logs:
        keeper.start()
        until_applied(keeper, 5)
        ready.append(keeper.sieve)

    assert [(entry["event"], entry.get("reason")) for entry in logs] == [
        ("index.down", "database is locked"),
        ("index.rebuilt", "it is damaged"),
        ("index.up", None),
    ]
    assert ready != [None]


def test_lag_is_how_long_the_oldest_row_has_waited(kept: Callable[..., Keeper]) -> None:
    """Nothing waiting is no lag; the clock runs from the first row that waits until all are applied."""
    now = [100.0]
    keeper = kept(launch=Acted(obedient), seconds=lambda: now[0])
    before = keeper.lag()

    keeper.follow(1)
    now[0] = 107.0
    keeper.follow(2)
    meanwhile = keeper.lag()
    keeper.start()
    until_applied(keeper, 2)

    assert (before, meanwhile) == (0.0, 7.0)


@pytest.mark.parametrize(
    ("later", "applied"),
    [
        pytest.param(keepers.LAST - 0.1, 4, id="what can be applied in time is"),
        pytest.param(keepers.LAST, 1, id="the rest is there at the next start"),
    ],
)
def test_stopping_while_it_catches_up(later: float, applied: int, kept: Callable[..., Keeper]) -> None:
    """A stop takes a few seconds at most, however many old rows there are."""
    now = [100.0]
    begun, go_on = threading.Event(), threading.Event()
    answers = iter([b'{"position":%d,"more":%s}\n' % (n, b"true" if n < 4 else b"false") for n in (1, 2, 3, 4)])

    def answer(line: bytes) -> bytes:
        begun.set()
        go_on.wait(20)
        return b"" if line == END else next(answers)

    acted = Acted(answer)
    keeper = kept(durable=9, launch=acted, seconds=lambda: now[0])
    keeper.start()
    begun.wait(20)
    closing = threading.Thread(target=keeper.close)
    closing.start()
    until(keeper._stop.is_set)
    now[0] += later
    go_on.set()
    closing.join()

    assert (keeper.position, acted.said[-1], acted.killed) == (applied, END, False)


def test_one_that_hangs_is_killed(kept: Callable[..., Keeper], monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it hangs at a batch or does not end when it is told to."""
    monkeypatch.setattr(keepers, "LAST", 0.05)
    monkeypatch.setattr(keepers, "GRACE", 0.05)
    over = threading.Event()

    def hang(line: bytes) -> bytes:
        over.wait(20)
        return b""

    def hang_in_the_end(line: bytes) -> bytes:
        return hang(line) if line == END else obedient(line)

    for script in (hang, hang_in_the_end):
        acted = Acted(script)
        keeper = kept(durable=1, launch=acted)
        keeper.start()
        until(lambda: len(acted.said) > 1)  # noqa: B023  over before the next round
        threading.Timer(0.3, over.set).start()
        keeper.close()
        assert acted.killed
        over.clear()


def test_stopping_without_one(kept: Callable[..., Keeper], monkeypatch: pytest.MonkeyPatch) -> None:
    """When none could be started, the end comes at once."""
    attempts = threading.Event()

    def refuse(_keys: int) -> int:
        attempts.set()
        raise OSError("no more memory")

    monkeypatch.setattr(keepers, "shared_bits", refuse)
    keeper = kept(retry=60.0)
    keeper.start()
    attempts.wait(20)

    began = monotonic()
    keeper.close()

    assert monotonic() - began < 5
    assert not keeper._thread.is_alive()


def test_the_conversation(journals: ModuleType, kept: Callable[..., Keeper], tmp_path: Path) -> None:
    """A line for each number; told to end it lets go in order, otherwise it says that it was left alone."""
    journals.keep(tmp_path, [journals.call("A")])
    task, sieve, answers = kept().task, Sieve(mmap(-1, 2048)), io.BytesIO()

    feeder = Task(**json.loads(task.line())).feeder(sieve)
    left_alone = serve(feeder, [b"0\n", b"1\n"], answers), feeder._database is None
    in_order = serve(feeder, [END], answers), feeder._database is None

    assert [json.loads(line)["position"] for line in answers.getvalue().splitlines()] == [0, 1]
    assert (left_alone, in_order) == ((False, False), (True, True))
    assert task.key not in repr(task)


@pytest.mark.parametrize(
    "gone",
    [
        pytest.param(BrokenPipeError, id="when it is answered"),
        pytest.param(ConnectionResetError, id="with an answer not yet read"),
    ],
)
def test_a_daemon_gone_during_a_batch_is_gone_as_well(gone: type[OSError], kept: Callable[..., Keeper]) -> None:
    """Not a fault of the scribe, which would close the database in order: in a folder that may have another owner."""

    class Gone(io.BytesIO):
        def flush(self) -> None:
            raise gone

    feeder = kept().task.feeder(Sieve(mmap(-1, 2048)))

    assert serve(feeder, [b"0\n"], Gone()) is False
    assert feeder._database is not None
    feeder.close()


@pytest.mark.parametrize(
    ("served", "codes"),
    [pytest.param(True, [], id="told to end"), pytest.param(False, [1], id="the daemon is gone")],
)
def test_the_process(*, served: bool, codes: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """It is nice to the daemon, hears no signals, and ends without another word when it was left alone."""
    ended: list[int] = []
    ignored: list[Any] = []
    nice: list[int] = []
    monkeypatch.setattr(scribe, "serve", lambda *_: served)
    monkeypatch.setattr(scribe.os, "_exit", ended.append)
    monkeypatch.setattr(scribe.os, "nice", nice.append)
    monkeypatch.setattr(scribe.signal, "signal", lambda number, _handler: ignored.append(number))
    task = Task("index.db", "journal", "ab")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(task.line())))
    bits = shared_bits(0)
    monkeypatch.setattr("sys.argv", ["scribe", str(bits)])

    scribe.main()
    os.close(bits)

    assert (ended, nice) == (codes, [scribe.LOW_PRIORITY])
    assert set(ignored) == {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
