"""The reserve: whole and synced before it is used, made again afterwards, and never in the way of anything."""

import errno
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from router.journal.disk import RealDisk
from router.journal.reserve import RESERVE, SLICE, UNFINISHED, Reserve, beside
from router.journal.segment import MOST_OF_A_HEADER

FOLDER = Path("/journal")
NEXT = FOLDER / "00000007.jsonl"
SIZE = 3 * SLICE - 5


def reserve(disk: Any, **settings: Any) -> Reserve:
    """Return one that is made at once when it is asked for."""
    return Reserve(FOLDER, disk, SIZE, **({"apart": lambda work: work(), "rest": lambda _: None} | settings))


def test_it_is_made_slice_by_slice_and_synced_before_it_has_its_name(journals: ModuleType) -> None:
    """So a file of that name is always whole."""
    calls: list[str] = []
    disk = journals.MemoryDisk(fault=lambda _call, name: calls.append(name))
    rests: list[float] = []
    kept = reserve(disk, rest=rests.append)

    kept.keep()

    assert calls == ["remove", "create", *["write", "sync"] * 3, "close", "rename"]
    assert rests == [0.005] * 3
    assert (kept.ready, bytes(disk.files[RESERVE].durable)) == (True, b"\n" * SIZE)


def test_it_is_taken_once(journals: ModuleType) -> None:
    """It goes on under the name it is given; another one is made when somebody asks for it."""
    disk = journals.MemoryDisk()
    kept = reserve(disk)
    early = kept.take(NEXT)
    kept.keep()

    taken = kept.take(NEXT), kept.take(NEXT)
    kept.keep()

    assert (early, taken) == (False, (True, False))
    assert sorted(disk.files) == [NEXT.name, RESERVE]
    assert kept.ready


@pytest.mark.parametrize(
    ("found", "size", "made"),
    [
        pytest.param(RESERVE, SIZE, False, id="a whole one is used as it is"),
        pytest.param(RESERVE, SIZE - 1, True, id="one of another size, of an older version, is made anew"),
        pytest.param(UNFINISHED, SIZE, True, id="one that was being made is made anew"),
    ],
)
def test_what_an_earlier_run_left_behind(journals: ModuleType, found: str, size: int, made: bool) -> None:
    """A restart does not write sixteen megabytes for nothing."""
    calls: list[str] = []
    disk = journals.MemoryDisk(fault=lambda _call, name: calls.append(name))
    disk.write(disk.create(FOLDER / found), b"\n" * size, 0)
    calls.clear()

    kept = reserve(disk)
    kept.keep()

    assert kept.ready
    assert ("write" in calls) is made
    assert list(disk.files) == [RESERVE]


@pytest.mark.parametrize("call", ["create", "write", "sync", "close", "rename"])
def test_a_disk_that_refuses_leaves_none(journals: ModuleType, call: str) -> None:
    """Nothing is left lying about, nobody is told, and the next time it is tried again."""

    def fault(_number: int, name: str) -> None:
        if name == call:
            raise OSError(errno.ENOSPC, "injected")

    disk = journals.MemoryDisk(fault=fault)
    kept = reserve(disk)

    kept.keep()
    refused = kept.ready, list(disk.files)
    disk.fault = lambda _number, _name: None
    kept.keep()

    assert refused == (False, [])
    assert kept.ready


@pytest.mark.parametrize(
    ("room", "made"),
    [
        pytest.param(2 * SIZE, True, id="as much again is left afterwards"),
        pytest.param(2 * SIZE - 1, False, id="a byte less is for rows"),
    ],
)
def test_the_last_of_a_disk_is_for_rows(journals: ModuleType, room: int, made: bool) -> None:
    """A reserve that takes what rows would need now is none."""
    disk = journals.MemoryDisk(room=room)
    kept = reserve(disk)

    kept.keep()

    assert (kept.ready, list(disk.files)) == (made, [RESERVE] if made else [])


def test_rows_are_written_without_a_thread_to_spare(journals: ModuleType) -> None:
    """Where no thread can be started, nothing else goes wrong, and the next time it is tried again."""
    started: list[Callable[[], None]] = []

    def none_left(work: Callable[[], None]) -> None:
        started.append(work)
        raise RuntimeError("can't start new thread")

    kept = reserve(journals.MemoryDisk(), apart=none_left)

    kept.keep()
    kept.keep()
    kept.close()

    assert (len(started), kept.ready) == (2, False)


def test_a_folder_that_cannot_be_looked_into_has_none(tmp_path: Path) -> None:
    """What cannot even be asked for is made, and if that fails too there is none."""

    class Sick(RealDisk):
        def size(self, path: Path) -> int:
            raise OSError(errno.EIO, "injected")

    kept = Reserve(tmp_path / "missing", Sick(), SIZE, apart=lambda work: work())
    kept.keep()

    assert not kept.ready


def test_it_is_made_by_one_at_a_time(journals: ModuleType) -> None:
    """Asking again while it is being made does nothing."""
    jobs: list[Callable[[], None]] = []
    kept = reserve(journals.MemoryDisk(), apart=jobs.append)

    kept.keep()
    kept.keep()
    jobs[0]()
    kept.keep()

    assert len(jobs) == 1


def test_the_end_is_waited_for(tmp_path: Path) -> None:
    """Whoever has closed it has the folder to himself: the thread has ended at the next slice."""
    resting, go_on = threading.Event(), threading.Event()

    def rest(_seconds: float) -> None:
        resting.set()
        go_on.wait(10)

    kept = Reserve(tmp_path, RealDisk(), SIZE, rest=rest)
    kept.keep()
    assert resting.wait(10)
    threading.Timer(0.01, go_on.set).start()

    kept.close()
    kept.keep()

    assert not kept.ready
    assert list(tmp_path.iterdir()) == []


def test_it_is_made_in_a_thread_of_its_own() -> None:
    """The journal's thread has something else to do."""
    done = threading.Event()
    names: list[str] = []

    def work() -> None:
        names.append(threading.current_thread().name)
        done.set()

    beside(work)

    assert done.wait(10)
    assert names == ["reserve"]


def test_a_segment_made_of_it_hides_the_header_it_had(journals: ModuleType, tmp_path: Path) -> None:
    """After a power cut a file may be found under its old name with a first line already in it; nothing of that shows through."""
    bench = journals.Bench(reserved=journals.RESERVED)
    bench.reserve.keep()
    file = bench.disk.files[RESERVE]
    stale = b'{"v":1,"segment":99,"node":"' + b"x" * 900 + b'"}'
    file.cached[: len(stale)] = file.durable[: len(stale)] = stale

    bench.append()
    bench.turn()

    lines = bytes(bench.disk.files["00000001.jsonl"].durable).split(b"\n")
    assert len(stale) < MOST_OF_A_HEADER
    assert len([line for line in lines if line]) == 2
    assert b"x" * 9 not in b"".join(lines)
