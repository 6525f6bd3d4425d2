"""SIP, SIPS and tel URIs: what they say, when two are the same (RFC 3261 section 19.1), and how a user part is written."""

import re
from functools import lru_cache
from ipaddress import AddressValueError, IPv6Address
from urllib.parse import quote, unquote_to_bytes

import attrs

from adapters.sip.grammar import NO_PARAMS, Params, number
from adapters.sip.refusal import MalformedError

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*+):([^\x00-\x20\x7f<>\"]++)")
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]++\]|[A-Za-z0-9._\-]++)(?:[ \t]*+:[ \t]*+([0-9]++))?")
_TEL = re.compile(r"\+?[0-9A-Fa-f*#().\-]++")
_ESCAPED = re.compile(r"%([0-9A-Fa-f]{2})")
_RESERVED = frozenset(";/?:@&=+$,%")
# Parameters that must stand in both of two equal URIs, or in neither; any other counts only when both have it.
_IN_BOTH = ("user", "ttl", "method", "maddr", "transport")
_SEPARATORS = str.maketrans(dict.fromkeys("-.()"))
_ONLY_IN_USERS = "+*!'()"


@attrs.frozen(kw_only=True)
class Uri:
    """
    A `sip:` or `sips:` URI.

    *scheme* and *host* are lower-case, an IPv6 *host* has its brackets. *user*, *password* and *headers* (what follows `?`)
    are as written, escapes and all; `name` is the user with its escapes undone once.
    """

    scheme: str
    user: str | None
    password: str | None = None
    host: str
    port: int | None = None
    params: Params = NO_PARAMS
    headers: str | None = None

    @property
    def name(self) -> str:
        """The user part as meant; empty when there is none."""
        return unescape(self.user or "")

    def __str__(self) -> str:
        password = "" if self.password is None else f":{self.password}"
        user = "" if self.user is None else f"{self.user}{password}@"
        port = "" if self.port is None else f":{self.port}"
        headers = "" if self.headers is None else f"?{self.headers}"
        return f"{self.scheme}:{user}{self.host}{port}{self.params}{headers}"


@attrs.frozen
class TelUri:
    """A `tel:` URI (RFC 3966): *number* as written, visual separators and all."""

    number: str
    params: Params = NO_PARAMS

    def __str__(self) -> str:
        return f"tel:{self.number}{self.params}"


@attrs.frozen
class OtherUri:
    """A URI of another scheme, of which no more is known; *scheme* is lower-case."""

    scheme: str
    rest: str

    def __str__(self) -> str:
        return f"{self.scheme}:{self.rest}"


AnyUri = Uri | TelUri | OtherUri


@lru_cache(maxsize=1024)
def parse_uri(text: str) -> AnyUri:
    """
    Read a URI, as it stands in a request line or between angle brackets; anything else is a `MalformedError`.

    Most calls are for the same few numbers, so what was read last is remembered.
    """
    found = _SCHEME.fullmatch(text)
    if found is None:
        raise MalformedError("URI")
    scheme, rest = found[1].lower(), found[2]
    if scheme in ("sip", "sips"):
        return _sip(scheme, rest)
    return _tel(rest) if scheme == "tel" else OtherUri(scheme, rest)


def host_and_port(text: str) -> tuple[str, int | None]:
    """Read a host (lower-case; IPv6 in brackets) and the port behind it, if there is one."""
    found = _HOST.fullmatch(text)
    if found is None:
        raise MalformedError("host")
    host = found[1].lower()
    if host[0] == "[":
        _ipv6(host)
    if found[2] is None:
        return host, None
    port = number(found[2], below=65536)
    if port is None:
        raise MalformedError("port")
    return host, port


def unescape(text: str) -> str:
    """Undo the escapes of *text*, once; bytes that are no UTF-8 stay what they are (`surrogateescape`)."""
    if "%" not in text:
        return text
    return unquote_to_bytes(text.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")


def escape_user(text: str) -> str:
    """Write *text* as a user part: whatever could mean something else there is percent-encoded."""
    return quote(text.encode("utf-8", "surrogateescape"), safe=_ONLY_IN_USERS)


def same_uri(one: AnyUri, other: AnyUri) -> bool:
    """Say whether both are the same by RFC 3261 section 19.1.4, a `tel:` by RFC 3966 section 4."""
    match one, other:
        case Uri(), Uri():
            return _sip_key(one) == _sip_key(other) and _fit(one.params, other.params)
        case TelUri(), TelUri():
            return _tel_key(one) == _tel_key(other)
        case _:
            return one == other


def _sip(scheme: str, rest: str) -> Uri:
    # A user part may hold `;` and `?`, so the `@` is looked for first; no other part may have one.
    userinfo, at, rest = rest.rpartition("@")
    if "@" in userinfo or (at and userinfo[:1] in ("", ":")):
        raise MalformedError("user part")
    user, colon, password = userinfo.partition(":")
    rest, question, headers = rest.partition("?")
    hostport = rest.partition(";")[0]
    host, port = host_and_port(hostport)
    return Uri(
        scheme=scheme,
        user=user if at else None,
        password=password if colon else None,
        host=host,
        port=port,
        params=_uri_params(rest[len(hostport) :]),
        headers=headers if question else None,
    )


def _tel(rest: str) -> TelUri:
    digits = rest.partition(";")[0]
    if not _TEL.fullmatch(digits):
        raise MalformedError("telephone number")
    return TelUri(digits, _uri_params(rest[len(digits) :]))


def _uri_params(text: str) -> Params:
    """Read the parameters of a URI; *text* is empty or begins with `;`, and there is no blank in it."""
    if not text:
        return NO_PARAMS
    items: list[tuple[str, str | None]] = []
    for piece in text[1:].split(";"):
        name, equals, value = piece.partition("=")
        if not name or (equals and not value):
            raise MalformedError("URI parameter")
        items.append((name.lower(), value if equals else None))
    return Params(tuple(items))


def _ipv6(host: str) -> IPv6Address:
    """Read an IPv6 reference; the grammar of RFC 3261 let three colons through before an IPv4 part (RFC 5118 section 4.10)."""
    try:
        return IPv6Address(host[1:-1].replace(":::", "::"))
    except AddressValueError:
        raise MalformedError("IPv6 address") from None


def _sip_key(uri: Uri) -> tuple[object, ...]:
    """Put together all that has to be equal, the parameters in only one of two URIs aside."""
    host = _ipv6(uri.host) if uri.host[0] == "[" else uri.host
    users = (None if part is None else _normal(part) for part in (uri.user, uri.password))
    headers = sorted(_header(each) for each in (uri.headers or "").split("&"))
    needed = tuple((name in uri.params, _value(uri.params, name)) for name in _IN_BOTH)
    return (uri.scheme, *users, host, uri.port, headers, needed)


def _header(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return _normal(name).lower(), _normal(value)


def _fit(one: Params, other: Params) -> bool:
    mine, others = (
        {name: _normal(value or "").lower() for name, value in reversed(params.items)} for params in (one, other)
    )
    return all(others.get(name, value) == value for name, value in mine.items())


def _value(params: Params, name: str) -> str:
    return _normal(params.get(name) or "").lower()


def _normal(text: str) -> str:
    """Write escapes of one character in one way: undone when they are not needed, else in capitals."""
    return _ESCAPED.sub(_plain, text)


def _plain(found: re.Match[str]) -> str:
    char = chr(int(found[1], 16))
    return char if char.isascii() and char.isprintable() and char not in _RESERVED else found[0].upper()


def _tel_key(uri: TelUri) -> tuple[object, ...]:
    params = sorted((name, (value or "").translate(_SEPARATORS).lower()) for name, value in uri.params.items)
    return uri.number.translate(_SEPARATORS).lower(), params
