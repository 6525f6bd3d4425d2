"""What the daemon wrote down about the event just played: a provider is not told which rule decided, but the record knows."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from router.index.fingerprint import Fingerprint
from router.index.sqlite import Reader
from router.store import INDEX

_TRIES = 20
_BETWEEN = 0.1

FIELDS = ("id", "rule", "layer", "source", "rings", "voicemail", "delivers", "holds", "why", "ruleset")


def decision_of(key: str, state: Path, pause: Callable[[float], None] = time.sleep) -> dict[str, Any] | None:
    """
    Return what is public of the record of the event *key* in the *state* folder, None when it cannot be read.

    The index is a moment behind the journal, so it is asked for up to two seconds.
    """
    # No number is looked up, so no key for fingerprints is needed.
    reader = Reader(state / INDEX, state / "journal", Fingerprint(b""))
    try:
        for _ in range(_TRIES if (state / INDEX).exists() else 0):
            if record := reader.find(key):
                return {field: record.public[field] for field in FIELDS if field in record.public}
            pause(_BETWEEN)
    except OSError:
        return None
    finally:
        reader.close()
    return None
