"""SIP listeners: opened as configured, following newer rules, closed in order; what the configuration says made ready."""

from pathlib import Path
from types import ModuleType
from typing import Any

import attrs
import pytest
from prometheus_client import generate_latest
from twisted.internet.error import CannotListenError
from twisted.internet.task import Clock

from adapters.sip.peers import Peer
from router.listeners import BusyError
from router.sip.metrics import SipMetrics
from router.sip.service import SipService
from router.sip.settings import SipListen, sip_settings
from rules.load import load

PROVIDER = """
  pbx:
    adapter: sip
    listen: [udp:127.0.0.1:5060, "tcp:[::1]:0", tls:127.0.0.1:5061]
    tls: {certificate: cert.pem, key: key.pem, client_ca: ca.pem}
    domains: BIZ.example.com
    peers:
      - {name: edge, source: 10.0.0.7, follows_redirects: yes, rate: 20/s, transports: tcp}
      - {name: branch, tls_subject: pbx.example.com, auth: digest, secret: env:BRANCH, called_from: to, follows_redirects: yes}
      - {name: lab, source: 10.0.0.9, auth: digest, user: me, secret: env:BRANCH, follows_redirects: yes}
    contact_hosts: pbx.example
    on_error: "sip:desk@pbx.example"
"""
OFFICE = """
listen: {public: "127.0.0.1:0", admin: "127.0.0.1:0"}
providers:PROVIDER
business: {name: Acme, timezone: America/New_York, country: US, region: MA}
schedules: {office: {mon-fri: 09:00-17:00, holidays: closed}}
people: {anna: {devices: {desk: "sip:anna@pbx.example"}, texts_by: [email], email: anna@acme.example}}
numbers:
  main: {number: "sip:100@biz.example.com", provider: pbx, hours: office, calls: {open: [{ring: anna}]}, texts: {open: {to: anna}}}
voicemail: {main: {address: "sip:vm@pbx.example"}, mail: {}}
"""


@attrs.define(eq=False)
class Port:
    """An open port."""

    port: int
    closed: bool = False

    def getHost(self) -> Any:  # noqa: N802
        """Return itself, for its number."""
        return self

    def stopListening(self) -> None:  # noqa: N802
        """Close."""
        self.closed = True


@attrs.define(eq=False)
class Ports(Clock):
    """A reactor that opens what it is told to, and remembers it; *taken* cannot be had."""

    taken: Exception | None = None
    opened: list[tuple[str, Any, Port]] = attrs.field(factory=list)

    def __attrs_pre_init__(self) -> None:
        super().__init__()

    def _open(self, kind: str, port: int, what: Any) -> Port:
        if self.taken is not None:
            raise self.taken
        self.opened.append((kind, what, Port(port or 40000)))
        return self.opened[-1][2]

    def listenUDP(self, port: int, what: Any, interface: str, size: int) -> Port:  # noqa: N802
        """Open a UDP port."""
        return self._open("udp", port, what)

    def listenTCP(self, port: int, what: Any, backlog: int, interface: str) -> Port:  # noqa: N802
        """Open a TCP port."""
        return self._open("tcp", port, what)

    def listenSSL(self, port: int, what: Any, options: Any, backlog: int, interface: str) -> Port:  # noqa: N802
        """Open a TLS port."""
        return self._open("tls", port, what)


def settings(text: str = PROVIDER) -> Any:
    """Return what a configuration says, made ready; secrets are what they are called."""
    loaded = load("r.yaml", {"r.yaml": OFFICE.replace("PROVIDER", text).encode()}, lambda _: None)
    assert loaded.spec is not None
    return sip_settings(loaded.spec.providers, loaded.spec.boxes, Path("/etc"), lambda secret: secret.name)


def test_what_the_configuration_says() -> None:
    """Every word of it arrives where it counts."""
    made = settings()["pbx"]

    assert [str(place) for place in made.listen] == ["udp:127.0.0.1:5060", "tcp:[::1]:0", "tls:127.0.0.1:5061"]
    assert made.tls is not None
    assert (made.tls.certificate, made.tls.client_ca) == (Path("/etc/cert.pem"), Path("/etc/ca.pem"))
    edge, branch, lab = made.peers
    assert (edge.transports, edge.rate, edge.follows_redirects, edge.trust_identity) == ({"tcp"}, 20.0, True, False)
    assert (branch.tls_subject, branch.called_from, branch.rate) == ("pbx.example.com", "to", None)
    assert branch.login is not None
    assert (branch.login.realm, branch.login.passwords) == ("biz.example.com", {"branch": "BRANCH"})
    assert lab.login is not None
    assert lab.login.passwords == {"me": "BRANCH"}
    contacts = made.provider.contacts
    assert (contacts.hosts, contacts.on_error, contacts.most) == (("pbx.example",), "sip:desk@pbx.example", 8)
    assert contacts.boxes == {"main": "sip:vm@pbx.example"}


@pytest.mark.parametrize("source", ["10.0.0.300", "''"])
def test_a_peer_that_is_none(source: str) -> None:
    """What the checks have found wrong is not made ready."""
    assert settings(PROVIDER.replace("source: 10.0.0.7", f"source: {source}")) == {}


def service(engines: ModuleType, reactor: Ports, text: str = PROVIDER) -> SipService:
    """Return listeners, not yet open."""
    made = SipService(reactor, engines.Office().engine, lambda _: 0.0, b"secret")
    made.follow(settings(text))
    return made


PLAIN = PROVIDER.replace(", tls:127.0.0.1:5061", "").replace("10.0.0.7", "127.0.0.1")


def test_opened_and_closed(engines: ModuleType) -> None:
    """Each place is opened, shown and counted; on stopping what is under way is answered first, then all is closed."""
    reactor = Ports()
    line = service(engines, reactor, PLAIN)

    line.open()

    assert [kind for kind, _, _ in reactor.opened] == ["udp", "tcp"]
    assert line.places() == {"pbx 1": "udp:127.0.0.1:5060", "pbx 2": "tcp:[::1]:40000"}
    exposition = generate_latest(line.engine.shared.metrics.registry).decode()
    assert 'switchhook_sip_transactions{kind="invite"} 0.0' in exposition
    assert 'switchhook_sip_connections{transport="tcp"} 0.0' in exposition
    stopping = line.stop()
    assert stopping is not None
    with pytest.raises(StopIteration):
        stopping.send(None)  # type: ignore[attr-defined]
    assert all(port.closed for _, _, port in reactor.opened)
    assert reactor.getDelayedCalls() == []


def test_newer_rules(engines: ModuleType) -> None:
    """Peers and domains are those of newer rules; a provider that is no longer named hears nobody."""
    reactor = Ports()
    line = service(engines, reactor, PLAIN)
    line.open()
    core = reactor.opened[0][1].core

    line.follow(settings(PLAIN.replace("BIZ.example.com", "other.example").replace("127.0.0.1, f", "127.0.0.2, f")))
    assert core.domains == {"other.example"}
    assert core.peers.of("127.0.0.1", "tcp") is None
    assert isinstance(core.peers.of("127.0.0.2", "tcp"), Peer)
    line.follow({})
    assert core.peers.of("127.0.0.2", "tcp") is None
    assert core.decider.provider().name == "pbx"


def test_nothing_to_open(engines: ModuleType) -> None:
    """Without a provider that speaks SIP nothing is opened, counted or stopped."""
    line = SipService(Ports(), engines.Office().engine, lambda _: 0.0, b"secret")

    line.open()

    assert (line.stop(), line.places()) == (None, {})
    assert b"sip_" not in generate_latest(line.engine.shared.metrics.registry)


@pytest.mark.parametrize(
    ("taken", "text", "told"),
    [
        pytest.param(CannotListenError("127.0.0.1", 5060, OSError(98, "Address already in use")), PLAIN, "cannot listen on udp:127.0.0.1:5060: address already in use", id="taken"),
        pytest.param(None, PROVIDER.replace("udp:127.0.0.1:5060, ", "").replace('"tcp:[::1]:0", ', ""), "cannot listen on tls:127.0.0.1:5061: ", id="no such certificate"),
    ],
)  # fmt: skip
def test_what_cannot_be_opened(engines: ModuleType, taken: Exception | None, text: str, told: str) -> None:
    """A place that cannot be had is told in words."""
    with pytest.raises(BusyError) as error:
        service(engines, Ports(taken=taken), text).open()

    assert str(error.value).startswith(told)


def test_a_restart_is_asked_for(engines: ModuleType) -> None:
    """Listeners and certificates are fixed while the daemon runs; peers are not."""
    before = attrs.evolve(engines.office().settings, sip=settings())

    moved = attrs.evolve(before, sip=settings(PROVIDER.replace("5060", "5070")))
    joined = attrs.evolve(before, sip=settings(PROVIDER.replace("10.0.0.7", "10.0.0.8")))

    assert before.needs_restart(moved) == ("providers",)
    assert before.needs_restart(joined) == ()


def test_what_is_counted(engines: ModuleType) -> None:
    """Each thing that happens is counted under its name."""
    metrics = engines.Office().shared.metrics
    counting = SipMetrics(metrics.registry)

    counting.request("INVITE", "edge", "udp")
    counting.response("INVITE", 302)
    counting.retransmission("in")
    counting.ack_missing()
    counting.cancelled()
    counting.parse_error("head")
    counting.dropped("unlisted")
    counting.internal_error()
    counting.decided(0.01)

    shown = metrics.exposition().decode()
    for line in (
        'requests_total{method="INVITE",peer="edge",transport="udp"} 1.0',
        'responses_total{code="302",method="INVITE"} 1.0',
        'retransmissions_total{direction="in"} 1.0',
        "ack_missing_total 1.0",
        "cancelled_total 1.0",
        'parse_errors_total{kind="head"} 1.0',
        'dropped_total{reason="unlisted"} 1.0',
        "internal_errors_total 1.0",
        "decision_seconds_count 1.0",
    ):
        assert f"switchhook_sip_{line}\n" in shown


def test_a_place_to_listen() -> None:
    """A place is written as it was read."""
    assert SipListen.parse("udp:[::1]:5060") == SipListen("udp", "::1", 5060)
