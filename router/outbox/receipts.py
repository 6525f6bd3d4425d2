"""Which message a provider's reference belongs to; and receipts that come before we know."""

from collections.abc import Mapping

import attrs

from router.outbox.api import Index
from router.outbox.ledger import Entry
from router.outbox.machine import Reported
from rules.event import Receipt

EARLY = 600.0
"""Seconds a receipt waits for the answer to the request that it overtook."""

MOST = 1000
"""Receipts that wait at most; those nobody waits for are of texts that others send through the same account."""

Name = tuple[str, str]
"""A provider, and its reference."""


@attrs.define(eq=False)
class Receipts:
    """Knows the references of the messages in memory, and asks *index* for others."""

    index: Index
    _keys: dict[Name, str] = attrs.field(factory=dict, init=False)
    _early: dict[Name, tuple[float, Reported]] = attrs.field(factory=dict, init=False)

    def note(self, entry: Entry) -> None:
        """Learn the reference of a message, if it has one."""
        if entry.reference:
            self._keys[entry.message.via, entry.reference] = entry.message.key

    def forget(self, entry: Entry) -> None:
        """Let go of a message the index knows."""
        if entry.reference:
            self._keys.pop((entry.message.via, entry.reference), None)

    def owner(self, via: str, reference: str) -> str | None:
        """Return the key of the message the provider *via* knows as *reference*."""
        key = self._keys.get((via, reference))
        if key is None and (entry := self.index.sent_as(via, reference)):
            key = entry.message.key
        return key

    def find(self, event: Receipt, entries: Mapping[str, Entry], at: float) -> Entry | None:
        """Return the message a receipt is for; one for nobody known is kept for a while."""
        name = (event.provider, event.message_id)
        entry = entries.get(self._keys.get(name, "")) or self.index.sent_as(*name)
        if entry is None and event.state in ("delivered", "failed"):
            while self._early and (len(self._early) >= MOST or next(iter(self._early.values()))[0] < at - EARLY):
                del self._early[next(iter(self._early))]
            self._early[name] = (at, Reported(event.state, event.error))
        return entry

    def early(self, entry: Entry) -> Reported | None:
        """Return the receipt that was there before the message had its reference."""
        kept = self._early.pop((entry.message.via, entry.reference or ""), None)
        return kept[1] if kept else None
