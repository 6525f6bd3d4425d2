"""What is answered to an INVITE or a MESSAGE: contacts, and never one that the configuration does not allow."""

from collections.abc import Callable
from ipaddress import ip_network
from typing import Literal

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.api import (
    Action,
    Answer,
    HangUp,
    Leg,
    RawRequest,
    RawResponse,
    RefusedError,
    RejectCall,
    RingLegs,
    Speak,
    TakeMessage,
)
from adapters.sip.address import parse_address
from adapters.sip.asked import SipAnswer, SipAsked
from adapters.sip.events import event_of
from adapters.sip.framing import read_datagram
from adapters.sip.mapping import FRAGMENT, Contacts, Question, answer_of, write
from adapters.sip.message import Request
from adapters.sip.peers import Peer, Transport
from adapters.sip.provider import Manner, Sip
from adapters.sip.response import respond
from rules.sipuri import sip_uri

Read = Callable[..., Request]

CONTACTS = Contacts(
    hosts=("pbx.example.com", "10.0.0.7:5080"),
    domains=("biz.example.com",),
    boxes={"main": "sip:vm@pbx.example.com", "mail": "night@example.com", "away": "sip:vm@elsewhere.example"},
)
EDGE = Peer(name="edge", source=(ip_network("10.0.0.7"),), follows_redirects=True, trust_identity=True)
BOX = TakeMessage("main", None, 120, False)


def ring(*addresses: str) -> RingLegs:
    """Ring all of *addresses*."""
    return RingLegs(tuple(Leg(at, address, False) for at, address in enumerate(addresses)), 20, None)


def said(
    request: Request,
    *actions: Action,
    contacts: Contacts = CONTACTS,
    peer: Peer = EDGE,
    transport: Transport = "udp",
    parallel: bool = False,
    cause: Literal["unknown", "closed"] | None = None,
    to: Literal["call", "text"] = "call",
) -> SipAnswer:
    """Say what is answered to *request* when *actions* are to be done."""
    asked = SipAsked(request, peer, transport, None)
    question = Question(asked=asked, event=event_of(asked, "pbx"), parallel=parallel)
    return answer_of(write(Answer(to=to, actions=actions, cause=cause), contacts, question))


def contacts_of(answer: SipAnswer) -> list[str]:
    """Return the contacts of an answer."""
    return [value for name, value in answer.headers if name == "Contact"]


ANNA, BEN = "sip:anna@pbx.example.com", "sip:ben@10.0.0.7:5080;transport=tcp"
TARGET = "target=sip%3A100%40biz.example.com"


@pytest.mark.parametrize(
    ("actions", "contacts"),
    [
        pytest.param((ring(ANNA), ring(BEN), BOX), [f"<{ANNA}>;q=1.0", f"<{BEN}>;q=0.9", f"<sip:vm@pbx.example.com;{TARGET};cause=408>;q=0.8"], id="one after another, then the box"),
        pytest.param((ring(ANNA, BEN),), [f"<{ANNA}>;q=1.0", f"<{BEN}>;q=0.9"], id="all at once have ranks of their own"),
        pytest.param((BOX,), [f"<sip:vm@pbx.example.com;{TARGET};cause=302>;q=1.0"], id="nobody in: the box at once"),
        pytest.param((Speak("Hello.", None), ring(ANNA)), [f"<{ANNA}>;q=1.0"], id="what cannot be said is left out"),
        pytest.param((ring("+16175550142"),), ["<sip:+16175550142@pbx.example.com;user=phone>;q=1.0"], id="a telephone number goes to the first host"),
        pytest.param((ring(ANNA), ring(BEN), ring("sip:anna@PBX.example.com")), [f"<{ANNA}>;q=1.0", f"<{BEN}>;q=0.9"], id="nobody is tried twice"),
        pytest.param((ring(ANNA, "sip:ben@elsewhere.example"),), [f"<{ANNA}>;q=1.0"], id="another host is never named"),
        pytest.param((ring("sip:a:secret@pbx.example.com?Replaces=x"),), ["<sip:a@pbx.example.com>;q=1.0"], id="no headers and no password"),
        pytest.param((ring(ANNA), attrs.evolve(BOX, box="mail")), [f"<{ANNA}>;q=1.0"], id="a box without a sip address is left out"),
        pytest.param((ring(ANNA), attrs.evolve(BOX, box="away")), [f"<{ANNA}>;q=1.0"], id="a box elsewhere is left out"),
        pytest.param((ring(ANNA), attrs.evolve(BOX, box="none")), [f"<{ANNA}>;q=1.0"], id="a box nobody knows is left out"),
        pytest.param((BOX, ring(ANNA)), [f"<sip:vm@pbx.example.com;{TARGET};cause=302>;q=1.0"], id="behind the box nothing follows"),
    ],
)  # fmt: skip
def test_contacts(sip_request: Read, actions: tuple[Action, ...], contacts: list[str]) -> None:
    """A plan becomes contacts in its order, each with a q below the one before."""
    answer = said(sip_request(), *actions)

    assert (answer.code, contacts_of(answer)) == (302, contacts)


def test_a_peer_that_rings_at_once(sip_request: Read) -> None:
    """Where equal q means at once, those of one step share theirs, and the next step has a lower one."""
    answer = said(sip_request(), ring(ANNA, BEN), ring("sip:c@pbx.example.com"), BOX, parallel=True)

    assert [contact.rpartition("=")[2] for contact in contacts_of(answer)] == ["1.0", "1.0", "0.9", "0.8"]


@pytest.mark.parametrize(
    ("actions", "cause", "code"),
    [
        pytest.param((RejectCall("busy"),), None, 486, id="busy"),
        pytest.param((RejectCall("declined"),), None, 603, id="declined"),
        pytest.param((RejectCall("unavailable"),), None, 480, id="unavailable"),
        pytest.param((RejectCall("declined"),), "unknown", 404, id="a number that is not ours"),
        pytest.param((Speak("We are closed.", None), HangUp()), None, 480, id="hung up"),
        pytest.param((), None, 480, id="nothing to do"),
        pytest.param((ring("sip:a@elsewhere.example"),), None, 480, id="nobody who may be named"),
        pytest.param(
            (ring("sip:100@biz.example.com"),), None, 480, id="a host that is not allowed, though it is who was called"
        ),
    ],
)
def test_refusals(sip_request: Read, actions: tuple[Action, ...], cause: Literal["unknown"] | None, code: int) -> None:
    """What nobody can be rung for is refused, in the word that fits, and without a contact."""
    assert said(sip_request(), *actions, cause=cause) == SipAnswer(code)


def test_never_back_to_who_was_called(sip_request: Read) -> None:
    """The address that was called is never answered; when it is the only one, the number does not exist (RFC 3261 8.3)."""
    request = sip_request("INVITE sip:anna@PBX.example.com SIP/2.0")

    assert contacts_of(said(request, ring(ANNA, BEN))) == [f"<{BEN}>;q=1.0"]
    assert said(request, ring(ANNA)).code == 404


def test_secure_calls_stay_secure(sip_request: Read) -> None:
    """A call to a sips address is sent to sips addresses alone, and refused when there is none."""
    request = sip_request("INVITE sips:100@biz.example.com SIP/2.0")

    assert contacts_of(said(request, ring(ANNA, "sips:ben@pbx.example.com"))) == ["<sips:ben@pbx.example.com>;q=1.0"]
    assert said(request, ring(ANNA)).code == 480


def test_numbers_are_not_shown(sip_request: Read) -> None:
    """To a peer that does not ring by itself no telephone number is named, however it is written."""
    shy = attrs.evolve(EDGE, follows_redirects=False)

    answer = said(sip_request(), ring("+16175550142", "sip:+16175550142@pbx.example.com", ANNA), peer=shy)

    assert contacts_of(answer) == [f"<{ANNA}>;q=1.0"]


def test_no_more_than_allowed(sip_request: Read) -> None:
    """The first ones are named, and the box in any case."""
    many = [ring(f"sip:a{at}@pbx.example.com") for at in range(12)]

    answer = said(sip_request(), *many, BOX)

    users = [contact.partition("@")[0] for contact in contacts_of(answer)]
    assert users == [*(f"<sip:a{at}" for at in range(7)), "<sip:vm"]


@pytest.mark.parametrize(("transport", "count"), [("udp", 4), ("tcp", 8)])
def test_an_answer_fits_a_datagram(sip_request: Read, transport: Transport, count: int) -> None:
    """Over UDP an answer stays under 1,300 bytes, the box still in it; a stream takes any."""
    long = [ring(f"sip:{'a' * 150}{at}@pbx.example.com") for at in range(12)]
    request = sip_request(Call_ID="c" * 200)

    answer = said(request, *long, BOX, transport=transport)

    assert len(contacts_of(answer)) == count
    assert "sip:vm@" in contacts_of(answer)[-1]
    assert (len(respond(request, 302, to_tag="t" * 32, headers=answer.headers)) < 1300) == (transport == "udp")


def test_a_single_contact_is_given_whatever_its_size(sip_request: Read) -> None:
    """What little there is to say is said, even when the request alone fills a datagram."""
    assert len(contacts_of(said(sip_request(Call_ID="c" * 1300), ring(ANNA), ring(BEN)))) == 1


@pytest.mark.parametrize(
    ("lines", "cause", "diversion", "box"),
    [
        pytest.param((), None, "unconditional", 302, id="sent on by a rule"),
        pytest.param((), "closed", "time-of-day", 302, id="after hours"),
        pytest.param(("Reason: SIP;cause=408",), None, "no-answer", 408, id="nobody answered"),
        pytest.param(("Reason: SIP;cause=486",), None, "user-busy", 486, id="busy"),
        pytest.param(("Reason: SIP;cause=503",), None, "unavailable", 503, id="out of reach"),
    ],
)
def test_why(
    sip_request: Read, lines: tuple[str, ...], cause: Literal["closed"] | None, diversion: str, box: int
) -> None:
    """Who rings next, and the box, are told why the call comes to them."""
    answer = said(sip_request("INVITE sip:100@biz.example.com SIP/2.0", *lines), BOX, cause=cause)

    assert dict(answer.headers)["Diversion"] == f"<sip:100@biz.example.com>;reason={diversion};counter=1;privacy=off"
    assert f";cause={box}>" in contacts_of(answer)[0]


@pytest.mark.parametrize(
    ("start", "fields", "own"),
    [
        pytest.param("INVITE sip:+1-617-555-0100@gw.example SIP/2.0", {}, "sip:+16175550100@biz.example.com", id="a number, at our domain"),
        pytest.param("INVITE tel:+16175550100 SIP/2.0", {}, "sip:+16175550100@biz.example.com", id="a tel address"),
        pytest.param("INVITE sip:1%3E%0d%0aX@biz.example.com SIP/2.0", {}, "sip:1%3E%0D%0AX@biz.example.com", id="what could break out stays escaped"),
        pytest.param("INVITE sip:100@biz.example.com;x=y SIP/2.0", {}, "sip:100@biz.example.com", id="without parameters"),
    ],
)  # fmt: skip
def test_who_was_called(sip_request: Read, start: str, fields: dict[str, str], own: str) -> None:
    """Diversion names the number called, as an address of ours."""
    answer = said(sip_request(start, **fields), ring(ANNA))

    assert dict(answer.headers)["Diversion"].startswith(f"<{own}>;reason=")


@pytest.mark.parametrize(
    ("start", "own"),
    [
        pytest.param("INVITE sip:+16175550100@gw.example SIP/2.0", "gw.example", id="where the request went"),
        pytest.param("INVITE tel:+16175550100 SIP/2.0", "pbx.example.com", id="the first host, when it does not say"),
    ],
)
def test_no_domain_of_ours(sip_request: Read, start: str, own: str) -> None:
    """Without a domain in the configuration the number has the host it was called at."""
    answer = said(sip_request(start), ring(ANNA), contacts=attrs.evolve(CONTACTS, domains=()))

    assert dict(answer.headers)["Diversion"].startswith(f"<sip:+16175550100@{own}>")


def test_nobody_called(sip_request: Read) -> None:
    """A request that names nobody has nothing to be told about, and is still answered."""
    peer = attrs.evolve(EDGE, called_from="header:X-Number")

    answer = said(sip_request(), ring(ANNA), BOX, peer=peer)

    assert [name for name, _ in answer.headers] == ["Contact", "Contact"]
    assert "target" not in contacts_of(answer)[1]


@pytest.mark.parametrize(
    ("actions", "answer"),
    [
        pytest.param((), SipAnswer(202), id="taken"),
        pytest.param((ring(ANNA),), SipAnswer(302, headers=(("Contact", f"<{ANNA}>;q=1.0"),)), id="sent elsewhere"),
    ],
)
def test_texts(sip_request: Read, actions: tuple[Action, ...], answer: SipAnswer) -> None:
    """A text is taken, without contact or body, or sent elsewhere without a Diversion."""
    request = sip_request("MESSAGE sip:100@biz.example.com SIP/2.0", "Content-Type: text/plain", body=b"Hello")

    assert said(request, *actions, to="text") == answer


def test_what_only_informs() -> None:
    """What there is nothing to be done about is well."""
    assert write(Answer(to="status"), CONTACTS, None).code == 200


@pytest.mark.parametrize(
    ("contacts", "box", "answer"),
    [
        pytest.param(CONTACTS, "main", SipAnswer(302, headers=(("Contact", "<sip:vm@pbx.example.com>;q=1.0"),)), id="a message is taken"),
        pytest.param(attrs.evolve(CONTACTS, on_error="sip:desk@pbx.example.com"), "main", SipAnswer(302, headers=(("Contact", "<sip:desk@pbx.example.com>;q=1.0"),)), id="the address for trouble"),
        pytest.param(attrs.evolve(CONTACTS, on_error="sip:desk@elsewhere.example"), "main", SipAnswer(480), id="an address that is not allowed"),
        pytest.param(CONTACTS, "mail", SipAnswer(480), id="no address at all"),
    ],
)  # fmt: skip
def test_in_trouble(contacts: Contacts, box: str, answer: SipAnswer) -> None:
    """When we ourselves fail, a caller still reaches somebody, or hears that nobody can be reached."""
    provider = Sip(name="pbx", contacts=contacts)

    assert answer_of(provider.write(Answer(to="call", actions=(attrs.evolve(BOX, box=box),)))) == answer


def test_an_answer_that_could_not_be_kept() -> None:
    """A text that is not safe is sent back, to be sent again."""
    assert answer_of(RawResponse(503, "text/plain", b"")) == SipAnswer(503, headers=(("Retry-After", "5"),))


def test_nothing_over_http() -> None:
    """A provider that speaks SIP has no web hook."""
    provider = Sip(name="pbx", contacts=CONTACTS)
    request = RawRequest("POST", "/hooks/pbx/call", ("call",), {}, b"", 0.0)

    for ask in (provider.verify, provider.read):
        with pytest.raises(RefusedError, match="path"):
            ask(request)


def test_the_manners_of_a_peer(sip_request: Read) -> None:
    """One that asks again is told a step at a time; one of whom nothing is said is told all."""
    provider = Sip(name="pbx", contacts=CONTACTS, manners={"edge": Manner(asks_again=True)}, redirects_texts=True)

    patient, _ = provider.asked(SipAsked(sip_request(), EDGE, "udp", None))
    other, _ = provider.asked(SipAsked(sip_request(), attrs.evolve(EDGE, name="other"), "udp", None))

    assert (patient.capabilities.whole_plan, other.capabilities.whole_plan) == (False, True)
    assert patient.capabilities.redirects_texts


# ---------------------------------------------------------------- whatever a request says

_WORDS = st.sampled_from(
    [
        "sip:",
        "evil@evil.example",
        "%0d%0aContact: <sip:evil@evil.example>",
        "<",
        ">",
        ";",
        "?",
        "@",
        "anna",
        "pbx.example.com",
        ",",
        '"',
        "+1617",
    ]
)
_TEXT = st.lists(_WORDS, min_size=1, max_size=5).map("".join)
_DEVICE = st.one_of(
    st.sampled_from([ANNA, BEN, "+16175550142", "sip:x@evil.example", "sips:c@pbx.example.com", "sip:"]), _TEXT
)


@settings(max_examples=300)
@given(
    user=_TEXT,
    name=_TEXT,
    devices=st.lists(_DEVICE, max_size=4),
    reason=st.sampled_from(["SIP;cause=408", "SIP;cause=486", "nonsense"]),
    parallel=st.booleans(),
    follows=st.booleans(),
)
def test_a_contact_is_never_elsewhere(
    sip_bytes: Callable[..., bytes],
    user: str,
    name: str,
    devices: list[str],
    reason: str,
    parallel: bool,
    follows: bool,
) -> None:
    """Whatever a request says, calls are sent to the hosts of the configuration alone, and no field breaks out of its line."""
    data = sip_bytes(
        f"INVITE sip:{user}@biz.example.com SIP/2.0",
        f"Reason: {reason}",
        f"Diversion: {name}",
        From=f'"{name}" <sip:{user}@evil.example>;tag=1',
    )
    request = read_datagram(data)
    if not isinstance(request, Request):
        return
    try:
        _ = request.uri, request.sender, request.recipient, request.via
    except ValueError:
        return

    answer = said(request, ring(*devices), BOX, parallel=parallel, peer=attrs.evolve(EDGE, follows_redirects=follows))

    for _, value in answer.headers:
        assert "\r" not in value
        assert "\n" not in value
    for contact in contacts_of(answer):
        address = parse_address(contact)
        known = sip_uri(str(address.uri))
        assert known is not None
        assert any(known.is_on(host) for host in CONTACTS.hosts)
        assert "?" not in str(address.uri)
    assert answer.code in (302, 404, 480)
    assert write(Answer(to="status"), CONTACTS, None).content_type == FRAGMENT
