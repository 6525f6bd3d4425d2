"""
The order of checks before anything is decided, as far as they need nothing but the request (RFC 3261 section 8.2).

Three steps, for authentication and the look for a merged request stand between them: `check_syntax`, then who is asking,
`check_service`, then whether the request came twice on two ways, `check_extensions`. Each says None, or the answer to give.
An ACK is never answered, whatever is said here.
"""

from adapters.sip.address import parse_addresses
from adapters.sip.grammar import BLANKS, is_token, number
from adapters.sip.limits import REQUEST_URI, VIAS
from adapters.sip.message import Request
from adapters.sip.refusal import MalformedError, Refusal, refuse
from adapters.sip.uri import OtherUri, Uri

SERVED = ("INVITE", "ACK", "CANCEL", "OPTIONS", "MESSAGE")
"""Methods that are served."""

ALLOW = ("Allow", ", ".join(SERVED))
"""The header field that names them."""

ACCEPT = ("Accept", "text/plain")
"""What a MESSAGE may hold."""

METHODS = frozenset((*SERVED, "REGISTER", "SUBSCRIBE", "BYE", "INFO", "REFER", "UPDATE", "PRACK", "PUBLISH", "NOTIFY"))
"""Methods that have a name: what is not served of them is answered 405, any other 501."""

_ONCE = (("from", "From"), ("to", "To"), ("call-id", "Call-ID"), ("cseq", "CSeq"))
# What RFC 2543 did not ask for may be missing, and so may tags and the branch.
_AT_MOST_ONCE = (("max-forwards", "Max-Forwards"), ("content-length", "Content-Length"))


def check_syntax(request: Request) -> Refusal | None:
    """
    Look whether the request is one at all: 400 that names the field, 505, 501, 414, 416, 513.

    After None every accessor of *request* succeeds.
    """
    for check in (_via, _once, _fields, _version, _method, _cseq, _target):
        try:
            refusal = check(request)
        except MalformedError as wrong:
            return refuse(400, wrong.what)
        if refusal is not None:
            return refusal
    return None


def check_service(request: Request) -> Refusal | None:
    """Look whether we serve this: 405 for a method that we do not, 481 within a dialog, since we have none."""
    if request.method not in SERVED:
        return refuse(405, "", ALLOW)
    if request.recipient.tag is not None and request.method not in ("ACK", "CANCEL"):
        return refuse(481)
    return None


def check_extensions(request: Request) -> Refusal | None:
    """
    Look whether the sender asks for more than we do: 420 and, for a MESSAGE, 415.

    An INVITE may require what it likes: a redirect server ignores it (RFC 3261 section 8.3). A CANCEL is never refused so.
    """
    if request.method not in ("OPTIONS", "MESSAGE"):
        return None
    try:
        required = request.headers.elements("require")
    except MalformedError:
        return refuse(400, "malformed Require")
    if not all(is_token(option) for option in required):
        return refuse(400, "malformed Require")
    if required:
        return refuse(420, "", ("Unsupported", ", ".join(required)))
    return _content(request) if request.method == "MESSAGE" else None


def _via(request: Request) -> Refusal | None:
    try:
        _ = request.via
    except MalformedError:
        raise MalformedError("malformed Via" if request.headers.all("via") else "no Via") from None
    return refuse(513, "Via") if len(request.vias) > VIAS else None


def _once(request: Request) -> None:
    for name, shown in _ONCE:
        request.headers.only(name, shown)
    for name, shown in _AT_MOST_ONCE:
        if name in request.headers:
            request.headers.only(name, shown)


def _fields(request: Request) -> None:
    _ = request.sender, request.recipient, request.call_id
    if number(request.headers.first("max-forwards") or "0", below=256) is None:
        raise MalformedError("malformed Max-Forwards")
    for value in request.headers.all("contact"):
        try:
            if value != "*":
                parse_addresses(value)
        except MalformedError:
            raise MalformedError("malformed Contact") from None


def _version(request: Request) -> Refusal | None:
    return None if request.version == "SIP/2.0" else refuse(505)


def _method(request: Request) -> Refusal | None:
    return None if request.method in METHODS else refuse(501, "", ALLOW)


def _cseq(request: Request) -> None:
    if request.cseq.method != request.method:
        raise MalformedError("CSeq of another method")


def _target(request: Request) -> Refusal | None:
    if len(request.target) > REQUEST_URI:
        return refuse(414)
    try:
        uri = request.uri
    except MalformedError:
        raise MalformedError("malformed Request-URI") from None
    if isinstance(uri, Uri) and uri.headers is not None:
        raise MalformedError("headers in the Request-URI")
    return refuse(416) if isinstance(uri, OtherUri) else None


def _content(request: Request) -> Refusal | None:
    content = (request.headers.first("content-type") or "").partition(";")[0].strip(BLANKS).lower()
    encoding = (request.headers.first("content-encoding") or "identity").lower()
    if encoding != "identity":
        return refuse(415, "", ACCEPT, ("Accept-Encoding", "identity"))
    return refuse(415, "", ACCEPT) if content != "text/plain" and (content or request.body) else None
