"""What the tests of SIP share: messages as a proxy would send them, and what is said to them."""

from collections.abc import Callable

import pytest

from adapters.sip.checks import check_extensions, check_service, check_syntax
from adapters.sip.framing import Garbled, Ping, read_datagram
from adapters.sip.message import Request, Response
from adapters.sip.refusal import Refusal

Write = Callable[..., bytes]
Read = Callable[..., Request]
Verdict = Callable[[bytes], Refusal | str]


def write(
    start: str = "INVITE sip:100@biz.example.com SIP/2.0", *lines: str, body: bytes = b"", **fields: str | None
) -> bytes:
    """
    Write a message: *start*, what every request has, then *lines*; *fields* replace one of these (None: left out).

    `Call_ID=…` is the field Call-ID. The CSeq is one of the method in *start*.
    """
    usual: dict[str, str | None] = {
        "Via": "SIP/2.0/UDP 10.0.0.7:5060;branch=z9hG4bK776asdhds",
        "Max-Forwards": "70",
        "From": "Alice <sip:alice@pbx.example.com>;tag=1928301774",
        "To": "<sip:100@biz.example.com>",
        "Call-ID": "a84b4c76e66710@pbx.example.com",
        "CSeq": f"314159 {start.partition(' ')[0]}",
        "Content-Length": str(len(body)),
    }
    usual |= {name.replace("_", "-"): value for name, value in fields.items()}
    said = [f"{name}: {value}" for name, value in usual.items() if value is not None]
    head = "\r\n".join([start, *said, *lines])
    return head.encode("utf-8", "surrogateescape") + b"\r\n\r\n" + body


def verdict(data: bytes) -> Refusal | str:
    """Say what becomes of a datagram: a refusal, or `served`, `answer`, `ping`, `silence`."""
    arrival = read_datagram(data)
    match arrival:
        case Ping():
            return "ping"
        case Response():
            return "answer"
        case Garbled(request=None):
            return "silence"
        case Garbled(refusal=refusal):
            return refusal
    request = arrival
    return check_syntax(request) or check_service(request) or check_extensions(request) or "served"


@pytest.fixture(scope="session")
def sip_bytes() -> Write:
    """Return what writes a message."""
    return write


@pytest.fixture(scope="session")
def sip_request() -> Read:
    """Return what writes a message and reads it."""

    def read(*args: str, **kwargs: str | bytes | None) -> Request:
        request = read_datagram(write(*args, **kwargs))  # type: ignore[arg-type]
        assert isinstance(request, Request)
        return request

    return read


@pytest.fixture(scope="session")
def sip_verdict() -> Verdict:
    """Return what says what becomes of a datagram."""
    return verdict
