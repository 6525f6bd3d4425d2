"""When something is true: sorted, disjoint, half-open UTC intervals, answered by one bisect."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator

import attrs


@attrs.frozen
class Window:
    """The stretch of time that is compiled, UTC epoch seconds, `[start, end)`."""

    start: int
    end: int


@attrs.frozen
class Timeline:
    """
    The moments something is true, within a window.

    *edges* are UTC epoch seconds in ascending order; at even positions it becomes true, at odd ones false.
    What is still true at the end of the window ends there: a change told at that very moment may be none.
    """

    edges: tuple[int, ...]

    @classmethod
    def of(cls, spans: Iterable[tuple[int, int]]) -> "Timeline":
        """Join any `[start, end)` pairs, in any order, overlapping or touching, into one timeline."""
        edges: list[int] = []
        for start, end in sorted(span for span in spans if span[0] < span[1]):
            if edges and start <= edges[-1]:
                edges[-1] = max(edges[-1], end)
            else:
                edges += (start, end)
        return cls(tuple(edges))

    def at(self, moment: int) -> bool:
        """Say whether it is true at *moment* (epoch seconds)."""
        return bisect_right(self.edges, moment) % 2 == 1

    def next_change(self, moment: int) -> int | None:
        """Return the first moment after *moment* at which the answer differs, or None within the window."""
        after = bisect_right(self.edges, moment)
        return self.edges[after] if after < len(self.edges) else None

    def around(self, moment: int) -> tuple[int | None, int | None]:
        """Return the latest change up to *moment* and the first one after it; None where the window shows none."""
        edges = self.edges
        after = bisect_right(edges, moment)
        return edges[after - 1] if after else None, edges[after] if after < len(edges) else None

    def next_start(self, moment: int) -> int | None:
        """Return the first moment after *moment* at which it becomes true, or None within the window."""
        after = bisect_right(self.edges, moment)
        after += after % 2
        return self.edges[after] if after < len(self.edges) else None

    def spans(self) -> Iterator[tuple[int, int]]:
        """Yield each `[start, end)`."""
        return zip(self.edges[::2], self.edges[1::2], strict=True)

    def within(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield the parts of each span that lie in `[start, end)`."""
        edges = self.edges
        at = bisect_right(edges, start)
        at -= at % 2
        while at < len(edges) and edges[at] < end:
            yield max(edges[at], start), min(edges[at + 1], end)
            at += 2

    def __or__(self, other: "Timeline") -> "Timeline":
        """Be true when either is."""
        return Timeline.of((*self.spans(), *other.spans()))

    def __and__(self, other: "Timeline") -> "Timeline":
        """Be true when both are."""
        few, many = (self, other) if len(self.edges) < len(other.edges) else (other, self)
        return few._cut(many.edges, inside=True)

    def __sub__(self, other: "Timeline") -> "Timeline":
        """Be true when this is and *other* is not."""
        if len(other.edges) < len(self.edges):
            return other.outside(Window(self.edges[0], self.edges[-1]))._cut(self.edges, inside=True)
        return self._cut(other.edges, inside=False)

    def _cut(self, edges: tuple[int, ...], *, inside: bool) -> "Timeline":
        """Return what of each span lies inside (or outside) the spans that *edges* mark; made for few spans and many edges."""
        found: list[int] = []
        mine = iter(self.edges)
        for start, end in zip(mine, mine, strict=True):
            first = bisect_right(edges, start)
            last = bisect_left(edges, end, first)
            if first % 2 == inside:
                found.append(start)
            if first < last:
                found += edges[first:last]
            if last % 2 == inside:
                found.append(end)
        return Timeline(tuple(found))

    def outside(self, window: Window) -> "Timeline":
        """Be true in *window* exactly where this is not."""
        return Timeline((window.start, window.end))._cut(self.edges, inside=False)
