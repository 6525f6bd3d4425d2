"""Who is a peer."""

from ipaddress import ip_network
from typing import Any

import pytest

from adapters.sip.peers import Buckets, Peer, Peers

ANY: Any = frozenset()
EDGE = Peer(name="edge", source=(ip_network("10.0.0.0/30"),), transports=frozenset({"udp", "tcp"}))
BRANCH = Peer(name="branch", tls_subject="PBX.example.com")
BOTH = Peer(name="both", tls_subject="sbc.example.com", source=(ip_network("2001:db8::/64"),))
PEERS = Peers((EDGE, BRANCH, BOTH))


@pytest.mark.parametrize(
    ("ip", "transport", "names", "name"),
    [
        pytest.param("10.0.0.3", "udp", [], "edge", id="the last address of the network"),
        pytest.param("10.0.0.4", "udp", [], None, id="the first behind it"),
        pytest.param("10.0.0.3", "tls", [], None, id="another transport"),
        pytest.param("::ffff:10.0.0.1", "udp", [], "edge", id="IPv4 at an IPv6 socket"),
        pytest.param("192.0.2.1", "tls", ["pbx.example.com"], "branch", id="a certificate, from anywhere"),
        pytest.param("192.0.2.1", "tls", ["other.example.com"], None, id="another certificate"),
        pytest.param("192.0.2.1", "tcp", ["pbx.example.com"], None, id="no certificate without TLS"),
        pytest.param("2001:db8::1%eth0", "tls", ["sbc.example.com"], "both", id="address and certificate"),
        pytest.param("2001:db9::1", "tls", ["sbc.example.com"], None, id="the certificate alone"),
        pytest.param("2001:db8::1", "tls", [], None, id="the address alone"),
    ],
)
def test_who_it_is(ip: str, transport: Any, names: list[str], name: str | None) -> None:
    """Everything that is asked for has to fit; asked twice the answer is the same."""
    for _ in range(2):
        found = PEERS.of(ip, transport, frozenset(names))
        assert (found.name if found else None) == name


def test_a_connection_that_could_be_a_peers() -> None:
    """Before the handshake only the address counts."""
    assert PEERS.perhaps("192.0.2.1", "tls")
    assert not PEERS.perhaps("192.0.2.1", "tcp")


def test_a_peer_is_somebody() -> None:
    """Without address and certificate it would be anybody."""
    with pytest.raises(ValueError, match="peer x needs a source or a tls_subject"):
        Peer(name="x")


def test_many_sources_are_not_remembered_for_ever() -> None:
    """What is kept of a large network is bounded."""
    peers = Peers((Peer(name="all", source=(ip_network("10.0.0.0/8"),)),))
    for n in range(5000):
        assert peers.of(f"10.0.{n // 250}.{n % 250}", "udp")
    assert len(peers._known) <= 4096


def test_a_slow_rate_lets_one_through() -> None:
    """A rate below one a second still admits one at a time."""
    peer, buckets = Peer(name="x", source=(ip_network("::/0"),), rate=0.1), Buckets()
    assert [buckets.take(peer, at) for at in (0, 0.1, 9.9, 10.1)] == [True, False, False, True]
