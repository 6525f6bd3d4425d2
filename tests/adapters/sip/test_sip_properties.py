"""What holds for every text there is: nothing undeclared is raised, and what is written is read back."""

import random
import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.sip.address import Address, parse_address
from adapters.sip.framing import Framer
from adapters.sip.grammar import Params, commas, header_params, quote, unquote
from adapters.sip.refusal import MalformedError
from adapters.sip.uri import Uri, escape_user, parse_uri, same_uri, unescape
from adapters.sip.via import parse_via

Write = Callable[..., bytes]
PutThrough = Callable[[bytes], None]

# Any bytes, as they look when read.
ANYTHING = st.binary(max_size=80).map(lambda data: data.decode("utf-8", "surrogateescape"))
PRINTABLE = ANYTHING.map(lambda text: re.sub(r"[\x00-\x1f\x7f]", "", text))
PIECES = [
    '"',
    "\\",
    "<",
    ">",
    ",",
    ";",
    "=",
    ":",
    "@",
    "?",
    "%",
    "%41",
    "/",
    " ",
    "\t",
    "sip:",
    "tel:",
    "[",
    "::1",
    "]",
    "a",
    "é",
]
NEARLY = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)
HOSTS = st.sampled_from(["b", "pbx.example.com", "10.0.0.7", "[2001:db8::1]"])
SAMPLE = (
    'P-Asserted-Identity: "Lee" <sip:+16175550100;verstat=TN-Validation-Passed@c.example>, <tel:+16175550100>',
    "Remote-Party-ID: <sip:+1@c>;party=calling;privacy=full",
    "Privacy: id;user",
    'Diversion: "A, B" <sip:a@b;x=y>;reason="user-busy";counter=2',
    "History-Info: <sip:100@biz.example.com?Reason=SIP%3Bcause%3D302>;index=1,",
    " <sip:a@b>;index=1.1;mp=1",
    'Reason: SIP ;cause=486 ;text="x"',
    "m: <sip:a@[2001:db8::1]:5060;transport=tcp?x=y>;q=0.5, sip:c@d",
    "Require: 100rel",
    "Timestamp: 54.1",
)


@given(name=PRINTABLE, user=ANYTHING, host=HOSTS, port=st.none() | st.integers(0, 65535), tag=PRINTABLE)
def test_addresses_come_back(name: str, user: str, host: str, port: int | None, tag: str) -> None:
    """Whatever a name and a user hold, the address written from them reads the same."""
    uri = Uri(scheme="sip", user=escape_user(user) or None, host=host, port=port)
    address = Address(uri, name, Params((("tag", quote(tag)),)))
    again = parse_address(str(address))

    assert again == address
    assert isinstance(again.uri, Uri)
    assert (again.uri.name, again.tag) == (user, tag)
    assert same_uri(uri, again.uri)


@given(texts=st.lists(PRINTABLE, min_size=1, max_size=5))
def test_lists_come_back(texts: list[str]) -> None:
    """A list of quoted strings is cut where it was joined."""
    assert [unquote(each) for each in commas(", ".join(map(quote, texts)))] == texts


@given(text=ANYTHING)
def test_escapes_come_back(text: str) -> None:
    """What is escaped is unescaped."""
    assert unescape(escape_user(text)) == text
    assert escape_user(text).isascii()


@given(text=ANYTHING | NEARLY)
def test_nothing_undeclared_is_raised(text: str) -> None:
    """Every parser reads a text, or says that it is malformed in a few words of ours."""
    said = []
    for parse in (parse_uri, parse_address, parse_via, header_params, commas):
        try:
            parse(text)
        except MalformedError as caught:
            said.append(caught.what)
    assert all(what.isascii() and len(what) < 40 for what in said)


@given(one=NEARLY, other=NEARLY)
def test_comparing_is_even_handed(one: str, other: str) -> None:
    """A URI is the same as itself, and two are the same both ways round."""
    try:
        first, second = parse_uri("sip:" + one), parse_uri("sip:" + other)
    except MalformedError:
        return
    assert same_uri(first, first)
    assert same_uri(first, second) == same_uri(second, first)


@settings(max_examples=300)
@given(data=st.data())
def test_mutated_datagrams(data: st.DataObject, sip_bytes: Write, put_through: PutThrough) -> None:
    """However a good message is broken, it is answered, refused or met with silence; nothing is raised."""
    good = bytearray(sip_bytes("INVITE sip:100@biz.example.com SIP/2.0", *SAMPLE, body=b"v=0"))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(good)))
        cut = data.draw(st.integers(0, 6))
        good[at : at + cut] = data.draw(st.binary(max_size=4) | st.sampled_from(PIECES).map(str.encode))
    put_through(bytes(good))


@pytest.mark.parametrize("seed", range(4))
def test_many_mutated_datagrams(sip_bytes: Write, put_through: PutThrough, seed: int) -> None:
    """The same with chance alone, which goes where no search looks."""
    chance = random.Random(seed)
    methods = ["INVITE", "OPTIONS", "MESSAGE", "ACK", "CANCEL", "REGISTER", "X", "SIP/2.0 200 OK"]
    for _ in range(250):
        start = f"{chance.choice(methods)} sip:100@biz.example.com SIP/2.0"
        data = bytearray(sip_bytes(start, *chance.sample(SAMPLE, 5), body=b"v=0"))
        for _ in range(chance.randrange(8)):
            at = chance.randrange(len(data))
            bits = chance.choice([b"\r", b"\n", b"\r\n", b"\0", b"\xff", chance.choice(PIECES).encode(), b""])
            data[at : at + chance.randrange(3)] = bits
        put_through(bytes(data))


@given(data=st.data())
def test_streams_are_cut_anywhere(data: st.DataObject, sip_bytes: Write) -> None:
    """Messages, pings and noise in a stream are the same however they arrive."""
    parts = [sip_bytes(body=b"abc"), b"\r\n", b"\r\n\r\n", sip_bytes("SIP/2.0 200 OK"), b"x\r\n\r\n", b"\r"]
    stream = b"".join(data.draw(st.lists(st.sampled_from(parts), max_size=6)))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=5)))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    whole, bits = Framer(), Framer()

    assert [each for piece in pieces for each in bits.feed(piece)] == whole.feed(stream)
    assert bits.unfinished == whole.unfinished
