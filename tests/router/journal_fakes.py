"""A disk that can fail, lose its cache or hang at any call; a reactor and a thread that move when they are told to."""

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
from twisted.internet.task import Clock

from router.journal.record import START, Point
from router.journal.segment import Origin
from router.journal.spool import Sizes, Spool
from router.journal.writer import Hooks, Journal, Limits

ORIGIN = Origin("node-1", "0.1.0", "2026.1")
NOON = 1_795_348_800.0  # 2026-11-22T12:00:00Z
SMALL = Sizes(limit=1 << 20, first=4096, step=1024, ahead=512, reserve=2048)


@attrs.define
class _File:
    cached: bytearray = attrs.field(factory=bytearray)
    durable: bytearray = attrs.field(factory=bytearray)
    dirty: list[tuple[int, bytes]] = attrs.field(factory=list)
    named: bool = False


def _place(content: bytearray, offset: int, data: bytes) -> None:
    content.extend(b"\0" * (offset + len(data) - len(content)))
    content[offset : offset + len(data)] = data


@attrs.define
class MemoryDisk:
    """
    Files with a cache, as Linux has it: what was written is durable only after a sync that returned well.

    After a failed sync the pages count as clean: no later sync writes them. *fault* is called with the number of each call
    and its name, and may raise, hang (advance a clock) or return how many bytes a write shall take.
    """

    fault: Callable[[int, str], int | None] = lambda _call, _name: None
    calls: int = 0
    files: dict[str, _File] = attrs.field(factory=dict)
    handles: list[str] = attrs.field(factory=list)

    def _call(self, name: str) -> int | None:
        self.calls += 1
        return self.fault(self.calls, name)

    def create(self, path: Path) -> int:
        self._call("create")
        if path.name in self.files:
            raise FileExistsError(errno.EEXIST, "exists", str(path))
        self.files[path.name] = _File()
        return self.open(path)

    def open(self, path: Path) -> int:
        self.handles.append(path.name)
        return len(self.handles) - 1

    def write(self, descriptor: int, data: bytes, offset: int) -> int:
        file = self.files[self.handles[descriptor]]
        short = self._call("write")
        data = data if short is None else data[:short]
        _place(file.cached, offset, data)
        file.dirty.append((offset, data))
        return len(data)

    def sync(self, descriptor: int) -> None:
        file = self.files[self.handles[descriptor]]
        dirty, file.dirty = file.dirty, []
        self._call("sync")
        for offset, data in dirty:
            _place(file.durable, offset, data)

    def truncate(self, descriptor: int, length: int) -> None:
        self._call("truncate")
        file = self.files[self.handles[descriptor]]
        del file.cached[length:], file.durable[length:]

    def close(self, descriptor: int) -> None:
        self._call("close")

    def remove(self, path: Path) -> None:
        self._call("remove")
        self.files.pop(path.name, None)

    def sync_folder(self, folder: Path) -> None:
        self._call("sync_folder")
        for file in self.files.values():
            file.named = True

    def after_power_loss(self, folder: Path) -> Path:
        """Write into *folder* what would be found after the power went now."""
        for old in folder.glob("*"):
            old.unlink()
        for name, file in self.files.items():
            if file.named:
                (folder / name).write_bytes(file.durable)
        return folder


@attrs.define
class HandWorker:
    """A thread that works when `work` is called, or at once as long as it is *quick*."""

    quick: bool = True
    jobs: list[tuple[Callable[[], None], Callable[[], None]]] = attrs.field(factory=list)
    waited: list[float] = attrs.field(factory=list)
    stopped: bool = False

    def run(self, work: Callable[[], None], then: Callable[[], None], patience: float) -> bool:
        self.waited.append(patience)
        if self.quick and patience:
            work()
            return True
        self.jobs.append((work, then))
        return False

    def stop(self, last: Callable[[], None]) -> None:
        last()
        self.stopped = True

    def work(self) -> None:
        """Do what was handed over, and report it as the reactor would."""
        while self.jobs:
            work, then = self.jobs.pop(0)
            work()
            then()


@attrs.define
class Bench:
    """A journal on a fake disk, with everything that moves it."""

    disk: MemoryDisk = attrs.field(factory=MemoryDisk)
    clock: Clock = attrs.field(factory=Clock)
    worker: HandWorker = attrs.field(factory=HandWorker)
    commits: list[int] = attrs.field(factory=list)
    ups: list[bool] = attrs.field(factory=list)
    untold: list[int] = attrs.field(factory=list)
    durable: list[Any] = attrs.field(factory=list)
    sync_takes: float = 0.0
    limits: Limits = attrs.field(factory=Limits)
    sizes: Sizes = SMALL
    written: Point = START
    spool: Spool = attrs.field(init=False)
    journal: Journal = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        ticks = iter(range(10**9))
        self.spool = Spool(
            Path("/journal"), self.disk, ORIGIN, lambda: NOON, lambda: next(ticks) * self.sync_takes, self.sizes
        )
        self.journal = Journal(
            self.written,
            self.spool,
            self.worker,
            self.clock,
            lambda: NOON + self.clock.seconds(),
            Hooks(
                committed=lambda _seconds, rows: self.commits.append(rows),
                up=self.ups.append,
                untold=lambda record: self.untold.append(record.seq),
                durable=self.durable.extend,
            ),
            self.limits,
        )

    def append(self, count: int = 1) -> list[Any]:
        """Append *count* records and wait for each; return the waiting deferreds."""
        return [
            self.journal.durable(self.journal.append("call", {"n": n, "id": "X"}, {"from": "+12025550123"}).seq)
            for n in range(count)
        ]

    def turn(self) -> None:
        """Let the reactor go round once, and the thread finish."""
        self.clock.advance(0)
        self.worker.work()
