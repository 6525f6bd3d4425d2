"""Greeting files: served under their hash, piece by piece, to anybody who knows it."""

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from adapters.media import MediaFile

NAME = "0" * 64 + ".mp3"
SOUND = bytes(range(256)) * 1000


@pytest.fixture(params=["in memory", "on disk"])
def world(request: pytest.FixtureRequest, fakes: ModuleType, tmp_path: Path) -> Any:
    """Return a host that serves one sound."""
    if request.param == "in memory":
        return fakes.World(media={NAME: MediaFile("audio/mpeg", SOUND)})
    path = tmp_path / "closed.mp3"
    path.write_bytes(SOUND)
    return fakes.World(media={NAME: MediaFile("audio/mpeg", path)})


def _ask(method: str = "GET", name: str = NAME) -> bytes:
    return f"{method} /media/{name} HTTP/1.1\r\nHost: h\r\n\r\n".encode()


def test_a_file_is_served_whole(world: Any) -> None:
    """With its type, its length, and leave to keep it for ever: its name is its content."""
    client = world.connect()

    head, _, body = client.send(_ask()).partition(b"\r\n\r\n")

    assert head == (
        b"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\n"
        b"Cache-Control: public, max-age=31536000, immutable\r\nContent-Length: 256000"
    )
    assert body == SOUND
    assert client.send(_ask()).endswith(SOUND)


def test_head_sends_the_head_alone(world: Any, fakes: ModuleType) -> None:
    """And the connection goes on."""
    client = world.connect()

    answer = client.send(_ask("HEAD"))

    assert answer.endswith(b"Content-Length: 256000\r\n\r\n")
    assert fakes.status(client.send(_ask())) == 200


@pytest.mark.parametrize(
    ("request_bytes", "code"),
    [
        pytest.param(_ask(name="1" * 64 + ".mp3"), 404, id="another hash"),
        pytest.param(_ask(name="../" + NAME), 404, id="a path"),
        pytest.param(_ask(name=""), 404, id="no name"),
        pytest.param(_ask("POST"), 405, id="POST"),
    ],
)
def test_nothing_else_is_served(request_bytes: bytes, code: int, world: Any, fakes: ModuleType) -> None:
    """Only names the configuration made."""
    assert fakes.status(world.connect().send(request_bytes)) == code


def test_a_file_that_was_taken_away_is_not_found(world: Any, fakes: ModuleType, tmp_path: Path) -> None:
    """It is 404, not a fault."""
    world.media[NAME] = MediaFile("audio/mpeg", tmp_path / "gone.mp3")

    assert fakes.status(world.connect().send(_ask())) == 404


def test_a_slow_client_is_sent_no_more_than_it_reads(world: Any) -> None:
    """A full transport pauses the download; one that takes too long is cut, and nothing stays behind."""
    client = world.connect()
    channel = client.transport
    written: list[int] = []
    write = channel.write

    def fills(data: bytes) -> None:
        write(data)
        written.append(len(data))
        channel.producer.pauseProducing()

    channel.write = fills
    client.send(_ask())

    assert written[1:] == [65_536]
    channel.producer.resumeProducing()
    assert written[1:] == [65_536, 65_536]
    world.pass_seconds(121)
    assert client.gone
    assert world.clock.getDelayedCalls() == []


def test_a_client_that_leaves_ends_the_download(world: Any) -> None:
    """The file is closed; nobody is told to go on."""
    client = world.connect()
    client.transport.write = lambda _data: client.transport.producer.pauseProducing()
    client.send(_ask())
    producer = client.transport.producer

    producer.stopProducing()
    client.vanish()

    world.pass_seconds(1)
    assert world.clock.getDelayedCalls() == []
