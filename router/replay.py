"""Recorded events against another rule file: what would have gone otherwise, counted by change."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import attrs

from router.engine.told import takes_turns
from router.journal.record import Record
from rules.book import RuleBook
from rules.deciding import Timetable, window_around
from rules.event import Diversion, IncomingCall, IncomingText
from rules.inquiry import inquire
from rules.plan import Decision, Deliver, Ring, Step
from rules.telling import step_json

Json = dict[str, Any]
EXAMPLES = 3


@attrs.frozen
class Outcome:
    """What came of an event: the *rule* that decided and the *plan* as JSON."""

    rule: str
    plan: tuple[str, ...]
    steps: tuple[Json, ...] = attrs.field(eq=False, repr=False)

    @classmethod
    def of(cls, rule: str, steps: Iterable[Json]) -> "Outcome":
        """Make one of a plan's steps, in a form that can be compared quickly and looked up."""
        steps = tuple(steps)
        return cls(rule, tuple(repr(sorted(step.items())) for step in steps), steps)


@attrs.frozen
class Change:
    """Events of one *kind* on one *number* that went one way and would now go another."""

    kind: str
    number: str | None
    was: Outcome
    now: Outcome


@attrs.define
class Tally:
    """How often one change happens, and the first few records that show it."""

    count: int = 0
    examples: list[Record] = attrs.field(factory=list)

    def add(self, record: Record) -> None:
        """Count one more."""
        self.count += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(record)


@attrs.define
class Report:
    """
    What came of a replay.

    *erased* events have lost the numbers and texts they were decided by, and *unusual* ones were not decided by the rules
    (the fail-safe answered): neither can be compared.
    """

    unchanged: int = 0
    erased: int = 0
    unusual: int = 0
    changes: dict[Change, Tally] = attrs.field(factory=dict)

    @property
    def changed(self) -> int:
        """How many events would go otherwise."""
        return sum(tally.count for tally in self.changes.values())


class Replayer:
    """Decides recorded events again, by another book, as far as possible as things stood then."""

    def __init__(self, book: RuleBook) -> None:
        self.book = book
        self.timetable: Timetable | None = None
        self.told: dict[int, tuple[tuple[Step, ...], list[Json] | None]] = {}

    def replay(self, records: Iterable[Record]) -> Report:
        """Decide every call and text of *records* again; live facts (limits, opt-outs, what was ringing) are as recorded."""
        report = Report()
        for record in records:
            if record.kind not in ("call", "text"):
                continue
            if record.private is None or "from" not in record.private:
                report.erased += 1
            elif "asked" not in record.public or record.public.get("layer") == "failsafe":
                report.unusual += 1
            else:
                self.compare(record, report)
        return report

    def compare(self, record: Record, report: Report) -> None:
        """Decide one event again and put it where it belongs."""
        public = record.public
        decision = self.decide(record)
        steps = self.steps(decision.plan, public["plan"])
        if public["rule"] == decision.rule and public["plan"] == steps:
            report.unchanged += 1
        else:
            was, now = Outcome.of(public["rule"], public["plan"]), Outcome.of(decision.rule, steps)
            change = Change(record.kind, public["number"], was, now)
            report.changes.setdefault(change, Tally()).add(record)

    def steps(self, plan: tuple[Step, ...], then: list[Json]) -> list[Json]:
        """Tell *plan* as JSON. One plan is decided for many events; it is told once, unless somebody's turn comes into it."""
        known = self.told.get(id(plan))
        if known is None:
            turns = any(takes_turns(step) for step in plan)
            known = self.told[id(plan)] = (plan, None if turns else [step_json(step) for step in plan])
        return list(as_recorded(plan, then)) if known[1] is None else known[1]

    def decide(self, record: Record) -> Decision:
        """Decide the event of *record* by this book, at the moment it was received."""
        happening = happening_of(record)
        at = moment_of(record)
        if self.timetable is None or not self.timetable.covers(at):
            self.timetable = Timetable(self.book, window_around(at))
        said = dict(record.public["asked"])
        return self.timetable.decide(
            inquire(self.book, happening), at, lambda question: bool(said.get(question, False))
        )


def moment_of(record: Record) -> int:
    """Return when the event of *record* was received, UTC epoch seconds."""
    return int(datetime.fromisoformat(record.public["received_at"]).timestamp())


def happening_of(record: Record) -> IncomingCall | IncomingText:
    """Return the event that *record* decided, as the provider brought it."""
    public, private = record.public, record.private or {}
    common = {"provider": public["provider"], "account": "", "id": public["event_id"]}
    if record.kind == "call":
        return IncomingCall(
            **common,
            to=private["to"],
            caller=private["from"],
            caller_name=private.get("caller_name"),
            diversions=tuple(Diversion(*hop) for hop in private.get("diversions", ())),
            verified=private.get("verified"),
        )
    return IncomingText(
        **common,
        to=private["to"],
        caller=private["from"],
        text=private.get("text", ""),
        opt_out=private.get("opt_out"),
    )


def as_recorded(plan: tuple[Step, ...], then: list[Json]) -> Iterator[Json]:
    """
    Tell *plan* as JSON; where a team takes turns, in the order of *then*.

    Whose turn it is was a fact of that moment, applied after the decision: it is no difference between two rule files.
    """
    for index, step in enumerate(plan):
        told = step_json(step)
        before = then[index] if index < len(then) else {}
        if isinstance(step, Ring) and step.strategy == "take-turns":
            if sorted(before.get("ring", ())) == sorted(step.people):
                told["ring"] = before["ring"]
        elif isinstance(step, Deliver) and step.one and set(before.get("deliver", ())) <= set(step.people):
            told["deliver"] = before.get("deliver", told["deliver"])
        yield told
