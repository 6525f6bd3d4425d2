"""ULIDs (github.com/ulid/spec): 48 bits of milliseconds and 80 of chance, so a name tells when it was given."""

from collections.abc import Callable
from functools import lru_cache

from router.chance import Chance

DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32."""

_BY_CHANCE = (DIGITS * 8).encode()
"""A letter for each byte: of a random byte five random bits."""

_PAIRS = [one + other for one in DIGITS for other in DIGITS]
"""Two letters for each ten bits."""

_VALUES = {digit: value for value, digit in enumerate(DIGITS)}
_LENGTH = 26
_chance = Chance()


def new(at: float, chance: Callable[[int], bytes] = _chance) -> str:
    """Name something first seen at *at* (epoch seconds); *chance* gives that many random bytes."""
    milliseconds = int(at * 1000)
    last = _PAIRS[(milliseconds >> 10) & 1023] + _PAIRS[milliseconds & 1023]
    return _hour(milliseconds >> 20) + last + chance(16).translate(_BY_CHANCE).decode()


@lru_cache(maxsize=4)
def _hour(number: int) -> str:
    """Write the first six letters, which stay the same for a third of an hour."""
    return "".join([_PAIRS[(number >> shift) & 1023] for shift in (20, 10, 0)])


def time_of(name: str) -> float | None:
    """Return when *name* was given (epoch seconds, to the millisecond), or None when it is no ULID."""
    if len(name) != _LENGTH or not all(char in _VALUES for char in name) or name[0] > "7":
        return None
    milliseconds = 0
    for char in name[:10]:
        milliseconds = milliseconds * 32 + _VALUES[char]
    return milliseconds / 1000
