"""How an answer leaves: at once when the socket takes it, in order, whole, and once."""

from types import ModuleType
from typing import Any

import pytest
from twisted.internet.main import CONNECTION_LOST

from adapters.api import RawResponse

BODY = b"<Response>" + b"x" * 500 + b"</Response>"


@pytest.fixture
def world(fakes: ModuleType) -> Any:
    """Return a host whose provider gives a long answer."""
    return fakes.World(receiver=fakes.FakeReceiver(RawResponse(200, "text/xml", BODY)))


@pytest.fixture
def client(world: Any) -> Any:
    """Return a client whose transport keeps what it is given until it is told that the socket can be written to."""
    connected = world.connect()
    transport = connected.transport
    transport.queued = []
    transport.write = transport.queued.append
    transport.writeSequence = transport.queued.extend
    return connected


def queued(client: Any) -> bytes:
    """Return what waits in the transport."""
    waiting: bytes = b"".join(client.transport.queued)
    return waiting


def test_an_answer_that_fits_is_sent_at_once(fakes: ModuleType, client: Any) -> None:
    """In one piece; the next one too."""
    answers = [client.send(fakes.post()) for _ in range(2)]

    assert [answer.endswith(b"\r\n\r\n" + BODY) for answer in answers] == [True, True]
    assert queued(client) == b""


@pytest.mark.parametrize("room", [0, 1, 300])
def test_what_does_not_fit_waits_for_the_socket(fakes: ModuleType, client: Any, room: int) -> None:
    """Nothing is sent twice or left out, and no later answer overtakes it."""
    client.transport.room = room
    first = client.send(fakes.post())
    client.transport.room = None
    second = client.send(fakes.post())

    whole = first + queued(client)
    assert (len(first), second) == (room, b"")
    assert whole.count(b"HTTP/1.1 200 OK") == whole.count(BODY) == 2
    assert whole.endswith(BODY)


def test_a_lost_connection_is_found_out_by_the_transport(fakes: ModuleType, client: Any) -> None:
    """It knows best what to do about it."""
    client.transport.writeSomeData = lambda _data: CONNECTION_LOST

    assert client.send(fakes.post()) == b""
    assert queued(client).endswith(BODY)


def test_the_answer_does_not_overtake_the_word_to_go_on(fakes: ModuleType, client: Any) -> None:
    """A client that asks whether it may send its body, and sends it all the same."""
    assert client.send(fakes.post(Expect="100-continue")) == b""

    assert queued(client).startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")


def test_an_answer_to_head_has_no_body(fakes: ModuleType, client: Any) -> None:
    """Its length is told."""
    answer = client.send(b"HEAD /hooks/acme/call HTTP/1.1\r\nHost: h\r\n\r\n")

    assert fakes.status(answer) == 405
    assert answer.endswith(b"\r\n\r\n")


def test_a_transport_that_only_writes_later_is_written_to(fakes: ModuleType, client: Any) -> None:
    """As one with TLS is."""
    client.transport.writeSomeData = None

    assert client.send(fakes.post()) == b""
    assert queued(client).endswith(BODY)
