"""ULIDs (github.com/ulid/spec): 48 bits of milliseconds and 80 of chance, so a name tells when it was given."""

import os
from collections.abc import Callable

DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32."""

_PAIRS = [high + low for high in DIGITS for low in DIGITS]
_VALUES = {digit: value for value, digit in enumerate(DIGITS)}
_LENGTH = 26


def new(at: float, chance: Callable[[int], bytes] = os.urandom) -> str:
    """Name something first seen at *at* (epoch seconds); *chance* gives that many random bytes."""
    pairs = _PAIRS
    bits = (int(at * 1000) << 80) | int.from_bytes(chance(10), "big")
    return "".join([pairs[(bits >> shift) & 1023] for shift in range(120, -1, -10)])


def time_of(name: str) -> float | None:
    """Return when *name* was given (epoch seconds, to the millisecond), or None when it is no ULID."""
    if len(name) != _LENGTH or not all(char in _VALUES for char in name) or name[0] > "7":
        return None
    milliseconds = 0
    for char in name[:10]:
        milliseconds = milliseconds * 32 + _VALUES[char]
    return milliseconds / 1000
