"""Load from outside: keep-alive connections on raw sockets, one request at a time on each, nothing parsed but the outcome."""

import gc
import re
import select
import socket
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence

import attrs

Address = tuple[str, int]
GRACE = 5.0
"""Seconds after the end in which answers still count; what has not come by then is an error."""

WAKING = 0.00005
"""Seconds the kernel may take to wake the loader (timer slack)."""

LONGEST_SLEEP = 0.01
"""Seconds between two looks at the clock when nothing comes and nothing is due."""

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


def answered_call(response: bytes) -> bool:
    """Say whether *response* is what a provider wants to a call."""
    return response.startswith(b"HTTP/1.1 200") and b"<Response" in response


def answered(response: bytes) -> bool:
    """Say whether *response* is a plain success."""
    return response.startswith(b"HTTP/1.1 200")


class Wire:
    """One keep-alive connection; *begun* is the moment the request under way counts from."""

    def __init__(self, address: Address) -> None:
        self.socket = socket.create_connection(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.begun = 0.0
        self._came = b""

    def send(self, request: bytes, begun: float) -> None:
        """Send a whole request; they are far smaller than a socket's buffer."""
        self.begun = begun
        self._came = b""
        self.socket.send(request)

    def read(self) -> bytes | None:
        """Return the response once it is whole, b"" when the connection broke, None while more must come."""
        try:
            data = self.socket.recv(65536)
        except OSError:
            return b""
        if not data:
            return b""
        self._came = came = self._came + data if self._came else data
        end = came.find(b"\r\n\r\n")
        if end < 0:
            return None
        length = _LENGTH.search(came, 0, end)
        if length is None:
            return b""
        return came if len(came) >= end + 4 + int(length[1]) else None

    def close(self) -> None:
        """Hang up."""
        self.socket.close()


@attrs.define
class Round:
    """What a stretch of load came to: *seconds* it took, *latencies* of what was answered well, *errors*."""

    seconds: float
    latencies: list[float]
    errors: int
    late: float = 0.0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """Return the latency (seconds) that *share* of the answers did not exceed."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def closed_loop(
    address: Address,
    connections: int,
    requests: Sequence[bytes],
    seconds: float,
    good: Callable[[bytes], bool] = answered_call,
) -> Round:
    """Send *requests*, the next on each connection as soon as the last is answered; stop after *seconds* or all of them."""
    waiting = iter(requests)
    wires = {wire.socket.fileno(): wire for wire in (Wire(address) for _ in range(connections))}
    epoll = select.epoll()
    latencies: list[float] = []
    errors = 0
    gc.disable()
    start = now = time.perf_counter()
    end = start + seconds
    for descriptor, wire in wires.items():
        epoll.register(descriptor, select.EPOLLIN)
        wire.send(next(waiting), now)
    busy = len(wires)
    while busy and now < end + GRACE:
        for descriptor, _ in epoll.poll(GRACE):
            wire = wires[descriptor]
            response = wire.read()
            if response is None:
                continue
            now = time.perf_counter()
            if good(response):
                latencies.append(now - wire.begun)
            else:
                errors += 1
            request = next(waiting, None) if response and now < end else None
            if request is None:
                busy -= 1
                epoll.unregister(descriptor)
            else:
                wire.send(request, now)
        now = time.perf_counter()
    gc.enable()
    for wire in wires.values():
        wire.close()
    epoll.close()
    return Round(now - start, latencies, errors + busy)


class Stream:
    """
    Requests to *address* at a fixed *rate* (a second), whether the answers keep up or not; latency counts from when each was due.

    Without *queue* a request that finds no free connection is left out, so that the longest latency is the longest silence.
    """

    def __init__(
        self,
        address: Address,
        connections: int,
        requests: Iterator[bytes],
        rate: float,
        good: Callable[[bytes], bool] = answered_call,
        *,
        queue: bool = True,
    ) -> None:
        self.wires = [Wire(address) for _ in range(connections)]
        self.requests = requests
        self.interval = 1 / rate
        self.good = good
        self.queue = queue
        self.idle = list(self.wires)
        self.waiting: deque[float] = deque()
        self.due = 0.0
        self.round = Round(0.0, [], 0)

    def send_due(self, now: float, end: float) -> None:
        """Send what is due by *now*; what finds no free connection waits, and its waiting counts."""
        while self.due <= now and self.due < end:
            if self.queue or len(self.waiting) < len(self.idle):
                self.waiting.append(self.due)
            self.due += self.interval
        while self.waiting and self.idle:
            due = self.waiting.popleft()
            self.round.late = max(self.round.late, now - due)
            # The one that has rested longest: the server hangs up on a connection that says nothing for ten seconds.
            self.idle.pop(0).send(next(self.requests), due)

    def receive(self, wire: Wire) -> bool:
        """Take what came on *wire*; False when the connection is lost."""
        response = wire.read()
        if response is None:
            return True
        if self.good(response):
            self.round.latencies.append(time.perf_counter() - wire.begun)
        else:
            self.round.errors += 1
        if response:
            self.idle.append(wire)
        return bool(response)

    def lose(self, wire: Wire) -> None:
        """Go on without *wire*."""
        self.wires.remove(wire)
        if wire in self.idle:
            self.idle.remove(wire)

    @property
    def pending(self) -> int:
        """How many requests are under way or wait."""
        return len(self.wires) - len(self.idle) + len(self.waiting)


def open_loop(
    streams: Sequence[Stream], seconds: float, *, then: Sequence[tuple[float, Callable[[], None]]] = ()
) -> list[Round]:
    """
    Run *streams* side by side for *seconds*, asleep whenever nothing is due.

    A loader that never sleeps would use up what the host gives the machine, and be measured in the server's latency. *then* are
    things to do on the way: (seconds after the start, what).
    """
    owners = {wire.socket: (stream, wire) for stream in streams for wire in stream.wires}
    gc.collect()
    gc.disable()
    now = start = time.perf_counter() + 0.05
    end = start + seconds
    for stream in streams:
        stream.due = start
    agenda = deque(sorted(then, key=lambda item: item[0]))
    while now < end or (now < end + GRACE and any(stream.pending for stream in streams)):
        while agenda and now >= start + agenda[0][0]:
            agenda.popleft()[1]()
        for stream in streams:
            stream.send_due(now, end)
        due = min(stream.due for stream in streams) - time.perf_counter()
        for readable in select.select(owners, [], [], min(max(0.0, due - WAKING), LONGEST_SLEEP))[0]:
            stream, wire = owners[readable]
            if not stream.receive(wire):
                del owners[readable]
                stream.lose(wire)
        now = time.perf_counter()
    gc.enable()
    for stream in streams:
        stream.round.seconds = seconds
        stream.round.errors += stream.pending
        for wire in stream.wires:
            wire.close()
    return [stream.round for stream in streams]
