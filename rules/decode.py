"""
Reading nodes into values by tables of fields: which keys there are, what each wants, and what it is for.

A `Kind` knows what a value must look like and says so in an administrator's words; a `Shape` is a table of fields.
Whatever is wrong is reported and left out, and the reading goes on.
"""

import re
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import attrs

from rules import fragments
from rules.fragments import Fragment
from rules.source import Mark, Problem, Report, closest, printable
from rules.spec import Seconds, Word
from rules.yamltree import Mapping, Node, Scalar, Sequence

T = TypeVar("T")
_new = tuple.__new__  # of all fields of a named tuple: half the time of calling the class
Read = Callable[[str, Node, Report], T | None]
"""Reads the value of a key; None when it could not, which has then been reported."""


@attrs.frozen
class Kind(Generic[T]):
    """
    What a value may be: *wants* in words, *choices* where only a few words fit, and how it is read.

    *fragment* is what it may look like to an editor, as a piece of JSON Schema.
    """

    wants: str
    read: Read[T]
    choices: tuple[str, ...] = ()
    fragment: Fragment = attrs.field(default=fragments.TEXT, eq=False, repr=False)


@attrs.frozen
class Field:
    """One key: what it wants and what it is *about*; *to* is the attribute it fills, where the key is no fit name."""

    key: str
    kind: Kind[Any]
    about: str
    required: bool = False
    default: Any = None
    to: str | None = None

    def fragment(self) -> Fragment:
        """Return it as a piece of JSON Schema, with its description and what holds when it is left out."""
        said: dict[str, Any] = {"description": self.about}
        if isinstance(self.default, str | int):
            said["default"] = self.default
        return {**said, **self.kind.fragment}


@attrs.frozen
class Shape:
    """A mapping with known keys; *what* names it in messages (`a person`)."""

    what: str
    fields: tuple[Field, ...]
    _readers: dict[str, tuple[str, Read[Any]]] = attrs.field(init=False, eq=False, repr=False)
    _defaults: dict[str, Any] = attrs.field(init=False, eq=False, repr=False)
    _required: tuple[Field, ...] = attrs.field(init=False, eq=False, repr=False)
    _needed: tuple[str, ...] = attrs.field(init=False, eq=False, repr=False)

    @_readers.default
    def _index(self) -> dict[str, tuple[str, Read[Any]]]:
        return {field.key: (field.to or field.key, field.kind.read) for field in self.fields}

    @_defaults.default
    def _prepare(self) -> dict[str, Any]:
        return {field.to or field.key: field.default for field in self.fields}

    @_required.default
    def _select(self) -> tuple[Field, ...]:
        return tuple(field for field in self.fields if field.required)

    @_needed.default
    def _name(self) -> tuple[str, ...]:
        return tuple(field.to or field.key for field in self._required)

    def fragment(self) -> Fragment:
        """Return it as a piece of JSON Schema: these keys and no others."""
        return {
            "type": "object",
            "properties": {field.key: field.fragment() for field in self.fields},
            "required": [field.key for field in self._required],
            "additionalProperties": False,
        }

    def read(self, key: str, node: Node, report: Report, *, others: bool = False) -> dict[str, Any] | None:
        """
        Return the values by attribute, defaults filled in; None when *node* is no mapping or a required key is amiss.

        With *others* keys that are not in the table are left to somebody else.
        """
        if not isinstance(node, Mapping):
            report(wrong_shape(key, f"the keys of {self.what}", node, f"such as {self._sample()}"))
            return None
        values = self._defaults.copy()
        misspelled: list[str | None] = []
        readers = self._readers
        for name, value in node.entries:
            known = readers.get(name.text)
            if known is not None:
                found = known[1](name.text, value, report)
                if found is not None:
                    values[known[0]] = found
            elif not others:
                keys = [each.key for each in self.fields]
                misspelled.append(closest(name.text, keys))
                report(unknown_key(name, self.what, keys))
        for attribute in self._needed:
            if values[attribute] is None:
                self._report_missing(node, values, misspelled, report)
                return None
        return values

    def _report_missing(
        self, node: Mapping, values: dict[str, Any], misspelled: list[str | None], report: Report
    ) -> None:
        for field in self._required:
            if values[field.to or field.key] is None and node.get(field.key) is None and field.key not in misspelled:
                message = f"{self.what} needs `{field.key}`"
                report(Problem("missing-key", message, node.at, f"`{field.key}`: {field.about}"))

    def _sample(self) -> str:
        shown = self._required or self.fields[:1]
        return ", ".join(f"`{field.key}: …`" for field in shown)


# ---------------------------------------------------------------- what is wrong, in words


def described(node: Node) -> str:
    """Say what stands there, for a sentence that goes "here stands …"."""
    if isinstance(node, Sequence):
        return "a list" if node.items else "an empty list"
    if isinstance(node, Mapping):
        return "a mapping (`key: value`)"
    return quote(node.text) if node.text or node.quoted else "nothing"


def quote(text: str) -> str:
    """Quote what somebody wrote, cut short and without anything a terminal would obey."""
    return f"'{printable(text if len(text) <= 40 else text[:39] + '…')}'"


def wrong_shape(key: str, wants: str, node: Node, hint: str | None = None) -> Problem:
    """Say that *key* wants something of another shape."""
    return Problem("wrong-shape", f"`{key}` wants {wants}, here stands {described(node)}", node.at, hint)


def unknown_key(name: Scalar, what: str, known: list[str]) -> Problem:
    """Say that *what* has no such key, and which one may be meant."""
    meant = closest(name.text, known)
    hint = f"did you mean `{meant}`?" if meant else f"there are: {', '.join(known)}"
    return Problem("unknown-key", f"{what} has no key {quote(name.text)}", name.at, hint)


def bad_value(key: str, node: Node, wants: str, hint: str | None = None) -> Problem:
    """Say that the value of *key* is none of those it may have."""
    return Problem("bad-value", f"`{key}` wants {wants}, here stands {described(node)}", node.at, hint)


# ---------------------------------------------------------------- kinds


def text(wants: str = "one text", pattern: str | None = None) -> Kind[Word]:
    """
    Make a kind for any text; where the text names something, *wants* says what.

    *pattern* tells editors more about it; a later check says in words what is wrong.
    """

    def read(key: str, node: Node, report: Report) -> Word | None:
        if isinstance(node, Scalar) and node.text:  # the most frequent of all values
            at = _new(Mark, (node.file, node.line, node.column, node.width))
            return _new(Word, (node.text, at))
        report(wrong_shape(key, wants, node))
        return None

    return Kind(wants, read, fragment=fragments.text(pattern))


def choice(*words: str) -> Kind[str]:
    """Make a kind for one of *words*."""
    wants = f"one of {', '.join(words)}" if len(words) > 1 else f"`{words[0]}`"

    def read(key: str, node: Node, report: Report) -> str | None:
        if isinstance(node, Scalar) and node.text in words:
            return node.text
        meant = closest(node.text, list(words)) if isinstance(node, Scalar) else None
        report(bad_value(key, node, wants, f"did you mean '{meant}'?" if meant else None))
        return None

    return Kind(wants, read, words, fragments.choice(words))


def word_choice(*words: str) -> Kind[Word]:
    """Make a kind for one of *words*, its place kept."""
    plain = choice(*words)

    def read(key: str, node: Node, report: Report) -> Word | None:
        said = plain.read(key, node, report)
        return None if said is None else Word(said, node.at)

    return Kind(plain.wants, read, words, plain.fragment)


def one_or_more(kind: Kind[T], wants: str) -> Kind[tuple[T, ...]]:
    """Make a kind for a single value or a list of them."""

    def read(key: str, node: Node, report: Report) -> tuple[T, ...] | None:
        if not isinstance(node, Sequence):
            single = kind.read(key, node, report)
            return None if single is None else (single,)
        if not node.items:
            report(wrong_shape(key, wants, node))
            return None
        found = [kind.read(key, item, report) for item in node.items]
        return tuple([each for each in found if each is not None])

    return Kind(wants, read, kind.choices, fragments.one_or_more(kind.fragment))


def shaped(shape: Shape, build: Callable[[Mark, dict[str, Any]], T]) -> Kind[T]:
    """Make a kind for a mapping of *shape*, from whose values *build* makes the spec."""

    def read(key: str, node: Node, report: Report) -> T | None:
        values = shape.read(key, node, report)
        return None if values is None else build(node.at, values)

    return Kind(f"the keys of {shape.what}", read, fragment=shape.fragment())


_YES_NO = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}


def _read_yes_no(key: str, node: Node, report: Report) -> bool | None:
    said = _YES_NO.get(node.text.lower()) if isinstance(node, Scalar) else None
    if said is None:
        report(bad_value(key, node, "yes or no"))
    return said


_DURATION = re.compile(r"([0-9]{1,6})([smh])")
_UNITS = {"s": 1, "m": 60, "h": 3600}


def _read_duration(key: str, node: Node, report: Report) -> Seconds | None:
    match = _DURATION.fullmatch(node.text) if isinstance(node, Scalar) else None
    seconds = int(match[1]) * _UNITS[match[2]] if match else 0
    if seconds:
        return Seconds(seconds, node.at)
    hint = "a whole number and s, m or h; a day is 24h"
    if isinstance(node, Scalar) and node.text.isascii() and node.text.isdigit() and int(node.text[:6]):
        hint = f"write {node.text[:6]}s for seconds, {node.text[:6]}m for minutes"
    report(bad_value(key, node, DURATION.wants, hint))
    return None


def whole_number(lowest: int, highest: int) -> Kind[int]:
    """Make a kind for a whole number within bounds, both included."""
    wants = f"a whole number from {lowest} to {highest}"

    def read(key: str, node: Node, report: Report) -> int | None:
        if isinstance(node, Scalar) and re.fullmatch("[0-9]{1,9}", node.text) and lowest <= int(node.text) <= highest:
            return int(node.text)
        report(bad_value(key, node, wants))
        return None

    return Kind(wants, read, fragment=fragments.whole_number(lowest, highest))


TEXT = text()
YES_NO = Kind("yes or no", _read_yes_no, tuple(_YES_NO), fragments.YES_NO)
DURATION = Kind("a duration such as 20s, 2m or 72h", _read_duration, fragment=fragments.text(fragments.DURATION))
NAME = text("one name")
NAMES = one_or_more(NAME, "one name or a list of names")
