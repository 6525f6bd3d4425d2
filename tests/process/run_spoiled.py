"""
The daemon with one promise broken on purpose, to show that the test of that promise can fail.

`run_spoiled.py no-sync …`: a disk that only says it has synced. `run_spoiled.py no-wait …`: answers that do not wait for it,
on a disk so slow that they always overtake it.
"""

import sys
import time
from collections.abc import Callable

from router.cli import main
from router.journal.disk import RealDisk
from router.journal.writer import Journal

_sync: Callable[[RealDisk, int], None] = RealDisk.sync


def _slowly(disk: RealDisk, descriptor: int) -> None:
    time.sleep(0.03)
    _sync(disk, descriptor)


def _without_waiting() -> None:
    RealDisk.sync = _slowly  # type: ignore[method-assign]
    Journal.when_durable = lambda _journal, _seq, then: then(None)  # type: ignore[method-assign]


SPOILED = {"no-sync": lambda: setattr(RealDisk, "sync", lambda *_: None), "no-wait": _without_waiting}

SPOILED[sys.argv.pop(1)]()
main()
