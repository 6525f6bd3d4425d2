"""SIP addresses: one spelling for each, and the telephone number some of them carry (RFC 3261 section 19.1)."""

import re
from typing import NamedTuple
from urllib.parse import unquote

_URI = re.compile(
    r"(?:[^<]*<)?\s*sips?:"
    r"(?:(?P<user>[^@:?>\s]+)(?::[^@>\s]*)?@)?"
    r"(?P<host>\[[0-9a-f:.]+\]|[^\s:;?>@\[\]]+)(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<rest>[;?][^>\s]*)?\s*(?:>.*)?",
    re.IGNORECASE | re.DOTALL,
)
_USER_IS_NUMBER = re.compile(r"\+?[0-9().\-]{3,30}")


class SipUri(NamedTuple):
    """
    A SIP address: *key* is the spelling to compare by, *user* the part before `@`, *phone* the number it stands for.

    *phone* is text as it stands there, not yet E.164; None when the user is a name or an extension.
    """

    key: str
    user: str
    phone: str | None

    @property
    def host(self) -> str:
        """Where it is: the host, and the port unless it is the usual one."""
        return self.key.removeprefix("sip:").rpartition("@")[2]

    def is_on(self, place: str) -> bool:
        """Say whether it is on *place*, a host; one written with a port means that port alone."""
        wanted = place.casefold().removesuffix(":5060").removesuffix(":5061")
        host, _, port = self.host.rpartition(":") if not self.host.endswith("]") else (self.host, "", "")
        return wanted == self.host or (wanted == place.casefold() and port.isdecimal() and wanted == host)


def sip_uri(text: str) -> SipUri | None:
    """
    Read *text* as a SIP address, with or without a display name, or return None.

    Parameters, the default port and the case of the host do not count, `sips:` compares as `sip:`; the user's case does.
    """
    found = _URI.fullmatch(text.strip())
    if found is None:
        return None
    user = unquote(found["user"] or "")
    host = found["host"].casefold().rstrip(".")
    port = f":{found['port']}" if found["port"] and found["port"] not in ("5060", "5061") else ""
    is_number = user.startswith("+") or ";user=phone" in (found["rest"] or "").casefold()
    digits = user.partition(";")[0]
    phone = digits if is_number and _USER_IS_NUMBER.fullmatch(digits) else None
    return SipUri(f"sip:{user}@{host}{port}" if user else f"sip:{host}{port}", user, phone)
