"""What the daemon asks of an index. SQLite answers here; another database may, for several nodes."""

from typing import Protocol

from router.index.outbox import Sends
from router.journal.record import Record


class Index(Protocol):
    """
    A projection of the journal, a little behind.

    Nothing here raises: an index that cannot be read answers as if it were empty, `up` is False, and calls go on.
    """

    @property
    def up(self) -> bool:
        """Whether the last write went well."""

    def lag(self) -> float:
        """Return for how many seconds the oldest record not yet applied has been waiting; 0.0 when there is none."""

    def position(self) -> int:
        """Return the seq up to which everything is applied."""

    def follow(self, seq: int) -> None:
        """Take in the journal up to *seq*, which is durable; returns at once."""

    def find(self, key: str) -> Record | None:
        """Return the newest record of the event with *key*, with the answer that was given."""

    def about(self, call: str) -> list[Record]:
        """Return every record about a call or text by its id, oldest first."""

    def live_calls(self) -> list[Record]:
        """Return the last record with a state of every call that is not over and was heard of within a day."""

    def opted_out(self) -> frozenset[tuple[str, int]]:
        """Return who wants no texts: pairs of one of our numbers, by name, and the fingerprint of the caller."""

    def replies(self) -> list[tuple[int, str, int]]:
        """Return the automatic replies of the last 24 hours: microseconds since 1970, number by name, fingerprint."""

    def spoke(self) -> list[tuple[int, str, int, str]]:
        """Return who spoke with whom last within 24 hours, oldest first: microseconds since 1970, number, fingerprint, person."""

    def fingerprint(self, number: str) -> int:
        """Return how a caller's number is known here."""

    @property
    def outbox(self) -> Sends:
        """What must be sent, and how far it is."""

    def overrides(self) -> list[Record]:
        """Return the last record of everything that is switched on, oldest first."""

    def conversations(self) -> list[Record]:
        """Return the last record about every conversation of the last weeks, oldest first."""

    def close(self) -> None:
        """Apply what is waiting, within a few seconds, and let go of the database."""
