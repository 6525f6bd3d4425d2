"""What an administrator may do with a message: try it again, or let go of it."""

from typing import Any
from urllib.parse import parse_qs

import attrs

from router.journal.api import JournalDown
from router.outbox.outbox import Outbox

RETRY, DROP = "/-/outbox/retry", "/-/outbox/drop"


@attrs.frozen(eq=False)
class OutboxDesk:
    """Does it; answers with an HTTP code and JSON."""

    outbox: Outbox

    def answer(self, path: str, query: str) -> tuple[int, dict[str, Any]]:
        """Do what *path* says with the message (or the effect) whose key stands in *query*."""
        key = parse_qs(query).get("key", [""])[0]
        try:
            wrong = self.outbox.retry(key) if path == RETRY else self.outbox.drop(key)
        except JournalDown:
            return 503, {"error": "the journal cannot be written now; try again when it can"}
        return (200, {"done": True}) if wrong is None else (409, {"error": wrong})
