"""The option `--now`: the moment a command is to take for the present, so that its output can be repeated."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import click

from router.clock import WallClock
from rules.when import read_when


def moment_of(written: str | None, zone: ZoneInfo) -> int:
    """Return what `--now` says as UTC epoch seconds, a wall-clock time being one of *zone*; the present when it says nothing."""
    present = WallClock().now()
    if written is None:
        return int(present)
    try:
        return int(read_when(written, zone, datetime.fromtimestamp(present, UTC)).timestamp())
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--now") from None
