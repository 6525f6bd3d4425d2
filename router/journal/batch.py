"""The rows of one write: gathered, on their way, and where each of them came to stand."""

from typing import NamedTuple

import attrs

from router.journal.api import Placed
from router.journal.record import Record
from router.journal.spool import Written


class Row(NamedTuple):
    """A record and its line, with the newline."""

    record: Record
    line: bytes


@attrs.define(eq=False)
class Batch:
    """Rows on their way to the disk; *outcome* is set by the journal's thread when it is known, *awaited*: the reactor waits for it."""

    rows: list[Row]
    awaited: bool = False
    outcome: Written | OSError | None = None

    def data(self) -> bytes:
        """Return what is written."""
        return b"".join(row.line for row in self.rows)


def gather(rows: list[Row], most: int) -> Batch:
    """Take the first of *rows* for a batch, at most *most* bytes of them (one row at least)."""
    size = 0
    for count, row in enumerate(rows):
        size += len(row.line)
        if size > most and count:
            return Batch(rows[:count])
    return Batch(rows[:])


def placed(rows: list[Row], where: Written) -> list[Placed]:
    """Say where each of *rows* stands, written one behind the other from *where* on."""
    found, offset = [], where.offset
    for record, line in rows:
        found.append(Placed(record, where.segment, offset, len(line) - 1))
        offset += len(line)
    return found
