"""The whole daemon in memory: real files, journal, index, HTTP parser and Twilio's own signatures; only time and sockets are ours."""

# ruff: noqa: N802  the names are Twisted's

import os
import queue
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from pathlib import Path
from socket import create_server
from typing import Any
from urllib.parse import urlencode

import attrs
import pytest
from twilio.request_validator import RequestValidator
from twisted.internet.defer import Deferred
from twisted.internet.testing import MemoryReactorClock, StringTransport

from router.app import Daemon
from router.listeners import BusyError
from router.loading import InForce, Refusal, Source
from router.settings import Listen
from router.state import LockedError, StateFolder, read_running
from router.turns import Turns

PUBLIC, ADMIN, METRICS = 18080, 18081, 18082
TOKEN = "a-token"
TWILIO = (
    "twilio: {adapter: twilio, account: env:SID, secret: env:AUTH}\n  pbx: {adapter: generic, secret: env:PBX_SECRET}"
)


class _Pool:
    """Does at once what others do in threads."""

    def callInThreadWithCallback(self, done: Callable[[bool, Any], None], work: Callable[[], Any]) -> None:
        """Do *work*."""
        done(True, work())


class _Reactor(MemoryReactorClock):
    """Time and sockets in our hands; what comes from threads waits in a queue."""

    def __init__(self) -> None:
        super().__init__()
        self.from_threads: queue.SimpleQueue[Callable[[], Any]] = queue.SimpleQueue()

    def callFromThread(self, work: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        """Keep it for the reactor's turn."""
        self.from_threads.put(lambda: work(*args, **kwargs))

    def getThreadPool(self) -> _Pool:
        """Return one without threads."""
        return _Pool()

    def adoptStreamPort(self, fileDescriptor: int, addressFamily: int, factory: Any) -> Any:  # noqa: N803
        """Listen at a socket that is open already."""
        return self.listenTCP(0, factory)

    def turn(self, until: Callable[[], bool], step: float = 0.0001) -> None:
        """Go round until something has happened, *step* seconds each time; a sync may really take a moment."""
        for _ in range(200):
            self.advance(step)
            if until():
                return
            try:
                self.from_threads.get(timeout=0.02)()
            except queue.Empty:
                continue
        raise AssertionError("nothing happened")


class _Transport(StringTransport):
    def loseConnection(self) -> None:
        self.disconnecting = True

    def abortConnection(self) -> None:
        self.disconnecting = True

    def loseWriteConnection(self) -> None:
        self.disconnecting = True


@attrs.define(eq=False)
class _House:
    """A daemon on a folder."""

    folder: Path
    engines: Any
    reactor: _Reactor = attrs.field(factory=_Reactor)
    refusal: Refusal | None = None
    daemon: Daemon = attrs.field(init=False)
    clock: Any = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.clock = self.engines.FixedClock()
        self.daemon = self.build()

    def build(self) -> Daemon:
        """Build a daemon on what is on disk."""
        environment = self.engines.ENVIRONMENT | {"SID": "AC" + "0" * 32, "AUTH": TOKEN}
        source = Source(self.folder / "config.yaml", environment)
        began = source.read(self.clock.at)
        assert isinstance(began, InForce), began
        return Daemon(self.reactor, Turns(self.reactor), self.clock, source, began, self.refusal)

    def run(self, coroutine: Any, step: float = 0.0001) -> Any:
        """Run something to its end, *step* seconds a turn; an exception comes out."""
        got: list[Any] = []
        Deferred.fromCoroutine(coroutine).addBoth(got.append)
        self.reactor.turn(lambda: bool(got), step)
        if hasattr(got[0], "raiseException"):
            got[0].raiseException()
        return got[0]

    def request(self, port: int, head: str, body: bytes = b"") -> tuple[int, bytes]:
        """Speak HTTP with one of the listeners; returns code and body."""
        factory = next(server[1] for server in self.reactor.tcpServers if server[0] == port)
        connection = factory.buildProtocol(None)
        transport = _Transport()
        connection.makeConnection(transport)
        connection.dataReceived(f"{head}\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        self.reactor.turn(lambda: b"\r\n\r\n" in transport.value())
        answered, _, said = transport.value().partition(b"\r\n\r\n")
        connection.cut()
        return int(answered.split()[1]), said

    def twilio(self, path: str, **fields: str) -> ET.Element:
        """Post what Twilio posts, signed by Twilio's own library; returns the TwiML."""
        code, body = self.signed(path, **fields)
        assert code == 200, (code, body)
        return ET.fromstring(body)

    def signed(self, path: str, **fields: str) -> tuple[int, bytes]:
        """Post it, whatever the answer."""
        fields = {
            "AccountSid": "AC" + "0" * 32,
            "CallSid": "CA1",
            "From": "+12025550199",
            "To": "+16175550100",
        } | fields
        signature = RequestValidator(TOKEN).compute_signature(f"https://phone.example/base{path}", fields)
        head = (
            f"POST /base{path} HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"X-Twilio-Signature: {signature}"
        )
        return self.request(PUBLIC, head.replace("POST /base", "POST ", 1), urlencode(fields).encode())


@pytest.fixture
def folder(tmp_path: Path, engines: Any) -> Path:
    """Return a folder with the office on Twilio."""
    text = engines.OFFICE.replace("pbx: {adapter: generic, secret: env:PBX_SECRET}", TWILIO)
    text = text.replace("provider: pbx", "provider: twilio")
    listen = f'public: "127.0.0.1:{PUBLIC}", admin: "127.0.0.1:{ADMIN}", metrics: "127.0.0.1:{METRICS}"'
    (tmp_path / "config.yaml").write_text(text.replace('public: "127.0.0.1:0", admin: "127.0.0.1:0"', listen))
    return tmp_path


@pytest.fixture
def house(folder: Path, engines: Any) -> Iterator[_House]:
    """Return a daemon that has started."""
    house = _House(folder, engines)
    house.run(house.daemon.start())
    yield house
    house.run(house.daemon.stop(), step=0.1)  # what is being sent is given a few seconds


def _path(url: str | None) -> str:
    assert url is not None
    assert url.startswith("https://phone.example/base/hooks/")
    return url.removeprefix("https://phone.example/base")


def test_a_call_from_its_first_ring_to_the_message(house: _House) -> None:
    """Office hours ring the team; no answer goes on; press-1 refused goes on; nobody: voicemail."""
    first = house.twilio("/hooks/twilio/call", CallStatus="ringing")
    dial = first.find("Dial")
    assert dial is not None
    second = house.twilio(_path(dial.get("action")), CallStatus="in-progress", DialCallStatus="no-answer")
    number = second.find("Dial/Number")
    assert number is not None
    asked = house.twilio(_path(number.get("url")), CallSid="CA2", ParentCallSid="CA1")
    gather = asked.find("Gather")
    assert gather is not None
    refused = house.twilio(_path(gather.get("action")), CallSid="CA2", ParentCallSid="CA1", Digits="2")
    dial = second.find("Dial")
    assert dial is not None
    third = house.twilio(
        _path(dial.get("action")), CallStatus="in-progress", DialCallStatus="completed", DialBridged="false"
    )
    record = third.find("Record")
    assert record is not None
    last = house.twilio(_path(record.get("action")), RecordingDuration="7", RecordingUrl="https://r.example/1")

    assert [sip.text for sip in first.findall("Dial/Sip")] == ["sip:anna@pbx.example"]
    assert number.text == "+16175550142"
    assert refused.find("Hangup") is not None
    assert [verb.tag for verb in third][:2] == ["Say", "Record"]
    assert [verb.tag for verb in last] == ["Hangup"]


def test_a_copy_gets_the_same_bytes(house: _House) -> None:
    """Byte for byte, also after a restart."""
    first = house.signed("/hooks/twilio/call")
    again = house.signed("/hooks/twilio/call")
    house.run(house.daemon.stop())
    house.reactor = _Reactor()
    house.daemon = house.build()
    house.run(house.daemon.start())

    assert first == again == house.signed("/hooks/twilio/call")


def test_nothing_is_done_unsigned(house: _House) -> None:
    """A wrong signature gets 403 and no words; the admin's paths are not here."""
    head = "POST /hooks/twilio/call HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded"

    assert house.request(PUBLIC, head, b"CallSid=CA1") == (403, b"")
    assert house.request(PUBLIC, "GET /metrics HTTP/1.1")[0] == 404
    assert house.request(PUBLIC, "GET /-/status HTTP/1.1")[0] == 404
    assert 'webhook_rejected_total{provider="twilio"' in house.request(METRICS, "GET /metrics HTTP/1.1")[1].decode()


def test_the_daemon_tells_how_it_is(house: _House, folder: Path) -> None:
    """Ready, with its status; the place to ask stands in the state folder."""
    house.signed("/hooks/twilio/text", MessageSid="SM1", Body="hello")
    end = house.reactor.seconds() + 16
    house.reactor.turn(lambda: house.reactor.seconds() >= end, step=0.1)
    code, body = house.request(ADMIN, "GET /-/ready HTTP/1.1")
    status = house.request(ADMIN, "GET /-/status HTTP/1.1")[1].decode()

    assert (code, b'"ready": true' in body) == (200, True)
    assert '"numbers": ["main", "sales"]' in status
    assert read_running(folder / "state") == f"127.0.0.1:{ADMIN}"


def test_a_reload_is_followed_everywhere(house: _House, folder: Path) -> None:
    """New words are spoken, a provider that left is not known any more, greetings are served."""
    path = folder / "config.yaml"
    (folder / "hello.mp3").write_bytes(b"ID3")
    text = path.read_text().replace("\n  pbx: {adapter: generic, secret: env:PBX_SECRET}", "")
    path.write_text(text.replace("{say: Leave a message.}", "{play: hello.mp3}"))
    house.clock.at = house.engines.TUESDAY_22
    token = (folder / "state/admin-token").read_text().strip()

    code, _ = house.request(ADMIN, f"POST /-/reload HTTP/1.1\r\nAuthorization: Bearer {token}")
    play = house.twilio("/hooks/twilio/call").findtext("Play")

    assert code == 200
    assert play is not None
    served = house.request(PUBLIC, f"GET {play.removeprefix('https://phone.example/base')} HTTP/1.1")
    assert served == (200, b"ID3")
    assert house.request(PUBLIC, "POST /hooks/pbx/call HTTP/1.1")[0] == 404


def test_a_broken_file_while_running(house: _House, folder: Path) -> None:
    """It is refused within five seconds, and readiness says why while calls go on."""
    (folder / "config.yaml").write_text("nonsense")
    house.reactor.advance(5)
    house.reactor.turn(lambda: house.daemon.rules.refusal is not None)

    code, body = house.request(ADMIN, "GET /-/ready HTTP/1.1")

    assert (code, b"were refused" in body) == (200, True)
    assert house.signed("/hooks/twilio/call")[0] == 200


def test_a_second_daemon_does_not_start(house: _House, folder: Path, engines: Any) -> None:
    """The folder is locked, and nothing of the second one stays."""
    second = _House(folder, engines)

    with pytest.raises(LockedError):
        second.run(second.daemon.start())
    assert second.reactor.tcpServers == []
    assert second.reactor.getDelayedCalls() == []


def test_a_port_that_is_taken(folder: Path, engines: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was started is stopped again, and the folder is free."""
    house = _House(folder, engines)
    opened: list[str] = []

    def listen(reactor: Any, place: Listen, site: Any, *, mode: int) -> Any:
        opened.append(str(place))
        raise BusyError("cannot listen")

    monkeypatch.setattr("router.entrances.listen", listen)
    with pytest.raises(BusyError):
        house.run(house.daemon.start())
    lock = StateFolder(folder / "state")
    lock.open()
    lock.close()

    assert opened == [f"127.0.0.1:{ADMIN}"]
    assert house.reactor.getDelayedCalls() == []


def test_listeners_that_are_open_already(folder: Path, engines: Any) -> None:
    """Are listened at, whatever the configuration says; the others are opened, and the commands are told where they are."""
    house = _House(folder, engines)
    with create_server(("127.0.0.1", 0)) as held:
        house.daemon.handed = {"admin": os.dup(held.fileno())}
        house.run(house.daemon.start())
        places = house.daemon.entrances.places()
        announced = read_running(folder / "state")
        house.run(house.daemon.stop(), step=0.2)

        assert places["admin"] == announced == f"127.0.0.1:{held.getsockname()[1]}"
    assert places["public"] == f"127.0.0.1:{PUBLIC}"


def test_a_listener_for_metrics_that_only_the_service_manager_knows(folder: Path, engines: Any) -> None:
    """Is listened at all the same: it is open, and whoever comes there would wait for ever."""
    config = folder / "config.yaml"
    config.write_text(config.read_text().replace(f', metrics: "127.0.0.1:{METRICS}"', ""))
    house = _House(folder, engines)
    with create_server(("127.0.0.1", 0)) as held:
        house.daemon.handed = {"metrics": os.dup(held.fileno())}
        house.run(house.daemon.start())
        places = house.daemon.entrances.places()
        house.run(house.daemon.stop(), step=0.2)

        assert places["metrics"] == f"127.0.0.1:{held.getsockname()[1]}"


def test_a_sick_disk_is_said(house: _House) -> None:
    """By metric and log; what could not be written is named without numbers."""
    hooks = house.daemon.store.journal.hooks
    hooks.up(False)
    down = house.request(METRICS, "GET /metrics HTTP/1.1")[1]
    hooks.up(True)
    up = house.request(METRICS, "GET /metrics HTTP/1.1")[1]
    hooks.untold(house.engines.Record(1, "", "call", {"id": "x"}, "", None, "", ""))

    assert b"switchhook_journal_up 0.0" in down
    assert b"switchhook_journal_up 1.0" in up


def test_stopping_twice_is_stopping_once(house: _House) -> None:
    """And leaves nothing in the reactor."""
    house.run(house.daemon.stop())
    house.run(house.daemon.stop())

    assert house.reactor.getDelayedCalls() == []


def test_what_was_wrong_on_disk_is_said(house: _House, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A torn tail, a bad row, an index that is made anew: each is logged at start."""
    house.signed("/hooks/twilio/call", CallSid="CA1")
    house.signed("/hooks/twilio/call", CallSid="CA2")
    house.run(house.daemon.stop())
    segment = folder / "state/journal/00000001.jsonl"
    lines = segment.read_bytes().split(b"\n")
    lines[3] = lines[3].replace(b"CA1", b"CA7")
    lines[6:8] = [b'{"v":1,"torn', b""]
    segment.write_bytes(b"\n".join(lines))
    (folder / "state/index.db").write_bytes(b"nonsense" * 100)
    (folder / "state/index.db-wal").unlink(missing_ok=True)
    house.reactor = _Reactor()
    house.daemon = house.build()
    capsys.readouterr()

    house.run(house.daemon.start())

    said = capsys.readouterr().out
    assert "journal.corrupt" in said
    assert "index.rebuilding" in said
