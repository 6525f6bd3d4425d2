"""A past decision told again, with the rules as they stood then: what the audit holds, in the words of `explain`."""

import json
from typing import Any
from zoneinfo import ZoneInfo

from router.archive import Archive, Filter
from router.cli import Failure
from router.journal.record import Record
from router.masking import mask
from rules.load import Loaded, load
from rules.source import Mark, printable
from rules.telling import in_words

SAME = (
    "rule",
    "source",
    "asked",
    "plan",
    "tries",
    "rings",
    "ends",
    "voicemail",
    "delivers",
    "via",
    "holds",
    "next_open",
)
AROUND = 1
"""Lines shown above and below the rule that decided."""


def retell(archive: Archive, name: str, *, reveal: bool, as_json: bool) -> str:
    """
    Tell the decision called *name* (its id, the provider's id, or a seq) again.

    Raises `Failure` when the audit holds no such decision.
    """
    decisions = [record for record in archive.about(name) if record.kind in ("call", "text")]
    if not decisions:
        raise Failure(f"the audit holds no decision '{name}'; `switchhook audit list` shows what there is")
    decision = decisions[0]
    told = as_decision(decision)
    if as_json:
        return json.dumps(told, ensure_ascii=False)
    private = decision.private or {}
    caller = private.get("from") or "an unknown caller"
    rules = rules_then(archive, str(decision.public["ruleset"]))
    words = in_words(told, zone_of(rules, told["to"]), caller if reveal else mask(caller))
    return "\n".join([words, *rule_lines(told["source"], rules)])


def as_decision(record: Record) -> dict[str, Any]:
    """Return what *record* holds as `decision/1`, the shape `explain --json` has."""
    public, private = record.public, record.private or {}
    return {
        "schema": "decision/1",
        "kind": record.kind,
        "to": public["number"],
        "caller": {"class": public["caller_class"], "groups": public["groups"]},
        "at": f"{public['received_at'][:19]}Z",
        **{key: public[key] for key in SAME},
        "replies": private.get("replies"),
        "valid_until": public["valid_until"],
        "ruleset": public["ruleset"],
        "why": public["why"],
    }


def rules_then(archive: Archive, ruleset: str) -> Loaded | None:
    """Load the rule files of *ruleset* as the journal holds them; None when they are erased."""
    for record in archive.select(Filter(kinds=frozenset({"rules"}))):
        texts = (record.private or {}).get("texts")
        if record.public.get("ruleset") == ruleset and texts:
            files = {name: text.encode() for name, text in texts.items()}
            return load(record.public["files"][0], files, lambda name: f"media:{name}")
    return None


def zone_of(rules: Loaded | None, number: object) -> ZoneInfo:
    """Return the zone in which the times of *number* are told, UTC when nobody knows any more."""
    if rules is None or rules.book is None:
        return ZoneInfo("UTC")
    known = rules.book.numbers.get(str(number))
    return known.zone if known else rules.book.zone


def rule_lines(source: str | None, rules: Loaded | None) -> list[str]:
    """Show the lines around the rule that decided, as they stood then."""
    if not source or rules is None:
        return []
    file, line, column = source.rsplit(":", 2)
    mark = Mark(file, int(line), int(column))
    lines = rules.texts.get(mark.file, "").splitlines()
    shown = range(max(1, mark.line - AROUND), min(len(lines), mark.line + AROUND) + 1)
    width = len(str(mark.line + AROUND))
    return ["", *(f"  {number:>{width}} | {printable(lines[number - 1])}" for number in shown)]
