"""The processes that are measured: the daemon on a file of its own in a temporary folder, and the bare server beside it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from bench.loader import Address
from bench.machine import children_seconds, cpu_seconds, first_thread_seconds, resident, servers_core
from bench.traffic import ACCOUNT, TOKEN

ROOT = Path(__file__).parent.parent
PATIENCE = 60.0


class NotStartedError(Exception):
    """A server did not come up; the message is the end of what it wrote."""


def free_port() -> int:
    """Return a port nobody listens on right now."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


class Server:
    """A child process pinned to the servers' core; what it writes goes to *log*, as a daemon's output goes to a file."""

    def __init__(self, command: Sequence[str], log: Path, address: Address, environment: dict[str, str]) -> None:
        self.address = address
        self.log = log
        with log.open("wb") as output, servers_core():
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=ROOT,
                env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
            )

    @property
    def pid(self) -> int:
        """The process."""
        return self.process.pid

    def cpu(self) -> float:
        """Return the CPU seconds used so far, all threads, with those of the processes it has started."""
        return cpu_seconds(self.pid) + children_seconds(self.pid)

    def reactor_cpu(self) -> float:
        """Return the CPU seconds the first thread has used so far, which is the reactor's."""
        return first_thread_seconds(self.pid)

    def memory(self) -> int:
        """Return the resident bytes."""
        return resident(self.pid)

    def wait_until(self, address: Address, request: bytes) -> None:
        """Return once *address* answers *request* with 200."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            if fetch(address, request).startswith(b"HTTP/1.1 200"):
                return
            time.sleep(0.05)
        self.stop()
        raise NotStartedError(self.log.read_text(errors="replace")[-2000:] or "it wrote nothing")

    def stop(self) -> int:
        """End it in order, and by force if it does not; return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


def fetch(address: Address, request: bytes, timeout: float = 5.0) -> bytes:
    """Send one request on a connection of its own and return what came back before the connection ended; b"" if nothing."""
    try:
        with socket.create_connection(address, timeout) as wire:
            wire.sendall(request)
            return b"".join(iter(lambda: wire.recv(65536), b""))
    except OSError:
        return b""


def get(path: str, *, close: bool = True) -> bytes:
    """Return a GET request; with *close* the server is asked to hang up afterwards."""
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\n{'Connection: close' if close else 'Accept: */*'}\r\n\r\n".encode()


class Bare(Server):
    """The stock twisted.web resource of `bench.bare`."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        super().__init__([sys.executable, "-m", "bench.bare", str(port)], folder / "bare.log", ("127.0.0.1", port), {})
        body = b"From=1&To=2"
        head = b"POST / HTTP/1.1\r\nHost: bench\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        self.wait_until(self.address, head + b"Content-Length: %d\r\n\r\n" % len(body) + body)


class Daemon(Server):
    """
    `python -m router -c FILE run`, as anybody starts it; *text* is the rule file with two gaps for the ports.

    *program* is what the interpreter runs, for a profiler around it.
    """

    def __init__(
        self, folder: Path, text: str, public: int, admin: int, program: Sequence[str] = ("-m", "router")
    ) -> None:
        self.folder = folder
        self.config = folder / "config.yaml"
        self.config.write_text(text, encoding="utf-8")
        self.admin: Address = ("127.0.0.1", admin)
        command = [sys.executable, *program, "-c", str(self.config), "run"]
        secrets = {"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN}
        super().__init__(command, folder / "daemon.log", ("127.0.0.1", public), secrets)
        self.wait_until(self.admin, get("/-/ready"))

    def reload(self) -> None:
        """Ask for the files on disk to be taken into force."""
        self.process.send_signal(signal.SIGHUP)

    def metric(self, name: str) -> float | None:
        """Return the value of an unlabelled metric."""
        for line in fetch(self.admin, get("/metrics"), 60).decode(errors="replace").splitlines():
            if line.startswith(f"{name} "):
                return float(line.split()[1])
        return None


class Folder:
    """A temporary folder on the disk that holds the working tree's state, away when done."""

    def __enter__(self) -> Self:
        """Make it; `/tmp` is often memory, where a sync costs nothing."""
        self.path = Path(tempfile.mkdtemp(prefix="switchhook-bench-", dir=os.environ.get("BENCH_FOLDER")))
        return self

    def __exit__(self, *_: object) -> None:
        """Remove it."""
        shutil.rmtree(self.path, ignore_errors=True)
