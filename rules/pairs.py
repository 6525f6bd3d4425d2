"""
Every kind of event that two books tell apart, as each of them sees it.

Callers and texts that matter to either book are classified by both, so that a caller who becomes a VIP, a word that
becomes urgent or a phone that becomes a teammate's is one kind of event here, with two sides.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations

import attrs

from rules.book import Number, RuleBook
from rules.callers import Caller
from rules.event import Diversion, IncomingCall, IncomingText, Kind
from rules.inquiry import Inquiry, inquire
from rules.patterns import pattern
from rules.spaces import Space, candidates, entries, meetings, name_of, questions
from rules.spec import FileSpec

PLAIN_TEXT = "hello"


@attrs.frozen(eq=False)
class Side:
    """One of two files: its *book*, and the *spec* it was made of."""

    book: RuleBook
    spec: FileSpec


@attrs.frozen(eq=False)
class Pair:
    """
    One kind of event on one number, as the *old* and the *new* book see it.

    *callers* are in words for people; *said* is what they write or how the call comes, empty for nothing special. *moved*
    names those who are somebody else to the new book, when all of them are.
    """

    kind: Kind
    callers: tuple[str, ...]
    said: str
    old: Space
    new: Space
    moved: frozenset[str]


@attrs.frozen(eq=False)
class _Both:
    """One caller, classified by both books."""

    old: Caller
    new: Caller
    verified: bool | None
    truths: tuple[frozenset[str], ...]

    def label(self, kind: Kind) -> str:
        """Name the caller; who is another to the new book is named with both."""
        was, now = (_label(caller, kind) for caller in (self.old, self.new))
        name = now if was == now else f"{now} (until now {was})"
        return f"attested {name}" if self.verified else name

    def moved(self) -> str | None:
        """Name a caller who is somebody else to the new book; None when it is the same to both."""
        return None if _label(self.old, "text") == _label(self.new, "text") else self.label("text")


class Pairs:
    """The kinds of events of two files."""

    def __init__(self, old: Side, new: Side) -> None:
        self.old = old
        self.new = new
        self.callers = list(self._distinct())

    def of(self, old: Number, new: Number, kind: Kind) -> list[Pair]:
        """Return every kind of event that some question of the number, as it was or is, tells from the others."""
        asked = questions(old, kind), questions(new, kind)
        alike: dict[tuple[Space, Space], Pair] = {}
        spaces: dict[object, Space] = {}
        for alike_callers in self._apart(asked, kind):
            labels = [both.label(kind) for both in alike_callers]
            moved = frozenset(name for both in alike_callers if (name := both.moved()))
            stayed = any(both.moved() is None for both in alike_callers)
            for said, *inquiries in self._events(old, new, kind, alike_callers[0]):
                one, other = (
                    _space(spaces, number, inquiry, known)
                    for number, inquiry, known in zip((old, new), inquiries, asked, strict=True)
                )
                found = alike.get((one, other))
                callers = tuple(dict.fromkeys((*(found.callers if found else ()), *labels)))
                before = moved if found is None else found.moved and found.moved | moved
                alike[one, other] = Pair(
                    kind, callers, found.said if found else said, one, other, frozenset() if stayed else before
                )
        return list(alike.values())

    def _apart(self, asked: tuple[frozenset[str], frozenset[str]], kind: Kind) -> Iterable[list[_Both]]:
        """Return the callers in groups that the questions *asked* of either book do not tell apart."""
        apart: dict[object, list[_Both]] = {}
        for both in self.callers:
            persons = (both.old.person, both.new.person) if kind == "text" else None
            key = (both.truths[0] & asked[0], both.truths[1] & asked[1], persons)
            apart.setdefault(key, []).append(both)
        return apart.values()

    def _events(self, old: Number, new: Number, kind: Kind, both: _Both) -> Iterator[tuple[str, Inquiry, Inquiry]]:
        """Yield what the caller may bring, as each book sees it."""
        raw = both.new.raw
        if kind == "call":
            for said, hops in _ways(self.old.book, old, self.new.book, new):
                one, other = (
                    IncomingCall(
                        provider=number.providers["call"],
                        account="",
                        id="",
                        to=number.e164,
                        caller=raw,
                        diversions=hops,
                        verified=both.verified,
                    )
                    for number in (old, new)
                )
                yield said, inquire(self.old.book, one), inquire(self.new.book, other)
            return
        for body in _bodies(old, new, teammate=bool(both.old.person or both.new.person)):
            first, second = (
                IncomingText(
                    provider=number.providers["text"], account="", id="", to=number.e164, caller=raw, text=body
                )
                for number in (old, new)
            )
            yield "" if body == PLAIN_TEXT else body, inquire(self.old.book, first), inquire(self.new.book, second)

    def _distinct(self) -> Iterator[_Both]:
        """Yield one caller for each way in which the two books may see a caller."""
        seen: set[object] = set()
        sides = (self.old, self.new)
        for raw in dict.fromkeys((*candidates(*_both(sides[0])), *candidates(*_both(sides[1])), *_meetings(sides))):
            for verified in (None, True):
                old, new = (side.book.callers.classify(raw, verified=verified) for side in sides)
                key = tuple((one.cls, one.groups, one.blocked, one.repliable, one.person) for one in (old, new))
                if key not in seen:
                    seen.add(key)
                    truths = tuple(Inquiry("call", None, None, one, ()).truths() for one in (old, new))
                    yield _Both(old, new, verified, truths)


def _both(side: Side) -> tuple[RuleBook, FileSpec]:
    return side.book, side.spec


def _meetings(sides: Iterable[Side]) -> Iterator[str]:
    """Yield a number for every set of patterns, of either file, that have one in common."""
    written = {found for side in sides for entry in entries(side.spec) if (found := pattern(entry.text))}
    return meetings(sorted(written))


def _ways(
    old_book: RuleBook, old: Number, new_book: RuleBook, new: Number
) -> Iterator[tuple[str, tuple[Diversion, ...]]]:
    """Yield the ways a call may come that make a difference to either book."""
    yield "", ()
    vias = {(side, question): hops for side in (0, 1) for question, hops in (old, new)[side].vias.items()}
    every = sorted({hop for hops in vias.values() for hop in hops})
    for hop in _one_of_each({hop: frozenset(key for key, hops in vias.items() if hop in hops) for hop in every}):
        yield f"diverted from {hop}", (Diversion(hop),)
    for most in sorted({old_book.safety.max_diversions, new_book.safety.max_diversions}):
        yield "diverted too often", (Diversion("anonymous"),) * most


def _bodies(old: Number, new: Number, *, teammate: bool) -> Iterator[str]:
    """Yield the texts that make a difference to either book: with no word that matters, with each, with two of them."""
    yield PLAIN_TEXT
    lists = {(side, question): words for side in (0, 1) for question, words in (old, new)[side].words.items()}
    every = dict.fromkeys(word for _, question in lists for word in question.removeprefix("words:").split(","))
    known = {word: frozenset(key for key, words in lists.items() if words.matches(word)) for word in every}
    apart = _one_of_each(known)
    yield from apart
    yield from (" ".join(pair) for pair in combinations(apart, 2))
    yield from ("STOP", "START", "HELP", *(("away",) if teammate else ()))


def _one_of_each(known: Mapping[str, frozenset[tuple[int, str]]]) -> list[str]:
    """Return the first of all that the lists of both books do not tell apart."""
    first: dict[frozenset[tuple[int, str]], str] = {}
    for word, lists in known.items():
        first.setdefault(lists, word)
    return list(first.values())


def _space(known: dict[object, Space], number: Number, inquiry: Inquiry, asked: frozenset[str]) -> Space:
    """Return the one space for all events that *number*, of one book, cannot tell apart."""
    truths = inquiry.truths() & asked
    person = inquiry.caller.person if inquiry.kind == "text" else None
    space = Space(number.name, inquiry.kind, "", "", inquiry.caller.raw, inquiry, truths)
    return known.setdefault((id(number), truths, person), space)


def _label(caller: Caller, kind: Kind) -> str:
    """Name a caller; who of the team calls makes no difference, who of them writes does."""
    name = name_of(caller._replace(blocked=False))
    if caller.person:
        name = "teammate" if kind == "call" else f"teammate {caller.person}"
    return f"blocked {name}" if caller.blocked else name
