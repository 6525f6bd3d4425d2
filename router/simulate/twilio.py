"""Plays Twilio: brings a call or text and does what the TwiML says (https://www.twilio.com/docs/voice/twiml)."""

from collections.abc import Iterator

from router.simulate import story
from router.simulate.scenario import MOST_ANSWERS, NOBODY, RingEnd, SimulationError
from router.simulate.twilio_dial import dial
from router.simulate.twilio_session import Element, Session


def play_text(session: Session) -> None:
    """Bring a text, and hear what is replied."""
    session.sid = f"SM{session.new_id()}"
    ids = {"MessageSid": session.sid, "SmsSid": session.sid, "SmsMessageSid": session.sid}
    sizes = {"NumMedia": "0", "NumSegments": "1", "SmsStatus": "received"}
    ends = {"From": session.scenario.caller, "To": session.scenario.number.e164}
    document = session.post_hook("text", {**ids, **sizes, **ends, "Body": session.scenario.text or ""})
    replies = ["".join(message.itertext()) for message in document.iter("Message")]
    session.tell(story.is_replied("\n".join(replies) or None))


def play_call(session: Session) -> None:
    """Bring a call, follow it to its end, and report that."""
    session.sid = f"CA{session.new_id()}"
    legs = iter(session.scenario.legs)
    document: Element | None = session.post_hook("call", session.caller_leg())
    for _ in range(MOST_ANSWERS):
        if document is None:
            break
        document = _perform(session, document, legs)
    else:
        raise SimulationError("the call goes round in circles")
    if session.status in ("ringing", "in-progress"):
        session.status = "completed"
    session.post_hook("status", {**session.caller_leg(), "CallDuration": str(session.seconds)})


def _perform(session: Session, document: Element, legs: Iterator[RingEnd]) -> Element | None:
    """Do what a document says; return the one that replaces it, None when the call is over."""
    for verb in document:
        match verb.tag:
            case "Say" | "Play":
                session.status = "in-progress"
                session.hear("the caller", verb)
            case "Pause":
                session.wait(int(verb.get("length", "1")))
            case "Dial":
                return dial(session, verb, next(legs, NOBODY))
            case "Record":
                _record(session, verb)
                return None
            case "Redirect":
                return session.post(verb.text or "", session.caller_leg())
            case "Reject":
                session.status = "busy" if verb.get("reason") == "busy" else "no-answer"
                session.tell(story.is_refused(verb.get("reason", "rejected")))
                return None
            case "Hangup":
                break
            case _:
                raise SimulationError(f"the answer has a verb that is none of a call: <{verb.tag}>")
    if not session.beats or "hears" in session.beats[-1].data:
        session.tell(story.is_over())
    return None


def _record(session: Session, verb: Element) -> None:
    """Leave a message and hang up, or hang up at the beep."""
    session.status = "completed"
    seconds = min(session.scenario.message, int(verb.get("maxLength", "3600")))
    session.tell(story.leaves_message(seconds))
    session.wait(seconds)
    sid = f"RE{session.new_id()}"
    url = f"https://api.twilio.com/2010-04-01/Accounts/{session.account}/Recordings/{sid}"
    about = {**session.caller_leg(), "RecordingSid": sid, "RecordingUrl": url, "RecordingDuration": str(seconds)}
    if seconds:
        session.post(verb.get("action", ""), {**about, "Digits": "hangup"})
    if callback := verb.get("recordingStatusCallback"):
        status = {"RecordingStatus": "completed" if seconds else "absent", "RecordingSource": "RecordVerb"}
        session.post(callback, {**about, **status})
    if seconds and (callback := verb.get("transcribeCallback")):
        words = {"TranscriptionText": "A simulated message.", "TranscriptionStatus": "completed"}
        session.post(callback, {**about, **words, "TranscriptionSid": f"TR{session.new_id()}"})
