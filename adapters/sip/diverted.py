"""Where a call has been before it came here: who forwarded it, and how our own last try ended (RFC 5806, 7044, 3326)."""

import attrs

from adapters.lengths import HOPS, WORD
from adapters.sip.address import Address
from adapters.sip.grammar import BLANKS, header_params, is_token, number
from adapters.sip.message import Headers, Request
from adapters.sip.plainly import plainly
from adapters.sip.refusal import MalformedError
from adapters.sip.uri import Uri, unescape
from rules.event import Diversion, Result

# What Asterisk and carriers' tables agree on (RFC 4458 section 4, RFC 5806 section 10).
_REASONS = {
    302: "unconditional",
    404: "unknown",
    408: "no-answer",
    480: "deflection",
    486: "user-busy",
    487: "deflection",
    503: "unavailable",
}
_ENDED: dict[int, Result] = {
    408: "no-answer",
    486: "busy",
    487: "no-answer",
    600: "busy",
    603: "busy",
    607: "busy",
    608: "busy",
}
# ITU-T Q.850: user busy, no user responding, no answer, absent, call rejected.
_Q850: dict[int, Result] = {17: "busy", 18: "no-answer", 19: "no-answer", 20: "failed", 21: "busy"}
_NORMAL_CLEARING = 16
_MOST_ENTRIES = 50


def diversions(request: Request, *, trusted: bool) -> tuple[Diversion, ...]:
    """
    Collect who forwarded the call, the nearest first, from Diversion, else from History-Info, of a *trusted* peer.

    One with `counter=3` is there three times, so that the length is the sum of the counters; never more than
    `adapters.lengths.HOPS`. A broken entry is passed over. Never raises.
    """
    if not trusted:
        return ()
    found: list[Diversion] = []
    for address in request.headers.addresses("diversion"):
        reason = (address.params.get("reason") or "").lower()
        times = number(address.params.get("counter") or "1", below=10**6) or 1
        hop = Diversion(plainly(address.uri) or "unavailable", reason[:WORD] if is_token(reason) else None)
        found += [hop] * min(times, HOPS)
    return tuple(found[:HOPS]) or _from_history(_history(request.headers))


def previous_result(request: Request, *, trusted: bool) -> Result | None:
    """
    Say how the contacts of our last answer ended, when a *trusted* proxy asks again for the same call; else None.

    Read from `Reason: SIP;cause=408`, else from a History-Info chain in which the Request-URI has been asked for before.
    Declined (603) is `busy`; what could not be reached (404, 480, 503 …) is `failed`.
    """
    if not trusted:
        return None
    for reason in request.headers.readable("reason"):
        if (result := _ended(reason)) is not None:
            return result
    return _history_result(_history(request.headers), plainly(request.uri))


@attrs.frozen
class _Entry:
    """One entry of History-Info: where the call was sent, its *index*, and the *reason* why it went on from there."""

    where: str
    index: str
    reason: str
    follows: str | None

    @property
    def cause(self) -> int | None:
        """The SIP cause in the reason; None when there is none."""
        protocol, cause = _cause(self.reason)
        return cause if protocol == "sip" else None


def _history(headers: Headers) -> list[_Entry]:
    """Read History-Info, oldest first (RFC 7044 section 10.3)."""
    entries = []
    for address in headers.addresses("history-info")[:_MOST_ENTRIES]:
        params = address.params
        where = plainly(address.uri) or "unavailable"
        entries.append(_Entry(where, params.get("index") or "", _escaped_reason(address), params.get("mp")))
    return entries


def _escaped_reason(address: Address) -> str:
    """Take the Reason out of the URI: `<sip:a@b?Reason=SIP%3Bcause%3D408>`."""
    uri = address.uri
    for header in ((uri.headers or "") if isinstance(uri, Uri) else "").split("&"):
        name, _, value = header.partition("=")
        if name.lower() == "reason":
            return unescape(value)
    return ""


def _from_history(entries: list[_Entry]) -> tuple[Diversion, ...]:
    """Take those that sent the call on: by a reason of their own, or because a later entry says it came from there."""
    left = {entry.follows for entry in entries}
    hops = [
        Diversion(entry.where, _REASONS.get(entry.cause or 0))
        for entry in reversed(entries)
        if entry.cause is not None or entry.index in left
    ]
    return tuple(hops[:HOPS])


def _history_result(entries: list[_Entry], here: str | None) -> Result | None:
    """Say how the last try ended that came after we were first asked; None when this is the first time."""
    places = [entry.where for entry in entries]
    if here not in places:
        return None
    for entry in reversed(entries[places.index(here) + 1 :]):
        if (result := _ended(entry.reason)) is not None:
            return result
    return None


def _ended(reason: str) -> Result | None:
    """Put a Reason (RFC 3326) in our words; one that is no failure says nothing."""
    match _cause(reason):
        case "sip", int(cause) if 400 <= cause < 700:
            return _ENDED.get(cause, "failed")
        case "q.850", int(cause) if cause != _NORMAL_CLEARING:
            return _Q850.get(cause, "failed")
        case _:
            return None


def _cause(reason: str) -> tuple[str, int | None]:
    """Read protocol (lower-case) and cause of a Reason."""
    protocol = reason.partition(";")[0]
    try:
        params = header_params(reason[len(protocol) :])
    except MalformedError:
        return "", None
    return protocol.strip(BLANKS).lower(), number(params.get("cause") or "", below=1000)
