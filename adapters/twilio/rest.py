"""
Sends texts by Twilio's REST API, looks for them there, and fetches recordings: requests and answers, no sockets.

https://www.twilio.com/docs/messaging/api/message-resource, https://www.twilio.com/docs/voice/api/recording
"""

import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar
from urllib.parse import quote, urlencode, urlsplit

import attrs

from adapters.api import RefusedError
from adapters.outcome import CannotTell, Found, NotThere, Outcome, Refused, Sent, Unknown
from adapters.sending import OutgoingText, RestReply, RestRequest, seconds_to_wait
from adapters.strictjson import parse_object
from adapters.twilio.codes import OPTED_OUT, meaning_of

API = "https://api.twilio.com"
PAGE = 40
"""Texts asked for at once when one is looked for."""

CLOCKS_APART = 30.0
"""Seconds Twilio's clock may be behind ours."""

_LONGEST_VALID = 36_000  # https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource
_MOST_MEDIA = 10
_MESSAGE = re.compile(r"(?:SM|MM)[0-9A-Za-z]{1,62}")
_RECORDING = re.compile(r"RE[0-9A-Za-z]{1,62}")
_SOUND_HOST = re.compile(r"(?:[a-z0-9-]+\.)*(?:twilio\.com|twiliocdn\.com)")
_ACCOUNT_TROUBLE = {401, 403, 404, 405, 407}
_DECIDED = {400, 413, 415, 422}
"""Statuses that say no to what was asked, whoever asks and whenever."""


@attrs.frozen
class Account:
    """
    A Twilio account as `Carrier`.

    *user* and *secret* log in: the account and its auth token, or an API key. *own* is our public address (no slash at its
    end), *report_to* the path behind it where receipts arrive. *api* is where Twilio listens.
    """

    gives_recordings: ClassVar[bool] = True

    sid: str
    user: str
    secret: str = attrs.field(repr=False)
    own: str
    report_to: str
    api: str = API

    def moved(self, api: str) -> "Account":
        """Return the same account at another address."""
        return attrs.evolve(self, api=api)

    def send(self, text: OutgoingText) -> RestRequest:
        """Ask to send *text*; of its media only what we serve ourselves is handed on, the provider would fetch it."""
        fields = [("To", text.to), ("From", text.sender)]
        if text.body:
            fields.append(("Body", text.body))
        fields.append(("StatusCallback", self.own + self.report_to))
        fields += [("MediaUrl", url) for url in text.media if url.startswith(f"{self.own}/")][:_MOST_MEDIA]
        if text.valid_for is not None:
            fields.append(("ValidityPeriod", str(max(1, min(text.valid_for, _LONGEST_VALID)))))
        headers = {**self._headers(), "Content-Type": "application/x-www-form-urlencoded"}
        return RestRequest("POST", f"{self._home()}/Messages.json", headers, urlencode(fields).encode())

    def read_sent(self, reply: RestReply) -> Outcome:
        """
        Say what became of a text.

        A server's error says nothing: Twilio may have taken the text before it stumbled. So does an answer nobody can read.
        """
        fields = _object(reply.body)
        if 200 <= reply.code < 300:
            sid = fields.get("sid")
            if isinstance(sid, str) and _MESSAGE.fullmatch(sid):
                return Sent(sid)
            return Unknown("the provider's answer makes no sense")
        if reply.code >= 500 or reply.code == 408:
            return Unknown(f"the provider stumbled (HTTP {reply.code})")
        code = fields.get("code")
        if isinstance(code, int):
            return _refused(code, reply)
        if reply.code == 429:
            return Refused("the provider asks us to slow down", retry_after=seconds_to_wait(reply))
        if reply.code in _ACCOUNT_TROUBLE:
            return Refused(f"the provider refuses our account (HTTP {reply.code})")
        if 300 <= reply.code < 400:
            return Refused("the provider has moved: its address is wrong")
        return Refused(f"the provider refuses the text (HTTP {reply.code})", permanent=reply.code in _DECIDED)

    def search(self, text: OutgoingText) -> RestRequest:
        """
        Ask for the latest texts from and to the same numbers.

        Not narrowed down by date: Twilio compares the date of *sending*, which a text that still waits has not.
        """
        query = urlencode([("To", text.to), ("From", text.sender), ("PageSize", str(PAGE))])
        return RestRequest("GET", f"{self._home()}/Messages.json?{query}", self._headers())

    def read_found(
        self, text: OutgoingText, since: float, taken: Callable[[str], bool], reply: RestReply
    ) -> Found | RestRequest:
        """Say whether *text* is on a page of them; a page that goes back further than *since* is the last to be asked for."""
        fields = _object(reply.body)
        messages = fields.get("messages")
        if reply.code != 200 or not isinstance(messages, list):
            return CannotTell(f"the provider does not say which texts it has (HTTP {reply.code})")
        earliest = since - CLOCKS_APART
        made = [_made_at(each) for each in messages]
        for each, at in zip(messages, made, strict=True):
            if at >= earliest and _is(text, each) and not taken(each["sid"]):
                return Sent(each["sid"])
        following = fields.get("next_page_uri")
        if not messages or max(made) < earliest or not isinstance(following, str):
            return NotThere()
        if not following.startswith(f"{self._path()}/Messages.json?") or not following.isascii():
            return CannotTell("the provider's list of texts leads elsewhere")
        parts = urlsplit(self.api)
        return RestRequest("GET", f"{parts.scheme}://{parts.netloc}{following}", self._headers())

    def recording(self, reference: str) -> RestRequest | None:
        """Ask for a recording as MP3, by its id: an address that came from outside is never fetched."""
        if not _RECORDING.fullmatch(reference):
            return None
        return RestRequest("GET", f"{self._home()}/Recordings/{reference}.mp3", self._headers("audio/mpeg"))

    def elsewhere(self, reply: RestReply) -> RestRequest | None:
        """Follow a redirect to one of Twilio's own hosts."""
        location = reply.headers.get("location", "")
        try:
            parts = urlsplit(location)
            port = parts.port
        except ValueError:
            return None
        known = parts.scheme == "https" and port in (None, 443) and "@" not in parts.netloc and location.isascii()
        if reply.code not in (301, 302, 303, 307, 308) or not known or not _SOUND_HOST.fullmatch(parts.hostname or ""):
            return None
        return RestRequest("GET", location)

    def delete_recording(self, reference: str) -> RestRequest | None:
        """Ask to delete a recording; 204 says that it is gone, 404 that it was."""
        if not _RECORDING.fullmatch(reference):
            return None
        return RestRequest("DELETE", f"{self._home()}/Recordings/{reference}.json", self._headers())

    def _path(self) -> str:
        return f"/2010-04-01/Accounts/{quote(self.sid, safe='')}"

    def _home(self) -> str:
        return f"{self.api}{self._path()}"

    def _headers(self, accept: str = "application/json") -> Mapping[str, str]:
        login = b64encode(f"{self.user}:{self.secret}".encode()).decode()
        return {"Accept": accept, "Authorization": f"Basic {login}"}


def _refused(code: int, reply: RestReply) -> Refused:
    known = meaning_of(code)
    if known is None:
        return Refused(f"the provider refuses the text ({code})", permanent=reply.code in _DECIDED)
    wait = seconds_to_wait(reply) if not known.permanent else None
    return Refused(f"{known.words} ({code})", known.permanent, wait, opted_out=code == OPTED_OUT)


def _object(body: bytes) -> Mapping[str, Any]:
    """Return the JSON object in *body*, an empty one when there is none."""
    try:
        return parse_object(body)
    except RefusedError:
        return {}


def _is(text: OutgoingText, message: Any) -> bool:
    """Say whether *message* of a list is *text*: from us, the same numbers, the same words."""
    return (
        isinstance(message, dict)
        and isinstance(message.get("sid"), str)
        and _MESSAGE.fullmatch(message["sid"]) is not None
        and str(message.get("direction")).startswith("outbound")
        and (message.get("to"), message.get("from")) == (text.to, text.sender)
        and _words(str(message.get("body") or "")) in (_words(text.body), _words(_TRIAL + text.body))
    )


_TRIAL = "Sent from your Twilio trial account - "


def _words(body: str) -> list[str]:
    """Return what is compared of a body: carriers and Twilio may change the blanks."""
    return body.split()


def _made_at(message: Any) -> float:
    """Return when Twilio took *message* (UTC epoch seconds); 0 when it does not say."""
    try:
        return parsedate_to_datetime(message["date_created"]).timestamp()
    except (KeyError, TypeError, ValueError):
        return 0.0
