"""
Says of nearly every new event that it is new, without asking the database.

An event that is not in memory is almost always new, yet a look into SQLite costs more than deciding it. This is a Bloom filter
over the keys in the index: what it has not seen is not there, what it has seen must be looked up. Its bits lie in memory that
the daemon shares with the process that writes the index: that one sets them, the daemon looks.
"""

import os
import sqlite3
from collections.abc import Iterable
from mmap import mmap

import attrs

SMALLEST = 1 << 20
BITS = 16
"""Bits for each key there is room for: with two of them set for a key, one new event in seventy is looked up in vain."""

AT_ONCE = 1000


@attrs.define(eq=False)
class Sieve:
    """
    Holds the keys of an index.

    It must not be asked before all keys are in. Bits are only ever set: one with more keys than there is room for lets more
    events through, and is made anew at the next start; one of a database that was set aside holds keys too many, which does no
    harm.
    """

    bits: mmap
    _mask: int = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Find out how large it is."""
        self._mask = len(self.bits) * 8 - 1

    @classmethod
    def at(cls, descriptor: int) -> "Sieve":
        """Return the one whose bits lie in the shared memory *descriptor*."""
        return cls(mmap(descriptor, 0))

    def lacks(self, key: int) -> bool:
        """Say whether an event is certainly not in the index, by its key (`of_key`)."""
        bits = self.bits
        one, other = key & self._mask, (key >> 32) & self._mask
        return not (bits[one >> 3] >> (one & 7) & bits[other >> 3] >> (other & 7) & 1)

    def add(self, keys: Iterable[int]) -> None:
        """Take in *keys*; before they can be found in the database, and before the daemon's memory forgets them."""
        bits, mask = self.bits, self._mask
        for key in keys:
            for bit in (key & mask, (key >> 32) & mask):
                bits[bit >> 3] |= 1 << (bit & 7)

    def fill(self, database: sqlite3.Connection) -> None:
        """Take in all keys there are."""
        found = database.execute("SELECT key FROM record WHERE key IS NOT NULL")
        while rows := found.fetchmany(AT_ONCE):
            self.add(key for (key,) in rows)


def shared_bits(keys: int) -> int:
    """
    Return a descriptor of memory that can be shared, with room for a sieve of twice as many *keys*; nothing is set.

    Raises `OSError` when there is none to be had; a limit on the size of files counts here too.
    """
    descriptor = os.memfd_create("switchhook-sieve")
    try:
        os.ftruncate(descriptor, room(keys) // 8)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def room(keys: int) -> int:
    """Return how many bits there must be for *keys*, and as many again: a power of two."""
    return 1 << (BITS * max(SMALLEST, 2 * keys) - 1).bit_length()
