"""What the outbox asks of whatever carries messages to the world."""

from collections.abc import Callable
from typing import Protocol

from adapters.outcome import CannotTell, Found, NotReached, NotThere, Outcome, Refused, Sent, Unknown
from router.outbox.message import Message

__all__ = ["CannotTell", "Channel", "Found", "NotReached", "NotThere", "Outcome", "Refused", "Sent", "Unknown"]


class Channel(Protocol):
    """
    Carries messages one way.

    Both coroutines end by themselves, well within the outbox's lease (30 s), and may be cancelled. What they raise counts as
    `Unknown` (`CannotTell`) and is logged as a fault of ours.
    """

    async def send(self, message: Message) -> Outcome:
        """Hand *message* over, once, without trying again; `Unknown` as soon as it may have been taken without our knowing."""
        ...

    async def look_up(self, message: Message, since: float, taken: Callable[[str], bool]) -> Found:
        """
        Ask whether the provider has *message*, handed over at *since* (UTC epoch seconds) or later.

        It is known by recipient, sender and words; of those that fit, references that are *taken* belong to other messages with
        the same words and do not count. `NotThere` only from a provider that would show it.
        """
        ...
