"""
`python -m router.gauging`: the analysis of a rule set in a process of its own, for the gauges of the daemon.

A thread of the daemon would share the interpreter with the reactor, for minutes with thousands of numbers, and hold all that
was written in memory once more. Reads one JSON value from standard input, writes one to standard output, and gives up when
its daemon is gone.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from router.feeds.known import with_calendars
from router.files import Files
from rules.findings import Study, never_reached, open_but_nobody
from rules.timeline import Window

DAY = 86400
AHEAD = 7 * DAY
"""How far open hours with nobody there are looked for."""

FAR = 400 * DAY
"""How far rules that never decide are looked for."""

PATIENCE = 300.0
"""Seconds after which the numbers not yet looked at are left out."""

LOWEST_PRIORITY = 19


@attrs.frozen
class Coverage:
    """What was found: seconds open with nobody there, and rules that never decide, by number."""

    gaps: Mapping[str, int]
    unreachable: Mapping[str, int]


@attrs.define(eq=False)
class Look:
    """One look at rules, in another process; may be given up at any time, also before it begins."""

    _given_up: bool = attrs.field(default=False, init=False)
    _child: "subprocess.Popen[bytes] | None" = attrs.field(default=None, init=False)

    def __call__(self, files: Files, at: int) -> Coverage | None:
        """
        Find out what there is to find in *files* from *at* (UTC epoch seconds) on; None when it was given up.

        Waits for the other process: to be called in a thread. Raises RuntimeError when that process fails.
        """
        command = [sys.executable, "-m", "router.gauging"]
        asked = json.dumps(question(files, at)).encode()
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe) as child:  # noqa: S603  ourselves
            self._child = child
            if self._given_up:
                child.kill()
            said, complaints = child.communicate(asked)
        if child.returncode < 0:
            return None
        if child.returncode:
            raise RuntimeError(complaints.decode(errors="replace").strip().rpartition("\n")[2])
        found = json.loads(said)
        return found and Coverage(**found)

    def give_up(self) -> None:
        """End the other process, or see that it ends as soon as it begins."""
        self._given_up = True
        if self._child is not None:
            self._child.kill()


def question(files: Files, at: int) -> dict[str, Any]:
    """Write down what the other process must know."""
    return {
        "main": files.main,
        "folder": str(files.folder),
        "texts": {name: text.decode("utf-8", "surrogateescape") for name, text in files.texts.items()},
        "kept": {name: str(path) for name, path in files.kept.items()},
        "at": at,
    }


def answer(asked: Mapping[str, Any], parent: int) -> Coverage | None:
    """Answer a *question* as long as the process *parent* lives; None when a greeting has gone since."""
    files = Files(
        main=asked["main"],
        folder=Path(asked["folder"]),
        texts={name: text.encode("utf-8", "surrogateescape") for name, text in asked["texts"].items()},
        kept={name: Path(path) for name, path in asked["kept"].items()},
    )
    loaded = with_calendars(files.load(), Path(files.main))
    if loaded.book is None or loaded.spec is None:
        return None
    until = time.monotonic() + PATIENCE

    def go_on(_done: int, _of: int) -> bool:
        return os.getppid() == parent and time.monotonic() < until

    at = asked["at"]
    gaps = open_but_nobody(Study.of(loaded.book, loaded.spec, Window(at, at + AHEAD)), go_on)
    unreachable = never_reached(Study.of(loaded.book, loaded.spec, Window(at, at + FAR)), go_on)
    return Coverage(gaps, unreachable)


def main() -> None:
    """Answer the question on standard input."""
    os.nice(LOWEST_PRIORITY)
    found = answer(json.load(sys.stdin), os.getppid())
    json.dump(found and attrs.asdict(found), sys.stdout)


if __name__ == "__main__":
    main()
