"""
Standard Webhooks (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).

`webhook-signature` is `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`; several may stand in it, separated by
spaces, and any of several secrets may have made one.
"""

import hmac
import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Sequence

from adapters.api import RawRequest, RefusedError

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
TOLERANCE = 300
"""Seconds a request may be old, or ahead of our clock."""

PREFIX = "whsec_"
_MOST_SIGNATURES = 16
_DIGITS = re.compile(r"\d{1,12}", re.ASCII)


def key_of(secret: str) -> bytes:
    """Return the bytes of *secret*: base64 behind `whsec_`, as the standard writes them, otherwise the text itself."""
    if not secret.startswith(PREFIX):
        return secret.encode()
    try:
        key = b64decode(secret.removeprefix(PREFIX), validate=True)
    except Base64Error:
        key = b""
    if not key:
        raise ValueError("a secret that starts with whsec_ must go on in base64")
    return key


def sign(key: bytes, event_id: str, timestamp: int, body: bytes) -> str:
    """Return the value of `webhook-signature` for *body*."""
    signed = f"{event_id}.{timestamp}.".encode() + body
    return "v1," + b64encode(hmac.digest(key, signed, "sha256")).decode()


def check(keys: Sequence[bytes], request: RawRequest) -> None:
    """Raise `RefusedError` (403) unless one of *keys* signed *request* within the last five minutes."""
    event_id, stamp, presented = (request.header(name) for name in (ID, TIMESTAMP, SIGNATURE))
    if not event_id or stamp is None or presented is None or not (event_id + stamp + presented).isascii():
        raise RefusedError(403, "signature", f"{ID}, {TIMESTAMP} or {SIGNATURE} is missing, doubled or not ASCII")
    if not _DIGITS.fullmatch(stamp):
        raise RefusedError(403, "timestamp", f"{TIMESTAMP} is not in whole seconds since 1970")
    if abs(request.received_at - int(stamp)) > TOLERANCE:
        raise RefusedError(403, "timestamp", f"{TIMESTAMP} is more than {TOLERANCE} s away from our clock")
    signed = f"{event_id}.{stamp}.".encode() + request.body
    made = [b"v1," + b64encode(hmac.digest(key, signed, "sha256")) for key in keys]
    for one in presented.split()[:_MOST_SIGNATURES]:
        if any(hmac.compare_digest(one.encode(), ours) for ours in made):
            return
    raise RefusedError(403, "signature", f"no secret gives one of these signatures for {request.uri.partition('?')[0]}")
