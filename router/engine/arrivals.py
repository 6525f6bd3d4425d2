"""A call or a text arrives: decided, frozen, put in the provider's words and recorded, in one step without waiting."""

from time import perf_counter

import attrs
import structlog

from adapters.api import Action, Answer, RawResponse, ReplyText
from router import ulid
from router.calls import LiveCall
from router.clock import iso
from router.engine.effects import text_effects
from router.engine.facts import Live
from router.engine.render import actions_of
from router.engine.shared import Arrival, Handled, Json, Shared, answer_json, digest
from router.engine.told import Ringing, Told, action_of, people_of, public_of, takes_turns, turned
from rules.book import RuleBook
from rules.callers import Caller
from rules.callstate import Dial
from rules.event import IncomingCall, IncomingText
from rules.inquiry import Inquiry, inquire
from rules.legs import freeze
from rules.plan import Decision, Deliver, Reply, Step
from rules.progress import current, to_json

REMEMBERED = 5_000
"""How many decisions are kept as told."""


@attrs.define(eq=False)
class Arrivals:
    """Handles calls and texts that arrive."""

    shared: Shared
    _told: dict[tuple[int, int], Told] = attrs.field(factory=dict)
    _frozen: dict[tuple[int, int, bool, bool], Ringing] = attrs.field(factory=dict)
    _turned: dict[tuple[int, tuple[tuple[str, ...], ...]], tuple[Decision, tuple[Step, ...]]] = attrs.field(
        factory=dict
    )
    _log: structlog.typing.FilteringBoundLogger = attrs.field(
        factory=lambda: structlog.get_logger().bind(logger="engine")
    )

    def call(self, arrival: Arrival, event: IncomingCall) -> Handled:
        """Answer a call."""
        shared = self.shared
        book, inquiry, decision = self._decide(arrival, event)
        reference = ulid.new(arrival.received_at)
        begun = self._begin(arrival, book, inquiry.caller, decision)
        state = begun.state
        response = arrival.provider.write(
            Answer(
                to="call",
                actions=begun.actions,
                call=reference,
                decision=reference,
                link=shared.links.of_step(arrival.provider.name, reference, begun.step),
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
            private["state"] = begun.written
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
        if begun.forwards:
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
        waiting = [step for step in decision.plan if takes_turns(step)]
        if not waiting:
            return decision
        facts = self.shared.facts
        orders = tuple([facts.longest_idle_first(decision.kind, people_of(step)) for step in waiting])
        known = self._turned.get((id(decision.plan), orders))
        if known is None:
            if len(self._turned) >= REMEMBERED:
                self._turned.clear()
            known = decision, turned(decision.plan, orders)
            self._turned[id(decision.plan), orders] = known
        return attrs.evolve(decision, plan=known[1])

    def _begin(self, arrival: Arrival, book: RuleBook, caller: Caller, decision: Decision) -> Ringing:
        """
        Freeze the plan of a call.

        For all ordinary callers it is the same; only a teammate is left out of it, and one who hides the number is shown
        differently.
        """
        passes = arrival.provider.capabilities.passes_caller_id
        key = (id(decision.asked), id(decision.plan), passes, caller.e164 is None)
        ordinary = caller.person is None and (caller.e164 is not None or caller.cls == "anonymous")
        known = self._frozen.get(key) if ordinary else None
        if known is not None:
            return known
        state = freeze(decision, book, caller, caller_id_passes=passes)
        perform = current(state)
        made = Ringing(
            decision,
            state,
            to_json(state),
            perform.step,
            actions_of(perform.stages, self.shared.links.public_url),
            any(isinstance(stage, Dial) for stage in state.stages),
        )
        if ordinary:
            if len(self._frozen) >= REMEMBERED:
                self._frozen.clear()
            self._frozen[key] = made
        return made

    def forget(self) -> None:
        """Forget what was made of the rules before."""
        self._told.clear()
        self._frozen.clear()
        self._turned.clear()

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
