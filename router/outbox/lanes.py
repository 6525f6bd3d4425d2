"""The lanes: in each of them one message after the other, in the order they were put there. Pure."""

from collections import deque

import attrs

from router.outbox.ledger import Entry


@attrs.define
class Lanes:
    """Unfinished messages, by lane."""

    _lanes: dict[str, deque[str]] = attrs.field(factory=dict)

    def add(self, entry: Entry) -> None:
        """Put a message at the end of its lane."""
        self._lanes.setdefault(entry.message.lane, deque()).append(entry.message.key)

    def remove(self, entry: Entry) -> str | None:
        """Take a message out; returns the one that now leads the lane, if it is another than before."""
        key, lane = entry.message.key, self._lanes[entry.message.lane]
        led = lane[0] == key
        lane.remove(key)
        if not lane:
            del self._lanes[entry.message.lane]
            return None
        return lane[0] if led else None

    def leads(self, entry: Entry) -> bool:
        """Say whether it is a message's turn."""
        lane = self._lanes.get(entry.message.lane)
        return lane is not None and lane[0] == entry.message.key

    def first(self) -> list[str]:
        """Return the message that leads, of every lane."""
        return [lane[0] for lane in self._lanes.values()]
