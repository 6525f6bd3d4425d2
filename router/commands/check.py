"""`switchhook check`: every mistake of the files, then everything they say and hardly mean, each with its place."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import attrs
import click

from router.abilities import abilities_of
from router.cli import FINDINGS, STRICT, Context
from router.clock import WallClock, iso_seconds
from router.moment import moment_of
from rules.files import in_order, show_all
from rules.findings import Found, find
from rules.load import Loaded
from rules.often import clock_in_words, day_in_words, wall
from rules.source import Problem, Severity
from rules.timeline import Window

if TYPE_CHECKING:
    from router.casefiles import Proof

DAY = 86400
LONGEST = 1500
PATIENCE = 1.0
"""Seconds a person waits without being shown how far it is."""


@attrs.frozen(eq=False)
class Checked:
    """One file: what came of loading it, of the analysis (None: it has mistakes), of its own tests, all problems, and absences to come."""

    file: Path
    loaded: Loaded
    found: Found | None
    proof: "Proof | None"
    problems: tuple[Problem, ...]
    coming: tuple[str, ...] = ()

    def count(self, severity: Severity) -> int:
        """Return how many problems are that grave."""
        return sum(problem.severity == severity for problem in self.problems)


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--days", type=click.IntRange(1, LONGEST), default=400, show_default=True, help="How far to look ahead.")
@click.option(
    "--strict", is_flag=True, help="Exit with 3 when there are warnings; notes are never held against a file."
)
@click.option("--now", metavar="WHEN", help="Where to begin: '2026-11-28 23:10', 'sat 11:00'; else the present.")
@click.option(
    "--limit", type=click.IntRange(0), default=120, show_default=True, metavar="SECONDS", help="0: as long as it takes."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON value instead of text.")
@click.pass_obj
def check(
    context: Context, *, files: tuple[Path, ...], days: int, strict: bool, now: str | None, limit: int, as_json: bool
) -> None:
    """
    Look for every mistake in the rule file, then at every minute of the days to come.

    Each FILE is a main file; without one it is the --config file. Nothing is changed, and no running daemon is asked.
    A file of thousands of numbers is looked at for --limit seconds; what was left out is said.
    Exit: 0 good, 1 mistakes, 3 warnings under --strict.
    """
    results = [checked(context, file, days, now, limit) for file in files or (context.config,)]
    if as_json:
        click.echo(json.dumps([result_json(result) for result in results], ensure_ascii=False, indent=2))
    else:
        for result in results:
            show(result, limit)
    if any(result.count("error") for result in results):
        raise SystemExit(FINDINGS)
    if strict and any(result.count("warning") for result in results):
        raise SystemExit(STRICT)


def checked(context: Context, file: Path, days: int, now: str | None, limit: int) -> Checked:
    """Load one file; when it has no mistakes, run its tests and look at all that may happen."""
    loaded = context.load(file)
    if loaded.book is None or loaded.spec is None:
        return Checked(file, loaded, None, None, loaded.problems)
    moment = moment_of(now, loaded.book.zone)
    proof = None
    if loaded.spec.tests:
        from router.casefiles import prove  # only files with tests pay for importing what runs them

        proof = prove(loaded.book, loaded.spec.tests, file.parent, moment)
    with Progress(limit, sys.stderr) as progress:
        window = Window(moment, moment + days * DAY)
        found = find(loaded.book, loaded.spec, window, abilities_of(loaded.spec), progress)
    told, coming = calendars(loaded, window)
    problems = in_order((*loaded.problems, *found.problems, *told, *(proof.problems if proof else ())), str(file))
    return Checked(file, loaded, found, proof, tuple(problems), tuple(coming))


def calendars(loaded: Loaded, window: Window) -> tuple[list[Problem], list[str]]:
    """Return what is wrong with people's calendars, and the next absences by them."""
    assert loaded.spec is not None
    if not any(person.calendar for person in loaded.spec.people.values()):
        return [], []
    from router.feeds.known import coming, findings  # only files with calendars pay for importing what reads them

    return findings(loaded, window, WallClock().now()), coming(loaded, window)


class Progress:
    """Shows a bar on a terminal when it takes longer than a second; after *limit* seconds (0: never) says to stop."""

    def __init__(self, limit: int, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self.limit = limit
        self.stream = stream
        self.clock = clock
        self.begun = clock()
        self.bar: Any = None

    def __enter__(self) -> "Progress":
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """Take the bar away."""
        if self.bar is not None:
            self.bar.render_finish()

    def __call__(self, done: int, of: int) -> bool:
        """Show that *done* of *of* numbers have been looked at."""
        passed = self.clock() - self.begun
        if self.bar is None and passed > PATIENCE and self.stream.isatty():
            self.bar = click.progressbar(length=of, label="looking at every minute", file=self.stream)
        if self.bar is not None:
            self.bar.update(done - self.bar.pos)
        return not self.limit or passed < self.limit


def show(result: Checked, limit: int) -> None:
    """Print the problems of one file to stderr, and what it comes to, to stdout."""
    loaded, found = result.loaded, result.found
    texts = {**loaded.texts, **(result.proof.texts if result.proof else {})}
    if result.problems:
        click.echo(show_all(list(result.problems), texts) + "\n", err=True)
    if loaded.book is None or found is None:
        click.echo(f"{result.file}: {counted(len(loaded.errors), 'mistake')}; the file cannot be used as it is")
        return
    counts = [
        counted(len(loaded.book.numbers), "number"),
        counted(len(loaded.book.directory.people), "person", "people"),
    ]
    if result.proof and result.proof.report:
        counts.append(counted(len(result.proof.report.results), "test"))
    worth = [counted(count, word) for word in ("warning", "note") if (count := result.count(word))]
    verdict = "its tests fail." if result.count("error") else "good."
    click.echo("; ".join((f"{result.file}: {verdict} {', '.join(counts)}", *worth)))
    click.echo(looked_at(found, loaded, limit))
    for line in result.coming:
        click.echo(line)


def looked_at(found: Found, loaded: Loaded, limit: int) -> str:
    """Say what the findings are about."""
    assert loaded.book is not None
    since = wall(found.window.start, loaded.book.zone)
    days = counted((found.window.end - found.window.start) // DAY, "day")
    stretch = f"every minute of {days} from {day_in_words(since)} {clock_in_words(since)}"
    if found.numbers < found.of:
        return (
            f"looked at {found.numbers} of {found.of} numbers within {limit} s, {stretch}; nothing is said of the others"
            " (--limit 0 looks at all of them)"
        )
    return f"looked at {stretch}, every kind of caller and text: {counted(found.runs, 'decision')}"


def counted(count: int, one: str, many: str | None = None) -> str:
    """Say how many, in words that fit."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def result_json(result: Checked) -> dict[str, object]:
    """Return what was found in one file."""
    found = result.found
    report = result.proof.report if result.proof else None
    return {
        "file": str(result.file),
        "good": result.loaded.book is not None and not result.count("error"),
        "ruleset": result.loaded.ruleset,
        "problems": [problem_json(problem) for problem in result.problems],
        "looked_at": found
        and {
            "from": iso_seconds(found.window.start),
            "until": iso_seconds(found.window.end),
            "numbers": found.numbers,
            "of": found.of,
            "decisions": found.runs,
        },
        "tests": report and {"passed": sum(each.passed for each in report.results), "of": len(report.results)},
    }


def problem_json(problem: Problem) -> dict[str, object]:
    """Return one problem."""
    return {
        "severity": problem.severity,
        "code": problem.code,
        "message": problem.message,
        "file": problem.at.file,
        "line": problem.at.line,
        "column": problem.at.column,
        "hint": problem.hint,
    }
