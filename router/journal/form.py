"""
Records that are alike but for a few fields, written like forms: what is printed is encoded once, only the gaps each time.

Most of what the record of a call shows follows from the decision, and one decision holds for thousands of calls. What a form
writes is exactly what `canonical` writes of the same object; the tests hold the two against each other.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import attrs

from router.journal.canonical import canonical, canonical_each


@attrs.frozen
class Form:
    """
    An object with *printed* fields and *gaps*, by name; *text* is its JSON, `%b` in each gap, a doubled `%` where there is one.

    The fields stand in the order of their names, as canonical JSON wants it.
    """

    printed: Mapping[str, Any]
    text: bytes
    gaps: tuple[str, ...]

    @classmethod
    def of(cls, printed: Mapping[str, Any], gaps: Iterable[str]) -> "Form":
        """Print a form."""
        gaps = frozenset(gaps)
        names = sorted({*printed, *gaps})
        fields = [_printed(name) + b":" + (b"%b" if name in gaps else _printed(printed[name])) for name in names]
        return cls(printed, b"{%b}" % b",".join(fields), tuple(name for name in names if name in gaps))

    def filled(self, gaps: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
        """Return the object with its *gaps* filled in, and that as canonical JSON."""
        if len(gaps) != len(self.gaps):
            raise ValueError("a form is filled in wholly, and nothing is written beside it")
        return {**self.printed, **gaps}, self.text % canonical_each(list(map(gaps.__getitem__, self.gaps)))


def _printed(value: Any) -> bytes:
    return canonical(value).replace(b"%", b"%%")


class Forms(NamedTuple):
    """The forms of both parts of a record; the salt is one of the gaps of the private one."""

    public: Form
    private: Form
