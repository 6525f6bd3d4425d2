"""Addresses in From, To, Contact and their kind, and Via."""

import pytest

from adapters.sip.address import Address, parse_address, parse_addresses
from adapters.sip.grammar import Params
from adapters.sip.refusal import MalformedError
from adapters.sip.uri import TelUri, Uri
from adapters.sip.via import parse_via

A = Uri(scheme="sip", user="a", host="b")
TAG = Params((("tag", "1"),))


@pytest.mark.parametrize(
    ("text", "address"),
    [
        pytest.param("sip:a@b", Address(A), id="a URI and nothing else"),
        pytest.param("sip:a@b ;tag=1", Address(A, None, TAG), id="parameters without brackets are those of the field"),
        pytest.param("<sip:a@b> ; tag = 1", Address(A, None, TAG), id="in brackets"),
        pytest.param("Anna Lena <sip:a@b>", Address(A, "Anna Lena"), id="words for a name"),
        pytest.param("Anna<sip:a@b>", Address(A, "Anna"), id="no blank before the bracket"),
        pytest.param('"Lee, \\"Anna\\" <x>"<sip:a@b>;tag=1', Address(A, 'Lee, "Anna" <x>', TAG), id="a name in quotes"),
        pytest.param('"" <sip:a@b>', Address(A, ""), id="an empty name"),
        pytest.param("Zo\u00eb \udcff <sip:a@b>", Address(A, "Zo\u00eb \udcff"), id="a name outside ASCII"),
        pytest.param("tel:+1;tag=1", Address(TelUri("+1"), None, TAG), id="a telephone number"),
        pytest.param('sip:a@b;x="<"', Address(A, None, Params((("x", '"<"'),))), id="a bracket in a quoted parameter"),
    ],
)
def test_addresses(text: str, address: Address) -> None:
    """An address is read into name, URI and parameters, and written from them reads the same."""
    assert parse_address(text) == address
    assert parse_address(str(address)) == address
    assert address.tag == address.params.get("tag")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param('"Anna" sip:a@b', id="a name without brackets"),
        pytest.param('"Anna <sip:a@b>', id="a quote never closed"),
        pytest.param('Anna "Lee" <sip:a@b>', id="a quote within the name"),
        pytest.param("<sip:a@b", id="a bracket never closed"),
        pytest.param("<sip:a@b> x", id="something behind the bracket"),
        pytest.param("<<sip:a@b>>", id="two brackets"),
        pytest.param("< sip:a@b>", id="a blank within the brackets"),
        pytest.param("Lee, Anna <sip:a@b>", id="a comma in a name"),
        pytest.param("sip:a@b?x=y", id="a question mark without brackets"),
        pytest.param("sip:a,b@c", id="a comma without brackets"),
    ],
)
def test_no_addresses(text: str) -> None:
    """What is no address is malformed."""
    with pytest.raises(MalformedError):
        parse_address(text)


def test_a_list_of_addresses() -> None:
    """A list is cut at its commas."""
    assert parse_addresses('"A, B" <sip:a@b>, sip:a@b;tag=1') == [Address(A, "A, B"), Address(A, None, TAG)]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        pytest.param("SIP/2.0/UDP 10.0.0.7:5060;branch=z9", "SIP/2.0/UDP 10.0.0.7:5060;branch=z9", id="the usual"),
        pytest.param(
            "sip / 2.0 /\ttls  Host.Example : 5061 ; rport", "SIP/2.0/TLS host.example:5061;rport", id="blanks"
        ),
        pytest.param("SIP/2.0/TCP [2001:DB8::1]", "SIP/2.0/TCP [2001:db8::1]", id="IPv6"),
    ],
)
def test_via(text: str, written: str) -> None:
    """A hop is read, blanks and all, and written in one spelling."""
    assert str(parse_via(text)) == written


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("SIP/2.0/UDP", id="no host"),
        pytest.param("SIP/2.0 10.0.0.7", id="no transport"),
        pytest.param("SIP/2.0/UDP ;branch=1", id="no host before the parameters"),
        pytest.param("SIP/2.0/UDP a b", id="two hosts"),
        pytest.param("SIP/2.0/UDP a:99999", id="no port"),
        pytest.param("SIP/2.0/UDP a;;b", id="nothing between semicolons"),
    ],
)
def test_no_via(text: str) -> None:
    """What is no hop is malformed."""
    with pytest.raises(MalformedError):
        parse_via(text)


@pytest.mark.parametrize(
    ("via", "source", "noted", "port"),
    [
        pytest.param(
            "SIP/2.0/UDP 10.0.0.7;branch=z", "10.0.0.7", "SIP/2.0/UDP 10.0.0.7;branch=z", 5060, id="as it says"
        ),
        pytest.param(
            "SIP/2.0/UDP 10.0.0.7:5070;branch=z",
            "10.0.0.7",
            "SIP/2.0/UDP 10.0.0.7:5070;branch=z",
            5070,
            id="a port of its own",
        ),
        pytest.param(
            "SIP/2.0/UDP pbx;branch=z",
            "10.0.0.7",
            "SIP/2.0/UDP pbx;branch=z;received=10.0.0.7",
            5060,
            id="a name for a host",
        ),
        pytest.param(
            "SIP/2.0/UDP 10.0.0.7;rport;branch=z",
            "10.0.0.7",
            "SIP/2.0/UDP 10.0.0.7;branch=z;received=10.0.0.7;rport=40000",
            40000,
            id="rport asked for",
        ),
        pytest.param(
            "SIP/2.0/UDP 10.0.0.7;received=8.8.8.8;maddr=9.9.9.9;ttl=3;branch=z",
            "10.0.0.7",
            "SIP/2.0/UDP 10.0.0.7;branch=z",
            5060,
            id="where others shall be sent to is thrown away",
        ),
        pytest.param(
            "SIP/2.0/UDP 10.0.0.7;rport=53;branch=z",
            "10.0.0.7",
            "SIP/2.0/UDP 10.0.0.7;branch=z;received=10.0.0.7;rport=40000",
            40000,
            id="an rport filled in by the sender",
        ),
        pytest.param(
            "SIP/2.0/UDP [2001:DB8::1]", "2001:db8::1", "SIP/2.0/UDP [2001:db8::1]", 5060, id="IPv6 as it says"
        ),
        pytest.param(
            "SIP/2.0/UDP [2001:db8::1]",
            "2001:db8::2",
            "SIP/2.0/UDP [2001:db8::1];received=2001:db8::2",
            5060,
            id="IPv6 from elsewhere",
        ),
    ],
)
def test_where_it_really_came_from(via: str, source: str, noted: str, port: int) -> None:
    """The top Via tells where the answer goes: to the source, and nowhere a sender could choose."""
    seen = parse_via(via).seen_from(source, 40000)

    assert str(seen) == noted
    assert seen.reply_port == port
