"""A call or a text arrives: decided, frozen, put in the provider's words and recorded, in one step without waiting."""

from time import perf_counter
from typing import NamedTuple

import attrs
import structlog
from prometheus_client import Counter

from adapters.api import Action, Answer, RawResponse, ReplyText
from router import ulid
from router.calls import LiveCall
from router.clock import iso, iso_seconds
from router.engine.effects import text_effects
from router.engine.facts import Live
from router.engine.render import actions_of
from router.engine.shared import Arrival, Handled, Json, Shared, answer_json, digest
from rules.book import RuleBook
from rules.callstate import Dial
from rules.event import IncomingCall, IncomingText
from rules.inquiry import Inquiry, inquire
from rules.legs import freeze
from rules.plan import Decision, Deliver, Drop, Hold, Reply, Ring, Step
from rules.progress import current, to_json
from rules.telling import named_groups, outcome, step_json

REMEMBERED = 20_000
"""How many decisions are kept as told."""


class Told(NamedTuple):
    """What is the same for every event decided alike: the public part of its record, what it comes to, its counter."""

    decision: Decision
    public: Json
    action: str
    counted: Counter


@attrs.define(eq=False)
class Arrivals:
    """Handles calls and texts that arrive."""

    shared: Shared
    _told: dict[tuple[int, int], Told] = attrs.field(factory=dict)
    _log: structlog.typing.FilteringBoundLogger = attrs.field(
        factory=lambda: structlog.get_logger().bind(logger="engine")
    )

    def call(self, arrival: Arrival, event: IncomingCall) -> Handled:
        """Answer a call."""
        shared = self.shared
        book, inquiry, decision = self._decide(arrival, event)
        reference = ulid.new(arrival.received_at)
        passes = arrival.provider.capabilities.passes_caller_id
        state = freeze(decision, book, inquiry.caller, caller_id_passes=passes)
        perform = current(state)
        response = arrival.provider.write(
            Answer(
                to="call",
                actions=actions_of(perform.stages, shared.links.public_url),
                call=reference,
                decision=reference,
                link=shared.links.of_step(arrival.provider.name, reference, perform.step),
            )
        )
        private: Json = {
            "from": event.caller,
            "to": event.to,
            "caller_name": event.caller_name,
            "diversions": [[hop.number, hop.reason] for hop in event.diversions],
            "answer": answer_json(response),
            "call_id": event.id,
        }
        if not state.over:
            private["state"] = to_json(state)
        seq = self._record(arrival, event, reference, decision, response, private)
        call = LiveCall(
            id=reference,
            provider=event.provider,
            account=event.account,
            call_id=event.id,
            number=decision.number or "",
            caller=event.caller,
            to=event.to,
            state=state,
            touched=shared.clock.now(),
        )
        shared.calls.add(call, arrival.received_at)
        if any(isinstance(stage, Dial) for stage in state.stages):
            shared.facts.forwards.note(call.number, arrival.received_at)
        return Handled(seq, response)

    def text(self, arrival: Arrival, event: IncomingText) -> Handled:
        """Answer a text; what must be sent stands in its record for the outbox."""
        _, inquiry, decision = self._decide(arrival, event)
        reference = ulid.new(arrival.received_at)
        reply = next((step.text for step in decision.plan if isinstance(step, Reply)), None)
        in_answer = arrival.provider.capabilities.replies_in_answer
        actions: tuple[Action, ...] = (ReplyText(reply),) if reply is not None and in_answer else ()
        response = arrival.provider.write(Answer(to="text", actions=actions, decision=reference))
        private: Json = {
            "from": event.caller,
            "to": event.to,
            "text": event.text,
            "media": [[media.url, media.type] for media in event.media],
            "replies": reply,
            "answer": answer_json(response),
            "outbox": text_effects(reference, decision, reply_apart=not in_answer),
        }
        seq = self._record(arrival, event, reference, decision, response, private)
        self._note_text(inquiry, event.caller, decision, reply, arrival.received_at)
        return Handled(seq, response)

    # ---------------------------------------------------------------- what both have in common

    def _decide(self, arrival: Arrival, event: IncomingCall | IncomingText) -> tuple[RuleBook, Inquiry, Decision]:
        shared = self.shared
        at = int(arrival.received_at)
        timetable = shared.rules.timetable(at)
        inquiry = inquire(timetable.book, event)
        live = Live(timetable.book, inquiry, event, shared.calls, shared.facts, arrival.received_at)
        decision = timetable.decide(inquiry, at, live)
        return timetable.book, inquiry, self._in_turn(decision)

    def _in_turn(self, decision: Decision) -> Decision:
        """Put the people of teams that take turns in today's order: the longest idle first."""
        if not any(takes_turns(step) for step in decision.plan):
            return decision
        facts = self.shared.facts
        plan: list[Step] = []
        for step in decision.plan:
            if isinstance(step, Ring) and takes_turns(step):
                step = attrs.evolve(step, people=facts.longest_idle_first("call", step.people))
            elif isinstance(step, Deliver) and takes_turns(step):
                step = attrs.evolve(step, people=facts.longest_idle_first("text", step.people)[:1])
            plan.append(step)
        return attrs.evolve(decision, plan=tuple(plan))

    def _record(
        self,
        arrival: Arrival,
        event: IncomingCall | IncomingText,
        reference: str,
        decision: Decision,
        response: RawResponse,
        private: Json,
    ) -> int:
        """Write the one record of a decision, count it, log it."""
        shared = self.shared
        told = self._tell(decision)
        seconds = perf_counter() - arrival.began
        public = {
            **told.public,
            "id": reference,
            "key": arrival.key,
            "event_id": event.id,
            "provider": event.provider,
            "received_at": iso(arrival.received_at),
            "decided_at": iso(shared.clock.now()),
            "answer_sha256": digest(response),
            "duration_us": int(seconds * 1_000_000),
        }
        record = shared.journal.append(decision.kind, public, private)
        told.counted.inc()
        shared.metrics.decision_duration.observe(seconds)
        if decision.layer == "refused":
            shared.of(event.provider).refused.inc()
            self._log.warning(
                f"{decision.kind}.refused", id=reference, event_id=event.id, to=event.to, why=decision.why
            )
        else:
            self._log.info(
                f"{decision.kind}.decided",
                id=reference,
                event_id=event.id,
                provider=event.provider,
                number=decision.number,
                caller=event.caller,
                rule=decision.rule,
                action=told.action,
                duration_us=public["duration_us"],
            )
        return record.seq

    def _tell(self, decision: Decision) -> Told:
        """
        Tell *decision* for its record.

        A decision holds for many events, and its plan and questions are then the same objects; they are kept along with
        what they are known by, so that no other objects can take their place.
        """
        known = self._told.get((id(decision.asked), id(decision.plan)))
        if known is not None:
            return known
        if len(self._told) >= REMEMBERED:
            self._told.clear()
        action = action_of(decision)
        counted = self.shared.decided(decision.kind, decision.number or "unknown", action, decision.layer)
        told = Told(decision, public_of(decision), action, counted)
        self._told[id(decision.asked), id(decision.plan)] = told
        return told

    def _note_text(self, inquiry: Inquiry, caller: str, decision: Decision, reply: str | None, at: float) -> None:
        """Remember what later texts depend on: opt-outs, automatic replies, whose turn it was."""
        facts, number = self.shared.facts, inquiry.number
        if number is None:
            return
        if decision.rule in ("safety:stop", "safety:start"):
            facts.opt(facts.pair(number.name, caller), out=decision.rule == "safety:stop")
        elif reply is not None:
            facts.replies.note(facts.pair(number.name, caller), at)
        for step in decision.plan:
            if isinstance(step, Deliver) and step.one:
                facts.took("text", step.people[0], at)


def takes_turns(step: Step) -> bool:
    """Say whether who is longest idle matters for *step*."""
    return (isinstance(step, Ring) and step.strategy == "take-turns") or (isinstance(step, Deliver) and step.one)


def action_of(decision: Decision) -> str:
    """Say in one word what a decision comes to; a closed set, for the metric."""
    if decision.kind == "call":
        return "ring" if any(isinstance(step, Ring) for step in decision.plan) else decision.ends() or "none"
    if decision.rule in ("safety:relay", "safety:command"):
        return decision.rule.removeprefix("safety:")
    for step in decision.plan:
        match step:
            case Deliver():
                return "deliver"
            case Hold():
                return "hold"
            case Drop():
                return "drop"
    return "reply" if decision.plan else "none"


def public_of(decision: Decision) -> Json:
    """Return what the record of *decision* shows, as far as it is the same for every event decided alike."""
    told = outcome(decision)
    del told["replies"]
    return {
        "number": decision.number,
        "caller_class": decision.caller_class,
        "groups": named_groups(decision),
        "rule": decision.rule,
        "layer": decision.layer,
        "source": str(decision.source) if decision.source else None,
        "plan": [step_json(step) for step in decision.plan],
        "tries": decision.tries(),
        "rings": decision.rings(),
        **told,
        "asked": decision.asked,
        "why": decision.why,
        "next_open": iso_seconds(decision.next_open),
        "valid_until": iso_seconds(decision.valid_until),
        "ruleset": decision.ruleset,
    }
