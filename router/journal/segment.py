"""
The files of the journal: `journal/00000001.jsonl` and so on, each starting with a line that says what it continues.

Space is written ahead with newlines, so that a sync need not make the file grow (half the time on most file systems) and
any text tool reads what is there. The header carries a hash of itself; what it `continues` ties it to the chain.
"""

import errno
import json
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import attrs

from router.journal.canonical import canonical
from router.journal.disk import Disk
from router.journal.record import Point

FILL = b"\n"
MIB = 1 << 20

MOST_OF_A_HEADER = 4096
"""Bytes that no header exceeds."""


@attrs.frozen
class Origin:
    """Who writes: the *node* by name, the *software* version, and the version of the time zone database it decides with."""

    node: str
    software: str
    tzdata: str


@attrs.frozen
class Header:
    """The first line of a segment; rows of older segments beyond *continues* are superseded."""

    segment: int
    at: str
    origin: Origin
    continues: Point

    def line(self) -> bytes:
        """Write it, with its newline."""
        fields: dict[str, Any] = {
            "v": 1,
            "segment": self.segment,
            "at": self.at,
            **attrs.asdict(self.origin),
            "continues": self.continues._asdict(),
        }
        return canonical({**fields, "hash": sha256(canonical(fields)).hexdigest()}) + b"\n"


def read_header(line: bytes) -> Header | None:
    """Read the first *line* of a segment (without its newline); None when a single byte of it is not as we wrote it."""
    try:
        fields = json.loads(line)
        header = Header(
            fields["segment"],
            fields["at"],
            Origin(fields["node"], fields["software"], fields["tzdata"]),
            Point(fields["continues"]["seq"], fields["continues"]["hash"]),
        )
    except (ValueError, KeyError, TypeError):
        return None
    return header if header.line() == line + b"\n" else None


def name_of(number: int) -> str:
    """Return the file name of segment *number*."""
    return f"{number:08d}.jsonl"


def numbers_in(folder: Path) -> list[int]:
    """Return the numbers of all segments in *folder*, oldest first."""
    return sorted(int(path.stem) for path in folder.glob("*.jsonl") if path.stem.isdecimal())


@attrs.define(eq=False)
class Tail:
    """
    The segment being written: *used* bytes hold rows, up to *allocated* it is filled with newlines.

    After any error it must not be used again: what the kernel has of it is no longer known.
    """

    number: int
    descriptor: int
    used: int
    allocated: int
    disk: Disk

    def put(self, data: bytes, *, step: int) -> int:
        """Write *data* behind the last row, sync it, and return its offset; grow by *step* when the space ahead is used up."""
        offset, end = self.used, self.used + len(data)
        ahead = step if end > self.allocated else 0
        write_all(self.disk, self.descriptor, data + FILL * ahead, offset)
        self.disk.sync(self.descriptor)
        self.used = end
        self.allocated = max(self.allocated, end + ahead)
        return offset


def create(folder: Path, header: Header, disk: Disk, *, step: int) -> Tail:
    """Make the segment *header* describes, *step* bytes long, safe on disk with its name before it is used."""
    return _begun(folder, header, disk, disk.create(folder / name_of(header.segment)), step=step)


def adopt(folder: Path, header: Header, disk: Disk, *, size: int) -> Tail:
    """Make it of a file that has its name already, *size* bytes long and full of newlines but for what is left of another header."""
    path = folder / name_of(header.segment)
    tail = _begun(folder, header, disk, disk.open(path), step=MOST_OF_A_HEADER)
    tail.allocated = max(size, tail.allocated)
    return tail


def _begun(folder: Path, header: Header, disk: Disk, descriptor: int, *, step: int) -> Tail:
    """Write the first line, and newlines behind it up to *step* bytes."""
    try:
        first = header.line()
        write_all(disk, descriptor, first + FILL * max(0, step - len(first)), 0)
        disk.sync(descriptor)
        disk.sync_folder(folder)
    except OSError:
        with suppress(OSError):
            disk.close(descriptor)
        with suppress(OSError):
            disk.remove(folder / name_of(header.segment))
        raise
    return Tail(header.segment, descriptor, len(first), max(step, len(first)), disk)


def write_all(disk: Disk, descriptor: int, data: bytes, offset: int) -> None:
    """Write all of *data* or raise; a short write means the disk is full, and the sync after it would prove nothing."""
    taken = disk.write(descriptor, data, offset)
    if taken != len(data):
        raise OSError(errno.EIO, f"only {taken} of {len(data)} bytes were written")
