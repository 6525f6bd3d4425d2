"""
Texts posted to a PBX or script, and looked up there: requests and answers, no sockets; `generic.openapi.yaml` describes them.

Our id of a text stands in its body and is its `webhook-id` (Standard Webhooks): the same on every try, so whoever takes texts
for us knows a repeat, sends nothing twice and names the same text again.
"""

import json
from collections.abc import Callable
from typing import Any, ClassVar
from urllib.parse import quote

import attrs

from adapters.api import RefusedError
from adapters.content import JSON
from adapters.generic.body import IDENTIFIER
from adapters.generic.signature import ID, SIGNATURE, TIMESTAMP, sign
from adapters.outcome import CannotTell, Found, NotThere, Outcome, Refused, Sent, Unknown
from adapters.sending import OutgoingText, RestReply, RestRequest, seconds_to_wait
from adapters.strictjson import parse_object

SCHEMA = "text/1"
OPTED_OUT = "opted-out"
"""The `error` of a refusal that says: this recipient wants no texts from this number."""

_MOST_MEDIA = 10
_LATER = {408, 425, 429}
_OURS = {401, 403, 404, 405, 407}
"""Statuses that say what we are wrong about, not the text: who we are, or where it is to go."""

_NO_DOTS = str.maketrans("./", "__")
"""A dot separates what is signed, a slash what an address is made of."""


@attrs.frozen
class Exchange:
    """
    A PBX or script as `Carrier`: *url* is where texts are posted, *key* signs.

    *own* is our public address (no slash at its end), *report_to* the path behind it where receipts arrive.
    """

    gives_recordings: ClassVar[bool] = False

    name: str
    url: str = attrs.field(repr=False)
    key: bytes = attrs.field(repr=False)
    own: str
    report_to: str

    def moved(self, api: str) -> "Exchange":
        """Return the same at a fake provider, which listens at *api*."""
        return attrs.evolve(self, url=f"{api}/texts/{quote(self.name, safe='')}")

    def send(self, text: OutgoingText) -> RestRequest:
        """Ask to send *text*; of its media only what we serve ourselves is handed on, the other side would fetch it."""
        told: dict[str, Any] = {
            "schema": SCHEMA,
            "id": _our_id(text),
            "from": text.sender,
            "to": text.to,
            "text": text.body,
            "media": [{"url": url} for url in text.media if url.startswith(f"{self.own}/")][:_MOST_MEDIA],
            "status": self.own + self.report_to,
        }
        if text.valid_for is not None:
            told["valid_for"] = max(1, text.valid_for)
        body = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
        return RestRequest("POST", self.url, {"Content-Type": JSON, **self._signed(text, body)}, body)

    def read_sent(self, reply: RestReply) -> Outcome:
        """
        Say what became of a text.

        A server's error is no answer of Twilio's kind: the same id may be posted again without harm, so it is, when it was asked for.
        """
        fields = _object(reply.body) or {}
        if 200 <= reply.code < 300:
            return _named(fields) or Unknown("the answer of the provider does not name the text")
        wait = seconds_to_wait(reply)
        if reply.code >= 500:
            return Refused(f"the provider stumbled (HTTP {reply.code})", retry_after=wait)
        if reply.code in _LATER:
            return Refused(f"the provider asks us to slow down (HTTP {reply.code})", retry_after=wait)
        if reply.code < 400:
            return Refused("the provider has moved: its address is wrong")
        if reply.code in _OURS:
            return Refused(f"the provider refuses our signature or address (HTTP {reply.code})")
        if fields.get("error") == OPTED_OUT:
            return Refused("the recipient wants no texts from this number", permanent=True, opted_out=True)
        return Refused(f"the provider refuses the text (HTTP {reply.code})", permanent=True)

    def search(self, text: OutgoingText) -> RestRequest:
        """Ask for *text* by our id."""
        return RestRequest("GET", f"{self.url}/{quote(_our_id(text), safe='')}", self._signed(text, b""))

    def read_found(
        self,
        text: OutgoingText,  # noqa: ARG002
        since: float,  # noqa: ARG002
        taken: Callable[[str], bool],  # noqa: ARG002
        reply: RestReply,
    ) -> Found | RestRequest:
        """
        Say whether a text is there: `{"id": …}` names it, `{"id": null}` says that it never came.

        Anything else is no answer, a plain 404 too: that is what a provider says who cannot be asked at all.
        """
        fields = _object(reply.body)
        if fields is not None and 200 <= reply.code < 300 and (found := _named(fields)):
            return found
        if fields is not None and reply.code in (200, 404) and fields.get("id", "") is None:
            return NotThere()
        return CannotTell(f"the provider does not say whether it has the text (HTTP {reply.code})")

    def recording(self, reference: str) -> RestRequest | None:  # noqa: ARG002
        """Return None: recordings stay where they are, and an address that came from outside is never fetched."""
        return None

    def elsewhere(self, reply: RestReply) -> RestRequest | None:  # noqa: ARG002
        """Return None: nothing is followed."""
        return None

    def delete_recording(self, reference: str) -> RestRequest | None:  # noqa: ARG002
        """Return None: there is none of ours."""
        return None

    def _signed(self, text: OutgoingText, body: bytes) -> dict[str, str]:
        name, stamp = _our_id(text), int(text.at)
        signature = sign(self.key, name, stamp, body)
        return {"Accept": JSON, ID: name, TIMESTAMP: str(stamp), SIGNATURE: signature}


def _our_id(text: OutgoingText) -> str:
    return text.id.translate(_NO_DOTS)


def _named(fields: dict[str, Any]) -> Sent | None:
    """Return the text an answer names, if it does."""
    reference = fields.get("id")
    return Sent(reference) if isinstance(reference, str) and IDENTIFIER.fullmatch(reference) else None


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        return parse_object(body)
    except RefusedError:
        return None
