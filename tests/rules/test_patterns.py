"""Patterns of numbers: what fits, and that their count does not matter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.patterns import Patterns, pattern


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("+1 508 555 01xx", "+150855501xx", id="x at the end"),
        pytest.param("+1 508 555 01XX", "+150855501xx", id="capital X"),
        pytest.param("+1 (508) xxx-0100", "+1508xxx0100", id="x in the middle, with punctuation"),
        pytest.param("+1 xxx 555 0100", "+1xxx5550100", id="any area code"),
        pytest.param("+x 508 555 0100", None, id="not any country"),
        pytest.param("+1 508 555 0100", None, id="a plain number"),
        pytest.param("508 555 01xx", None, id="without the country"),
        pytest.param("Maxx", None, id="a name with x"),
        pytest.param("+1 508 555 01xx 000000", None, id="longer than any number"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_what_is_a_pattern(text: str, expected: str | None) -> None:
    """A pattern is an international number with x for some digits."""
    assert pattern(text) == expected


WRITTEN = ("+150855501xx", "+1508xxx0100", "+1xxx555x1xx", "+44207946xxxx", "+150855501xx", "+1900xxxxxxx")


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        pytest.param("+15085550100", {0, 1, 2, 4}, id="fits several at once"),
        pytest.param("+15085550199", {0, 2, 4}, id="the last of the block"),
        pytest.param("+15085550200", set(), id="the first behind the block"),
        pytest.param("+442079460000", {3}, id="another length"),
        pytest.param("+4420794600000", set(), id="one digit too many"),
        pytest.param("+44207946000", set(), id="one digit too few"),
        pytest.param("", set(), id="nothing"),
    ],
)
def test_every_pattern_that_fits_is_told(number: str, expected: set[int]) -> None:
    """All who wrote a fitting pattern are told, also when two wrote the same."""
    patterns = Patterns.of((written, position) for position, written in enumerate(WRITTEN))

    assert set(patterns.fitting(number)) == expected


@given(st.lists(st.from_regex(r"\+1[0-2x]{4}", fullmatch=True).filter(lambda each: "x" in each)))
def test_it_agrees_with_looking_at_each_pattern(written: list[str]) -> None:
    """The index finds exactly what comparing digit by digit finds."""
    patterns = Patterns.of((each, position) for position, each in enumerate(written))

    for number in ("+10000", "+12121", "+11111", "+10212"):
        slow = [
            position
            for position, each in enumerate(written)
            if all(wanted in ("x", digit) for wanted, digit in zip(each, number, strict=True))
        ]
        assert sorted(patterns.fitting(number)) == slow
