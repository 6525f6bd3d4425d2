"""`switchhook away`: somebody is away, until when, and who covers."""

import click

from router.cli import Context
from router.commands.override import WHEN, end, switch


@click.command()
@click.argument("person")
@click.option("--until", metavar="WHEN", help=f"When they are back: {WHEN}.")
@click.option("--for", "lasting", metavar="HOW LONG", help="'today', or such as 2h or 90m.")
@click.option("--from", "since", metavar="WHEN", help="When it begins, if not now.")
@click.option("--cover", metavar="NAME", help="Who stands in, a person or a team; else the cover of the file.")
@click.option("--only", type=click.Choice(["calls", "texts"]), help="Away for calls or for texts alone.")
@click.option("--back", is_flag=True, help="They are back: end what is switched on for them.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
@click.pass_obj
def away(
    context: Context,
    *,
    person: str,
    until: str | None,
    lasting: str | None,
    since: str | None,
    cover: str | None,
    only: str | None,
    back: bool,
    as_json: bool,
) -> None:
    """
    Say that PERSON is away: calls, texts and notices go to whoever covers, and come back by themselves.

    \b
      switchhook away anna --until "mon 08:00" --cover chloe
      switchhook away anna --back

    An end is needed, at most 30 days away; times are those of the person's zone. What the rule file says stays as it is. Exit: 0
    done, 1 refused, 4 no daemon answers.
    """
    asked = {"until": until, "for": lasting, "from": since, "cover": cover, "only": only}
    if back:
        if any(asked.values()):
            raise click.UsageError("--back stands alone")
        end(context, person, as_json=as_json, person=True)
        return
    switch(context, {"person": person, **asked}, as_json=as_json)
