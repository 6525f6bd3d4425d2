"""Which files make up a journal, and its records from any point on, as far as they can be read."""

import os
from collections.abc import Container, Iterator
from itertools import zip_longest
from pathlib import Path

import attrs

from router.journal.api import BEGINNING, Place, Placed
from router.journal.lines import lines
from router.journal.record import Cut, Point, Record, cut, trusted, wrong
from router.journal.segment import Header, name_of, numbers_in, read_header

PIECE = 8 << 20


@attrs.frozen
class Segment:
    """
    A file of the journal: its *header* (None when that line is damaged) and the record it *continues*.

    Rows beyond *last* are superseded by a newer segment; None: none are.
    """

    number: int
    path: Path
    header: Header | None
    continues: Point
    last: int | None = None


@attrs.frozen
class Piece:
    """The rows of *segment* whose lines begin in `[begin, end)`, in bytes."""

    segment: Segment
    begin: int
    end: int


def segments(folder: Path, *, first: int = 0) -> list[Segment]:
    """Return the segments of *folder* from number *first* on, oldest first; a file with neither header nor good row is none."""
    found: list[Segment] = []
    for number in (number for number in numbers_in(folder) if number >= first):
        path = folder / name_of(number)
        with path.open("rb") as file:
            header = read_header(file.readline().removesuffix(b"\n"))
        continues = header.continues if header else _continues(path)
        if continues:
            found.append(Segment(number, path, header, continues))
    last: int | None = None
    for place in reversed(range(len(found))):
        found[place] = attrs.evolve(found[place], last=last)
        last = found[place].continues.seq if last is None else min(last, found[place].continues.seq)
    return found


def _continues(path: Path) -> Point | None:
    """Tell from the first good row of a file what it continues."""
    for line in lines(path):
        if (row := cut(line.text)) and not wrong(row):
            return Point(row.seq - 1, row.prev.decode())
    return None


def records(folder: Path, *, after: int = 0, since: str = "", place: Place = BEGINNING) -> Iterator[Placed]:
    """
    Go through the records beyond seq *after* whose `at` is not before *since* (ISO, UTC), oldest first.

    *place*: where the record *after* ends, for whoever knows; what stands before it is not read again.
    A row that does not hold by itself is passed over: what cannot be trusted is not served.
    """
    for segment in _since(segments(folder, first=place.segment), since):
        if segment.last is not None and segment.last <= after:
            continue
        for line in lines(segment.path, place.offset if segment.number == place.segment else 0):
            row = cut(line.text)
            if row is None or row.seq <= after or (segment.last is not None and row.seq > segment.last):
                continue
            if row.at.decode() >= since and (record := trusted(row)):
                yield Placed(record, segment.number, line.offset, len(line.text))


def pieces(folder: Path, *, since: str) -> list[Piece]:
    """Return what `records` reads in pieces of a few megabytes, which need not be read by one and the same process."""
    return [
        Piece(segment, begin, begin + PIECE)
        for segment in _since(segments(folder), since)
        for begin in range(0, segment.path.stat().st_size, PIECE)
    ]


def rows(piece: Piece, *, since: str, kinds: Container[bytes]) -> Iterator[Cut]:
    """Go through the rows of a piece of these *kinds* as `records` does, for whoever parses of them only what is needed."""
    segment = piece.segment
    for line in lines(segment.path, _line_from(segment.path, piece.begin)):
        if line.offset >= piece.end:
            return
        row = cut(line.text)
        if row is None or row.kind not in kinds or (segment.last is not None and row.seq > segment.last):
            continue
        if row.at.decode() >= since and not wrong(row):
            yield row


def _line_from(path: Path, offset: int) -> int:
    """Return where the first line begins that begins at *offset* or later."""
    with path.open("rb") as file:
        file.seek(max(0, offset - 1))
        return offset if offset == 0 else offset - 1 + len(file.readline())


def _since(found: list[Segment], since: str) -> Iterator[Segment]:
    """Leave out the segments that end before *since*."""
    for segment, following in zip_longest(found, found[1:]):
        if not (following and following.header and following.header.at < since):
            yield segment


def record_at(folder: Path, segment: int, offset: int, length: int) -> Record | None:
    """Read one record from its place; None when there is no good row."""
    try:
        descriptor = os.open(folder / name_of(segment), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        row = cut(os.pread(descriptor, length, offset))
    finally:
        os.close(descriptor)
    return trusted(row) if row else None
