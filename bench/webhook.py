"""Part a: the whole webhook of the real daemon against a bare twisted.web resource; how many, how soon, at what cost."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

import attrs

from bench import books
from bench.loader import Round, Stream, answered_call, closed_loop, open_loop
from bench.machine import sync_seconds
from bench.servers import Bare, Daemon, Folder, Server, free_port
from bench.table import Line
from bench.traffic import Calls

PART = "a. webhook (signature, parse, decide, journal sync, log, metrics, TwiML) against bare twisted.web"
CONNECTIONS = 32
OPEN_RATE = 1000
OPEN_CONNECTIONS = 64
SYNCS_ALLOWED = 5


def calls(seed: int) -> Calls:
    """Return calls to the twenty numbers of the company measured."""
    return Calls(books.strangers_and_friends(books.SMALL, 20_000), books.numbers_of(books.SMALL), seed)


def start_daemon(folder: Path, program: Sequence[str] = ("-m", "router")) -> Daemon:
    """Start the daemon on the rules of 50 people and 20 numbers that never close, so that each call rings people."""
    public, admin = free_port(), free_port()
    return Daemon(folder, books.written(books.SMALL, always=True, public=public, admin=admin), public, admin, program)


@attrs.frozen
class Measured:
    """One round on one server; *cpu* seconds it used meanwhile."""

    round: Round
    cpu: float

    @property
    def each(self) -> float:
        """CPU seconds of one answer."""
        return self.cpu / max(1, len(self.round.latencies))


def closed(
    server: Server, supply: Calls, seconds: float, most: int, change: Callable[[bytes], bytes] | None = None
) -> Measured:
    """Run one round of the closed loop; the requests are made before it begins, *change* makes others of them."""
    requests = supply.take(most)
    if change:
        requests = [change(request) for request in requests]
    before = server.cpu()
    done = closed_loop(server.address, CONNECTIONS, requests, seconds, bool if change else answered_call)
    return Measured(done, server.cpu() - before)


def opened(server: Server, supply: Calls, seconds: float) -> Measured:
    """Run one round at a fixed rate."""
    requests = supply.take(int(OPEN_RATE * seconds) + 1)
    before = server.cpu()
    stream = Stream(server.address, OPEN_CONNECTIONS, iter(requests), OPEN_RATE)
    (done,) = open_loop([stream], seconds)
    return Measured(done, server.cpu() - before)


def alternating(servers: tuple[Server, Server], rounds: int, one: Callable[[Server], Measured]) -> list[list[Measured]]:
    """Measure the servers in turns, so that whatever else the machine does meets them alike."""
    found: list[list[Measured]] = [[], []]
    for _ in range(rounds):
        for server, results in zip(servers, found, strict=True):
            results.append(one(server))
            time.sleep(0.2)
    return found


def run(*, quick: bool) -> list[Line]:
    """Measure both servers."""
    seconds, rounds = (1.0, 3) if quick else (3.0, 5)
    with Folder() as folder:
        bare = Bare(folder.path)
        ours = start_daemon(folder.path)
        servers = (bare, ours)
        try:
            supply = calls(1)
            alternating(servers, 1, lambda server: closed(server, supply, seconds, int(8000 * seconds)))
            done = alternating(servers, rounds, lambda server: closed(server, supply, seconds, int(8000 * seconds)))
            lines = throughput(done[0], done[1])
            waits = alternating(servers, 1 if quick else 3, lambda server: opened(server, supply, 2 * seconds))
            lines += latency(waits[0], waits[1], sync_seconds(folder.path))
            lines.append(Line(PART, "memory of the daemon afterwards", ours.memory() / 1e6, "MB"))
        finally:
            bare.stop()
            code = ours.stop()
        lines.append(Line(PART, "exit code of the daemon on SIGTERM", str(code), "", "0", code == 0))
        return lines


def throughput(bare: list[Measured], ours: list[Measured]) -> list[Line]:
    """Compare the closed loop."""
    rates = [median(each.round.rate for each in results) for results in (bare, ours)]
    costs = [median(each.each for each in results) * 1e6 for results in (bare, ours)]
    errors = sum(each.round.errors for each in (*bare, *ours))
    ratio = rates[1] / rates[0]
    return [
        Line(
            PART, f"bare, {CONNECTIONS} connections closed loop", rates[0], "req/s", note=f"{costs[0]:.0f} us CPU each"
        ),
        Line(
            PART,
            f"switchhook, {CONNECTIONS} connections closed loop",
            rates[1],
            "req/s",
            note=f"{costs[1]:.0f} us CPU each",
        ),
        Line(PART, "requests/s, switchhook over bare", ratio, "x", ">= 1.0 (aim 1.4)", ratio >= 1),
        Line(PART, "CPU time, bare over switchhook", costs[0] / costs[1], "x"),
        Line(PART, "errors in all rounds", errors, "", "0", errors == 0),
    ]


def latency(bare: list[Measured], ours: list[Measured], sync: float) -> list[Line]:
    """Compare what a call waits at a fixed rate, from the moment it was due."""
    lines = [Line(PART, "fdatasync of 600 bytes on this disk", sync * 1e3, "ms", note="median of 200")]
    last: list[float] = []
    for name, results in (("bare", bare), ("switchhook", ours)):
        p50, p99, p999 = (
            median(each.round.percentile(share) for each in results) * 1e3 for share in (0.5, 0.99, 0.999)
        )
        cost = median(each.each for each in results) * 1e6
        errors = sum(each.round.errors for each in results)
        note = f"p50 {p50:.2f}, p99.9 {p999:.2f}; {cost:.0f} us CPU each; {errors} errors"
        lines.append(Line(PART, f"{name}, {OPEN_RATE:,} requests/s open loop, p99", p99, "ms", note=note))
        last.append(p99)
    allowed = last[0] + SYNCS_ALLOWED * sync * 1e3
    extra = (last[1] - last[0]) / (sync * 1e3)
    lines.append(
        Line(PART, "p99 above the bare p99, in syncs", extra, "syncs", f"<= {SYNCS_ALLOWED}", last[1] <= allowed)
    )
    return lines
