"""The file of a day: moments, and what happens at each of them; every mistake told with its place, all at once."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import attrs

from router.simulate.fake.faults import KINDS
from router.simulate.scenario import RingEnd, read_legs
from rules.book import Number, RuleBook
from rules.decode import TEXT, Field, Kind, Shape, choice, quote, shaped, text, whole_number, wrong_shape
from rules.source import Mark, Problem, Report, closest
from rules.spec import Word
from rules.when import HINT, read_when
from rules.yamltree import Mapping, Node, Scalar, Sequence, read_tree

NEW = "new"
"""Instead of a caller's number: one that has never been here."""


@attrs.frozen(kw_only=True)
class Happening:
    """
    What happens at one moment: *note* says why it is told, and at most one thing is done.

    *who* writes (*words*) or calls (*legs* end its rings, a *message* of seconds is left), *reply*: in answer to the last text on
    that phone. *switch* is what the admin listener is asked to switch on. *fault* goes wrong at the provider from here on, once.
    """

    at: datetime
    note: str | None = None
    who: str | None = None
    words: str | None = None
    reply: bool = False
    legs: tuple[RingEnd, ...] | None = None
    message: int = 0
    switch: dict[str, str] | None = None
    fault: str | None = None


@attrs.frozen
class Script:
    """A day at one *number*: *callers* by their names in the story (None: a new one), and what happens, in order."""

    number: Number
    callers: dict[str, str | None]
    happenings: tuple[Happening, ...]


_MOMENT = Shape(
    "a moment of the day",
    (
        Field("at", text("a moment"), "when: 2026-12-03 10:00, or fri 10:00 for the next one", required=True),
        Field("note", TEXT, "a sentence that says what is shown"),
        Field("from", TEXT, "who calls or writes: a caller of the story, or somebody of the team", to="who"),
        Field("text", TEXT, "what they write", to="words"),
        Field("reply", TEXT, "what somebody of the team answers to the last text on their phone"),
        Field("call", TEXT, "they call; how each ring ends: no-answer, answered …"),
        Field("message", whole_number(0, 3600), "the seconds of message they leave at voicemail", default=0),
        Field("away", TEXT, "who is away from now on"),
        Field("cover", TEXT, "who covers"),
        Field("override", TEXT, "a number and what it is switched to: boston closed"),
        Field("until", TEXT, "when it ends"),
        Field("for", TEXT, "how long it lasts", to="lasting"),
        Field("fault", choice(*KINDS), "what goes wrong with the next message at the provider"),
    ),
)


@attrs.frozen
class _Written:
    """One moment as it is written."""

    at: Mark
    values: dict[str, Any]


_MOMENTS = shaped(_MOMENT, _Written)


def _read_moments(key: str, node: Node, report: Report) -> tuple[_Written, ...] | None:
    if not isinstance(node, Sequence):
        report(wrong_shape(key, "a list of moments", node, "begin each with `- at: …`"))
        return None
    found = [_MOMENTS.read(key, item, report) for item in node.items]
    return tuple(each for each in found if each is not None)


def _read_callers(key: str, node: Node, report: Report) -> dict[str, Word] | None:
    if not isinstance(node, Mapping):
        report(wrong_shape(key, "names with numbers", node, 'such as `jane: "+1 202 555 0143"`, or `jane: new`'))
        return None
    return {name.text: Word(value.text, value.at) for name, value in node.entries if isinstance(value, Scalar)}


_FILE = Shape(
    "a day",
    (
        Field("number", TEXT, "the business number that is called, by its name", required=True),
        Field("callers", Kind("names with numbers", _read_callers), "customers by name; `new`: any number", default={}),
        Field("day", Kind("a list of moments", _read_moments), "what happens, in order", required=True),
    ),
)


def read_script(name: str, data: bytes, book: RuleBook, earliest: datetime, report: Report) -> Script | None:
    """Read the day in the file *name* for *book*; it begins at *earliest* or later, and what is wrong is reported."""
    tree = read_tree(
        name, data, report, what="a day has the keys `number`, `callers` and `day`", hint="begin with `number:`"
    )
    values = _FILE.read("day", tree, report) if tree is not None else None
    if values is None:
        return None
    word: Word = values["number"]
    number = book.numbers.get(word.text)
    if number is None:
        report(_unknown("number", word, list(book.numbers)))
        return None
    callers = {name: None if said.text == NEW else said.text for name, said in values["callers"].items()}
    reader = _Reader(book, number, frozenset((*callers, *book.directory.people)), report)
    return Script(number, callers, tuple(reader.happenings(values["day"], earliest)))


@attrs.frozen
class _Reader:
    book: RuleBook
    number: Number
    names: frozenset[str]
    report: Report

    def happenings(self, written: tuple[_Written, ...], now: datetime) -> Iterator[Happening]:
        """Yield what happens; what is wrong is reported and left out."""
        for each in written:
            values = each.values
            try:
                at = read_when(values["at"].text, self.number.zone, now)
            except ValueError as error:
                self.report(Problem("bad-moment", str(error), values["at"].at, HINT))
                continue
            if at < now:
                self.report(Problem("bad-moment", "this is before the moment above it", values["at"].at))
                continue
            now = at
            yield from self._happening(each, at)

    def _happening(self, written: _Written, at: datetime) -> Iterator[Happening]:
        values = written.values
        said = {name: values[name] for name in ("words", "reply", "call", "away", "override", "fault") if values[name]}
        if len(said) > 1:
            self.report(Problem("too-much", "only one thing happens at a moment", written.at, "write two moments"))
            return
        if said.keys() & {"words", "reply", "call"} and not self._known(written, values["who"]):
            return
        try:
            yield Happening(at=at, note=_text(values["note"]), **self._done(values))
        except ValueError as error:
            self.report(Problem("bad-value", str(error), written.at))

    def _known(self, written: _Written, who: Word | None) -> bool:
        """Say whether it is known who calls or writes; if not, that is reported."""
        if who is None:
            self.report(Problem("missing-key", "nobody is named who calls or writes", written.at, "add `from: …`"))
            return False
        if who.text not in self.names:
            self.report(_unknown("caller or teammate", who, sorted(self.names)))
            return False
        return True

    def _done(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return what is done, as a happening has it."""
        lasting = {"until": _text(values["until"]), "for": _text(values["lasting"])}
        ends = {name: said for name, said in lasting.items() if said is not None}
        if values["call"]:
            return {"who": values["who"].text, "legs": read_legs(values["call"].text), "message": values["message"]}
        if words := values["words"] or values["reply"]:
            return {"who": values["who"].text, "words": words.text, "reply": values["reply"] is not None}
        if values["away"]:
            cover = {"cover": values["cover"].text} if values["cover"] else {}
            return {"switch": {"person": values["away"].text, **cover, **ends}}
        if values["override"]:
            target, _, what = values["override"].text.partition(" ")
            return {"switch": {"target": target, "what": what.strip(), **ends}}
        return {"fault": values["fault"]}


def _text(word: Word | None) -> str | None:
    return None if word is None else word.text


def _unknown(what: str, word: Word, known: list[str]) -> Problem:
    near = closest(word.text, known)
    hint = f"did you mean '{near}'?" if near else f"there are {', '.join(known)}"
    return Problem("unknown-name", f"there is no {what} called {quote(word.text)}", word.at, hint)
