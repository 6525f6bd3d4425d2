"""Part e: `switchhook check` over 400 days as a whole process, on the example and on the hardest file we could think of."""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import attrs

from bench import books, worst
from bench.machine import servers_core
from bench.servers import ROOT
from bench.table import Line

PART = "e. check: every minute of 400 days, every kind of caller and text, whole process"
NOW = "2026-11-22 10:30"
MEGABYTES = 300


@attrs.frozen
class Run:
    """One run of the command: seconds by the clock and of the processor, bytes of memory at most, decisions made."""

    seconds: float
    cpu: float
    memory: int
    decisions: int


def check(path: Path) -> Run:
    """Run the command once on *path*."""
    command = [sys.executable, "-m", "router", "check", "--json", "--limit", "0", "--now", NOW, str(path)]
    with servers_core():
        said, seconds, used = ended(command)
    return Run(seconds, used.ru_utime + used.ru_stime, peak(used), json.loads(said)[0]["looked_at"]["decisions"])


def ended(command: Sequence[str]) -> tuple[str, float, resource.struct_rusage]:
    """Run *command* to its end; return what it wrote, the seconds it took, and what it and its processes have used."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, text=True)
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    return said, seconds, used


def peak(used: resource.struct_rusage) -> int:
    """Return the most memory (bytes) a process has held; Linux counts in kilobytes."""
    return used.ru_maxrss * 1024


def measured(name: str, path: Path, limit: float, times: int) -> list[Line]:
    """Measure one file; *limit* is in seconds."""
    runs = [check(path) for _ in range(times)]
    seconds, memory = median(run.seconds for run in runs), max(run.memory for run in runs) / 1e6
    decisions = f"{median(run.cpu for run in runs):.2f} s CPU, {runs[0].decisions:,} decisions"
    return [
        Line(PART, name, seconds, "s", f"< {limit:g}", seconds < limit, decisions),
        Line(PART, f"{name}: memory", memory, "MB", f"< {MEGABYTES}", memory < MEGABYTES),
    ]


def run(*, quick: bool) -> list[Line]:
    """Measure both."""
    times = 1 if quick else 3
    with TemporaryDirectory() as folder:
        path = Path(folder) / "worst.yaml"
        path.write_text(worst.written(), encoding="utf-8")
        hardest = f"{worst.PEOPLE} people, {worst.VACATIONS} vacations, {worst.NUMBERS} numbers, odd minutes, one ring of covers"
        return [*measured("the example", books.EXAMPLE, 2, times), *measured(hardest, path, 15, times)]
