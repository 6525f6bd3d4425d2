"""Running tests: the same `decide`, the same progress of calls, and what came of it beside what was expected."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping

import attrs

from rules.book import RuleBook
from rules.cases.case import Case, Check, Value, Want
from rules.cases.coverage import rule_names
from rules.cases.reading import read_cases
from rules.cases.seen import Seen, see
from rules.cases.vocabulary import BY_KEY, in_words
from rules.deciding import BEHIND, DAY, MARGIN, Timetable
from rules.event import IncomingCall
from rules.files import in_order
from rules.inquiry import Override, inquire
from rules.plan import Decision
from rules.source import Mark, Problem, printable
from rules.timeline import Window

TIMETABLES = 12
"""How many windows are kept compiled at a time."""

QUESTION = "override:test"
"""The question that tells of what a test switches on by hand."""


@attrs.frozen
class Difference:
    """One thing that came otherwise: what was *expected* under *key* (written *at*) and what was *got*, in words."""

    key: str
    expected: str
    got: str
    at: Mark


@attrs.frozen(eq=False)
class Checked:
    """One moment of a test: how it was decided, and every difference; none means that it holds."""

    check: Check
    decision: Decision
    differences: tuple[Difference, ...]


@attrs.frozen(eq=False)
class CaseResult:
    """One test with all its moments; *file* is where it stands."""

    file: str
    case: Case
    checked: tuple[Checked, ...]

    @property
    def passed(self) -> bool:
        """Whether everything came as expected."""
        return not any(each.differences for each in self.checked)


@attrs.frozen(eq=False)
class CaseReport:
    """
    What came of all tests.

    *problems* are mistakes in the files of tests themselves; tests that could not be read are in no result. *reached* are
    the rules and blocks that decided, *rules* all of the book, in its order.
    """

    results: tuple[CaseResult, ...]
    problems: tuple[Problem, ...]
    reached: frozenset[str]
    rules: tuple[str, ...]

    @property
    def good(self) -> bool:
        """Whether every test could be read and holds."""
        return not self.problems and all(result.passed for result in self.results)

    @property
    def moments(self) -> int:
        """How many moments were looked at."""
        return sum(len(result.checked) for result in self.results)

    @property
    def never_reached(self) -> tuple[str, ...]:
        """The rules and blocks that no test reaches, in the order of the book."""
        return tuple(rule for rule in self.rules if rule not in self.reached)

    def failures(self) -> tuple[Problem, ...]:
        """Return a problem for each difference, at the place of the expectation, code `test-failed`."""
        return tuple(
            _failure(result.case, checked, difference)
            for result in self.results
            for checked in result.checked
            for difference in checked.differences
        )


def run_cases(book: RuleBook, files: Mapping[str, bytes], now: int) -> CaseReport:
    """
    Run every test of *files* (name as shown in messages -> content) against *book*.

    *now* (UTC epoch seconds) is what relative moments such as `sat 11:00` count from; dates do not need it. Never raises
    for anything that stands in a file: mistakes are in `problems`, tests that fail in `failures()`; a configuration that
    names these files holds only if the report is `good`.
    """
    problems: list[Problem] = []
    read = [(name, case) for name in files for case in read_cases(name, files[name], book, now, problems.append)]
    runner = _Runner(book, windows(check.moment for _, case in read for check in case.checks))
    results = [CaseResult(name, case, tuple(runner.checked(case, each) for each in case.checks)) for name, case in read]
    reached = frozenset(checked.decision.rule for result in results for checked in result.checked)
    first = next(iter(files), "")
    return CaseReport(tuple(results), tuple(in_order(problems, first)), reached, rule_names(book))


def windows(moments: Iterable[int]) -> tuple[Window, ...]:
    """
    Return the stretches to compile so that each of *moments* (UTC epoch seconds) lies well within one of them.

    They reach as far back and ahead as a decision may look, and no further: tests are often about a few weeks of many years.
    """
    stretches: list[tuple[int, int]] = []
    for moment in sorted(moments):
        start, end = moment - moment % DAY - BEHIND, moment + MARGIN + DAY
        if stretches and start <= stretches[-1][1]:
            start = stretches.pop()[0]
        stretches.append((start, end))
    return tuple(Window(start, end) for start, end in stretches)


@attrs.define
class _Runner:
    """Decides moments of one book; each of *windows*, in their order, is compiled when it is first looked at."""

    book: RuleBook
    windows: tuple[Window, ...]
    compiled: dict[int, Timetable] = attrs.field(factory=dict)

    def checked(self, case: Case, check: Check) -> Checked:
        """Decide *case* at one moment, follow its tries, and compare."""
        inquiry = inquire(self.book, case.event)
        decision = self.timetable(case.override, check.moment).decide(inquiry, check.moment)
        seen = see(self.book, decision, inquiry.caller, check.after)
        found = [_difference(key, want, seen) for key, want in check.wants]
        found.append(_too_many_tries(check, seen, is_call=isinstance(case.event, IncomingCall)))
        return Checked(check, decision, tuple(each for each in found if each is not None))

    def timetable(self, override: str | None, moment: int) -> Timetable:
        """Return the book compiled for the window of *moment*, with *override* switched on for everybody all the time."""
        place = bisect_right(self.windows, moment, key=_start) - 1
        window = self.windows[place]
        if place not in self.compiled:
            if len(self.compiled) >= TIMETABLES:
                self.compiled.clear()
            self.compiled[place] = Timetable(self.book, window)
        if override is None:
            return self.compiled[place]
        plan = override if override in self.book.common.plans else None
        opens = {"open": True, "closed": False}.get(override)
        return self.compiled[place].switched((Override(QUESTION, (window.start, window.end), None, plan, opens),))


def _start(window: Window) -> int:
    return window.start


def _difference(key: str, want: Want, seen: Seen) -> Difference | None:
    expectation = BY_KEY[key]
    got: Value = expectation.got(seen)
    if expectation.fits(want.value, got):
        return None
    return Difference(key, expectation.words + in_words(want.value), in_words(got), want.at)


def _too_many_tries(check: Check, seen: Seen, *, is_call: bool) -> Difference | None:
    """Say that `after` tells of more tries than there are."""
    if not check.after or (is_call and not seen.spare):
        return None
    tries = len(check.after) - seen.spare if is_call else 0
    return Difference("after", f"{len(check.after)} tries", f"{tries}", check.at)


def _failure(case: Case, checked: Checked, difference: Difference) -> Problem:
    """Tell a difference as a problem of the configuration."""
    decision = checked.decision
    tries = f" after {', '.join(checked.check.after)}" if checked.check.after else ""
    message = (
        f"test '{printable(case.name)}' fails at {checked.check.written}{tries}:"
        f" `{difference.key}` should be {difference.expected}, is {difference.got}"
    )
    return Problem("test-failed", message, difference.at, because(decision))


def because(decision: Decision) -> str:
    """Say in one line what decided, where that stands, and why it came so."""
    place = f" ({decision.source})" if decision.source else ""
    reasons = "; ".join(decision.why)
    return f"decided by {decision.rule}{place}" + (f": {reasons}" if reasons else "")
