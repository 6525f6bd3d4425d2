"""The TwiML verbs we use, each with every attribute that matters set: Twilio's defaults would loop or fall silent."""

from adapters.api import AskToAccept, LinkTo, PlayUrl, RingLegs, Speak, TakeMessage
from adapters.xml import Element, plain

TEXT_LENGTHS = (4096, 1024, 128, 16)
"""Characters of one spoken text: what Twilio takes, and what is left of it in a document that grew too large."""

MOST_LEGS = 10
SHORTEST_RING, LONGEST_RING = 5, 600
LONGEST_MESSAGE = 3600
LONGEST_TRANSCRIBED = 115
"""Seconds; Twilio transcribes recordings of less than two minutes only (error 13617)."""

_TEXT_MESSAGE = 1600
_MOST_MESSAGES = 10
_ACCEPT_SECONDS = 6
_SILENCE_SECONDS = 5


def dial(action: RingLegs, link: LinkTo) -> Element:
    """
    Ring the legs at once; the caller hears ringing until somebody has accepted.

    `action` is always set: without it the caller would go on to the next verb after a finished conversation.
    """
    attributes = {
        "action": link("next", 0),
        "method": "POST",
        "timeout": str(min(max(action.seconds, SHORTEST_RING), LONGEST_RING)),
        "answerOnBridge": "true",
        "callerId": action.caller_id,
    }
    nouns = [
        Element(
            "Sip" if leg.address.lower().startswith(("sip:", "sips:")) else "Number",
            {
                "url": link("screen", leg.index) if leg.confirm else None,
                "statusCallback": link("leg", leg.index),
                "statusCallbackEvent": "initiated ringing answered completed",
            },
            (leg.address,),
        )
        for leg in action.legs[:MOST_LEGS]
    ]
    return Element("Dial", attributes, tuple(nouns))


def say(text: str, language: str | None, longest: int) -> Element:
    """Speak."""
    return Element("Say", {"language": language}, (plain(text)[:longest],))


def play(url: str) -> Element:
    """Play a sound file."""
    return Element("Play", {}, (url,))


def record(action: TakeMessage, link: LinkTo, longest: int) -> tuple[Element, ...]:
    """Greet, record, hang up; `action` is always set, since its default is the current document, a loop."""
    most = LONGEST_TRANSCRIBED if action.transcribe else LONGEST_MESSAGE
    attributes = {
        "action": link("message", 0),
        "method": "POST",
        "maxLength": str(min(max(action.max_seconds, 1), most)),
        "timeout": str(_SILENCE_SECONDS),
        "finishOnKey": "#",
        "playBeep": "true",
        "recordingStatusCallback": link("recording", 0),
        "recordingStatusCallbackEvent": "completed absent",
        "transcribe": "true" if action.transcribe else None,
        "transcribeCallback": link("transcript", 0) if action.transcribe else None,
    }
    greeting: tuple[Element, ...] = ()
    match action.greeting:
        case Speak(text, language):
            greeting = (say(text, language, longest),)
        case PlayUrl(url):
            greeting = (play(url),)
    return (*greeting, Element("Record", attributes), hang_up())


def ask(action: AskToAccept, link: LinkTo, longest: int) -> tuple[Element, ...]:
    """Ask the callee twice to press a key; without one the leg ends, and a mailbox never gets the customer."""
    prompt = say(action.text, action.language, longest)
    attributes = {
        "action": link("accept", action.leg),
        "method": "POST",
        "actionOnEmptyResult": "false",
        "numDigits": "1",
        "timeout": str(_ACCEPT_SECONDS),
    }
    return (Element("Gather", attributes, (prompt, Element("Pause", {"length": "1"}), prompt)), hang_up())


def reject(reason: str) -> Element:
    """Refuse without answering, which costs nothing; Twilio knows busy and rejected."""
    return Element("Reject", {"reason": "busy" if reason == "busy" else "rejected"})


def hang_up() -> Element:
    """End the call."""
    return Element("Hangup")


def messages(text: str, longest: int) -> tuple[Element, ...]:
    """Answer a text, in several messages where it is longer than one may be."""
    size = min(_TEXT_MESSAGE, longest)
    clean = plain(text)
    parts = [clean[start : start + size] for start in range(0, min(len(clean), size * _MOST_MESSAGES), size)]
    return tuple([Element("Message", {}, (part,)) for part in parts])
