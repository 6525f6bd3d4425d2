"""What the carriers' check of the calling number came to: STIR/SHAKEN, as `verstat` and `Attestation-Info` carry it."""

import re
from collections.abc import Iterable
from typing import Literal

import attrs

from adapters.sip.address import Address
from adapters.sip.message import Request
from adapters.sip.uri import OtherUri, TelUri, unescape

Verification = Literal["passed", "failed", "none", "unknown"]
Attestation = Literal["A", "B", "C"]

_VERSTAT = re.compile(r"tn-validation-(passed|failed)(?:-([abc]))?(?:-(?:diverted|passthrough))?")
_VERIFICATIONS: dict[str, Verification] = {"passed": "passed", "failed": "failed"}
_LEVELS: dict[str, Attestation] = {"a": "A", "b": "B", "c": "C"}


@attrs.frozen
class Attested:
    """What is said about the caller's number: nothing said is `unknown`, said not to have been checked is `none`."""

    verification: Verification = "unknown"
    level: Attestation | None = None

    @property
    def verified(self) -> bool | None:
        """What `IncomingCall.verified` takes: only level A is True, nothing said is None and never False."""
        if self.verification == "failed":
            return False
        return None if self.level is None else self.level == "A"


def attested(request: Request, addresses: Iterable[Address]) -> Attested:
    """
    Read the first `verstat` of *addresses*, and Attestation-Info.

    Both are worth what the peer is worth that sends them: ask only for a trusted one. `TN-Validation-Passed` without a level
    is full attestation, as Telnyx writes it, unless Attestation-Info (3GPP TS 24.229) says less.
    """
    info = _LEVELS.get((request.headers.first("attestation-info") or "").strip().lower())
    said = next((each.lower() for each in map(_verstat, addresses) if each), "")
    if said == "no-tn-validation":
        return Attested("none", None)
    found = _VERSTAT.fullmatch(said)
    if found is None:
        return Attested("unknown", info)
    level = _LEVELS[found[2]] if found[2] else info
    return Attested(_VERIFICATIONS[found[1]], level or ("A" if found[1] == "passed" else None))


def _verstat(address: Address) -> str | None:
    """Find it as a parameter of the header field, of the URI, or behind the number within the user part."""
    uri = address.uri
    if (said := address.params.get("verstat")) or isinstance(uri, OtherUri):
        return said
    if (said := uri.params.get("verstat")) or isinstance(uri, TelUri):
        return said
    for piece in unescape(uri.user or "").split(";")[1:]:
        name, _, value = piece.partition("=")
        if name.lower() == "verstat":
            return value
    return None
