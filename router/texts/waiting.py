"""Effects that wait for somebody, for an opening, or for the disk."""

import attrs

from router.outbox.ledger import Effect
from rules.deciding import Timetable

Lane = tuple[str, str, str | None]
"""Our number, the customer, the target: within one, texts keep their order."""


@attrs.define(eq=False)
class Waiting:
    """
    An effect that waits: looked at again at *look_at* (UTC epoch seconds), or under another *timetable*.

    *noted* is what the journal says it waits for, *late* whether the team knows that it has been waiting for days.
    """

    effect: Effect
    look_at: float = 0.0
    timetable: Timetable | None = None
    lane: Lane | None = attrs.field(default=None, repr=False)
    noted: tuple[str | None, str] | None = None
    late: bool = False


def order(waiting: Waiting) -> tuple[int, int, str]:
    """Return what effects are sorted by: their record, and their place in it."""
    key = waiting.effect.key
    return waiting.effect.seq, len(key), key
