"""A record as the audit shows it: the documented fields, numbers masked unless somebody asks to see them, and as CSV."""

import csv
import json
from collections.abc import Iterable
from typing import Any, TextIO

from router.journal.record import Record
from router.masking import mask, mask_all
from router.outcome import told

FIELDS = (
    "seq", "id", "event_id", "provider", "kind", "received_at", "decided_at", "to", "from", "caller_class", "rule",
    "source", "rings", "ends", "delivers", "holds", "replies", "asked", "why", "ruleset", "answer_sha256", "duration_us",
    "outcome", "prev", "hash",
)  # fmt: skip
"""What every row has, in this order; with `--reveal` also `text`, the body of a text."""

ERASED = "erased"

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a spreadsheet recognises something to run (CWE-1236); numbers in E.164 start with one of them too."""


def audit_row(record: Record, *, reveal: bool = False) -> dict[str, Any]:
    """
    Return *record* with the documented fields; what does not apply to its kind is None.

    The automatic reply is our own wording and is shown, numbers masked; the body of a text only with *reveal*. The provider's
    id of an event is masked too: some exchanges build it from the caller's number.
    """
    public, private = record.public, record.private or {}
    gone = record.private is None
    row: dict[str, Any] = {name: public.get(name) for name in FIELDS}
    row |= {
        "seq": record.seq,
        "kind": record.kind,
        "received_at": public.get("received_at") or record.at,
        "decided_at": public.get("decided_at") or record.at,
        "to": public.get("number") or _shown(private.get("to"), reveal=reveal),
        "from": ERASED if gone else _shown(private.get("from"), reveal=reveal),
        "replies": ERASED if gone else private.get("replies"),
        "outcome": told(record),
        "prev": record.prev,
        "hash": record.hash,
    }
    if reveal:
        return row | {"text": private.get("text")}
    return row | {name: mask_all(row[name]) for name in ("event_id", "replies", "asked", "why")}


def _shown(number: str | None, *, reveal: bool) -> str | None:
    return number if reveal or number is None else mask(number)


def write_csv(rows: Iterable[dict[str, Any]], file: TextIO, *, fields: tuple[str, ...], raw: bool) -> None:
    """Write *rows* with a heading; lists as JSON, nothing a spreadsheet would run unless *raw*."""
    writer = csv.writer(file, lineterminator="\r\n")  # RFC 4180
    writer.writerow(fields)
    writer.writerows([_cell(row[name], raw=raw) for name in fields] for row in rows)


def _cell(value: Any, *, raw: bool) -> str:
    match value:
        case None:
            return ""
        case str() | int():
            text = str(value)
        case _:
            text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return f"'{text}" if text.startswith(_FORMULA) and not raw else text
