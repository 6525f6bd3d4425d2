"""HMAC (RFC 2104) with the key worked in beforehand: going on from copies costs half of beginning anew, for each call several times."""

import hashlib
from typing import Any, NamedTuple

_BLOCK = 64
"""Bytes in a block of SHA-1 and SHA-256; a key is as long at most."""


class Keyed(NamedTuple):
    """The *inner* and the *outer* hash of an HMAC, begun with the key; to go on, take copies of both."""

    inner: Any
    outer: Any


def keyed(key: bytes, algorithm: str, beginning: bytes = b"") -> Keyed:
    """Begin an HMAC of a message that starts with *beginning*."""
    if len(key) > _BLOCK:
        key = hashlib.new(algorithm, key).digest()
    inner, outer = (
        hashlib.new(algorithm, bytes(byte ^ pad for byte in key.ljust(_BLOCK, b"\0"))) for pad in (0x36, 0x5C)
    )
    inner.update(beginning)
    return Keyed(inner, outer)


def finished(begun: Keyed, rest: bytes) -> bytes:
    """Return the HMAC of what was begun, followed by *rest*."""
    inner, outer = begun.inner.copy(), begun.outer.copy()
    inner.update(rest)
    outer.update(inner.digest())
    digest: bytes = outer.digest()
    return digest
