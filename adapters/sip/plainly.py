"""A SIP or tel URI as the rules take an address: a telephone number, or `sip:user@host` without all the rest."""

import re

from adapters.lengths import ADDRESS
from adapters.sip.uri import AnyUri, TelUri, Uri, escape_user

_GLOBAL = re.compile(r"\+[0-9().\-]{3,30}")


def plainly(uri: AnyUri) -> str | None:
    """
    Write *uri* as `IncomingCall.to` and `caller` take it, in ASCII; None for what could not be called, or is too long to keep.

    `+1555…@host` and `tel:` are the number as written, a local `tel:` with its context before it. Anything else keeps its
    host, and `;user=phone` if that was said: `rules.sipuri` knows what to make of it.
    """
    match uri:
        case TelUri(number=number, params=params):
            context = params.get("phone-context") or ""
            return _whole(context + number if number[0] != "+" and context[:1] == "+" else number)
        case Uri(user=None):
            return _sip(uri, "")
        case Uri():
            # Carriers hang parameters behind the number, within the user part.
            user = uri.name.partition(";")[0]
            return user if _GLOBAL.fullmatch(user) else _sip(uri, f"{escape_user(user)}@")
        case _:
            return None


def _sip(uri: Uri, user: str) -> str | None:
    port = "" if uri.port is None else f":{uri.port}"
    phone = ";user=phone" if (uri.params.get("user") or "").lower() == "phone" else ""
    return _whole(f"sip:{user}{uri.host}{port}{phone}")


def _whole(text: str) -> str | None:
    """Return *text*, but nothing of one too long: cut short it would be somebody else's."""
    return text if len(text) <= ADDRESS else None
