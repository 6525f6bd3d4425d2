"""Syntax errors in words for somebody who has never heard of tokens."""

import pytest

from rules.source import Problem
from rules.yamltree import read_tree


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        pytest.param("a:\n\tb: 1", 2, 1, "a tab stands where spaces belong", id="a tab for indentation"),
        pytest.param("a: b\n\tc: d", 2, 1, "a tab stands where spaces belong", id="a tab after a value"),
        pytest.param("a: b: c", 1, 5, "a second `: ` in one line", id="two colons"),
        pytest.param("a\nb: c", 1, 1, "a colon is missing in this line", id="no colon"),
        pytest.param("a\n\n# why\nb: c", 1, 1, "a colon is missing in this line", id="no colon, a comment between"),
        pytest.param("x: 1\nkey value\ny: 2", 2, 1, "a colon is missing in this line", id="no colon among others"),
        pytest.param("a:b\nc: d", 1, 3, "a space is missing after the colon", id="no space"),
        pytest.param("x: 1\na:b\nc: d", 2, 3, "a space is missing after the colon", id="no space among others"),
        pytest.param("a: 1\n  b: 2", 2, 3, "this line is indented as if it belonged to the value above", id="deeper"),
        pytest.param("a:\n  b: 1\n c: 2", 3, 2, "this line does not fit in with the lines above", id="less deep"),
        pytest.param("a: 1\n- b", 2, 1, "this line does not fit in with the lines above", id="a list item"),
        pytest.param("- a\nb: c", 2, 1, "this line does not fit in with the lines above", id="a key in a list"),
        pytest.param('a: "b\nc: d', 1, 4, "the quote opened here is never closed", id="an open quote"),
        pytest.param('a: "b\n--- c', 1, 4, "the quote opened here is never closed", id="an open quote before a mark"),
        pytest.param("a: 'it's'", 1, 8, "text goes on after the closing quote", id="a quote in quotes"),
        pytest.param(
            "a: [1, 2\nb: 3", 1, 4, "the [ opened here is not closed, or a comma is missing behind it", id="an open ["
        ),
        pytest.param(
            "a: {x: 1\nb: 2", 1, 4, "the { opened here is not closed, or a comma is missing behind it", id="an open {"
        ),
        pytest.param("a: [\n", 1, 1, "a bracket opened here or before is not closed", id="an open [ at the end"),
        pytest.param("a: ]", 1, 4, "this ] closes nothing", id="a ] alone"),
        pytest.param("a: {b: c}}", 1, 10, "this } closes nothing", id="a } too many"),
        pytest.param("a: [,]", 1, 5, "nothing stands before this comma", id="a comma alone"),
        pytest.param("a: @x", 1, 4, "a text cannot begin with this sign", id="an @"),
        pytest.param("a: - b", 1, 4, "a list cannot begin in this place", id="a list behind a key"),
        pytest.param('a: "\\q"', 1, 5, "a backslash means something else in these quotes", id="a backslash"),
        pytest.param("a: & b", 1, 5, "& and * have a meaning of their own", id="an & alone"),
        pytest.param("a: >x\n b", 1, 5, "| and > have a meaning of their own", id="a > before a word"),
        pytest.param("a: !!\n", 1, 6, "! has a meaning of its own", id="exclamation marks"),
        pytest.param("a: !x!y z", 1, 4, "! has a meaning of its own", id="exclamation marks around a word"),
        pytest.param(
            "%YAML 3.0\n---\na: b",
            1,
            1,
            "this asks for a version of YAML that is not known here",
            id="YAML of the future",
        ),
        pytest.param(
            "--- {a: b}\n...\nx", 3, 1, "nothing may follow the end of the document", id="text behind the end"
        ),
        pytest.param('a: "\\xZZ"', 1, 7, "this cannot be read", id="anything else"),
    ],
)
def test_syntax_errors(text: str, line: int, column: int, message: str) -> None:
    """The place is where the mistake was made, not where the reader noticed."""
    problems: list[Problem] = []

    tree = read_tree("f.yaml", text.encode(), problems.append)

    assert tree is None
    (problem,) = problems
    assert (problem.at.line, problem.at.column, problem.message) == (line, column, message)
    assert problem.code == "syntax"
    assert problem.hint
