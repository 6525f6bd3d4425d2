"""`switchhook diff`: what changes between two rule files, for whom and when; by meaning, not by text."""

import json
from datetime import UTC, datetime

import click

from router.cli import FINDINGS, Context, Failure
from router.clock import WallClock
from router.files import UnreadableError
from router.masking import mask
from router.revision import load_named
from rules.also import Also, also_changed
from rules.also import as_json as also_json
from rules.diff import Comparison, compare
from rules.files import show_all
from rules.pairs import Side
from rules.paragraphs import Paragraph, paragraphs
from rules.telldiff import in_words, outcome_json
from rules.telling import iso
from rules.timeline import Window
from rules.when import read_when

DAY = 86400
DAYS = 400
LONGEST = 1500


@click.command()
@click.argument("old")
@click.argument("new")
@click.option("--days", type=click.IntRange(1, LONGEST), default=DAYS, show_default=True, help="How far to look ahead.")
@click.option("--now", default="now", metavar="WHEN", help="Where to begin: '2026-11-28 23:10', 'sat 11:00', 'now'.")
@click.option("--full", is_flag=True, help="Tell every interval.")
@click.option("--json", "json_wanted", is_flag=True, help="One JSON value instead of words.")
@click.pass_obj
def diff(_context: Context, *, old: str, new: str, days: int, now: str, full: bool, json_wanted: bool) -> None:
    """
    Say what changes between two rule files: for whom, when, what was, what becomes.

    OLD and NEW are main files, or REVISION:PATH of git. Comments, order and names of files change nothing.
    Exit: 0 nothing changes, 1 something does.

    \b
      switchhook diff config.yaml new.yaml
      switchhook diff HEAD:config.yaml config.yaml
    """
    before, after = side_of(old), side_of(new)
    window = window_from(now, days, after)
    found = compare(before, after, window)
    told = paragraphs(found.changes)
    also = also_changed(before, after, mask)
    changed = bool(told or also or found.appeared or found.vanished)
    if json_wanted:
        click.echo(json.dumps(as_json(found, told, also, full=full), ensure_ascii=False, indent=2))
    elif changed:
        click.echo("\n\n".join(sections(found, told, also, full=full)))
    if changed:
        raise SystemExit(FINDINGS)


def side_of(name: str) -> Side:
    """Load one of the two files; the command ends when it cannot be used."""
    try:
        loaded = load_named(name)
    except UnreadableError as error:
        raise Failure(str(error)) from error
    if loaded.book is None or loaded.spec is None:
        click.echo(show_all(list(loaded.errors), dict(loaded.texts)) + "\n", err=True)
        raise Failure(f"{name} cannot be used as it is")
    return Side(loaded.book, loaded.spec)


def window_from(now: str, days: int, side: Side) -> Window:
    """Return the moments to compare: *days* from *now* on, whole minutes, by the clock of the business."""
    try:
        moment = int(read_when(now, side.book.zone, datetime.fromtimestamp(WallClock().now(), UTC)).timestamp())
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--now") from None
    return Window(moment - moment % 60, moment - moment % 60 + days * DAY)


def sections(found: Comparison, told: list[Paragraph], also: list[Also], *, full: bool) -> list[str]:
    """Return what is printed, in sections."""
    shown = in_words(found, told, full=full)
    if also:
        shown.append("\n".join(["also changed", *(f"    {each.in_words()}" for each in also)]))
    return shown


def as_json(found: Comparison, told: list[Paragraph], also: list[Also], *, full: bool) -> dict[str, object]:
    """Return the whole comparison."""
    return {
        "schema": "diff/1",
        "from": iso(found.window.start),
        "until": iso(found.window.end),
        "changed": bool(told or also or found.appeared or found.vanished),
        "changes": [outcome_json(outcome, full=full) for paragraph in told for outcome in paragraph.outcomes],
        "appeared": [number.name for number in found.appeared],
        "vanished": [number.name for number in found.vanished],
        "also": also_json(also),
    }
