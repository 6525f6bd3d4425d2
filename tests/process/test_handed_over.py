"""Listeners that a service manager holds open: while we restart nobody is refused, and who waits gets the real answer."""

import select
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

pytestmark = pytest.mark.slow

MANAGER = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1", LISTEN_FDNAMES=sys.argv[2])
os.execv(sys.argv[3], sys.argv[3:])
"""
"""What systemd does between fork and exec: the socket becomes descriptor 3, and the environment says so."""


@pytest.fixture
def held() -> Iterator[socket.socket]:
    """Return a listener that outlives daemons."""
    with socket.create_server(("127.0.0.1", 0)) as made:
        yield made


def managed(held: socket.socket, name: str = "public") -> dict[str, Any]:
    """Return how a daemon is started that is handed *held*."""
    return {"under": (sys.executable, "-c", MANAGER, str(held.fileno()), name), "keep": [held.fileno()]}


def test_nobody_is_refused_while_we_restart(office: Any, outside: ModuleType, twilio: Any, held: socket.socket) -> None:
    """A call that comes between two daemons waits for the second, which answers it, and it stands in the record once."""
    first = office.start(**managed(held))
    assert first.place() == held.getsockname()
    with outside.Wire(first.place()) as wire:
        assert wire.post(twilio.call("before")).code == 200
    assert first.stop() == 0

    with socket.create_connection(held.getsockname(), timeout=20) as caller:
        caller.sendall(twilio.call("between").raw())
        assert select.select([caller], [], [], 0)[0] == []
        office.start(**managed(held))
        answer = caller.recv(65536)

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"<Dial" in answer
    calls = [row["event_id"] for row in office.rows() if row["kind"] == "call"]
    assert calls == ["CAbefore", "CAbetween"]


def test_the_manager_hears_that_we_take_calls(
    office: Any, held: socket.socket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not before: who waits for it may send calls at once."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(str(tmp_path / "notify"))
        ear.settimeout(20)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        running = office.launch(**managed(held))
        heard, announced = ear.recv(100), (office.state / "running").exists()

    assert (heard, announced) == (b"READY=1", True)
    assert running.ready().place() == held.getsockname()


def test_a_socket_that_is_none_of_ours(office: Any, held: socket.socket) -> None:
    """Is refused before anything is touched."""
    running = office.launch(**managed(held, "switchhook.socket"))

    assert running.process.wait(20) == 1
    assert "'switchhook.socket', which is none of ours" in running.log.read_text()
    assert not office.state.exists()
