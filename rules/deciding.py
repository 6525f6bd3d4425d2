"""One event at one moment: the answers to `decide`'s questions, the trace, and the templates filled in."""

from bisect import bisect_right
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import attrs

from rules.book import Number, RuleBook
from rules.callers import Caller
from rules.decide import Verdict, decide
from rules.inquiry import Inquiry, Override
from rules.plan import Decision, Reply, Say, Step, Voicemail
from rules.timeline import Timeline, Window

DAY = 86400
BEHIND, AHEAD = 8 * DAY, 400 * DAY
MARGIN = 60 * DAY
CACHED = 20_000
LIVE = ("ringing-now", "opted-out", "limit:")

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

    def timelines(self) -> list[Timeline]:
        """Return the tables of every time question asked."""
        return [self.tables[question] for question in self.said if question in self.tables]

    def valid_until(self) -> int | None:
        """Return the first moment at which a time question would be answered otherwise."""
        changes = (line.next_change(self.at) for line in self.timelines())
        return min((change for change in changes if change is not None), default=None)


@attrs.frozen(eq=False)
class Settled:
    """A decision that holds for any moment of `[since, until)`, as long as the live questions are answered alike."""

    decision: Decision
    since: int
    until: int
    live: tuple[tuple[str, bool], ...]

    def at(self, moment: int, live: Live) -> Decision | None:
        """Give the decision again for *moment*, or None when it may be another by now."""
        if not self.since <= moment < self.until or not all(live(question) == said for question, said in self.live):
            return None
        return self.decision if self.decision.at == moment else attrs.evolve(self.decision, at=moment)


class Memory:
    """Decisions made, each for the stretch of time in which every time question it asked keeps its answer."""

    def __init__(self) -> None:
        self.known: dict[tuple[object, ...], list[Settled]] = {}
        self.count = 0

    def recall(self, signature: tuple[object, ...], at: int, live: Live) -> Decision | None:
        """Return what was decided for an event alike, if it still holds at *at*."""
        known = self.known.get(signature)
        if known is None:
            return None
        last = bisect_right(known, at, key=_since) - 1
        return known[last].at(at, live) if last >= 0 else None

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
    A rule book compiled for a window of time, with the overrides in force.

    Decisions are remembered until a time question they asked changes its answer, so most events cost one look-up.
    """

    def __init__(self, book: RuleBook, window: Window, overrides: tuple[Override, ...] = ()) -> None:
        self.book = book
        self.window = window
        self.overrides = overrides
        self.tables = book.tables(window)
        self.tables |= {override.question: Timeline.of([override.span]) for override in overrides}
        self.memory = Memory()

    def covers(self, at: int) -> bool:
        """Say whether *at* (UTC epoch seconds) lies well within the window: the day before and the next opening are known."""
        return self.window.start + DAY <= at < self.window.end - MARGIN

    def decide(self, inquiry: Inquiry, at: int, live: Live = never) -> Decision:
        """Decide *inquiry* at *at* (UTC epoch seconds); *live* answers what only this moment knows."""
        known = self.memory.recall(inquiry.signature(), at, live)
        if known:
            return known
        recorder = Recorder(self.tables, at, inquiry.truths(), live)
        verdict = decide(recorder, inquiry, self.concerning(inquiry.number))
        return self.settle(inquiry, at, recorder, verdict)

    def concerning(self, number: Number | None) -> tuple[Override, ...]:
        """Return the overrides that may concern *number*, in their order (newest first)."""
        if not self.overrides or number is None:
            return ()
        return tuple(override for override in self.overrides if override.number in (None, number.name))

    def next_open(self, number: Number | None, at: int) -> int | None:
        """Return when *number* opens next (UTC epoch seconds), or None when it never closes or never opens again."""
        if number is None or number.hours is None:
            return None
        return self.tables[number.hours].next_start(at)

    def settle(self, inquiry: Inquiry, at: int, recorder: Recorder, verdict: Verdict) -> Decision:
        """Make the complete decision of a verdict: templates filled in, how long it holds, what was asked."""
        number = inquiry.number
        opens = self.next_open(number, at)
        filling = Filling(self.book.business, in_words(opens, number.zone) if number else "", inquiry.caller)
        plan = tuple(filling.step(step) for step in verdict.plan)
        ends = [recorder.valid_until(), opens if "{next_open}" in filling.told else None]
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
            valid_until=min((end for end in ends if end is not None), default=None),
            ruleset=self.book.ruleset,
        )
        if "{caller}" not in filling.told:
            self.remember(inquiry, decision, recorder)
        return decision

    def remember(self, inquiry: Inquiry, decision: Decision, recorder: Recorder) -> None:
        """Keep *decision* for events alike, for as long as its questions and the opening it names stay as they are."""
        lines = recorder.timelines()
        if inquiry.number and inquiry.number.hours:
            lines.append(self.tables[inquiry.number.hours])
        befores = (line.last_change(decision.at) for line in lines)
        afters = (line.next_change(decision.at) for line in lines)
        settled = Settled(
            decision,
            since=max((moment for moment in befores if moment is not None), default=self.window.start),
            until=min((moment for moment in afters if moment is not None), default=self.window.end),
            live=tuple((question, said) for question, said in recorder.said.items() if question.startswith(LIVE)),
        )
        self.memory.keep(inquiry.signature(), settled)


@attrs.frozen
class Filling:
    """Fills in templates for one decision, and remembers in *told* which fields were named."""

    business: str
    next_open: str
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
        fields = {
            "{business}": self.business,
            "{next_open}": self.next_open,
            "{caller}": self.caller.e164 or "your number",
        }
        for field, value in fields.items():
            if field in text:
                self.told.add(field)
                text = text.replace(field, value)
        return text


def in_words(moment: int | None, zone: ZoneInfo) -> str:
    """Tell *moment* (UTC epoch seconds) as a customer reads it in *zone*: `Mon 30 Nov 09:00`."""
    if moment is None:
        return "as soon as we can"
    return f"{datetime.fromtimestamp(moment, UTC).astimezone(zone):%a %-d %b %H:%M}"
