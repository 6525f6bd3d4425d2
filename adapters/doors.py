"""Who may connect: how many connections there are in all and from one client, and whose word about clients is believed."""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

import attrs

Address = IPv4Address | IPv6Address
Client = Address | IPv6Network


@attrs.frozen(kw_only=True)
class Limits:
    """
    What one client may ask of us; times in seconds.

    *request* is from the first byte of a request to its last, however slowly they drip in; *idle* is between two requests
    of a connection (longer than the 60 s after which proxies give up, so that it is never we who hang up on them);
    *linger* how long we listen on after refusing a body, so that the refusal is read; *media* how long a download may take.
    """

    connections: int = 200
    per_client: int = 20
    request: float = 10.0
    idle: float = 75.0
    linger: float = 1.0
    media: float = 120.0


class Proxies:
    """
    The proxies in front of us, as addresses or networks (`10.0.0.0/8`); only these are believed about who asks.

    A peer on this machine (loopback, a Unix socket) is never counted as a client: it is our own TLS proxy, and all
    the world stands behind it. Whether its forwarded addresses are believed still has to be configured.
    """

    def __init__(self, trusted: Iterable[str] = ()) -> None:
        self._networks = tuple(ip_network(one, strict=False) for one in trusted)

    def trusts(self, peer: Address | None) -> bool:
        """Say whether *peer* (None: a Unix socket) may tell us for whom it speaks."""
        return peer is None or any(peer in network for network in self._networks)

    def counted(self, peer: Address | None) -> Client | None:
        """Return what the connections of *peer* are counted under, None when they are counted only in all."""
        if peer is None or peer.is_loopback or self.trusts(peer):
            return None
        return client(peer)

    def behind(self, forwarded: Sequence[str]) -> Client | None:
        """Return the client the `X-Forwarded-For` values of a trusted peer name: the last that is no proxy of ours."""
        for written in reversed(",".join(forwarded).split(",")):
            address = address_of(written)
            if address is None:
                return None
            if not self.trusts(address):
                return client(address)
        return None


def address_of(written: str) -> Address | None:
    """Read an address, an IPv4 one in IPv6 clothes as what it is; None when it is none."""
    try:
        address = ip_address(written.strip())
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def client(address: Address) -> Client:
    """Return what is counted as one client: an IPv4 address, or the /64 network one IPv6 user has to choose from."""
    if isinstance(address, IPv6Address):
        return IPv6Network((address, 64), strict=False)
    return address
