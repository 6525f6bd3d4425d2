"""Hands messages to channels and asks about them; whatever a channel does, something can be said of it afterwards."""

from collections.abc import Callable

import attrs
import structlog
from twisted.internet.defer import CancelledError

from adapters.outcome import CannotTell, Unknown
from router.journal.api import JournalDown
from router.outbox.api import Journal
from router.outbox.channel import Channel
from router.outbox.ledger import Entry
from router.outbox.machine import Came, Event, Looked, Stalled
from router.outbox.message import Message

SLACK = 60.0
"""Seconds a provider's clock may be behind ours when it is asked what it got since."""

EXPIRED = "its time had passed"


@attrs.frozen(eq=False)
class Carrier:
    """
    Knows the channels, and what may go out.

    *may_text* says why a message may not go out, or None; it is asked before each try. *wall* is the machine's clock, which
    alone says whether a message has expired.
    """

    journal: Journal
    channel: Callable[[Message], Channel | None]
    may_text: Callable[[Message], str | None]
    wall: Callable[[], float]
    _log: structlog.typing.FilteringBoundLogger = attrs.field(
        factory=lambda: structlog.get_logger().bind(logger="outbox"), init=False
    )

    def expired(self, message: Message) -> bool:
        """Say whether nobody wants *message* any more."""
        return message.expires_at is not None and self.wall() >= message.expires_at

    def against(self, message: Message) -> str | None:
        """Return why *message* may not go out (any more)."""
        if self.expired(message):
            return EXPIRED
        if self.channel(message) is None:
            return f"there is no way to send it: {message.via} is not configured"
        try:
            return self.may_text(message)
        except Exception:
            self._log.exception("outbox.failed", message=message.key, what="whether it may be sent")
            return "a fault of ours: it could not be found out whether it may be sent"

    async def send(self, entry: Entry, seq: int) -> Event:
        """Hand a message over, once *seq*, the record of the try, is on disk."""
        try:
            await self.journal.durable(seq)
        except JournalDown:
            return Stalled()
        channel, message, fence = self.channel(entry.message), _worded(entry), entry.course.fence
        assert channel is not None  # or it would not have come here
        try:
            return Came(await channel.send(message), fence)
        except CancelledError:
            raise
        except Exception:
            self._log.exception("outbox.failed", message=message.key, what="sending it")
            return Came(Unknown("a fault of ours while it was sent"), fence)

    async def look_up(self, entry: Entry, taken: Callable[[str], bool]) -> Event:
        """Ask the provider whether it has a message; references that are *taken* belong to others."""
        channel, message, fence = self.channel(entry.message), _worded(entry), entry.course.fence
        if channel is None:
            return Looked(CannotTell("its provider is not configured any more"), fence)
        since = (entry.course.worded or entry.course.began) - SLACK
        try:
            return Looked(await channel.look_up(message, since, taken), fence)
        except CancelledError:
            raise
        except Exception:
            self._log.exception("outbox.failed", message=message.key, what="looking it up")
            return Looked(CannotTell("a fault of ours while it was looked up"), fence)


def _worded(entry: Entry) -> Message:
    """Return the message in the words it goes out with."""
    return entry.message.marked() if entry.course.repeat else entry.message
