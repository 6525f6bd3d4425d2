"""What a test may expect: each key of `expect`, how it is written, what of the event it is compared with, and how."""

import re
from collections.abc import Callable

import attrs

from rules.cases.case import Value, Want
from rules.cases.seen import Seen
from rules.cases.wants import PEOPLE, ROUNDS, SECONDS, SOMEBODY, one_of, word
from rules.decode import Field, Kind

Fits = Callable[[Value, Value], bool]
"""Compares what is wanted with what was found."""


def same(want: Value, got: Value) -> bool:
    """Be it exactly."""
    return want == got


def same_people(want: Value, got: Value) -> bool:
    """Be the same people, in any order: they are reached at once."""
    return set(want or ()) == set(got or ())


def same_rounds(want: Value, got: Value) -> bool:
    """Be the same rounds in the same order; within a round the order has no meaning."""
    return [set(people) for people in _rounds(want)] == [set(people) for people in _rounds(got)]


def some_of(want: Value, got: Value) -> bool:
    """Hold at least one of them."""
    return not set(want or ()).isdisjoint(got or ())


def none_of(want: Value, got: Value) -> bool:
    """Hold none of them."""
    return set(want or ()).isdisjoint(got or ())


def like(want: Value, got: Value) -> bool:
    """Fit a text in which `*` stands for anything and `?` for one character; brackets are just brackets."""
    if not isinstance(want, str) or not isinstance(got, str):
        return want == got
    parts = {"*": ".*", "?": "."}
    pattern = "".join(parts.get(char) or re.escape(char) for char in want)
    return re.fullmatch(pattern, got, re.DOTALL) is not None


def _rounds(value: Value) -> list[tuple[str, ...]]:
    return [people for people in value or () if isinstance(people, tuple)]


@attrs.frozen
class Expectation:
    """
    One key of `expect`.

    *named* says whose names may stand there, None: anything. *words* stand before what is expected when it is told.
    """

    key: str
    kind: Kind[Want]
    about: str
    got: Callable[[Seen], Value]
    fits: Fits = same
    named: str | None = None
    words: str = ""

    def field(self) -> Field:
        """Return it as a key that is read."""
        return Field(self.key, self.kind, self.about)


def _people(key: str, about: str, got: Callable[[Seen], Value]) -> Expectation:
    return Expectation(key, PEOPLE, about, got, same_people, "person")


EXPECTATIONS = (
    Expectation("rule", word("a rule such as boston.calls.open"), "what decides", lambda seen: seen.rule, named="rule"),
    _people("rings", "who is rung first; after some tries: who is rung now", lambda seen: seen.rings),
    Expectation("tries", ROUNDS, "everybody who is rung, try by try", lambda seen: seen.tries, same_rounds, "person"),
    Expectation(
        "rings_any",
        SOMEBODY,
        "people of whom at least one is rung, in whichever try",
        lambda seen: tuple(sorted(seen.everybody)),
        some_of,
        "person",
        "some of ",
    ),
    Expectation(
        "not_rings",
        SOMEBODY,
        "people who are not rung in any try",
        lambda seen: tuple(sorted(seen.everybody)),
        none_of,
        "person",
        "none of ",
    ),
    Expectation("seconds", SECONDS, "how long each try rings", lambda seen: tuple(each for _, each in seen.rounds)),
    Expectation(
        "ends",
        one_of("voicemail", "reject", "hangup"),
        "how a call ends that nobody takes",
        lambda seen: seen.ends,
    ),
    Expectation(
        "rejects", one_of("busy", "declined", "unavailable"), "what a refused caller hears", lambda seen: seen.reason
    ),
    Expectation(
        "says",
        word("a text, * standing for anything"),
        "what the caller hears spoken, the greeting of the voicemail last; * stands for anything",
        lambda seen: seen.says,
        like,
    ),
    Expectation(
        "voicemail", word("a voicemail box"), "the box the call ends in", lambda seen: seen.voicemail, named="box"
    ),
    Expectation(
        "notifies",
        PEOPLE,
        "who is told of a message in that box, as written",
        lambda seen: seen.notifies,
        same_people,
        "target",
    ),
    _people("delivers", "the people a text reaches now", lambda seen: seen.delivers),
    _people("copies", "the people who see a text as well", lambda seen: seen.copies),
    Expectation(
        "via", word("a person or team"), "whom a text goes to, as written", lambda seen: seen.via, named="targets"
    ),
    Expectation(
        "holds", word("a person or team"), "whom a text waits for, as written", lambda seen: seen.holds, named="targets"
    ),
    Expectation(
        "replies",
        word("a text, * standing for anything"),
        "what is answered by itself; * stands for anything",
        lambda seen: seen.replies,
        like,
    ),
)
BY_KEY = {each.key: each for each in EXPECTATIONS}


def in_words(value: Value) -> str:
    """Tell what is expected, or was found."""
    if value is None or value == ():
        return "none"
    if isinstance(value, str):
        return value
    return ", ".join(f"[{', '.join(each)}]" if isinstance(each, tuple) else _seconds(each) for each in value)


def _seconds(value: str | int) -> str:
    return f"{value}s" if isinstance(value, int) else value
