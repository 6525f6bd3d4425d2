"""Checks the chain: row by row, segment by segment, naming what does not hold."""

from collections.abc import Iterator
from typing import NamedTuple

import attrs

from router.journal.files import Segment
from router.journal.lines import Line, lines
from router.journal.record import START, Cut, Point, Wrong, cut, wrong
from router.journal.segment import name_of

UNKNOWN = ""
"""In place of a hash: the row could not be read, so the next one is taken at its word and one bad row is one flaw."""


@attrs.frozen
class Flaw:
    """A row that does not hold: where (*line* counts from 1), which *seq* (None: cannot be told), *what* is wrong, in words *note*."""

    segment: int
    line: int
    seq: int | None
    what: Wrong
    note: str

    def __str__(self) -> str:
        seq = "" if self.seq is None else f", record {self.seq}"
        return f"journal/{name_of(self.segment)} line {self.line}{seq}: {self.note} [{self.what}]"


class Step(NamedTuple):
    """A line of the chain: *row* when it can be used (it holds by itself), *flaw* when something is wrong with it."""

    segment: Segment
    line: Line
    row: Cut | None
    flaw: Flaw | None


@attrs.define
class Walk:
    """
    Goes along the chain; *at* is where it is now, *superseded* how many lines a newer segment has replaced so far.

    Of a segment's first line only a flaw is told.
    """

    at: Point = START
    superseded: int = 0

    def along(self, segment: Segment) -> Iterator[Step]:
        """Walk through *segment*, from where the older ones have led."""
        for line in lines(segment.path):
            if line.number == 1:
                if flaw := self._header_flaw(segment):
                    yield Step(segment, line, None, flaw)
                self.at = segment.continues
                if segment.header or cut(line.text) is None:
                    continue
            if segment.last is not None and self.at.seq >= segment.last:
                self.superseded += 1
                continue
            row = cut(line.text)
            found = wrong(row) if row else "unreadable"
            flaw = self._row_flaw(segment, line, row, found)
            if row and not found:
                self.at = Point(row.seq, row.hash.decode())
            else:
                row, self.at = None, Point(self.at.seq + 1, UNKNOWN)
            yield Step(segment, line, row, flaw)

    def _header_flaw(self, segment: Segment) -> Flaw | None:
        number, continues = segment.number, segment.continues
        if segment.header is None:
            return Flaw(number, 1, None, "unreadable", "the first line of the segment is not as it was written")
        if segment.header.segment != number:
            return Flaw(number, 1, None, "seq", f"the file was written as segment {segment.header.segment}")
        if self.at.hash == UNKNOWN or continues == self.at:
            return None
        if continues.seq == self.at.seq:
            return Flaw(number, 1, continues.seq, "prev", "it continues another record than the one before it")
        note = f"it continues record {continues.seq}, but the one before it is {self.at.seq}"
        return Flaw(number, 1, min(continues.seq, self.at.seq) + 1, "seq", note)

    def _row_flaw(self, segment: Segment, line: Line, row: Cut | None, found: Wrong | None) -> Flaw | None:
        """Say what is wrong with *row*, given what was *found* in the row by itself, as the next of the chain."""

        def flaw(what: Wrong, note: str) -> Flaw:
            return Flaw(segment.number, line.number, row.seq if row else None, what, note)

        if row is None:
            return flaw("unreadable", "the line is not a record")
        match found:
            case "sealed":
                return flaw("sealed", "its private part is not the one that was sealed")
            case "hash":
                return flaw("hash", "its text is not the one that was hashed")
        known = self.at.hash != UNKNOWN
        if row.seq != self.at.seq + 1 and (known or row.seq <= self.at.seq):
            return flaw("seq", f"record {self.at.seq + 1} should stand here")
        if known and row.prev.decode() != self.at.hash:
            return flaw("prev", f"it does not follow the record {self.at.seq} before it")
        return None


@attrs.frozen
class Verdict:
    """
    What came out of checking a whole journal: how many *rows* hold, the *head*, and the first row that does not, *flaw*.

    *unfinished*: nothing readable comes after the flaw, it may be a batch on its way to disk. The head is worth writing down
    elsewhere: a chain alone cannot show that its end was cut off.
    """

    rows: int
    head: Point
    superseded: int
    flaw: Flaw | None
    unfinished: bool


def check(found: list[Segment]) -> Verdict:
    """Check the chain over all segments."""
    walk, rows, first, unfinished, head = Walk(), 0, None, False, START
    for segment in found:
        for _, _, row, flaw in walk.along(segment):
            if flaw and not first:
                first, unfinished = flaw, True
            if row:  # readable, so no batch was being written before it
                rows, head, unfinished = rows + 1, Point(row.seq, row.hash.decode()), False
    return Verdict(rows, head, walk.superseded, first, unfinished)
