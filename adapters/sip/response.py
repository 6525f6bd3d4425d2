"""The bytes of an answer: what it copies from the request, and what it has of its own (RFC 3261 section 8.2.6)."""

from collections.abc import Iterator, Sequence

from adapters.sip.message import Request
from adapters.sip.refusal import REASONS, MalformedError

# One of each: were there several, the answer would be no better a message than the request.
_COPIED = (("from", "From"), ("to", "To"), ("call-id", "Call-ID"), ("cseq", "CSeq"), ("timestamp", "Timestamp"))
_LINE_ENDS = str.maketrans(dict.fromkeys("\r\n"))


def respond(
    request: Request,
    code: int,
    reason: str | None = None,
    *,
    to_tag: str | None,
    headers: Sequence[tuple[str, str]] = (),
    body: bytes = b"",
) -> bytes:
    """
    Write the answer *code* to *request*, whatever could be read of it.

    *reason* is the phrase of the RFC unless given. Via, From, To, Call-ID, CSeq and Timestamp are copied byte for byte, Via
    as `Request.seen_from` left it; *to_tag* (None for a 100) is put behind a To that has none. *headers* follow, names and
    values ready but for line ends, which are taken out. With a *body*, its Content-Type is one of them.
    """
    phrase = REASONS.get(code, "") if reason is None else reason
    lines = [
        f"SIP/2.0 {code} {phrase}",
        *[f"Via: {via}" for via in request.headers.all("via")],
        *_copies(request, to_tag),
        *[f"{name}: {value}" for name, value in headers],
        f"Content-Length: {len(body)}",
    ]
    head = "\r\n".join(lines)
    if not head.count("\r") == head.count("\n") == len(lines) - 1:
        head = "\r\n".join([line.translate(_LINE_ENDS) for line in lines])
    return head.encode("utf-8", "surrogateescape") + b"\r\n\r\n" + body


def _copies(request: Request, to_tag: str | None) -> Iterator[str]:
    for name, shown in _COPIED:
        value = request.headers.first(name)
        if value is not None:
            yield f"{shown}: {value}{_tag(request, to_tag) if name == 'to' else ''}"


def _tag(request: Request, to_tag: str | None) -> str:
    """Say what to put behind To: nothing where there is a tag already, or where it would land inside an open quote."""
    try:
        return "" if to_tag is None or request.recipient.tag is not None else f";tag={to_tag}"
    except MalformedError:
        return ""
