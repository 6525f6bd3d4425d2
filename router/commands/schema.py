"""`switchhook schema`: the JSON Schema of the rule file, by which editors complete and check."""

import json

import click


@click.command()
@click.option("--tests", is_flag=True, help="The schema of a file of tests instead.")
def schema(*, tests: bool) -> None:
    """
    Print a JSON Schema (draft-07) of the rule file.

    \b
      switchhook schema > switchhook.schema.json
    and as the first line of the rule file:
      # yaml-language-server: $schema=switchhook.schema.json
    """
    from rules.schema import rule_file, tests_file

    click.echo(json.dumps(tests_file() if tests else rule_file(), indent=2, ensure_ascii=False))
