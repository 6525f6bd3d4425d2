"""The audit as a person reads it: a table, the story of one call, the verdict on the chain."""

from collections.abc import Sequence
from typing import Any

from router.journal.segment import name_of
from router.journal.walk import Verdict
from rules.source import printable

Row = dict[str, Any]

_HEADING = ("time (UTC)", "kind", "to", "from", "by", "what", "id")
_OUTBOX = ("since (UTC)", "state", "what", "for", "number", "tries", "next (UTC)", "key", "why")


def table(rows: Sequence[Row]) -> str:
    """Return *rows* as a table, one line each."""
    if not rows:
        return "nothing recorded"
    lines = [
        (moment(row["received_at"]), row["kind"], row["to"], row["from"], row["rule"], what(row), row["id"])
        for row in rows
    ]
    return columns(_HEADING, lines)


def outbox_table(rows: Sequence[Row]) -> str:
    """Return what is on its way as a table."""
    if not rows:
        return "nothing is waiting"
    lines = [
        (
            moment(row["since"]),
            row["state"],
            row["kind"],
            ", ".join(row["people"]) or row["target"] or row["to"],
            row["number"],
            str(row["attempts"]),
            moment(row["release_at"] or row["next_try"]),
            row["key"],
            row["reason"],
        )
        for row in rows
    ]
    return columns(_OUTBOX, lines)


def columns(heading: Sequence[str], lines: Sequence[Sequence[str | None]]) -> str:
    """Align *lines* under *heading*; control characters cannot reach the terminal."""
    cells = [[printable(cell or "-") for cell in line] for line in (heading, *lines)]
    widths = [max(len(line[place]) for line in cells) for place in range(len(heading))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells
    )


def moment(written: str | None) -> str | None:
    """Shorten an ISO moment to the second."""
    return written[:19].replace("T", " ") if written else None


def what(row: Row) -> str:
    """Say in a few words what a row did."""
    if row["outcome"]:
        return str(row["outcome"])
    said = []
    if row["rings"]:
        said.append("rings " + ", ".join(row["rings"]))
    if row["ends"]:
        said.append(f"then {row['ends']}" if said else str(row["ends"]))
    if row["delivers"]:
        said.append("to " + ", ".join(row["delivers"]))
    if row["holds"]:
        said.append(f"held for {row['holds']}")
    if row["replies"]:
        said.append("replies")
    return ", ".join(said) or "-"


def story(decision: Row, after: Sequence[Row], outcome: str | None = None) -> str:
    """Tell one call or text from its arrival to its end; *outcome* is what came of it all."""
    first = f"{decision['kind']} {decision['id'] or decision['seq']}"
    if decision["to"]:
        first += f" to {decision['to']} from {decision['from'] or 'nobody known'}"
        first += f" ({decision['caller_class']})" if decision["caller_class"] else ""
    told = [
        ("received", f"{moment(decision['received_at'])} UTC" + _by(decision)),
        ("decided", f"by {decision['rule']}, {decision['source'] or 'built in'}" if decision["rule"] else None),
        ("rules", decision["ruleset"]),
        ("because", "; ".join(decision["why"] or ())),
        ("so", what(decision)),
        ("outcome", outcome),
        ("reply", decision["replies"]),
        ("text", decision.get("text")),
        ("asked", ", ".join(f"{question} {'yes' if said else 'no'}" for question, said in decision["asked"] or ())),
        ("record", f"{decision['seq']}, {decision['hash']}"),
    ]
    lines = [first, *(f"  {label:<9} {text}" for label, text in told if text)]
    if after:
        lines += ["then", *(f"  {moment(row['received_at'])}  {row['kind']:<10} {what(row)}" for row in after)]
    return "\n".join(printable(line) for line in lines)


def _by(decision: Row) -> str:
    return f", from {decision['provider']} as {decision['event_id']}" if decision["provider"] else ""


def verdict_words(verdict: Verdict, segments: int, *, good: bool) -> str:
    """Say whether the chain holds."""
    said = []
    if verdict.flaw and not good:
        said.append(f"does not hold: {verdict.flaw}")
    said.append(f"{verdict.rows} records in {segments} segment{'' if segments == 1 else 's'} hold")
    if verdict.superseded:
        said.append(f"{verdict.superseded} unanswered rows were replaced after a failed write or a crash")
    if verdict.flaw and good:
        said.append("the daemon is writing the last rows just now")
    return "\n".join([*said, f"head: {verdict.head.seq} {verdict.head.hash}"])


def verdict_json(verdict: Verdict, segments: int, *, good: bool) -> Row:
    """Return the same for machines."""
    flaw = verdict.flaw
    return {
        "good": good,
        "rows": verdict.rows,
        "segments": segments,
        "superseded": verdict.superseded,
        "head": verdict.head._asdict(),
        "first_bad": None
        if flaw is None or good
        else {
            "segment": name_of(flaw.segment),
            "line": flaw.line,
            "seq": flaw.seq,
            "what": flaw.what,
            "note": flaw.note,
        },
    }
