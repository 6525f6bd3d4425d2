"""The bytes of an answer: what it copies from the request, and what it has of its own (RFC 3261 section 8.2.6)."""

from collections.abc import Sequence

from adapters.sip.message import Request


def respond(
    request: Request,
    code: int,
    reason: str | None = None,
    *,
    to_tag: str | None,
    headers: Sequence[tuple[str, str]] = (),
    body: bytes = b"",
) -> bytes:
    """Write the answer."""
    raise NotImplementedError
