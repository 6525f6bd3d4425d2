"""Who calls, and whom: what a SIP request says about it, and how far that is to be believed (RFC 3323, RFC 3325)."""

import re
from typing import Literal

import attrs

from adapters.lengths import NAME
from adapters.sip.address import Address, parse_address
from adapters.sip.grammar import BLANKS
from adapters.sip.message import COMPACT, Request
from adapters.sip.plainly import plainly
from adapters.sip.refusal import MalformedError
from adapters.sip.uri import TelUri, Uri
from adapters.sip.verstat import Attestation, Attested, Verification, attested

State = Literal["number", "withheld", "unavailable"]

_HIDING = frozenset({"id", "user", "full", "header"})
_PARTY_HIDING = frozenset({"full", "uri"})
_NAMELESS = frozenset({"anonymous", "restricted", "private"})
_UNKNOWN = frozenset({"", "unknown", "unavailable"})
_DIALLED = re.compile(r"\+?[0-9*#().\- ]{1,32}")


@attrs.frozen(kw_only=True)
class Caller:
    """
    Who calls.

    *address* is what `IncomingCall.caller` takes: a telephone number as written, a plain `sip:user@host`, or `anonymous`
    (*state* withheld) and `unavailable`. *name* is None for a withheld caller. *asserted* is the number behind a withheld
    one, vouched for by a trusted peer: block and VIP rules may look at it, nobody may see it. *verified* is that of
    `IncomingCall`: True for full attestation (A), False for a check that failed or a lesser attestation, None for nothing
    said; *verification* and *attestation* tell these apart.
    """

    state: State
    address: str
    name: str | None
    asserted: str | None
    verified: bool | None
    verification: Verification
    attestation: Attestation | None


def caller(request: Request, *, trusted: bool) -> Caller:
    """
    Say who calls: P-Asserted-Identity, else Remote-Party-ID (both of a *trusted* peer only), else From.

    *request* has passed `check_syntax`; a broken identity field is passed over. Never raises.
    """
    asserted = _asserted(request) if trusted else []
    parties = _remote_parties(request) if trusted else []
    said = [*asserted, *parties, request.sender]
    who = next((each for each in said if _state(each) != "unavailable"), request.sender)
    hidden = _asks_to_hide(request, parties) or _state(request.sender) == "withheld"
    state: State = "withheld" if hidden else _state(who)
    number = plainly(who.uri) if _state(who) == "number" else None
    check = attested(request, said) if trusted else Attested()
    return Caller(
        state=state,
        address=number or "unavailable" if state != "withheld" else "anonymous",
        name=_name(who) if state == "number" else None,
        asserted=number if state == "withheld" and who is not request.sender else None,
        verified=check.verified,
        verification=check.verification,
        attestation=check.level,
    )


def called(request: Request, source: str) -> str | None:
    """
    Say who is called, by what the peer's `called_from` names: `request_uri`, `to`, `p_called_party_id`, `header:X-…`.

    A telephone number as written, or a plain `sip:user@host`; None when the field is missing or holds neither.
    """
    match source:
        case "request_uri":
            return plainly(request.uri)
        case "to":
            return plainly(request.recipient.uri)
        case "p_called_party_id":
            return _named(request, "p-called-party-id")
        case _:
            name = source.removeprefix("header:").lower()
            return _named(request, COMPACT.get(name, name))


def _named(request: Request, name: str) -> str | None:
    """Read an address, or a number as it is dialled, from the first field *name*."""
    value = (request.headers.first(name) or "").strip(BLANKS)
    if _DIALLED.fullmatch(value):
        return value
    try:
        return plainly(parse_address(value).uri)
    except MalformedError:
        return None


def _asserted(request: Request) -> list[Address]:
    """Return the identities asserted, up to one sip and one tel (RFC 3325 section 9.1), one that is a number first."""
    said = request.headers.addresses("p-asserted-identity")
    sip = [each for each in said if isinstance(each.uri, Uri)][:1]
    tel = [each for each in said if isinstance(each.uri, TelUri)][:1]
    is_number = sip and (plainly(sip[0].uri) or "").startswith("+")
    return [*sip, *tel] if is_number else [*tel, *sip]


def _remote_parties(request: Request) -> list[Address]:
    """Return those of Remote-Party-ID that speak of the caller; a field without `party` does."""
    said = request.headers.addresses("remote-party-id")
    return [each for each in said if (each.params.get("party") or "calling").lower() == "calling"]


def _asks_to_hide(request: Request, parties: list[Address]) -> bool:
    """Look at Privacy, whoever sent it, and at what Remote-Party-ID says about itself."""
    words = ";".join(request.headers.all("privacy")).replace(",", ";").lower().split(";")
    return not _HIDING.isdisjoint(word.strip(BLANKS) for word in words) or any(
        (each.params.get("privacy") or "").lower() in _PARTY_HIDING for each in parties
    )


def _state(address: Address) -> State:
    """Say what kind of caller *address* names by itself."""
    uri = address.uri
    if isinstance(uri, Uri):
        user = uri.name.lower()
        if uri.host == "anonymous.invalid" or user in _NAMELESS:
            return "withheld"
        if uri.host == "unknown.invalid" or user in _UNKNOWN:
            return "unavailable"
    return "unavailable" if plainly(uri) is None else "number"


def _name(address: Address) -> str | None:
    """Return the display name, fit to be stored as UTF-8: bytes that are none are replaced."""
    name = (address.name or "").encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return name[:NAME] or None
