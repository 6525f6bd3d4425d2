"""Timelines as sets of moments."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.timeline import Timeline, Window

WINDOW = Window(0, 60)
PAIRS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=8)
OPEN = Timeline((10, 20, 30, 40))


def moments(timeline: Timeline) -> set[int]:
    """Every moment of the window at which it is true, one by one."""
    return {moment for moment in range(WINDOW.start, WINDOW.end) if timeline.at(moment)}


def spelt(pairs: list[tuple[int, int]]) -> set[int]:
    """The same moments from the pairs themselves."""
    return {moment for start, end in pairs for moment in range(start, end) if moment < WINDOW.end}


@pytest.mark.parametrize(
    ("moment", "holds"),
    [
        pytest.param(9, False, id="the moment before it starts"),
        pytest.param(10, True, id="the start belongs to it"),
        pytest.param(19, True, id="the last moment"),
        pytest.param(20, False, id="the end does not belong to it"),
    ],
)
def test_a_span_holds_its_start_and_not_its_end(moment: int, holds: bool) -> None:
    """Spans are half open."""
    assert OPEN.at(moment) is holds


@pytest.mark.parametrize(
    ("moment", "change", "start"),
    [
        pytest.param(0, 10, 10, id="before the first"),
        pytest.param(10, 20, 30, id="a start is not its own next start"),
        pytest.param(19, 20, 30, id="within"),
        pytest.param(20, 30, 30, id="an end is not its own next change"),
        pytest.param(35, 40, None, id="the last end is a change, no start follows"),
        pytest.param(40, None, None, id="nothing follows"),
    ],
)
def test_what_comes_next(moment: int, change: int | None, start: int | None) -> None:
    """The next change and the next start lie strictly after the moment asked for."""
    assert (OPEN.next_change(moment), OPEN.next_start(moment)) == (change, start)


@pytest.mark.parametrize(("moment", "change"), [(9, None), (10, 10), (19, 10), (20, 20), (99, 40)])
def test_what_came_last(moment: int, change: int | None) -> None:
    """The last change may be this very moment."""
    assert OPEN.around(moment) == (change, OPEN.next_change(moment))


@given(PAIRS)
def test_any_pairs_become_the_same_moments(pairs: list[tuple[int, int]]) -> None:
    """Order, overlaps, touching and empty pairs do not matter; the result is sorted and disjoint."""
    timeline = Timeline.of(pairs)

    assert moments(timeline) == spelt(pairs)
    assert list(timeline.edges) == sorted(set(timeline.edges))


@given(PAIRS, PAIRS)
def test_set_operations_are_those_of_their_moments(one: list[tuple[int, int]], other: list[tuple[int, int]]) -> None:
    """Union, intersection, difference and complement mean what they mean for sets, and leave no empty or touching spans."""
    mine, theirs = Timeline.of(one), Timeline.of(other)

    assert moments(mine | theirs) == spelt(one) | spelt(other)
    assert moments(mine & theirs) == spelt(one) & spelt(other)
    assert moments(mine - theirs) == spelt(one) - spelt(other)
    assert moments(mine.outside(WINDOW)) == set(range(60)) - spelt(one)
    for made in (mine & theirs, mine - theirs, mine.outside(WINDOW)):
        assert made == Timeline.of(made.spans())


@given(PAIRS, st.integers(0, 60), st.integers(0, 60))
def test_a_part_holds_the_moments_of_that_part(pairs: list[tuple[int, int]], start: int, end: int) -> None:
    """`within` cuts at both ends."""
    part = Timeline(tuple(edge for span in Timeline.of(pairs).within(start, end) for edge in span))

    assert moments(part) == {moment for moment in spelt(pairs) if start <= moment < end}
