"""How a file of tests is written: its tables of fields."""

from typing import Any, get_args

import attrs

from rules.cases.vocabulary import EXPECTATIONS
from rules.decode import TEXT, YES_NO, Field, Kind, Shape, choice, one_or_more, text, wrong_shape
from rules.event import Result
from rules.parse.business import ZONE
from rules.source import Mark, Problem, Report
from rules.spec import Word
from rules.yamltree import Mapping, Node, Scalar

RESULTS = one_or_more(choice(*get_args(Result)), "how each try ended: no-answer, busy, rejected, machine, answered")
_AFTER = Field("after", RESULTS, "how the tries before ended, one word for each try", default=())


def _read_caller(key: str, node: Node, report: Report) -> Word | None:
    if isinstance(node, Scalar) and (node.text or node.quoted):
        return Word(node.text, node.at)
    report(wrong_shape(key, CALLER.wants, node))
    return None


CALLER: Kind[Word] = Kind(
    "a number, a name or anonymous", _read_caller, fragment={"type": ["string", "number", "boolean"]}
)
_TO = Field(
    "to", text("a number's name, or the number"), "the business number, by its name or as a number", required=True
)
_FROM = Field("from", CALLER, "who calls or writes: a number, a sender's name, or anonymous", required=True)

CALL = Shape(
    "a call",
    (
        _TO,
        _FROM,
        Field("via", one_or_more(text("a number"), "numbers"), "the numbers it was forwarded from", default=()),
        Field("verified", YES_NO, "whether the carrier vouches for the caller's number"),
    ),
)
TEXT_MESSAGE = Shape("a text", (_TO, _FROM, Field("body", TEXT, "what is written", required=True)))
EXPECT = Shape("`expect`", (*(each.field() for each in EXPECTATIONS), _AFTER))


@attrs.define
class Told:
    """A `Report` that counts."""

    report: Report
    count: int = 0

    def __call__(self, problem: Problem) -> None:
        """Pass the problem on."""
        self.count += 1
        self.report(problem)


@attrs.frozen
class Written:
    """
    A mapping as read: the values by key, the *keys* that were written (also with values that could not be read).

    *flawed*: a mistake in it, or in something it holds, was told.
    """

    at: Mark
    values: dict[str, Any]
    keys: frozenset[str]
    flawed: bool

    def __getitem__(self, key: str) -> Any:
        """Return the value of *key*."""
        return self.values[key]


def _placed(shape: Shape) -> Kind[Written]:
    """Make a kind for a mapping that is told together with where it stands."""

    def read(key: str, node: Node, report: Report) -> Written | None:
        told = Told(report)
        values = shape.read(key, node, told)
        if values is None:
            return None
        assert isinstance(node, Mapping)
        return Written(node.at, values, frozenset(name.text for name, _ in node.entries), told.count > 0)

    return Kind(f"the keys of {shape.what}", read, fragment=shape.fragment())


TEST = Shape(
    "a test",
    (
        Field("name", TEXT, "what must hold, in a sentence", required=True),
        Field(
            "at",
            one_or_more(text("a moment"), "a moment such as 2026-11-28 23:10, or a list of them"),
            "when it happens, on the clock of `timezone:`, else of the number: 2026-11-28 23:10",
            required=True,
        ),
        Field("call", _placed(CALL), "a call comes in"),
        Field("text", _placed(TEXT_MESSAGE), "a text comes in"),
        Field("override", TEXT, "what is switched on by hand: open, closed or the name of a plan"),
        _AFTER,
        Field(
            "expect",
            one_or_more(_placed(EXPECT), "what is expected, or a list with one expectation for each moment"),
            "what must come of it; name only what matters",
            required=True,
        ),
    ),
)
FILE = Shape(
    "a file of tests",
    (
        Field("timezone", ZONE, "the zone of every `at`; else that of the number asked"),
        Field("tests", one_or_more(_placed(TEST), "a list of tests"), "the tests", required=True),
    ),
)
