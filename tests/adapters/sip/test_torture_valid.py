"""What RFC 4475 and RFC 5118 want understood: messages of our own with every freedom their lists describe."""

from collections.abc import Callable

import pytest

from adapters.sip.framing import Framer, read_datagram
from adapters.sip.message import Request
from adapters.sip.refusal import Refusal

Write = Callable[..., bytes]
Read = Callable[..., Request]
Verdict = Callable[[bytes], Refusal | str]


def lines(text: str) -> bytes:
    """Write a message by hand: one line of *text* is one of the message; what follows an empty line is the body."""
    return text.lstrip("\n").replace("\n", "\r\n").encode("utf-8", "surrogateescape")


TORTUOUS = lines("""
INVITE sip:harriet@chair.example.com;unheard-of SIP/2.0
TO :
 sip:harriet@chair.example.com ;   tag    = 19181
from   : "J Rosen \\\\\\""       <sip:jrosen@example.com>
  ;
  tag = 98asjd8
MaX-fOrWaRdS: 0068
Call-ID: short."tortuous.8938
Content-Length   : 9
cseq: 0009
  INVITE
Via  : SIP  /   2.0
 /UDP
    192.0.2.2;branch=390skdjuw
s :
NewFangledHeader:   new value
 that goes on
UnknownHeader: ;;,,;;,;
v:  SIP  / 2.0  / TCP     spindle.example.com   ;
  branch  =   z9hG4bK9ikj8  ,
 SIP  /    2.0   / UDP  192.168.255.111   ; branch=
 z9hG4bK30239
m:"Quoted \\"\\"" <sip:jdro@example.com> ; newparam =
      newvalue ;
  secondparam ; q = 0.33

v=0
o=a
 """)


def test_blanks_folds_and_short_forms() -> None:
    """A message with every freedom of the syntax at once says what its plain form would say."""
    request = read_datagram(TORTUOUS)

    assert isinstance(request, Request)
    assert [request.via.host, request.via.branch] == ["192.0.2.2", "390skdjuw"]
    assert [via.split(";")[-1].strip() for via in request.vias] == [
        "branch=390skdjuw",
        "branch  =   z9hG4bK9ikj8",
        "branch= z9hG4bK30239",
    ]
    assert request.sender.name == 'J Rosen \\"'
    assert (request.sender.tag, request.recipient.tag) == ("98asjd8", "19181")
    assert (request.cseq.number, request.cseq.method) == (9, "INVITE")
    assert request.call_id == 'short."tortuous.8938'
    assert request.headers.first("newfangledheader") == "new value that goes on"
    assert request.headers.first("subject") == ""
    assert request.headers.first("contact") == (
        '"Quoted \\"\\"" <sip:jdro@example.com> ; newparam = newvalue ; secondparam ; q = 0.33'
    )
    assert request.body == b"v=0\r\no=a\r\n"[:9]


@pytest.mark.parametrize(
    ("start", "fields", "said"),
    [
        pytest.param(
            "!odd-Method0123456789_*+`.%indeed'~ sip:1_odd.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,"
            "weird!*pas$wo~d_too.(doesn't-it)@example.com SIP/2.0",
            {
                "To": '"BEL:\\\x07 NUL:\\\x00 DEL:\\\x7f" <sip:1_odd.URI~@example.com>',
                "From": "token1~` token2'+_ token3*%!.- <sip:mundane@example.com>;fromParam''~+*_!.-%=\"работа\""
                ";tag=_token~1'+`*%!-.",
            },
            501,
            id="every character a method, a user, a token and a quoted string may have",
        ),
        pytest.param(
            "INVITE sip:sips%3Auser%40example.com@example.net SIP/2.0",
            {"To": "sip:%75se%72@example.com"},
            "served",
            id="escapes in user parts",
        ),
        pytest.param("OPTIONS sip:null-%00-null@example.com SIP/2.0", {}, "served", id="an escaped NUL in a user part"),
        pytest.param(
            "RE%47IST%45R sip:registrar.example.com SIP/2.0",
            {"To": '"%Z%45" <sip:resource@example.com>', "From": '"%Z%45" <sip:resource@example.com>;tag=f232jadfj23'},
            501,
            id="a percent sign in a method is a letter like any other",
        ),
        pytest.param(
            "OPTIONS sip:user@example.com SIP/2.0",
            {"From": "caller<sip:caller@example.com>;tag=323"},
            "served",
            id="no blank between name and bracket",
        ),
        pytest.param(
            "OPTIONS sip:user;par=u%40example.net@example.com SIP/2.0",
            {"To": "sip:j_user@example.com"},
            "served",
            id="a semicolon in the user part",
        ),
        pytest.param(
            "OPTIONS sip:user@example.com SIP/2.0",
            {
                "Via": "SIP/2.0/UDP t1.example.com;branch=z9hG4bKkdjuw, SIP/2.0/SCTP t2.example.com;branch=z9hG4bKklasjdhf, "
                "SIP/2.0/TLS t3.example.com;branch=z9hG4bK2980unddj,SIP/2.0/UNKNOWN t4.example.com;branch=z9hG4bKasd0f3en"
            },
            "served",
            id="transports nobody has heard of",
        ),
        pytest.param(
            "OPTIONS sip:user@example.com SIP/2.0",
            {"Via": "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK"},
            "served",
            id="a branch of nothing but the cookie",
        ),
        pytest.param(
            "OPTIONS sip:user@example.com SIP/2.0", {"Max_Forwards": "0"}, "served", id="Max-Forwards of zero"
        ),
        pytest.param(
            "INVITE sip:UserB@example.com SIP/2.0",
            {
                "Via": "SIP/2.0/UDP iftgw.example.com",
                "From": "<sip:+13035551111@ift.example.net;user=phone>",
                "Max_Forwards": None,
                "Content_Length": None,
            },
            "served",
            id="an INVITE as RFC 2543 had it: no tag, branch, Max-Forwards or Content-Length",
        ),
        pytest.param(
            "INVITE sip:user@example.com SIP/2.0",
            {
                "Date": "Fri, 01 Jan 2010 16:00:00 EST",
                "Accept": "text/nobodyKnowsThis",
                "Content_Type": "application/odd",
            },
            "served",
            id="a wrong Date, a body and an Accept that a redirect has no use for",
        ),
        pytest.param(
            "INVITE sip:user@example.com SIP/2.0",
            {"Require": "nobodyKnowsThis"},
            "served",
            id="an INVITE may require anything of a redirect server",
        ),
        pytest.param(
            "OPTIONS sip:user@example.com SIP/2.0",
            {"To": "isbn:2983792873", "From": "<http://www.example.com>;tag=3234233"},
            "served",
            id="other schemes in From and To",
        ),
        pytest.param("INVITE tel:+1-617-555-0100 SIP/2.0", {}, "served", id="a tel URI"),
        pytest.param("INVITE sips:a@example.com SIP/2.0", {}, "served", id="a sips URI"),
        pytest.param("invite sip:a@example.com SIP/2.0", {}, 501, id="a method in small letters is another method"),
        pytest.param(
            "INVITE sip:a@example.com sip/2.0", {}, "served", id="the version in small letters is the same version"
        ),
        # RFC 5118: IPv6.
        pytest.param(
            "OPTIONS sip:[2001:db8::10] SIP/2.0",
            {"Via": "SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3-111", "To": "sip:user@example.com"},
            "served",
            id="an IPv6 reference",
        ),
        pytest.param(
            "OPTIONS sip:[2001:db8::10:5070] SIP/2.0",
            {},
            "served",
            id="a port within the brackets is part of the address",
        ),
        pytest.param("OPTIONS sip:[2001:db8::10]:5070 SIP/2.0", {}, "served", id="a port behind the brackets"),
        pytest.param(
            "OPTIONS sip:[2001:db8::10] SIP/2.0",
            {"Via": "SIP/2.0/UDP [2001:db8::9:1];received=[2001:db8::9:255];branch=z9hG4bKas3"},
            "served",
            id="received in brackets",
        ),
        pytest.param(
            "OPTIONS sip:[2001:db8::10] SIP/2.0",
            {"Via": "SIP/2.0/UDP [2001:db8::9:1];received=2001:db8::9:255;branch=z9hG4bKas3"},
            "served",
            id="received without brackets",
        ),
        pytest.param(
            "INVITE sip:user@[2001:db8::10] SIP/2.0",
            {
                "Contact": '"Caller" <sip:caller@[2001:db8::20]>',
                "Via": "SIP/2.0/UDP [2001:db8::20];branch=z9hG4bKas3-111",
            },
            "served",
            id="a description of a session over IPv6 does not matter to a redirect",
        ),
        pytest.param(
            "OPTIONS sip:user@[2001:db8::10] SIP/2.0",
            {
                "Via": "SIP/2.0/UDP [2001:db8::9:1]:6050;branch=z9hG4bKas3,SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKjhja8781hjuaij65144"
            },
            "served",
            id="both kinds of addresses in one Via",
        ),
        pytest.param(
            "INVITE sip:user@[::ffff:192.0.2.10] SIP/2.0",
            {
                "Via": "SIP/2.0/UDP [::ffff:192.0.2.2]:5060;branch=z9hG4bKas3",
                "Contact": "<sip:user@[::ffff:192.0.2.2]>",
            },
            "served",
            id="IPv4 in IPv6",
        ),
        pytest.param(
            "OPTIONS sip:user@[2001:db8:::192.0.2.1] SIP/2.0",
            {},
            "served",
            id="three colons before IPv4, as RFC 3261's grammar had it",
        ),
    ],
)
def test_what_is_valid(
    sip_bytes: Write, sip_verdict: Verdict, start: str, fields: dict[str, str | None], said: int | str
) -> None:
    """A message that the grammar allows is served, or refused for what it asks, never for how it is written."""
    said_to_it = sip_verdict(sip_bytes(start, **fields))

    assert (said_to_it.code if isinstance(said_to_it, Refusal) else said_to_it) == said


def test_a_very_long_request(sip_bytes: Write, sip_verdict: Verdict) -> None:
    """Long names, tokens, URIs and many hops are no reason to refuse."""
    hops = [f"Via: SIP/2.0/TCP sip{n}.example.com" for n in range(33, 0, -1)]
    data = sip_bytes(
        "INVITE sip:user@example.com SIP/2.0",
        *hops,
        f"Unknown-{'Long' * 30}-Name: unknown-{'long' * 30}-value; unknown-{'long' * 30}-parameter",
        f"Contact: <sip:amazinglylongcallername{'x' * 200}@host5.example.net>",
        To=f'"I have a user name of {"extreme" * 30} proportion"<sip:user@example.com:6000;unknownparam1=very{"long" * 40}value;short>',
        From=f"sip:amazinglylongcallername{'x' * 200}@example.net;tag=12{'982' * 100}424;unknown{'header' * 40}ParamName=v",
        Call_ID=f"longreq.one{'really' * 40}longcallid",
        Via=f"SIP/2.0/TCP sip33.example.com;branch=z9hG4bK{'long' * 60}branchvalue",
    )

    assert sip_verdict(data) == "served"


def test_a_second_message_in_a_datagram(sip_bytes: Write) -> None:
    """What follows the body in a datagram is dropped, even a whole message."""
    data = sip_bytes("OPTIONS sip:a@example.com SIP/2.0") + sip_bytes("INVITE sip:joe@example.com SIP/2.0")
    request = read_datagram(data)

    assert isinstance(request, Request)
    assert (request.method, request.body) == ("OPTIONS", b"")


def test_a_body_of_any_bytes(sip_bytes: Write, sip_verdict: Verdict) -> None:
    """A body of several parts, one of them binary, is whole; a MESSAGE of this type is refused with what we accept."""
    body = b"--7a9cbec02ceef655\r\nContent-Type: text/plain\r\n\r\nHello\r\n--7a9cbec02ceef655\r\n\r\n\x00\x80\xff\r\n\r\n--7a9cbec02ceef655--"
    data = sip_bytes(
        "MESSAGE sip:a@example.com SIP/2.0", "Content-Type: multipart/mixed;boundary=7a9cbec02ceef655", body=body
    )
    request = read_datagram(data)

    assert isinstance(request, Request)
    assert request.body == body
    assert sip_verdict(data) == Refusal(415, "Unsupported Media Type", (("Accept", "text/plain"),))


@pytest.mark.parametrize(
    "status",
    [
        pytest.param("SIP/2.0 200 = 2**3 * 5**2 но сто девяносто девять - простое", id="a reason in any script"),
        pytest.param("SIP/2.0 100 ", id="no reason at all"),
        pytest.param("SIP/2.0 503 Service Unavailable", id="a CSeq too large"),
        pytest.param("SIP/2.0 200 OK", id="a Via that is not ours"),
    ],
)
def test_answers_are_told_from_requests(sip_bytes: Write, sip_verdict: Verdict, status: str) -> None:
    """An answer to somebody is recognised, so that it can be dropped, whatever its fields hold."""
    data = sip_bytes(status, CSeq="9292394834772304023312 OPTIONS", Via="SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK1324923")

    assert sip_verdict(data) == "answer"


def test_every_freedom_in_a_stream() -> None:
    """The same message, byte by byte in a stream, is the same message."""
    framer = Framer()
    arrivals = [arrival for byte in TORTUOUS for arrival in framer.feed(bytes([byte]))]

    assert arrivals == [read_datagram(TORTUOUS)]
    assert framer.unfinished  # of the body two bytes are more than Content-Length says
