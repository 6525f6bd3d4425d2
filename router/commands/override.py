"""`switchhook override`: numbers switched open or closed by hand, named plans switched on; all until some time."""

import getpass
import json
from typing import Any, NoReturn
from urllib.parse import quote

import click

from router.asking import Daemon
from router.cli import FINDINGS, Context, Failure

WHEN = "20:00, 'mon 08:00', '24 dec 12:00', '2026-12-24 12:00'"


@click.group()
def override() -> None:
    """
    Switch a number open or closed, or a plan on, until some time.

    \b
      switchhook override set boston closed --for today
      switchhook override set boston open --until 20:00
      switchhook override set business storm --from 14:00 --until 18:00
    """


@override.command("set")
@click.argument("target")
@click.argument("what", metavar="closed|open|PLAN")
@click.option("--until", metavar="WHEN", help=f"When it ends: {WHEN}.")
@click.option("--for", "lasting", metavar="HOW LONG", help="'today', or such as 2h or 90m.")
@click.option("--from", "since", metavar="WHEN", help="When it begins, if not now.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
@click.pass_obj
def set_(
    context: Context,
    *,
    target: str,
    what: str,
    until: str | None,
    lasting: str | None,
    since: str | None,
    as_json: bool,
) -> None:
    """
    Switch it on. TARGET is a number's name, or `business` for all of them.

    `open` and `closed` answer the question whether it is open: rules still run. A plan goes before the rules. An end is needed,
    at most 14 days away; times are those of the number's zone. Exit: 0 done, 1 refused, 4 no daemon answers.
    """
    asked = {"target": target, "what": what, "until": until, "for": lasting, "from": since}
    switch(context, asked, as_json=as_json)


@override.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON list.")
@click.pass_obj
def list_(context: Context, *, as_json: bool) -> None:
    """List what is switched on, the newest first. Exit: 4 no daemon answers."""
    found = Daemon.on(context.state_folder()).ask("GET", "/-/overrides")["overrides"]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for each in found:
        click.echo(switched(each))
    if not found:
        click.echo("nothing is switched on")


@override.command()
@click.argument("target", metavar="ID|TARGET")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
@click.pass_obj
def clear(context: Context, *, target: str, as_json: bool) -> None:
    """End what is switched on: by its id, or all of a number, a plan, a person or the business. Exit: 1 nothing is."""
    end(context, target, as_json=as_json)


# ---------------------------------------------------------------- shared with `away`


def switch(context: Context, asked: dict[str, str | None], *, as_json: bool) -> None:
    """Ask the daemon to switch something on, and tell what it says."""
    said = {"by": person_here(), **{name: value for name, value in asked.items() if value is not None}}
    code, answer = Daemon.on(context.state_folder()).try_to("POST", "/-/overrides", said)
    if code != 201:
        _refuse(answer)
    tell(
        answer, [f"{answer['id']}: {answer['told'][0]}", *(f"  {line}" for line in answer["told"][1:])], as_json=as_json
    )


def end(context: Context, target: str, *, as_json: bool, person: bool = False) -> None:
    """Ask the daemon to end something, and tell what it says."""
    path = f"/-/overrides/{quote(target, safe='')}{'?person=yes' if person else ''}"
    code, answer = Daemon.on(context.state_folder()).try_to("DELETE", path)
    if code != 200:
        _refuse(answer)
    tell(answer, [f"ended: {line}" for line in answer["told"]], as_json=as_json)


def tell(answer: dict[str, Any], lines: list[str], *, as_json: bool) -> None:
    """Print an answer, and to whoever reads errors what is wrong with it."""
    click.echo(json.dumps(answer, ensure_ascii=False) if as_json else "\n".join(lines))
    if note := answer.get("note"):
        click.echo(f"switchhook: {note}", err=True)


def switched(each: dict[str, Any]) -> str:
    """Tell one thing that is switched on."""
    state = f"  ({each['note']})" if each["note"] else "" if each["active"] else "  (to come)"
    return f"{each['id']:<8} {each['told']}{state}"


def person_here() -> str:
    """Name who uses this machine, for the record; nobody's name when it cannot be told."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "an administrator"


def _refuse(answer: Any) -> NoReturn:
    raise Failure(answer["error"], FINDINGS)
