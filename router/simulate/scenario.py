"""What is to be played: who calls or writes, when, and how each ring ends."""

from datetime import datetime
from typing import Literal, get_args

import attrs

from rules.book import Number

Ending = Literal["answered", "no-answer", "busy", "rejected", "machine", "failed", "hung-up"]
ENDINGS: tuple[Ending, ...] = get_args(Ending)

MESSAGE_SECONDS = 14
"""How long a message is if nothing else is said."""

TALK_SECONDS = 60
"""How long callers talk."""

PICK_UP_SECONDS = 6
"""How long it takes until a phone is picked up."""

MOST_ANSWERS = 60
"""How many answers are followed in one call: more, and it goes round in circles."""


class SimulationError(Exception):
    """The daemon's answer cannot be played; the text says why, for people."""


@attrs.frozen
class RingEnd:
    """How one ring ends; *by* is who answers, None: whoever is rung first."""

    ending: Ending
    by: str | None = None


NOBODY = RingEnd("no-answer")


def read_legs(text: str) -> tuple[RingEnd, ...]:
    """
    Read `no-answer,busy,answered:ben`: one word for each ring, in order.

    Raises ValueError with a sentence for the person who wrote it.
    """
    return tuple(_ring_end(word.strip()) for word in text.split(",") if word.strip())


def _ring_end(word: str) -> RingEnd:
    ending, _, by = word.partition(":")
    for known in ENDINGS:
        if ending.replace("_", "-") == known:
            return RingEnd(known, by or None)
    raise ValueError(f"'{word}' is no way a ring ends; write {', '.join(ENDINGS)} (or answered:NAME)")


@attrs.frozen(kw_only=True)
class Scenario:
    """
    One call or text to *number* from *caller* (as the provider would write it).

    *text* None: a call. *legs* end its rings in order, every further one is not answered. *message* is how many seconds of
    message are left at voicemail (0: none). *verified*: the carrier attests the number. *at* is the moment to play, None:
    the present.
    """

    number: Number
    caller: str
    text: str | None = None
    legs: tuple[RingEnd, ...] = ()
    message: int = MESSAGE_SECONDS
    verified: bool = False
    at: datetime | None = None
