"""`switchhook recording`: messages callers have left, to be heard."""

import json
import os
import sys
from pathlib import Path
from urllib.parse import quote

import click

from router.asking import Daemon
from router.cli import FINDINGS, Context, Failure

PATH = "/-/recordings"


@click.command()
@click.argument("name", metavar="[ID]", required=False)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path, allow_dash=True),
    help="Where to; else ID.mp3. - is stdout.",
)
@click.option("--json", "as_json", is_flag=True, help="The list as JSON.")
@click.pass_obj
def recording(context: Context, *, name: str | None, out: Path | None, as_json: bool) -> None:
    """
    Fetch the recording of a message, an MP3; without ID list those that are kept.

    ID is that of the call; notices name it. Whoever fetches one is noted in the audit. Exit: 1 there is none, 4 no daemon answers.
    """
    daemon = Daemon.on(context.state_folder())
    if name is None:
        _list(daemon.ask("GET", PATH)["recordings"], as_json=as_json)
        return
    code, content = daemon.fetch(f"{PATH}/{quote(name, safe='')}")
    if code != 200:
        raise Failure(f"{_reason(content)}{_elsewhere(context, name)}", FINDINGS)
    if out == Path("-"):
        sys.stdout.buffer.write(content)
        return
    path = out or Path(f"{name}.mp3")
    _write(path, content)
    click.echo(f"{path}: {len(content)} bytes")


def _list(found: list[dict[str, object]], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    from router.audit_words import columns, moment

    lines = [
        (moment(str(one["kept_at"])), str(one["number"]), str(one["box"]), str(one["size"]), str(one["id"]))
        for one in found
    ]
    click.echo(columns(("kept (UTC)", "number", "box", "bytes", "id"), lines) if lines else "no recording is kept")


def _reason(content: bytes) -> str:
    try:
        return str(json.loads(content)["error"])
    except (ValueError, KeyError, TypeError):
        return "the daemon does not give it"


def _elsewhere(context: Context, name: str) -> str:
    """Say where the recording is that whoever took the call keeps."""
    from router.archive import Archive

    for record in reversed(Archive(context.state_folder()).about(name)):
        reference = ((record.private or {}).get("details") or {}).get("recording")
        if reference:
            return f"\nwho took the call has it as {reference}"
    return ""


def _write(path: Path, content: bytes) -> None:
    """Write a file only its owner may read."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "wb") as file:
            file.write(content)
    except OSError as error:
        raise Failure(f"{path} cannot be written: {(error.strerror or str(error)).lower()}", FINDINGS) from None
