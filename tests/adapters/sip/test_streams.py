"""TCP and TLS: messages in pieces, limits to connections, and who is at the other end; UDP, TCP and TLS over real sockets."""

# ruff: noqa: N802  the names are Twisted's

import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path
from socket import create_connection
from types import ModuleType
from typing import Any

import pytest
import pytest_twisted
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from OpenSSL.crypto import X509
from twisted.internet import reactor as installed
from twisted.internet.defer import Deferred
from twisted.internet.protocol import DatagramProtocol, Factory, Protocol
from twisted.internet.ssl import CertificateOptions
from twisted.internet.threads import deferToThread

from adapters.sip.certificates import TlsFiles, names_in, tls_options
from adapters.sip.core import Core
from adapters.sip.datagrams import Datagrams
from adapters.sip.limits import DATAGRAM
from adapters.sip.peers import Peer, Peers
from adapters.sip.streams import Streams

reactor: Any = installed
Write = Callable[..., bytes]
ALICE = Peer(name="alice", tls_subject="alice.example.com")


def certificate(*names: x509.GeneralName, common: str = "pbx.example.com") -> tuple[bytes, bytes]:
    """Make a self-signed certificate and its key, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common)])
    at = datetime(2020, 1, 1, tzinfo=UTC)
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(at).not_valid_after(at + timedelta(days=36500))
    if names:
        made = made.add_extension(x509.SubjectAlternativeName(names), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    pem, how = serialization.Encoding.PEM, serialization.NoEncryption()
    written = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, how)
    return made.sign(key, hashes.SHA256()).public_bytes(pem), written


def shown(*names: x509.GeneralName, common: str = "PBX.example.com") -> X509:
    """Make a certificate as Twisted hands it over."""
    return X509.from_cryptography(x509.load_pem_x509_certificate(certificate(*names, common=common)[0]))


def heard(sip: ModuleType, transport: Any) -> list[int]:
    """Return the codes of what was written, and forget it."""
    said = transport.value()
    transport.clear()
    return [int(part.split(b" ")[0]) for part in said.split(b"SIP/2.0 ")[1:]]


# ---------------------------------------------------------------- messages


def test_messages_in_pieces_and_together(sip: ModuleType, sip_bytes: Write) -> None:
    """Byte by byte or two at once: each gets its answer, on the connection; a ping gets a pong."""
    world = sip.World()
    stream, transport = world.connect(world.streams())
    for byte in sip_bytes(sip.OPTIONS):
        stream.dataReceived(bytes([byte]))
    assert heard(sip, transport) == [200]
    stream.dataReceived(sip_bytes(sip.OPTIONS) * 2)
    assert heard(sip, transport) == [200, 200]
    stream.dataReceived(b"\r\n\r\n")
    assert transport.value() == b"\r\n"
    stream.stopProducing()


def test_nothing_is_sent_twice(sip: ModuleType, sip_bytes: Write) -> None:
    """No timer G; an ACK ends it at once, its absence is noted after 32 s all the same; a text is over with its answer."""
    world = sip.World()
    stream, transport = world.connect(world.streams())
    stream.dataReceived(sip_bytes(sip.INVITE) + sip_bytes(sip.ACK))
    assert len(world.core.transactions) == 0
    stream.dataReceived(sip_bytes(sip.MESSAGE, Call_ID="b@x"))
    assert len(world.core.transactions) == 0
    stream.dataReceived(sip_bytes(sip.INVITE))
    assert heard(sip, transport) == [302, 302, 302]
    world.until(32.1)
    assert heard(sip, transport) == []
    assert world.decider.heard == ["unacknowledged"]


def test_garbage_is_answered_and_ends_the_connection(sip: ModuleType, sip_bytes: Write) -> None:
    """Without a length nobody knows where the next message begins."""
    world = sip.World()
    stream, transport = world.connect(world.streams())
    stream.dataReceived(sip_bytes(sip.OPTIONS, Content_Length=None) + sip_bytes(sip.OPTIONS))
    assert heard(sip, transport) == [400]
    assert transport.disconnecting


def test_a_framer_that_fails_ends_the_connection(
    sip: ModuleType, sip_bytes: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is counted, and nothing is raised."""
    world = sip.World()
    stream, transport = world.connect(world.streams())
    monkeypatch.setattr("adapters.sip.framing.Framer.feed", lambda *_: 1 / 0)
    stream.dataReceived(b"x")
    assert transport.disconnecting
    assert world.counts["internal_error"] == 1


def test_an_answer_after_the_end_of_the_connection(sip: ModuleType, sip_bytes: Write) -> None:
    """It is for nobody, and counted."""
    world = sip.World(waits=True)
    streams = world.streams()
    stream, transport = world.connect(streams)
    stream.dataReceived(sip_bytes(sip.INVITE))
    stream.connectionLost()
    world.decider.waiting[0].callback(sip.MOVED)
    assert heard(sip, transport) == []
    assert world.counts["dropped.unsent"] == 1
    assert streams.connections == set()


# ---------------------------------------------------------------- limits


@pytest.mark.parametrize(
    ("pieces", "cut_at"),
    [
        pytest.param([], 180, id="a connection that says nothing"),
        pytest.param([(0, b"INV")], 10, id="a message that is never finished"),
        pytest.param([(0, b"I"), (5, b"N"), (9, b"V")], 10, id="a dripping one"),
        pytest.param([(0, b"\r\n\r\n"), (100, b"\r\n\r\n")], 280, id="one that pings"),
        pytest.param([(0, b"I"), (9, b"")], 10, id="not even an empty piece helps"),
    ],
)
def test_how_long_a_connection_may_take(sip: ModuleType, pieces: list[tuple[float, bytes]], cut_at: float) -> None:
    """Ten seconds for the rest of a message, from its first byte; three minutes between two."""
    world = sip.World()
    stream, transport = world.connect(world.streams())
    for at, piece in pieces:
        world.clock.callLater(at, stream.dataReceived, piece)
    world.until(cut_at - 0.5)
    assert not transport.aborted
    world.until(cut_at + 1.5)
    assert transport.aborted


def test_a_new_message_begun_in_time_has_its_own_ten_seconds(sip: ModuleType, sip_bytes: Write) -> None:
    """What counts is the message under way."""
    world = sip.World()
    stream, transport = world.connect(world.streams())
    request = sip_bytes(sip.OPTIONS)
    stream.dataReceived(request[:9])
    world.until(9)
    stream.dataReceived(request[9:] + request[:9])
    world.until(18)
    assert not transport.aborted
    world.until(20)
    assert transport.aborted


def test_how_many_connections(sip: ModuleType) -> None:
    """So many in all, so many of one peer; one that ends makes room."""
    two = Peer(name="two", source=(ip_network("10.0.1.0/24"),))
    world = sip.World(sip.EDGE, two)
    streams = world.streams(most=3, most_of_peer=2)
    ends = [world.connect(streams, ip) for ip in ("10.0.0.7", "10.0.0.8", "10.0.0.9")]
    assert [transport.aborted for _, transport in ends] == [False, False, True]
    ends[2][0].connectionLost()
    ends += [world.connect(streams, "10.0.1.1"), world.connect(streams, "10.0.1.2")]
    assert [transport.aborted for _, transport in ends[3:]] == [False, True]
    ends[0][0].connectionLost()
    assert not world.connect(streams, "10.0.0.9")[1].aborted
    streams.close()
    assert ends[1][1].disconnecting
    streams.stopFactory()


def test_somebody_who_does_not_read(sip: ModuleType, sip_bytes: Write) -> None:
    """What waits for him is bounded; when he reads after all, counting starts anew."""
    world = sip.World()
    stream, transport = world.connect(world.streams())
    for _ in range(2):
        stream.pauseProducing()
        stream.pauseProducing()
        stream.send(b"x" * 256 * 1024, 0)
        assert not transport.aborted
        stream.resumeProducing()
    stream.pauseProducing()
    stream.send(b"x" * (256 * 1024 + 1), 0)
    assert transport.aborted


# ---------------------------------------------------------------- who it is


@pytest.mark.parametrize(
    ("name", "ip", "names", "known"),
    [
        pytest.param("tcp", "10.0.0.7", None, True, id="a peer by address"),
        pytest.param("tcp", "192.0.2.1", None, False, id="a stranger"),
        pytest.param("tls", "10.0.0.7", None, True, id="a peer by address over TLS without a certificate"),
        pytest.param("tls", "192.0.2.1", "alice.example.com", True, id="a peer by certificate"),
        pytest.param("tls", "192.0.2.1", "mallory.example.com", False, id="another certificate"),
        pytest.param("tls", "192.0.2.1", None, False, id="none where one is needed"),
    ],
)
def test_who_is_at_the_other_end(
    sip: ModuleType, sip_bytes: Write, name: str, ip: str, names: str | None, known: bool
) -> None:
    """A stranger is cut off without a byte."""
    world = sip.World(sip.EDGE, ALICE)
    stream, transport = world.connect(world.streams(name), ip, shown(common=names) if names else None)
    stream.dataReceived(sip_bytes(sip.OPTIONS))
    assert heard(sip, transport) == ([200] if known else [])
    assert transport.aborted is not known
    assert world.counts["dropped.unlisted"] == (not known)


def test_the_names_in_a_certificate() -> None:
    """Common name, DNS names, URIs and addresses, in small letters; none without a certificate."""
    names = [x509.DNSName("SBC.example.com"), x509.UniformResourceIdentifier("sip:example.com")]
    assert names_in(shown(*names, x509.IPAddress(ip_address("10.0.0.7")))) == {
        "pbx.example.com", "sbc.example.com", "sip:example.com", "10.0.0.7",
    }  # fmt: skip
    assert names_in(None) == frozenset()


# ---------------------------------------------------------------- real sockets


class Listener(Protocol):
    """Collects what a connection brings; fires when an answer is whole."""

    def __init__(self, request: bytes) -> None:
        self.request, self.got = request, b""
        self.done: Deferred[bytes] = Deferred()

    def connectionMade(self) -> None:
        self.transport.write(self.request)  # type: ignore[union-attr]

    def dataReceived(self, data: bytes) -> None:
        self.got += data
        if b"\r\n\r\n" in self.got and not self.done.called:
            self.done.callback(self.got)


class DatagramListener(DatagramProtocol):
    """Sends one datagram, and waits for one."""

    def __init__(self, request: bytes, port: int) -> None:
        self.request, self.port = request, port
        self.done: Deferred[bytes] = Deferred()

    def startProtocol(self) -> None:
        self.transport.write(self.request, ("127.0.0.1", self.port))

    def datagramReceived(self, datagram: bytes, addr: Any) -> None:
        self.done.callback(datagram)


@pytest.fixture
def core(sip: ModuleType) -> Core:
    """Return a server on the real clock for whoever is here, over TLS for Alice alone."""
    here = Peer(name="here", source=(ip_network("127.0.0.1"),), transports=frozenset({"udp", "tcp"}))
    return Core(reactor, sip.FakeDecider(), sip.FakeStatistics(), Peers((here, ALICE)), b"secret")


@pytest_twisted.ensureDeferred
async def test_udp_over_a_socket(core: Core, sip_bytes: Write) -> None:
    """A large INVITE goes in, a 302 comes out."""
    port = reactor.listenUDP(0, Datagrams(core), interface="127.0.0.1", maxPacketSize=DATAGRAM)
    request = sip_bytes("INVITE sip:a@b SIP/2.0", Via="SIP/2.0/UDP 127.0.0.1;rport;branch=z9hG4bK1", body=b"x" * 20_000)
    client = DatagramListener(request, port.getHost().port)
    other = reactor.listenUDP(0, client, interface="127.0.0.1")
    client.done.addTimeout(10, reactor)
    assert (await client.done).startswith(b"SIP/2.0 302 ")
    await other.stopListening()
    await port.stopListening()
    core.stop()


@pytest_twisted.ensureDeferred
async def test_tcp_over_a_socket(core: Core, sip_bytes: Write) -> None:
    """An INVITE goes in, a 302 comes out of the same connection."""
    streams = Streams(core, "tcp")
    port = reactor.listenTCP(0, streams, interface="127.0.0.1")
    client = Listener(sip_bytes("INVITE sip:a@b SIP/2.0"))
    connector = reactor.connectTCP("127.0.0.1", port.getHost().port, once(client))
    client.done.addTimeout(10, reactor)
    assert (await client.done).startswith(b"SIP/2.0 302 ")
    await ended(streams, connector, port)
    core.stop()


@pytest_twisted.ensureDeferred
async def test_tls_over_a_socket(core: Core, sip_bytes: Write, tmp_path: Path) -> None:
    """Alice's certificate opens the door; without one there is nothing to hear."""
    for name, common in (("ours", "localhost"), ("alice", "alice.example.com")):
        for kind, text in zip(("crt", "key"), certificate(common=common), strict=True):
            (tmp_path / f"{name}.{kind}").write_bytes(text)
    streams = Streams(core, "tls")
    options = tls_options(TlsFiles(tmp_path / "ours.crt", tmp_path / "ours.key", tmp_path / "alice.crt"))
    port = reactor.listenSSL(0, streams, options, interface="127.0.0.1")
    request = sip_bytes("OPTIONS sip:a@b SIP/2.0")

    def ask(login: bool) -> bytes:
        context = ssl.create_default_context(cafile=str(tmp_path / "ours.crt"))
        context.check_hostname = False
        if login:
            context.load_cert_chain(tmp_path / "alice.crt", tmp_path / "alice.key")
        with create_connection(("127.0.0.1", port.getHost().port), 10) as plain:
            try:
                with context.wrap_socket(plain) as secure:
                    secure.sendall(request)
                    return bytes(secure.recv(4096))
            except OSError:
                return b""

    assert (await deferToThread(ask, True)).startswith(b"SIP/2.0 200 ")
    assert await deferToThread(ask, False) == b""
    await ended(streams, None, port)
    core.stop()


def test_tls_without_certificates_of_clients(tmp_path: Path) -> None:
    """Who vouches for clients may be left out; then none is asked for."""
    for kind, text in zip(("crt", "key"), certificate(), strict=True):
        (tmp_path / f"ours.{kind}").write_bytes(text)
    options = tls_options(TlsFiles(tmp_path / "ours.crt", tmp_path / "ours.key"))
    assert isinstance(options, CertificateOptions)
    assert not options.verify


def test_a_key_that_does_not_fit(tmp_path: Path) -> None:
    """It is told of when the files are read, not when somebody connects."""
    (tmp_path / "ours.crt").write_bytes(certificate()[0])
    (tmp_path / "ours.key").write_bytes(certificate()[1])
    with pytest.raises(ValueError, match=r"the key in ours.key is not that of ours.crt"):
        tls_options(TlsFiles(tmp_path / "ours.crt", tmp_path / "ours.key"))


def once(protocol: Protocol) -> Factory:
    """Make the factory of one connection."""

    class Once(Factory):
        noisy = False

        def doStart(self) -> None: ...
        def doStop(self) -> None: ...
        def startedConnecting(self, _: Any) -> None: ...
        def clientConnectionLost(self, *_: Any) -> None: ...

    factory = Once()
    factory.buildProtocol = lambda _: protocol  # type: ignore[method-assign]
    return factory


async def ended(streams: Streams, connector: Any, port: Any) -> None:
    """Close, and wait until nobody is connected any more."""
    streams.close()
    if connector is not None:
        connector.disconnect()
    await port.stopListening()
    for _ in range(200):
        if not streams.connections:
            break
        later: Deferred[None] = Deferred()
        reactor.callLater(0.01, later.callback, None)
        await later
    assert not streams.connections
