"""
A provider to try switchhook out with: `python -m router.simulate.fake`.

It prints what arrives as the people read it who get it. Everything it takes stays on this machine.
"""

from random import Random
from secrets import token_hex
from typing import Any

import click

from adapters.generic.signature import key_of
from router.clock import DemoClock
from router.simulate.fake.arrivals import Arrival
from router.simulate.fake.faults import KINDS, Faults
from router.simulate.fake.server import FakeProvider


@click.command()
@click.option("--port", default=8089, show_default=True, help="REST and web hooks.")
@click.option("--smtp-port", default=2525, show_default=True, help="Mail.")
@click.option("--account", envvar="TWILIO_ACCOUNT_SID", required=True, help="The account, else $TWILIO_ACCOUNT_SID.")
@click.option(
    "--token",
    envvar="TWILIO_AUTH_TOKEN",
    required=True,
    help="Its auth token, or the secret of a generic provider, else $TWILIO_AUTH_TOKEN.",
)
@click.option("--webhook-secret", multiple=True, help="Whose web hooks are believed.")
@click.option("--public-url", default="", help="The public address of the daemon: what receipts are signed for.")
@click.option("--daemon", default="", help="Where the daemon really listens: http://127.0.0.1:8080.")
@click.option("--rate", default=0.0, help="The share of messages that meet a fault by chance.")
@click.option("--seed", default=0, help="What the chances come from: the same again for the same seed.")
@click.option("--fault", "kinds", multiple=True, type=click.Choice(KINDS), help="Only these faults.")
def main(**options: Any) -> None:
    """Listen as a provider, a mail server and web hooks would, on this machine alone."""
    from twisted.internet import reactor  # noqa: PLC0415  importing it installs it

    run(reactor, options)


def run(reactor: Any, options: dict[str, Any]) -> None:
    """Run until somebody stops it."""
    fake = made(reactor, options)
    fake.arrivals.heard.append(show)
    fake.start()
    click.echo(
        f"The fake provider listens: api {fake.api}, mail 127.0.0.1:{fake.smtp_port}, web hooks {fake.webhook('NAME')}"
    )
    reactor.run()


def made(reactor: Any, options: dict[str, Any]) -> FakeProvider:
    """Return the provider the *options* of the command line describe."""
    faults = Faults(Random(options["seed"]), options["rate"])  # noqa: S311  repeatable on purpose
    faults.kinds = options["kinds"] or faults.kinds
    clock = DemoClock()
    fake = FakeProvider(
        reactor=reactor,
        now=clock.now,
        put=clock.put,
        new_id=lambda: token_hex(16),
        account=options["account"],
        token=options["token"],
        keys=[key_of(secret) for secret in options["webhook_secret"]],
        port=options["port"],
        smtp_port=options["smtp_port"],
        public_url=options["public_url"].rstrip("/"),
        daemon=options["daemon"].rstrip("/"),
        faults=faults,
    )
    fake.twilio.silent = True
    return fake


def show(arrival: Arrival) -> None:
    """Print what has arrived."""
    click.echo(arrival.told())


if __name__ == "__main__":
    main()
