"""`switchhook run`: the daemon, in the foreground."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from router.cli import LOCKED, Context, Failure
from router.clock import Clock, DemoClock, WallClock, moment_of
from router.logs import LEVELS, Format, configure, take_over_twisted

if TYPE_CHECKING:
    from router.app import Daemon
    from router.loading import InForce, Refusal, Source


@click.command()
@click.option(
    "--demo-clock",
    is_flag=True,
    help="Play a part: a request may name the moment to decide for, and whatever is sent stays here. On loopback only.",
)
@click.option("--demo-at", metavar="WHEN", help="What the demo clock shows at first; else the time it is.")
@click.option(
    "--demo-port", default=8089, show_default=True, help="Where the demo's texts go: `simulate day` listens there."
)
@click.option("--demo-mail-port", default=2525, show_default=True, help="Where the demo's mails go.")
@click.option(
    "--shadow",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="NEW",
    help="A rule file that decides beside the one in force; `status` tells where they differ.",
)
@click.option(
    "--log-format", type=click.Choice(["json", "console"]), help="How logs look; console on a terminal, else json."
)
@click.option(
    "--log-level", type=click.Choice(LEVELS), default="info", show_default=True, help="What is logged at least."
)
@click.pass_obj
def run(
    context: Context,
    *,
    demo_clock: bool,
    demo_at: str | None,
    demo_port: int,
    demo_mail_port: int,
    shadow: Path | None,
    log_format: Format | None,
    log_level: str,
) -> None:
    """
    Run the daemon, in the foreground.

    SIGHUP takes changed rules into force, SIGTERM lets what is under way finish and ends. Logs go to stderr.
    """
    from router.manager import StrangerError, handed_over, tell_ready

    try:
        handed = handed_over(os.environ)  # before anything of Twisted's that would take them
    except StrangerError as error:
        raise Failure(str(error)) from error

    from router import underway
    from router.app import Daemon
    from router.listeners import BusyError
    from router.loading import Source
    from router.state import LockedError
    from router.turns import Turns

    clock = demo_clock_at(demo_at) if demo_clock else WallClock()
    kept_here = (f"http://127.0.0.1:{demo_port}", demo_mail_port) if demo_clock else None
    style: Format = log_format or ("console" if sys.stderr.isatty() else "json")
    lines = configure(style=style, level=log_level, clock=clock, to=sys.stderr)
    source = Source(context.config, os.environ, kept_here)
    began, refusal = first_rules(source, clock.now())
    if demo_clock:
        only_loopback(began, handed)
    take_over_twisted()

    candidate = (shadow, context.book(shadow)) if shadow else None

    def build(reactor: Any) -> Daemon:
        turns = Turns(reactor)
        turns.watch(reactor)
        lines.gather(turns.callLater)
        return Daemon(reactor, turns, clock, source, began, refusal, candidate, handed)

    def ready(daemon: Daemon) -> None:
        tell_ready(os.environ)
        greet(daemon)

    try:
        underway.run(build, ready)
    except LockedError as error:
        raise Failure(str(error), LOCKED) from error
    except BusyError as error:
        raise Failure(str(error)) from error
    except OSError as error:
        raise Failure(f"cannot use the state folder {began.settings.state}: {error}") from error
    finally:
        lines.scatter()


def demo_clock_at(written: str | None) -> Clock:
    """Return a demo's clock, put to the moment that was *written*."""
    clock = DemoClock()
    if written is not None:
        moment = moment_of(written)
        if moment is None:
            raise click.BadParameter("write a moment with its offset: 2026-11-24T10:00-05:00", param_hint="--demo-at")
        clock.put(moment)
    return clock


def first_rules(source: "Source", at: float) -> "tuple[InForce, Refusal | None]":
    """Return the rules to start with: those on disk, else the last good ones with what is wrong; or show that, and end."""
    from router.lastgood import LastGood
    from router.loading import Refusal

    made = source.read(at)
    if not isinstance(made, Refusal):
        return made, None
    click.echo(made.shown, err=True)
    kept = LastGood(made.state / "last-good").find()
    last = source.prepare(kept, at) if kept is not None else None
    if last is None or isinstance(last, Refusal):
        raise Failure(f"{source.main} cannot be used, and there is no last good one; nothing was started")
    click.echo(f"switchhook: {source.main} cannot be used; starting with the last good rules instead", err=True)
    return last, made


def only_loopback(rules: "InForce", handed: Mapping[str, int]) -> None:
    """Refuse a demo clock where strangers could turn it."""
    if handed:
        raise click.UsageError("--demo-clock is for this machine alone; it takes no sockets from a service manager")
    for place in (rules.settings.public, rules.settings.admin, rules.settings.metrics):
        if place is not None and not place.loopback:
            raise click.UsageError(f"--demo-clock is for this machine alone, but the configuration listens on {place}")


def greet(daemon: "Daemon") -> None:
    """Tell a person at a terminal, or one who typed `make run`, what runs and what to try; nobody else."""
    if not sys.stdout.isatty() and "MAKELEVEL" not in os.environ:
        return
    places, book = daemon.entrances.places(), daemon.rules.current.book
    public = places["public"]
    address = public if public.startswith("unix:") else f"http://{public}"
    hooks = [f"{address}/hooks/{name}/call" for name in daemon.entrances.providers]
    lines = [
        "",
        f"switchhook takes calls and texts for {book.business}: "
        f"{_counted(len(book.numbers), 'number')}, {_counted(len(book.directory.people), 'person', 'people')}.",
        *(f"  webhooks   {hook}  (and /text, /status)" for hook in hooks),
        f"  admin      {places['admin']}",
        f"  rules      {', '.join(_near(name) for name in sorted(daemon.rules.current.files.texts))}",
        "",
        "Try next, in a second terminal:",
        "  make demo" if "MAKELEVEL" in os.environ else "  switchhook demo",
        "",
        "It never places emergency calls: keep a phone at hand that does.",
        "",
    ]
    click.echo("\n".join(lines))


def _counted(count: int, one: str, many: str = "") -> str:
    return f"{count} {one if count == 1 else many or one + 's'}"


def _near(name: str) -> str:
    """Return a path as somebody in this folder would type it."""
    path = Path(name)
    return str(path.relative_to(Path.cwd())) if path.is_absolute() and path.is_relative_to(Path.cwd()) else name
