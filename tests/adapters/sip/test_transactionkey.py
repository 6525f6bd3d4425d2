"""By what a request is known again."""

from collections.abc import Callable

import pytest

from adapters.sip.message import Request
from adapters.sip.transactionkey import cancelled_key, merged_key, to_tag, transaction_key

Read = Callable[..., Request]

INVITE = "INVITE sip:100@biz.example.com SIP/2.0"
VIA = "SIP/2.0/UDP 10.0.0.7:5060;branch="


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({}, id="the same again"),
        pytest.param(
            {"Max_Forwards": "3", "To": "<sip:100@biz.example.com>;tag=x"}, id="other fields changed on the way"
        ),
        pytest.param({"Via": "SIP/2.0/TCP 10.0.0.7;branch=z9hG4bK776asdhds"}, id="the default port left out"),
    ],
)
def test_a_retransmission(sip_request: Read, fields: dict[str, str]) -> None:
    """A retransmission has the key of the first."""
    assert transaction_key(sip_request(INVITE, **fields), "10.0.0.7") == transaction_key(
        sip_request(INVITE), "10.0.0.7"
    )


@pytest.mark.parametrize(
    ("fields", "source"),
    [
        pytest.param({"Via": VIA + "z9hG4bK777"}, "10.0.0.7", id="another branch"),
        pytest.param({"Via": "SIP/2.0/UDP 10.0.0.8:5060;branch=z9hG4bK776asdhds"}, "10.0.0.7", id="another host"),
        pytest.param({"Via": "SIP/2.0/UDP 10.0.0.7:5061;branch=z9hG4bK776asdhds"}, "10.0.0.7", id="another port"),
        pytest.param({"Call_ID": "x"}, "10.0.0.7", id="another Call-ID"),
        pytest.param({}, "10.0.0.9", id="another source"),
    ],
)
def test_another_transaction(sip_request: Read, fields: dict[str, str], source: str) -> None:
    """Whatever sets transactions apart makes another key."""
    assert transaction_key(sip_request(INVITE, **fields), source) != transaction_key(sip_request(INVITE), "10.0.0.7")


@pytest.mark.parametrize("via", [None, "SIP/2.0/UDP 10.0.0.7", VIA + "z9hG4bK", VIA + "old"])
def test_ack_and_cancel(sip_request: Read, via: str | None) -> None:
    """An ACK belongs to its INVITE, a CANCEL is about it and has a transaction of its own."""
    fields = {"Via": via} if via else {}
    invite, ack, cancel = (
        sip_request(INVITE.replace("INVITE", method), **fields) for method in ("INVITE", "ACK", "CANCEL")
    )
    key = transaction_key(invite, "a")

    assert transaction_key(ack, "a") == key
    assert cancelled_key(cancel, "a") == key
    assert transaction_key(cancel, "a") != key


@pytest.mark.parametrize("branch", ["", ";branch=z9hG4bK", ";branch=old"])
@pytest.mark.parametrize(
    ("start", "fields"),
    [
        pytest.param(INVITE, {"Via": "SIP/2.0/UDP 10.0.0.7:5061"}, id="another way it came"),
        pytest.param(INVITE, {"From": "<sip:a@b>;tag=2"}, id="another From tag"),
        pytest.param(INVITE, {"Call_ID": "x"}, id="another Call-ID"),
        pytest.param(INVITE, {"CSeq": "2 INVITE"}, id="another CSeq"),
        pytest.param("INVITE sip:101@biz.example.com SIP/2.0", {}, id="another Request-URI"),
    ],
)
def test_transactions_of_rfc_2543(sip_request: Read, branch: str, start: str, fields: dict[str, str]) -> None:
    """Without the cookie, or with nothing behind it, the fields of RFC 2543 make the key."""
    old = {"Via": f"SIP/2.0/UDP 10.0.0.7{branch}"}
    first = transaction_key(sip_request(INVITE, **old), "a")

    assert transaction_key(sip_request(INVITE, **old), "a") == first
    assert transaction_key(sip_request(start, **old | fields), "a") != first


def test_merged_requests(sip_request: Read) -> None:
    """Copies of one request share a key whatever way they came; another request does not."""
    key = merged_key(sip_request(INVITE))

    assert merged_key(sip_request(INVITE, Via="SIP/2.0/TCP elsewhere;branch=z9hG4bKother", Max_Forwards="3")) == key
    assert merged_key(sip_request(INVITE, CSeq="2 INVITE")) != key
    assert merged_key(sip_request(INVITE, From="<sip:alice@pbx.example.com>")) != key
    assert merged_key(sip_request(INVITE, Call_ID="x")) != key


def test_the_to_tag(sip_request: Read) -> None:
    """The tag is the same for every copy of a request and its CANCEL, another for another, and nobody can foretell it."""
    tag = to_tag(b"secret", sip_request(INVITE))

    assert to_tag(b"secret", sip_request(INVITE)) == tag
    assert to_tag(b"secret", sip_request(INVITE.replace("INVITE", "CANCEL"))) == tag
    assert to_tag(b"other", sip_request(INVITE)) != tag
    assert to_tag(b"secret", sip_request(INVITE, Call_ID="x")) != tag
    assert to_tag(b"secret", sip_request(INVITE, Via=VIA + "z9hG4bK777")) != tag
    assert to_tag(b"secret", sip_request(INVITE, From="<sip:x@y>")) != tag
    assert len(tag) == 20


def test_the_tag_of_what_could_not_be_read(sip_request: Read) -> None:
    """A request without From or Call-ID has a tag, and bytes that are no UTF-8 are no trouble."""
    assert to_tag(b"s", sip_request(From=None, Call_ID="\udcff")) != to_tag(
        b"s", sip_request(From=None, Call_ID="\udcfe")
    )
