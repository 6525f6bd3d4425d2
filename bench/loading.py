"""Part c: the largest rule file, from disk to ready; the memory it needs, and a reload while calls come in."""

import json
import subprocess
import sys
import time
from itertools import cycle
from pathlib import Path
from statistics import median

from bench import books
from bench.loader import Round, Stream, answered, open_loop
from bench.machine import servers_core
from bench.servers import ROOT, Daemon, Folder, free_port, get
from bench.table import Line
from bench.traffic import Calls

PART = "c. the largest file: 10,000 numbers with their rules, 10,000 caller entries"
CALLS_RATE = 200
PING_RATE = 200

_LOAD = """
import json, sys, time
from rules.load import load
from bench.machine import resident
import os
text = open(sys.argv[1], "rb").read()
before = resident(os.getpid())
begun = time.perf_counter(), time.process_time()
loaded = load("large.yaml", {"large.yaml": text}, lambda _: None)
took = time.perf_counter() - begun[0], time.process_time() - begun[1]
print(json.dumps([*took, len(loaded.book.numbers) if loaded.book else 0, resident(os.getpid()) - before]))
"""


def load_once(path: Path) -> tuple[float, float, int, int]:
    """Load *path* in a fresh process; return seconds, CPU seconds, how many numbers there are, and bytes it grew by."""
    command = [sys.executable, "-c", _LOAD, str(path)]
    with servers_core():
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    seconds, cpu, numbers, grown = json.loads(done.stdout)
    return seconds, cpu, numbers, grown


def run(*, quick: bool) -> list[Line]:
    """Measure loading, memory and reloading."""
    with Folder() as folder:
        public, admin = free_port(), free_port()
        text = books.written(books.LARGE, public=public, admin=admin)
        path = folder.path / "large.yaml"
        path.write_text(text, encoding="utf-8")
        loads = [load_once(path) for _ in range(1 if quick else 3)]
        seconds, cpu = median(one[0] for one in loads), median(one[1] for one in loads)
        lines = [
            Line(
                PART,
                f"load of {len(text) / 1e6:.1f} MB, all checks",
                seconds,
                "s",
                "< 2",
                seconds < 2 and loads[0][2] == books.LARGE.numbers,
                f"{cpu:.2f} s CPU; fresh process, {loads[0][2]:,} numbers",
            )
        ]
        idle = idle_memory(folder.path / "small")
        (folder.path / "daemon").mkdir()
        begun = time.perf_counter()
        daemon = Daemon(folder.path / "daemon", text, public, admin)
        try:
            lines.append(Line(PART, "start of the daemon until ready", time.perf_counter() - begun, "s"))
            above = (daemon.memory() - idle) / 1e6
            lines.append(
                Line(
                    PART,
                    "memory above the daemon on the example",
                    above,
                    "MB",
                    "< 150",
                    above < 150,
                    f"that one holds {idle / 1e6:.0f} MB",
                )
            )
            lines += reload(daemon, text, quick=quick)
        finally:
            daemon.stop()
        return lines


def idle_memory(folder: Path) -> int:
    """Return what the daemon holds on the example file."""
    folder.mkdir()
    public, admin = free_port(), free_port()
    daemon = Daemon(folder, books.example(public, admin), public, admin)
    time.sleep(0.5)
    held = daemon.memory()
    daemon.stop()
    return held


def reload(daemon: Daemon, text: str, *, quick: bool) -> list[Line]:
    """Change a line of the file and ask for a reload, with calls at 200 a second and a question each 5 ms on the admin listener."""
    supply = Calls(books.strangers_and_friends(books.LARGE, 20_000), books.numbers_of(books.LARGE))
    metric = "switchhook_config_last_reload_success_timestamp_seconds"
    before = daemon.metric(metric)
    lines = [Line(PART, "a scrape of /metrics", *scrape(daemon))]
    quiet, busy = (1.5, 7.0) if quick else (3.0, 12.0)
    under_load(daemon, supply, quiet, None)
    calm, calm_calls = under_load(daemon, supply, quiet, None)
    changed = text.replace("Person 1,", "Person one,", 1)
    pings, calls = under_load(daemon, supply, busy, changed)
    end = time.monotonic() + 30
    while (after := daemon.metric(metric)) == before and time.monotonic() < end:
        time.sleep(0.5)
    stall = max(pings.latencies, default=float("inf")) * 1e3
    errors = pings.errors + calls.errors + calm.errors + calm_calls.errors
    lag = daemon.metric("switchhook_reactor_lag_seconds")
    return [
        *lines,
        Line(PART, "reload came into force", str(after != before).lower(), "", "true", after != before),
        Line(PART, f"errors during it, of {len(calls.latencies):,} calls", errors, "", "0", errors == 0),
        Line(
            PART,
            "longest stall of the reactor during it",
            stall,
            "ms",
            "< 50",
            stall < 50,
            f"p99 {pings.percentile(0.99) * 1e3:.1f}; without a reload {max(calm.latencies) * 1e3:.1f} at worst",
        ),
        Line(
            PART,
            "longest wait of a call during it",
            max(calls.latencies, default=float("inf")) * 1e3,
            "ms",
            note=f"p99 {calls.percentile(0.99) * 1e3:.1f}; reactor_lag_seconds afterwards {lag}",
        ),
        Line(PART, "memory above after the reload", daemon.memory() / 1e6, "MB", note="resident in all"),
    ]


def under_load(daemon: Daemon, supply: Calls, seconds: float, changed: str | None) -> tuple[Round, Round]:
    """Load the daemon; half a second in, write *changed* to its file and ask for a reload. Returns pings, calls."""

    def change() -> None:
        assert changed is not None
        beside = daemon.config.with_suffix(".new")
        beside.write_text(changed, encoding="utf-8")
        beside.replace(daemon.config)
        daemon.reload()

    calls = Stream(daemon.address, 16, iter(supply.take(int(CALLS_RATE * seconds) + 1)), CALLS_RATE)
    ping = cycle([get("/-/healthy", close=False)])
    pings = Stream(daemon.admin, 1, ping, PING_RATE, answered, queue=False)
    then = [(0.5, change)] if changed else []
    found = open_loop([pings, calls], seconds, then=then)
    return found[0], found[1]


def scrape(daemon: Daemon) -> tuple[float, str, str, bool | None, str]:
    """Return value, unit, target, verdict and note of the CPU time one scrape of the metrics takes."""
    before = daemon.cpu()
    daemon.metric("switchhook_journal_up")
    return (daemon.cpu() - before) * 1e3, "ms", "", None, "CPU of the process"
