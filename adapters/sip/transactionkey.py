"""By what a request is known again: its transaction, a copy of it that came another way, and the tag of its answers."""

import hmac
from typing import NamedTuple

from adapters.sip.message import Request

_COOKIE = "z9hG4bK"
_TAG_DIGITS = 20


class Key(NamedTuple):
    """What has to be equal; compare and hash it, no more."""

    method: str
    source: str
    parts: tuple[str, ...]


def transaction_key(request: Request, source: str) -> Key:
    """
    Say which server transaction *request* (checked, and noted where it is `seen_from`) belongs to (RFC 3261 section 17.2.3).

    *source* is the IP address it came from. An ACK has the key of its INVITE. Without the magic cookie in the branch, the
    rules of RFC 2543 count.
    """
    return _key(request, source, "INVITE" if request.method == "ACK" else request.method)


def cancelled_key(request: Request, source: str) -> Key:
    """Say which INVITE transaction a CANCEL is about; the CANCEL has a transaction of its own as well."""
    return _key(request, source, "INVITE")


def merged_key(request: Request) -> Key:
    """
    Say what all copies of one request have in common, whatever way they came (RFC 3261 section 8.2.2.2).

    Two transactions that share it, without a To tag, are the same request forked on its way: the later one is answered 482.
    Not so a call that a proxy sends on to another of our numbers, or asks about once more because nobody answered (Reason,
    or a longer History-Info): that is a question of its own.
    """
    sequence = request.cseq
    asked = (request.sender.tag or "", request.call_id, str(sequence.number), request.target)
    again = (request.via.branch or "",) if "reason" in request.headers else ()
    return Key(sequence.method, "", (*asked, *request.headers.all("history-info"), *again))


def to_tag(secret: bytes, request: Request) -> str:
    """
    Make the To tag of every answer to *request*, the same each time, without having to remember it (RFC 3261 section 8.2.7).

    Works for a request that could not be read in full. *secret* is random and as old as the process at most.
    """
    said = [request.headers.first(name) or "" for name in ("call-id", "from", "via")]
    text = "\0".join(said).encode("utf-8", "surrogateescape")
    return hmac.digest(secret, text, "sha256").hex()[:_TAG_DIGITS]


def _key(request: Request, source: str, method: str) -> Key:
    via = request.via
    branch = via.branch or ""
    if branch.startswith(_COOKIE) and branch != _COOKIE:
        return Key(method, source, (branch, via.host, str(via.port or 5060), request.call_id))
    sender = request.sender.tag or ""
    return Key(method, source, (request.target, sender, request.call_id, str(request.cseq.number), request.vias[0]))
