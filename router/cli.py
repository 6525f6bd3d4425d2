"""`switchhook`: the command line. Each command stands in a file of its own and is imported only when it is used."""

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import attrs
import click

if TYPE_CHECKING:
    from router.settings import Settings
    from rules.book import RuleBook
    from rules.load import Loaded

FINDINGS, USAGE, STRICT, UNREACHABLE, LOCKED = 1, 2, 3, 4, 5
"""Exit codes: something was found wrong · wrong usage · warnings under --strict · daemon or provider not reachable · locked."""

DEFAULT_CONFIG = "config.yaml"

COMMANDS = {
    "run": ("router.commands.run:run", "Run the daemon, in the foreground."),
    "check": ("router.commands.check:check", "Look for every mistake in the rule file."),
    "test": ("router.commands.test:test", "Run the tests of your own, and say which rules they reach."),
    "explain": ("router.commands.explain:explain", "Say what would happen to a call or text, and why."),
    "timeline": ("router.commands.timeline:timeline", "Say when the answer changes for one caller; or draw the week."),
    "diff": ("router.commands.diff:diff", "Say what changes between two rule files, for whom and when."),
    "hours": ("router.commands.hours:hours", "Say whether one schedule is open at a moment."),
    "simulate": ("router.commands.simulate:simulate", "Play the provider: a call or text, followed to its end."),
    "replay": ("router.commands.replay:replay", "Decide recorded events again, by another rule file."),
    "demo": ("router.commands.demo:demo", "Play a few stories against the running daemon."),
    "audit": ("router.commands.audit:audit", "Read, export and verify the record of every decision."),
    "override": ("router.commands.override:override", "Switch a number open or closed, or a plan on, until some time."),
    "away": ("router.commands.away:away", "Say that somebody is away, until when, and who covers."),
    "recording": ("router.commands.recording:recording", "Fetch the recording of a message, or list them."),
    "outbox": ("router.commands.outbox:outbox", "Show texts and mails on their way."),
    "reload": ("router.commands.reload:reload", "Take the rule files on disk into force."),
    "status": ("router.commands.status:status", "Say how the running daemon is."),
    "schema": ("router.commands.schema:schema", "Print a JSON Schema of the rule file, for editors."),
    "version": ("router.commands.version:version", "Say which version this is."),
}
"""What there is: where each command stands, and what `--help` says about it without importing it."""


class Failure(click.ClickException):
    """A command that could not do its work: the sentence goes to stderr, *code* is the exit code."""

    def __init__(self, message: str, code: int = FINDINGS) -> None:
        super().__init__(message)
        self.exit_code = code  # type: ignore[misc]  # click reads it from the instance

    def show(self, file: Any = None) -> None:
        """Print the sentence."""
        click.echo(f"switchhook: {self.message}", file=file or sys.stderr)


@attrs.define
class Context:
    """What every command gets: the configuration file named on the command line, and ways to read it."""

    config: Path

    def load(self, main: Path | None = None) -> "Loaded":
        """Read, check and compile *main* (the configuration file if None), whatever is wrong with it."""
        from router.files import Files, UnreadableError  # noqa: PLC0415  only commands that read it pay for it

        try:
            loaded = Files.read(main or self.config).load()
        except UnreadableError as error:
            raise Failure(f"{error}{self._how_to_name(main)}") from error
        from router.feeds.known import with_calendars  # noqa: PLC0415

        return with_calendars(loaded, main or self.config)

    def book(self, main: Path | None = None) -> "RuleBook":
        """Return the rule book of *main* (None: the configuration file); what is wrong is shown, and the command ends."""
        loaded = self.load(main)
        if loaded.book is None:
            self.refuse(loaded)
        return loaded.book

    def settings(self) -> "Settings":
        """Return listeners, folders and providers with their secrets; what is missing is shown, and the command ends."""
        from router.settings import settings_of  # noqa: PLC0415

        loaded = self.load()
        if loaded.spec is None:
            self.refuse(loaded)
        settings, problems = settings_of(loaded.spec, self.config, os.environ)
        if settings is None:
            raise Failure("\n\n".join(problem.show(loaded.texts.get(problem.at.file, "")) for problem in problems))
        return settings

    def state_folder(self) -> Path:
        """Return the state folder, without needing any secret; it may not exist yet. A file that cannot be read has the usual one."""
        loaded = self.load()
        return self.config.parent / (loaded.spec.state.text if loaded.spec is not None else "state")

    def refuse(self, loaded: "Loaded") -> NoReturn:
        """Show what is wrong with the files, and end the command."""
        for problem in loaded.errors:
            click.echo(problem.show(loaded.texts.get(problem.at.file, "")) + "\n", err=True)
        raise Failure(f"{self.config} cannot be used as it is")

    def _how_to_name(self, main: Path | None) -> str:
        if main is not None or self.config.exists():
            return ""
        return "; name the configuration with --config FILE or $SWITCHHOOK_CONFIG"


class _Commands(click.Group):
    """Knows the commands by name; `--config` may stand before a command or behind it."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Name what this version has."""
        return [name for name, (place, _) in COMMANDS.items() if _exists(place)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import one command."""
        if cmd_name not in COMMANDS or not _exists(COMMANDS[cmd_name][0]):
            return None
        module, name = COMMANDS[cmd_name][0].split(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands with their one line each, importing none of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Let `--config FILE` stand anywhere before a `--`."""
        return super().parse_args(ctx, _config_first(args))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which one was probably meant."""
        from rules.source import closest  # noqa: PLC0415

        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            meant = closest(args[0], self.list_commands(ctx))
            hint = f" did you mean '{meant}'?" if meant else ""
            raise click.UsageError(f"there is no command '{args[0]}'.{hint}", ctx) from error


def _exists(place: str) -> bool:
    return find_spec(place.partition(":")[0]) is not None


def _config_first(args: Sequence[str]) -> list[str]:
    """Move `-c FILE`, `--config FILE` and `--config=FILE` to the front."""
    first: list[str] = []
    rest: list[str] = []
    waiting = iter(args)
    for arg in waiting:
        if arg == "--":
            rest += [arg, *waiting]
        elif arg in ("-c", "--config"):
            first += [arg, *([value] if (value := next(waiting, None)) is not None else [])]
        elif arg.startswith("--config="):
            first.append(arg)
        else:
            rest.append(arg)
    return first + rest


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Exit codes: 0 good, 1 something was found, 2 usage, 3 warnings under --strict, 4 not reachable, 5 locked.",
)
@click.option(
    "-c",
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="SWITCHHOOK_CONFIG",
    default=DEFAULT_CONFIG,
    show_default=True,
    show_envvar=True,
    help="The configuration file; may also stand behind the command.",
)
@click.pass_context
def main(ctx: click.Context, config: Path) -> None:
    """Where does this call or text go now? Forwarding and business hours, by rules an office can read."""
    ctx.obj = Context(config)
