"""What is asked: one call or text in our words, its caller classified, and which event questions are true of it."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import attrs

from rules.book import Number, RuleBook
from rules.callers import Caller
from rules.directory import Absence
from rules.event import IncomingCall, IncomingText, Kind
from rules.relay.emergency import asks_for_help
from rules.words import command_word, opt_word


@attrs.frozen
class Override:
    """
    Something an admin has switched on: the number answers as `open` or `closed`, or follows a named *plan*.

    *question* (`override:o7`) tells whether it is in force, *span* when (UTC epoch seconds, half open); *number* None means
    the whole business. *note* says how it came about, in words for people.
    """

    question: str
    span: tuple[int, int]
    number: str | None
    plan: str | None
    opens: bool | None
    note: str = "by hand"


@attrs.frozen
class Leave:
    """
    An absence the rule file does not hold: switched on by command, or read from a calendar.

    *question* (`away:anna:command:o7`, `away:anna:calendar`) tells whether *person* is away by it, *spans* when (UTC epoch
    seconds, half open). *cover* None means the person's own. *only* limits it to calls or texts. What the file says goes
    before a *calendar*, and a command before both. *note* says how it came about, in words for people.
    """

    question: str
    person: str
    spans: tuple[tuple[int, int], ...]
    cover: str | None = None
    only: Kind | None = None
    note: str = ""
    calendar: bool = False


def calendar_leave(person: str, spans: tuple[tuple[int, int], ...]) -> Leave:
    """Return when *person* is away by the calendar, `[start, end)` in UTC epoch seconds."""
    return Leave(f"away:{person}:calendar", person, spans, note="by the calendar", calendar=True)


Absences = Mapping[str, tuple[Absence, ...]]
"""All absences, in the order they are asked for, of those people who have some beyond the rule file's."""


def absences(book: RuleBook, leaves: Iterable[Leave]) -> Absences:
    """Put *leaves* (newest first) around what the file of *book* says; those of people it does not know are left out."""
    people = book.directory.people
    found: dict[str, tuple[list[Absence], list[Absence]]] = {}
    for leave in leaves:
        person = people.get(leave.person)
        if person is not None:
            absence = Absence(leave.question, leave.cover or person.cover, leave.only, leave.note)
            found.setdefault(leave.person, ([], []))[leave.calendar].append(absence)
    return {name: (*before, *people[name].away, *after) for name, (before, after) in found.items()}


class Inquiry(NamedTuple):
    """
    One event, ready to be decided.

    *number* is None when the number called is not ours or another provider than its own brought the event; *refused* then
    says which. *facts* are the event questions that are true beyond what the caller's class already says.
    """

    kind: Kind
    number: Number | None
    refused: str | None
    caller: Caller
    facts: tuple[str, ...]

    def truths(self) -> frozenset[str]:
        """Return every event question that is true."""
        caller = self.caller
        said = [f"from:{caller.cls}", *(f"from:{group}" for group in caller.groups), *self.facts]
        if caller.blocked:
            said.append("blocked")
        if caller.repliable:
            said.append("repliable")
        return frozenset(said)

    def signature(self) -> tuple[object, ...]:
        """
        Return what decides: two inquiries with one signature get one answer at one moment.

        Of the caller's groups only those count that some rule of the number tells apart.
        """
        caller, number = self.caller, self.number
        if number is None:
            return (None, self.kind, caller.cls, self.refused)
        groups = caller.groups
        if groups:
            groups = tuple(group for group in groups if group in number.listens_for)
        return (number.name, self.kind, caller.cls, groups, caller.blocked, caller.repliable, self.facts)


def inquire(book: RuleBook, happening: IncomingCall | IncomingText) -> Inquiry:
    """Put *happening* in the words of *book*. Never fails: a number that is not ours gives an inquiry to be refused."""
    kind: Kind = "call" if isinstance(happening, IncomingCall) else "text"
    verified = happening.verified if isinstance(happening, IncomingCall) else None
    caller = book.callers.classify(happening.caller, verified=verified)
    if isinstance(happening, IncomingCall) and happening.asserted is not None:
        hidden = book.callers.classify(happening.asserted, verified=verified)
        caller = caller._replace(groups=hidden.groups, blocked=hidden.blocked)
    number = book.find(happening.to)
    if number is None:
        return Inquiry(kind, None, "the number is not configured", caller, ())
    if happening.provider != number.providers[kind] and happening.provider not in number.also_from:
        return Inquiry(kind, None, f"{number.name} is not reached through this provider", caller, ())
    if isinstance(happening, IncomingCall):
        return Inquiry(kind, number, None, caller, diversion_facts(book, number, happening))
    return Inquiry(kind, number, None, caller, text_facts(number, caller, happening))


def diversion_facts(book: RuleBook, number: Number, call: IncomingCall) -> tuple[str, ...]:
    """Say what the way the call came tells: too many hops, over a teammate's phone, over a number a rule names."""
    if not call.diversions:
        return ()
    facts: list[str] = []
    if len(call.diversions) >= book.safety.max_diversions:
        facts.append("diverted-too-often")
    hops = [book.callers.classify(hop.number, verified=None) for hop in call.diversions]
    if any(hop.person for hop in hops):
        facts.append("via:teammate")
    over = {hop.e164 or hop.raw for hop in hops}
    facts += [question for question, numbers in number.vias.items() if over & numbers]
    return tuple(facts)


def text_facts(number: Number, caller: Caller, text: IncomingText) -> tuple[str, ...]:
    """Say what the words of a text tell: an opt-out, a cry for help, a command, words that rules or `urgent` name."""
    facts: list[str] = []
    if opted := text.opt_out or opt_word(text.text):
        facts.append(opted)
    if text.opt_out:
        facts.append("answered-by-provider")
    if asks_for_help(text.text, number.e164):
        facts.append("emergency")
    if caller.person:
        facts.append(f"teammate:{caller.person}")
        if command_word(text.text):
            facts.append("command")
    facts += [question for question, words in number.words.items() if words.matches(text.text)]
    return tuple(facts)
