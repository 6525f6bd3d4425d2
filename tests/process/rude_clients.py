"""Clients that mean no good, or cannot do better: they drip, never end, or damage what they send."""

import socket
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from random import Random
from time import monotonic
from typing import Any, NamedTuple

MEGABYTE = 1 << 20


class Heard(NamedTuple):
    """What came back on one connection: the *codes* of all answers in order, and after how many *seconds* it was closed."""

    codes: list[int]
    seconds: float
    closed: bool


def say(daemon: Any, pieces: Iterable[bytes], *, every: float = 0.0, patience: float = 1.0) -> Heard:
    """Send *pieces*, one *every* so many seconds, and listen until it is closed or silent for *patience* seconds."""
    began, heard, closed = monotonic(), b"", False
    with closing(socket.create_connection(daemon.place())) as line:
        try:
            for piece in pieces:
                line.sendall(piece)
                if every:
                    line.settimeout(every)
                    with suppress(TimeoutError):
                        heard += (got := line.recv(65536))
                        closed = closed or not got
                        if closed:
                            break
            line.settimeout(patience)
            while not closed:
                heard += (got := line.recv(65536))
                closed = not got
        except TimeoutError:
            pass
        except OSError:
            closed = True
    return Heard(codes_in(heard), monotonic() - began, closed)


def codes_in(heard: bytes) -> list[int]:
    """Return the status of every answer in *heard*."""
    return [int(part[:3]) for part in heard.split(b"HTTP/1.1 ")[1:]]


def endless() -> Iterator[bytes]:
    """300 MB in chunks."""
    yield b"POST /hooks/pbx/call HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    for _ in range(300):
        yield b"100000\r\n" + b"x" * MEGABYTE + b"\r\n"


def announced() -> Iterator[bytes]:
    """300 MB as announced."""
    yield f"POST /hooks/pbx/call HTTP/1.1\r\nHost: x\r\nContent-Length: {300 * MEGABYTE}\r\n\r\n".encode()
    for _ in range(300):
        yield b"x" * MEGABYTE


def drip(head: bytes, drop: bytes) -> Iterator[bytes]:
    """A beginning, and then little by little."""
    yield head
    for _ in range(40):
        yield drop


def spoilt(raw: bytes, chance: Random) -> bytes:
    """Damage a good request in one to three places."""
    for _ in range(chance.randint(1, 3)):
        place, other = chance.randrange(len(raw)), chance.randrange(len(raw))
        start, end = min(place, other), max(place, other)
        match chance.randrange(6):
            case 0:
                raw = raw[:place] + bytes([raw[place] ^ 1 << chance.randrange(8)]) + raw[place + 1 :]
            case 1:
                raw = raw[:start] + raw[end:] or b"\r\n"
            case 2:
                raw = raw[:end] + raw[start:end] + raw[end:]
            case 3:
                raw = raw[:place] + chance.randbytes(chance.randint(1, 40)) + raw[place:]
            case 4:
                raw = raw.replace(b"\r\n", chance.choice([b"\n", b"\r", b"\r\n\r\n", b"\0\r\n"]), chance.randint(1, 4))
            case _:
                raw = (
                    raw[:place] + chance.choice([b"%", b"\xff", b"&", b"=", b'"', b"{", b":", b";"]) * 300 + raw[place:]
                )
    return raw
