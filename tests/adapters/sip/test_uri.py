"""SIP and tel URIs: read, written, compared."""

import pytest

from adapters.sip.grammar import Params
from adapters.sip.refusal import MalformedError
from adapters.sip.uri import OtherUri, TelUri, Uri, escape_user, parse_uri, same_uri, unescape


@pytest.mark.parametrize(
    ("text", "uri"),
    [
        pytest.param("sip:a@b", Uri(scheme="sip", user="a", host="b"), id="the least"),
        pytest.param("SIPS:A@B.Example:5061", Uri(scheme="sips", user="A", host="b.example", port=5061), id="capitals"),
        pytest.param("sip:b", Uri(scheme="sip", user=None, host="b"), id="no user"),
        pytest.param("sip:a:pw@b", Uri(scheme="sip", user="a", password="pw", host="b"), id="a password"),
        pytest.param("sip:a:@b", Uri(scheme="sip", user="a", password="", host="b"), id="an empty password"),
        pytest.param(
            "sip:a;x=1?y/z@b;LR;q=2?h=v&i=w",
            Uri(scheme="sip", user="a;x=1?y/z", host="b", params=Params((("lr", None), ("q", "2"))), headers="h=v&i=w"),
            id="every part",
        ),
        pytest.param(
            "sip:[2001:DB8::1]:5060", Uri(scheme="sip", user=None, host="[2001:db8::1]", port=5060), id="IPv6"
        ),
        pytest.param(
            "tel:+1-617-555-0100;ext=5", TelUri("+1-617-555-0100", Params((("ext", "5"),))), id="a telephone number"
        ),
        pytest.param("tel:*67", TelUri("*67"), id="a star code"),
        pytest.param("HTTP://x/y?z", OtherUri("http", "//x/y?z"), id="another scheme"),
    ],
)
def test_reading(text: str, uri: Uri | TelUri | OtherUri) -> None:
    """A URI is read into its parts, and written from them reads the same."""
    assert parse_uri(text) == uri
    assert parse_uri(str(uri)) == uri


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("a@b", id="no scheme"),
        pytest.param("sip:", id="no host"),
        pytest.param("sip:@b", id="an empty user"),
        pytest.param("sip::pw@b", id="a password without a user"),
        pytest.param("sip:a@b@c", id="two at signs"),
        pytest.param("sip:a b@c", id="a blank"),
        pytest.param("sip:a@b:", id="no port behind the colon"),
        pytest.param("sip:a@b:65536", id="a port too large"),
        pytest.param("sip:a@b:5x", id="letters in a port"),
        pytest.param("sip:a@b;", id="no parameter behind the semicolon"),
        pytest.param("sip:a@b;x=", id="no value behind the equals sign"),
        pytest.param("sip:a@b;=x", id="no name before it"),
        pytest.param("sip:a@[1::2::3]", id="an IPv6 address that is none"),
        pytest.param("sip:a@[::1", id="a bracket never closed"),
        pytest.param("sip:2001:db8::10", id="IPv6 without brackets"),
        pytest.param("sip:a@b\r\nc", id="a line end"),
        pytest.param("<sip:a@b>", id="brackets"),
        pytest.param("tel:anna", id="letters for a telephone number"),
        pytest.param("tel:", id="no telephone number"),
        pytest.param("1sip:a@b", id="a scheme that begins with a digit"),
    ],
)
def test_no_uris(text: str) -> None:
    """What is no URI is malformed."""
    with pytest.raises(MalformedError):
        parse_uri(text)


def test_the_last_port() -> None:
    """65535 is a port."""
    uri = parse_uri("sip:b:65535")

    assert isinstance(uri, Uri)
    assert uri.port == 65535


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(
            "sip:%61lice@atlanta.com;transport=TCP",
            "sip:alice@AtLanTa.CoM;Transport=tcp",
            id="case, and an escape nobody needs",
        ),
        pytest.param("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5", id="a parameter only one has"),
        pytest.param(
            "sip:carol@chicago.com;security=on", "sip:carol@chicago.com;newparam=5", id="each has one of its own"
        ),
        pytest.param(
            "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
            "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com",
            id="another order of parameters",
        ),
        pytest.param(
            "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
            "sip:alice@atlanta.com?priority=urgent&subject=project%20x",
            id="another order of headers",
        ),
        pytest.param("sip:a@[2001:db8::1]", "sip:a@[2001:DB8:0:0::1]", id="two spellings of an IPv6 address"),
        pytest.param("sip:a%3bb@c", "sip:a%3Bb@c", id="an escape in small letters"),
        pytest.param("tel:+1-617-555-0100", "tel:+1(617)5550100", id="a telephone number with other separators"),
        pytest.param("tel:+1;ext=5;Isub=1", "tel:+1;isub=1;ext=5", id="its parameters in another order"),
        pytest.param("http:x", "HTTP:x", id="another scheme, the same text"),
    ],
)
def test_the_same(one: str, other: str) -> None:
    """RFC 3261 section 19.1.4: these are the same, both ways round."""
    assert same_uri(parse_uri(one), parse_uri(other))
    assert same_uri(parse_uri(other), parse_uri(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(
            "SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP", id="the user's case"
        ),
        pytest.param("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060", id="the default port, named by one"),
        pytest.param("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp", id="a transport, named by one"),
        pytest.param("sip:bob@biloxi.com", "sip:bob@biloxi.com;maddr=1.2.3.4", id="an maddr, named by one"),
        pytest.param("sip:bob@biloxi.com", "sip:bob@biloxi.com;user=phone", id="user=phone, said by one"),
        pytest.param("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting", id="a header"),
        pytest.param("sip:bob@phone21.biloxi.com", "sip:bob@192.0.2.4", id="a name and its address"),
        pytest.param("sip:a@b", "sip:a@b;ttl=3", id="a ttl, named by one"),
        pytest.param("sip:a@b", "sip:a@b;method=INVITE", id="a method, named by one"),
        pytest.param("sip:a@b;x=1", "sip:a@b;x=2", id="a parameter with another value"),
        pytest.param("sip:a@b", "sips:a@b", id="another scheme"),
        pytest.param("sip:a@b", "sip:b", id="a user only one has"),
        pytest.param("sip:a@b", "sip:a:@b", id="a password only one has"),
        pytest.param("sip:a%3Bb@c", "sip:a;b@c", id="a character that is reserved, escaped in one"),
        pytest.param("tel:+1", "sip:+1@b", id="a telephone number and an address"),
        pytest.param("tel:+1;ext=5", "tel:+1", id="an extension"),
        pytest.param("http:x", "http:X", id="another scheme, other text"),
    ],
)
def test_not_the_same(one: str, other: str) -> None:
    """RFC 3261 section 19.1.4: these are different, both ways round."""
    assert not same_uri(parse_uri(one), parse_uri(other))
    assert not same_uri(parse_uri(other), parse_uri(one))


def test_escapes_are_undone_once() -> None:
    """`%2541` is `%41`, not `A`; NUL is kept; bytes that are no UTF-8 survive."""
    assert unescape("%2541%00") == "%41\0"
    assert unescape("%ff\udcfe").encode("utf-8", "surrogateescape") == b"\xff\xfe"
    assert unescape("plain") == "plain"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        pytest.param("+16175550100", "+16175550100", id="a number"),
        pytest.param("a@b;c?d:e/f", "a%40b%3Bc%3Fd%3Ae%2Ff", id="what would mean something else"),
        pytest.param('"<>\r\n ', "%22%3C%3E%0D%0A%20", id="what would leave the URI"),
        pytest.param("\u00e9\udcff", "%C3%A9%FF", id="letters outside ASCII, and bytes"),
    ],
)
def test_escaping(text: str, written: str) -> None:
    """A user part is written so that it can mean nothing else."""
    assert escape_user(text) == written
    assert unescape(written) == text


def test_the_user_as_meant() -> None:
    """`name` has the escapes undone; without a user it is empty."""
    uri, none = parse_uri("sip:sips%3Auser%40example.com@example.net"), parse_uri("sip:b")

    assert isinstance(uri, Uri)
    assert uri.name == "sips:user@example.com"
    assert isinstance(none, Uri)
    assert none.name == ""
