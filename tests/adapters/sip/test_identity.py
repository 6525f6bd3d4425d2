"""Who calls and whom, and how far that is believed."""

from collections.abc import Callable

import pytest

from adapters.lengths import ADDRESS, NAME
from adapters.sip.identity import Caller, called, caller
from adapters.sip.message import Request

Read = Callable[..., Request]

FROM = "Desk <sip:desk@pbx.example.com>;tag=1"
INVITE = "INVITE sip:100@biz.example.com SIP/2.0"
PAI = "P-Asserted-Identity: "
PASSED = '"Lee" <sip:+16175550100@c.example;verstat=TN-Validation-Passed>'


def told(who: Caller) -> tuple[str, str, str | None]:
    """Say who it is in three words."""
    return who.state, who.address, who.name


@pytest.mark.parametrize(
    ("lines", "who"),
    [
        pytest.param([], ("number", "sip:desk@pbx.example.com", "Desk"), id="From, when nothing else is said"),
        pytest.param(
            [PAI + '"Lee" <sip:+16175550100@c.example>'], ("number", "+16175550100", "Lee"), id="asserted, as sip"
        ),
        pytest.param([PAI + "<tel:+1-617-555-0100>"], ("number", "+1-617-555-0100", None), id="asserted, as tel"),
        pytest.param(
            [PAI + '"Lee" <sip:lee@c.example>, <tel:+16175550100>'],
            ("number", "+16175550100", None),
            id="a name and a number",
        ),
        pytest.param(
            [PAI + '"Lee" <sip:+16175550100@c.example>', PAI + "<tel:+16175550199>"],
            ("number", "+16175550100", "Lee"),
            id="two numbers in two fields",
        ),
        pytest.param(
            [PAI + "<sip:a@c.example>, <sip:b@c.example>"],
            ("number", "sip:a@c.example", None),
            id="two of one kind: the first",
        ),
        pytest.param(
            [PAI + "<http://c.example>"],
            ("number", "sip:desk@pbx.example.com", "Desk"),
            id="asserted, of another scheme",
        ),
        pytest.param([PAI + '"Lee'], ("number", "sip:desk@pbx.example.com", "Desk"), id="asserted, but broken"),
        pytest.param(
            ["Remote-Party-ID: <sip:+16175550100@c>;party=calling;screen=yes"],
            ("number", "+16175550100", None),
            id="a remote party",
        ),
        pytest.param(
            ["Remote-Party-ID: <sip:+16175550100@c>"],
            ("number", "+16175550100", None),
            id="a remote party that does not say which",
        ),
        pytest.param(
            ["Remote-Party-ID: <sip:+16175550100@c>;party=called"],
            ("number", "sip:desk@pbx.example.com", "Desk"),
            id="the party called is not the caller",
        ),
        pytest.param(
            ["Remote-Party-ID: <sip:+16175550199@c>", PAI + "<tel:+16175550100>"],
            ("number", "+16175550100", None),
            id="asserted goes before the remote party",
        ),
        pytest.param(
            [PAI + "<sip:unknown@unknown.invalid>"],
            ("number", "sip:desk@pbx.example.com", "Desk"),
            id="asserted, but unknown",
        ),
        pytest.param(
            [PAI + "<sip:unknown@c.example>, <sip:b@c.example>"],
            ("number", "sip:desk@pbx.example.com", "Desk"),
            id="asserted, the first unknown; a second of its kind does not count",
        ),
        pytest.param(
            [PAI + "<sip:anonymous@anonymous.invalid>"], ("withheld", "anonymous", None), id="asserted as anonymous"
        ),
    ],
)
def test_the_caller_of_a_trusted_peer(sip_request: Read, lines: list[str], who: tuple[str, str, str | None]) -> None:
    """P-Asserted-Identity goes before Remote-Party-ID, which goes before From."""
    request = sip_request(INVITE, *lines, From=FROM)

    assert told(caller(request, trusted=True)) == who


def test_a_peer_that_is_not_trusted(sip_request: Read) -> None:
    """Whatever it asserts, only From counts, and nothing is verified."""
    request = sip_request(INVITE, PAI + PASSED, f"Remote-Party-ID: {PASSED}", "Attestation-Info: A", From=FROM)
    who = caller(request, trusted=False)

    assert told(who) == ("number", "sip:desk@pbx.example.com", "Desk")
    assert (who.verified, who.verification, who.attestation) == (None, "unknown", None)


@pytest.mark.parametrize(
    ("sender", "who"),
    [
        pytest.param("<sip:+16175550100@c>", ("number", "+16175550100", None), id="a number"),
        pytest.param(
            "<sip:+16175550100;npdi;verstat=x@c>",
            ("number", "+16175550100", None),
            id="a number with parameters behind",
        ),
        pytest.param(
            "<sip:6175550100@c;user=phone>",
            ("number", "sip:6175550100@c;user=phone", None),
            id="a number as it is dialled",
        ),
        pytest.param("<sip:100@c:5080;transport=tcp?x=y>", ("number", "sip:100@c:5080", None), id="an extension"),
        pytest.param("<sip:%3Cb%3E%0D@c>", ("number", "sip:%3Cb%3E%0D@c", None), id="characters that could do harm"),
        pytest.param(
            "<tel:5550100;phone-context=+1617>", ("number", "+16175550100", None), id="a local number with its context"
        ),
        pytest.param(
            "<tel:5550100;phone-context=c.example>", ("number", "5550100", None), id="with a context that is no number"
        ),
        pytest.param('"Zo\udcff" <sip:a@c>', ("number", "sip:a@c", "Zo\ufffd"), id="a name that is no UTF-8"),
        pytest.param(f'"{"n" * 300}" <sip:a@c>', ("number", "sip:a@c", "n" * NAME), id="a name without end"),
        pytest.param(
            '"Anonymous" <sip:anonymous@anonymous.invalid>', ("withheld", "anonymous", None), id="anonymous by RFC 3323"
        ),
        pytest.param("<sip:x@anonymous.invalid>", ("withheld", "anonymous", None), id="anonymous by its host"),
        pytest.param("<sip:Restricted@c>", ("withheld", "anonymous", None), id="restricted"),
        pytest.param("<sip:private@c>", ("withheld", "anonymous", None), id="private"),
        pytest.param("<sip:+1@unknown.invalid>", ("unavailable", "unavailable", None), id="unknown by its host"),
        pytest.param("<sip:unavailable@c>", ("unavailable", "unavailable", None), id="unavailable"),
        pytest.param("<sip:c.example>", ("unavailable", "unavailable", None), id="no user"),
        pytest.param("<mailto:a@c>", ("unavailable", "unavailable", None), id="another scheme"),
        pytest.param(f"<sip:{'a' * ADDRESS}@c>", ("unavailable", "unavailable", None), id="an address without end"),
    ],
)
def test_from(sip_request: Read, sender: str, who: tuple[str, str, str | None]) -> None:
    """From is put in the words the rules take."""
    assert told(caller(sip_request(From=sender), trusted=False)) == who


@pytest.mark.parametrize(
    ("lines", "sender", "asserted"),
    [
        pytest.param(["Privacy: id", PAI + "<tel:+16175550100>"], FROM, "+16175550100", id="Privacy: id"),
        pytest.param(
            ["Privacy: user;critical", PAI + "<tel:+16175550100>"], FROM, "+16175550100", id="one word of several"
        ),
        pytest.param(["privacy: none, Header"], FROM, None, id="in capitals, with a comma"),
        pytest.param(["Privacy: full"], FROM, None, id="Privacy: full, and From is all there is"),
        pytest.param(
            [PAI + "<tel:+16175550100>"],
            "<sip:anonymous@anonymous.invalid>",
            "+16175550100",
            id="an anonymous From, a number asserted",
        ),
        pytest.param(
            ["Remote-Party-ID: <sip:+16175550100@c>;privacy=full"], FROM, "+16175550100", id="the remote party hides"
        ),
    ],
)
def test_callers_who_hide(sip_request: Read, lines: list[str], sender: str, asserted: str | None) -> None:
    """A caller who asks for it is anonymous; the number behind, which a trusted peer asserts, is kept apart."""
    who = caller(sip_request(INVITE, *lines, From=sender), trusted=True)

    assert told(who) == ("withheld", "anonymous", None)
    assert who.asserted == asserted


def test_privacy_from_anybody(sip_request: Read) -> None:
    """Who asks to be hidden is hidden, whoever passes it on; nothing is asserted then."""
    who = caller(sip_request(INVITE, "Privacy: id", PAI + "<tel:+16175550100>", From=FROM), trusted=False)

    assert (told(who), who.asserted) == (("withheld", "anonymous", None), None)


@pytest.mark.parametrize("privacy", ["none", "critical", "session", "history", ""])
def test_privacy_that_does_not_hide(sip_request: Read, privacy: str) -> None:
    """Other words of Privacy say nothing about who calls."""
    assert caller(sip_request(INVITE, f"Privacy: {privacy}", From=FROM), trusted=True).state == "number"


@pytest.mark.parametrize(
    ("lines", "verified", "verification", "level"),
    [
        pytest.param([], None, "unknown", None, id="nothing said is not failed"),
        pytest.param([PAI + PASSED], True, "passed", "A", id="as a parameter of the URI; passed means A"),
        pytest.param([PAI + "<sip:+1;Verstat=TN-Validation-Passed-A@c>"], True, "passed", "A", id="behind the number"),
        pytest.param([PAI + "<sip:+1;npdi;verstat=no-such@c>"], None, "unknown", None, id="a word nobody knows"),
        pytest.param([PAI + "<sip:+1;npdi@c>"], None, "unknown", None, id="other parameters behind the number"),
        pytest.param(
            [PAI + "<sip:+1@c>;verstat=TN-Validation-Passed-B"],
            False,
            "passed",
            "B",
            id="as a parameter of the field; B",
        ),
        pytest.param(
            [PAI + "<tel:+1;verstat=tn-validation-passed-c-diverted>"], False, "passed", "C", id="in a tel URI; C"
        ),
        pytest.param([PAI + "<sip:+1@c;verstat=TN-Validation-Failed>"], False, "failed", None, id="failed"),
        pytest.param(
            [PAI + "<sip:+1@c;verstat=TN-Validation-Failed>", "Attestation-Info: A"],
            False,
            "failed",
            "A",
            id="failed, whatever was claimed",
        ),
        pytest.param(
            [PAI + "<sip:+1@c;verstat=No-TN-Validation>", "Attestation-Info: A"], None, "none", None, id="not checked"
        ),
        pytest.param(["Attestation-Info: b", PAI + PASSED], False, "passed", "B", id="passed, and what was attested"),
        pytest.param(["Attestation-Info: A"], True, "unknown", "A", id="only what was attested: A"),
        pytest.param(["Attestation-Info: C", "Attestation-Info: A"], False, "unknown", "C", id="the first counts"),
        pytest.param(["Attestation-Info: D"], None, "unknown", None, id="a level nobody knows"),
        pytest.param(
            [PAI + "<sip:+1@c>, <tel:+1;verstat=TN-Validation-Passed-A>"],
            True,
            "passed",
            "A",
            id="in the second of two identities",
        ),
    ],
)
def test_attestation(
    sip_request: Read, lines: list[str], verified: bool | None, verification: str, level: str | None
) -> None:
    """`verstat` is found in its three places; only A is verified, and absent is never failed."""
    who = caller(sip_request(INVITE, *lines, From=FROM), trusted=True)

    assert (who.verified, who.verification, who.attestation) == (verified, verification, level)


@pytest.mark.parametrize(
    "sender", ["<sip:+1;verstat=TN-Validation-Passed@c>", "<mailto:a@c>;verstat=TN-Validation-Passed"]
)
def test_attestation_in_from(sip_request: Read, sender: str) -> None:
    """Some carriers put it into From."""
    assert caller(sip_request(From=sender), trusted=True).verified is True


@pytest.mark.parametrize(
    ("source", "line", "number"),
    [
        pytest.param("request_uri", "", "sip:100@biz.example.com", id="the Request-URI"),
        pytest.param("to", "", "+16175550100", id="To"),
        pytest.param(
            "header:X-DID", "X-DID: <sip:biz.example.com:5070>", "sip:biz.example.com:5070", id="a host without a user"
        ),
        pytest.param("header:X-DID", f"X-DID: <tel:{'1' * ADDRESS}>", "1" * ADDRESS, id="the longest number"),
        pytest.param("header:X-DID", f"X-DID: <tel:{'1' * ADDRESS}1>", None, id="one longer than any"),
        pytest.param(
            "p_called_party_id", "P-Called-Party-ID: <sip:+16175550101@c>;x=y", "+16175550101", id="the called party"
        ),
        pytest.param("p_called_party_id", "", None, id="the called party, not said"),
        pytest.param(
            "header:X-DID", "x-did: +1 617 555-0102", "+1 617 555-0102", id="a number in a field of one's own"
        ),
        pytest.param("header:X-DID", "X-DID: 100", "100", id="an extension in it"),
        pytest.param("header:X-DID", "X-DID: <tel:+16175550103>", "+16175550103", id="an address in it"),
        pytest.param("header:X-DID", "X-DID: the desk", None, id="neither in it"),
        pytest.param("header:X-DID", "X-DID: 1\u0663", None, id="digits of another script in it"),
        pytest.param("header:X-DID", "X-DID: <mailto:a@b>", None, id="an address nobody can call"),
        pytest.param("header:r", "Refer-To: <sip:7@b>", "sip:7@b", id="the short form of a name"),
    ],
)
def test_who_is_called(sip_request: Read, source: str, line: str, number: str | None) -> None:
    """Each peer says where it puts the number called."""
    request = sip_request(INVITE, *([line] if line else []), To="<sip:+16175550100@biz.example.com>")

    assert called(request, source) == number
