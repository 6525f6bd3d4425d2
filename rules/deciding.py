"""One event at one moment: the answers to `decide`'s questions, the trace, and the templates filled in."""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from copy import copy
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import attrs

from rules.book import Number, RuleBook
from rules.callers import Caller
from rules.decide import Verdict, decide
from rules.inquiry import Inquiry, Leave, Override, absences, calendar_leave
from rules.plan import Decision, Reply, Say, Step, Voicemail
from rules.timeline import Timeline, Window

DAY = 86400
BEHIND, AHEAD = 8 * DAY, 400 * DAY
MARGIN = 60 * DAY
CACHED = 50_000
LIVE = ("ringing-now", "opted-out", "limit:", "spoke-")

Live = Callable[[str], bool]
"""Answers the live questions: facts of this very moment that no table holds."""


def never(_question: str) -> bool:
    """Answer every live question with no, as every analysis does."""
    return False


def window_around(at: int) -> Window:
    """Return the stretch that is compiled for decisions at *at* (UTC epoch seconds): 8 days back, 400 ahead."""
    today = at - at % DAY
    return Window(today - BEHIND, today + AHEAD)


@attrs.frozen(eq=False)
class Recorder:
    """
    Answers questions for one inquiry at one moment, and remembers what it said.

    What it wrote down is the audit trace and the explanation. A question asked twice is answered from memory.
    """

    tables: dict[str, Timeline]
    at: int
    truths: frozenset[str]
    live: Live
    said: dict[str, bool] = attrs.field(factory=dict)

    def __call__(self, question: str) -> bool:
        """Answer, and keep the answer."""
        if question in self.said:
            return self.said[question]
        if question in self.tables:
            answer = self.tables[question].at(self.at)
        elif question.startswith(LIVE):
            answer = self.live(question)
        else:
            answer = question in self.truths
        self.said[question] = answer
        return answer

    def stretch(self) -> tuple[int | None, int | None]:
        """Return from when until when every time question would be answered alike; None where the window shows no end."""
        since: int | None = None
        until: int | None = None
        for question in self.said:
            line = self.tables.get(question)
            if line is None:
                continue
            before, after = line.around(self.at)
            if before is not None and (since is None or before > since):
                since = before
            if after is not None and (until is None or after < until):
                until = after
        return since, until


@attrs.define(eq=False)
class Settled:
    """
    A decision that holds for any moment of `[since, until)`, as long as the live questions are answered alike.

    *decision* is it as it was given last: the next event often comes within the same second.
    """

    decision: Decision
    since: int
    until: int
    live: tuple[tuple[str, bool], ...]

    def again(self, inquiry: Inquiry, moment: int, live: Live) -> Decision | None:
        """Give the decision again for *inquiry* at *moment*, or None when it may be another by now."""
        if not self.since <= moment < self.until:
            return None
        for question, said in self.live:
            if live(question) != said:
                return None
        decision, groups = self.decision, inquiry.caller.groups
        if decision.at == moment and decision.groups == groups:
            return decision
        self.decision = decision.at_moment(moment, groups)
        return self.decision


class Memory:
    """Decisions made, each for the stretch of time in which every time question it asked keeps its answer."""

    def __init__(self) -> None:
        self.known: dict[tuple[object, ...], list[Settled]] = {}
        self.count = 0

    def recall(self, inquiry: Inquiry, at: int, live: Live) -> Decision | None:
        """Return what was decided for an event alike, if it still holds at *at*."""
        known = self.known.get(inquiry.signature())
        if known is None:
            return None
        last = bisect_right(known, at, key=_since) - 1
        return known[last].again(inquiry, at, live) if last >= 0 else None

    def keep(self, signature: tuple[object, ...], settled: Settled) -> None:
        """Remember *settled*; one of the same stretch, with other live answers, makes way for it."""
        if self.count >= CACHED:
            self.known.clear()
            self.count = 0
        known = self.known.setdefault(signature, [])
        place = bisect_right(known, settled.since, key=_since)
        if place and known[place - 1].since == settled.since:
            known[place - 1] = settled
        else:
            known.insert(place, settled)
            self.count += 1


def _since(settled: Settled) -> int:
    return settled.since


class Timetable:
    """
    A rule book compiled for a window of time, with what is switched on besides: overrides and leaves, newest first.

    Decisions are remembered until a time question they asked changes its answer, so most events cost one look-up.
    """

    def __init__(
        self, book: RuleBook, window: Window, overrides: tuple[Override, ...] = (), leaves: tuple[Leave, ...] = ()
    ) -> None:
        self.book = book
        self.window = window
        self.compiled = book.tables(window)
        self.calendars = tuple(calendar_leave(person, spans) for person, spans in book.calendars(window).items())
        self._switch(overrides, leaves)

    def switched(self, overrides: tuple[Override, ...], leaves: tuple[Leave, ...] = ()) -> "Timetable":
        """Return the same book and window with these in force instead; the schedules are not compiled again."""
        made = copy(self)
        made._switch(overrides, leaves)
        return made

    def _switch(self, overrides: tuple[Override, ...], leaves: tuple[Leave, ...]) -> None:
        told = {leave.person for leave in leaves if leave.calendar}
        leaves = (*leaves, *(leave for leave in self.calendars if leave.person not in told))
        self.overrides = overrides
        self.absences = absences(self.book, leaves)
        self.tables = {
            **self.compiled,
            **{override.question: Timeline.of([override.span]) for override in overrides},
            **{leave.question: Timeline.of(leave.spans) for leave in leaves},
        }
        self.doors: dict[str, Timeline] = {}
        self.memory = Memory()

    def covers(self, at: int) -> bool:
        """Say whether *at* (UTC epoch seconds) lies well within the window: the day before and the next opening are known."""
        return self.window.start + DAY <= at < self.window.end - MARGIN

    def decide(self, inquiry: Inquiry, at: int, live: Live = never) -> Decision:
        """Decide *inquiry* at *at* (UTC epoch seconds); *live* answers what only this moment knows."""
        known = self.memory.recall(inquiry, at, live)
        if known:
            return known
        recorder = Recorder(self.tables, at, inquiry.truths(), live)
        verdict = decide(recorder, inquiry, self.concerning(inquiry.number), self.absences)
        return self.settle(inquiry, at, recorder, verdict)

    def concerning(self, number: Number | None) -> tuple[Override, ...]:
        """Return the overrides that may concern *number*, in their order (newest first)."""
        if not self.overrides or number is None:
            return ()
        return tuple(override for override in self.overrides if override.number in (None, number.name))

    def next_open(self, number: Number | None, at: int) -> int | None:
        """Return when *number* opens next (UTC epoch seconds), or None when it never closes or never opens again."""
        door = self.door(number)
        return None if door is None else door.next_start(at)

    def door(self, number: Number | None) -> Timeline | None:
        """Return when *number* is open, by its hours and by what is switched on; None when it always is."""
        if number is None:
            return None
        switches = [override for override in self.concerning(number) if override.opens is not None]
        if not switches:
            return self.tables[number.hours] if number.hours else None
        door = self.doors.get(number.name)
        if door is None:
            always = Timeline((self.window.start, self.window.end))
            door = self.doors[number.name] = switched_door(
                self.tables[number.hours] if number.hours else always, switches, self.tables
            )
        return door

    def settle(self, inquiry: Inquiry, at: int, recorder: Recorder, verdict: Verdict) -> Decision:
        """Make the complete decision of a verdict: templates filled in, how long it holds, what was asked."""
        number = inquiry.number
        opens = self.next_open(number, at)
        filling = Filling(self.book.business, number, opens, inquiry.caller)
        plan = tuple(filling.step(step) for step in verdict.plan)
        since, until = recorder.stretch()
        valid_until = earliest(until, opens) if "{next_open}" in filling.told else until
        decision = Decision(
            kind=inquiry.kind,
            number=number.name if number else None,
            caller_class=inquiry.caller.cls,
            groups=inquiry.caller.groups,
            at=at,
            rule=verdict.rule,
            layer=verdict.layer,
            source=verdict.source,
            asked=tuple(recorder.said.items()),
            plan=plan,
            why=verdict.why,
            next_open=opens,
            valid_until=valid_until,
            ruleset=self.book.ruleset,
        )
        if "{caller}" not in filling.told:
            self.remember(inquiry, decision, since, until)
        return decision

    def remember(self, inquiry: Inquiry, decision: Decision, since: int | None, until: int | None) -> None:
        """Keep *decision* for events alike, for as long as its questions and the next opening stay as they are."""
        door = self.door(inquiry.number)
        if door is not None:
            before, after = door.around(decision.at)
            since, until = latest(since, before), earliest(until, after)
        settled = Settled(
            decision,
            since=self.window.start if since is None else since,
            until=self.window.end if until is None else until,
            live=tuple((question, said) for question, said in decision.asked if question.startswith(LIVE)),
        )
        self.memory.keep(inquiry.signature(), settled)


def switched_door(hours: Timeline, switches: Iterable[Override], tables: dict[str, Timeline]) -> Timeline:
    """Return when it is open: by *hours*, except where one of *switches* (newest first) says otherwise."""
    for switch in reversed(tuple(switches)):
        span = tables[switch.question]
        hours = hours | span if switch.opens else hours - span
    return hours


def earliest(one: int | None, other: int | None) -> int | None:
    """Return the earlier of two moments, None standing for never."""
    return one if other is None or (one is not None and one < other) else other


def latest(one: int | None, other: int | None) -> int | None:
    """Return the later of two moments, None standing for never."""
    return one if other is None or (one is not None and one > other) else other


@attrs.frozen
class Filling:
    """Fills in templates for one decision, and remembers in *told* which fields were named; *opens* is epoch seconds."""

    business: str
    number: Number | None
    opens: int | None
    caller: Caller
    told: set[str] = attrs.field(factory=set)

    def step(self, step: Step) -> Step:
        """Return *step* with the templates of what is said or replied filled in."""
        match step:
            case Say(text=text) | Reply(text=text) if "{" in text:
                return attrs.evolve(step, text=self.text(text))
            case Voicemail(greeting=Say() as greeting) if "{" in greeting.text:
                return attrs.evolve(step, greeting=attrs.evolve(greeting, text=self.text(greeting.text)))
        return step

    def text(self, text: str) -> str:
        """Fill in one text. The caller reads or hears it, so their own number may stand in it."""
        for field, value in FIELDS.items():
            if field in text:
                self.told.add(field)
                text = text.replace(field, value(self))
        return text


FIELDS: dict[str, Callable[[Filling], str]] = {
    "{business}": lambda filling: filling.business,
    "{next_open}": lambda filling: in_words(filling.opens, filling.number.zone) if filling.number else "",
    "{caller}": lambda filling: filling.caller.e164 or "your number",
}
"""What a template may name, and what it comes to."""


def in_words(moment: int | None, zone: ZoneInfo) -> str:
    """Tell *moment* (UTC epoch seconds) as a customer reads it in *zone*: `Mon 30 Nov 09:00`."""
    if moment is None:
        return "as soon as we can"
    return f"{datetime.fromtimestamp(moment, UTC).astimezone(zone):%a %-d %b %H:%M}"
