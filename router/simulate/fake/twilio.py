"""Twilio's REST as switchhook uses it: texts are taken, listed and reported, recordings are kept until they are deleted."""

# mypy: allow-untyped-calls

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

import attrs
from twisted.web.server import Request

from router.simulate.fake.arrivals import Arrivals
from router.simulate.fake.faults import Faults
from router.simulate.fake.http import Answer, Json, Timer, body_of, spoil, written
from router.simulate.twilio_session import Signer

VERSION = "2010-04-01"
LONGEST = 1600
PAGE = 50

SILENCE = (b"\xff\xfb\x90\xc4" + bytes(413)) * 38
"""A second of MP3: so many empty frames of MPEG-1 layer III at 128 kbit/s and 44.1 kHz (ISO/IEC 11172-3)."""


@attrs.frozen
class Report:
    """A receipt to be posted: to the address Twilio was told, signed for it."""

    url: str
    headers: Mapping[str, str]
    body: bytes


@attrs.define(eq=False)
class FakeTwilio:
    """
    One account: *user* and *secret* log in to it (the account itself, or a key), *token* signs its receipts.

    *opted_out* pairs of recipient and sender, and recipients that are *undeliverable* (with the code told by receipt).
    *silent*: what nobody has recorded is a second of silence. *report* posts receipts. *new_id* gives 32 hexadecimal digits.
    """

    account: str
    user: str
    secret: str
    token: str
    arrivals: Arrivals
    faults: Faults
    timer: Timer
    new_id: Callable[[], str]
    report: Callable[[Report], object]
    messages: list[Json] = attrs.field(factory=list)
    recordings: dict[str, bytes] = attrs.field(factory=dict)
    opted_out: set[tuple[str, str]] = attrs.field(factory=set)
    undeliverable: dict[str, int] = attrs.field(factory=dict)
    silent: bool = False

    def serve(self, request: Request, path: list[str]) -> bytes | int:
        """Answer one request below `/2010-04-01`."""
        if not self._knows(request):
            return written(request, 401, _error(20003, "Authenticate", 401))
        match request.method, path:
            case b"POST", ["Accounts", self.account, "Messages.json"]:
                return self._create(request)
            case b"GET", ["Accounts", self.account, "Messages.json"]:
                return written(request, *self._list(_query(request)))
            case b"GET", ["Accounts", self.account, "Recordings", name] if name.endswith(".mp3"):
                sound = self.recordings.get(name.removesuffix(".mp3"), SILENCE if self.silent else None)
                if sound is not None:
                    request.setHeader("content-type", "audio/mpeg")
                    return sound
            case b"DELETE", ["Accounts", self.account, "Recordings", name]:
                if self.recordings.pop(name.removesuffix(".json"), None) is not None or self.silent:
                    return written(request, 204, None)
        return written(request, 404, _error(20404, "The requested resource was not found", 404))

    def _knows(self, request: Request) -> bool:
        scheme, _, login = (request.getHeader("authorization") or "").partition(" ")
        try:
            return scheme == "Basic" and b64decode(login, validate=True).decode() == f"{self.user}:{self.secret}"
        except (Base64Error, UnicodeDecodeError):
            return False

    # ------------------------------------------------------------ texts

    def _create(self, request: Request) -> bytes | int:
        form = parse_qsl(body_of(request).decode("utf-8", "replace"), keep_blank_values=True)
        fields = dict(form)
        wrong = self._wrong(fields)
        if wrong is not None:
            return written(request, *wrong)
        fault = self.faults.next(fields["To"])
        if fault is not None:
            return spoil(request, fault, lambda: self._take(form), self.timer)
        return written(request, *self._take(form))

    def _wrong(self, fields: Mapping[str, str]) -> Answer | None:
        """Say why a text is not taken."""
        to, sender = fields.get("To", ""), fields.get("From", "")
        reasons = (
            (not to, 21604, "A 'To' phone number is required"),
            (not sender, 21603, "A 'From' phone number is required"),
            (not fields.get("Body") and "MediaUrl" not in fields, 21602, "Message body is required"),
            (
                len(fields.get("Body", "")) > LONGEST,
                21617,
                "The concatenated message body exceeds the 1600 character limit",
            ),
            (not to.startswith("+"), 21211, "Invalid 'To' Phone Number"),
            (to == sender, 21266, "'To' and 'From' number cannot be the same"),
            ((to, sender) in self.opted_out, 21610, "Attempt to send to unsubscribed recipient"),
        )
        return next(((400, _error(code, words, 400)) for wrong, code, words in reasons if wrong), None)

    def _take(self, form: list[tuple[str, str]]) -> Answer:
        fields = dict(form)
        media = tuple(value for name, value in form if name == "MediaUrl")
        to, sender, body = fields["To"], fields["From"], fields.get("Body", "")
        sid = f"{'MM' if media else 'SM'}{self.new_id()}"
        arrival = self.arrivals.add(way="sms", to=to, sender=sender, body=body, media=media, reference=sid)
        made = format_datetime(datetime.fromtimestamp(int(arrival.at), UTC))
        message = {
            "sid": sid,
            "account_sid": self.account,
            "api_version": VERSION,
            "to": to,
            "from": sender,
            "body": body,
            "status": "queued",
            "direction": "outbound-api",
            "date_created": made,
            "date_updated": made,
            "date_sent": None,
            "num_segments": str(-(-len(body) // 153) or 1),
            "num_media": str(len(media)),
            "error_code": None,
            "error_message": None,
            "messaging_service_sid": None,
            "price": None,
            "price_unit": "USD",
            "uri": f"/{VERSION}/Accounts/{self.account}/Messages/{sid}.json",
        }
        self.messages.append(message)
        if url := fields.get("StatusCallback"):
            for status in ("sent", "undelivered" if to in self.undeliverable else "delivered"):
                self.report(self._receipt(url, message, status))
        return 201, dict(message)

    def _receipt(self, url: str, message: Json, status: str) -> Report:
        code = self.undeliverable.get(message["to"]) if status == "undelivered" else None
        fields = {
            "AccountSid": self.account,
            "ApiVersion": VERSION,
            "MessageSid": message["sid"],
            "SmsSid": message["sid"],
            "MessageStatus": status,
            "SmsStatus": status,
            "To": message["to"],
            "From": message["from"],
            **({"ErrorCode": str(code)} if code else {}),
        }
        signed = Signer(self.token).headers(url, fields)
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8", "User-Agent": "TwilioProxy/1.1"}
        return Report(url, {**headers, **signed}, urlencode(fields).encode())

    def _list(self, query: Mapping[str, str]) -> Answer:
        """Return one page of the texts that fit, the newest first."""
        fits = [each for each in reversed(self.messages) if _fits(each, query)]
        size, page = _number(query, "PageSize", PAGE), _number(query, "Page", 0)
        begin = size * page
        home = f"/{VERSION}/Accounts/{self.account}/Messages.json"
        following = urlencode({**query, "PageSize": size, "Page": page + 1, "PageToken": f"PA{begin + size}"})
        return 200, {
            "messages": fits[begin : begin + size],
            "page": page,
            "page_size": size,
            "uri": home,
            "first_page_uri": home,
            "next_page_uri": f"{home}?{following}" if len(fits) > begin + size else None,
        }


def _fits(message: Json, query: Mapping[str, str]) -> bool:
    same = all(query.get(name, message[key]) == message[key] for name, key in (("To", "to"), ("From", "from")))
    return same and all(_day_fits(message, query, sign) for sign in ("", "<", ">"))


def _day_fits(message: Json, query: Mapping[str, str], sign: str) -> bool:
    """Compare days; Twilio's `<` and `>` include the day itself."""
    wanted = query.get(f"DateSent{sign}")
    if wanted is None:
        return True
    day = datetime.strptime(message["date_created"], "%a, %d %b %Y %H:%M:%S %z").date().isoformat()
    return day == wanted[:10] or (sign == "<" and day < wanted[:10]) or (sign == ">" and day > wanted[:10])


def _number(query: Mapping[str, str], name: str, default: int) -> int:
    written = query.get(name, "")
    return int(written) if written.isascii() and written.isdecimal() else default


def _query(request: Request) -> Mapping[str, str]:
    return dict(parse_qsl(request.uri.partition(b"?")[2].decode("ascii", "replace")))


def _error(code: int, words: str, status: int) -> dict[str, Any]:
    return {
        "code": code,
        "message": words,
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }
