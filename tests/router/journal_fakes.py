"""A disk that can fail, lose its cache or hang at any call; a reactor and a thread that move when told to; a state folder."""

import errno
from collections.abc import Callable, Iterable
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import attrs
from twisted.internet.task import Clock

from router.clock import iso
from router.journal.api import Placed
from router.journal.disk import RealDisk
from router.journal.files import records
from router.journal.record import START, Point, seal
from router.journal.recovery import recover
from router.journal.reserve import Reserve
from router.journal.segment import Origin
from router.journal.spool import Sizes, Spool
from router.journal.writer import Hooks, Journal, Limits

ORIGIN = Origin("node-1", "0.1.0", "2026.1")
NOON = 1_795_348_800.0  # 2026-11-22T12:00:00Z
SMALL = Sizes(limit=1 << 20, first=4096, step=1024)
RESERVED = 6000


@attrs.define
class _File:
    cached: bytearray = attrs.field(factory=bytearray)
    durable: bytearray = attrs.field(factory=bytearray)
    dirty: list[tuple[int, bytes]] = attrs.field(factory=list)
    named: str | None = None
    """Under which name it is found after a power cut."""


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
    room: int = 1 << 30
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

    def rename(self, path: Path, new: Path) -> None:
        self._call("rename")
        self.files[new.name] = self.files.pop(path.name)
        self.handles = [new.name if name == path.name else name for name in self.handles]

    def size(self, path: Path) -> int:
        return len(self.files[path.name].cached) if path.name in self.files else 0

    def free(self, folder: Path) -> int:
        return self.room

    def sync_folder(self, folder: Path) -> None:
        self._call("sync_folder")
        for name, file in self.files.items():
            file.named = name

    def after_power_loss(self, folder: Path) -> Path:
        """Write into *folder* what would be found after the power went now."""
        for old in folder.glob("*"):
            old.unlink()
        for file in self.files.values():
            if file.named:
                (folder / file.named).write_bytes(file.durable)
        return folder


@attrs.define
class HandWorker:
    """A thread that works when `work` is called; a *quick* one at once, where it is waited for."""

    quick: bool = False
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
    """A journal on a fake disk, with everything that moves it; *reserved*: bytes of its reserve, 0: it has none."""

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
    reserved: int = 0
    reserve: Reserve = attrs.field(init=False)
    written: Point = START
    spool: Spool = attrs.field(init=False)
    journal: Journal = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        ticks = iter(range(10**9))
        folder = Path("/journal")
        self.reserve = Reserve(folder, self.disk, self.reserved, apart=lambda work: work(), rest=lambda _seconds: None)
        self.spool = Spool(
            folder,
            self.disk,
            ORIGIN,
            lambda: NOON,
            lambda: next(ticks) * self.sync_takes,
            self.sizes,
            reserve=self.reserve if self.reserved else None,
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


class ThreadClock(Clock):
    """A reactor whose time stands still and to which threads may speak; `hear` waits for one of them and does what it says."""

    def __init__(self) -> None:
        super().__init__()
        self.said: SimpleQueue[Callable[[], None]] = SimpleQueue()

    def callFromThread(self, call: Callable[[], None], /, *_args: object) -> None:  # noqa: N802
        self.said.put(call)

    def hear(self) -> None:
        self.said.get(timeout=10)()


class HastyDisk(RealDisk):
    """The real file system, its syncs left out: these tests pull no plug."""

    def sync(self, descriptor: int) -> None:
        pass

    def sync_folder(self, folder: Path) -> None:
        pass


Told = tuple[str, dict[str, Any], dict[str, Any]]

ANNA = "+12025550123"
BEN = "+447700900123"


def keep(state: Path, told: Iterable[Told], *, seconds: float = 60.0) -> list[Placed]:
    """Write records into the journal of the *state* folder, one every so many *seconds*; return all that is there."""
    folder = state / "journal"
    folder.mkdir(parents=True, exist_ok=True)
    found = recover(folder)
    spool = Spool(folder, HastyDisk(), ORIGIN, lambda: NOON, sizes=Sizes(first=1 << 16), number=found.number)
    if found.used is not None:
        spool.resume(found.used, found.allocated)
    point = found.head
    for kind, public, private in told:
        at = iso(NOON + point.seq * seconds)
        record, line = seal(
            seq=point.seq + 1, at=at, kind=kind, public=public, private=private, prev=point.hash, salt=b"s" * 16
        )
        spool.write(line, point)
        point = Point(record.seq, record.hash)
    spool.close()
    return list(records(folder))


def call(name: str, **changes: Any) -> Told:
    """Return a call to boston, decided; its id and the provider's follow from *name*. *changes* go where they belong."""
    public = {
        "id": f"01{name:0>24}",
        "key": f"twilio|AC1|call|CA{name}",
        "event_id": f"CA{name}",
        "provider": "twilio",
        "received_at": "2026-11-22T12:00:00.000000Z",
        "decided_at": "2026-11-22T12:00:00.000100Z",
        "number": "boston",
        "caller_class": "number",
        "groups": [],
        "rule": "boston.calls.open",
        "layer": "hours",
        "source": "config.yaml:120:9",
        "plan": [{"ring": ["chloe"], "team": None, "strategy": "all-at-once", "seconds": 20}, {"voicemail": "main"}],
        "tries": [["chloe"]],
        "rings": ["chloe"],
        "ends": "voicemail",
        "voicemail": "main",
        "delivers": None,
        "via": None,
        "holds": None,
        "asked": [["open:office", True], ["via:+16175550100", False]],
        "why": ["office is open", "chloe is in"],
        "next_open": None,
        "valid_until": "2026-11-22T22:00:00Z",
        "ruleset": "sha256:" + "ab" * 32,
        "answer_sha256": "cd" * 32,
        "duration_us": 120,
    }
    private = {
        "from": ANNA,
        "to": "+16175550100",
        "answer": {"code": 200, "type": "text/xml", "body": f"<Response><!-- {name} --></Response>"},
        "call_id": f"CA{name}",
        "state": state(None),
    }
    return "call", _changed(public, private, changes), _changed(private, public, changes)


def state(outcome: str | None) -> dict[str, Any]:
    """Return a call's state, over when it has an *outcome*."""
    return {"stages": [], "begun": 0, "position": 0, "rung": [], "accepted": None, "message": None, "outcome": outcome}


def text(name: str, **changes: Any) -> Told:
    """Return a text to boston at night: held, and answered by itself."""
    _, public, private = call(name)
    del private["state"]
    public |= {
        "key": f"twilio|AC1|text|SM{name}",
        "event_id": f"SM{name}",
        "rule": "boston.texts.closed",
        "rings": [],
        "ends": None,
        "voicemail": None,
        "holds": "everyone",
    }
    private |= {
        "text": "Are you open, I am =Anna",
        "replies": "We open Monday at 9. Call +16175550100.",
        "outbox": [
            {
                "key": f"01{name:0>24}.0",
                "kind": "hold",
                "people": [],
                "target": "everyone",
                "number": "boston",
                "release_at": "2026-11-23T14:00:00Z",
            }
        ],
    }
    return "text", _changed(public, private, changes), _changed(private, public, changes)


def after(kind: str, name: str, *, outcome: str | None = None, private: dict[str, Any] | None = None) -> Told:
    """Return something that happened to the call *name*."""
    public = {
        "id": f"01{name:0>24}",
        "key": f"twilio|AC1|{kind}|CA{name}.{kind}",
        "event_id": f"CA{name}",
        "provider": "twilio",
        "number": "boston",
        "outcome": outcome,
    }
    return kind, public, private or {}


def _changed(own: dict[str, Any], other: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    named = {name.rstrip("_"): value for name, value in changes.items()}
    return own | {name: value for name, value in named.items() if name in own or name not in other}
