"""`switchhook hours`: whether one schedule is open at a moment; one question, or a stream of them."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import click

from router.cli import FINDINGS
from router.clock import WallClock
from rules.hoursquery import Desk, Place, as_node, in_a_sentence, schedule_of, told
from rules.lookup import Lookup, Standing
from rules.source import Problem
from rules.when import read_when
from rules.zones import closest_zone, zone, zone_advice


@click.command()
@click.argument("expr", required=False)
@click.option("--zone", "timezone", metavar="TZ", help="The time zone, such as America/New_York.")
@click.option("--country", metavar="CC", help="Whose public holidays count, such as US.")
@click.option("--region", metavar="R", help="The region of that country, such as MA.")
@click.option("--at", metavar="WHEN", help="'sat 11:00', '2026-11-28 23:10', ISO with offset, or 'now'.")
@click.option(
    "--batch",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True),
    metavar="FILE",
    help="One JSON question a line; '-' is stdin.",
)
@click.option("--json", "json_wanted", is_flag=True, help="One JSON value instead of words.")
def hours(
    *,
    expr: str | None,
    timezone: str | None,
    country: str | None,
    region: str | None,
    at: str | None,
    batch: str | None,
    json_wanted: bool,
) -> None:
    """
    Say whether a schedule is open at a moment, and when that changes.

    \b
      switchhook hours "Tu-Sa 10:00-18:00; PH off" --zone America/New_York --country US --region MA --at "sat 11:00"
      switchhook hours --batch questions.jsonl         one answer a line
    """
    now = datetime.fromtimestamp(WallClock().now(), UTC)
    if batch is not None:
        if expr is not None:
            raise click.UsageError("say either a schedule or --batch, not both")
        with click.open_file(batch, "rb") as lines:
            for answer in answers(Desk(now), lines):
                click.echo(json.dumps(answer, ensure_ascii=False))
        return
    if expr is None or timezone is None or at is None:
        raise click.UsageError("say a schedule, --zone and --at; or --batch FILE")
    place = _zone(timezone)
    moment = _moment(at, place, now)
    lookup = _compiled(expr, Place(timezone, country, region))
    try:
        standing = lookup.at(moment)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--at") from None
    click.echo(json.dumps(told(standing)) if json_wanted else in_words(standing, place))


def answers(desk: Desk, lines: Iterable[bytes]) -> Iterator[dict[str, object]]:
    """Answer each line as it comes, one answer for each, whatever stands in it."""
    for line in lines:
        yield desk.answer(line.decode("utf-8", "replace").removeprefix("\ufeff"))


def in_words(standing: Standing, place: ZoneInfo) -> str:
    """Tell how a schedule stands, in the words and the zone of the place."""
    state, verb = ("open", "closes") if standing.open else ("closed", "opens")
    if standing.next_change is None:
        return f"{state}, and that does not change within ten years"
    return f"{state}; {verb} {datetime.fromtimestamp(standing.next_change, place):%a %d %b %Y %H:%M %Z}"


def _zone(name: str) -> ZoneInfo:
    """Return the zone of --zone; a name that exists but misleads is remarked upon."""
    place = zone(name)
    if place is None:
        near = closest_zone(name)
        hint = f"; did you mean '{near}'?" if near else ""
        raise click.BadParameter(f"there is no time zone '{name}'{hint}", param_hint="--zone")
    if advice := zone_advice(name):
        click.echo(f"switchhook: {advice}", err=True)
    return place


def _moment(text: str, place: ZoneInfo, now: datetime) -> int:
    """Return the moment of --at, in epoch seconds."""
    try:
        return int(read_when(text, place, now).timestamp() // 1)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--at") from None


def _compiled(expr: str, place: Place) -> Lookup:
    """Make the schedule run, or show everything that is wrong with it and end with exit code 1."""
    problems: list[Problem] = []
    schedule = schedule_of(as_node(expr), place, problems.append)
    if schedule is not None:
        return Lookup(schedule)
    for problem in problems:
        elsewhere = f"{problem.at.file}: {problem.severity}: {in_a_sentence(problem)} [{problem.code}]"
        click.echo(problem.show(expr) if problem.at.file == "hours" else elsewhere, err=True)
    raise click.exceptions.Exit(FINDINGS)
