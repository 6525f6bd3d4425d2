"""What the outbox asks of the journal and of the index."""

from typing import Any, Protocol

from twisted.internet.defer import Deferred

from router.journal.record import Point, Record
from router.outbox.ledger import Effect, Entry


class Journal(Protocol):
    """Where every change is put down first."""

    up: bool
    head: Point

    def append(self, kind: str, public: dict[str, Any], private: dict[str, Any]) -> Record:
        """Number and chain a record at once."""

    def durable(self, seq: int) -> "Deferred[None]":
        """Fire when record *seq* is on disk; fail with `JournalDown` when that takes too long."""


class Index(Protocol):
    """
    What older records say, a little behind.

    Nothing here raises; an index that cannot be read answers as if it were empty.
    """

    def position(self) -> int:
        """Return the seq up to which everything is applied."""

    def record(self, seq: int) -> Record | None:
        """Return record *seq*."""

    def effects(self) -> list[Effect]:
        """Return what must be sent and is not turned into messages yet, oldest first."""

    def effect_done(self, key: str) -> bool:
        """Say whether the effect *key* has been turned into messages."""

    def unfinished(self) -> list[Entry]:
        """Return the messages on their way, in the order of their lanes."""

    def message(self, key: str) -> Entry | None:
        """Return a message, finished or not."""

    def sent_as(self, via: str, reference: str) -> Entry | None:
        """Return the message the provider *via* knows as *reference*."""

    def dead(self) -> int:
        """Return how many messages were given up and not dealt with."""
