"""
Large things made and let go in a thread, without the reactor having to wait for it.

Three things of CPython stop every thread at once or for long: its collector of cycles, which walks through half a million
new things; its interpreter lock, which a busy thread gives away only every 5 ms, at each read and write of the reactor
anew; and freeing something large, which happens in one go. The fourth is the kernel, which lets a busy thread have its
share of the processor to the end before the reactor's turn. docs/decisions/reload.md has the figures.
"""

import gc
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Lock, get_native_id
from typing import TypeVar

import attrs

TURN = 0.0005
"""Seconds after which a busy thread lets another one run; a tenth of CPython's own."""

THRESHOLDS = (300, 2, 1_500)
"""
How many things may become more before the collector looks at the youngest, and how often it then looks at older ones.

What it looks through in one go is few: 300 of the youngest, 900 with the next, which takes half a millisecond; and the oldest once in
a million.
"""

NEVER = 1_000_000

NICENESS = 10
"""How far a thread beside the reactor steps back (nice(2)): with one processor for both the reactor then has it at once."""


T = TypeVar("T")


@attrs.define(eq=False)
class _Holders:
    """How many threads want something of the interpreter right now; it is the same for all of them."""

    sharing: int = 0
    holding: int = 0
    interval: float = 0.0
    thresholds: tuple[int, int, int] = THRESHOLDS
    lock: Lock = attrs.field(factory=Lock)


_holders = _Holders()


@contextmanager
def sharing() -> Iterator[None]:
    """
    Let busy threads take turns more often, as long as one of them works in here.

    Meanwhile the collector leaves the oldest things alone: much of them is what a thread works on, and walking through it
    is a turn of a tenth of a second.
    """
    with _holders.lock:
        _holders.sharing += 1
        if _holders.sharing == 1:
            _holders.interval, _holders.thresholds = sys.getswitchinterval(), gc.get_threshold()
            sys.setswitchinterval(TURN)
            gc.set_threshold(*_holders.thresholds[:2], NEVER)
    try:
        yield
    finally:
        with _holders.lock:
            _holders.sharing -= 1
            if not _holders.sharing:
                sys.setswitchinterval(_holders.interval)
                gc.set_threshold(*_holders.thresholds)


def shared(work: Callable[[], T]) -> T:
    """Do *work* in a thread beside the reactor's, taking turns, and with the reactor's first."""
    step_back()
    with sharing():
        return work()


def step_back() -> None:
    """
    Let the reactor's thread have the processor before this one, for good: nobody may take that back without privileges.

    Only Linux gives each thread a niceness of its own.
    """
    me = get_native_id()
    if sys.platform == "linux" and me != os.getpid():  # the first thread is the reactor's
        with suppress(OSError):  # a container may forbid it
            os.setpriority(os.PRIO_PROCESS, me, max(NICENESS, os.getpriority(os.PRIO_PROCESS, me)))


@contextmanager
def quietly() -> Iterator[None]:
    """
    Let something large be made: turns are shorter, and the collector of cycles is held off.

    What was made is then set apart (`gc.freeze`): it holds no cycles, and goes by reference count when it is replaced. The
    young are looked through before, lest garbage is set apart with it.
    """
    with _holders.lock:
        _holders.holding += 1
        if _holders.holding == 1:
            gc.collect(1)
            gc.disable()
    try:
        with sharing():
            yield
    finally:
        with _holders.lock:
            _holders.holding -= 1
            if not _holders.holding:
                gc.freeze()
                gc.enable()


def settle() -> None:
    """
    Set apart all there is when the daemon has started, and let the collector look less often at what comes and goes.

    Turns are short from now on. The journal's thread needs the interpreter for a moment after each sync, and on a machine with one
    processor a busy reactor let it wait 5 ms for that; to the journal it looked as if the disk had become slow.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
    sys.setswitchinterval(TURN)


def let_go(pieces: list[object]) -> None:
    """
    Let go of *pieces* one by one, so that others have their turns in between.

    Whoever calls lets go of the whole first: then each piece is freed when it is taken from the list. What somebody still
    uses stays.
    """
    while pieces:
        pieces.pop()
