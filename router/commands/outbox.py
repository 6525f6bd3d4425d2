"""`switchhook outbox`: texts and mails on their way: list, retry, drop."""

import json
from pathlib import Path
from urllib.parse import quote

import click

from router.cli import FINDINGS, Context
from router.commands.audit import archive, state_option


@click.group()
def outbox() -> None:
    """Show texts and mails on their way, try one again, or let go of it."""


@outbox.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON list.")
@state_option
@click.pass_obj
def list_(context: Context, *, state: Path | None, as_json: bool) -> None:
    """
    List what waits to be sent or was given up, oldest first; the text itself stands in `audit show ID --reveal`.

    It works with no daemon running, too.
    """
    from router.audit_words import outbox_table
    from router.outbox.listing import listed

    rows = listed(archive(context, state).outbox())
    click.echo(json.dumps(rows, ensure_ascii=False) if as_json else outbox_table(rows))


@outbox.command("retry")
@click.argument("key")
@click.pass_obj
def retry(context: Context, *, key: str) -> None:
    """
    Send the message KEY now: one that waits for its next try, or that was given up.

    Exit: 0 it is tried, 1 there is nothing to try, 4 no daemon answers.
    """
    _ask(context, "retry", key)
    click.echo("it is sent now; `switchhook outbox list` says what came of it")


@outbox.command("drop")
@click.argument("key")
@click.pass_obj
def drop(context: Context, *, key: str) -> None:
    """
    Let go of KEY, a message or a text that is held: it is not sent any more. The audit keeps it.

    Exit: 0 it is gone, 1 there is nothing to let go of, 4 no daemon answers.
    """
    _ask(context, "drop", key)
    click.echo("it is not sent any more")


def _ask(context: Context, what: str, key: str) -> None:
    """Ask the daemon for it; the command ends when that cannot be."""
    from router.asking import Daemon

    answer = Daemon.on(context.state_folder()).ask("POST", f"/-/outbox/{what}?key={quote(key, safe='')}")
    if "error" in answer:
        click.echo(answer["error"], err=True)
        raise SystemExit(FINDINGS)
