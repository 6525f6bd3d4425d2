"""The lines of a segment with their places, skipping the space written ahead but noticing holes in it."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

CHUNK = 1 << 20
SECTOR = 512


class Line(NamedTuple):
    """
    One line that is not empty: its number as an editor counts it, its place in bytes, and its text without the newline.

    *torn_before*: empty space that begins or ends at a disk sector lies between it and the line before. That is what a write
    cut short by a power failure leaves behind; a person with an editor hardly can. *ended*: its newline is there.
    """

    number: int
    offset: int
    text: bytes
    torn_before: bool
    ended: bool

    @property
    def end(self) -> int:
        """Return the place behind it, newline included."""
        return self.offset + len(self.text) + self.ended


def lines(path: Path, offset: int = 0, number: int = 1) -> Iterator[Line]:
    """Go through the lines of *path* from *offset*, where line *number* starts; lines may be added meanwhile."""
    with path.open("rb") as file:
        file.seek(offset)
        torn = False
        while text := file.readline():
            if text != b"\n":
                yield Line(number, offset, text.removesuffix(b"\n"), torn, text.endswith(b"\n"))
                number, offset, torn = number + 1, offset + len(text), False
                continue
            skipped = 1 + _empty(file)
            torn = offset % SECTOR == 0 or (offset + skipped) % SECTOR == 0
            number, offset = number + skipped, offset + skipped
            file.seek(offset)


def _empty(file: BinaryIO) -> int:
    """Count the newlines from where *file* stands to the next other byte, or to the end."""
    count = 0
    while chunk := file.read(CHUNK):
        rest = chunk.lstrip(b"\n")
        count += len(chunk) - len(rest)
        if rest:
            break
    return count
