"""Our answers as JSON, schema `answer/1`; `generic.openapi.yaml` describes it."""

import json
from collections.abc import Mapping
from typing import Any

from adapters.api import (
    Action,
    Answer,
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
from adapters.content import JSON

SCHEMA = "answer/1"

Json = dict[str, Any]

_BUSY: Json = {"reject": "busy"}


def write(answer: Answer, base: str) -> RawResponse:
    """
    Say what to do; *base* is the address of our webhooks (`https://host/hooks/<name>`).

    A status is answered with 204. A call always gets at least one action: a busy tone when there is nothing to do.
    """
    if answer.to == "status":
        return RawResponse(204, "", b"")
    if answer.to == "text":
        replies = [action.text for action in answer.actions if isinstance(action, ReplyText)]
        said = {"schema": SCHEMA, "decision": answer.decision, "reply": "\n".join(replies) or None}
        return _json(said)
    link = answer.link or (lambda what, _leg: f"{base}/{what}/-")
    actions = [_action(action, link, first=place == 0) for place, action in enumerate(answer.actions)]
    known = [action for action in actions if action is not None]
    if answer.to == "call" and not known:
        known = [_BUSY]
    return _json({"schema": SCHEMA, "call": answer.call, "decision": answer.decision, "actions": known})


def _action(action: Action, link: LinkTo, *, first: bool) -> Json | None:
    """Translate one action; a PBX asks for key 1 by itself (`confirm`), so there is nothing to say on a callee's leg."""
    match action:
        case RingLegs(legs, seconds, caller_id):
            rung = [{"to": leg.address, "confirm": leg.confirm} for leg in legs]
            return {"ring": rung, "seconds": seconds, "caller_id": caller_id, "next": link("next", 0)}
        case Speak() | PlayUrl():
            return _heard(action)
        case TakeMessage(box, greeting, max_seconds, transcribe):
            message: Json = {
                "box": box,
                "greeting": None if greeting is None else _heard(greeting),
                "max_seconds": max_seconds,
                "next": link("message", 0),
            }
            return {"voicemail": message | ({"transcribe": True} if transcribe else {})}
        case RejectCall(reason):
            return {"reject": reason} if first else {"hangup": True}
        case HangUp():
            return {"hangup": True}
    return None


def _heard(what: Speak | PlayUrl) -> Json:
    if isinstance(what, PlayUrl):
        return {"play": what.url}
    return {"say": what.text} | ({"language": what.language} if what.language else {})


def _json(said: Mapping[str, Any]) -> RawResponse:
    return RawResponse(200, JSON, json.dumps(said, separators=(",", ":")).encode())
