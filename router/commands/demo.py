"""`switchhook demo`: five stories of the example office, played against the daemon that `make run` has started."""

from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path

import attrs
import click

from router.cli import Context, Failure
from router.commands.day import for_provider, play_day
from router.commands.simulate import moment, number_called, played, shown, stage_of
from router.simulate.day.provider import Ports, provider
from router.simulate.play import Stage
from router.simulate.scenario import RingEnd, Scenario, SimulationError
from rules.book import Number

VIP = "+12125550177"


@attrs.frozen
class Scene:
    """
    One story: a *title*, what happens in it, *at* the wall clock of the number called.

    *caller* None: any customer.
    """

    title: str
    at: str
    caller: str | None = None
    text: str | None = None
    legs: tuple[RingEnd, ...] = ()
    message: int = 0


NUMBER = "boston"

SCENES = (
    Scene(
        "In office hours the front desk is rung, one after another.",
        "2026-11-24 10:00",
        legs=(RingEnd("no-answer"), RingEnd("answered")),
    ),
    Scene("Lunch is closed: the caller gets the voicemail.", "2026-11-24 12:30"),
    Scene("Anna is on vacation: a VIP gets Chloe, who covers.", "2026-12-22 10:00", VIP, legs=(RingEnd("answered"),)),
    Scene("After hours a message is left.", "2026-11-28 23:10", message=14),
    Scene(
        "A text at night waits until opening, and the sender is told.",
        "2026-11-28 23:10",
        text="Can you quote for a sofa?",
    ),
)


@click.command()
@click.option(
    "--day",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="Play this day, too: with a provider on this machine that shows what phones get (`simulate day`).",
)
@click.option("--port", default=8089, show_default=True, help="Where the daemon's texts go: its --demo-port.")
@click.option("--mail-port", default=2525, show_default=True, help="Where its mails go: its --demo-mail-port.")
@click.pass_obj
def demo(context: Context, *, day: Path | None, port: int, mail_port: int) -> None:
    """Play five stories of the example office; `make run` starts a daemon for them."""
    stage = stage_of(context)
    number, ports = number_called(stage.book, NUMBER), Ports(port, mail_port)
    try:
        with provider(ports, *for_provider(stage, number)) if day else nullcontext():
            tell(stage, number)
            if day:
                play_day(context, stage, day, ports)
    except SimulationError as error:
        raise Failure(str(error)) from error
    click.echo("\nEvery step is in the record: switchhook audit list")


def tell(stage: Stage, number: Number) -> None:
    """Play the stories, one after another."""
    for place, scene in enumerate(SCENES, 1):
        scenario = Scenario(
            number=number,
            caller=scene.caller or customer(stage.now()),
            text=scene.text,
            legs=scene.legs,
            message=scene.message,
            at=moment(scene.at, number, stage.now()),
        )
        story = played(stage, scenario)
        click.secho(f"{place}. {scene.title}", bold=True, fg="green")
        click.echo(f"{shown(story)}\n")


def customer(now: float) -> str:
    """Return a number for fiction (NANPA 555-01xx); another one each time, since nobody is answered twice an hour by itself."""
    last = datetime.fromtimestamp(now, UTC).microsecond % 77
    return f"+1212555{100 + last:04d}"
