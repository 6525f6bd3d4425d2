"""
Where the chain ends when the daemon starts, and what became of the last write before it stopped.

The newest segment is checked row by row (the whole chain is `audit verify`'s business). What is bad behind its last good row
is a torn tail: a batch that was never answered, or nothing that can be told from one. It stays where it is, and the chain goes
on in a new segment, from the last good row. A bad row with good rows behind it is corruption: it is named and passed over.
"""

from pathlib import Path
from typing import NamedTuple

import attrs

from router.journal.files import segments
from router.journal.lines import Line
from router.journal.record import START, Point
from router.journal.segment import Header, numbers_in
from router.journal.walk import Flaw, Step, Walk

BATCH = 1 << 20
"""Bytes: a write cut short cannot reach further back than one batch (`Limits.batch`)."""


@attrs.frozen
class Recovery:
    """
    The *head* of the chain, the *number* of the newest file, its *header*, and what was wrong: *torn* and *corrupt*.

    *at* is when the head was written (ISO, empty for an empty journal). The next row goes to byte *used* of that file, of which *allocated* are there; *used* None: a new segment must be started.
    """

    head: Point
    number: int
    at: str = ""
    header: Header | None = None
    used: int | None = None
    allocated: int = 0
    torn: Flaw | None = None
    corrupt: tuple[Flaw, ...] = ()


def recover(folder: Path) -> Recovery:
    """Find the end of the chain in *folder*."""
    newest, found = max(numbers_in(folder), default=0), segments(folder)
    if not found:
        return Recovery(START, newest)
    segment = found[-1]
    seen = [_Seen.of(step) for step in Walk(segment.continues).along(segment)]
    kept = _without_torn(seen)
    torn = next((step.flaw for step in seen[len(kept) :] if step.flaw), None)
    good = next((step for step in reversed(kept) if step.point), None)
    clean = torn is None and segment.number == newest and segment.header is not None and (good is None or good.ended)
    first = len(segment.header.line()) if segment.header else 0
    return Recovery(
        head=good.point if good and good.point else segment.continues,
        number=newest,
        at=good.at if good else segment.header.at if segment.header else "",
        header=segment.header,
        used=(good.end if good else first) if clean else None,
        allocated=segment.path.stat().st_size,
        torn=torn,
        corrupt=tuple(step.flaw for step in kept if step.flaw),
    )


class _Seen(NamedTuple):
    """What is kept of a step: not its text, a segment may have a hundred thousand."""

    point: Point | None
    at: str
    flaw: Flaw | None
    offset: int
    end: int
    hole: bool
    ended: bool

    @classmethod
    def of(cls, step: Step) -> "_Seen":
        line = step.line
        point = Point(step.row.seq, step.row.hash.decode()) if step.row else None
        at = step.row.at.decode() if step.row else ""
        return cls(point, at, step.flaw, line.offset, line.end, _hole(line), line.ended)


def _hole(line: Line) -> bool:
    """Say whether parts of a write are missing before *line* or in it: untouched newlines, or a block that never arrived."""
    return line.torn_before or b"\0" in line.text


def _without_torn(seen: list[_Seen]) -> list[_Seen]:
    """
    Leave out the batch that was being written when the power went.

    Its blocks may have reached the disk in any order, so that good rows of it may stand behind a hole. None was answered.
    """
    kept = seen
    for place, step in enumerate(seen):
        if not step.hole or seen[-1].end - step.offset > BATCH:
            continue
        before = seen[place - 1] if place else None
        if before and before.point is None:
            kept = seen[: place - 1]
        elif step.flaw:
            kept = seen[:place]
        else:
            continue
        break
    while kept and kept[-1].point is None:
        kept = kept[:-1]
    return kept
