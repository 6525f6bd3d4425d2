"""Patterns of numbers (`+1 508 555 01xx`, x for any digit), found by one look-up for each distinct shape."""

import re
from collections.abc import Callable, Iterable, Iterator
from operator import itemgetter

import attrs

_PUNCTUATION = str.maketrans(dict.fromkeys(" -./()\t\u00a0\u2007\u2009\u202f\u2010\u2011\u2012\u2013", ""))
_PATTERN = re.compile(r"\+[0-9][0-9x]{2,14}")
_FIXED_RUN = re.compile(r"[^x]+")

_Fixed = str | tuple[str, ...]
"""What the fixed places of a number say: one run of digits, or several."""

_Shape = tuple[Callable[[str], _Fixed], dict[_Fixed, list[int]]]
"""How to read the fixed places, and who wrote a pattern with these digits there."""


def pattern(text: str) -> str | None:
    """Return *text* as a bare pattern (`+15085550 1XX` is `+150855501xx`), or None when it is none."""
    if "x" not in text and "X" not in text:
        return None
    bare = text.translate(_PUNCTUATION).replace("X", "x")
    return bare if _PATTERN.fullmatch(bare) else None


@attrs.frozen(eq=False)
class Patterns:
    """
    Many patterns, each with the position of who wrote it.

    Patterns of one length with x in the same places share a shape; a number is looked up once in each shape of its length,
    by its digits at the fixed places. So the cost grows with the number of shapes, not of patterns.
    """

    _by_length: dict[int, list[_Shape]]

    @classmethod
    def of(cls, entries: Iterable[tuple[str, int]]) -> "Patterns":
        """Index *entries*: a bare pattern, and a position to be told when it fits."""
        shapes: dict[tuple[int, ...], _Shape] = {}
        by_length: dict[int, list[_Shape]] = {}
        for written, position in entries:
            runs = [found.span() for found in _FIXED_RUN.finditer(written)]
            places = (len(written), *(place for run in runs for place in run))
            if places not in shapes:
                shapes[places] = (itemgetter(*(slice(*run) for run in runs)), {})
                by_length.setdefault(len(written), []).append(shapes[places])
            read, table = shapes[places]
            table.setdefault(read(written), []).append(position)
        return cls(by_length)

    def fitting(self, number: str) -> Iterator[int]:
        """Yield the position of every pattern that *number* (`+` and digits) fits."""
        for read, table in self._by_length.get(len(number), ()):
            yield from table.get(read(number), ())
