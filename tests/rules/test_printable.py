"""What a terminal would obey or hide is replaced, one character for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.source import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("Anna Müller ✓", "Anna Müller ✓", id="what can be read stays"),
        pytest.param("a\tb", "a b", id="a tab is a space"),
        pytest.param("\x1b[31mred", "?[31mred", id="an escape"),
        pytest.param("a\u202eb", "a?b", id="a mark that turns the reading direction"),
    ],
)
def test_what_is_shown(text: str, shown: str) -> None:
    """By example."""
    assert printable(text) == shown


@given(text=st.text())
def test_each_character_for_itself(text: str) -> None:
    """Whatever stands beside it."""
    assert printable(text) == "".join(map(printable, text))
    assert printable(text).isprintable()
    assert len(printable(text)) == len(text)
