"""`switchhook outbox`: texts and mails on their way."""

import json
from pathlib import Path

import click

from router.cli import Context
from router.commands.audit import archive, state_option


@click.group()
def outbox() -> None:
    """Show texts and mails on their way."""


@outbox.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON list.")
@state_option
@click.pass_obj
def list_(context: Context, *, state: Path | None, as_json: bool) -> None:
    """List what waits to be sent, oldest first; the text itself stands in `audit show ID --reveal`."""
    from router.audit_words import outbox_table

    rows = [row._asdict() | {"people": json.loads(row.people)} for row in archive(context, state).outbox()]
    click.echo(json.dumps(rows, ensure_ascii=False) if as_json else outbox_table(rows))
