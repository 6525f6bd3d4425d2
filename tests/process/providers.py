"""The other side: a telephony provider and a PBX that sign what they post, and post it again when nobody answers."""

import base64
import hashlib
import hmac
import http.client
import json
import re
from random import Random
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

import attrs
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped, unused-ignore]

from router.clock import WallClock

PUBLIC = "https://phone.harbourbooks.example"
CALLER = "+12125550177"


class Event(NamedTuple):
    """What a provider has to say, as bytes that can be posted again; *id* and *kind* are what the audit calls it."""

    kind: str
    id: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def raw(self) -> bytes:
        """Return it as one HTTP request."""
        lines = [f"POST {self.path} HTTP/1.1", "Host: x", f"Content-Length: {len(self.body)}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        return "\r\n".join([*lines, "", ""]).encode() + self.body


class Reply(NamedTuple):
    """What came back."""

    code: int
    content_type: str | None
    body: bytes


@attrs.frozen
class Twilio:
    """Posts forms, signed by Twilio's own library."""

    account: str
    token: str

    def event(self, kind: str, event_id: str, url: str, fields: dict[str, str]) -> Event:
        """Sign *fields* for the public address *url*."""
        given = {"AccountSid": self.account, **fields}
        signature = RequestValidator(self.token).compute_signature(url, given)
        headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": signature}
        return Event(kind, event_id, urlsplit(url).path, tuple(headers.items()), urlencode(given).encode())

    def call(self, name: str, caller: str = CALLER, to: str = "+16175550100") -> Event:
        """A call arrives."""
        return self.event("call", sid := f"CA{name}", f"{PUBLIC}/hooks/twilio/call", _leg(sid, caller, to))

    def text(self, name: str, words: str = "Is the blue one in?", caller: str = CALLER) -> Event:
        """A text arrives."""
        fields = {"MessageSid": f"SM{name}", "From": caller, "To": "+16175550100", "Body": words}
        return self.event("text", f"SM{name}", f"{PUBLIC}/hooks/twilio/text", fields)

    def after(self, call: Event, answer: bytes) -> Event | None:
        """The phones of *answer* rang in vain; None when it rings none."""
        found = re.search(rb'<Dial[^>]* action="([^"]+)"', answer)
        if found is None:
            return None
        url = found[1].decode()
        fields = {**_leg(call.id, CALLER, "+16175550100"), "DialCallStatus": "no-answer"}
        return self.event("next", f"{call.id}:{url.rpartition('/')[2]}", url, fields)

    def ended(self, call: Event) -> Event:
        """The caller has hung up."""
        fields = {**_leg(call.id, CALLER, "+16175550100"), "CallStatus": "completed", "CallDuration": "12"}
        return self.event("ended", f"{call.id}:completed", f"{PUBLIC}/hooks/twilio/status", fields)


def _leg(sid: str, caller: str, to: str) -> dict[str, str]:
    return {"CallSid": sid, "From": caller, "To": to, "CallStatus": "ringing", "Direction": "inbound"}


@attrs.frozen
class Pbx:
    """Posts JSON, signed as Standard Webhooks say."""

    secret: str

    def event(self, kind: str, event_id: str, url: str, body: dict[str, Any]) -> Event:
        """Sign *body*."""
        content, stamp = json.dumps(body).encode(), int(WallClock().now())
        mac = hmac.digest(self.secret.encode(), f"{body['id']}.{stamp}.".encode() + content, hashlib.sha256)
        headers = {
            "Content-Type": "application/json",
            "webhook-id": body["id"],
            "webhook-timestamp": str(stamp),
            "webhook-signature": "v1," + base64.b64encode(mac).decode(),
        }
        return Event(kind, event_id, urlsplit(url).path, tuple(headers.items()), content)

    def call(self, name: str, caller: str = CALLER) -> Event:
        """A call arrives."""
        body = {"id": name, "from": caller, "to": "+16175550101"}
        return self.event("call", name, f"{PUBLIC}/hooks/pbx/call", body)

    def text(self, name: str, words: str = "Where shall I put the boxes?", caller: str = CALLER) -> Event:
        """A text arrives."""
        body = {"id": name, "from": caller, "to": "+16175550101", "text": words}
        return self.event("text", name, f"{PUBLIC}/hooks/pbx/text", body)

    def after(self, call: Event, answer: bytes) -> Event | None:
        """The phones of *answer* rang in vain; None when it rings none."""
        rings = [action for action in json.loads(answer)["actions"] if "ring" in action]
        if not rings:
            return None
        url = rings[0]["next"]
        name = f"{call.id}-{hashlib.sha256(url.encode()).hexdigest()[:8]}"
        return self.event("next", f"{name}:{url.rpartition('/')[2]}", url, {"id": name, "result": "no-answer"})

    def ended(self, call: Event) -> Event:
        """The caller has hung up."""
        name = f"{call.id}-end"
        body = {"id": name, "call": call.id, "status": "completed", "seconds": 12}
        return self.event("ended", f"{name}:completed", f"{PUBLIC}/hooks/pbx/status", body)


@attrs.define
class Wire:
    """A connection kept open to the daemon that listens at *place*."""

    place: tuple[str, int]
    timeout: float = 20.0
    _connection: http.client.HTTPConnection | None = None

    def post(self, event: Event) -> Reply:
        """Post *event*; raises `OSError` or `HTTPException` when no answer comes."""
        if self._connection is None:
            self._connection = http.client.HTTPConnection(*self.place, timeout=self.timeout)
        try:
            self._connection.request("POST", event.path, event.body, dict(event.headers))
            answer = self._connection.getresponse()
            return Reply(answer.status, answer.getheader("Content-Type"), answer.read())
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def name_of(chance: Random) -> str:
    """Return an id such as a provider gives, the same for the same *chance*."""
    return f"{chance.getrandbits(128):032x}"
