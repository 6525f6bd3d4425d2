"""What happens to a call after it was answered: its steps, its end, its recordings; and what became of texts we sent."""

from typing import NamedTuple

import attrs
import structlog

from adapters.api import Action, Answer, RawResponse
from router import ulid
from router.calls import LONGEST, LiveCall
from router.clock import iso
from router.engine.effects import after_call, missed_effects
from router.engine.lost import SETTLES, Lost
from router.engine.render import actions_of, leg_action
from router.engine.shared import Arrival, Handled, Json, Shared, answer_json, public_part
from rules.callstate import CallState, Dial
from rules.event import CallEnded, IncomingCall, Progress, Receipt, StepRef
from rules.plan import Voicemail
from rules.progress import IN_WORDS, advance, current, out_of_sight, resume, signal_of, to_json
from rules.signals import AskToAccept, Connect, DropLeg, Effect, Finish, Missed, Note, Perform, Repeat, Surprise

UNACKNOWLEDGED = "unacknowledged"
"""How a call ended whose answer may never have arrived: its caller may ask again, so it is not over for us."""


class Moved(NamedTuple):
    """What a signal did to a call."""

    state: CallState
    effects: tuple[Effect, ...]


@attrs.define(eq=False)
class FollowUps:
    """Handles everything about calls and texts we already know."""

    shared: Shared
    lost: Lost
    _log: structlog.typing.FilteringBoundLogger = attrs.field(
        factory=lambda: structlog.get_logger().bind(logger="engine")
    )

    def progress(self, arrival: Arrival, event: Progress) -> Handled:
        """Move a call on, and tell the provider what to do now."""
        shared, ref = self.shared, event.ref
        if not shared.links.genuine(arrival.provider.name, event.what, ref):
            return self.lost.astray(arrival, event, "bad-token")
        call = shared.calls.get(ref.call) or self.lost.found(ref.call)
        if call is not None:
            return self._moved(arrival, event, call, Moved(*advance(call.state, signal_of(event))))
        given = ulid.time_of(ref.call)
        if given is None or arrival.received_at - given > LONGEST or event.what not in SETTLES:
            return self.lost.late(arrival, event)
        call = self.lost.again(arrival, event, given)
        if call is None:
            return self.lost.astray(arrival, event, "lost-state")
        self._log.warning("call.state-lost", id=ref.call, step=ref.step, note="decided again for the moment it came in")
        return self._moved(arrival, event, call, Moved(*resume(call.state, signal_of(event))))

    def asked_again(self, arrival: Arrival, event: IncomingCall) -> Handled | None:
        """
        Go on with a call whose phones rang in vain, for a proxy that asks once more; None when it is not known here.

        With voicemail it leaves our sight: nobody will tell us that it ended, so it counts as missed now.
        """
        if event.again is None or event.previous_result is None:
            return None
        call = self.shared.calls.by_provider(event.provider, event.account, event.again)
        if call is None:
            return None
        ended = Progress(
            provider=event.provider,
            account=event.account,
            id=event.id,
            what="next",
            ref=StepRef(call.id, call.state.position, 0, ""),
            result=event.previous_result,
        )
        state, effects = advance(call.state, signal_of(ended))
        if isinstance(state.stage, Voicemail) and not state.over:
            state, missed = out_of_sight(state, IN_WORDS[event.previous_result])
            effects = (*effects, *missed)
        return self._moved(arrival, ended, call, Moved(state, effects))

    def ended(self, arrival: Arrival, event: CallEnded) -> Handled:
        """Close a call; one we never saw is noted all the same."""
        shared = self.shared
        response = arrival.provider.write(Answer(to="status"))
        call = self._called(event)
        closing = call if event.status != UNACKNOWLEDGED else None
        public = public_part(self.shared, arrival, event.id, response) | {
            "id": None,
            "outcome": event.status,
            "seconds": event.seconds,
        }
        private: Json = {"call_id": event.call_id, "answer": answer_json(response)}
        if call is not None:
            public |= {"id": call.id, "number": call.number}
        if closing is not None:
            moved = Moved(*advance(closing.state, signal_of(event)))
            public |= {"outcome": moved.state.outcome}
            public |= _rang(closing, moved.state, arrival.received_at)
            private |= self._carried(closing, moved, arrival.received_at)
        record = shared.journal.append("ended", public, private)
        if closing is not None:
            self._put(closing, moved.state, arrival.received_at)
        self._log.info("call.ended", id=public["id"], event_id=event.id, outcome=public["outcome"])
        return Handled(record.seq, response)

    def receipt(self, arrival: Arrival, event: Receipt) -> Handled:
        """Note what became of a text we sent."""
        response = arrival.provider.write(Answer(to="status"))
        about, privately = self.shared.concerning(event)
        public = public_part(self.shared, arrival, event.id, response) | {"id": None, "outcome": event.state} | about
        private: Json = {"message_id": event.message_id, "error": event.error, "answer": answer_json(response)}
        record = self.shared.journal.append("receipt", public, private | privately)
        self._log.info("text.receipt", id=public["id"], event_id=event.id, outcome=event.state, error=event.error)
        return Handled(record.seq, response)

    def expire(self, call: LiveCall, at: float) -> None:
        """Close a call of which nothing was heard for too long, so that nothing waits for it any more."""
        state = attrs.evolve(call.state, outcome="never heard of again")
        public = {
            "id": call.id,
            "key": f"{call.provider}|{call.account}|ended|{call.call_id}:expired",
            "event_id": call.call_id,
            "provider": call.provider,
            "number": call.number,
            "outcome": state.outcome,
            "seconds": None,
            "received_at": iso(at),
            "decided_at": iso(at),
        }
        private = {"call_id": call.call_id, "from": call.caller, "to": call.to, "state": to_json(state)}
        self.shared.journal.append("ended", public, private)
        self._put(call, state, at)
        self._log.warning("call.never-ended", id=call.id, number=call.number)

    # ---------------------------------------------------------------- a call we know

    def _called(self, event: CallEnded) -> LiveCall | None:
        """Find the call by the provider's id, or by the reference we gave it."""
        calls = self.shared.calls
        known = calls.by_provider(event.provider, event.account, event.call_id) or calls.get(event.call_id)
        return known if known is not None and known.provider == event.provider else None

    def _moved(self, arrival: Arrival, event: Progress, call: LiveCall, moved: Moved) -> Handled:
        """Answer, record and keep what a signal did to *call*."""
        response = self._response(arrival, event, call, moved)
        public = public_part(self.shared, arrival, event.id, response) | self._told(
            event, call, moved, arrival.received_at
        )
        private: Json = {"answer": answer_json(response), "details": dict(event.details), "digits": event.digits}
        carried = self._carried(call, moved, arrival.received_at)
        if not (arrival.provider.capabilities.reports or moved.state.over):
            carried.pop("state", None)  # nobody would ever say that it is over
        private |= carried
        if event.what == "recording" and (effects := self._recorded(event, call)):
            private["outbox"] = effects
        if event.what == "transcript":
            call.transcript = event.details.get("text", "")
        record = self.shared.journal.append(event.what, public, private)
        if event.what in SETTLES:
            call.answers.setdefault(event.ref.step, response)
        before = call.state.answered_by()
        self._put(call, moved.state, arrival.received_at)
        taken_by = moved.state.answered_by()
        if taken_by is not None and taken_by != before:
            self.shared.facts.took("call", taken_by, arrival.received_at)
            pair = self.shared.facts.pair(call.number, call.caller)
            self.shared.facts.talked(pair, taken_by, arrival.received_at)
        self._log.info(
            "call.moved",
            id=call.id,
            event_id=event.id,
            what=event.what,
            step=event.ref.step,
            leg=event.ref.leg,
            outcome=public["outcome"],
        )
        return Handled(record.seq, response)

    def _response(self, arrival: Arrival, event: Progress, call: LiveCall, moved: Moved) -> RawResponse:
        """Put the effect that speaks to the provider into its words."""
        shared, name = self.shared, arrival.provider.name
        actions: tuple[Action, ...] = ()
        step = event.ref.step
        for effect in moved.effects:
            match effect:
                case Repeat():
                    known = call.answers.get(effect.step)
                    if known is not None:
                        return known
                    perform = current(moved.state)
                    step, actions = perform.step, actions_of(perform.stages, shared.links.public_url)
                case Perform():
                    step, actions = effect.step, actions_of(effect.stages, shared.links.public_url)
                case AskToAccept() | Connect() | DropLeg():
                    actions = (leg_action(effect, shared.rules.current.book.business),)
        link = shared.links.of_step(name, call.id, step)
        return arrival.provider.write(Answer(to="progress", actions=actions, call=call.id, decision=call.id, link=link))

    def _carried(self, call: LiveCall, moved: Moved, at: float) -> Json:
        """Return what the record keeps so that the call can go on after a restart, and what must be sent."""
        private: Json = {}
        if moved.state != call.state:
            private |= {"state": to_json(moved.state), "from": call.caller, "to": call.to, "call_id": call.call_id}
        book = self.shared.rules.current.book
        number = book.numbers.get(call.number)
        for effect in moved.effects:
            if isinstance(effect, Missed) and number is not None:
                caller = book.callers.classify(call.caller, verified=None)
                private["outbox"] = missed_effects(
                    call.id,
                    effect,
                    moved.state,
                    number=number,
                    book=book,
                    caller=caller,
                    facts=self.shared.facts,
                    at=at,
                    events=self.shared.rules.current.settings.sending.events,
                )
        return private

    def _recorded(self, event: Progress, call: LiveCall) -> list[Json]:
        """Return what is to be done with a recording that is ready: fetch it, where a provider keeps it for us."""
        carriers = self.shared.rules.current.settings.sending.carriers
        last = call.state.stages[-1]
        if event.state != "completed" or event.provider not in carriers or not isinstance(last, Voicemail):
            return []
        return [after_call(call.id, "recording", call.number, last.box)] if event.details.get("recording_id") else []

    def _put(self, call: LiveCall, state: CallState, at: float) -> None:
        self.shared.calls.move(call, state, at=at, touched=self.shared.clock.now())

    def _told(self, event: Progress, call: LiveCall, moved: Moved, at: float) -> Json:
        """Return what is worth telling people about the event: who, and how it went."""
        outcome = None
        for effect in moved.effects:
            match effect:
                case Finish() | Note():
                    outcome = effect.outcome
                case Surprise():
                    self._log.warning("call.surprised", id=call.id, event_id=event.id, what=event.what)
        seconds = event.details.get("seconds", "")
        return {
            "id": call.id,
            "number": call.number,
            "step": event.ref.step,
            "leg": event.ref.leg,
            "result": event.result,
            "person": _person(event, moved.state),
            "outcome": outcome,
            "seconds": int(seconds) if seconds.isascii() and seconds.isdigit() and len(seconds) < 10 else None,
        } | _rang(call, moved.state, at)


def _rang(call: LiveCall, state: CallState, at: float) -> Json:
    """Say whose phones have rung in vain until now, and for how long, if that ends with *state*."""
    seconds, stage = call.rang_out(state, at), call.state.stage
    if seconds is None or not isinstance(stage, Dial):
        return {}
    return {"rang": {"people": stage.people(), "seconds": seconds}}


def _person(event: Progress, state: CallState) -> str | None:
    """Return whom the event is about: whose leg it was, or who took the call."""
    if event.what in ("screen", "accept", "leg") and event.ref.step < len(state.stages):
        stage = state.stages[event.ref.step]
        if isinstance(stage, Dial) and event.ref.leg < len(stage.legs):
            return stage.legs[event.ref.leg].person
    return state.answered_by() if event.what == "next" else None
