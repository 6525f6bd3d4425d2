"""
`python -m bench.naive_sip PORT`: what redirects are measured against.

A Twisted DatagramProtocol that answers every INVITE with one and the same 302, and an ACK with nothing. It reads no more of a message than its
first word: no Via, no tag, no transaction, no decision, nothing written.
"""

import sys
from typing import Any

from twisted.internet import reactor as installed
from twisted.internet.protocol import DatagramProtocol

MOVED = (
    b"SIP/2.0 302 Moved Temporarily\r\nVia: SIP/2.0/UDP 127.0.0.1\r\nFrom: <sip:+12125550177@127.0.0.1>;tag=1\r\n"
    b"To: <sip:100@biz.example.com>;tag=2\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\nContact: <sip:anna@127.0.0.1>;q=1.0\r\n"
    b"Contact: <sip:ben@127.0.0.1>;q=0.9\r\nContact: <sip:vm@127.0.0.1>;q=0.8\r\nContent-Length: 0\r\n\r\n"
)


class Naive(DatagramProtocol):
    """Answers."""

    transport: Any

    def datagramReceived(self, datagram: bytes, addr: Any) -> None:  # noqa: N802  twisted's name
        """Answer an INVITE with the constant."""
        if datagram.startswith(b"INVITE "):
            self.transport.write(MOVED, addr)


if __name__ == "__main__":
    reactor: Any = installed
    reactor.listenUDP(int(sys.argv[1]), Naive(), interface="127.0.0.1")
    reactor.run()
