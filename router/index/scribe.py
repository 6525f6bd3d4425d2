"""
`python -m router.index.scribe DESCRIPTOR`: writes the index, in a process of its own beside the daemon.

A thread of the daemon would share the interpreter with the reactor, and every call would wait for it now and then. The rows
are read from the journal. Daemon and scribe talk in lines over one socket, which is standard input and output here: first
comes a `Task` as JSON, then again and again a number, up to which the journal is durable; each is answered with a `Progress`
as JSON, after one batch. So nothing is written that was not just asked for, and a daemon that is gone asks for nothing.
DESCRIPTOR is the memory of the sieve, which both share.
"""

import gc
import json
import os
import signal
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import attrs

from router.index.feeder import Feeder, alone
from router.index.fingerprint import Fingerprint
from router.index.sieve import Sieve

LOW_PRIORITY = 10
"""For what is far behind: enough for calls to come first, and on a busy machine with one core the index still catches up."""

FAR = 20_000
"""Records. Whoever is not so far behind works only while nobody else wants the core: a call that comes in then waits for nothing."""

END = b"end\n"
"""Tells the scribe to let go of the database in order."""


@attrs.frozen
class Task:
    """What the scribe must know: the index at *path*, the *journal* folder, and the index's *key* in hex."""

    path: str
    journal: str
    key: str = attrs.field(repr=False)

    def line(self) -> bytes:
        """Write it down."""
        return json.dumps(attrs.asdict(self)).encode() + b"\n"

    def feeder(self, sieve: Sieve) -> Feeder:
        """Return what does it."""
        return Feeder(Path(self.path), Path(self.journal), Fingerprint(bytes.fromhex(self.key)), sieve)


def serve(feeder: Feeder, said: Iterable[bytes], answers: BinaryIO) -> bool:
    """Do what the daemon has *said*; False when it is gone without a word, the database then still open."""
    with alone(feeder.path), suppress(ConnectionError), ThreadPoolExecutor(1, initializer=_idle) as when_idle:
        for line in said:
            if line == END:
                feeder.close()
                return True
            durable = int(line)
            near = durable - feeder.at.seq < FAR
            progress = when_idle.submit(feeder.step, durable).result() if near else feeder.step(durable)
            answers.write(json.dumps(attrs.asdict(progress)).encode() + b"\n")
            answers.flush()  # whoever is gone meanwhile is not told
    return False


def _idle() -> None:
    """Let this thread run only while nobody else wants the core (sched(7)); the kernel may refuse it, which does not matter."""
    with suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def main() -> None:
    """Serve the daemon that has started us; the signals that end it are not for us, its silence is."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    os.nice(LOW_PRIORITY)
    task = Task(**json.loads(sys.stdin.buffer.readline()))
    feeder = task.feeder(Sieve.at(int(sys.argv[1])))
    if not serve(feeder, iter(sys.stdin.buffer.readline, b""), sys.stdout.buffer):
        os._exit(1)  # not even a last checkpoint: the state folder may have another owner by now


if __name__ == "__main__":
    gc.disable()  # a batch of parsed rows is much to look through, and nothing in it goes round in circles
    main()
