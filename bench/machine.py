"""The machine the figures come from: its cores, clocks and disk, and what a process has used of them."""

import os
import platform
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median

SYNCS = 200
SYNC_BYTES = 600


_ALLOWED = sorted(os.sched_getaffinity(0))
ALONE = len(_ALLOWED) > 1
"""Whether the loader has a core of its own."""


@contextmanager
def servers_core() -> Iterator[None]:
    """Let what is started meanwhile run on the servers' core; the loader is on its own again afterwards."""
    pin(0)
    yield
    pin(1)


@contextmanager
def every_core() -> Iterator[None]:
    """Let what is started meanwhile run on every core we were given."""
    os.sched_setaffinity(0, _ALLOWED)
    yield
    pin(1)


def pin(core: int) -> None:
    """Stay on the first or second core we were given, with every process started later; nothing on a machine with one."""
    if ALONE:
        os.sched_setaffinity(0, {_ALLOWED[core]})


def cpu_seconds(pid: int) -> float:
    """
    Return the CPU time (user and system, all threads) that process *pid* has used.

    Linux names every process's CPU clock by a number made of its id (clock_getcpuclockid(3)): the same figure as utime +
    stime in /proc/<pid>/stat, in nanoseconds instead of hundredths of a second.
    """
    return time.clock_gettime((~pid << 3) | 2)


def first_thread_seconds(pid: int) -> float:
    """Return the CPU time of the first thread of process *pid*, from what Linux notes in nanoseconds (schedstat)."""
    return int(Path(f"/proc/{pid}/task/{pid}/schedstat").read_text().split()[0]) / 1e9


def children_seconds(pid: int) -> float:
    """Return the CPU time of the processes that *pid* has started: those that run, and those that have ended (in hundredths)."""
    ticks = sum(int(used) for used in _stat(pid)[13:15])
    return ticks / os.sysconf("SC_CLK_TCK") + sum(cpu_seconds(child) for child in _children(pid))


def _children(pid: int) -> list[int]:
    """Return the processes that *pid* has started and that still run."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(FileNotFoundError, ProcessLookupError):
            if int(_stat(int(folder.name))[1]) == pid:
                found.append(int(folder.name))
    return found


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/<pid>/stat (proc(5)) behind the name, which may hold anything: state, parent and so on."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def resident(pid: int) -> int:
    """Return the memory (bytes) that process *pid* holds resident."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise ProcessLookupError(pid)


def sync_seconds(folder: Path) -> float:
    """Return the median time of appending 600 bytes to a file in *folder* and making them durable (fdatasync)."""
    times = []
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        for _ in range(SYNCS):
            begun = time.perf_counter()
            file.write(b"x" * SYNC_BYTES)
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - begun)
    return median(times)


def described() -> str:
    """Name the machine and the versions that matter, in one line."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.machine(),
    )
    parts = [
        f"{os.cpu_count()} x {model}",
        f"Linux {platform.release()}",
        f"Python {sys.version.split()[0]}",
        *(f"{name} {version_of(name)}" for name in ("Twisted", "switchhook", "zen-engine")),
        f"SQLite {sqlite3.sqlite_version}",
    ]
    return ", ".join(parts)


def version_of(distribution: str) -> str:
    """Return the version of an installed *distribution*, or `not installed`."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "not installed"
