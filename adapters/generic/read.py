"""What a PBX or script posts to us, in our words; `generic.openapi.yaml` describes every body."""

from collections.abc import Mapping
from typing import Literal, get_args

import attrs

from adapters.api import RawRequest, RefusedError
from adapters.generic.body import Body
from adapters.lengths import ADDRESS, HOPS, NAME, WORD
from adapters.strictjson import parse_object
from adapters.tokens import step_of
from rules.event import CallEnded, Diversion, Happening, IncomingCall, IncomingText, Media, Progress, Receipt, Result

RESULTS: Mapping[str, Result] = {result: result for result in get_args(Result)}
ENDINGS = ("completed", "busy", "failed", "no-answer", "canceled")
DELIVERY = ("queued", "sent", "delivered", "failed")

_MOST_DIVERSIONS = 50
_MOST_MEDIA = 20


@attrs.frozen
class Reader:
    """Reads the webhooks of the provider called *name*, which belong to *account*."""

    name: str
    account: str

    def read(self, request: RawRequest) -> list[Happening]:
        """Say what happened; a wrong body is refused with 400, keys we do not know are passed over."""
        body = Body(parse_object(request.body))
        match request.path:
            case ("call",):
                return [self._call(body)]
            case ("text",):
                return [self._text(body)]
            case ("status",):
                return [self._status(body)]
            case ("next", token):
                return [self._progress(body, "next", token)]
            case ("message", token):
                return [self._progress(body, "message", token)]
        raise RefusedError(404, "path", "we never ask for such a call-back here")

    def _call(self, body: Body) -> IncomingCall:
        diversions = body.objects("diversions", most=_MOST_DIVERSIONS)
        return IncomingCall(
            provider=self.name,
            account=self.account,
            id=body.identifier("id"),
            to=body.text("to", ADDRESS),
            caller=body.optional("from", ADDRESS) or "",
            caller_name=body.optional("caller_name", NAME),
            diversions=tuple([_diversion(hop) for hop in diversions[:HOPS]]),
            verified=body.yes_or_no("verified"),
            at=body.optional("at", WORD),
        )

    def _text(self, body: Body) -> IncomingText:
        media = body.objects("media", most=_MOST_MEDIA)
        return IncomingText(
            provider=self.name,
            account=self.account,
            id=body.identifier("id"),
            to=body.text("to", ADDRESS),
            caller=body.optional("from", ADDRESS) or "",
            text=body.text("text"),
            media=tuple([Media(one.text("url"), one.optional("type") or "application/octet-stream") for one in media]),
            at=body.optional("at", WORD),
        )

    def _status(self, body: Body) -> CallEnded | Receipt:
        """Read how a call ended (`call` names it) or what became of a text (`message` names it)."""
        event_id, status = body.identifier("id"), body.text("status")
        about_call = body.optional("call") is not None
        if about_call == (body.optional("message") is not None):
            raise RefusedError(400, "malformed", "either call or message must say what the status is about")
        allowed = ENDINGS if about_call else DELIVERY
        if status not in allowed:
            raise RefusedError(400, "malformed", f"status must be one of {', '.join(allowed)}")
        if about_call:
            return CallEnded(
                provider=self.name,
                account=self.account,
                id=f"{event_id}:{status}",
                call_id=body.identifier("call"),
                status=status,
                seconds=body.seconds("seconds"),
            )
        return Receipt(
            provider=self.name,
            account=self.account,
            id=f"{event_id}:{status}",
            message_id=body.identifier("message"),
            state=status,
            error=body.optional("error", WORD),
        )

    def _progress(self, body: Body, what: Literal["next", "message"], token: str) -> Progress:
        """
        Read the end of a ring step (`result` says how), or of a message (`recording` says where it is).

        The token is part of the id: a PBX may well give all events of one call the same one.
        """
        result = body.text("result") if what == "next" else body.optional("result")
        if result is not None and result not in RESULTS:
            raise RefusedError(400, "malformed", f"result must be one of {', '.join(RESULTS)}")
        seconds, recording = body.seconds("seconds"), body.optional("recording")
        details = {"seconds": None if seconds is None else str(seconds), "recording": recording}
        return Progress(
            provider=self.name,
            account=self.account,
            id=f"{body.identifier('id')}:{token}",
            what=what,
            ref=step_of(token),
            result=None if result is None else RESULTS[result],
            answered_by=body.optional("answered_by", ADDRESS),
            details={key: value for key, value in details.items() if value is not None},
        )


def _diversion(hop: Body) -> Diversion:
    return Diversion(hop.text("from", ADDRESS), hop.optional("reason", WORD))
