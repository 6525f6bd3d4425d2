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
from router.journal.reserve import RESERVE, Reserve
from router.journal.segment import Origin
from router.journal.spool import Sizes, Spool
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


ANY = ("create", "write", "sync", "truncate", "close", "remove", "rename", "sync_folder")

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
    untouched = journals.Bench(reserved=journals.RESERVED)
    untouched.reserve.keep()
    run(untouched)

    for k in range(1, untouched.disk.calls + 1):
        bench = journals.Bench(disk=journals.MemoryDisk(fault=fault(k)), reserved=journals.RESERVED)
        bench.reserve.keep()
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
    untouched = journals.Bench(reserved=journals.RESERVED)
    run(untouched)

    class PowerCutError(BaseException):
        pass

    for k in range(1, untouched.disk.calls + 1):

        def fault(call: int, _name: str, k: int = k) -> None:
            if call == k:
                raise PowerCutError

        bench = journals.Bench(disk=journals.MemoryDisk(fault=fault), reserved=journals.RESERVED)
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


def test_on_a_full_disk_rows_go_into_the_reserve(journals: ModuleType) -> None:
    """Its space is ours already; what it holds is a segment like any other, and only when it is full too does the journal go down."""
    full = [False]

    def fault(_call: int, name: str) -> int | None:
        if full[0] and name == "create":
            raise OSError(errno.ENOSPC, "injected")
        return None

    class FullDisk(journals.MemoryDisk):  # type: ignore[name-defined,misc]
        def write(self, descriptor: int, data: bytes, offset: int) -> int:
            if full[0] and offset + len(data) > len(self.files[self.handles[descriptor]].cached):
                raise OSError(errno.ENOSPC, "injected")
            taken: int = super().write(descriptor, data, offset)
            return taken

    bench = journals.Bench(disk=FullDisk(fault=fault), reserved=journals.RESERVED)
    bench.reserve.keep()
    bench.append()
    bench.turn()
    full[0] = True

    written = 0
    while not bench.ups:
        [waiting] = bench.append()
        waiting.addErrback(lambda _: None)
        bench.turn()
        written += bench.journal.waiting() == 0

    assert len(bench.disk.files["00000002.jsonl"].durable) == journals.RESERVED
    assert written * 400 > journals.RESERVED
    assert RESERVE not in bench.disk.files


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
    """Rows go on in the next file, which continues the last; the full one is cut to its rows, a reserve is laid aside again."""
    bench = journals.Bench(sizes=Sizes(limit=4096, first=4096, step=512), reserved=100)

    for _ in range(20):
        bench.append()
        bench.turn()

    folder = bench.disk.after_power_loss(tmp_path)
    found = segments(folder)
    assert len(found) >= 2
    assert (check(found).flaw, check(found).rows) == (None, 20)
    assert not found[0].path.read_bytes().endswith(b"\n\n")
    assert RESERVE in bench.disk.files


def test_no_space_is_made_while_rows_wait(journals: ModuleType, tmp_path: Path) -> None:
    """Where a segment would have to grow, rows go on in the reserve, however often; without one the segment grows."""
    with_reserve, without = journals.Bench(reserved=journals.RESERVED), journals.Bench()

    for _ in range(60):
        for bench in (with_reserve, without):
            bench.append()
            bench.turn()
            assert bench.spool.tail.allocated >= bench.spool.tail.used

    assert [len(segments(bench.disk.after_power_loss(tmp_path))) for bench in (with_reserve, without)] == [5, 1]
    assert check(segments(with_reserve.disk.after_power_loss(tmp_path))).rows == 60


def test_closing_twice_does_no_harm(journals: ModuleType) -> None:
    """The files are let go of once."""
    bench = journals.Bench()
    bench.append()
    bench.turn()

    bench.spool.close()
    bench.spool.close()

    assert bench.spool.tail is None


def test_the_real_disk_writes_what_is_read_back(tmp_path: Path) -> None:
    """The same spool on the real file system: owner only, whole, resumed where it ended."""
    from router.journal.record import START, Point, seal

    def spool() -> Spool:
        reserve = Reserve(tmp_path, RealDisk(), 5000, apart=lambda work: work())
        reserve.keep()
        sizes = Sizes(limit=3000, first=2048, step=512)
        return Spool(tmp_path, RealDisk(), ORIGIN, lambda: 1_795_348_800.0, sizes=sizes, reserve=reserve)

    first, point = spool(), START
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
        point = Point(seq, record.hash)
    first.close()

    assert check(segments(tmp_path)).head == point
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
    RealDisk().remove(tmp_path / RESERVE)
    RealDisk().remove(tmp_path / RESERVE)
    assert RealDisk().size(tmp_path / RESERVE) == 0
    assert RealDisk().free(tmp_path) > 0


def test_limits_are_those_of_the_design() -> None:
    """A quarter of a second for an answer, ten thousand rows in memory."""
    assert (Limits().waiting, Limits().ring) == (0.25, 10_000)
