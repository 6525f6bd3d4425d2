"""`switchhook audit`: the record of every decision and of what came of it: list, show, export, verify, reindex, erase."""

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import click

from router.archive import Archive, Filter
from router.audit_rows import FIELDS, audit_row, write_csv
from router.cli import FINDINGS, LOCKED, Context, Failure
from router.clock import WallClock, iso
from router.outcome import outcome_of

_F = TypeVar("_F", bound=Callable[..., Any])

NEWEST = 50
"""Rows of a table when nobody says how many; machines (`--json`, `export`) get all."""

_BACK = {"m": 60, "h": 3600, "d": 86400}


class Moment(click.ParamType[str]):
    """A moment in UTC, or how long ago: `30d`, `24h`, `15m`."""

    name = "when"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Read it; the result is ISO in UTC, as records have it."""
        from rules.when import read_when

        now = WallClock().now()
        if value[:-1].isdecimal() and value[-1:] in _BACK:
            return iso(now - int(value[:-1]) * _BACK[value[-1]])
        try:
            return iso(read_when(value, ZoneInfo("UTC"), datetime.fromtimestamp(now, UTC)).timestamp())
        except ValueError as error:
            self.fail(f"{error}; or say how long ago, such as 30d, 24h or 15m", param, ctx)


def state_option(command: _F) -> _F:
    """Let a command be told the state folder itself."""
    folder = click.Path(path_type=Path, file_okay=False, exists=True)
    return click.option("--state", type=folder, help="The state folder, instead of the one of the configuration.")(
        command
    )


def filters(command: _F) -> _F:
    """Give a command the options that choose records."""
    for option in reversed(
        (
            click.option(
                "--since", type=Moment(), default=None, help="From this moment on (UTC), or as long ago: 30d."
            ),
            click.option("--until", type=Moment(), default=None, help="Before this moment."),
            click.option("--kind", "kinds", multiple=True, help="call, text, ended, rules …; may be repeated."),
            click.option("--number", help="One of our numbers, by name or as it was called."),
            click.option("--caller", help="The number that called or wrote."),
            click.option("--rule", help="Decided by this rule; * stands for anything."),
            click.option("--limit", type=click.IntRange(min=1), help="The newest so many."),
            click.option("--reveal", is_flag=True, help="Show numbers in full, and the bodies of texts."),
        )
    ):
        command = option(command)
    return command


def archive(context: Context, state: Path | None) -> Archive:
    """Return what lies in the folder *state*, or in that of the configuration."""
    return Archive(state or context.state_folder())


@click.group()
def audit() -> None:
    """Read, export and verify the record of every decision."""


@audit.command("list")
@filters
@click.option("--json", "as_json", is_flag=True, help="One JSON list.")
@state_option
@click.pass_obj
def list_(
    context: Context, /, *, state: Path | None, as_json: bool, reveal: bool, limit: int | None, **chosen: Any
) -> None:
    """List decisions and what came of them, oldest first; a table shows the newest 50."""
    wanted = _filter(**chosen)
    found = archive(context, state).select(wanted, limit if as_json else limit or NEWEST)
    rows = [audit_row(record, reveal=reveal) for record in found]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    from router.audit_words import table

    click.echo(table(rows))


@audit.command()
@click.argument("name", metavar="ID")
@click.option("--reveal", is_flag=True, help="Show numbers in full, and the body of a text.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object: the decision, what came after it, and of it.")
@state_option
@click.pass_obj
def show(context: Context, *, name: str, state: Path | None, as_json: bool, reveal: bool) -> None:
    """Tell the whole story of one call or text. ID is ours, the provider's, or a row's seq."""
    found = archive(context, state).about(name)
    if not found:
        raise Failure(f"nothing in the audit is called '{name}'", FINDINGS)
    decision, *after = [audit_row(record, reveal=reveal) for record in found]
    if as_json:
        told = {"decision": decision, "after": after, "outcome": outcome_of(found)}
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    from router.audit_words import story

    click.echo(story(decision, after, outcome_of(found)))


@audit.command()
@click.option("--format", "style", type=click.Choice(["jsonl", "csv"]), default="jsonl", show_default=True)
@click.option("--raw", is_flag=True, help="CSV cells as they are, even where a spreadsheet would run them.")
@filters
@state_option
@click.pass_obj
def export(
    context: Context, /, *, style: str, raw: bool, state: Path | None, reveal: bool, limit: int | None, **chosen: Any
) -> None:
    """Write rows to stdout, one JSON object a line, or as CSV for a spreadsheet."""
    wanted = _filter(**chosen)
    rows = (audit_row(record, reveal=reveal) for record in archive(context, state).select(wanted, limit))
    if style == "csv":
        write_csv(rows, sys.stdout, fields=(*FIELDS, "text") if reveal else FIELDS, raw=raw)
        return
    for row in rows:
        sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")


@audit.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@state_option
@click.pass_obj
def verify(context: Context, *, state: Path | None, as_json: bool) -> None:
    """
    Recompute the chain of every record, and name the first row that does not hold.

    The head that is printed is worth keeping elsewhere: no chain can show by itself that its end was cut off.
    Exit: 0 it holds, 1 it does not.
    """
    from router.audit_words import verdict_json, verdict_words
    from router.journal.files import segments
    from router.journal.walk import check

    found = archive(context, state)
    if not found.journal.is_dir():
        raise Failure(f"there is no journal in {found.state}", FINDINGS)
    files = segments(found.journal)
    verdict = check(files)
    # what the daemon is writing at this moment may be on disk in part
    good = verdict.flaw is None or (verdict.unfinished and found.running())
    if as_json:
        click.echo(json.dumps(verdict_json(verdict, len(files), good=good), ensure_ascii=False))
    else:
        click.echo(verdict_words(verdict, len(files), good=good))
    if not good:
        raise SystemExit(FINDINGS)


@audit.command()
@state_option
@click.pass_obj
def reindex(context: Context, *, state: Path | None) -> None:
    """
    Build index.db again from the journal.

    Nothing is sent or decided again. Exit: 5 while the daemon runs (it mends its index by itself).
    """
    from router.index.rebuild import rebuild
    from router.state import LockedError, StateFolder

    folder = StateFolder(archive(context, state).state)
    try:
        folder.open()
    except LockedError as error:
        raise Failure(str(error), LOCKED) from None
    try:
        count = rebuild(folder.path)
    except TimeoutError as error:  # a daemon was killed, and the process that wrote its index hangs
        raise Failure(f"index.db: {error}", LOCKED) from None
    finally:
        folder.close()
    click.echo(f"{folder.path / 'index.db'}: {count} records")


@audit.command()
@click.argument("name", metavar="[ID]", required=False)
@click.option("--caller", metavar="NUMBER", help="Everything of whoever has this phone number.")
@click.option("--yes", is_flag=True, help="Do not ask whether it is meant.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@state_option
@click.pass_obj
def erase(
    context: Context, *, name: str | None, caller: str | None, yes: bool, state: Path | None, as_json: bool
) -> None:
    """
    Erase somebody from the record, or one call or text by its ID; for good.

    Numbers, words, answers and recordings go; that something happened, when, and by which rule stays, and the chain still
    verifies. The daemon has to be stopped meanwhile.
    Exit: 1 nothing was found, or something is left and named, 5 while the daemon runs.
    """
    if (name is None) == (caller is None):
        raise click.UsageError("say whom: --caller NUMBER, or the ID of one call or text")
    from router.commands.erase import erase_from

    place = archive(context, state).state
    erase_from(context, place, call=name, caller=caller, yes=yes, as_json=as_json)


def _filter(
    *,
    since: str | None,
    until: str | None,
    kinds: tuple[str, ...],
    number: str | None,
    caller: str | None,
    rule: str | None,
) -> Filter:
    return Filter(since=since or "", until=until, kinds=frozenset(kinds), number=number, caller=caller, rule=rule)
