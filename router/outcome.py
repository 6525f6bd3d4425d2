"""What came of a call, in one sentence: whatever its reports say, and in whichever order they came. From public parts alone."""

from collections.abc import Sequence

from router.clock import epoch
from router.journal.record import Record
from router.outbox.message import Json
from rules.callstate import ANSWERED


def outcome_of(records: Sequence[Record]) -> str | None:
    """Tell what came of the call whose *records* these are, oldest first; None when they are of anything else."""
    if not records or records[0].kind != "call":
        return None
    call, *after = records
    said = [record for record in after if isinstance(record.public.get("outcome"), str)]
    taken = [record for record in said if record.public["outcome"].startswith(ANSWERED)]
    if taken:
        return _answered(call, taken)
    left = [record.public["outcome"] for record in said if record.public["outcome"].startswith("message left")]
    ended = [record for record in said if record.kind == "ended"]
    how = left[-1] if left else ended[-1].public["outcome"] if ended else said[-1].public["outcome"] if said else None
    if how is None:
        return "still going on" if call.public.get("rings") else None
    return "; ".join([*_rang(after), how, *_kept(after)])


def told(record: Record) -> str | None:
    """Say in a few words what *record* is about: its own, with who rang in vain; or what became of a message or a recording."""
    public = record.public
    outcome, phones = public.get("outcome"), rang(record)
    if phones:
        return f"{outcome or 'left'} ({phones})"
    if outcome is not None:
        return str(outcome)
    match record.kind:
        case "queued":
            to = [f"{message['kind']} to {_whom(message)}" for message in public.get("messages") or ()]
            return ", ".join(dict.fromkeys(to)) or public.get("why") or public.get("reason")
        case "held":
            return str(public.get("reason"))
        case "attempt" | "sent":
            return f"message {public['message']}"
        case "kept":
            return f"its recording is kept, {public['size']} bytes"
        case "expired":
            return "its recording is deleted, its time is over"
        case "erased":
            return f"{public['by']} erased {public['records']} records of {public['calls']} calls and texts"
        case "heard":
            return "its recording was fetched by an administrator"
    return None


def rang(record: Record) -> str | None:
    """Say whose phones have rung in vain until *record*, and for how long."""
    told = record.public.get("rang")
    return f"{', '.join(told['people'])} rang {told['seconds']} s" if told else None


def _answered(call: Record, taken: Sequence[Record]) -> str:
    """Tell who took it, after how long, and how long they spoke, as far as anybody said."""
    named = [record for record in taken if record.public["outcome"] != ANSWERED] or list(taken)
    said = [named[-1].public["outcome"]]
    picked_up = next((record for record in taken if record.kind in ("accept", "leg")), None)
    if picked_up is not None:
        said.append(f"after {_between(call, picked_up)} s")
    spoke = next((record.public.get("seconds") for record in reversed(taken) if record.kind == "next"), None)
    return " ".join(said) + (f", spoke {spoke} s" if spoke else "")


def _between(one: Record, other: Record) -> int:
    moments = [epoch(record.public.get("received_at") or record.at) for record in (one, other)]
    return max(0, round(moments[1] - moments[0]))


def _rang(records: Sequence[Record]) -> list[str]:
    return [told for record in records if (told := rang(record))]


def _kept(records: Sequence[Record]) -> list[str]:
    """Say where the recording of a message is."""
    kinds = {record.kind for record in records}
    if "expired" in kinds:
        return ["its recording has been deleted when its time was over"]
    return ["its recording is kept"] if "kept" in kinds else []


def _whom(message: Json) -> str:
    """Name who gets a message: a machine by its web hook, one of us, or the customer."""
    return str(message["via"] if message["channel"] == "webhook" else message["person"] or "the customer")
