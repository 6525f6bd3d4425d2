"""
The journal without somebody: which lines are theirs, and segments written anew with `private: null` in these.

A record's hash is over the hash of its private part, and a private part holds a random salt. So the chain holds without it, and
nobody can guess back what it said.
"""

import os
import re
from collections.abc import Collection, Iterator, Set
from pathlib import Path
from typing import Any

import attrs
import orjson

from router.erasure.traces import Traces
from router.journal.lines import Line, lines
from router.journal.record import Cut, cut
from router.journal.segment import FILL, name_of, numbers_in

Place = tuple[int, int]
"""A line: the number of its segment, and the byte it begins at. A seq may stand in two segments, after a failed write."""

_BESIDE = ".erasing"
_GONE = b"null"
_IDS = re.compile(rb'"id":"([0-9A-Z]{26})"')


@attrs.frozen
class Found:
    """
    What the journal has of somebody: the *lines* to be erased, the *calls* and texts they belong to by our ids.

    Some lines are only known by what stands in others: these are the *telling* ones, which have to go last. *rules* counts the copies of rule files among them, *damaged* the lines nobody can read that name the number.
    """

    lines: frozenset[Place]
    calls: frozenset[str]
    telling: frozenset[Place] = frozenset()
    rules: int = 0
    damaged: frozenset[Place] = frozenset()

    @property
    def told_of(self) -> "Found":
        """The lines that are known by others."""
        return Found(self.lines - self.telling, frozenset())

    def __bool__(self) -> bool:
        """Say whether there is anything."""
        return bool(self.lines or self.damaged)


def look_for_number(folder: Path, traces: Traces) -> Found:
    """
    Find everything about a number: each record in which it stands, and all that belongs to the same call or text.

    Where only its masked form stands, the record is taken as well: it may quote them to a teammate.
    """
    telling, calls, damaged, rules = set(), set(), set(), 0
    for place, line in _lines(folder):
        row = cut(line.text)
        if row is None and traces.named(line.text):
            damaged.add(place)
        elif row is not None and traces.named(row.private):
            telling.add(place)
            calls.add(_call(row))
            rules += row.kind == b"rules"
    known = frozenset(call for call in calls if call is not None)
    wanted = {place for place, row in _rows(folder) if _about(row, known) or traces.hinted(row.private)}
    return Found(frozenset(wanted), known, frozenset(telling), rules, frozenset(damaged))


def look_for_call(folder: Path, call: str) -> Found:
    """Find every record of one call or text, by our id."""
    calls = frozenset({call})
    wanted = frozenset(place for place, row in _rows(folder) if _about(row, calls))
    return Found(wanted, calls if wanted else frozenset())


def erase(folder: Path, found: Found, traces: Traces | None) -> None:
    """
    Write every segment anew that holds one of the lines of *found*; nobody else may write meanwhile.

    Each is replaced whole, once it is on disk: cut short, this can simply be done again. Raises `OSError`.
    """
    for leftover in folder.glob(f"*{_BESIDE}"):
        leftover.unlink()
    for number in sorted({segment for segment, _ in (*found.lines, *found.damaged)}):
        path = folder / name_of(number)
        gone = {offset for segment, offset in found.lines if segment == number}
        damaged = {offset for segment, offset in found.damaged if segment == number}
        beside = path.with_name(path.name + _BESIDE)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with open(descriptor, "wb") as file:
            file.writelines(_anew(path, gone, damaged, traces))
            file.flush()
            os.fsync(descriptor)
        beside.replace(path)
        _sync(folder)


def _anew(path: Path, gone: Collection[int], damaged: Collection[int], traces: Traces | None) -> Iterator[bytes]:
    """Yield a segment without what is *gone*; holes in it stay, the space written ahead is left out."""
    end = 0
    for line in lines(path):
        yield FILL * (line.offset - end)
        text = line.text
        if line.offset in gone and (row := cut(text)) is not None:
            text = without_private(row)
        elif line.offset in damaged and traces is not None:
            text = traces.struck(text)
        yield text + (b"\n" if line.ended else b"")
        end = line.end


def without_private(row: Cut) -> bytes:
    """Return the line of *row* with its private part erased."""
    return (
        b'{"v":1,"seq":%d,"at":"%b","kind":"%b","public":%b,"sealed":"%b","private":null,"prev":"%b","hash":"%b"}'
        % (row.seq, row.at, row.kind, row.public, row.sealed, row.prev, row.hash)
    )


def _rows(folder: Path) -> Iterator[tuple[Place, Cut]]:
    """Yield every line that is a record, also those a newer segment has superseded."""
    for place, line in _lines(folder):
        if row := cut(line.text):
            yield place, row


def _lines(folder: Path) -> Iterator[tuple[Place, Line]]:
    for number in numbers_in(folder):
        for line in lines(folder / name_of(number)):
            yield (number, line.offset), line


def _about(row: Cut, calls: Set[str]) -> bool:
    """Say whether a record hides something of one of *calls*; most are told apart without being parsed."""
    if row.private == _GONE or calls.isdisjoint(id_.decode() for id_ in _IDS.findall(row.public)):
        return False
    return _call(row) in calls


def _call(row: Cut) -> str | None:
    """Return the id of the call or text a record belongs to; what is switched by hand has ids of its own."""
    if row.kind in (b"override", b"rules"):
        return None
    try:
        public: dict[str, Any] = orjson.loads(row.public)
    except ValueError:
        return None
    call = public.get("id")
    return call if isinstance(call, str) else None


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
