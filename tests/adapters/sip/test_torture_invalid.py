"""What RFC 4475 and RFC 5118 want refused, and the exact answer to each."""

from collections.abc import Callable

import pytest

from adapters.sip.checks import ALLOW
from adapters.sip.refusal import Refusal

Write = Callable[..., bytes]
Verdict = Callable[[bytes], Refusal | str]

OPTIONS = "OPTIONS sip:user@example.com SIP/2.0"
INVITE = "INVITE sip:user@example.com SIP/2.0"
REGISTER = "REGISTER sip:example.com SIP/2.0"


@pytest.mark.parametrize(
    ("start", "fields", "code", "reason"),
    [
        pytest.param(
            INVITE,
            {"Via": "SIP/2.0/UDP 192.0.2.15;;,;,,", "Contact": '"Joe" <sip:joe@example.org>;;;;'},
            400,
            "Bad Request - malformed Via",
            id="separators with nothing between them in Via",
        ),
        pytest.param(
            INVITE,
            {"Contact": '"Joe" <sip:joe@example.org>;;;;'},
            400,
            "Bad Request - malformed Contact",
            id="and in Contact",
        ),
        pytest.param(
            INVITE,
            {"Content_Length": "9999"},
            400,
            "Bad Request - Content-Length",
            id="a body longer than the datagram",
        ),
        pytest.param(INVITE, {"Content_Length": "-999"}, 400, "Bad Request - Content-Length", id="a negative length"),
        pytest.param(
            INVITE,
            {"Content_Length": "7\u0663"},
            400,
            "Bad Request - Content-Length",
            id="digits of another script in a length",
        ),
        pytest.param(
            REGISTER,
            {"CSeq": "36893488147419103232 REGISTER"},
            400,
            "Bad Request - malformed CSeq",
            id="a CSeq too large for any number",
        ),
        pytest.param(
            OPTIONS, {"Max_Forwards": "300"}, 400, "Bad Request - malformed Max-Forwards", id="Max-Forwards above 255"
        ),
        pytest.param(
            INVITE,
            {"To": '"Mr. J. User <sip:j.user@example.com>'},
            400,
            "Bad Request - malformed To",
            id="a quote never closed",
        ),
        pytest.param(
            "INVITE <sip:user@example.com> SIP/2.0",
            {},
            400,
            "Bad Request - malformed Request-URI",
            id="brackets around the Request-URI",
        ),
        pytest.param(
            "INVITE sip:user@example.com; lr SIP/2.0",
            {},
            400,
            "Bad Request - malformed Request-URI",
            id="a blank within the Request-URI",
        ),
        pytest.param(
            "INVITE  sip:user@example.com  SIP/2.0",
            {"CSeq": "1 INVITE"},
            400,
            "Bad Request - blanks in the request line",
            id="too many blanks in the request line",
        ),
        pytest.param(
            OPTIONS + "  ", {}, 400, "Bad Request - blanks in the request line", id="blanks behind the request line"
        ),
        pytest.param(
            "INVITE sip:user@example.com?Route=%3Csip:example.com%3E SIP/2.0",
            {},
            400,
            "Bad Request - headers in the Request-URI",
            id="headers in the Request-URI",
        ),
        pytest.param(
            REGISTER,
            {"Contact": "sip:user@example.com?Route=%3Csip:sip.example.com%3E"},
            400,
            "Bad Request - malformed Contact",
            id="a question mark outside of brackets",
        ),
        pytest.param(
            OPTIONS,
            {"To": '"Watson, Thomas" < sip:t.watson@example.org >'},
            400,
            "Bad Request - malformed To",
            id="blanks within brackets",
        ),
        pytest.param(
            OPTIONS,
            {"From": "Bell, Alexander <sip:a.g.bell@example.com>;tag=43"},
            400,
            "Bad Request - malformed From",
            id="a comma in a name without quotes",
        ),
        pytest.param(
            "OPTIONS sip:t.watson@example.org SIP/7.0",
            {"Via": "SIP/7.0/UDP c.example.com;branch=z9hG4bKkdjuw"},
            505,
            "Version Not Supported",
            id="a version to come",
        ),
        pytest.param(
            OPTIONS, {"CSeq": "8 INVITE"}, 400, "Bad Request - CSeq of another method", id="two methods, both known"
        ),
        pytest.param(
            "NEWMETHOD sip:user@example.com SIP/2.0",
            {"CSeq": "8 INVITE"},
            501,
            "Not Implemented",
            id="two methods, one unknown",
        ),
        pytest.param(
            INVITE,
            {"Call_ID": None, "From": None, "To": None},
            400,
            "Bad Request - no From",
            id="fields missing that must be there",
        ),
        pytest.param(
            "OPTIONS nobodyKnowsThisScheme:totallyopaque SIP/2.0",
            {},
            416,
            "Unsupported URI Scheme",
            id="an unknown scheme",
        ),
        pytest.param(
            "OPTIONS soap.beep://192.0.2.103:3002 SIP/2.0",
            {},
            416,
            "Unsupported URI Scheme",
            id="a known scheme of something else",
        ),
        pytest.param(
            REGISTER,
            {"To": "isbn:2983792873"},
            405,
            "Method Not Allowed",
            id="a REGISTER for something that is no SIP address",
        ),
        pytest.param(
            REGISTER,
            {"Authorization": "NoOneKnowsThisScheme opaque-data=here"},
            405,
            "Method Not Allowed",
            id="an unknown way to log in",
        ),
        pytest.param(
            REGISTER,
            {"Contact": "sip:+19725552222@gw1.example.net;unknownparam"},
            405,
            "Method Not Allowed",
            id="a contact parameter",
        ),
        pytest.param(
            REGISTER,
            {"Contact": "<sip:+19725552222@gw1.example.net;unknownparam>"},
            405,
            "Method Not Allowed",
            id="a URI parameter",
        ),
        pytest.param(
            REGISTER,
            {"Contact": "<sip:user@example.com?Route=%3Csip:sip.example.com%3E>"},
            405,
            "Method Not Allowed",
            id="a header within a Contact",
        ),
        pytest.param(REGISTER, {"Contact": "*", "Expires": "0"}, 405, "Method Not Allowed", id="a Contact of one star"),
        # RFC 5118
        pytest.param(
            "REGISTER sip:2001:db8::10 SIP/2.0",
            {},
            400,
            "Bad Request - malformed Request-URI",
            id="an IPv6 address without brackets",
        ),
    ],
)
def test_what_is_invalid(
    sip_bytes: Write, sip_verdict: Verdict, start: str, fields: dict[str, str | None], code: int, reason: str
) -> None:
    """What cannot be served is refused with the code that says why, and a phrase that names the place."""
    said = sip_verdict(sip_bytes(start, **fields))

    assert isinstance(said, Refusal)
    assert (said.code, said.reason) == (code, reason)
    assert said.headers == ((ALLOW,) if code in (405, 501) else ())


@pytest.mark.parametrize(
    ("again", "named"),
    [
        pytest.param("CSeq: 59 INVITE", "several CSeq", id="two CSeq"),
        pytest.param("From: <sip:b@example.com>;tag=3", "several From", id="two From"),
        pytest.param("t: sip:b@example.com", "several To", id="two To, one in its short form"),
        pytest.param("i: other@example.com", "several Call-ID", id="two Call-ID"),
        pytest.param("Max-Forwards: 5", "several Max-Forwards", id="two Max-Forwards"),
        pytest.param("l: 0", "several Content-Length", id="the same length twice"),
        pytest.param("Content-Length: 5", "Content-Length", id="two lengths"),
    ],
)
def test_a_field_that_may_stand_once(sip_bytes: Write, sip_verdict: Verdict, again: str, named: str) -> None:
    """Two of a field of which there may be one are refused, for nobody knows which one other servers read."""
    said = sip_verdict(sip_bytes(INVITE, again))

    assert said == Refusal(400, f"Bad Request - {named}")


@pytest.mark.parametrize(
    ("start", "require", "unsupported"),
    [
        pytest.param(OPTIONS, "nothingDoesThis, norThis", "nothingDoesThis, norThis", id="two extensions"),
        pytest.param("MESSAGE sip:a@example.com SIP/2.0", "100rel", "100rel", id="one a MESSAGE has no use for"),
    ],
)
def test_extensions_nobody_has(
    sip_bytes: Write, sip_verdict: Verdict, start: str, require: str, unsupported: str
) -> None:
    """What we end ourselves is refused 420 with every extension that is not understood."""
    data = sip_bytes(start, f"Require: {require}", "Proxy-Require: whatever")

    assert sip_verdict(data) == Refusal(420, "Bad Extension", (("Unsupported", unsupported),))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param("SIP/2.0 4294967301 better not break the receiver", id="a code too large"),
        pytest.param("SIP/2.0 OK", id="no code"),
        pytest.param("SIP/2.0", id="nothing behind the version"),
        pytest.param("GET / HTTP/1.1", id="another protocol"),
        pytest.param("INVITE sip:a@example.com", id="no version"),
        pytest.param("IN VITE", id="no URI either"),
        pytest.param("(INVITE) sip:a@example.com SIP/2.0", id="a method that is no word"),
        pytest.param("INVITE sip:a@example.com\n SIP/2.0", id="a line feed in the request line"),
        pytest.param("ACK  sip:a@example.com SIP/2.0", id="an ACK, which is never answered"),
    ],
)
def test_what_gets_no_answer(sip_bytes: Write, sip_verdict: Verdict, data: str) -> None:
    """Noise, answers of others and ACKs are met with silence."""
    assert sip_verdict(sip_bytes(data)) == "silence"


def test_nobody_to_answer(sip_bytes: Write, sip_verdict: Verdict) -> None:
    """A broken request without a Via cannot be answered."""
    assert sip_verdict(sip_bytes(INVITE, "no colon", Via=None)) == "silence"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        pytest.param("Subject: a\rTo: b", "Bad Request - line end", id="a bare carriage return"),
        pytest.param("Subject: a\nContact: <sip:evil@example.com>", "Bad Request - line end", id="a bare line feed"),
        pytest.param("Subject: a\n b", "Bad Request - line end", id="a fold after a bare line feed"),
        pytest.param("Subject", "Bad Request - header field", id="a line without a colon"),
        pytest.param("Sub ject: a", "Bad Request - header field", id="a blank within a name"),
        pytest.param(": a", "Bad Request - header field", id="no name"),
    ],
)
def test_lines_that_are_no_field(sip_bytes: Write, sip_verdict: Verdict, line: str, reason: str) -> None:
    """A line that two servers could read in two ways is refused."""
    assert sip_verdict(sip_bytes(INVITE, line)) == Refusal(400, reason)
