"""
One erasure, from beginning to end, in a state folder whose lock the caller holds.

First a record that it happens; then the index goes, which holds fingerprints, then recordings and copies of old rules; then the
journal is written anew, and the index is built again. Cut short anywhere, it can be done again; an index that is missing is
built by the daemon, too.
"""

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs

from router.clock import iso
from router.erasure.journal import Found, erase, look_for_number
from router.erasure.traces import Traces
from router.index.feeder import alone
from router.index.rebuild import INDEX, rebuild
from router.journal.disk import RealDisk
from router.journal.record import SALT_BYTES, seal
from router.journal.recovery import recover
from router.journal.segment import Origin
from router.journal.spool import Spool
from router.version import own_version, tzdata_version

RECORDINGS, LAST_GOOD = "recordings", "last-good"


@attrs.frozen
class Erased:
    """
    What was erased: so many *records* of so many *calls* and texts, *recordings*, copies of *rules*.

    *seq* is the record that says so; *left* names the files in which the number still stands.
    """

    records: int
    calls: int
    recordings: int
    rules: int
    seq: int
    left: tuple[str, ...]


@attrs.frozen
class Erasure:
    """Erases *found* from the folder *state*; *by* is who wants it, *at* the moment (UTC epoch seconds)."""

    state: Path
    found: Found
    traces: Traces | None
    by: str
    at: float

    @property
    def _journal(self) -> Path:
        return self.state / "journal"

    def run(self) -> Erased:
        """Erase; raise `TimeoutError` when somebody else writes the index, `OSError` when the disk refuses."""
        sounds = list(self._sounds())
        told = {
            "by": self.by,
            "records": len(self.found.lines),
            "calls": len(self.found.calls),
            "recordings": sum(path.suffix == ".mp3" for path in sounds),
            "rules": self.found.rules,
        }
        with alone(self.state / INDEX):
            seq = self._note(told)
            for path in self.state.glob(f"{INDEX}*"):
                path.unlink()
        for path in (*sounds, *self._old_rules()):
            path.unlink(missing_ok=True)
        self._erase()
        rebuild(self.state)
        del told["by"]
        return Erased(**told, seq=seq, left=tuple(self._left()))  # type: ignore[arg-type]

    def _erase(self) -> None:
        """Write the journal anew: first without the lines that are known by others, so that cut short nothing is forgotten."""
        if self.traces is None:
            erase(self._journal, self.found, None)
            return
        erase(self._journal, self.found.told_of, self.traces)
        erase(self._journal, look_for_number(self._journal, self.traces), self.traces)

    def _note(self, told: dict[str, Any]) -> int:
        """Write down that somebody is erased, and nothing about whom; returns its seq."""
        end = recover(self._journal)
        origin = Origin(socket.gethostname(), own_version(), tzdata_version())
        spool = Spool(self._journal, RealDisk(), origin, lambda: self.at, number=end.number)
        if end.used is not None and end.header and end.header.origin == origin:
            spool.resume(end.used, end.allocated)
        record, line = seal(
            seq=end.head.seq + 1,
            at=iso(self.at),
            kind="erased",
            public=told,
            private={},
            prev=end.head.hash,
            salt=os.urandom(SALT_BYTES),
        )
        try:
            spool.write(line, end.head)
        finally:
            spool.close()
        return record.seq

    def _sounds(self) -> Iterator[Path]:
        """Yield the files of the messages that were left in these calls."""
        for call in sorted(self.found.calls):
            for path in self.state.glob(f"{RECORDINGS}/*"):
                if path.name.partition(".")[0] == call:
                    yield path

    def _old_rules(self) -> list[Path]:
        """Return the copies of the rules kept for bad days, if they name the number; a good file is copied again at the next start."""
        kept = [path for path in (self.state / LAST_GOOD).glob("*") if path.is_file()]
        traces = self.traces
        return kept if traces and any(traces.named(path.read_bytes()) for path in kept) else []

    def _left(self) -> Iterator[str]:
        """Yield the files that still name the number."""
        if self.traces is not None:
            for path in sorted(self.state.rglob("*")):
                if path.is_file() and not path.is_symlink() and self.traces.named(path.read_bytes()):
                    yield str(path.relative_to(self.state))
