"""A calendar that is kept up with: what it was worked out for, and how the last looks at it went."""

import attrs
from twisted.internet.defer import Deferred

from router.feeds.copies import Copy
from router.feeds.source import Calendar
from rules.timeline import Window
from rules.words import Words


@attrs.frozen
class Asked:
    """What a calendar was worked out for; anything else, and it must be worked out again."""

    window: Window
    zone: str
    match: Words | None


@attrs.define(eq=False)
class Followed:
    """One calendar that is kept up with. *due* is on the timers' clock; *problem* why the last look brought nothing, in words."""

    calendar: Calendar
    due: float
    copy: Copy | None = None
    worked_out: Asked | None = None
    since: float = 0.0
    failures: int = 0
    problem: str = ""
    warned: bool = False
    looking: "Deferred[None] | None" = None
