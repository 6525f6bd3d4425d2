"""
Says of nearly every new event that it is new, without asking the database.

An event that is not in memory is almost always new, yet a look into SQLite costs more than deciding it, and lets go of the
interpreter lock besides, which another thread may then hold for milliseconds. This is a Bloom filter over the keys in the
index: what it has not seen is not there, what it has seen must be looked up.
"""

import sqlite3
import time
from collections.abc import Iterable

import attrs

SMALLEST = 1 << 20
BITS = 16
"""Bits for each key there is room for: with two of them set for a key, one new event in seventy is looked up in vain."""

AT_ONCE = 1000


@attrs.define(eq=False)
class Sieve:
    """
    Holds the keys of an index. One thread fills it, any may ask.

    Until all keys are in, every event must be looked up. One with more keys than there is room for lets more events through,
    and is made anew at the next start; one of a database that was set aside holds keys too many, which does no harm.
    """

    ready: bool = False
    _bits: bytearray = attrs.field(factory=bytearray)
    _mask: int = 0

    def lacks(self, key: int) -> bool:
        """Say whether an event is certainly not in the index, by its key (`of_key`)."""
        if not self.ready:
            return False
        bits = self._bits
        one, other = key & self._mask, (key >> 32) & self._mask
        return not (bits[one >> 3] >> (one & 7) & bits[other >> 3] >> (other & 7) & 1)

    def add(self, keys: Iterable[int]) -> None:
        """Take in *keys*; before they can be found in the database, and before memory forgets them."""
        bits, mask = self._bits, self._mask
        for key in keys:
            for bit in (key & mask, (key >> 32) & mask):
                bits[bit >> 3] |= 1 << (bit & 7)

    def fill(self, database: sqlite3.Connection) -> None:
        """Take in all keys there are, with room for twice as many; the reactor gets its turn now and then."""
        self._mask = room(database.execute("SELECT max(seq) FROM record").fetchone()[0] or 0) - 1
        self._bits = bytearray(self._mask + 1 >> 3)
        found = database.execute("SELECT key FROM record WHERE key IS NOT NULL")
        while rows := found.fetchmany(AT_ONCE):
            self.add(key for (key,) in rows)
            time.sleep(0)
        self.ready = True


def room(keys: int) -> int:
    """Return how many bits there must be for *keys*, and as many again: a power of two."""
    return 1 << (BITS * max(SMALLEST, 2 * keys) - 1).bit_length()
