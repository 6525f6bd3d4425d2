"""
Records that are alike but for a few fields, written like forms: what is printed is encoded once, only the gaps each time.

Most of what the record of a call shows follows from the decision, and one decision holds for thousands of calls. What a form
writes is exactly what `canonical` writes of the same object; the tests hold the two against each other.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import attrs

from router.journal.canonical import canonical


@attrs.frozen
class Form:
    """
    An object with *printed* fields and *gaps*, each a name with its place among *pieces*, the text between the gaps.

    The fields stand in the order of their names, as canonical JSON wants it.
    """

    printed: Mapping[str, Any]
    pieces: tuple[bytes, ...]
    gaps: tuple[tuple[str, int], ...]

    @classmethod
    def of(cls, printed: Mapping[str, Any], gaps: Iterable[str]) -> "Form":
        """Print a form."""
        pieces: list[bytes] = []
        places: list[tuple[str, int]] = []
        begun = b"{"
        for name in sorted({*printed, *gaps}):
            begun += canonical(name) + b":"
            if name in printed:
                begun += canonical(printed[name])
            else:
                places.append((name, len(pieces) + 1))
                pieces += [begun, b""]
                begun = b""
            begun += b","
        pieces.append((begun.removesuffix(b",") if pieces or printed else begun) + b"}")
        return cls(printed, tuple(pieces), tuple(places))

    def filled(self, gaps: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
        """Return the object with its *gaps* filled in, and that as canonical JSON."""
        if len(gaps) != len(self.gaps):
            raise ValueError("a form is filled in wholly, and nothing is written beside it")
        pieces = list(self.pieces)
        for name, place in self.gaps:
            pieces[place] = canonical(gaps[name])
        return {**self.printed, **gaps}, b"".join(pieces)


class Forms(NamedTuple):
    """The forms of both parts of a record; the salt is one of the gaps of the private one."""

    public: Form
    private: Form
