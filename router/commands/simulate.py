"""`switchhook simulate`: plays the provider of a number against the running daemon, and tells what happened."""

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import click

from router.cli import UNREACHABLE, Context, Failure
from router.clock import WallClock
from router.commands.day import day
from router.simulate.play import Stage
from router.simulate.scenario import ENDINGS, MESSAGE_SECONDS, RingEnd, Scenario, SimulationError, read_legs
from router.simulate.story import Story
from router.simulate.wire import UnreachableError
from rules.book import Number, RuleBook
from rules.source import closest
from rules.when import read_when


@click.group()
def simulate() -> None:
    """
    Play the provider: a call or text, signed, followed to its end against the running daemon; or a whole day.

    \b
      switchhook simulate call --to boston --from "+1 212 555 0100" --legs no-answer,answered
      switchhook simulate text --to boston --from "+1 212 555 0100" --text "Are you open?" --at "sat 23:10"
      switchhook simulate day day.example.yaml
    """


OPTIONS = (
    click.option(
        "--to", required=True, metavar="NUMBER", help="The business number, by its name or as a phone number."
    ),
    click.option("--from", "caller", required=True, metavar="CALLER", help="Who: a number, a name, or 'anonymous'."),
    click.option("--text", metavar="BODY", help="What the text says."),
    click.option(
        "--legs", default="", metavar="LIST", help=f"How each ring ends: {', '.join(ENDINGS)}, or answered:NAME."
    ),
    click.option(
        "--message",
        default=MESSAGE_SECONDS,
        type=click.IntRange(0, 3600),
        metavar="SECONDS",
        show_default=True,
        help="How long a message is left at voicemail; 0 for none.",
    ),
    click.option("--verified", is_flag=True, help="The carrier attests the caller's number."),
    click.option("--at", metavar="WHEN", help="The moment to play; only against `run --demo-clock`."),
    click.option("--json", "json_wanted", is_flag=True, help="One JSON value instead of a story."),
)


def about_an_event(command: Callable[..., None]) -> Callable[..., None]:
    """Give *command* the options that tell of a call or text."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


@simulate.command()
@about_an_event
@click.pass_obj
def call(context: Context, /, **told: Any) -> None:
    """Play a call, and follow it to its end."""
    if told.pop("text") is not None:
        raise click.UsageError("a call has no --text")
    play_event(context, text=None, **told)


@simulate.command()
@about_an_event
@click.pass_obj
def text(context: Context, /, **told: Any) -> None:
    """Play a text."""
    if told["text"] is None:
        raise click.UsageError("a text needs --text BODY")
    play_event(context, **told)


simulate.add_command(day)


def play_event(
    context: Context,
    *,
    to: str,
    caller: str,
    text: str | None,
    legs: str,
    message: int,
    verified: bool,
    at: str | None,
    json_wanted: bool,
) -> None:
    """Play a call (*text* None) or a text, and tell what happened."""
    stage = stage_of(context)
    number = number_called(stage.book, to)
    scenario = Scenario(
        number=number,
        caller=caller,
        text=text,
        legs=ring_ends(legs),
        message=message,
        verified=verified,
        at=moment(at, number, stage.now()),
    )
    story = played(stage, scenario)
    click.echo(json.dumps(story.as_json(), ensure_ascii=False) if json_wanted else shown(story))


def stage_of(context: Context) -> Stage:
    """Read the configuration the daemon runs on."""
    loaded = context.load()
    if loaded.book is None or loaded.spec is None:
        context.refuse(loaded)
    return Stage(loaded.book, loaded.spec, context.settings(), os.environ, WallClock().now)


def number_called(book: RuleBook, to: str) -> Number:
    """Return the number *to* names."""
    number = book.numbers.get(to) or book.find(to)
    if number is None:
        near = closest(to, list(book.numbers))
        hint = f"did you mean '{near}'?" if near else f"there are {', '.join(book.numbers)}"
        raise click.BadParameter(f"no number here is called '{to}'; {hint}", param_hint="--to")
    return number


def ring_ends(legs: str) -> tuple[RingEnd, ...]:
    """Read --legs."""
    try:
        return read_legs(legs)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--legs") from None


def moment(at: str | None, number: Number, now: float) -> datetime | None:
    """Read --at, in the zone of *number*."""
    try:
        return read_when(at, number.zone, datetime.fromtimestamp(now, UTC)) if at is not None else None
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--at") from None


def played(stage: Stage, scenario: Scenario) -> Story:
    """Play *scenario*; what goes wrong ends the command with a sentence."""
    try:
        return stage.play(scenario)
    except UnreachableError as error:
        raise Failure(str(error), UNREACHABLE) from error
    except SimulationError as error:
        raise Failure(str(error)) from error


def shown(story: Story) -> str:
    """Tell a story as text, in colours on a terminal (click leaves them out elsewhere)."""
    return story.show(style=True)
