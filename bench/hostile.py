"""Part d: what each of the nasty requests costs the daemon, and what it is answered."""

import time
from random import Random
from statistics import median

import attrs

from bench.nasty import Nasty, call, nasty
from bench.servers import Daemon, Folder, fetch, get
from bench.table import Line, table
from bench.webhook import start_daemon

PART = "d. one request of 64 KB, whatever its headers"
ALLOWED = 0.005
HOPELESS, PATIENCE = 0.5, 120.0
"""Seconds of CPU after which a request is not tried again; seconds to wait for the daemon to come back from one."""


@attrs.frozen
class Cost:
    """What one request cost: *seconds* of the reactor's CPU (median), and the *status* it got (`-`: the connection was closed)."""

    name: str
    size: int
    seconds: float
    status: str


def cost(daemon: Daemon, one: Nasty, tries: int, chance: Random) -> Cost:
    """Send a request alone, several times with an id of its own each, and take what the reactor used meanwhile."""
    used = []
    answer = request = b""
    for _ in range(tries):
        request = one.make(f"{chance.getrandbits(128):032x}")
        before = daemon.reactor_cpu()
        answer = fetch(daemon.address, request)
        time.sleep(0.002)
        if not answer:  # perhaps only that we gave up waiting: the next request must not pay for this one
            fetch(daemon.admin, get("/-/healthy"), PATIENCE)
        used.append(daemon.reactor_cpu() - before)
        if used[-1] > HOPELESS:
            break
    return Cost(one.name, len(request), median(used), answer[9:12].decode() if answer.startswith(b"HTTP/") else "-")


def run(*, quick: bool) -> tuple[list[Line], str]:
    """Try them all; returns the lines, and the table of every request."""
    chance = Random(3)
    with Folder() as folder:
        daemon = start_daemon(folder.path)
        try:
            cost(daemon, Nasty("warm-up", call([])), 200, chance)
            costs = [cost(daemon, one, 3 if quick else 9, chance) for one in nasty()]
            alive = cost(daemon, Nasty("afterwards", call([])), 1, chance).status == "200"
        finally:
            daemon.stop()
    worst = max(costs, key=lambda one: one.seconds)
    failed = [one.name for one in costs if one.status.startswith("5")]
    rows = [
        (
            one.name,
            f"{one.size:,}",
            f"{one.seconds * 1e3:.2f}",
            one.status,
            "" if one.seconds <= ALLOWED else "too long",
        )
        for one in sorted(costs, key=lambda one: -one.seconds)
    ]
    told = f"of {len(costs)} requests; CPU of the reactor's thread"
    lines = [
        Line(PART, f"longest: {worst.name}", worst.seconds * 1e3, "ms", "<= 5", worst.seconds <= ALLOWED, told),
        Line(PART, "answered with a 5xx", len(failed), "", "0", not failed, ", ".join(failed)),
        Line(PART, "answers calls afterwards", str(alive).lower(), "", "true", alive),
    ]
    return lines, table("requests of part d, the dearest first", ("request", "bytes", "ms CPU", "status", ""), rows)
