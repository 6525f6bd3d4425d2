"""What a service manager hands over, and what it is told."""

import os
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from router.listeners import BusyError, adopt
from router.manager import StrangerError, handed_over, tell_ready


def environment(names: str, *, pid: int | None = None, count: int | None = None) -> dict[str, str]:
    """Return what systemd sets for sockets with these *names*."""
    count = len(names.split(":")) if count is None else count
    return {"LISTEN_PID": str(pid or os.getpid()), "LISTEN_FDS": str(count), "LISTEN_FDNAMES": names, "HOME": "/"}


@pytest.mark.parametrize(
    ("given", "found"),
    [
        pytest.param({"HOME": "/"}, {}, id="nobody holds anything"),
        pytest.param(environment("public"), {"public": 3}, id="one"),
        pytest.param(
            environment("admin:public:metrics"), {"admin": 3, "public": 4, "metrics": 5}, id="all, in any order"
        ),
        pytest.param(environment("public", pid=1), {}, id="they are another process's"),
        pytest.param({"LISTEN_PID": str(os.getpid())}, {}, id="not said how many"),
    ],
)
def test_what_is_handed_over(given: dict[str, str], found: dict[str, int]) -> None:
    """By name; descriptors begin with the third (sd_listen_fds(3))."""
    assert handed_over(given) == found


def test_no_child_takes_them_for_its_own() -> None:
    """They are no longer in the environment that children inherit."""
    given = environment("public")
    handed_over(given)

    assert not {"LISTEN_PID", "LISTEN_FDS"} & set(given)


def test_a_name_that_tells_nothing_is_refused_in_words() -> None:
    """Without `FileDescriptorName=` the name is that of the unit: it would be open, and nobody would ever answer there."""
    with pytest.raises(StrangerError) as refused:
        handed_over(environment("switchhook.socket"))

    assert str(refused.value) == (
        "the service manager holds a socket called 'switchhook.socket', which is none of ours; "
        "call it public, admin or metrics (FileDescriptorName= in its unit)"
    )


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({**environment("x"), "LISTEN_FDNAMES": ""}, id="without names"),
        pytest.param(environment("public", count=2), id="one of two without a name"),
        pytest.param(environment("public:public"), id="two of one name: a unit with two addresses"),
    ],
)
def test_sockets_that_cannot_be_told_apart_are_refused(given: dict[str, str]) -> None:
    """One of them would be open, and nobody would ever answer there."""
    with pytest.raises(StrangerError, match="name each of them differently"):
        handed_over(given)


# ---------------------------------------------------------------- listening there


class Reactor:
    """A reactor that keeps what it adopts."""

    def __init__(self) -> None:
        self.adopted: list[tuple[int, bool]] = []

    def adoptStreamPort(self, fileDescriptor: int, addressFamily: int, factory: Any) -> str:  # noqa: N802, N803
        """Note the family, and whether the socket blocks."""
        self.adopted.append((addressFamily, os.get_blocking(fileDescriptor)))
        return "port"


@pytest.fixture
def given() -> Iterator[socket.socket]:
    """Return a socket that listens, as a service manager opens it."""
    with socket.create_server(("127.0.0.1", 0)) as made:
        yield made


def test_an_open_socket_is_taken_over(given: socket.socket) -> None:
    """The reactor gets it unblocking; what we were given is used up, and the place is where it really listens."""
    reactor, descriptor = Reactor(), os.dup(given.fileno())
    listener = adopt(reactor, "public", descriptor, "site")  # type: ignore[arg-type]

    assert reactor.adopted == [(socket.AF_INET, False)]
    assert (listener.port, str(listener.place)) == ("port", f"127.0.0.1:{given.getsockname()[1]}")
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


def test_a_unix_socket_is_taken_over(tmp_path: Path) -> None:
    """Its place is its path."""
    reactor = Reactor()
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(tmp_path / "x"))
        made.listen()
        listener = adopt(reactor, "admin", os.dup(made.fileno()), "site")  # type: ignore[arg-type]

    assert str(listener.place) == f"unix:{tmp_path / 'x'}"


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        pytest.param(socket.SOCK_STREAM, "not one that listens", id="a connection, of a unit with Accept=yes"),
        pytest.param(socket.SOCK_DGRAM, "not one that listens", id="for datagrams"),
        pytest.param(None, "is no socket: socket operation on non-socket", id="a file"),
    ],
)
def test_what_cannot_be_listened_at_is_refused(kind: int | None, words: str, tmp_path: Path) -> None:
    """In words, with its name."""
    if kind is None:
        descriptor = os.open(tmp_path / "file", os.O_CREAT | os.O_RDWR)
    else:
        with socket.socket(socket.AF_INET, kind) as made:
            descriptor = os.dup(made.fileno())

    with pytest.raises(BusyError, match=f"handed over as 'public' .*{words}|'public' {words}"):
        adopt(Reactor(), "public", descriptor, "site")  # type: ignore[arg-type]


# ---------------------------------------------------------------- telling it


@pytest.mark.parametrize("abstract", [False, True], ids=["at a path", "in the abstract namespace"])
def test_it_is_told_that_we_take_calls(abstract: bool, tmp_path: Path) -> None:
    """A datagram (sd_notify(3))."""
    address = f"@switchhook-{os.getpid()}" if abstract else str(tmp_path / "notify")
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as ear:
        ear.bind("\0" + address[1:] if abstract else address)
        ear.settimeout(10)
        tell_ready({"NOTIFY_SOCKET": address})

        assert ear.recv(100) == b"READY=1"


@pytest.mark.parametrize("given", [{}, {"NOTIFY_SOCKET": "/nowhere/at/all"}], ids=["nobody asked", "it is gone"])
def test_nobody_to_tell(given: dict[str, str]) -> None:
    """Is no reason not to take calls."""
    tell_ready(given)
