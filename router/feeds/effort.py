"""A limit to how much work a library may do in this thread, which nobody could end from outside."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

OFTEN = 50
"""The clock is looked at in every so-manieth call; asking it costs more than most calls do."""


class TooMuchWorkError(BaseException):
    """The work took too long. No `Exception`, so that no library on the way takes it for one of its own."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """
    Raise `TooMuchWorkError` inside once this thread has been busy for *seconds* of the processor's time.

    Looked at whenever a function is called or returns, which every loop of a library in Python does; waiting does not count.
    """
    before, until = sys.getprofile(), time.thread_time() + seconds
    calls = 0

    def look(*_: object) -> None:
        nonlocal calls
        calls += 1
        if calls % OFTEN == 0 and time.thread_time() > until:
            raise TooMuchWorkError

    sys.setprofile(look)
    try:
        yield
    finally:
        sys.setprofile(before)
