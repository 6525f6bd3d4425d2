"""Who may speak to us: neighbours by address and transport or by client certificate; everybody else gets silence."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Literal

import attrs

from adapters.sip.digest import Credentials

Transport = Literal["udp", "tcp", "tls"]
Network = IPv4Network | IPv6Network

_MOST_KNOWN = 4096
"""Sources remembered as a peer's, so that not every datagram is compared with every network."""


@attrs.frozen(kw_only=True)
class Peer:
    """
    A neighbour that may ask.

    It is known by where it speaks from (*source*, none: anywhere) on one of its *transports*, and by a name in its client
    certificate (*tls_subject*, on TLS alone); where both are given, both count. *login* asks it for a digest. *rate* is
    the requests a second it may send, with twice as many at once.

    *follows_redirects*, *trust_identity* and *called_from* (`request_uri`, `to`, `p_called_party_id`, `header:X-…`) are for
    whoever decides.
    """

    name: str
    source: tuple[Network, ...] = ()
    transports: frozenset[Transport] = frozenset(("udp", "tcp", "tls"))
    tls_subject: str | None = None
    login: Credentials | None = None
    rate: float | None = None
    follows_redirects: bool = False
    trust_identity: bool = False
    called_from: str = "request_uri"

    def __attrs_post_init__(self) -> None:
        """Refuse a peer that anybody could be."""
        if not self.source and self.tls_subject is None:
            raise ValueError(f"peer {self.name} needs a source or a tls_subject")

    def speaks(self, address: IPv4Address | IPv6Address, transport: Transport) -> bool:
        """Say whether it may come from *address* over *transport*, whatever its certificate says."""
        if transport not in self.transports or (self.tls_subject is not None and transport != "tls"):
            return False
        return not self.source or any(address in network for network in self.source)

    def called(self, names: Iterable[str]) -> bool:
        """Say whether the *names* of a verified client certificate (lower-case) are the ones asked for."""
        return self.tls_subject is None or self.tls_subject.lower() in names


@attrs.define(eq=False)
class Peers:
    """All of them; the first in the order of the file that fits is the one."""

    peers: tuple[Peer, ...]
    _known: dict[tuple[str, Transport, frozenset[str]], Peer] = attrs.field(factory=dict, init=False)

    def of(self, ip: str, transport: Transport, names: frozenset[str] = frozenset()) -> Peer | None:
        """Say whose *ip* is, on *transport* and with the *names* of a client certificate; None: a stranger."""
        key = (ip, transport, names)
        peer = self._known.get(key)
        if peer is None:
            address = plain_address(ip)
            peer = next((one for one in self.peers if one.speaks(address, transport) and one.called(names)), None)
            if peer is not None:
                if len(self._known) >= _MOST_KNOWN:
                    self._known.clear()
                self._known[key] = peer
        return peer

    def perhaps(self, ip: str, transport: Transport) -> bool:
        """Say whether a connection from *ip* could be a peer's, before its certificate is seen."""
        address = plain_address(ip)
        return any(peer.speaks(address, transport) for peer in self.peers)


def plain_address(ip: str) -> IPv4Address | IPv6Address:
    """Read *ip* as the socket wrote it: without a zone, and IPv4 as such where it came to an IPv6 socket."""
    address = ip_address(ip.partition("%")[0])
    return getattr(address, "ipv4_mapped", None) or address


@attrs.define(eq=False)
class Buckets:
    """How much each peer may still send: a bucket of tokens that fills with its rate, up to two seconds' worth."""

    _buckets: dict[str, tuple[float, float]] = attrs.field(factory=dict, init=False)

    def take(self, peer: Peer, now: float) -> bool:
        """Take a token for one request of *peer* at *now* (seconds of any clock); False: it asks too much."""
        if peer.rate is None:
            return True
        most = max(1.0, 2 * peer.rate)
        tokens, since = self._buckets.get(peer.name, (most, now))
        tokens = min(most, tokens + (now - since) * peer.rate)
        enough = tokens >= 1
        self._buckets[peer.name] = (tokens - enough, now)
        return enough
