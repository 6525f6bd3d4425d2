"""What came out: one line for each figure, with its target and whether it was reached."""

import json
from collections.abc import Sequence

import attrs


@attrs.frozen
class Line:
    """
    One figure.

    *value* and *target* are told with *unit*; *good* says whether the target was reached (None: the line only informs),
    *note* what else should be known.
    """

    part: str
    what: str
    value: float | str
    unit: str = ""
    target: str = ""
    good: bool | None = None
    note: str = ""

    @property
    def verdict(self) -> str:
        """Say in a word or three how it went."""
        return {True: "PASS", False: "short of target", None: ""}[self.good]


def number(value: float | str) -> str:
    """Write a figure as people read it: three significant digits, thousands apart."""
    if isinstance(value, str):
        return value
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.3g}" if abs(value) < 10 else f"{value:.1f}"


def rendered(lines: Sequence[Line]) -> str:
    """Align *lines* in columns, the parts headed by their names."""
    rows = [(line.what, number(line.value), line.unit, line.target, line.verdict, line.note) for line in lines]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(5)]
    shown = []
    part = ""
    for line, row in zip(lines, rows, strict=True):
        if line.part != part:
            part = line.part
            shown += ["", part]
        what, value, *rest = row
        cells = [what.ljust(widths[0]), value.rjust(widths[1])]
        cells += [cell.ljust(width) for cell, width in zip(rest, widths[2:], strict=False)]
        shown.append(f"  {'  '.join([*cells, row[5]])}".rstrip())
    return "\n".join(shown)


def as_json(machine: str, lines: Sequence[Line]) -> str:
    """Render for programs."""
    figures = [attrs.asdict(line) for line in lines]
    return json.dumps({"schema": "bench/1", "machine": machine, "lines": figures}, indent=2)


def table(part: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Align a small table of its own: the first column to the left, the others to the right."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    lines = [
        "  ".join(
            cell.rjust(width) if at else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in (head, *rows)
    ]
    return "\n".join([part, *(f"  {line}".rstrip() for line in lines)])
