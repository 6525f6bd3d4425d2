"""
The commands of a text, in the words of people: `away mon 08:00 chloe`, `back`, `override boston closed today`.

`rules.switching` reads the same from the fields of the command line and the admin listener.
"""

from collections.abc import Callable, Iterable

import attrs

from rules.book import RuleBook
from rules.event import Kind
from rules.source import closest
from rules.spoken import UnclearError, Words, lacks_clock
from rules.switching import (
    EVERYTHING,
    ONLY,
    STATES,
    Clear,
    ComeBack,
    Command,
    GoAway,
    Said,
    ShowAll,
    State,
    gone,
    meant,
    switched,
)

_AWAY = "write it as: away until mon 08:00, or: away mon 08:00 chloe (whoever covers)"
_OVERRIDE = "write it as: override boston closed today, override boston open until 20:00, override clear boston or override list"


@attrs.frozen
class Unclear:
    """What was said cannot be done; *why*, and what to say instead, for whoever said it."""

    why: str


def parse(text: str, *, person: str, book: RuleBook, now: int) -> Command | Unclear:
    """Read a text of *person*, who is one of us, received at *now* (UTC epoch seconds). Never fails."""
    words = Words.of(text)
    try:
        if words.take("away"):
            return _away(words, person, book, now)
        if words.take("back"):
            if words.peek():
                raise UnclearError(
                    f"'back' stands alone; what is '{words.rest()}'? To change an absence, send the new one"
                )
            return ComeBack(person)
        if words.take("override"):
            return _override(words, book, now)
        raise UnclearError(f"this is no command. {_AWAY}; {_OVERRIDE}; or: back")
    except UnclearError as error:
        return Unclear(str(error))


def _hear_all(words: Words, said: Said, other: Callable[[Words], bool], usage: str) -> None:
    """Go through all the words of a command; *other* takes what is not about time."""
    while words.peek():
        if said.hear(words) or other(words):
            continue
        if lacks_clock(words):
            raise UnclearError(f"'{words.said[words.at]}' needs a time of day as well, such as 08:00")
        raise UnclearError(f"what is '{words.said[words.at]}'? {usage}")


def _take_name(words: Words, names: Iterable[str]) -> str | None:
    """Take the longest of *names* that comes next."""
    for name in sorted(names, key=len, reverse=True):
        parts = name.casefold().split()
        if parts == [words.peek(index) for index in range(len(parts))]:
            words.at += len(parts)
            return name
    return None


@attrs.define
class _Absent:
    """What has been said of an absence beside its time."""

    book: RuleBook
    cover: str | None = None
    only: Kind | None = None

    def hear(self, words: Words) -> bool:
        """Take the next of it."""
        if words.peek() in ("only", *ONLY):
            kinds = [ONLY[word] for word in (words.peek(), words.peek(1)) if word in ONLY]
            words.at += 1 + (bool(kinds) and "only" in (words.peek(), words.peek(1)))
            if len(kinds) != 1:
                raise UnclearError("'only' wants calls or texts: away mon 08:00 only calls")
            self.only = kinds[0]
            return True
        named = words.take("cover", "covered", "covers") and (words.take("by") or True)
        choices = (*self.book.directory.people, *self.book.directory.teams)
        found = _take_name(words, choices)
        if found is None:
            if lacks_clock(words):
                return False
            if named or words.at == len(words.said) - 1:
                raise UnclearError(f"nobody is called '{words.rest()}'{meant(words.rest(), list(choices))}")
            return False
        if self.cover is not None:
            raise UnclearError(f"only one can cover: {self.cover} or {found}; a team can be named, too")
        self.cover = found
        return True


def _away(words: Words, person: str, book: RuleBook, now: int) -> GoAway:
    if not words.peek():
        raise UnclearError(f"until when? {_AWAY}")
    said, absent = Said(), _Absent(book)
    _hear_all(words, said, absent.hear, _AWAY)
    return gone(person, said, absent.cover, absent.only, book, now)


@attrs.define
class _Overridden:
    """What has been said of an override beside its time."""

    book: RuleBook
    number: str | None = None
    everything: bool = False
    state: State | None = None
    plan: str | None = None

    def hear(self, words: Words) -> bool:
        """Take the next of it."""
        if self.number is None and not self.everything and (found := _take_name(words, self.book.numbers)):
            self.number = found
            return True
        if self.state is None and words.peek() in STATES:
            self.state = STATES[words.peek()]
            words.at += 1
            return True
        if self.state is None and (plan := _take_name(words, self.book.common.plans)):
            self.state, self.plan = "plan", plan
            return True
        if self.number is None and words.take(*EVERYTHING):
            self.everything = True
            return True
        if near := closest(words.peek(), [*self.book.numbers, *self.book.common.plans, *STATES]):
            raise UnclearError(f"what is '{words.said[words.at]}'? Did you mean '{near}'?")
        return False


def _override(words: Words, book: RuleBook, now: int) -> Command:
    if words.take("list"):
        return ShowAll()
    if words.take("clear", "cancel", "off", "end"):
        if not words.peek():
            raise UnclearError("clear what? Name a number, a plan, a person or an id: override clear boston")
        return Clear(words.rest())
    if not words.peek():
        raise UnclearError(f"override what? {_OVERRIDE}")
    said, told = Said(), _Overridden(book)
    _hear_all(words, said, told.hear, _OVERRIDE)
    if told.state is None:
        plans = ", ".join(("open", "closed", *book.common.plans))
        raise UnclearError(f"say what {told.number or 'the business'} is to be: {plans}")
    return switched(told.state, told.plan, told.number, said, book, now)
