"""Whom the outbox tells what has happened; a fault of theirs is logged and keeps nothing from going on."""

from collections.abc import Callable, Sequence

import attrs
import structlog

from router.journal.record import Record
from router.outbox.ledger import Effect
from router.outbox.message import Message


@attrs.define(eq=False)
class Hooks:
    """
    Lists to add oneself to, always called on the reactor's thread.

    *effects(record, effects)*: new ones, their record is on disk. *dead(message, reason)*: given up, or not delivered, and
    somebody should know. *opted_out(message)*: its recipient wants no texts from its number.
    """

    effects: list[Callable[[Record, Sequence[Effect]], object]] = attrs.field(factory=list)
    dead: list[Callable[[Message, str], object]] = attrs.field(factory=list)
    opted_out: list[Callable[[Message], object]] = attrs.field(factory=list)

    def tell_effects(self, record: Record, effects: Sequence[Effect]) -> None:
        """Tell of new effects."""
        for hook in self.effects:
            _guarded(lambda hook=hook: hook(record, effects), "effects")  # type: ignore[misc]

    def tell_dead(self, message: Message, reason: str) -> None:
        """Tell of a message that was given up."""
        for hook in self.dead:
            _guarded(lambda hook=hook: hook(message, reason), "dead")  # type: ignore[misc]

    def tell_opted_out(self, message: Message) -> None:
        """Tell of a recipient who wants no texts."""
        for hook in self.opted_out:
            _guarded(lambda hook=hook: hook(message), "opted-out")  # type: ignore[misc]


def _guarded(work: Callable[[], object], what: str) -> None:
    try:
        work()
    except Exception:
        structlog.get_logger().exception("outbox.failed", logger="outbox", what=f"telling of it: {what}")
