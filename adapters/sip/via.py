"""Via: the way a request came, and the way its answers go back (RFC 3261 section 18.2, RFC 3581)."""

import re

import attrs

from adapters.sip.grammar import BLANKS, Params, header_params, number
from adapters.sip.refusal import MalformedError
from adapters.sip.uri import host_and_port

_VIA = re.compile(
    r"(?P<name>[A-Za-z0-9\-.!%*_+`'~]++)[ \t]*+/[ \t]*+(?P<version>[A-Za-z0-9\-.!%*_+`'~]++)[ \t]*+/[ \t]*+"
    r"(?P<transport>[A-Za-z0-9\-.!%*_+`'~]++)[ \t]++(?P<sent_by>[^;]++)(?P<params>;.*+)?",
    re.DOTALL,
)
# What a sender could use to have answers sent elsewhere.
_SENDERS_WISHES = ("received", "rport", "maddr", "ttl")


@attrs.frozen
class Via:
    """
    One hop: *protocol* `SIP/2.0`, *transport* in capitals, *host* lower-case (IPv6 in brackets), *port* if written.

    `str()` writes it in the one usual spelling.
    """

    protocol: str
    transport: str
    host: str
    port: int | None
    params: Params

    @property
    def branch(self) -> str | None:
        """The branch parameter; None when there is none."""
        return self.params.get("branch")

    @property
    def reply_port(self) -> int:
        """Where an answer over UDP goes, after `seen_from`: the port it came from if rport was asked for, else the one named."""
        return number(self.params.get("rport") or "", below=65536) or self.port or 5060

    def seen_from(self, host: str, port: int) -> "Via":
        """
        Note that the request really came from *host* (an IP address without brackets) and *port*.

        Whatever the sender said itself about where answers go (`received`, `rport=`, `maddr`, `ttl`) is thrown away:
        RFC 3261 would follow `maddr`, and so be a mirror for anybody's packets.
        """
        params = self.params.without(*_SENDERS_WISHES)
        if "rport" in self.params:
            params = params.plus("received", host).plus("rport", str(port))
        elif self.host.strip("[]") != host:
            params = params.plus("received", host)
        return Via(self.protocol, self.transport, self.host, self.port, params)

    def __str__(self) -> str:
        port = "" if self.port is None else f":{self.port}"
        return f"{self.protocol}/{self.transport} {self.host}{port}{self.params}"


def parse_via(text: str) -> Via:
    """Read one hop, blanks around its slashes and all; anything else is a `MalformedError`."""
    found = _VIA.fullmatch(text.strip(BLANKS))
    if found is None:
        raise MalformedError("Via")
    host, port = host_and_port(found["sent_by"].strip(BLANKS))
    params = header_params(found["params"] or "")
    return Via(f"{found['name'].upper()}/{found['version']}", found["transport"].upper(), host, port, params)
