"""What Twilio tells about a call we answered: how a ring step or one leg ended, keys pressed, a message left."""

from typing import get_args

from adapters.api import RefusedError
from adapters.tokens import step_of
from adapters.twilio.fields import Fields, identifier, kept, word
from rules.event import Progress, ProgressKind, Result

KINDS: dict[str, ProgressKind] = {kind: kind for kind in get_args(ProgressKind)}

_DIAL: dict[str, Result] = {"busy": "busy", "no-answer": "no-answer", "failed": "failed", "canceled": "hung-up"}

# A child leg that ended without being picked up; `canceled` means that another leg, or the caller's hanging up, was faster.
_LEG: dict[str, Result] = {
    "completed": "answered",
    "busy": "busy",
    "no-answer": "no-answer",
    "canceled": "no-answer",
    "failed": "failed",
}
_LEG_STATES = {
    "queued": "initiated",
    "initiated": "initiated",
    "ringing": "ringing",
    "in-progress": "answered",
    "answered": "answered",
}


def progress(provider: str, account: str, what: str, token: str, fields: Fields) -> Progress:
    """Read the call-back *what* that carries *token* in its path."""
    kind = KINDS.get(what)
    if kind is None:
        raise RefusedError(404, "path", "we never asked for such a call-back")
    return Progress(
        provider=provider,
        account=account,
        id=_event_id(kind, token, fields),
        what=kind,
        ref=step_of(token),
        result=_result(kind, fields),
        digits=fields.get("Digits", "") if kind in ("accept", "message") else None,
        state=_state(kind, fields),
        **_callers_leg(kind, fields),
        details=_details(kind, fields),
    )


def _callers_leg(kind: ProgressKind, fields: Fields) -> dict[str, str | None]:
    """Return who called whom; only the end of a step and of a message is told about the caller's own leg."""
    if kind not in ("next", "message"):
        return {}
    return {"call_id": fields.get("CallSid"), "caller": fields.get("From"), "to": fields.get("To")}


def _event_id(kind: ProgressKind, token: str, fields: Fields) -> str:
    """
    Tell one event from its retry: a step ends once, but a leg, a recording and a transcript pass through states.

    The token is part of it, so that equal ids of ours and of the provider can never meet.
    """
    call = identifier(fields, "CallSid")
    match kind:
        case "leg":
            place = fields.get("SequenceNumber") or fields.get("CallStatus", "")
            return f"{call}:{token}:{word(place)}"
        case "recording" if fields.get("RecordingSid"):
            return f"{identifier(fields, 'RecordingSid')}:{word(fields.get('RecordingStatus', ''))}"
        case "transcript" if fields.get("TranscriptionSid"):
            return f"{identifier(fields, 'TranscriptionSid')}:{word(fields.get('TranscriptionStatus', ''))}"
    return f"{call}:{token}"


def _result(kind: ProgressKind, fields: Fields) -> Result | None:
    if kind == "next":
        return dialled(
            status=fields.get("DialCallStatus", ""),
            bridged=fields.get("DialBridged", "").lower(),
            caller_gone=fields.get("CallStatus") == "completed",
        )
    if kind in ("leg", "screen") and fields.get("AnsweredBy", "").startswith(("machine", "fax")):
        return "machine"
    if kind == "leg" and fields.get("CallStatus", "") not in _LEG_STATES:
        return _LEG.get(fields.get("CallStatus", ""), "failed")
    return None


def dialled(*, status: str, bridged: str, caller_gone: bool) -> Result:
    """
    Say how a Dial ended (https://www.twilio.com/docs/voice/twiml/dial#dialcallstatus).

    Picked up but never *bridged* is a refusal: the callee did not press 1, or a mailbox heard the prompt. Two people who
    have talked have an answered call, whoever hung up; otherwise a caller who is gone gave up. A status of the future
    counts as failed, so the plan goes on.
    """
    picked_up = status in ("completed", "answered")
    if picked_up and bridged != "false":
        return "answered"
    if caller_gone:
        return "hung-up"
    return "rejected" if picked_up else _DIAL.get(status, "failed")


def _state(kind: ProgressKind, fields: Fields) -> str | None:
    match kind:
        case "leg":
            return _LEG_STATES.get(fields.get("CallStatus", ""), "ended")
        case "recording":
            return fields.get("RecordingStatus") or None
        case "transcript":
            return fields.get("TranscriptionStatus") or None
    return None


def _details(kind: ProgressKind, fields: Fields) -> dict[str, str]:
    """Keep what is worth a line in the record, all as text; durations in seconds."""
    match kind:
        case "next":
            names = {"status": "DialCallStatus", "bridged": "DialBridged", "leg": "DialCallSid"}
            return kept(fields, **names, seconds="DialCallDuration", recording="RecordingUrl")
        case "screen" | "accept":
            return kept(fields, leg="CallSid", parent="ParentCallSid", answered_by="AnsweredBy")
        case "leg":
            names = {"status": "CallStatus", "leg": "CallSid", "parent": "ParentCallSid", "seconds": "CallDuration"}
            return kept(fields, **names, sip="SipResponseCode", answered_by="AnsweredBy")
        case "message":
            return kept(fields, seconds="RecordingDuration", recording="RecordingUrl")
        case "recording":
            names = {"recording": "RecordingUrl", "recording_id": "RecordingSid"}
            return kept(fields, **names, status="RecordingStatus", seconds="RecordingDuration")
        case "transcript":
            names = {"text": "TranscriptionText", "status": "TranscriptionStatus"}
            return kept(fields, **names, recording="RecordingUrl", recording_id="RecordingSid")
