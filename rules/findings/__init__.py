"""
What `check` finds in a file without errors: what it says and hardly means, to the minute, for every kind of event.

To add a finding, write a function (for what stands in the file) or a watcher (for what follows from it at some moment),
and add it to one of the two lists.
"""

from collections.abc import Callable, Mapping, Sequence

import attrs

from rules.book import RuleBook
from rules.explore import KINDS
from rules.findings.added import check_added
from rules.findings.clocks import check_clocks
from rules.findings.covers import CoverMostlyOut
from rules.findings.dated import check_absences_over
from rules.findings.entries import check_entries
from rules.findings.gaps import FirstStepEmpty, OpenButNobody
from rules.findings.loops import CoverLoop
from rules.findings.providers import check_announcements, check_providers
from rules.findings.reached import NeverReached
from rules.findings.redundant import Redundant
from rules.findings.steps import check_steps
from rules.findings.study import NOTHING_KNOWN, Abilities, Study, Watcher
from rules.findings.texts import check_unwritten_texts
from rules.findings.unsent import check_unsendable_texts
from rules.findings.unused import check_unused
from rules.source import Problem
from rules.spec import FileSpec
from rules.timeline import Window

__all__ = ["Abilities", "Found", "Study", "find", "never_reached", "open_but_nobody"]

AS_WRITTEN = (
    check_unused,
    check_absences_over,
    check_entries,
    check_added,
    check_clocks,
    check_providers,
    check_announcements,
    check_steps,
    check_unwritten_texts,
    check_unsendable_texts,
)
"""Findings that need no event."""

WATCHERS: tuple[Callable[[Study], Watcher], ...] = (
    NeverReached,
    Redundant,
    OpenButNobody,
    FirstStepEmpty,
    CoverLoop,
    CoverMostlyOut,
)
"""Findings made of what happens at every moment to every kind of event."""


Progress = Callable[[int, int], bool]
"""Told how many numbers have been looked at, of how many; says whether to go on."""


def to_the_end(_done: int, _of: int) -> bool:
    """Go on, whatever is left."""
    return True


@attrs.frozen(eq=False)
class Found:
    """What was found in *window*: *numbers* were looked at, of *of* in all; it took *runs* decisions."""

    window: Window
    problems: tuple[Problem, ...]
    numbers: int
    of: int
    runs: int


def find(
    book: RuleBook,
    spec: FileSpec,
    window: Window,
    abilities: Mapping[str, Abilities] = NOTHING_KNOWN,
    progress: Progress = to_the_end,
) -> Found:
    """
    Find everything there is to say about *book*, which was made of *spec*, within *window* (which begins now).

    *abilities* are those of the providers, by name. When *progress* says so, no further numbers are looked at.
    """
    study = Study.of(book, spec, window, abilities)
    problems: list[Problem] = []
    for check in AS_WRITTEN:
        check(study, problems.append)
    watchers = [make(study) for make in WATCHERS]
    numbers = watch(study, watchers, progress)
    for watcher in watchers:
        watcher.tell(problems.append)
    return Found(window, tuple(problems), numbers, len(book.numbers), study.explorer.runs)


def watch(study: Study, watchers: Sequence[Watcher], progress: Progress = to_the_end) -> int:
    """Show every leaf to *watchers*, one number after another; return how many numbers were looked at."""
    numbers = study.book.numbers.values()
    for done, number in enumerate(numbers):
        if not progress(done, len(numbers)):
            return done
        for kind in KINDS:
            for leaf in study.explorer.of(number.name, kind):
                for watcher in watchers:
                    watcher.see(number, kind, leaf)
    progress(len(numbers), len(numbers))
    return len(numbers)


def open_but_nobody(study: Study, progress: Progress = to_the_end) -> dict[str, int]:
    """Return for each number how many seconds of the window it is open and an ordinary call rings nobody."""
    seconds = {}
    for done, number in enumerate(study.book.numbers.values()):
        if not progress(done, len(study.book.numbers)):
            break
        watcher = OpenButNobody(study)
        ordinary = study.explorer.spaces.of(number, "call")[:1]
        for leaf in study.explorer.split(ordinary):
            watcher.see(number, "call", leaf)
        seconds[number.name] = sum(end - start for start, end in watcher.times(number.name).spans())
    return seconds


def never_reached(study: Study, progress: Progress = to_the_end) -> dict[str, int]:
    """Return for each number how many of its rules decide nothing in the whole window."""
    watcher = NeverReached(study)
    looked = watch(study, [watcher], progress)
    return {number.name: watcher.unreached(number) for number in list(study.book.numbers.values())[:looked]}
