"""A SIP request in our words: one call is one event however it comes, and asking again is another."""

from collections.abc import Callable
from ipaddress import ip_network

import attrs
import pytest

from adapters.sip.asked import SipAsked
from adapters.sip.events import end_of, event_of
from adapters.sip.message import Request
from adapters.sip.peers import Peer
from rules.event import CallEnded, Diversion, IncomingCall, IncomingText

Read = Callable[..., Request]
EDGE = Peer(name="edge", source=(ip_network("10.0.0.7"),), trust_identity=True)
INVITE = "INVITE sip:100@biz.example.com SIP/2.0"


def event(request: Request, peer: Peer = EDGE) -> IncomingCall | IncomingText:
    """Say what happened."""
    return event_of(SipAsked(request, peer, "udp", "biz.example.com"), "pbx")


def test_a_call(sip_request: Read) -> None:
    """All that a trusted proxy says about a call is there."""
    request = sip_request(
        INVITE,
        'P-Asserted-Identity: "Ann" <sip:+12125550177@carrier.example;verstat=TN-Validation-Passed>',
        "Diversion: <sip:+16175550199@carrier.example>;reason=no-answer;counter=1",
    )

    call = event(request)

    assert isinstance(call, IncomingCall)
    assert (call.provider, call.account, call.to) == ("pbx", "pbx", "sip:100@biz.example.com")
    assert (call.caller, call.caller_name, call.verified) == ("+12125550177", "Ann", True)
    assert call.diversions == (Diversion("+16175550199", "no-answer"),)
    assert (call.asserted, call.previous_result, call.again) == (None, None, None)
    assert call.id.startswith("a84b4c76e66710@pbx.example.com.")


def test_a_hidden_caller(sip_request: Read) -> None:
    """Who hides the number is nobody, and the number is kept for the rules alone."""
    request = sip_request(INVITE, "P-Asserted-Identity: <sip:+12125550177@carrier.example>", "Privacy: id")

    call = event(request)

    assert isinstance(call, IncomingCall)
    assert (call.caller, call.asserted) == ("anonymous", "+12125550177")


def test_a_stranger_to_trust(sip_request: Read) -> None:
    """What a peer that is not trusted says about others counts for nothing, and neither does its asking again."""
    request = sip_request(INVITE, "P-Asserted-Identity: <sip:+12125550177@x>", "Reason: SIP;cause=408")

    call = event(request, attrs.evolve(EDGE, trust_identity=False))

    assert isinstance(call, IncomingCall)
    assert (call.caller, call.again) == ("sip:alice@pbx.example.com", None)


def test_a_number_nobody_names(sip_request: Read) -> None:
    """Where the field with the number called is missing, the number is unavailable."""
    assert event(sip_request(INVITE), attrs.evolve(EDGE, called_from="header:X-Number")).to == "unavailable"


@pytest.mark.parametrize(
    ("fields", "start", "same"),
    [
        pytest.param({"Via": "SIP/2.0/UDP 10.0.0.7;branch=z9hG4bKother"}, INVITE, True, id="another transaction"),
        pytest.param({"Max_Forwards": "69"}, INVITE, True, id="another way"),
        pytest.param({"Call_ID": "other"}, INVITE, False, id="another call"),
        pytest.param({"CSeq": "314160 INVITE"}, INVITE, False, id="tried once more"),
        pytest.param({"From": "Alice <sip:alice@pbx.example.com>;tag=2"}, INVITE, False, id="another caller"),
        pytest.param({}, "INVITE sip:101@biz.example.com SIP/2.0", False, id="sent on to another of our numbers"),
    ],
)
def test_one_call_is_one_event(sip_request: Read, fields: dict[str, str], start: str, same: bool) -> None:
    """The copies of an INVITE are the same event, and nothing else is."""
    assert (event(sip_request(start, **fields)).id == event(sip_request(INVITE)).id) == same


def test_asking_again(sip_request: Read) -> None:
    """Each asking again is an event of its own, told by its transaction, and names the call it is about."""
    first = event(sip_request(INVITE))
    again, copy, third = (
        event(sip_request(INVITE, "Reason: SIP;cause=486", Via=f"SIP/2.0/UDP 10.0.0.7;branch=z9hG4bK{branch}"))
        for branch in ("a", "a", "b")
    )

    assert isinstance(again, IncomingCall)
    assert isinstance(third, IncomingCall)
    assert (again.again, again.previous_result) == (first.id, "busy")
    assert again == copy
    assert third.again == first.id
    assert len({first.id, again.id, third.id}) == 3


@pytest.mark.parametrize(
    ("content", "body", "text"),
    [
        pytest.param("text/plain", "Grüße".encode(), "Grüße", id="UTF-8 unless it says otherwise"),
        pytest.param("text/plain;charset=iso-8859-1", "Grüße".encode("latin-1"), "Grüße", id="another charset"),
        pytest.param('text/plain;charset="utf-8"', b"a", "a", id="a charset in quotes"),
        pytest.param("text/plain;charset=klingon", b"a\xff", "a\ufffd", id="a charset nobody knows"),
        pytest.param("text/plain;=", b"a", "a", id="a broken type"),
        pytest.param(None, b"a", "a", id="no type at all"),
        pytest.param("text/plain;charset=base64", b"a", "a", id="a codec that is no charset"),
    ],
)
def test_texts(sip_request: Read, content: str | None, body: bytes, text: str) -> None:
    """A MESSAGE is a text, its words in the charset it names."""
    start = "MESSAGE sip:100@biz.example.com SIP/2.0"

    found = event(sip_request(start, body=body, Content_Type=content))

    assert isinstance(found, IncomingText)
    assert (found.text, found.caller, found.to) == (text, "sip:alice@pbx.example.com", "sip:100@biz.example.com")


def test_the_end(sip_request: Read) -> None:
    """How a call ended is told of the call as it first came."""
    request = sip_request(INVITE)

    ended = end_of(SipAsked(request, EDGE, "udp", None), "pbx", "cancelled")

    first = event(request).id
    assert ended == CallEnded(provider="pbx", account="pbx", id=f"{first}:cancelled", call_id=first, status="cancelled")


def test_a_call_id_that_would_not_fit(sip_request: Read) -> None:
    """A long or strange Call-ID is shown cut and clean, and still told from all others."""
    one, other = (event(sip_request(INVITE, Call_ID="ä" + "x" * 300 + last)).id for last in "ab")

    assert one != other
    assert len(one) < 140
    assert one.startswith("_xxx")
