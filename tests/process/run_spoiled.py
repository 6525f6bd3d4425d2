"""
The daemon with one promise broken on purpose, to show that the test of that promise can fail.

`run_spoiled.py no-sync …`: a disk that only says it has synced. `run_spoiled.py no-wait …`: answers that do not wait for it.
"""

import sys

from twisted.internet.defer import succeed

from router.cli import main
from router.journal.disk import RealDisk
from router.journal.writer import Journal

SPOILED = {
    "no-sync": lambda: setattr(RealDisk, "sync", lambda *_: None),
    "no-wait": lambda: setattr(Journal, "durable", lambda *_: succeed(None)),
}

SPOILED[sys.argv.pop(1)]()
main()
