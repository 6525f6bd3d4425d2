"""A YAML text as nodes that know their place. All scalars stay text: `10:00` is never 600, `no` never False."""

import attrs

from rules.source import Mark


# Not frozen: a large file makes half a million of these, and plain attributes are set three times as fast.
@attrs.define(eq=False)
class Scalar:
    """One value as written; *quoted* tells `"no"` from `no`."""

    text: str
    quoted: bool
    file: str
    line: int
    column: int
    width: int

    @property
    def at(self) -> Mark:
        """Where it stands."""
        return Mark(self.file, self.line, self.column, self.width)


@attrs.define(eq=False)
class Sequence:
    """A list, as written."""

    items: "list[Node]"
    file: str
    line: int
    column: int

    @property
    def at(self) -> Mark:
        """Where it begins."""
        return Mark(self.file, self.line, self.column)


@attrs.define(eq=False)
class Mapping:
    """Keys with their values in the order written; no key stands twice (the reader reports and drops the second)."""

    entries: "list[tuple[Scalar, Node]]"
    file: str
    line: int
    column: int

    @property
    def at(self) -> Mark:
        """Where it begins."""
        return Mark(self.file, self.line, self.column)

    def get(self, key: str) -> "Node | None":
        """Return the value of *key*, or None."""
        return next((value for name, value in self.entries if name.text == key), None)


Node = Scalar | Sequence | Mapping
