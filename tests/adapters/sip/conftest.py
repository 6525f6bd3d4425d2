"""What the tests of SIP share: messages as a proxy would send them, and what is said to them."""

import re
from collections.abc import Callable
from types import ModuleType

import pytest

from adapters.sip.checks import check_extensions, check_service, check_syntax
from adapters.sip.diverted import diversions, previous_result
from adapters.sip.framing import Garbled, Ping, read_datagram
from adapters.sip.identity import called, caller
from adapters.sip.message import Request, Response
from adapters.sip.refusal import Refusal
from adapters.sip.response import respond
from adapters.sip.transactionkey import cancelled_key, merged_key, to_tag, transaction_key

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


def put_through(data: bytes) -> None:
    """Do with a datagram all that is ever done with one, and look at what goes out."""
    arrival = read_datagram(data)
    if isinstance(arrival, Ping | Response) or (isinstance(arrival, Garbled) and arrival.request is None):
        return
    if isinstance(arrival, Garbled):
        assert arrival.request is not None
        answer(arrival.request, arrival.refusal.code, arrival.refusal.reason)
        return
    request = arrival.seen_from("10.0.0.9", 5062)
    refusal = check_syntax(request)
    if refusal is None:
        transaction_key(request, "a"), cancelled_key(request, "a"), merged_key(request)
        assert request.via.reply_port
        for trusted in (True, False):
            who = caller(request, trusted=trusted)
            assert who.address.isascii()
            assert len(diversions(request, trusted=trusted)) <= 20
            previous_result(request, trusted=trusted)
        for source in ("request_uri", "to", "p_called_party_id", "header:X-DID"):
            number = called(request, source)
            assert number is None or (number.isascii() and number.isprintable())
        refusal = check_service(request) or check_extensions(request)
    if refusal is None:
        answer(request, 302, None)
    else:
        answer(request, refusal.code, refusal.reason, *refusal.headers)


def answer(request: Request, code: int, reason: str | None, *headers: tuple[str, str]) -> None:
    """Look at the bytes of an answer: one message, no line that nobody meant, and the tag the same each time."""
    tag = to_tag(b"secret", request)
    data = respond(request, code, reason, to_tag=tag, headers=headers)
    again = read_datagram(data)
    assert isinstance(again, Response)
    assert (again.code, again.body) == (code, b"")
    allowed = {"via", "from", "to", "call-id", "cseq", "timestamp", "content-length", "allow", "accept", "unsupported"}
    assert {name for name, _ in again.headers.fields} <= allowed | {"accept-encoding"}
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n", data)


@pytest.fixture(scope="session", name="put_through")
def _put_through() -> Callable[[bytes], None]:
    """Return what does with a datagram all that is ever done with one."""
    return put_through


@pytest.fixture(scope="session", name="sip")
def _sip(beside: Callable[[str, str], ModuleType]) -> ModuleType:
    """Return the module of fakes for the server."""
    return beside(__file__, "sip_fakes")
