"""The bytes of an answer."""

from collections.abc import Callable

import pytest

from adapters.sip.framing import Garbled, read_datagram
from adapters.sip.message import Request
from adapters.sip.refusal import refuse
from adapters.sip.response import respond

Write = Callable[..., bytes]
Read = Callable[..., Request]


def test_an_answer_whole(sip_request: Read) -> None:
    """Via, From, To, Call-ID, CSeq and Timestamp are copied, the tag is added, what is new follows, the length comes last."""
    request = sip_request(
        "INVITE sip:100@biz.example.com SIP/2.0",
        "v: SIP/2.0/UDP two.example.com;branch=z9hG4bK2 , SIP/2.0/TCP three.example.com",
        "Timestamp: 54",
        "Record-Route: <sip:edge.example.com;lr>",
    ).seen_from("10.0.0.9", 5062)

    answer = respond(request, 302, to_tag="t1", headers=[("Contact", "<sip:bob@pbx.example.com>;q=1.0")])

    assert answer.decode().split("\r\n") == [
        "SIP/2.0 302 Moved Temporarily",
        "Via: SIP/2.0/UDP 10.0.0.7:5060;branch=z9hG4bK776asdhds;received=10.0.0.9",
        "Via: SIP/2.0/UDP two.example.com;branch=z9hG4bK2",
        "Via: SIP/2.0/TCP three.example.com",
        "From: Alice <sip:alice@pbx.example.com>;tag=1928301774",
        "To: <sip:100@biz.example.com>;tag=t1",
        "Call-ID: a84b4c76e66710@pbx.example.com",
        "CSeq: 314159 INVITE",
        "Timestamp: 54",
        "Contact: <sip:bob@pbx.example.com>;q=1.0",
        "Content-Length: 0",
        "",
        "",
    ]


@pytest.mark.parametrize(
    ("to", "tag", "written"),
    [
        pytest.param("<sip:100@b>", "t", "<sip:100@b>;tag=t", id="added"),
        pytest.param("sip:100@b", "t", "sip:100@b;tag=t", id="added without brackets"),
        pytest.param("<sip:100@b>;tag=x", "t", "<sip:100@b>;tag=x", id="one is there"),
        pytest.param("<sip:100@b>", None, "<sip:100@b>", id="none wanted"),
        pytest.param('"open <sip:100@b>', "t", '"open <sip:100@b>', id="To cannot be read"),
    ],
)
def test_the_tag(sip_request: Read, to: str, tag: str | None, written: str) -> None:
    """The tag goes behind a To that can be read and has none."""
    answer = respond(sip_request(To=to), 100, to_tag=tag)

    assert f"\r\nTo: {written}\r\n".encode() in answer


def test_bytes_are_echoed(sip_bytes: Write) -> None:
    """A display name that is no UTF-8 comes back byte for byte."""
    name = b'"Zo\xeb \x80\xff \xc3\xa9 \\\x00"'
    request = read_datagram(sip_bytes(From="NAME <sip:a@b>;tag=1").replace(b"NAME", name))

    assert isinstance(request, Request)
    assert b"\r\nFrom: " + name + b" <sip:a@b>;tag=1\r\n" in respond(request, 480, to_tag="t")


def test_a_reason_and_a_body(sip_request: Read) -> None:
    """A phrase of one's own and a body; an unknown code has an empty phrase."""
    answer = respond(
        sip_request(), 400, "Bad Request - To", to_tag="t", headers=[("Content-Type", "text/plain")], body=b"x"
    )

    assert answer.startswith(b"SIP/2.0 400 Bad Request - To\r\n")
    assert answer.endswith(b"Content-Type: text/plain\r\nContent-Length: 1\r\n\r\nx")
    assert respond(sip_request(), 299, to_tag=None).startswith(b"SIP/2.0 299 \r\n")


def test_no_line_can_be_smuggled_in(sip_request: Read) -> None:
    """A line end in a value does not end the line."""
    answer = respond(sip_request(), 302, "x\r\nA: b", to_tag="t", headers=[("Contact", "<sip:a@b>\r\nEvil: 1\n")])

    assert b"\nEvil" not in answer
    assert b"\nA: b" not in answer
    assert b"Contact: <sip:a@b>Evil: 1\r\n" in answer


def test_an_answer_to_what_could_not_be_read(sip_bytes: Write) -> None:
    """Of a broken request that is copied which is in order: fields with bare line ends are not, and nothing is made up."""
    arrival = read_datagram(sip_bytes("INVITE sip:a@b SIP/2.0", To="<sip:x@y>\rVia: evil", From=None))

    assert isinstance(arrival, Garbled)
    assert arrival.request is not None
    assert respond(arrival.request, 400, arrival.refusal.reason, to_tag="t").decode().split("\r\n") == [
        "SIP/2.0 400 Bad Request - line end",
        "Via: SIP/2.0/UDP 10.0.0.7:5060;branch=z9hG4bK776asdhds",
        "Call-ID: a84b4c76e66710@pbx.example.com",
        "CSeq: 314159 INVITE",
        "Content-Length: 0",
        "",
        "",
    ]


def test_several_of_one(sip_request: Read) -> None:
    """Of a field that stands twice the first is copied."""
    answer = respond(sip_request("INVITE sip:a@b SIP/2.0", "CSeq: 2 INVITE"), 400, to_tag="t")

    assert answer.count(b"CSeq") == 1


def test_a_via_that_cannot_be_read(sip_request: Read) -> None:
    """It is given back as it came, for want of anything better."""
    request = sip_request(Via="SIP/2.0/UDP a;;;").seen_from("10.0.0.9", 5060)

    assert b"\r\nVia: SIP/2.0/UDP a;;;\r\n" in respond(request, 400, to_tag="t")


def test_phrases() -> None:
    """A refusal has the phrase of the RFC, and what is wrong behind it."""
    assert refuse(481).reason == "Call/Transaction Does Not Exist"
    assert refuse(400, "no To").reason == "Bad Request - no To"
