"""The peers at the other end: phones, and a client that says just what it is told to say."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

PATIENCE = 5.0
_COPIED = re.compile(r"(Via|From|To|Call-ID|CSeq|Record-Route):", re.IGNORECASE)
_REASONS = {180: "Ringing", 200: "OK", 486: "Busy Here", 487: "Request Terminated"}


class Phone:
    """A phone on UDP that rings, and then answers each call with *code*; 0: it rings until the caller gives up."""

    def __init__(self, code: int) -> None:
        self.code = code
        self.calls: list[str] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._socket.sendto(b"", ("127.0.0.1", self.port))
        self._thread.join(PATIENCE)
        self._socket.close()

    def _serve(self) -> None:
        while True:
            data, sender = self._socket.recvfrom(65535)
            if not data:
                return
            request = data.decode()
            method = request.partition(" ")[0]
            if method == "INVITE":
                self.calls.append(request)
                self._say(180, request, sender)
                if self.code:
                    self._say(self.code, request, sender)
            elif method != "ACK":
                self._say(200, request, sender)
            if method == "CANCEL":
                self._say(487, request.replace(" CANCEL\r\n", " INVITE\r\n"), sender)

    def _say(self, code: int, request: str, sender: tuple[str, int]) -> None:
        copied = [line for line in request.split("\r\n") if _COPIED.match(line)]
        tagged = [
            f"{line};tag=p{self.port}" if line.startswith("To:") and "tag=" not in line else line for line in copied
        ]
        contact = f"Contact: <sip:{self.port}@127.0.0.1:{self.port}>"
        lines = [f"SIP/2.0 {code} {_REASONS[code]}", *tagged, contact, "Content-Length: 0", "", ""]
        self._socket.sendto("\r\n".join(lines).encode(), sender)


def invite(port: int, call: str, *lines: str, method: str = "INVITE", transport: str = "UDP") -> bytes:
    """Write a request of a peer that hears answers on *port*; *call* tells one call from another."""
    said = [
        f"{method} sip:100@biz.example.com SIP/2.0",
        f"Via: SIP/2.0/{transport} 127.0.0.1:{port};branch=z9hG4bK{call}",
        "From: <sip:+12125550177@carrier.example>;tag=1",
        "To: <sip:100@biz.example.com>",
        f"Call-ID: {call}",
        f"CSeq: 1 {method}",
        "Max-Forwards: 70",
        *lines,
        "Content-Length: 0",
    ]
    return "\r\n".join([*said, "", ""]).encode()


class Client:
    """A peer on UDP, at *address* of this machine."""

    def __init__(self, server: tuple[str, int], address: str = "127.0.0.1") -> None:
        self.server = server
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((address, 0))
        self.port: int = self._socket.getsockname()[1]

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def send(self, data: bytes) -> None:
        """Send one datagram."""
        self._socket.sendto(data, self.server)

    def hear(self, within: float = PATIENCE) -> str | None:
        """Return the next answer; None when there is none in time."""
        self._socket.settimeout(within)
        try:
            return self._socket.recv(65535).decode()
        except TimeoutError:
            return None


@contextmanager
def client(server: tuple[str, int]) -> Iterator[Client]:
    """Return a client for a while."""
    with closing(Client(server)) as one:
        yield one


def free_port() -> int:
    """Return a port that nobody listens on for UDP just now."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def round_trips(folder: Path) -> list[float]:
    """Return the response times sipp has written there, in milliseconds, the shortest first."""
    lines = [line for file in folder.glob("*_rtt.csv") for line in file.read_text().splitlines()[1:]]
    return sorted(float(line.split(";")[1]) for line in lines)
