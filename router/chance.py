"""Randomness fetched from the system a page at a time: two system calls for each call would cost as much as deciding it."""

import os
from collections.abc import Callable

import attrs

_PAGE = 4096


@attrs.define(eq=False)
class Chance:
    """
    Hands out random bytes, each of them once; for one thread.

    *fetch* is the system's source, fit for keys. What was handed out stays in memory until the page is used up, as what it
    was used for does.
    """

    fetch: Callable[[int], bytes] = os.urandom
    _page: bytes = b""
    _used: int = 0

    def __call__(self, count: int) -> bytes:
        """Return *count* random bytes, at most a page."""
        begin, end = self._used, self._used + count
        if end > len(self._page):
            self._page, begin, end = self.fetch(_PAGE), 0, count
        self._used = end
        return self._page[begin:end]
