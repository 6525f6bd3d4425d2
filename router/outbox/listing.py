"""What is on its way, as a person or a script reads it: names, states, and numbers and addresses hidden."""

from typing import Any

from router.clock import iso
from router.masking import mask
from router.outbox.ledger import Effect, Entry, Ledger

HOLD = "hold"
"""The effect that waits for a door to open; every other one only waits for its turn."""

_HIDDEN = frozenset({"sent", "delivered", "dropped"})


def listed(ledger: Ledger) -> list[dict[str, Any]]:
    """Return what is on its way and what was given up or not delivered, oldest first."""
    shown = (entry for entry in ledger.entries.values() if entry.course.phase not in _HIDDEN)
    rows = [*map(_of_effect, ledger.effects.values()), *map(_of_message, shown)]
    return sorted(rows, key=lambda row: (row["since"], row["seq"], row["key"]))


def _of_effect(effect: Effect) -> dict[str, Any]:
    return {
        "key": effect.key,
        "seq": effect.seq,
        "id": effect.about,
        "state": "held" if effect.kind == HOLD else "waiting",
        "kind": effect.kind,
        "people": list(effect.people),
        "target": effect.target,
        "number": effect.number,
        "since": effect.since,
        "release_at": effect.release_at,
        "via": None,
        "to": None,
        "attempts": 0,
        "next_try": None,
        "reason": None,
    }


def _of_message(entry: Entry) -> dict[str, Any]:
    message, course = entry.message, entry.course
    return {
        "key": message.key,
        "seq": entry.order[0],
        "id": message.about,
        "state": course.phase,
        "kind": message.kind,
        "people": [message.person] if message.person else [],
        "target": None,
        "number": message.number,
        "since": iso(entry.since),
        "release_at": None,
        "via": message.via,
        "to": hidden(message.to),
        "attempts": course.tries,
        "next_try": iso(course.due) if course.phase in ("waiting", "unknown") else None,
        "reason": course.reason,
    }


def hidden(address: str) -> str:
    """Hide most of a number or of a mail address: `+1617***0142`, `a***@acme.example`."""
    name, at, domain = address.rpartition("@")
    return f"{name[:1]}***@{domain}" if at and not name.startswith("sip:") else mask(address)
