"""`switchhook check`: every mistake of the files, with its place and a way out."""

import json
from pathlib import Path

import click

from router.cli import Context
from rules.files import show_all
from rules.load import Loaded
from rules.source import Problem


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--strict", is_flag=True, help="Exit with 3 when there are warnings.")
@click.option("--json", "as_json", is_flag=True, help="One JSON value instead of text.")
@click.pass_obj
def check(context: Context, files: tuple[Path, ...], strict: bool, as_json: bool) -> None:
    """
    Look for every mistake in the rule file.

    Each FILE is a main file; without one it is the --config file. Nothing is changed, and no running daemon is asked.
    Exit: 0 good, 1 mistakes, 3 warnings under --strict.
    """
    results = [(file, context.load(file)) for file in files or (context.config,)]
    if as_json:
        click.echo(json.dumps([result_json(file, loaded) for file, loaded in results], ensure_ascii=False, indent=2))
    else:
        for file, loaded in results:
            show(file, loaded)
    problems = [problem for _, loaded in results for problem in loaded.problems]
    if any(problem.severity == "error" for problem in problems):
        raise SystemExit(1)
    if problems and strict:
        raise SystemExit(3)


def show(file: Path, loaded: Loaded) -> None:
    """Print the problems of one file to stderr, and a last line that sums up to stdout."""
    if loaded.problems:
        click.echo(show_all(list(loaded.problems), dict(loaded.texts)) + "\n", err=True)
    if loaded.book is None:
        click.echo(f"{file}: {counted(len(loaded.errors), 'mistake')}; the file cannot be used as it is")
        return
    book = loaded.book
    people, numbers = len(book.directory.people), len(book.numbers)
    warned = f"; {counted(len(loaded.problems), 'warning')}" if loaded.problems else ""
    click.echo(f"{file}: good. {counted(numbers, 'number')}, {counted(people, 'person', 'people')}{warned}")


def counted(count: int, one: str, many: str | None = None) -> str:
    """Say how many, in words that fit."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def result_json(file: Path, loaded: Loaded) -> dict[str, object]:
    """Return what was found in one file."""
    return {
        "file": str(file),
        "good": loaded.book is not None,
        "ruleset": loaded.ruleset,
        "problems": [problem_json(problem) for problem in loaded.problems],
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
