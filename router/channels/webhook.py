"""
Web hooks: what happened, as a CloudEvent signed as Standard Webhooks, for a CRM or a chat room.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md,
https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import json
from collections.abc import Callable
from typing import Any

import attrs

from adapters.generic.signature import ID, SIGNATURE, TIMESTAMP, sign
from adapters.outcome import CannotTell, Found, NotReached, Outcome, Refused, Sent
from adapters.sending import RestRequest
from router.channels.http import Line, NeverReachedError, NoAnswerError
from router.clock import Clock
from router.outbox.message import Message

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
TYPE = "switchhook."
"""What stands before the name of an event in the type of a CloudEvent."""

_GONE = 410
_SLOW_DOWN = (429, 503)
_NO_DOTS = str.maketrans("./", "__")


@attrs.frozen
class WebhookChannel:
    """
    Tells one address. *keys* all sign, so that the receiver can change over from one to the next; *source* is our public address.

    Of a message, `subject` names the event, `about` what it is about, `body` is a JSON object (other words become its `text`).
    """

    url: str = attrs.field(repr=False)
    keys: tuple[bytes, ...] = attrs.field(repr=False)
    source: str
    line: Line
    clock: Clock

    async def send(self, message: Message) -> Outcome:
        """
        Post *message*, once.

        The receiver knows a repeat by its id, so where no answer came it is simply sent again: nothing here is ever unknown.
        """
        try:
            reply = await self.line.exchange(self.request(message))
        except NeverReachedError as error:
            return NotReached(f"the web hook was not reached: {error}")
        except NoAnswerError as error:
            return NotReached(f"the web hook did not answer: {error}")
        if 200 <= reply.code < 300:
            return Sent("")
        if reply.code == _GONE:
            return Refused("the web hook is gone for good (HTTP 410)", permanent=True)
        wait = reply.headers.get("retry-after", "") if reply.code in _SLOW_DOWN else ""
        seconds = float(wait) if wait.isascii() and wait.isdecimal() and len(wait) < 7 else None
        return Refused(f"the web hook refuses (HTTP {reply.code})", retry_after=seconds)

    async def look_up(self, message: Message, since: float, taken: Callable[[str], bool]) -> Found:  # noqa: ARG002
        """Nobody can be asked."""
        return CannotTell("a web hook cannot be asked what it has")

    def request(self, message: Message) -> RestRequest:
        """Return the signed request for *message*: the same body each time, and a signature of this moment."""
        event = {
            "specversion": "1.0",
            "id": message.key,
            "source": self.source,
            "type": f"{TYPE}{message.subject or message.kind}",
            "subject": message.about,
            "datacontenttype": "application/json",
            "data": _data(message.body),
        }
        if isinstance(at := event["data"].get("at"), str):  # type: ignore[attr-defined]
            event["time"] = at
        body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
        stamp, name = int(self.clock.now()), message.key.translate(_NO_DOTS)
        signatures = " ".join(sign(key, name, stamp, body) for key in self.keys)
        headers = {"Content-Type": CONTENT_TYPE, ID: name, TIMESTAMP: str(stamp), SIGNATURE: signatures}
        return RestRequest("POST", self.url, headers, body)


def _data(body: str) -> dict[str, Any]:
    """Return *body* as a JSON object."""
    try:
        data = json.loads(body)
    except ValueError:
        data = None
    return data if isinstance(data, dict) else {"text": body}
