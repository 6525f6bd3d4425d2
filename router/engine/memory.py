"""Which events we have seen and what we answered: the recent ones here, older ones in the index."""

from collections.abc import Callable
from itertools import islice
from typing import Protocol

import attrs
import structlog

from adapters.api import RawResponse
from adapters.running import Later
from router.engine.shared import answer_from
from router.journal.record import Record

KEPT = 20_000
"""How many of the newest events are remembered here although the index knows them too."""


class Index(Protocol):
    """What the engine needs of the index."""

    def find(self, key: str) -> Record | None:
        """Return the record that answered the event *key*."""

    def about(self, call: str) -> list[Record]:
        """Return every record about a call, oldest first."""

    def position(self) -> int:
        """Return the number of the last record taken up."""


@attrs.define(eq=False)
class Seen:
    """
    An event and its answer, by the number of its record.

    *durable*: the record is on disk. *waiting* are those who wait for that, until *due* (reactor seconds), None when nobody
    does.
    """

    seq: int
    response: RawResponse
    kind: str
    durable: bool = False
    due: float = 0.0
    waiting: "list[Later[RawResponse]] | None" = None


@attrs.define(eq=False)
class Memory:
    """Finds an event by its key."""

    index: Index
    index_up: Callable[[bool], object] = lambda _up: None
    _seen: dict[str, Seen] = attrs.field(factory=dict)
    _sick: bool = attrs.field(default=False, init=False)

    def find(self, key: str) -> Seen | None:
        """Return what is known of the event *key*; a sick index counts as never seen, for a call must be answered."""
        seen = self._seen.get(key)
        if seen is not None:
            return seen
        try:
            record = self.index.find(key)
        except Exception:
            if not self._sick:
                structlog.get_logger().exception("index.unreadable", logger="engine")
                self.index_up(False)
            self._sick = True
            return None
        self._sick = False
        return None if record is None else self.recall(record)

    def keep(self, key: str, seen: Seen) -> None:
        """Remember an event."""
        self._seen[key] = seen

    def forget(self, key: str) -> None:
        """Forget an event that could not be written: when it comes again it is new."""
        self._seen.pop(key, None)

    def recall(self, record: Record) -> Seen | None:
        """Take up an event from its record; None when its answer has been erased."""
        answer = (record.private or {}).get("answer")
        key = record.public.get("key")
        if answer is None or key is None:
            return None
        seen = Seen(record.seq, answer_from(answer), record.kind, durable=True)
        self._seen[key] = seen
        return seen

    def prune(self) -> None:
        """Forget the oldest events beyond `KEPT` that the index knows by now."""
        spare = len(self._seen) - KEPT
        if spare <= 0:
            return
        position = self.index.position()
        for key, seen in list(islice(self._seen.items(), spare)):
            if seen.durable and seen.seq <= position:
                del self._seen[key]

    def __len__(self) -> int:
        return len(self._seen)
