"""Calls as Twilio posts them: signed, of the usual size, each with an id of its own, whole requests ready to be sent."""

import hmac
from base64 import b64encode
from collections.abc import Iterator, Sequence
from random import Random
from urllib.parse import quote_plus

ACCOUNT = "AC" + "0" * 31 + "1"
TOKEN = "bench-token-bench-token-bench-to"
PUBLIC_URL = "https://phone.bench.example"
CALL_PATH = "/hooks/twilio/call"


def fields(sid: str, caller: str, called: str) -> list[tuple[str, str]]:
    """Return the form fields of an incoming call (https://www.twilio.com/docs/voice/twiml#request-parameters)."""
    return [
        ("AccountSid", ACCOUNT),
        ("ApiVersion", "2010-04-01"),
        ("CallSid", sid),
        ("CallStatus", "ringing"),
        ("Called", called),
        ("CalledCity", "BOSTON"),
        ("CalledCountry", "US"),
        ("CalledState", "MA"),
        ("CalledZip", "02114"),
        ("Caller", caller),
        ("CallerCity", "CAMBRIDGE"),
        ("CallerCountry", "US"),
        ("CallerName", "CAMBRIDGE  MA"),
        ("CallerState", "MA"),
        ("CallerZip", "02139"),
        ("Direction", "inbound"),
        ("From", caller),
        ("FromCity", "CAMBRIDGE"),
        ("FromCountry", "US"),
        ("FromState", "MA"),
        ("StirVerstat", "TN-Validation-Passed-A"),
        ("To", called),
        ("ToCity", "BOSTON"),
        ("ToCountry", "US"),
        ("ToState", "MA"),
        ("ToZip", "02114"),
    ]


def signature(path: str, pairs: Sequence[tuple[str, str]]) -> bytes:
    """Sign as Twilio does (https://www.twilio.com/docs/usage/security#validating-requests)."""
    signed = PUBLIC_URL + path + "".join(name + value for name, value in sorted(set(pairs)))
    return b64encode(hmac.digest(TOKEN.encode(), signed.encode("utf-8", "surrogatepass"), "sha1"))


def encoded(pairs: Sequence[tuple[str, str]]) -> bytes:
    """Write *pairs* as a form body."""
    return "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in pairs).encode()


def post(path: str, body: bytes, signed: bytes) -> bytes:
    """Return a whole keep-alive request with the headers Twilio sends."""
    head = (
        f"POST {path} HTTP/1.1\r\n"
        "Host: phone.bench.example\r\n"
        "Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n"
        f"Content-Length: {len(body)}\r\n"
        f"X-Twilio-Signature: {signed.decode()}\r\n"
        "I-Twilio-Idempotency-Token: 9b5c2ad8-6a2a-4d6f-8f3e-0d1a6f1f7a55\r\n"
        "Accept: */*\r\n"
        "User-Agent: TwilioProxy/1.1\r\n\r\n"
    )
    return head.encode() + body


def _template(body: bool) -> str:
    """Return the body of a call, or what is signed of it, with gaps for what differs."""
    pairs = fields("{sid}", "{caller}", "{called}")
    if not body:
        return PUBLIC_URL + CALL_PATH + "".join(name + value for name, value in sorted(pairs))
    return "&".join(f"{name}={value if '{' in value else quote_plus(value)}" for name, value in pairs)


class Calls:
    """
    An endless supply of new calls from *callers* to *numbers*; the same *seed* gives the same calls.

    Made by filling in templates, so that a hundred thousand are ready in a second or two.
    """

    def __init__(self, callers: Sequence[str], numbers: Sequence[str], seed: int = 1) -> None:
        self._random = Random(seed)
        self._callers = callers
        self._numbers = numbers
        self._made = 0
        self._series = self._random.getrandbits(64)
        self._body, self._signed = _template(body=True), _template(body=False)

    def __iter__(self) -> Iterator[bytes]:
        """Make one request after the other."""
        return self

    def __next__(self) -> bytes:
        """Make the next request."""
        self._made += 1
        sid = f"CA{self._series:016x}{self._made:016x}"
        caller, called = self._random.choice(self._callers), self._random.choice(self._numbers)
        signed = self._signed.format(sid=sid, caller=caller, called=called)
        body = self._body.format(sid=sid, caller=quote_plus(caller), called=quote_plus(called))
        return post(CALL_PATH, body.encode(), b64encode(hmac.digest(TOKEN.encode(), signed.encode(), "sha1")))

    def take(self, count: int) -> list[bytes]:
        """Make *count* requests at once, before they are needed."""
        return [next(self) for _ in range(count)]
