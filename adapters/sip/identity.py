"""Who calls, and whom: what a SIP request says about it, and how far that is to be believed."""

from typing import Literal

import attrs

from adapters.sip.message import Request

Verification = Literal["passed", "failed", "none", "unknown"]
Attestation = Literal["A", "B", "C"]


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

    state: Literal["number", "withheld", "unavailable"]
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
    raise NotImplementedError


def called(request: Request, source: str) -> str | None:
    """
    Say who is called, by what the peer's `called_from` names: `request_uri`, `to`, `p_called_party_id`, `header:X-…`.

    A telephone number as written, or a plain `sip:user@host`; None when the field is missing or holds neither.
    """
    raise NotImplementedError
