"""A YAML text as nodes that know their place. All scalars stay text: `10:00` is never 600, `no` never False."""

import re
from collections.abc import Iterable
from operator import attrgetter
from typing import Any

import attrs
import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from rules.source import Mark, Problem, Report, printable
from rules.yamlerrors import syntax_problem

DEEPEST = 50
"""How deep lists and mappings may nest; ours need seven, and the library below dies of 30,000."""

# What YAML 1.1 section 5.1 forbids in a stream; also lone surrogates, which no UTF-8 text holds.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_STEP = 65536

_new = tuple.__new__
"""Makes a named tuple of all its fields: half the time of calling the class, and a large file has half a million."""


# Not frozen: a large file makes half a million of these, and plain attributes are set three times as fast.
@attrs.define(eq=False, weakref_slot=False)
class Scalar:
    """One value as written; *quoted* tells `"no"` from `no`."""

    text: str
    quoted: bool
    file: str
    line: int
    column: int
    width: int

    @property
    def at(self) -> Mark:
        """Where it stands."""
        return _new(Mark, (self.file, self.line, self.column, self.width))


@attrs.define(eq=False)
class Sequence:
    """A list, as written."""

    items: "list[Node]"
    file: str
    line: int
    column: int

    @property
    def at(self) -> Mark:
        """Where it begins."""
        return _new(Mark, (self.file, self.line, self.column, 1))


@attrs.define(eq=False)
class Mapping:
    """Keys with their values in the order written; no key stands twice (the reader reports and drops the second)."""

    entries: "list[tuple[Scalar, Node]]"
    file: str
    line: int
    column: int

    @property
    def at(self) -> Mark:
        """Where it begins."""
        return _new(Mark, (self.file, self.line, self.column, 1))

    def get(self, key: str) -> "Node | None":
        """Return the value of *key*, or None."""
        return next((value for name, value in self.entries if name.text == key), None)


Node = Scalar | Sequence | Mapping


def as_text(data: bytes) -> str:
    """Decode a file as it is shown in messages: without byte order mark, with a stand-in for what is no UTF-8."""
    return data.decode("utf-8-sig", errors="replace")


_TOP = "a rule file consists of sections"
_TOP_HINT = "begin with `business:` or another section, at the left margin"


def read_tree(name: str, text: bytes, report: Report, *, what: str = _TOP, hint: str = _TOP_HINT) -> Mapping | None:
    """
    Read one file; None when nothing can be made of it, which has then been reported.

    *what* a file of this kind is, in words, and the *hint* how it begins.

    What YAML could do beyond plain keys, values and lists (anchors, aliases, merge keys, tags, several documents) is
    refused: it hides from a reader what a file says, and a few hundred bytes of it can fill the memory. Such a value is
    reported and left out, and the reading goes on.
    """
    decoded = _decode(name, text, report)
    if decoded is None:
        return None
    try:
        # Like `yaml.parse`, which asks twice for each event.
        root = _Builder(name, report).build(iter(yaml.CBaseLoader(decoded).get_event, None))
    except yaml.MarkedYAMLError as error:
        report(syntax_problem(name, decoded, error))
        return None
    except _TooDeepError as error:
        report(Problem("too-deep", f"lists and mappings nest more than {DEEPEST} deep here", error.at))
        return None
    if isinstance(root, Mapping):
        return root
    if root is None or (isinstance(root, Scalar) and not root.text):
        report(Problem("empty-file", "there is nothing in this file", Mark(name, 1, 1), hint))
    else:
        shape = "a list" if isinstance(root, Sequence) else "one text"
        report(Problem("wrong-shape", f"{what}, here stands {shape}", root.at, hint))
    return None


def _decode(name: str, data: bytes, report: Report) -> str | None:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig", errors="replace")
        hint = "save the file in the encoding UTF-8; your editor offers it when saving"
        report(Problem("not-utf8", "this is not UTF-8 text", _place(name, before), hint))
        return None
    if bad := _first_forbidden(text):
        shown = f"U+{ord(bad[0]):04X}"
        hint = "delete it; some editors show it only when told to show invisible characters"
        at = _place(name, text[: bad.start()])
        report(Problem("control-character", f"an invisible control character ({shown}) stands here", at, hint))
        return None
    return text


def _first_forbidden(text: str) -> re.Match[str] | None:
    """Find the first forbidden character, in steps: a search through megabytes would let no other thread run meanwhile."""
    steps = (_FORBIDDEN.search(text, start, start + _STEP) for start in range(0, len(text), _STEP))
    return next(filter(None, steps), None)


def _place(name: str, before: str) -> Mark:
    """Return the place that follows the text *before*."""
    lines = (before + "|").splitlines()
    return Mark(name, len(lines), len(lines[-1]))


Event = Any  # the published types do not know what the events carry


class _TooDeepError(Exception):
    """Nesting beyond `DEEPEST`, at a place."""

    def __init__(self, at: Mark) -> None:
        super().__init__(str(at))
        self.at = at


@attrs.define(eq=False)
class _Builder:
    """Makes nodes of parser events, in one loop: no recursion that a deep file could exhaust."""

    file: str
    report: Report
    left_out: bool = False

    def build(self, events: Iterable[Event]) -> Node | None:
        """Return the root of the first document, None if there is none."""
        file = self.file
        root: list[Node] = []
        children = root  # of the innermost open collection; of a mapping, keys and values in turn
        outer: list[tuple[Event, list[Node]]] = []  # where each open collection begins, and the children around it
        documents = line = 0
        before = -1
        known: dict[str, str] = {}
        for event in events:
            kind = type(event)
            if kind is ScalarEvent:  # most events: no calls that can be saved, and equal texts and lines kept once
                start, text, quoted = event.start_mark, event.value, event.style != ""
                text = known.setdefault(text, text)
                if start.line != before:
                    before = start.line
                    line = before + 1
                width = len(text) + 2 if quoted else len(text)
                children.append(Scalar(text, quoted, file, line, start.column + 1, width))
                if event.tag is not None or event.anchor is not None:
                    self._refuse_marks(event)
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                start = event.start_mark
                if len(outer) >= DEEPEST:
                    raise _TooDeepError(Mark(file, start.line + 1, start.column + 1))
                if event.anchor is not None or event.tag is not None:
                    self._refuse_marks(event)
                outer.append((start, children))
                children = []
            elif kind is MappingEndEvent:
                inner = children
                start, children = outer.pop()
                children.append(Mapping(self._entries(inner), file, start.line + 1, start.column + 1))
            elif kind is SequenceEndEvent:
                inner = children
                start, children = outer.pop()
                if self.left_out:
                    inner = [child for child in inner if child is not _LEFT_OUT]
                children.append(Sequence(inner, file, start.line + 1, start.column + 1))
            elif kind is AliasEvent:
                self._refuse("alias", f"*{event.anchor} repeats something written elsewhere", event)
                self.left_out = True
                children.append(_LEFT_OUT)
            elif kind is DocumentStartEvent:
                documents += 1
                if documents > 1:
                    hint = "remove this line; several files are named under `rule_files:`"
                    self._refuse("second-document", "a second document begins here", event, hint)
        return _joined(root)

    def _entries(self, children: list[Node]) -> list[tuple[Scalar, Node]]:
        keys, values = children[::2], children[1::2]
        try:
            names = set(map(_TEXT, keys))
        except AttributeError:  # a list or mapping stands for a key
            names = set()
        if len(names) == len(keys) and "<<" not in names and not self.left_out:
            return list(zip(keys, values, strict=True))  # type: ignore[arg-type]  # all keys are scalars
        seen: dict[str, Scalar] = {}
        entries = []
        for key, value in zip(keys, values, strict=True):
            if self._is_good_key(key, seen):
                assert isinstance(key, Scalar)
                seen[key.text] = key
                if value is not _LEFT_OUT:
                    entries.append((key, value))
        return entries

    def _is_good_key(self, key: Node, seen: dict[str, Scalar]) -> bool:
        if key is _LEFT_OUT:
            return False
        if not isinstance(key, Scalar):
            shape = "a list" if isinstance(key, Sequence) else "a mapping"
            self.report(Problem("bad-key", f"{shape} cannot be a key", key.at, "put the key in quotes"))
        elif key.text == "<<" and not key.quoted:
            self.report(Problem("merge-key", "`<<` takes over keys written elsewhere", key.at, "write the keys out"))
        elif key.text in seen:
            message = f"'{printable(key.text)}' stands here a second time"
            hint = f"the first is at {seen[key.text].at}; keep one of them"
            self.report(Problem("duplicate-key", message, key.at, hint))
        else:
            return True
        return False

    def _refuse_marks(self, event: Event) -> None:
        """Report an anchor or tag; the value itself stays."""
        if event.anchor is not None:
            self._refuse("anchor", f"&{event.anchor} gives this a mark to be repeated elsewhere", event)
        if event.tag is not None:
            hint = "remove the word that begins with `!`, or put the text in quotes"
            self._refuse(
                "tag", "a word that begins with `!` would tell the YAML reader what to make of this", event, hint
            )

    def _refuse(self, code: str, message: str, event: Event, hint: str = "write it out") -> None:
        start, end = event.start_mark, event.end_mark
        width = end.column - start.column if end.line == start.line else 1
        self.report(Problem(code, message, Mark(self.file, start.line + 1, start.column + 1, max(1, width)), hint))


def _joined(roots: list[Node]) -> Node | None:
    """Return the first document with what the others hold, so that the mistakes in them are found too."""
    found = [root for root in roots if root is not _LEFT_OUT]
    if found and isinstance(found[0], Mapping):
        for other in found[1:]:
            found[0].entries += other.entries if isinstance(other, Mapping) else []
    return found[0] if found else None


_TEXT = attrgetter("text")

# Stands for a value that was refused, until its list or mapping is complete.
_LEFT_OUT = Scalar("", False, "", 0, 0, 0)
