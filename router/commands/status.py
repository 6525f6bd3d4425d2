"""`switchhook status`: how the running daemon is."""

import json
from typing import Any

import click

from router.asking import Daemon
from router.cli import FINDINGS, Context
from router.commands.override import switched


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
@click.option("--ready", is_flag=True, help="Only say whether it takes calls and texts: exit 0, or 1.")
@click.pass_obj
def status(context: Context, as_json: bool, ready: bool) -> None:
    """
    Say how the running daemon is.

    Exit: 0 ready for calls and texts, 1 not ready, 4 no daemon answers.
    """
    daemon = Daemon.on(context.state_folder())
    found = daemon.ask("GET", "/-/ready" if ready else "/-/status")
    checks = found["checks"]
    well = all(check["ok"] for check in checks.values() if check["needed"])
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
    elif ready:
        click.echo("ready" if well else "not ready")
    else:
        for line in told(found):
            click.echo(line)
    if not well:
        raise SystemExit(FINDINGS)


def told(found: dict[str, Any]) -> list[str]:
    """Tell a status to a person."""
    journal, index = found["journal"], found["index"]
    lines = [
        f"switchhook {found['version']}, running since {found['started_at'][:19]}Z",
        f"  rules     {found['ruleset'][:19]}…, in force since {found['since'][:19]}Z",
        f"  numbers   {', '.join(found['numbers'])}",
        f"  listens   {', '.join(f'{name} {place}' for name, place in found['listens'].items())}",
        f"  now       {found['live_calls']} live calls, {found['held_texts']} held texts",
        f"  journal   {journal['seq']} records, {journal['waiting']} waiting for the disk",
        f"  index     {index['lag_seconds']} s behind",
    ]
    lines += [f"  switched  {switched(each)}" for each in found["overrides"]]
    lines += shadow_told(shadow) if (shadow := found.get("shadow")) else []
    lines += [f"  ! {name}: {check['note']}" for name, check in found["checks"].items() if not check["ok"]]
    last = found["last_reload"]
    if last is not None and not last["good"]:
        lines += [f"    {problem}" for problem in last["problems"]]
    return lines


def shadow_told(shadow: dict[str, Any]) -> list[str]:
    """Tell how a candidate rule file did beside the one in force, and where it would have gone otherwise."""
    seen = shadow["agreed"] + shadow["disagreed"]
    return [
        f"  shadow    {shadow['file']}: {shadow['disagreed']} of {seen} events would go otherwise",
        *(f"    {one['kind']} to {one['number']}: was {one['was']}, now {one['now']}" for one in shadow["last"][-5:]),
    ]
