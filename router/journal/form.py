"""
Records that are alike but for a few fields, written like forms: what is printed is encoded once, only the gaps each time.

Most of what the record of a call shows follows from the decision, and one decision holds for thousands of calls. What a form
writes is exactly what `canonical` writes of the same object; the tests hold the two against each other.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import attrs

from router.encoder import quoted
from router.journal.canonical import encoded

_TRUTH = {True: "true", False: "false"}


@attrs.frozen
class Form:
    """
    An object with *printed* fields and *gaps*, each a name with its place among *pieces*, the text between the gaps.

    The fields stand in the order of their names, as canonical JSON wants it.
    """

    printed: Mapping[str, Any]
    pieces: tuple[str, ...]
    gaps: tuple[tuple[str, int], ...]

    @classmethod
    def of(cls, printed: Mapping[str, Any], gaps: Iterable[str]) -> "Form":
        """Print a form."""
        pieces: list[str] = []
        places: list[tuple[str, int]] = []
        begun = "{"
        for name in sorted({*printed, *gaps}):
            begun += f"{encoded(name)}:"
            if name in printed:
                begun += encoded(printed[name])
            else:
                places.append((name, len(pieces) + 1))
                pieces += [begun, ""]
                begun = ""
            begun += ","
        pieces.append((begun.removesuffix(",") if pieces or printed else begun) + "}")
        return cls(printed, tuple(pieces), tuple(places))

    def filled(self, gaps: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
        """Return the object with its *gaps* filled in, and that as canonical JSON."""
        if len(gaps) != len(self.gaps):
            raise ValueError("a form is filled in wholly, and nothing is written beside it")
        pieces = list(self.pieces)
        for name, place in self.gaps:
            value = gaps[name]
            pieces[place] = quoted(value) if type(value) is str else _written(value)
        return {**self.printed, **gaps}, "".join(pieces).encode("utf-8", "replace")


def _written(value: object) -> str:
    """Write what is no text; the encoder takes longer to begin than most of it to write."""
    if value is None:
        return "null"
    if type(value) is int:
        return str(value)
    if value == []:
        return "[]"
    return _TRUTH[value] if type(value) is bool else encoded(value)


class Forms(NamedTuple):
    """The forms of both parts of a record; the salt is one of the gaps of the private one."""

    public: Form
    private: Form
