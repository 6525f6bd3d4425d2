"""Recorded events against another rule file: what would have gone otherwise, counted by change."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import attrs

from router.journal.record import Cut, Record, read
from router.recorded import REMEMBERED, Decided, Reader, Recorded
from router.switchboard.history import NOTHING, History
from rules.book import RuleBook
from rules.deciding import Timetable, window_around
from rules.inquiry import inquire
from rules.plan import Decision, Deliver, Ring, Step
from rules.telling import step_json

Json = dict[str, Any]
EXAMPLES = 3


@attrs.frozen(cache_hash=True)
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


@attrs.frozen(cache_hash=True)
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

    def add(self, row: Cut) -> None:
        """Count one more."""
        self.count += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(read(row))

    def join(self, later: "Tally") -> None:
        """Count what was found *later* besides."""
        self.count += later.count
        self.examples += later.examples[: EXAMPLES - len(self.examples)]


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

    def join(self, later: "Report") -> None:
        """Add what came of *later* events."""
        self.unchanged += later.unchanged
        self.erased += later.erased
        self.unusual += later.unusual
        for change, tally in later.changes.items():
            self.changes.setdefault(change, Tally()).join(tally)


class Compared(NamedTuple):
    """What came of holding *plan* against what was *decided* then; *change* is None when they are the same."""

    plan: tuple[Step, ...]
    decided: Decided
    change: Change | None


class Replayer:
    """Decides recorded events again, by another book, as far as possible as things stood then: with what was switched on."""

    def __init__(self, book: RuleBook, history: History = NOTHING) -> None:
        self.book = book
        self.switches = history.switches(book)
        self.reader = Reader()
        self.timetable: Timetable | None = None
        self.compared: dict[tuple[str, int, int], Compared] = {}

    def replay(self, rows: Iterable[Cut]) -> Report:
        """
        Decide every call and text of *rows* again; live facts (limits, opt-outs, what was ringing) are as recorded.

        The rows hold by themselves. One that was sealed and hashed, but is no JSON, is passed over.
        """
        report = Report()
        for row in rows:
            try:
                found = self.reader.read(row)
            except ValueError:  # written by somebody else: we write nothing but JSON
                continue
            if found == "erased":
                report.erased += 1
            elif found == "unusual":
                report.unusual += 1
            else:
                change = self.change(row, found)
                if change is None:
                    report.unchanged += 1
                else:
                    report.changes.setdefault(change, Tally()).add(row)
        return report

    def change(self, row: Cut, found: Recorded) -> Change | None:
        """Decide one event again and say what would change; plans that were held against each other once are so no more."""
        decision, decided = self.decide(found), found.decided
        key = (decision.rule, id(decision.plan), id(decided))
        known = self.compared.get(key)
        if known is None:
            if len(self.compared) >= REMEMBERED:
                self.compared.clear()
            change = difference(row.kind.decode(), decided, decision)
            known = self.compared[key] = Compared(decision.plan, decided, change)
        return known.change

    def decide(self, found: Recorded) -> Decision:
        """Decide the event of *found* by this book, at the moment it was received."""
        if self.timetable is None or not self.timetable.covers(found.at):
            self.timetable = Timetable(self.book, window_around(found.at), *self.switches)
        return self.timetable.decide(inquire(self.book, found.event), found.at, found.decided.live)


def difference(kind: str, then: Decided, now: Decision) -> Change | None:
    """Return how an event decided *then* would go *now*, or None when it would go the same way."""
    steps = list(as_recorded(now.plan, then.plan))
    if then.rule == now.rule and then.plan == steps:
        return None
    return Change(kind, then.number, Outcome.of(then.rule, then.plan), Outcome.of(now.rule, steps))


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
