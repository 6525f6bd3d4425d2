"""What must be sent because of an event: the outbox entries of its record, by unique key. Texts stand in the record itself."""

from collections.abc import Collection

from router.clock import iso_seconds
from router.engine.facts import Facts
from router.engine.shared import Json
from router.switchboard.pins import Proof
from rules.book import Number, RuleBook
from rules.callers import Caller
from rules.callstate import CallState
from rules.plan import Copy, Decision, Deliver, Hold, Reply, Voicemail
from rules.signals import Missed


def text_effects(reference: str, decision: Decision, *, reply_apart: bool, proof: Proof | None = None) -> list[Json]:
    """
    Return what a text sets going.

    *reply_apart* when the provider cannot take the automatic reply with the answer; *proof* is what the PIN of a command
    proves, for the PIN itself is not kept.
    """
    found: list[Json] = []

    def add(kind: str, people: tuple[str, ...], target: str | None, release_at: str | None = None) -> None:
        found.append(
            {
                "key": f"{reference}.{len(found)}",
                "kind": kind,
                "people": people,
                "target": target,
                "number": decision.number,
                "release_at": release_at,
            }
        )

    if decision.rule in ("safety:relay", "safety:command"):
        add(decision.rule.removeprefix("safety:"), (), None)
    if proof is not None:
        found[-1]["pin"] = proof
    if decision.rule in ("safety:stop", "safety:start") and ("opted-out", True) not in decision.asked:
        add("event", (), None)
    for step in decision.plan:
        match step:
            case Deliver(people=people, via=via):
                add("deliver", people, via)
            case Copy(people=people, via=via):
                add("copy", people, via)
            case Hold(target=target, until=until):
                add("hold", (), target, iso_seconds(decision.next_open) if until == "open" else None)
            case Reply() if reply_apart:
                add("reply", (), None)
    return found


def hook_effects(reference: str, event: str, number: str | None, events: Collection[str]) -> list[Json]:
    """Return what tells web hooks of a call or text, if one of them wants to hear of such an *event*."""
    return [after_call(reference, f"hook-{event}", number, None)] if number is not None and event in events else []


def missed_effects(
    reference: str,
    missed: Missed,
    state: CallState,
    *,
    number: Number,
    book: RuleBook,
    caller: Caller,
    facts: Facts,
    at: float,
    events: Collection[str] = (),
) -> list[Json]:
    """
    Return what a call nobody took sets going: a notice of it and one of the message left, and a text back to the caller.

    *events* are those that some web hook is told of.

    A text back is an automatic reply: only to an ordinary number that has not opted out, and within the limits.
    """
    found: dict[str, tuple[str, ...]] = {}
    last = state.stages[-1]
    box = book.boxes.get(last.box) if missed.message is not None and isinstance(last, Voicemail) else None
    if box and box.notify:
        found["message"] = box.notify
    if missed.rung and number.notify_missed:
        found["missed"] = number.notify_missed
    pair = facts.pair(number.name, caller.raw)
    wanted = bool(missed.rung) and number.text_back is not None and caller.repliable
    if wanted and pair not in facts.opted_out and not facts.replies.reached(pair, at):
        facts.replies.note(pair, at)
        found["text-back"] = ()
    happened = {"missed": bool(missed.rung), "voicemail": missed.message is not None}
    found |= {f"hook-{event}": (event,) for event, so in happened.items() if so and event in events}
    return [after_call(reference, kind, number.name, ", ".join(targets) or None) for kind, targets in found.items()]


def after_call(reference: str, kind: str, number: str, target: str | None) -> Json:
    """Return what an event leaves to be done, once for each *kind*, for *target* (people and teams by name)."""
    return {
        "key": f"{reference}.{kind}",
        "kind": kind,
        "people": (),
        "target": target,
        "number": number,
        "release_at": None,
    }
