"""What is refused, and in which order, beyond what the torture tests of the RFCs ask."""

from collections.abc import Callable

import pytest

from adapters.sip.checks import ACCEPT, ALLOW, check_extensions, check_service, check_syntax
from adapters.sip.message import Request
from adapters.sip.refusal import MalformedError, Refusal

Write = Callable[..., bytes]
Read = Callable[..., Request]
Verdict = Callable[[bytes], Refusal | str]

MESSAGE = "MESSAGE sip:100@biz.example.com SIP/2.0"
TEXT = "Content-Type: text/plain"


@pytest.mark.parametrize(
    ("start", "fields", "said"),
    [
        pytest.param("X sip:a@b SIP/3.0", {"To": None}, 400, id="a missing field before the version"),
        pytest.param("X sip:a@b SIP/3.0", {}, 505, id="the version before the method"),
        pytest.param("X soap:a SIP/2.0", {"CSeq": "1 INVITE"}, 501, id="the method before CSeq and Request-URI"),
        pytest.param("REGISTER soap:a SIP/2.0", {"CSeq": "1 INVITE"}, 400, id="CSeq before the Request-URI"),
        pytest.param(
            "REGISTER soap:a SIP/2.0", {"To": "<sip:a@b>;tag=1"}, 416, id="the Request-URI before what we serve"
        ),
        pytest.param("REGISTER sip:a SIP/2.0", {"To": "<sip:a@b>;tag=1"}, 405, id="what we serve before dialogs"),
        pytest.param(
            "MESSAGE sip:a SIP/2.0", {"To": "<sip:a@b>;tag=1", "Require": "x"}, 481, id="dialogs before extensions"
        ),
        pytest.param(
            "MESSAGE sip:a SIP/2.0", {"Require": "x", "Content-Type": "a/b"}, 420, id="extensions before the content"
        ),
    ],
)
def test_the_order(
    sip_bytes: Write, sip_verdict: Verdict, start: str, fields: dict[str, str | None], said: int
) -> None:
    """Of several things wrong the first in the order of RFC 3261 section 8.2 is named."""
    refusal = sip_verdict(sip_bytes(start, **fields))

    assert isinstance(refusal, Refusal)
    assert refusal.code == said


@pytest.mark.parametrize(
    "method", ["REGISTER", "SUBSCRIBE", "BYE", "INFO", "REFER", "UPDATE", "PRACK", "PUBLISH", "NOTIFY"]
)
def test_methods_not_served(sip_request: Read, method: str) -> None:
    """A method that is known but not served is refused 405 with those that are."""
    request = sip_request(f"{method} sip:a@b SIP/2.0")

    assert check_syntax(request) is None
    assert check_service(request) == Refusal(405, "Method Not Allowed", (ALLOW,))


@pytest.mark.parametrize(
    ("method", "code"),
    [("INVITE", 481), ("OPTIONS", 481), ("MESSAGE", 481), ("ACK", None), ("CANCEL", None)],
)
def test_inside_a_dialog(sip_request: Read, method: str, code: int | None) -> None:
    """We have no dialogs: a To tag is refused, but for ACK and CANCEL, which transactions sort out."""
    said = check_service(sip_request(f"{method} sip:a@b SIP/2.0", To="<sip:a@b>;tag=1"))

    assert (said.code if said else None) == code


@pytest.mark.parametrize(
    ("field", "named"),
    [
        pytest.param({"Via": None}, "no Via", id="no Via"),
        pytest.param({"Via": ""}, "malformed Via", id="an empty Via"),
        pytest.param({"Via": "SIP/2.0/UDP a,"}, "malformed Via", id="a Via that is no list"),
        pytest.param({"To": None}, "no To", id="no To"),
        pytest.param({"Call_ID": None}, "no Call-ID", id="no Call-ID"),
        pytest.param({"CSeq": None}, "no CSeq", id="no CSeq"),
        pytest.param({"Call_ID": ""}, "malformed Call-ID", id="an empty Call-ID"),
        pytest.param({"Call_ID": "a b"}, "malformed Call-ID", id="a Call-ID of two words"),
        pytest.param({"Call_ID": "a\tb"}, "malformed Call-ID", id="a tab in a Call-ID"),
        pytest.param({"CSeq": "INVITE"}, "malformed CSeq", id="a CSeq without a number"),
        pytest.param({"CSeq": "1"}, "malformed CSeq", id="a CSeq without a method"),
        pytest.param({"CSeq": "4294967296 INVITE"}, "malformed CSeq", id="2**32 in CSeq"),
        pytest.param({"Max_Forwards": "x"}, "malformed Max-Forwards", id="no number in Max-Forwards"),
        pytest.param({"From": "?"}, "malformed From", id="no address in From"),
    ],
)
def test_fields_named(sip_request: Read, field: dict[str, str | None], named: str) -> None:
    """What is missing or cannot be read is named in the phrase."""
    assert check_syntax(sip_request(**field)) == Refusal(400, f"Bad Request - {named}")


def test_the_largest_cseq(sip_request: Read) -> None:
    """2**32 - 1 is a number."""
    request = sip_request(CSeq="4294967295 INVITE")

    assert check_syntax(request) is None
    assert request.cseq.number == 2**32 - 1


@pytest.mark.parametrize(
    ("lines", "body", "headers"),
    [
        pytest.param([TEXT], b"hello", None, id="plain text"),
        pytest.param(["c: TEXT/Plain ; charset=utf-8"], b"hello", None, id="in capitals, with a charset"),
        pytest.param([], b"", None, id="nothing at all"),
        pytest.param([TEXT, "e: identity"], b"hello", None, id="encoded as it is"),
        pytest.param([], b"hello", (ACCEPT,), id="no type"),
        pytest.param(["c: text/html"], b"", (ACCEPT,), id="another type, though empty"),
        pytest.param([TEXT, "e: gzip"], b"hello", (ACCEPT, ("Accept-Encoding", "identity")), id="compressed"),
    ],
)
def test_texts(sip_request: Read, lines: list[str], body: bytes, headers: tuple[tuple[str, str], ...] | None) -> None:
    """A MESSAGE holds plain text, or is refused 415 with what would be taken."""
    said = check_extensions(sip_request(MESSAGE, *lines, body=body))

    assert said == (Refusal(415, "Unsupported Media Type", headers) if headers else None)


@pytest.mark.parametrize("method", ["INVITE", "CANCEL", "ACK"])
def test_extensions_ignored(sip_request: Read, method: str) -> None:
    """A redirect server ignores what is required; CANCEL and ACK are never refused for it."""
    assert check_extensions(sip_request(f"{method} sip:a@b SIP/2.0", "Require: x", "Content-Type: a/b")) is None


@pytest.mark.parametrize("value", [pytest.param("a,,b", id="no list"), pytest.param("a b", id="no token")])
def test_a_require_that_is_none(sip_request: Read, value: str) -> None:
    """What cannot be echoed safely is not echoed."""
    said = check_extensions(sip_request("OPTIONS sip:a@b SIP/2.0", f"Require: {value}"))

    assert said == Refusal(400, "Bad Request - malformed Require")


def test_an_empty_require(sip_request: Read) -> None:
    """Nothing is required by an empty field."""
    assert check_extensions(sip_request("OPTIONS sip:a@b SIP/2.0", "Require:")) is None


def test_nothing_of_the_request_is_in_a_phrase(sip_request: Read) -> None:
    """The word a `MalformedError` carries is ours."""
    with pytest.raises(MalformedError) as caught:
        _ = sip_request(To="<script>").recipient

    assert caught.value.what == "malformed To"
