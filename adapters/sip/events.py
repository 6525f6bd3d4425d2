"""What a SIP request asks, in our words: a call or a text that arrives, or the same call once more."""

import re
from hashlib import sha256

from adapters.sip.asked import SipAsked
from adapters.sip.diverted import diversions, previous_result
from adapters.sip.grammar import header_params
from adapters.sip.identity import called, caller
from adapters.sip.message import Request
from adapters.sip.refusal import MalformedError
from rules.event import CallEnded, IncomingCall, IncomingText

_UNFIT = re.compile(r"[^!-~]")
_NOBODY = "unavailable"
_SHOWN = 96  # characters of a Call-ID that stand in a record


def event_of(asked: SipAsked, provider: str) -> IncomingCall | IncomingText:
    """Say what happened: a MESSAGE is a text, an INVITE a call. Never raises for a request that passed the checks."""
    request, trusted = asked.request, asked.peer.trust_identity
    to = called(request, asked.peer.called_from) or _NOBODY
    who = caller(request, trusted=trusted)
    identifier = _identifier(request, to)
    if request.method == "MESSAGE":
        text = _text(request)
        return IncomingText(provider=provider, account=provider, id=identifier, to=to, caller=who.address, text=text)
    result = previous_result(request, trusted=trusted)
    return IncomingCall(
        provider=provider,
        account=provider,
        id=identifier if result is None else f"{identifier}.{_digest(_branch(request))[:16]}",
        to=to,
        caller=who.address,
        caller_name=who.name,
        diversions=diversions(request, trusted=trusted),
        verified=who.verified,
        asserted=who.asserted,
        previous_result=result,
        again=None if result is None else identifier,
    )


def end_of(asked: SipAsked, provider: str, status: str) -> CallEnded:
    """Say that the call *asked* for is over, and how."""
    to = called(asked.request, asked.peer.called_from) or _NOBODY
    identifier = _identifier(asked.request, to)
    return CallEnded(
        provider=provider, account=provider, id=f"{identifier}:{status}", call_id=identifier, status=status
    )


def _identifier(request: Request, to: str) -> str:
    """
    Name the call or text: the same for every copy of a request, on whichever way and in whichever transaction it comes.

    A proxy that sends a call on to another of our numbers keeps all but the number called. The Call-ID stands first, so that
    the record can be found beside the proxy's.
    """
    parts = (request.call_id, request.sender.tag or "", str(request.cseq.number), request.method, to)
    shown = _UNFIT.sub("_", request.call_id)[:_SHOWN]
    return f"{shown}.{_digest(*parts)[:32]}"


def _digest(*parts: str) -> str:
    return sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()


def _branch(request: Request) -> str:
    """Tell one asking again from the next: each is a transaction of its own."""
    return f"{request.via.branch} {request.via.host}"


def _text(request: Request) -> str:
    """Read the words of a MESSAGE, in its charset; what that cannot hold is marked, never lost."""
    try:
        content = request.headers.first("content-type") or ""
        charset = header_params(content[len(content.partition(";")[0]) :]).get("charset") or "utf-8"
        return request.body.decode(charset.strip('"'), "replace")
    except (MalformedError, LookupError, ValueError):
        return request.body.decode("utf-8", "replace")
