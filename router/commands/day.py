"""`switchhook simulate day`: plays a scripted day against a daemon with a demo clock, and shows what people's phones got."""

from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from http.client import HTTPException
from pathlib import Path

import attrs
import click

from adapters.generic.signature import PREFIX
from router.asking import Daemon
from router.casefiles import read
from router.cli import UNREACHABLE, Context, Failure
from router.clock import WallClock, iso
from router.demo import CLOCK
from router.simulate.day.play import DayPlay, Line
from router.simulate.day.provider import Ports, provider
from router.simulate.day.script import Script, read_script
from router.simulate.play import Stage
from router.simulate.scenario import SimulationError
from router.simulate.wire import UnreachableError, reachable
from rules.book import Number
from rules.source import Problem
from rules.yamltree import as_text

DAY = 24 * 3600

_LABEL = 17


@attrs.frozen
class Desk:
    """The daemon's admin listener, as far as a day needs it."""

    daemon: Daemon

    def put(self, moment: float) -> None:
        """Put its clock; the command ends when it goes by one that cannot be put."""
        code, _ = self.daemon.try_to("POST", CLOCK, {"now": iso(moment)})
        if code != 200:
            raise Failure("the daemon goes by its own clock: a day needs one started with `run --demo-clock`")

    def switch(self, asked: dict[str, str]) -> str:
        """Switch something on; what is refused ends the command."""
        code, answer = self.daemon.try_to("POST", "/-/overrides", asked)
        if code != 201:
            raise Failure(str(answer.get("error")))
        return str(answer["told"][0] if isinstance(answer["told"], list) else answer["told"]).partition("\n")[0]

    def under_way(self) -> tuple[int, int]:
        """Count messages on their way, and what is not one yet."""
        counts: dict[str, int] = self.daemon.ask("GET", "/-/status")["outbox"]
        return sum(counts[state] for state in ("waiting", "sending", "unknown")), counts["pending"]


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--port", default=8089, show_default=True, help="Where the daemon's texts go: its --demo-port.")
@click.option("--mail-port", default=2525, show_default=True, help="Where its mails go: its --demo-mail-port.")
@click.pass_obj
def day(context: Context, *, file: Path, port: int, mail_port: int) -> None:
    """
    Play a whole day: calls, texts, absences, and what everybody's phone gets.

    FILE says what happens when. The daemon must have been started with `run --demo-clock`: its clock is put to each moment, and
    whatever it sends goes to a provider on this machine.

    \b
      switchhook simulate day day.example.yaml
    """
    from router.commands.simulate import stage_of

    play_day(context, stage_of(context), file, Ports(port, mail_port))


def play_day(context: Context, stage: Stage, file: Path, ports: Ports) -> None:
    """Play the day in *file*, and show it as it goes; the reasons are for the audit."""
    unexplained = attrs.evolve(stage, find=lambda _key, _state: None)
    for line in story(context, unexplained, script_in(file, stage), ports):
        click.echo(shown(line))


def script_in(file: Path, stage: Stage) -> Script:
    """Read the day in *file*; what is wrong with it is shown, and ends the command."""
    data = read(file)
    if isinstance(data, str):
        raise Failure(f"{file} {data}")
    problems: list[Problem] = []
    earliest = datetime.fromtimestamp(stage.now() - DAY, UTC)
    script = read_script(str(file), data, stage.book, earliest, problems.append)
    if script is None or problems:
        text = as_text(data)
        raise Failure("\n\n".join([*(problem.show(text) for problem in problems), "this day cannot be played"]))
    return script


def story(context: Context, stage: Stage, script: Script, ports: Ports) -> Iterator[Line]:
    """Play *script*, and yield the lines of its story."""
    desk = Desk(Daemon.on(context.state_folder()))
    numbers = {name: number or new_number(stage) for name, number in script.callers.items()}
    numbers = {name: stage.book.callers.classify(raw, verified=None).e164 or raw for name, raw in numbers.items()}
    try:
        with provider(ports, *for_provider(stage, script.number)) as found:
            yield from DayPlay(script, stage, desk, found, numbers).play()
        desk.put(WallClock().now())
    except UnreachableError as error:
        raise Failure(str(error), UNREACHABLE) from error
    except SimulationError as error:
        raise Failure(str(error)) from error
    except (OSError, HTTPException) as error:
        raise Failure(f"the provider on port {ports.rest} does not answer as it should: {error}") from error


def for_provider(stage: Stage, number: Number) -> tuple[list[str], dict[str, str]]:
    """Return the options and the environment of the provider: whose texts it takes, and where it sends receipts."""
    account, secret = stage.account_of(number.providers["text"])
    listen, settings = stage.settings.public, stage.settings
    options = [f"--public-url={settings.public_url}"]
    if listen.path is None:
        options.append(f"--daemon=http://{reachable(listen.host)}:{listen.port}")
    keys = [key for hook in settings.sending.webhooks.values() for key in hook.keys]
    options += [f"--webhook-secret={PREFIX}{b64encode(key).decode()}" for key in keys]
    return options, {"TWILIO_ACCOUNT_SID": account, "TWILIO_AUTH_TOKEN": secret}


def new_number(stage: Stage) -> str:
    """Return a number for fiction (NANPA 555-01xx), another one each time."""
    digits = int(stage.new_id(), 16)
    return f"+1{200 + digits % 700}555{100 + digits // 700 % 100:04d}"


def shown(line: Line) -> str:
    """Write a line of the story, in colours on a terminal."""
    if line.headline:
        moment = click.style(line.label, bold=True)
        return f"\n{moment}  {click.style(line.words, bold=True, fg='green')}" if line.words else moment
    return f"  {click.style(f'{line.label:<{_LABEL}}', fg='cyan')} {line.words}"
