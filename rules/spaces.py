"""
Every kind of event a number can tell apart: one representative for each class of caller and each text that matters.

Representatives go through the same classification as real events, so what is found for one holds for all it stands for.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations

import attrs

from rules.book import Number, RuleBook, TextBlock
from rules.callers import CLASSES, Caller, entry_keys
from rules.event import Diversion, IncomingCall, IncomingText, Kind
from rules.inquiry import Inquiry, inquire
from rules.patterns import pattern
from rules.spec import FileSpec, Word
from rules.words import opt_word

PLAIN = {
    "number": ("+12015550{:03d}", "+442079460{:03d}", "+4930901820{:03d}"),
    "anonymous": ("anonymous",),
    "short-code": ("20{:03d}",),
    "named-sender": ("Somebody{:d}",),
    "unrecognised": ("0{:030d}",),
}
"""Where to look for a caller of each class that no list names."""

TRIES = 100

MOST_MEETINGS = 50_000
"""How many patterns are made of others: patterns that cross in all ways would make more kinds of callers than numbers."""

_Shape = tuple[int, ...]


@attrs.frozen(eq=False)
class Space:
    """
    One kind of event on one number: who (*caller*) and what (*said*, empty for nothing special), in words for people.

    *ordinary* is the one of a caller nobody has heard of, with nothing special; of all spaces it stands first.
    """

    number: str
    kind: Kind
    caller: str
    said: str
    example: str
    inquiry: Inquiry
    truths: frozenset[str]
    ordinary: bool = False


class Spaces:
    """The kinds of events of a book; *spec* is the file it was made of, for the entries of its lists."""

    def __init__(self, book: RuleBook, spec: FileSpec) -> None:
        self.book = book
        self.callers = [
            (label, caller, Inquiry("call", None, None, caller, ()).truths())
            for label, caller in dict(_distinct(book, spec)).items()
        ]

    def of(self, number: Number, kind: Kind) -> list[Space]:
        """Return every kind of event that some question of *number* tells from the others; the plainest first."""
        asked = questions(number, kind)
        found: dict[tuple[frozenset[str], str | None], Space] = {}
        for (label, verified), caller in self.callers_apart(asked, kind):
            for said, inquiry in self.events(number, kind, caller, verified=verified):
                truths = inquiry.truths() & asked
                key = (truths, self.sender(caller, kind))
                if key not in found:
                    found[key] = Space(number.name, kind, label, said, caller.raw, inquiry, truths, not found)
        return list(found.values())

    def callers_apart(self, asked: frozenset[str], kind: Kind) -> Iterator[tuple[tuple[str, bool | None], Caller]]:
        """Yield one caller for each set of answers to the questions *asked*."""
        seen = set()
        for label, caller, truths in self.callers:
            key = (truths & asked, self.sender(caller, kind))
            if key not in seen:
                seen.add(key)
                yield label, caller

    def sender(self, caller: Caller, kind: Kind) -> str | None:
        """Name the teammate whose text is decided by a question of their own: one who leaves. The others are all alike."""
        person = self.book.directory.people.get(caller.person or "")
        if kind == "call" or person is None:
            return None
        return person.name if person.left else "anybody"

    def events(
        self, number: Number, kind: Kind, caller: Caller, *, verified: bool | None
    ) -> Iterator[tuple[str, Inquiry]]:
        """Yield what *caller* may bring: a call by each way that matters, a text with each word that matters."""
        provider = number.providers[kind]
        if kind == "call":
            for said, hops in diversions(self.book, number):
                call = IncomingCall(
                    provider=provider,
                    account="",
                    id="",
                    to=number.e164,
                    caller=caller.raw,
                    diversions=hops,
                    verified=verified,
                )
                yield said, inquire(self.book, call)
            return
        for body in bodies(number, teammate=caller.person is not None):
            text = IncomingText(provider=provider, account="", id="", to=number.e164, caller=caller.raw, text=body)
            yield body, inquire(self.book, text)


def questions(number: Number, kind: Kind) -> frozenset[str]:
    """Return every event question that may be asked of a *kind* of event on *number*."""
    asked = {"blocked", "from:teammate"}
    asked |= (
        {"diverted-too-often", "via:teammate"} if kind == "call" else {"stop", "start", "help", "command", "repliable"}
    )
    blocks = [number.blocks[f"{kind}s.open"], number.blocks[f"{kind}s.closed"]]
    for rule in number.rules:
        block = rule.block(kind)
        if block is not None:
            asked.update(question for choice in rule.conditions for question in choice)
            blocks.append(block)
    blocks += [block for plan in number.common.plans.values() if (block := plan.block(kind)) is not None]
    asked.update(block.urgent.question for block in blocks if isinstance(block, TextBlock) and block.urgent)
    return frozenset(asked)


def diversions(book: RuleBook, number: Number) -> Iterator[tuple[str, tuple[Diversion, ...]]]:
    """Yield the ways a call may come that make a difference, each with what to call it."""
    yield "", ()
    for numbers in number.vias.values():
        hop = min(numbers)
        yield f"diverted from {hop}", (Diversion(hop),)
    yield "diverted too often", (Diversion("anonymous"),) * book.safety.max_diversions


def bodies(number: Number, *, teammate: bool) -> Iterator[str]:
    """Yield texts with no word that matters, with each, with two of them, and the words carriers know."""
    yield "hello"
    words = [question.removeprefix("words:").split(",")[0] for question in number.words]
    words = [f"please {word}" if opt_word(word) else word for word in words]  # such a word by itself is an opt-out
    yield from words
    yield from (" ".join(pair) for pair in combinations(words, 2))
    yield from ("STOP", "START", "HELP")
    if teammate:
        yield "away"


def _distinct(book: RuleBook, spec: FileSpec) -> Iterator[tuple[tuple[str, bool | None], Caller]]:
    """Yield one caller for each set of lists a caller can be on, under a name for people."""
    seen: set[object] = set()
    for raw in candidates(book, spec):
        for verified in (None, True):
            caller = book.callers.classify(raw, verified=verified)
            key = (caller.cls, caller.groups, caller.blocked, caller.repliable, caller.person)
            if key not in seen:
                seen.add(key)
                name = name_of(caller)
                yield (f"{name}, attested" if verified else name, verified), caller


def candidates(book: RuleBook, spec: FileSpec) -> Iterator[str]:
    """Yield callers to try: nobody's, each class's, each entry's, and numbers that fit two patterns at once."""
    for cls, shapes in PLAIN.items():
        tried = [book.callers.classify(shape.format(at), verified=None) for shape in shapes for at in range(TRIES)]
        fitting = [caller for caller in tried if caller.cls == cls]
        yield min(fitting, key=lambda caller: (caller.blocked, len(caller.groups))).raw
    yield from (number.e164 for number in book.numbers.values())
    yield from (device.address for person in book.directory.people.values() for device in person.devices)
    patterns: list[str] = []
    for entry in entries(spec):
        if written := pattern(entry.text):
            patterns.append(written)
            yield from (written.replace("x", digit) for digit in "07")
        elif entry.text.casefold() not in CLASSES:
            yield from entry_keys(entry.text, book.country)
    yield from meetings(patterns)


def entries(spec: FileSpec) -> Iterator[Word]:
    """Yield every entry of every list of callers in the file."""
    for group in spec.groups.values():
        yield from group.entries
    yield from spec.block.entries
    for number in spec.numbers.values():
        for rule in number.rules:
            yield from rule.callers


def meetings(patterns: Iterable[str], most: int = MOST_MEETINGS) -> Iterator[str]:
    """
    Yield a number for every two, three, … patterns that have one in common, *most* at most.

    Patterns of one shape (x in the same places) have none. Those of two shapes are brought together by their digits in
    the places that both have fixed, so that ten thousand patterns of a few shapes are no work.
    """
    shapes: dict[_Shape, list[str]] = {}
    for one in sorted(set(patterns)):
        shapes.setdefault(_shape(one), []).append(one)
    tables: dict[tuple[_Shape, _Shape], dict[str, list[str]]] = {}
    known = {one for group in shapes.values() for one in group}
    fresh = sorted(known)
    while fresh:
        met = set()
        for one in fresh:
            for common in _met(one, shapes, tables):
                if common not in known and len(known) < most:
                    known.add(common)
                    met.add(common)
        fresh = sorted(met)
        yield from (common.replace("x", "0") for common in fresh)


def _shape(one: str) -> _Shape:
    """Return where *one* has fixed digits, and how long it is."""
    return (len(one), *(at for at, digit in enumerate(one) if digit != "x"))


def _met(
    one: str, shapes: Mapping[_Shape, list[str]], tables: dict[tuple[_Shape, _Shape], dict[str, list[str]]]
) -> Iterator[str]:
    """Yield what *one* has in common with each pattern of another shape."""
    mine = _shape(one)
    for shape, others in shapes.items():
        if shape == mine or shape[0] != mine[0]:
            continue
        both = sorted(set(mine[1:]) & set(shape[1:]))
        table = tables.get((mine, shape))
        if table is None:
            table = tables[mine, shape] = {}
            for other in others:
                table.setdefault("".join(other[at] for at in both), []).append(other)
        for other in table.get("".join(one[at] for at in both), ()):
            yield "".join(there if here == "x" else here for here, there in zip(one, other, strict=True))


def name_of(caller: Caller) -> str:
    """Name a kind of caller: by its groups, else by its class; *blocked* is said."""
    groups = [group for group in caller.groups if ".rules." not in group]
    name = caller.person or " and ".join(groups) or caller.cls
    if not groups and caller.groups:
        name = f"{name} of {caller.groups[0]}"
    return f"{name}, blocked" if caller.blocked else name
