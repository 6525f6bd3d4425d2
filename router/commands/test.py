"""`switchhook test`: the administrator's own tests of the rules, and which rules they reach."""

import json
import time
from pathlib import Path

import click

from router.cli import Context, Failure
from router.moment import moment_of
from rules.load import Loaded


@click.command()
@click.argument("tests", nargs=-1, type=click.Path(path_type=Path))
@click.option("--now", metavar="WHEN", help="What 'sat 11:00' and 'now' in the tests count from; else the present.")
@click.option("--record", is_flag=True, help="Print tests of what is decided within two weeks, to start from.")
@click.option("--junit", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write JUnit XML there.")
@click.option("--json", "json_wanted", is_flag=True, help="One JSON value instead of text.")
@click.pass_obj
def test(
    context: Context, *, tests: tuple[Path, ...], now: str | None, record: bool, junit: Path | None, json_wanted: bool
) -> None:
    """
    Run tests of the rules: moments, and what must happen then.

    \b
      switchhook test tests.yaml                       these
      switchhook test                                  those the configuration names under `tests:`
      switchhook test --record > tests.yaml            begin with what is decided today

    Exit: 0 all pass, 1 a test fails or cannot be read.
    """
    loaded = context.load()
    if loaded.book is None or loaded.spec is None:
        context.refuse(loaded)
    moment = moment_of(now, loaded.book.zone)
    if record:
        from rules.cases.recording import record as recorded

        click.echo(recorded(loaded.book, loaded.spec, moment), nl=False)
        return
    raise SystemExit(_run(context, loaded, tests, moment, junit=junit, json_wanted=json_wanted))


def _run(
    context: Context, loaded: Loaded, tests: tuple[Path, ...], now: int, *, junit: Path | None, json_wanted: bool
) -> int:
    """Run the tests, tell what came of them, and return the exit code."""
    from router.casefiles import CaseFiles, named_files
    from router.casewords import as_json, in_lines
    from router.junit import junit as as_junit
    from rules.cases import run_cases
    from rules.files import show_all, texts_of

    assert loaded.book is not None
    assert loaded.spec is not None
    if not tests and not loaded.spec.tests:
        raise click.UsageError(f"name files of tests, here or in {context.config} under `tests:`; --record writes some")
    files = CaseFiles(_given(tests)) if tests else named_files(loaded.spec.tests, context.config.parent)
    begun = time.perf_counter()
    report = run_cases(loaded.book, files.contents, now)
    seconds = time.perf_counter() - begun
    problems = (*files.problems, *report.problems)
    if junit is not None:
        _write(junit, as_junit(report, problems, seconds))
    if json_wanted:
        click.echo(json.dumps(as_json(report, problems, seconds), ensure_ascii=False))
    else:
        if problems:
            click.echo(show_all(problems, {**loaded.texts, **texts_of(files.contents)}) + "\n", err=True)
        for line in in_lines(report, seconds):
            click.echo(line)
    return 0 if report.good and not problems else 1


def _given(tests: tuple[Path, ...]) -> dict[str, bytes]:
    """Read the files named on the command line."""
    from router.casefiles import read

    contents = {}
    for path in tests:
        content = read(path)
        if isinstance(content, str):
            raise Failure(f"{path} {content}")
        contents[str(path)] = content
    return contents


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise Failure(f"{path} cannot be written: {(error.strerror or str(error)).lower()}") from error
