"""One event at one moment: the answers to `decide`'s questions, the trace, and the templates filled in."""

from collections.abc import Iterable
from copy import copy

import attrs

from rules.book import Number, RuleBook
from rules.decide import Verdict, decide
from rules.filling import Filling
from rules.inquiry import Inquiry, Leave, Override, absences, calendar_leave
from rules.plan import Decision
from rules.settled import Live, Memory, Settled
from rules.timeline import Timeline, Window

DAY = 86400
BEHIND, AHEAD = 8 * DAY, 400 * DAY
MARGIN = 60 * DAY
LIVE = ("ringing-now", "opted-out", "limit:", "spoke-")


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
