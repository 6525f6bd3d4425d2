"""A `<Dial>` as Twilio does it: phones ring, somebody picks up or not, is asked, presses 1 or not."""

from email.utils import format_datetime

import attrs

from router.simulate import story
from router.simulate.scenario import PICK_UP_SECONDS, TALK_SECONDS, Ending, RingEnd, SimulationError
from router.simulate.story import Phone
from router.simulate.twilio_session import Element, Session

_STATUS = {"no-answer": "no-answer", "busy": "busy", "failed": "failed", "hung-up": "canceled"}


def dial(session: Session, verb: Element, planned: RingEnd) -> Element | None:
    """Ring the phones of *verb*, end that as *planned*, report it; return the document to go on with, None when the caller is gone."""
    nouns = [noun for noun in verb if noun.tag in ("Number", "Sip")]
    action = verb.get("action")
    if not nouns or not action:
        raise SimulationError("the answer has a <Dial> without anybody to ring, or without an action")
    legs = [
        _Leg(session, noun, story.whose(session.directory, noun.text or ""), f"CA{session.new_id()}") for noun in nouns
    ]
    chosen = next((leg for leg in legs if leg.phone.person == planned.by), legs[0])
    for leg in legs:
        leg.report("initiated")
        leg.report("ringing")
    # A phone nobody is asked on (a desk phone) refuses with a key of its own.
    ending: Ending = "busy" if planned.ending == "rejected" and not chosen.screen else planned.ending
    longest = int(verb.get("timeout", "30"))
    session.wait(longest if ending in ("no-answer", "failed") else min(PICK_UP_SECONDS, longest))
    session.tell(story.rings(tuple(leg.phone for leg in legs), longest, ending, by=chosen.phone))
    if ending in _STATUS:
        return _not_picked_up(session, legs, action, ending)
    return _picked_up(session, legs, action, chosen, machine=ending == "machine", presses=ending == "answered")


def _not_picked_up(session: Session, legs: "list[_Leg]", action: str, ending: Ending) -> Element | None:
    for leg in legs:
        leg.report(_STATUS[ending])
    if ending == "hung-up":
        session.status = "completed"
    fields = {"DialCallSid": legs[0].sid, "DialCallStatus": _STATUS[ending], "DialBridged": "false"}
    following = session.post(action, {**session.caller_leg(), **fields})
    return None if ending == "hung-up" else following


def _picked_up(
    session: Session, legs: "list[_Leg]", action: str, chosen: "_Leg", *, machine: bool, presses: bool
) -> Element:
    connected = chosen.pick_up(presses=presses)
    talked = TALK_SECONDS if connected else 0
    if connected:
        session.status = "in-progress"
        session.tell(story.connects(chosen.phone, talked, machine=machine))
        session.wait(talked)
    chosen.report("completed", talked)
    for leg in legs:
        if leg is not chosen:
            leg.report("canceled")
    fields = {"DialCallSid": chosen.sid, "DialCallStatus": "completed", "DialBridged": "true" if connected else "false"}
    return session.post(action, {**session.caller_leg(), **fields, "DialCallDuration": str(talked)})


@attrs.define(eq=False)
class _Leg:
    """One phone of a Dial, and the call-backs about it."""

    session: Session
    noun: Element
    phone: Phone
    sid: str
    sequence: int = 0

    @property
    def screen(self) -> str | None:
        """Where the document is that asks the callee; None when nobody is asked."""
        return self.noun.get("url")

    def report(self, status: str, seconds: int | None = None) -> None:
        """Post the state of the leg, if that was asked for."""
        event = {"in-progress": "answered", "initiated": "initiated", "ringing": "ringing"}.get(status, "completed")
        url = self.noun.get("statusCallback")
        if url and event in self.noun.get("statusCallbackEvent", "completed").split():
            fields = {
                **self._fields(status),
                "SequenceNumber": str(self.sequence),
                "CallbackSource": "call-progress-events",
                "Timestamp": format_datetime(self.session.wire.moment),
            }
            self.session.post(url, fields if seconds is None else {**fields, "CallDuration": str(seconds)})
        self.sequence += 1

    def pick_up(self, *, presses: bool) -> bool:
        """Pick up, hear what is asked, press 1 or not; return whether the caller is connected."""
        self.report("in-progress")
        document = self.session.post(self.screen, self._fields("in-progress")) if self.screen else Element("Response")
        gather = document.find("Gather")
        if gather is None:
            return document.find("Hangup") is None
        for spoken in gather.iter("Say"):
            self.session.hear(self.phone.person, spoken)
        if not presses:
            return False
        self.session.tell(story.accepts(self.phone))
        accepted = self.session.post(gather.get("action", ""), {**self._fields("in-progress"), "Digits": "1"})
        return accepted.find("Hangup") is None

    def _fields(self, status: str) -> dict[str, str]:
        address = self.noun.text or ""
        return {
            "CallSid": self.sid,
            "ParentCallSid": self.session.sid,
            "CallStatus": status,
            "Direction": "outbound-dial",
            "From": self.session.scenario.caller,
            "To": address,
            "Called": address,
        }
