"""After a restart: what the engine knew before, taken from index and journal."""

from collections.abc import Iterable
from typing import Protocol

from router.calls import LiveCall
from router.clock import epoch
from router.engine.memory import Memory
from router.engine.shared import Shared, answer_from
from router.journal.record import Record
from rules.callstate import Dial
from rules.progress import from_json


class Index(Protocol):
    """What is asked of the index at start."""

    def about(self, call: str) -> list[Record]:
        """Return every record about a call, oldest first."""

    def live_calls(self) -> list[Record]:
        """Return the last record with a state of every call that is not over."""

    def opted_out(self) -> frozenset[tuple[str, int]]:
        """Return who wants no texts: number by name, and the caller's fingerprint."""

    def replies(self) -> list[tuple[int, str, int]]:
        """Return the automatic replies of the last day: microseconds since 1970, number by name, fingerprint."""

    def spoke(self) -> list[tuple[int, str, int, str]]:
        """Return who spoke with whom last within a day, oldest first: microseconds, number by name, fingerprint, person."""


def restore(shared: Shared, memory: Memory, index: Index, recent: Iterable[Record]) -> None:
    """Take up what *index* knows, and on top of it *recent*, the records it has not taken up, in order."""
    facts = shared.facts
    facts.opted_out |= index.opted_out()
    for at, number, caller in index.replies():
        facts.replies.note((number, caller), at / 1_000_000)
    for at, number, caller, person in index.spoke():
        facts.talked((number, caller), person, at / 1_000_000)
    for live in index.live_calls():
        for record in index.about(live.public["id"]):
            follow_call(shared, record)
            _follow_turns(shared, record)
            _follow_talk(shared, record)
    for record in recent:
        memory.recall(record)
        follow_call(shared, record)
        _follow_turns(shared, record)
        _follow_talk(shared, record)
        _follow_text(shared, record)


def follow_call(shared: Shared, record: Record) -> None:
    """Take up what *record* says about a call; records must come in order."""
    private, public = record.private or {}, record.public
    state, reference = private.get("state"), public.get("id")
    call = shared.calls.get(reference or "")
    if call is not None and record.kind in ("next", "message") and "answer" in private:
        call.answers.setdefault(public["step"], answer_from(private["answer"]))
    if call is not None and record.kind == "transcript":
        call.transcript = (private.get("details") or {}).get("text", "")
    if state is None or reference is None:
        return
    at = epoch(public["received_at"])
    if call is not None:
        shared.calls.move(call, from_json(state), at=at, touched=epoch(record.at))
        return
    provider, account, _ = public["key"].split("|", 2)
    shared.calls.add(
        LiveCall(
            id=reference,
            provider=provider,
            account=account,
            call_id=private["call_id"],
            number=public.get("number") or "",
            caller=private["from"],
            to=private["to"],
            state=from_json(state),
            touched=epoch(record.at),
        ),
        at,
    )


def _follow_turns(shared: Shared, record: Record) -> None:
    """Take up what was forwarded, and whose turn it was."""
    public = record.public
    if "received_at" not in public:
        return
    at = epoch(public["received_at"])
    state = (record.private or {}).get("state")
    if record.kind == "call" and state and any(isinstance(stage, Dial) for stage in from_json(state).stages):
        shared.facts.forwards.note(public.get("number") or "", at)
    outcome = public.get("outcome")
    if isinstance(outcome, str) and outcome.startswith("answered by "):
        shared.facts.took("call", outcome.removeprefix("answered by "), at)


def _follow_talk(shared: Shared, record: Record) -> None:
    """Take up who spoke with a caller, and whom nobody answered and we text by ourselves."""
    public, private = record.public, record.private or {}
    number, caller, outcome = public.get("number"), private.get("from"), public.get("outcome")
    if record.kind == "text" or not number or not caller:
        return
    pair, at = shared.facts.pair(number, caller), epoch(public.get("received_at") or record.at)
    if isinstance(outcome, str) and outcome.startswith("answered by "):
        shared.facts.talked(pair, outcome.removeprefix("answered by "), at)
    if any(effect["kind"] == "text-back" for effect in private.get("outbox", ())):
        shared.facts.replies.note(pair, at)


def _follow_text(shared: Shared, record: Record) -> None:
    """Take up who opted out, what was answered by itself, and whose PINs were wrong."""
    public, private = record.public, record.private or {}
    number, caller = public.get("number"), private.get("from")
    if public.get("opted_out") and number and private.get("to"):
        shared.facts.opt(shared.facts.pair(number, private["to"]), out=True)
    if record.kind != "text" or number is None or caller is None:
        return
    person = shared.rules.current.book.callers.classify(caller, verified=None).person
    for effect in private.get("outbox", ()):
        shared.pins.recall(person or "", effect.get("pin", ""), epoch(public["received_at"]))
    pair = shared.facts.pair(number, caller)
    if public.get("rule") in ("safety:stop", "safety:start"):
        shared.facts.opt(pair, out=public["rule"] == "safety:stop")
    elif private.get("replies"):
        shared.facts.replied(pair, str(private.get("text") or ""), epoch(public["received_at"]))
