"""`switchhook reload`: take the rule files on disk into force, and say what came of it."""

import click

from router.asking import Daemon
from router.cli import FINDINGS, Context


@click.command()
@click.option("--wait", is_flag=True, help="Wait until they are in force, or refused; then show what is wrong.")
@click.pass_obj
def reload(context: Context, wait: bool) -> None:
    """
    Take the rule files on disk into force.

    With mistakes in them the rules before go on. Exit: 0 taken (without --wait: asked for), 1 refused, 4 no daemon answers.
    """
    daemon = Daemon.on(context.state_folder())
    if not wait:
        daemon.ask("POST", "/-/reload?wait=no")
        click.echo("asked for; `switchhook status` says what came of it")
        return
    outcome = daemon.ask("POST", "/-/reload")
    if not outcome["good"]:
        click.echo(outcome["shown"], err=True)
        click.echo("refused: the rules before them go on", err=True)
        raise SystemExit(FINDINGS)
    click.echo(f"in force: {outcome['ruleset']}" + ("" if outcome["changed"] else " (nothing has changed)"))
    if outcome["restart"]:
        click.echo(f"needs a restart to take effect: {', '.join(outcome['restart'])}", err=True)
