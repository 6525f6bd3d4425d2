"""
What people switch by hand: absences and overrides, and the fields the command line and the admin listener say them in.

`rules.commands` reads the same from the words of a text.
"""

from collections.abc import Iterable, Mapping
from typing import Literal, TypeVar
from zoneinfo import ZoneInfo

import attrs

from rules.book import RuleBook
from rules.ends import placed
from rules.event import Kind
from rules.source import closest
from rules.spoken import End, Spoken, UnclearError, Words, lacks_clock, take_end, take_moment

LONGEST, LONGEST_AWAY = 14, 30
"""Days an override and an absence may last."""

EVERYTHING = ("business", "everything", "all")
"""Words for the whole business, where a number may be named."""

State = Literal["open", "closed", "plan"]

STATES: Mapping[str, State] = {"open": "open", "opened": "open", "closed": "closed", "close": "closed"}
ONLY: Mapping[str, Kind] = {"calls": "call", "call": "call", "texts": "text", "text": "text"}

T = TypeVar("T")


@attrs.frozen
class GoAway:
    """*person* is away for `[since, until)` (UTC epoch seconds); *cover* None: their own; *only*: for calls or texts alone."""

    person: str
    since: int
    until: int
    cover: str | None = None
    only: Kind | None = None


@attrs.frozen
class Switch:
    """*number* (None: the whole business) is `open`, `closed`, or follows the named *plan* (then *what* is `plan`)."""

    what: State
    plan: str | None
    number: str | None
    since: int
    until: int


@attrs.frozen
class ComeBack:
    """*person* is here again."""

    person: str


@attrs.frozen
class Clear:
    """What is switched on for *target* (an id, a number, a plan, a person, or one of `EVERYTHING`) ends now."""

    target: str


@attrs.frozen
class ShowAll:
    """Tell what is switched on."""


Command = GoAway | Switch | ComeBack | Clear | ShowAll


def going_away(
    person: str, *, book: RuleBook, now: int, cover: str | None = None, only: str | None = None, **times: str | None
) -> GoAway:
    """
    Read an absence that was said in fields; *times* are `since`, `until`, `lasting`. Raises `UnclearError`.

    Times are those of the person's zone.
    """
    people = book.directory.people
    name = one_of(person, people, "person")
    stand_in = one_of(cover, (*people, *book.directory.teams), "person or team") if cover else None
    kind = ONLY[one_of(only, ONLY, "kind")] if only else None
    return gone(name, Said.of(**times), stand_in, kind, book, now)


def switching(what: str, *, target: str | None, book: RuleBook, now: int, **times: str | None) -> Switch:
    """
    Read an override that was said in fields; *what* is `open`, `closed` or a plan's name, *times* as in `going_away`.

    *target* is a number's name; None and the words of `EVERYTHING` are the whole business.
    """
    number = None
    if target is not None and (target in book.numbers or target.casefold() not in EVERYTHING):
        number = one_of(target, book.numbers, "number")
    state = STATES.get(what.casefold())
    plan = None if state else one_of(what, (*book.common.plans, "open", "closed"), "plan")
    return switched(state or "plan", plan, number, Said.of(**times), book, now)


def one_of(name: str, choices: Iterable[str], sort: str) -> str:
    """Return the one of *choices* that *name* is, in any case; raises `UnclearError` that names what was probably meant."""
    known = list(choices)
    folded = {choice.casefold(): choice for choice in known}
    found = folded.get(" ".join(name.split()).casefold())
    if found is None:
        raise UnclearError(f"there is no {sort} called '{name}'{meant(name, known)}")
    return found


def meant(name: str, known: list[str]) -> str:
    """Say which name was probably meant, or which there are."""
    near = closest(name, known)
    if near:
        return f"; did you mean '{near}'?"
    return f"; there are: {', '.join(known[:8])}" + (", …" if len(known) > 8 else "") if known else ""


@attrs.define
class Said:
    """What has been said of the time."""

    since: Spoken | None = None
    end: End = None

    @classmethod
    def of(cls, since: str | None = None, until: str | None = None, lasting: str | None = None) -> "Said":
        """Read it from fields."""
        if until and lasting:
            raise UnclearError("say either until when or for how long, not both")
        said = cls()
        for field, text, read in (("since", since, _moment), ("end", until, _moment), ("end", lasting, _lasting)):
            if text:
                words = Words.of(text)
                setattr(said, field, read(words))
                if words.peek():
                    raise UnclearError(f"'{words.rest()}' in '{text}' is no time we can read")
        return said

    def hear(self, words: Words) -> bool:
        """Take what is said of the time next, if anything is."""
        if words.take("from"):
            self.since = _once(self.since, _moment(words), "beginning")
        elif words.take("until", "till", "til"):
            self.end = _once(self.end, _moment(words), "end")
        elif words.take("for"):
            self.end = _once(self.end, _lasting(words), "end")
        elif (end := take_end(words)) is not None:
            self.end = _once(self.end, end, "end")
        else:
            return False
        return True


def _once(before: object | None, said: T, what: str) -> T:
    if before is not None:
        raise UnclearError(f"the {what} is said twice")
    return said


def _moment(words: Words) -> Spoken:
    moment = take_moment(words)
    if moment is not None:
        return moment
    if not words.peek():
        raise UnclearError("a time is missing: write 20:00, mon 08:00, 24 dec 12:00 or 2026-12-24 12:00")
    if lacks_clock(words):
        raise UnclearError(f"'{words.rest()}' needs a time of day as well, such as 08:00")
    raise UnclearError(
        f"'{words.rest()}' is no time we can read: write 20:00, mon 08:00, 24 dec 12:00 or 2026-12-24 12:00"
    )


def _lasting(words: Words) -> End:
    said, end = words.rest(), take_end(words)
    if isinstance(end, int | str):
        return end
    raise UnclearError(f"'for {said}' is no time we can read: write for 2h, for 90m or for today")


def gone(person: str, said: Said, cover: str | None, only: Kind | None, book: RuleBook, now: int) -> GoAway:
    """Place an absence in time; raises `UnclearError`."""
    if cover == person:
        raise UnclearError(f"{person} cannot cover for {person}; name somebody else, or a team")
    zone = book.directory.people[person].zone
    since, until = placed(said.since, said.end, place=zone, now=now, most=LONGEST_AWAY)
    return GoAway(person, since, until, cover, only)


def switched(what: State, plan: str | None, number: str | None, said: Said, book: RuleBook, now: int) -> Switch:
    """Place an override in time; raises `UnclearError`."""
    since, until = placed(said.since, said.end, place=zone_of(book, number), now=now, most=LONGEST)
    return Switch(what, plan, number, since, until)


def zone_of(book: RuleBook, number: str | None) -> ZoneInfo:
    """Return the zone in which times for *number* (None: the whole business) are meant."""
    known = book.numbers.get(number) if number else None
    return known.zone if known else book.zone
