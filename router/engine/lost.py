"""Call-backs about calls we do not know: found again on disk, decided again, or answered so that nobody is left waiting."""

from collections.abc import Callable

import attrs
import structlog

from adapters.api import RawResponse
from router import ulid
from router.calls import LiveCall
from router.engine.failsafe import Documents
from router.engine.recovery import follow_call
from router.engine.shared import Arrival, Handled, Json, Shared, answer_json, public_part
from router.journal.record import Record
from rules.event import IncomingCall, Progress
from rules.inquiry import inquire
from rules.legs import freeze

SETTLES = ("next", "message")
"""The call-backs that end a step."""


@attrs.define(eq=False)
class Lost:
    """Deals with them; *about* returns the records of a call, oldest first."""

    shared: Shared
    documents: dict[str, Documents]
    about: Callable[[str], list[Record]]
    _log: structlog.typing.FilteringBoundLogger = attrs.field(
        factory=lambda: structlog.get_logger().bind(logger="engine")
    )

    def found(self, reference: str) -> LiveCall | None:
        """Take a call up again from its records; None when there are none."""
        for record in self.about(reference):
            follow_call(self.shared, record)
        return self.shared.calls.get(reference)

    def again(self, arrival: Arrival, event: Progress, given: float) -> LiveCall | None:
        """Decide a call again whose state is lost, for the moment it came in; None when the request does not say whose it is."""
        if event.caller is None or event.to is None:
            return None
        shared = self.shared
        at = int(given)
        timetable = shared.rules.timetable(at)
        incoming = IncomingCall(
            provider=event.provider, account=event.account, id=event.ref.call, to=event.to, caller=event.caller
        )
        inquiry = inquire(timetable.book, incoming)
        decision = timetable.decide(inquiry, at)
        if decision.number is None:
            return None
        passes = arrival.provider.capabilities.passes_caller_id
        call = LiveCall(
            id=event.ref.call,
            provider=event.provider,
            account=event.account,
            call_id=event.call_id or event.ref.call,
            number=decision.number,
            caller=event.caller,
            to=event.to,
            state=freeze(decision, timetable.book, inquiry.caller, caller_id_passes=passes),
            touched=shared.clock.now(),
        )
        shared.calls.add(call, arrival.received_at)
        return call

    def astray(self, arrival: Arrival, event: Progress, reason: str) -> Handled:
        """Answer a call-back that leads to no call we know; a caller may be waiting, so it ends at a message."""
        response = self.documents[arrival.provider.name].to(event.what)
        self.shared.metrics.failsafe_answers.labels(reason).inc()
        self._log.error("call.astray", event_id=event.id, what=event.what, reason=reason)
        return self._orphan(arrival, event, response, reason)

    def late(self, arrival: Arrival, event: Progress) -> Handled:
        """Note a report about a call that was over long ago."""
        kind = "message" if event.what in SETTLES else event.what
        response = self.documents[arrival.provider.name].to(kind)
        return self._orphan(arrival, event, response, "came late")

    def _orphan(self, arrival: Arrival, event: Progress, response: RawResponse, outcome: str) -> Handled:
        known = ulid.time_of(event.ref.call) is not None and outcome != "bad-token"
        public = public_part(self.shared, arrival, event.id, response) | {
            "id": event.ref.call if known else None,
            "step": event.ref.step,
            "leg": event.ref.leg,
            "result": event.result,
            "outcome": outcome,
        }
        private: Json = {"answer": answer_json(response), "details": dict(event.details), "digits": event.digits}
        return Handled(self.shared.journal.append(event.what, public, private).seq, response)
