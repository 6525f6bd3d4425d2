"""A call or text as Twilio holds it: its ids and state, and signed posts about it."""

import hmac
from base64 import b64encode
from collections.abc import Callable, Mapping
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import attrs

from router.simulate import story
from router.simulate.scenario import Scenario, SimulationError
from router.simulate.story import Beat
from router.simulate.wire import Wire
from rules.directory import Directory

_SPOKEN_SECONDS = 3

Element = ET.Element


@attrs.frozen
class Signer:
    """Signs as Twilio does: with *secret*, by *algorithm* (`sha1`, `sha256`); *key* names a signing key of the newer scheme."""

    secret: str = attrs.field(repr=False)
    algorithm: str = "sha1"
    key: str | None = None

    def headers(self, url: str, fields: Mapping[str, str]) -> dict[str, str]:
        """Return the headers that sign *fields* posted to *url* (https://www.twilio.com/docs/usage/security)."""
        signed = url + "".join(name + value for name, value in sorted(fields.items()))
        digest = hmac.digest(self.secret.encode(), signed.encode(), self.algorithm)
        headers = {"X-Twilio-Signature": b64encode(digest).decode()}
        if self.algorithm != "sha1":
            named = f"key={self.key}," if self.key else ""
            headers["X-Twilio-Webhooks-Signature-Settings"] = f"{named}algorithm=HMAC_{self.algorithm.upper()}"
        return headers


@attrs.define
class Session:
    """
    What Twilio knows of one call or text.

    *sid* is its id, *status* the caller's leg (`CallStatus`), *seconds* how long it has lasted. *new_id* gives 32 random
    hexadecimal digits.
    """

    wire: Wire
    provider: str
    account: str
    signer: Signer
    scenario: Scenario
    directory: Directory
    new_id: Callable[[], str]
    sid: str = ""
    status: str = "ringing"
    seconds: int = 0
    beats: list[Beat] = attrs.field(factory=list)

    def tell(self, beat: Beat) -> None:
        """Add to the story, what is heard twice in a row once."""
        if beat not in self.beats[-1:]:
            self.beats.append(beat)

    def wait(self, seconds: int) -> None:
        """Let time go by."""
        self.seconds += seconds
        self.wire.pass_time(seconds)

    def hear(self, who: str, verb: Element) -> None:
        """Have somebody hear a `<Say>` or `<Play>`."""
        text = verb.text or ""
        self.tell(story.says(who, text) if verb.tag == "Say" else story.plays(who, text))
        self.wait(_SPOKEN_SECONDS)

    def caller_leg(self) -> dict[str, str]:
        """Return what every webhook about the caller's leg says."""
        caller, called = self.scenario.caller, self.scenario.number.e164
        ends = {"From": caller, "Caller": caller, "To": called, "Called": called}
        attested = {"StirVerstat": "TN-Validation-Passed-A"} if self.scenario.verified else {}
        return {"CallSid": self.sid, "CallStatus": self.status, "Direction": "inbound", **ends, **attested}

    def post_hook(self, what: str, fields: Mapping[str, str]) -> Element:
        """Post to the webhook for `call`, `text` or `status`."""
        return self.post(f"{self.wire.public_url}/hooks/{self.provider}/{what}", fields)

    def post(self, url: str, fields: Mapping[str, str]) -> Element:
        """Post a signed form; return the document answered, an empty one for an answer without a body."""
        complete = {"AccountSid": self.account, "ApiVersion": "2010-04-01", **fields}
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "User-Agent": "TwilioProxy/1.1",
            **self.signer.headers(url, complete),
        }
        reply = self.wire.post(url, headers, urlencode(complete).encode())
        if not reply.body:
            return Element("Response")
        try:
            document = ET.fromstring(reply.body)  # noqa: S314  our own daemon wrote it
        except ET.ParseError as error:
            raise SimulationError(f"the answer is no XML ({error})") from error
        if document.tag != "Response":
            raise SimulationError(f"the answer is no TwiML: it begins with <{document.tag}>")
        return document
