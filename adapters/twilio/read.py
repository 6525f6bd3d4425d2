"""What Twilio's webhooks say, in our words: an incoming call or text, a finished call, what became of a text."""

import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import islice
from typing import Literal

import attrs

from adapters.api import RawRequest, RefusedError
from adapters.form import read_form
from adapters.lengths import ADDRESS, HOPS, NAME, WORD
from adapters.twilio.fields import Fields, count, identifier, required, word
from adapters.twilio.progress import progress
from rules.event import CallEnded, Diversion, Happening, IncomingCall, IncomingText, Media, Receipt

_STIR = re.compile(r"TN-Validation-(Passed|Failed)(?:-([ABC]))?(?:-(?:Diverted|Passthrough))?")
_DIVERTED = re.compile(r"<(?:sips?|tel):([^<>@;]{1,64})[^<>]*>([^,<>]*)", re.IGNORECASE)
_REASON = re.compile(r';\s*reason\s*=\s*"?([\w-]{1,32})', re.IGNORECASE)
_MOST_MEDIA = 10
_LONGEST_HEADER = 8192
_OVER = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
_OPT_OUT: Mapping[str, Literal["stop", "start", "help"]] = {"STOP": "stop", "START": "start", "HELP": "help"}

# https://www.twilio.com/docs/messaging/api/message-resource#message-status-values; what is not named here (queued,
# accepted, a status we have never heard of) says no more than that Twilio has it.
_DELIVERY = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "delivered",
    "partially_delivered": "delivered",
    "failed": "failed",
    "undelivered": "failed",
    "canceled": "failed",
}


@attrs.frozen
class Reader:
    """Reads the webhooks of *account* (None: of any) under the provider's *name*."""

    name: str
    account: str | None

    def read(self, request: RawRequest) -> list[Happening]:
        """Say what happened; missing fields are refused with 400, another account's with 403, unknown ones passed over."""
        fields = _fields(request)
        account = identifier(fields, "AccountSid")
        if self.account is not None and account != self.account:
            raise RefusedError(403, "account", f"AccountSid is not the one configured for {self.name}")
        match request.path:
            case ("call",):
                return [_call(self.name, account, fields)]
            case ("text",):
                return [_text(self.name, account, fields)]
            case ("status",) if "MessageSid" in fields or "SmsSid" in fields:
                return [_receipt(self.name, account, fields)]
            case ("status",):
                return _ended(self.name, account, fields)
            case (what, token):
                return [progress(self.name, account, what, token, fields)]
        raise RefusedError(404, "path", "Twilio has no such webhook")


def _fields(request: RawRequest) -> Fields:
    """Take the fields from the body, or from the query where Twilio was told to use GET; of a repeated one the first."""
    if request.method == "POST":
        return read_form(request.body).first
    return read_form(request.uri.partition("?")[2].encode("utf-8", "surrogatepass")).first


def _call(provider: str, account: str, fields: Fields) -> IncomingCall:
    return IncomingCall(
        provider=provider,
        account=account,
        id=identifier(fields, "CallSid"),
        to=required(fields, "To", "Called")[:ADDRESS],
        caller=fields.get("From", "")[:ADDRESS],
        caller_name=fields.get("CallerName", "")[:NAME] or None,
        diversions=diversions(fields.get("SipHeader_Diversion", ""), fields.get("ForwardedFrom", "")),
        verified=attested(fields.get("StirVerstat", "")),
    )


def _text(provider: str, account: str, fields: Fields) -> IncomingText:
    return IncomingText(
        provider=provider,
        account=account,
        id=identifier(fields, "MessageSid", "SmsSid"),
        to=required(fields, "To").removeprefix("whatsapp:")[:ADDRESS],
        caller=fields.get("From", "")[:ADDRESS],
        text=fields.get("Body", ""),
        media=_media(fields),
        opt_out=_OPT_OUT.get(fields.get("OptOutType", "").upper()),
    )


def _media(fields: Fields) -> tuple[Media, ...]:
    found = []
    for n in range(_MOST_MEDIA):
        url = fields.get(f"MediaUrl{n}")
        if not url:
            break
        found.append(Media(url, fields.get(f"MediaContentType{n}") or "application/octet-stream"))
    return tuple(found)


def _receipt(provider: str, account: str, fields: Fields) -> Receipt:
    message = identifier(fields, "MessageSid", "SmsSid")
    status = required(fields, "MessageStatus", "SmsStatus")
    return Receipt(
        provider=provider,
        account=account,
        id=f"{message}:{word(status)}",
        message_id=message,
        state=_DELIVERY.get(status, "queued"),
        error=fields.get("ErrorCode", "")[:WORD] or None,
    )


def _ended(provider: str, account: str, fields: Fields) -> list[Happening]:
    """Read the number's status call-back; one about a call that goes on says nothing new."""
    call = identifier(fields, "CallSid")
    status = required(fields, "CallStatus")
    if status not in _OVER:
        return []
    seconds = count(fields, "CallDuration")
    return [
        CallEnded(
            provider=provider, account=account, id=f"{call}:{status}", call_id=call, status=status, seconds=seconds
        )
    ]


@lru_cache(maxsize=64)
def attested(verstat: str) -> bool | None:
    """
    Say whether the carrier vouches for the caller's number: only full attestation (A) does; None when it says nothing.

    https://www.twilio.com/docs/voice/trusted-calling-with-shakenstir
    """
    found = _STIR.fullmatch(verstat)
    if found is None or (found[0].startswith("TN-Validation-Passed") and found[2] is None):
        return None
    return found[1] == "Passed" and found[2] == "A"


def diversions(header: str, carrier: str) -> tuple[Diversion, ...]:
    """
    Collect who forwarded the call: the SIP *header* (RFC 5806, nearest hop first), then what the *carrier* says.

    The nearest `HOPS` are kept: no rule asks for more.
    """
    if not header and not carrier:
        return ()
    carrier = carrier[:ADDRESS]
    found = []
    for hop in islice(_DIVERTED.finditer(header[:_LONGEST_HEADER]), HOPS):
        reason = _REASON.search(hop[2])
        found.append(Diversion(hop[1], reason[1].lower() if reason else None))
    if carrier and all(hop.number != carrier for hop in found):
        found.append(Diversion(carrier))
    return tuple(found[:HOPS])
