"""`switchhook version`: what is running, for a bug report."""

import json
import platform
import sqlite3
from importlib.metadata import version as installed_version

import click

from router.version import own_version, tzdata_version


def versions() -> dict[str, str]:
    """Return the versions that matter for what switchhook does."""
    return {
        "switchhook": own_version(),
        "python": platform.python_version(),
        "twisted": installed_version("twisted"),
        "sqlite": sqlite3.sqlite_version,
        "tzdata": tzdata_version(),
    }


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
def version(as_json: bool) -> None:
    """Say which version this is, and on what it stands."""
    found = versions()
    if as_json:
        click.echo(json.dumps(found))
        return
    click.echo("switchhook {switchhook}".format(**found))
    for name, value in found.items():
        if name != "switchhook":
            click.echo(f"  {name} {value}")
