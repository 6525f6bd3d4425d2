"""SIP over UDP: every datagram is one message, and answers go to the address it came from."""

# ruff: noqa: N802  the names are Twisted's

from typing import Any

import attrs
from twisted.internet.protocol import DatagramProtocol

from adapters.sip.core import Core
from adapters.sip.framing import Arrival, read_datagram
from adapters.sip.peers import Peer, Transport


def _read(data: bytes) -> tuple[Arrival]:
    return (read_datagram(data),)


@attrs.frozen(eq=False)
class DatagramFlow:
    """Whence one datagram came; *host* is *ip* with its zone, as the socket wants it."""

    datagrams: "Datagrams"
    peer: Peer
    host: str
    port: int

    @property
    def transport_name(self) -> Transport:
        """UDP."""
        return "udp"

    @property
    def ip(self) -> str:
        """The address, without a zone."""
        return self.host.partition("%")[0]

    @property
    def reliable(self) -> bool:
        """Datagrams get lost."""
        return False

    def send(self, data: bytes, port: int) -> None:
        """Send to *port* of where it came from."""
        self.datagrams.send(data, (self.host, port))

    def pong(self) -> None:
        """Say nothing: a keep-alive over UDP wants no answer."""


class Datagrams(DatagramProtocol):
    """
    A UDP port; listen with `reactor.listenUDP(port, Datagrams(core), interface=…, maxPacketSize=limits.DATAGRAM)`.

    Twisted itself would cut off what is longer than 8,192 bytes.
    """

    transport: Any

    def __init__(self, core: Core) -> None:
        self.core = core

    def datagramReceived(self, datagram: bytes, addr: Any) -> None:
        """Serve one datagram, if it is a peer's. Never raises: that would be the end of the port."""
        host: str = addr[0]
        peer = self.core.peers.of(host, "udp")
        if peer is None:
            self.core.stranger(host, "udp")
        else:
            self.core.receive(_read, datagram, DatagramFlow(self, peer, host, addr[1]))

    def send(self, data: bytes, address: tuple[str, int]) -> None:
        """Send *data*; what the network will not take is lost, as datagrams may be."""
        try:
            if self.transport is not None:
                self.transport.write(data, address)
                return
        except OSError:
            pass
        self.core.statistics.dropped("unsent")
