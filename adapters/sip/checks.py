"""
The order of checks before anything is decided, as far as they need nothing but the request (RFC 3261 section 8.2).

Three steps, for authentication and the look for a merged request stand between them: `check_syntax`, then who is asking,
`check_service`, then whether the transaction is merged, `check_extensions`. Each says None, or the answer to give. An ACK is
never answered, whatever is said here.
"""

from collections.abc import Callable

from adapters.sip.message import Request
from adapters.sip.refusal import MalformedError, Refusal, refuse

SERVED = ("INVITE", "ACK", "CANCEL", "OPTIONS", "MESSAGE")
"""Methods that are served."""

ALLOW = ("Allow", ", ".join(SERVED))
"""The header field that names them."""

ACCEPT = ("Accept", "text/plain")
"""What a MESSAGE may hold."""

_KNOWN = frozenset((*SERVED, "REGISTER", "SUBSCRIBE", "BYE", "INFO", "REFER", "UPDATE", "PRACK", "PUBLISH", "NOTIFY"))


def check_syntax(request: Request) -> Refusal | None:
    """
    Look whether the request is one at all: 400 that names the field, 505, 501, 414, 416, 513.

    After None every accessor of *request* succeeds.
    """
    for check in _SYNTAX:
        try:
            refusal = check(request)
        except MalformedError as wrong:
            return refuse(400, wrong.what)
        if refusal is not None:
            return refusal
    return None


def check_service(request: Request) -> Refusal | None:
    """Look whether we serve this: 405 for a method that we do not, 481 within a dialog, since we have none."""
    raise NotImplementedError


def check_extensions(request: Request) -> Refusal | None:
    """
    Look whether the sender asks for more than we do: 420 and, for a MESSAGE, 415.

    An INVITE may require what it likes: a redirect server ignores it (RFC 3261 section 8.3), and so it is with CANCEL.
    """
    raise NotImplementedError


_SYNTAX: tuple[Callable[[Request], Refusal | None], ...] = ()
