"""Nodes into values by tables of fields, and what is said when they do not fit."""

from typing import Any

import pytest

from rules.decode import (
    DURATION,
    NAMES,
    TEXT,
    YES_NO,
    Field,
    Kind,
    Shape,
    choice,
    described,
    one_or_more,
    quote,
    shaped,
    whole_number,
    word_choice,
)
from rules.source import Problem
from rules.yamltree import Node, Scalar, read_tree


def node(text: str) -> Node:
    """Return the node of a value."""
    tree = read_tree("f.yaml", f"key: {text}".encode(), lambda problem: pytest.fail(problem.message))
    assert tree
    return tree.entries[0][1]


def read(kind: Kind[Any], text: str) -> tuple[object, list[Problem]]:
    """Read a value of *kind*."""
    problems: list[Problem] = []
    return kind.read("key", node(text), problems.append), problems


SIZE = Shape("a box", (Field("wide", whole_number(1, 9), "how wide", required=True), Field("lid", YES_NO, "has a lid")))
BOX = shaped(SIZE, lambda at, values: (at.line, values["wide"], values["lid"]))


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        *((YES_NO, word, True) for word in ("yes", "true", "on", "Yes", "TRUE")),
        *((YES_NO, word, False) for word in ("no", "false", "off", "No")),
        (choice("a", "b"), "b", "b"),
        (whole_number(1, 9), "9", 9),
        (whole_number(0, 9), "0", 0),
        (BOX, "{wide: 3}", (1, 3, None)),
        (BOX, "{lid: no, wide: 3}", (1, 3, False)),
        (one_or_more(whole_number(1, 9), "numbers"), "[1, 2]", (1, 2)),
        (one_or_more(whole_number(1, 9), "numbers"), "3", (3,)),
    ],
)
def test_values(kind: Kind[Any], text: str, expected: object) -> None:
    """What fits is read."""
    assert read(kind, text) == (expected, [])


@pytest.mark.parametrize(
    ("text", "seconds"), [("20s", 20), ("2m", 120), ("72h", 259_200), ("1s", 1), ("999999s", 999_999)]
)
def test_durations(text: str, seconds: int) -> None:
    """A duration is a whole number and a unit."""
    found, problems = read(DURATION, text)

    assert problems == []
    assert found == (seconds, node(text).at)


def test_words_keep_their_place() -> None:
    """Texts and names know where they stand."""
    assert read(TEXT, "anna")[0] == ("anna", node("anna").at)
    assert read(word_choice("a"), "a")[0] == ("a", node("a").at)


@pytest.mark.parametrize(
    ("kind", "text", "message", "hint"),
    [
        (TEXT, "[a]", "`key` wants one text, here stands a list", None),
        (TEXT, "{a: b}", "`key` wants one text, here stands a mapping (`key: value`)", None),
        (TEXT, "", "`key` wants one text, here stands nothing", None),
        (TEXT, '""', "`key` wants one text, here stands ''", None),
        (NAMES, "[]", "`key` wants one name or a list of names, here stands an empty list", None),
        (NAMES, "{a: b}", "`key` wants one name, here stands a mapping (`key: value`)", None),
        (YES_NO, "maybe", "`key` wants yes or no, here stands 'maybe'", None),
        (YES_NO, "[yes]", "`key` wants yes or no, here stands a list", None),
        (
            choice("busy", "declined"),
            "bussy",
            "`key` wants one of busy, declined, here stands 'bussy'",
            "did you mean 'busy'?",
        ),
        (choice("busy", "declined"), "x", "`key` wants one of busy, declined, here stands 'x'", None),
        (choice("only"), "[x]", "`key` wants `only`, here stands a list", None),
        (word_choice("a", "b"), "c", "`key` wants one of a, b, here stands 'c'", None),
        (whole_number(1, 9), "10", "`key` wants a whole number from 1 to 9, here stands '10'", None),
        (whole_number(1, 9), "1.5", "`key` wants a whole number from 1 to 9, here stands '1.5'", None),
        (whole_number(1, 9), "[1]", "`key` wants a whole number from 1 to 9, here stands a list", None),
        (
            DURATION,
            "15",
            "`key` wants a duration such as 20s, 2m or 72h, here stands '15'",
            "write 15s for seconds, 15m for minutes",
        ),
        (
            DURATION,
            "0s",
            "`key` wants a duration such as 20s, 2m or 72h, here stands '0s'",
            "a whole number and s, m or h; a day is 24h",
        ),
        (
            DURATION,
            "{a: b}",
            "`key` wants a duration such as 20s, 2m or 72h, here stands a mapping (`key: value`)",
            "a whole number and s, m or h; a day is 24h",
        ),
        (BOX, "{}", "a box needs `wide`", "`wide`: how wide"),
        (BOX, "3", "`key` wants the keys of a box, here stands '3'", "such as `wide: …`"),
        (BOX, "{wide: 3, lit: no}", "a box has no key 'lit'", "did you mean `lid`?"),
        (BOX, "{wide: 3, colour: red}", "a box has no key 'colour'", "there are: wide, lid"),
        (BOX, "{wode: 3}", "a box has no key 'wode'", "did you mean `wide`?"),
        (BOX, "{wide: much}", "`wide` wants a whole number from 1 to 9, here stands 'much'", None),
    ],
)
def test_what_does_not_fit(kind: Kind[Any], text: str, message: str, hint: str | None) -> None:
    """One mistake is told once, in words for an office."""
    _, problems = read(kind, text)

    assert [(problem.message, problem.hint) for problem in problems] == [(message, hint)]


def test_reading_goes_on() -> None:
    """What is wrong is left out, what is right is kept."""
    found, problems = read(one_or_more(whole_number(1, 9), "numbers"), "[1, x, 3, y]")

    assert found == (1, 3)
    assert len(problems) == 2


def test_keys_for_somebody_else() -> None:
    """Keys that are not in the table may be left to another reader."""
    problems: list[Problem] = []

    values = SIZE.read("key", node("{wide: 3, mon: 9}"), problems.append, others=True)

    assert (values, problems) == ({"wide": 3, "lid": None}, [])


def test_a_shape_without_required_keys_shows_its_first() -> None:
    """The hint names a key even when none is required."""
    problems: list[Problem] = []

    Shape("a box", (Field("lid", YES_NO, "has a lid"),)).read("key", node("x"), problems.append)

    assert problems[0].hint == "such as `lid: …`"


def test_quoting() -> None:
    """What is quoted is cut short and harmless on a terminal."""
    assert quote("a\x1b[2Jb") == "'a?[2Jb'"
    assert len(quote("x" * 1000)) == 42
    assert described(Scalar("", True, "f", 1, 1, 2)) == "''"
