"""Our answers in TwiML (https://www.twilio.com/docs/voice/twiml, https://www.twilio.com/docs/messaging/twiml)."""

from collections.abc import Iterator
from typing import assert_never

import attrs

from adapters.api import (
    Action,
    Answer,
    AskToAccept,
    ConnectLeg,
    DropLeg,
    HangUp,
    LinkTo,
    PlayUrl,
    RawResponse,
    RejectCall,
    ReplyText,
    RingLegs,
    Speak,
    TakeMessage,
)
from adapters.twilio import verbs
from adapters.xml import Element, document

CONTENT_TYPE = "text/xml; charset=utf-8"
LARGEST_DOCUMENT = 64_000
"""Bytes; Twilio reads up to 64 kB."""

_NOTHING = RawResponse(204, "", b"")


@attrs.frozen
class Writer:
    """Writes documents; *base* is the address of our webhooks (`https://host/hooks/<name>`)."""

    base: str

    def write(self, answer: Answer) -> RawResponse:
        """
        Say what to do.

        Nothing to do is 204 without a body for what only informs us (status, leg, recording, transcript, a caller who is
        gone), an empty document for a text, and a busy tone for a call: a caller never gets silence.
        """
        if not answer.actions and answer.to in ("progress", "status"):
            return _NOTHING
        for longest in verbs.TEXT_LENGTHS:
            body = document(Element("Response", {}, tuple(self._verbs(answer, longest))))
            if len(body) <= LARGEST_DOCUMENT:
                break
        return RawResponse(200, CONTENT_TYPE, body)

    def _verbs(self, answer: Answer, longest: int) -> Iterator[Element]:
        """Translate action by action, up to the first that ends the document; texts are cut to *longest* characters."""
        link = answer.link or self._unsigned
        if answer.to == "call" and not answer.actions:
            yield verbs.reject("busy")
            return
        for place, action in enumerate(answer.actions):
            yield from _verb(action, link, longest, first=place == 0)
            if not isinstance(action, Speak | PlayUrl | ReplyText):
                return
        if answer.to in ("call", "progress"):
            yield verbs.hang_up()

    def _unsigned(self, what: str, leg: int) -> str:  # noqa: ARG002
        """Make a link that belongs to no step: what comes back over it is treated as a lost call, and ends at voicemail."""
        return f"{self.base}/{what}/-"


def _verb(action: Action, link: LinkTo, longest: int, *, first: bool) -> tuple[Element, ...]:
    match action:
        case RingLegs():
            return (verbs.dial(action, link),)
        case Speak(text, language):
            return (verbs.say(text, language, longest),)
        case PlayUrl(url):
            return (verbs.play(url),)
        case TakeMessage():
            return verbs.record(action, link, longest)
        case RejectCall(reason):
            return (verbs.reject(reason) if first else verbs.hang_up(),)
        case HangUp() | DropLeg():
            return (verbs.hang_up(),)
        case AskToAccept():
            return verbs.ask(action, link, longest)
        case ConnectLeg():
            return ()
        case ReplyText(text):
            return verbs.messages(text, longest)
    assert_never(action)
