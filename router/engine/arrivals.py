"""A call or a text arrives: decided, frozen, put in the provider's words and recorded, in one step without waiting."""

from time import perf_counter

import attrs
import structlog

from adapters.api import Action, Answer, Leg, RawResponse, ReplyText, RingLegs
from router import ulid
from router.calls import LiveCall
from router.clock import iso
from router.engine.alike import OF_TEXT, Alike, Told, keep
from router.engine.effects import hook_effects, text_effects
from router.engine.facts import Live
from router.engine.shared import Arrival, Handled, Json, Shared, answer_json, digest
from router.engine.told import people_of, takes_turns, turned
from router.journal.form import Forms
from router.switchboard.pins import Proof
from rules.book import RuleBook
from rules.event import IncomingCall, IncomingText
from rules.inquiry import Inquiry, inquire
from rules.pin import without_pins
from rules.plan import Decision, Deliver, Hold, Reply, Step


@attrs.define(eq=False)
class Arrivals:
    """Handles calls and texts that arrive."""

    shared: Shared
    _alike: Alike = attrs.field(init=False)
    _turned: dict[tuple[int, tuple[tuple[str, ...], ...]], tuple[Decision, tuple[Step, ...]]] = attrs.field(
        factory=dict
    )
    _settled: dict[int, tuple[Step, ...]] = attrs.field(factory=dict)
    """Plans in which nobody takes turns."""
    _log: structlog.typing.FilteringBoundLogger = attrs.field(
        factory=lambda: structlog.get_logger().bind(logger="engine")
    )

    def __attrs_post_init__(self) -> None:
        """Begin with nothing known."""
        self._alike = Alike(self.shared)

    def call(self, arrival: Arrival, event: IncomingCall) -> Handled:
        """Answer a call."""
        shared, provider = self.shared, arrival.provider
        book, inquiry, decision = self._decide(arrival, event)
        if event.again is not None:  # a call we no longer know, whose phones have rung: not once more
            decision = decision._replace(plan=decision.plan[-1:])
        reference = ulid.new(arrival.received_at)
        begun = self._alike.begun(provider, book, inquiry.caller, decision)
        response = begun.answer(provider, reference, shared.links)
        private: Json = {
            "from": event.caller,
            "to": event.to,
            "caller_name": event.caller_name,
            "diversions": [[hop.number, hop.reason] for hop in event.diversions],
            "verified": event.verified,
            "answer": answer_json(response),
            "call_id": event.id,
            **self._call_told(reference, decision),
        }
        now = shared.clock.now()
        seq = self._record(arrival, event, reference, begun.told, begun.forms, response, private, now)
        call = LiveCall(
            id=reference,
            provider=event.provider,
            account=event.account,
            call_id=event.id,
            number=decision.number or "",
            caller=event.caller,
            to=event.to,
            state=begun.state,
            touched=now,
        )
        shared.calls.add(call, arrival.received_at, until=begun.until(provider, now))
        if begun.forwards:
            shared.facts.forwards.note(call.number, arrival.received_at)
        return Handled(seq, response)

    def text(self, arrival: Arrival, event: IncomingText) -> Handled:
        """Answer a text; what must be sent stands in its record for the outbox."""
        book, inquiry, decision = self._decide(arrival, event)
        reference = ulid.new(arrival.received_at)
        reply = next((step.text for step in decision.plan if isinstance(step, Reply)), None)
        able = arrival.provider.capabilities
        in_answer = able.replies_in_answer
        actions: tuple[Action, ...] = (ReplyText(reply),) if reply is not None and in_answer else ()
        redirected = self._elsewhere(book, decision) if able.redirects_texts else ()
        actions += redirected
        response = arrival.provider.write(Answer(to="text", actions=actions, decision=reference))
        proof = self._proof(inquiry, event, decision, arrival.received_at)
        effects = [] if redirected else text_effects(reference, decision, reply_apart=not in_answer, proof=proof)
        private: Json = {
            "from": event.caller,
            "to": event.to,
            "text": event.text if proof is None else without_pins(event.text),
            "opt_out": event.opt_out,
            "media": [[media.url, media.type] for media in event.media],
            "replies": reply,
            "answer": answer_json(response),
            "outbox": [*effects, *self._text_told(reference, decision)],
        }
        told = self._alike.told(decision)
        forms = Forms(told.public, OF_TEXT)
        seq = self._record(arrival, event, reference, told, forms, response, private, self.shared.clock.now())
        self._note_text(inquiry, event, decision, reply, arrival.received_at)
        return Handled(seq, response)

    # ---------------------------------------------------------------- what both have in common

    def _decide(self, arrival: Arrival, event: IncomingCall | IncomingText) -> tuple[RuleBook, Inquiry, Decision]:
        shared = self.shared
        at = int(arrival.received_at)
        timetable = shared.rules.timetable(at)
        inquiry = inquire(timetable.book, event)
        live = Live(timetable.book, inquiry, event, shared.calls, shared.facts, arrival.received_at)
        decision = timetable.decide(inquiry, at, live)
        if shared.shadow is not None:
            shared.shadow.beside(event, decision, live)
        return timetable.book, inquiry, self._in_turn(decision)

    def _call_told(self, reference: str, decision: Decision) -> Json:
        """Return what the record of a call says of web hooks, if any is told of calls: the same fields for all calls."""
        events = self.shared.rules.current.settings.sending.events
        return {"outbox": hook_effects(reference, "call", decision.number, events)} if "call" in events else {}

    def _text_told(self, reference: str, decision: Decision) -> list[Json]:
        """Return what tells web hooks of a text of a customer; what teammates write is theirs."""
        if decision.rule in ("safety:relay", "safety:command"):
            return []
        return hook_effects(reference, "text", decision.number, self.shared.rules.current.settings.sending.events)

    def _in_turn(self, decision: Decision) -> Decision:
        """Put the people of teams that take turns in today's order: the longest idle first."""
        if id(decision.plan) in self._settled:
            return decision
        waiting = [step for step in decision.plan if takes_turns(step)]
        if not waiting:
            keep(self._settled, id(decision.plan), decision.plan)
            return decision
        facts = self.shared.facts
        orders = tuple([facts.longest_idle_first(decision.kind, people_of(step)) for step in waiting])
        known = self._turned.get((id(decision.plan), orders))
        if known is None:
            known = keep(self._turned, (id(decision.plan), orders), (decision, turned(decision.plan, orders)))
        return decision._replace(plan=known[1])

    def forget(self) -> None:
        """Forget what was made of the rules before."""
        self._alike.forget()
        self._turned.clear()
        self._settled.clear()

    def _record(
        self,
        arrival: Arrival,
        event: IncomingCall | IncomingText,
        reference: str,
        told: Told,
        forms: Forms,
        response: RawResponse,
        private: Json,
        now: float,
    ) -> int:
        """Write the one record of a decision made *now* (UTC epoch seconds), count it, log it."""
        shared, decision = self.shared, told.decision
        seconds = perf_counter() - arrival.began
        public = {
            "id": reference,
            "key": arrival.key,
            "event_id": event.id,
            "provider": event.provider,
            "received_at": iso(arrival.received_at),
            "decided_at": iso(now),
            "answer_sha256": digest(response),
            "duration_us": int(seconds * 1_000_000),
        }
        record = shared.journal.append(decision.kind, public, private, forms)
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

    def _elsewhere(self, book: RuleBook, decision: Decision) -> tuple[Action, ...]:
        """Say where a text is to be sent by the provider itself: to the SIP phones of who gets it; nowhere if it has to wait."""
        people = [name for step in decision.plan if isinstance(step, Deliver) for name in step.people]
        known = [book.directory.people[name] for name in people if name in book.directory.people]
        phones = [device.address for person in known for device in person.devices if not device.address.startswith("+")]
        if not phones or any(isinstance(step, Hold) for step in decision.plan):
            return ()
        return (RingLegs(tuple([Leg(at, phone, False) for at, phone in enumerate(phones)]), 0, None),)

    def _proof(self, inquiry: Inquiry, event: IncomingText, decision: Decision, at: float) -> Proof | None:
        """Say what the PIN of a command proves; None for any other text. It is looked at here, for no record holds it."""
        if decision.rule != "safety:command" or inquiry.caller.person is None:
            return None
        return self.shared.pins.check(inquiry.caller.person, event.text, at)

    def _note_text(
        self, inquiry: Inquiry, event: IncomingText, decision: Decision, reply: str | None, at: float
    ) -> None:
        """Remember what later texts depend on: opt-outs, automatic replies, whose turn it was."""
        facts, number = self.shared.facts, inquiry.number
        if number is None:
            return
        if decision.rule in ("safety:stop", "safety:start"):
            facts.opt(facts.pair(number.name, event.caller), out=decision.rule == "safety:stop")
        elif reply is not None:
            facts.replied(facts.pair(number.name, event.caller), event.text, at)
        for step in decision.plan:
            if isinstance(step, Deliver) and step.one:
                facts.took("text", step.people[0], at)
