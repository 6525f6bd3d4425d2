"""What was switched on before a restart: from the index, and on top of it the records it has not taken up."""

from collections.abc import Iterable
from typing import Protocol

from router.journal.record import Record
from router.switchboard.standing import Register


class Index(Protocol):
    """What is asked of the index at start."""

    def overrides(self) -> list[Record]:
        """Return the last record of everything that is switched on, oldest first."""


def restored(index: Index, recent: Iterable[Record]) -> Register:
    """Take up what *index* knows, and on top of it *recent*, in order. What has ended meanwhile is ended by the first tick."""
    register = Register()
    for record in (*index.overrides(), *recent):
        register.follow(record)
    return register
