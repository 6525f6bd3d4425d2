"""Sections of named entries: which names may be given, and that each is given once."""

import re
from collections.abc import Callable
from typing import TypeVar

from rules.decode import described, quote, wrong_shape
from rules.source import Mark, Problem, Report
from rules.yamltree import Mapping, Node, Scalar

T = TypeVar("T")
Entry = Callable[[Scalar, Node, Report], T | None]
"""Reads one entry of a section: its name, and what is said about it."""

_NAME = re.compile(r"[^\W_](?:[\w '-]*\w)?")
LONGEST = 60

# What already means something where a name of this section is used.
_TAKEN = {
    "schedules": {"open", "closed"},
    "plans": {"open", "closed"},
    "callers": {
        *("anonymous", "short-code", "named-sender", "number", "unrecognised", "own-number", "teammate"),
    },
}


def taken(section: str) -> frozenset[str]:
    """Return the words that are no names in *section*, because they already mean something there."""
    return frozenset(_TAKEN.get(section, ()))


def is_name(section: str, text: str) -> bool:
    """Say whether *text* can be a name in *section*."""
    return text not in _TAKEN.get(section, ()) and len(text) <= LONGEST and _NAME.fullmatch(text) is not None


def check_name(section: str, name: Scalar, report: Report) -> bool:
    """Report a name that cannot be one, and say whether it is fine."""
    if is_name(section, name.text):
        return True
    if name.text in _TAKEN.get(section, ()):
        message = f"{quote(name.text)} has a meaning of its own here"
        report(Problem("bad-name", message, name.at, "choose another name"))
        return False
    hint = f"letters, digits, spaces, - and _ , at most {LONGEST} of them, a letter or digit first"
    report(Problem("bad-name", f"{described(name)} cannot be a name", name.at, hint))
    return False


def read_named(
    section: str, node: Node, entry: Entry[T], places: dict[str, Mark], found: dict[str, T], report: Report
) -> None:
    """
    Read the entries of *section* into *found*, and where each name stands into *places*.

    Both may already hold the names of other files: a name given twice is reported with both places.
    """
    if not isinstance(node, Mapping):
        report(wrong_shape(section, "names, each with what is said about it", node, f"{section}: {{NAME: …}}"))
        return
    entries, node.entries = node.entries[::-1], []
    while entries:  # a large file: the nodes of an entry are let go as soon as it is read
        name, value = entries.pop()
        if name.text in places:
            message = f"{quote(name.text)} is already in `{section}`"
            hint = f"the other is at {places[name.text]}; rename or remove one of them"
            report(Problem("name-twice", message, name.at, hint))
            continue
        places[name.text] = name.at
        usable = check_name(section, name, report)
        made = entry(name, value, report)
        if usable and made is not None:
            found[name.text] = made
