"""`switchhook replay`: what would have become of recorded events under another rule file."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from router.archive import Archive, Filter
from router.cli import Context
from router.clock import WallClock, iso
from router.masking import mask
from router.replay import Outcome, Report
from router.replaying import replay as again
from router.switchboard.history import History
from router.switchboard.standing import RECORD
from rules.telling import steps_in_words

UNITS = {"d": 86400, "h": 3600, "m": 60}


class Ago(click.ParamType[int]):
    """A stretch of time before now: `30d`, `12h`."""

    name = "ago"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return seconds."""
        number, unit = str(value)[:-1], str(value)[-1:]
        if not number.isascii() or not number.isdecimal() or unit not in UNITS:
            self.fail(f"'{value}' is no stretch of time; write 30d or 12h", param, ctx)
        return int(number) * UNITS[unit]


@click.command()
@click.argument("new", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--since", type=Ago(), default="30d", show_default=True, metavar="AGO", help="How far back: 30d, 12h.")
@click.option(
    "--max-changed", type=click.IntRange(min=0), metavar="N", help="Exit with 1 when more than N would change."
)
@click.option("--json", "json_wanted", is_flag=True, help="One JSON value instead of words.")
@click.pass_obj
def replay(context: Context, *, new: Path, since: int, max_changed: int | None, json_wanted: bool) -> None:
    """
    Decide recorded calls and texts again, by the rule file NEW, and count what would go otherwise.

    \b
      switchhook replay config.new.yaml --since 30d
      switchhook replay config.new.yaml --max-changed 0      a gate for reviews: exit 1 when anything changes

    The records are those of the --config file's state folder; nothing is changed, and a running daemon is not asked.
    """
    book = context.book(new)
    start = datetime.fromtimestamp(WallClock().now(), UTC) - timedelta(seconds=since)
    archive = Archive(context.state_folder())
    history = History.of(archive.select(Filter(kinds=frozenset({RECORD}))))
    report = again(book, archive.journal, iso(start.timestamp()), history)
    click.echo(json.dumps(as_json(report), ensure_ascii=False) if json_wanted else in_words(report))
    if max_changed is not None and report.changed > max_changed:
        raise SystemExit(1)


def as_json(report: Report) -> dict[str, Any]:
    """Return the whole report; numbers of callers are masked."""
    return {
        "unchanged": report.unchanged,
        "changed": report.changed,
        "erased": report.erased,
        "unusual": report.unusual,
        "changes": [
            {
                "kind": change.kind,
                "number": change.number,
                "count": tally.count,
                "was": {"rule": change.was.rule, "plan": list(change.was.steps)},
                "now": {"rule": change.now.rule, "plan": list(change.now.steps)},
                "examples": [record.public["id"] for record in tally.examples],
            }
            for change, tally in by_weight(report)
        ],
    }


def by_weight(report: Report) -> list[Any]:
    """Return the changes, the most frequent first."""
    return sorted(report.changes.items(), key=lambda item: -item[1].count)


def in_words(report: Report) -> str:
    """Tell the report to a person."""
    total = report.unchanged + report.changed
    lines = [f"{total} events decided again: {report.unchanged} unchanged, {report.changed} changed"]
    if report.erased:
        lines.append(f"{report.erased} could not be decided again: what they were decided by has been erased")
    if report.unusual:
        lines.append(f"{report.unusual} were answered by the fail-safe, not by rules")
    for change, tally in by_weight(report):
        lines += ["", f"{tally.count} × {change.kind} to {change.number or 'a number that is not ours'}"]
        lines += [f"  was  {outcome_in_words(change.was)}", f"  now  {outcome_in_words(change.now)}"]
        for record in tally.examples:
            received = f"{datetime.fromisoformat(record.public['received_at']):%Y-%m-%d %H:%M:%S}"
            caller = mask(str((record.private or {}).get("from")))
            lines.append(f"    {received} UTC  {caller}  {record.public['id']}")
    return "\n".join(lines)


def outcome_in_words(outcome: Outcome) -> str:
    """Tell what came of an event in one line."""
    steps = [step.split(". ", 1)[-1] for step in steps_in_words(list(outcome.steps))]
    return f"{outcome.rule}: {' -> '.join(steps)}"
