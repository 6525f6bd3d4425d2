"""
A disk that fails at call k, for every k of a run of fifty events.

Whatever fails and wherever: who was told that a record is durable finds it after a power cut, the chain holds, no record is
lost or doubled once the disk is well, and the reactor never waits.
"""

import errno
import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from router.journal.api import Limits
from router.journal.disk import RealDisk
from router.journal.files import records, segments
from router.journal.recovery import recover
from router.journal.segment import Origin
from router.journal.spool import RESERVE, Sizes, Spool
from router.journal.walk import check

EVENTS = 50
ORIGIN = Origin("node-1", "0.1.0", "2026.1")

Fault = Callable[[int, str], int | None]


def fails(code: int, *, names: tuple[str, ...], times: int) -> Callable[[int], Fault]:
    """Return what raises *code* from call k on, at the calls called *names*, so many *times*."""

    def at(k: int) -> Fault:
        left = [times]

        def fault(call: int, name: str) -> int | None:
            if call >= k and name in names and left[0]:
                left[0] -= 1
                raise OSError(code, "injected")
            return None

        return fault

    return at


def short(k: int) -> Fault:
    """Take only three bytes of the write at call k."""
    return lambda call, name: 3 if call == k and name == "write" else None


ANY = ("create", "write", "sync", "truncate", "close", "remove", "sync_folder")

FAULTS = [
    pytest.param(fails(errno.EIO, names=ANY, times=1), id="one I/O error"),
    pytest.param(fails(errno.EIO, names=("sync",), times=1), id="one failed sync"),
    pytest.param(fails(errno.EIO, names=ANY, times=8), id="eight I/O errors in a row"),
    pytest.param(fails(errno.ENOSPC, names=("write", "create"), times=1), id="the disk is full once"),
    pytest.param(fails(errno.ENOSPC, names=("write", "create"), times=30), id="the disk is full for a while"),
    pytest.param(short, id="a short write"),
]


def run(bench: Any) -> tuple[list[int], list[int]]:
    """Let fifty events happen, each in a turn of its own; return who was told durable, and who that it is down."""
    told: list[int] = []
    refused: list[int] = []
    for number in range(EVENTS):
        record = bench.journal.append("call", {"n": number}, {"from": "+12025550123"})
        waiting = bench.journal.durable(record.seq)

        def durable(_: None, seq: int = record.seq, digest: str = record.hash) -> None:
            on_disk = b"".join(bytes(file.durable) for file in bench.disk.files.values() if file.named)
            assert digest.encode() + b'"}\n' in on_disk
            told.append(seq)

        def down(_: Any, seq: int = record.seq) -> None:
            refused.append(seq)

        waiting.addCallback(durable)
        waiting.addErrback(down)
        bench.turn()
        bench.clock.advance(0.01)
        bench.worker.work()
    for _ in range(40):
        bench.clock.advance(1)
        bench.worker.work()
    return told, refused


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_any_call_loses_nothing(journals: ModuleType, tmp_path: Path, fault: Callable[[int], Fault]) -> None:
    """Whoever was answered is on disk at that moment; at the end every record is there once and the chain holds."""
    untouched = journals.Bench()
    untouched.spool.keep_reserve()
    run(untouched)

    for k in range(1, untouched.disk.calls + 1):
        bench = journals.Bench(disk=journals.MemoryDisk(fault=fault(k)))
        bench.spool.keep_reserve()
        told, refused = run(bench)

        folder = bench.disk.after_power_loss(tmp_path)
        verdict = check(segments(folder))
        assert (verdict.flaw, verdict.rows, verdict.head) == (None, EVENTS, bench.journal.head), k
        assert sorted(told + refused) == list(range(1, EVENTS + 1)), k
        assert [placed.record.seq for placed in records(folder)] == list(range(1, EVENTS + 1)), k
        assert [row.record.seq for row in bench.durable] == list(range(1, EVENTS + 1)), k
        assert bench.ups in ([], [False, True]), k
        assert recover(folder).head == bench.journal.head, k


def test_the_power_fails_at_any_call(journals: ModuleType, tmp_path: Path) -> None:
    """After a power cut at call k everything that was told durable is there, and the chain can go on from it."""
    untouched = journals.Bench()
    run(untouched)

    class PowerCutError(BaseException):
        pass

    for k in range(1, untouched.disk.calls + 1):

        def fault(call: int, _name: str, k: int = k) -> None:
            if call == k:
                raise PowerCutError

        bench = journals.Bench(disk=journals.MemoryDisk(fault=fault))
        with pytest.raises(PowerCutError):
            run(bench)

        folder = bench.disk.after_power_loss(tmp_path)
        found = recover(folder)
        assert found.head == bench.journal.written, k
        assert found.corrupt == (), k
        assert [placed.record.seq for placed in records(folder)][: found.head.seq] == list(range(1, found.head.seq + 1))


def test_a_failed_sync_is_never_tried_again(journals: ModuleType) -> None:
    """After it the segment is left, and the very rows stand in a new one that names the last durable row."""
    calls: list[str] = []
    bench = journals.Bench(disk=journals.MemoryDisk(fault=lambda _call, name: calls.append(name)))
    bench.append()
    bench.turn()

    def fault(_call: int, name: str) -> None:
        calls.append(name)
        if name == "sync":
            bench.disk.fault = lambda _call, name: calls.append(name)
            raise OSError(errno.EIO, "injected")

    bench.disk.fault = fault
    calls.clear()
    [waiting] = bench.append()
    bench.turn()

    assert calls[:5] == ["write", "sync", "close", "create", "write"]
    first, second, *_ = bytes(bench.disk.files["00000002.jsonl"].durable).split(b"\n")
    assert (json.loads(first)["continues"]["seq"], json.loads(second)["seq"]) == (1, 2)
    assert (waiting.called, bench.ups) == (True, [])


def test_a_full_disk_frees_the_reserve(journals: ModuleType) -> None:
    """On ENOSPC the reserve goes, so that the rows have room; the new segment takes no more than it needs."""
    full = [False]

    def fault(_call: int, name: str) -> None:
        if full[0] and name in ("write", "create") and RESERVE in bench.disk.files:
            raise OSError(errno.ENOSPC, "injected")

    bench = journals.Bench(disk=journals.MemoryDisk(fault=fault))
    bench.spool.keep_reserve()
    bench.append()
    bench.turn()
    full[0] = True

    waiting = bench.append()
    bench.turn()

    assert [one.called for one in waiting] == [True]
    assert RESERVE not in bench.disk.files
    assert len(bench.disk.files["00000002.jsonl"].durable) <= journals.SMALL.step * 3


def test_a_stall_of_five_seconds_does_not_hold_the_reactor(journals: ModuleType) -> None:
    """Timers of others go on firing while the disk hangs; fifty callers are answered within a quarter of a second."""
    bench = journals.Bench()
    ticks: list[float] = []
    bench.clock.callLater(0.1, lambda: ticks.append(bench.clock.seconds()))
    waited: list[float] = []
    for one in bench.append(EVENTS):
        one.addErrback(lambda _: waited.append(bench.clock.seconds()))
    bench.clock.advance(0)

    for _ in range(50):
        bench.clock.advance(0.1)
    bench.worker.work()
    bench.turn()

    assert ticks == [0.1]
    assert len(waited) == EVENTS
    assert max(waited) <= 0.35
    assert (bench.journal.written.seq, bench.ups) == (EVENTS, [False, True])


def test_a_segment_that_is_full_is_followed_by_another(journals: ModuleType, tmp_path: Path) -> None:
    """Rows go on in the next file, which continues the last; the full one is cut to its rows, the reserve is laid aside again."""
    bench = journals.Bench(sizes=Sizes(limit=4096, first=4096, step=512, growth=512, ahead=512, reserve=100))

    for _ in range(20):
        bench.append()
        bench.turn()

    folder = bench.disk.after_power_loss(tmp_path)
    found = segments(folder)
    assert len(found) >= 2
    assert (check(found).flaw, check(found).rows) == (None, 20)
    assert not found[0].path.read_bytes().endswith(b"\n\n")
    assert RESERVE in bench.disk.files


def test_space_ahead_is_made_while_nobody_waits(journals: ModuleType) -> None:
    """The file grows before it has to, and a full disk is no reason to leave it."""
    bench = journals.Bench()

    for _ in range(30):
        bench.append()
        bench.turn()
        bench.worker.work()
        tail = bench.spool.tail
        assert tail.allocated >= tail.used
        assert len(bench.disk.files["00000001.jsonl"].cached) == tail.allocated

    assert list(bench.disk.files) == ["00000001.jsonl"]


@pytest.mark.parametrize(
    ("code", "kept"),
    [
        pytest.param(errno.ENOSPC, True, id="a full disk is met when it matters"),
        pytest.param(errno.EIO, False, id="after any other error the segment is left"),
    ],
)
def test_an_error_while_making_space(journals: ModuleType, code: int, kept: bool) -> None:
    """Making space ahead answers nobody, so nobody is told; the next row is written all the same."""
    failing = [False]

    def fault(_call: int, name: str) -> None:
        if failing[0] and name == "write":
            raise OSError(code, "injected")

    bench = journals.Bench(disk=journals.MemoryDisk(fault=fault))
    bench.append()
    bench.turn()
    bench.spool.tail.allocated = bench.spool.tail.used
    failing[0] = True

    bench.spool.prepare()
    failing[0] = False
    waiting = bench.append()
    bench.turn()

    assert (bench.spool.number == 1) is kept
    assert [one.called for one in waiting] == [True]
    assert bench.spool.wants() in (True, False)


def test_closing_twice_does_no_harm(journals: ModuleType) -> None:
    """The files are let go of once."""
    bench = journals.Bench()
    bench.append()
    bench.turn()

    bench.spool.close()
    bench.spool.close()
    bench.spool.prepare()

    assert not bench.spool.wants()


def test_the_real_disk_writes_what_is_read_back(tmp_path: Path) -> None:
    """The same spool on the real file system: owner only, whole, resumed where it ended."""
    from router.journal.record import START, Point, seal

    sizes = Sizes(limit=3000, first=2048, step=512, growth=512, ahead=256, reserve=64)

    def spool() -> Spool:
        return Spool(tmp_path, RealDisk(), ORIGIN, lambda: 1_795_348_800.0, sizes=sizes)

    first, point = spool(), START
    first.keep_reserve()
    for seq in range(1, 13):
        if seq == 3:
            first.close()
            found = recover(tmp_path)
            first = spool()
            first.number = found.number
            assert found.used is not None
            first.resume(found.used, found.allocated)
        record, line = seal(
            seq=seq,
            at="2026-11-22T12:00:00.000000Z",
            kind="call",
            public={},
            private={},
            prev=point.hash,
            salt=b"s" * 16,
        )
        first.write(line, point)
        first.prepare()
        point = Point(seq, record.hash)
    first.close()

    assert check(segments(tmp_path)).head == point
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
    RealDisk().remove(tmp_path / RESERVE)
    RealDisk().remove(tmp_path / RESERVE)


def test_limits_are_those_of_the_design() -> None:
    """A quarter of a second for an answer, ten thousand rows in memory."""
    assert (Limits().waiting, Limits().ring) == (0.25, 10_000)
