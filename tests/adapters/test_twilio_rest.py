"""Twilio's REST API: what is asked is what Twilio's own library asks, and every answer means something."""

import json
from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.outcome import CannotTell, NotThere, Outcome, Refused, Sent, Unknown
from adapters.sending import OutgoingText, RestReply, RestRequest
from adapters.twilio.codes import CODES, again_after_receipt
from adapters.twilio.rest import API, Account

SID = "AC" + "0" * 31 + "1"
ACCOUNT = Account(sid=SID, user=SID, secret="12345", own="https://phone.example/base", report_to="/hooks/twilio/status")
AT = 1_770_071_127.0
TEXT = OutgoingText(id="01ABC.1/1", at=AT, to="+15557654321", sender="+15551230000", body="Grüße & mehr\n😀")
SENT = "SM" + "a" * 32


def _nobody(_: str) -> bool:
    return False


def _reply(code: int, fields: Any = None, **headers: str) -> RestReply:
    body = b"" if fields is None else fields if isinstance(fields, bytes) else json.dumps(fields).encode()
    return RestReply(code, {name.replace("_", "-"): value for name, value in headers.items()}, body)


# ---------------------------------------------------------------- against the real library


@attrs.define
class Captured:
    """What the library asked for."""

    method: str = ""
    url: str = ""
    fields: list[tuple[str, str]] = attrs.field(factory=list)
    login: tuple[str, str] = ("", "")


def _flat(fields: dict[str, Any] | None) -> list[tuple[str, str]]:
    pairs = []
    for name, value in (fields or {}).items():
        pairs += [(name, str(each)) for each in (value if isinstance(value, list) else [value])]
    return sorted(pairs)


def _as_the_library_asks(ask: Callable[[Any], Any], user: str = SID) -> Captured:
    """Return the request Twilio's own library makes for *ask*, which is given its client."""
    http = pytest.importorskip("twilio.http")
    rest = pytest.importorskip("twilio.rest")
    response = pytest.importorskip("twilio.http.response")
    seen = Captured()

    class Recorder(http.HttpClient):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            import logging

            super().__init__(logging.getLogger("recorder"), False, None)

        def request(  # noqa: PLR0913, RUF100
            self,
            method: str,
            url: str,
            params: Any = None,
            data: Any = None,
            headers: Any = None,
            auth: Any = None,
            **_: Any,
        ) -> Any:
            seen.method, seen.url, seen.login = method, url, auth
            seen.fields = _flat(params if method == "GET" else data)
            page = {"messages": [], "next_page_uri": None, "page": 0, "page_size": 40, "uri": "/", "end": 0, "start": 0}
            codes = {"POST": 201, "DELETE": 204}
            return response.Response(codes.get(method, 200), json.dumps(page if method == "GET" else {"sid": SENT}))

    ask(rest.Client(user, "12345", SID, http_client=Recorder()))
    return seen


def _ours(request: RestRequest) -> Captured:
    """Return one of our requests in the same shape."""
    parts = urlsplit(request.url)
    scheme, _, login = request.headers["Authorization"].partition(" ")
    assert scheme == "Basic"
    user, _, secret = b64decode(login).decode().partition(":")
    raw = parts.query if request.method == "GET" else request.body.decode()
    if request.method == "POST":
        assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    fields = sorted(parse_qsl(raw, keep_blank_values=True, strict_parsing=bool(raw)))
    return Captured(request.method, parts._replace(query="").geturl(), fields, (user, secret))


@given(
    to=st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True),
    body=st.text(st.characters(codec="utf-8"), min_size=1, max_size=200),
    valid=st.none() | st.integers(1, 36_000),
    files=st.lists(st.sampled_from("abc"), max_size=3),
)
def test_a_text_is_sent_as_the_library_sends_it(to: str, body: str, valid: int | None, files: list[str]) -> None:
    """Same address, same fields, same login, whatever the words."""
    media = tuple(f"https://phone.example/base/media/{name}.jpg" for name in files)
    text = attrs.evolve(TEXT, to=to, body=body, valid_for=valid, media=media)
    optional = {"validity_period": valid} if valid else {}

    theirs = _as_the_library_asks(
        lambda client: client.messages.create(
            to=to,
            from_=TEXT.sender,
            body=body,
            status_callback="https://phone.example/base/hooks/twilio/status",
            **optional,
            **({"media_url": list(media)} if media else {}),
        )
    )

    assert _ours(ACCOUNT.send(text)) == theirs


def test_a_key_sends_in_place_of_the_account() -> None:
    """The key logs in; the account still stands in the address."""
    key = "SK" + "2" * 32

    theirs = _as_the_library_asks(
        lambda client: client.messages.list(to=TEXT.to, from_=TEXT.sender, page_size=40), user=key
    )

    assert _ours(attrs.evolve(ACCOUNT, user=key).search(TEXT)) == theirs


def test_a_recording_is_deleted_as_the_library_does() -> None:
    """By its id, below the account."""
    theirs = _as_the_library_asks(lambda client: client.recordings("RE" + "5" * 32).delete())
    request = ACCOUNT.delete_recording("RE" + "5" * 32)

    assert request is not None
    assert _ours(request) == theirs


# ---------------------------------------------------------------- asking


def test_only_what_we_serve_is_handed_on() -> None:
    """Twilio fetches what it is told to; so it is told of our own files alone, ten at most."""
    own = tuple(f"https://phone.example/base/media/{n}.jpg" for n in range(12))
    others = (
        "https://phone.example.evil/base/x.jpg",
        "http://169.254.169.254/",
        "https://phone.example/basement/x.jpg",
    )

    fields = parse_qsl(ACCOUNT.send(attrs.evolve(TEXT, media=(*others, *own))).body.decode())

    assert [value for name, value in fields if name == "MediaUrl"] == list(own[:10])


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        pytest.param(0, "1", id="already over"),
        pytest.param(1, "1", id="a second"),
        pytest.param(36_000, "36000", id="as long as Twilio allows"),
        pytest.param(36_001, "36000", id="a second longer"),
    ],
)
def test_how_long_a_text_is_worth_sending(wanted: int, told: str) -> None:
    """Within what Twilio allows."""
    fields = dict(parse_qsl(ACCOUNT.send(attrs.evolve(TEXT, valid_for=wanted)).body.decode()))

    assert fields["ValidityPeriod"] == told


def test_a_text_of_pictures_alone_has_no_body() -> None:
    """Twilio refuses an empty one beside files."""
    assert "Body" not in dict(parse_qsl(ACCOUNT.send(attrs.evolve(TEXT, body="")).body.decode()))


def test_nothing_private_is_shown() -> None:
    """Neither numbers nor words nor secrets stand where something is printed."""
    request = ACCOUNT.search(TEXT)

    shown = f"{ACCOUNT!r} {TEXT!r} {request!r} {ACCOUNT.send(TEXT)!r} {_reply(200, {'body': 'Grüße'})!r} {Sent(SENT)!r}"

    assert not [word for word in ("12345", "7654321", "Grüße", SENT) if word in shown.replace(SID, "")]


@pytest.mark.parametrize(
    "reference", ["", "RE", "RE../../x", "https://evil.example/RE1", "CA" + "1" * 32, "RE1?x=1", "RE1\n"]
)
def test_what_is_no_recording_is_not_asked_for(reference: str) -> None:
    """Whatever a call-back says."""
    assert ACCOUNT.recording(reference) is None
    assert ACCOUNT.delete_recording(reference) is None


def test_a_recording_is_fetched_with_our_login() -> None:
    """As MP3, from the address we are configured for."""
    request = ACCOUNT.recording("RE" + "5" * 32)

    assert request is not None
    assert (request.method, request.url) == ("GET", f"{API}/2010-04-01/Accounts/{SID}/Recordings/RE{'5' * 32}.mp3")
    assert request.headers["Authorization"].startswith("Basic ")


@pytest.mark.parametrize(
    ("code", "location", "followed"),
    [
        pytest.param(302, "https://media.twiliocdn.com/RE1.mp3?sig=1", True, id="Twilio's store"),
        pytest.param(307, "https://api.twilio.com:443/x", True, id="Twilio's own port"),
        pytest.param(302, "https://twiliocdn.com/x", True, id="the bare host"),
        pytest.param(200, "https://media.twiliocdn.com/x", False, id="no redirect"),
        pytest.param(302, "http://media.twiliocdn.com/x", False, id="not encrypted"),
        pytest.param(302, "https://media.twiliocdn.com:8443/x", False, id="another port"),
        pytest.param(302, "https://media.twiliocdn.com:port/x", False, id="no port at all"),
        pytest.param(302, "https://twiliocdn.com.evil.example/x", False, id="another host that begins alike"),
        pytest.param(302, "https://eviltwiliocdn.com/x", False, id="another host that ends alike"),
        pytest.param(302, "https://twiliocdn.com@evil.example/x", False, id="a user that looks like a host"),
        pytest.param(302, "https://169.254.169.254/latest", False, id="an inner address"),
        pytest.param(302, "", False, id="nowhere"),
    ],
)
def test_where_a_recording_may_lie(code: int, location: str, followed: bool) -> None:
    """Only at Twilio's own hosts, and there nobody learns our login."""
    request = ACCOUNT.elsewhere(_reply(code, location=location))

    assert (request is not None) == followed
    assert request is None or (request.url, request.headers) == (location, {})


# ---------------------------------------------------------------- what became of a text


def _error(code: int) -> dict[str, Any]:
    return {"code": code, "message": f"about +15557654321: {code}", "status": 400}


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        pytest.param(_reply(201, {"sid": SENT, "status": "queued"}), Sent(SENT), id="taken"),
        pytest.param(_reply(200, {"sid": SENT}), Sent(SENT), id="taken, with another status"),
        pytest.param(_reply(201, b"<html>"), Unknown("the provider's answer makes no sense"), id="taken, it seems"),
        pytest.param(_reply(201, {"sid": 7}), Unknown("the provider's answer makes no sense"), id="an id of another shape"),
        pytest.param(_reply(201, {"sid": "SM/../x"}), Unknown("the provider's answer makes no sense"), id="an id that is a path"),
        pytest.param(_reply(500), Unknown("the provider stumbled (HTTP 500)"), id="a server's error"),
        pytest.param(_reply(503, _error(20503)), Unknown("the provider stumbled (HTTP 503)"), id="unavailable"),
        pytest.param(_reply(599), Unknown("the provider stumbled (HTTP 599)"), id="the last of the server's errors"),
        pytest.param(_reply(408), Unknown("the provider stumbled (HTTP 408)"), id="a request that took too long"),
        pytest.param(_reply(429), Refused("the provider asks us to slow down"), id="too many"),
        pytest.param(
            _reply(429, _error(20429), retry_after="7"),
            Refused("the provider asks us to slow down (20429)", retry_after=7.0),
            id="too many, and how long to wait",
        ),
        pytest.param(_reply(429, None, retry_after=" 12 "), Refused("the provider asks us to slow down", retry_after=12.0), id="how long, without a code"),
        pytest.param(_reply(429, None, retry_after="Fri, 27 Nov 2026 08:00:00 GMT"), Refused("the provider asks us to slow down"), id="until a date"),
        pytest.param(_reply(401, _error(20003)), Refused("the provider refuses our account and secret (20003)"), id="a wrong secret"),
        pytest.param(_reply(403), Refused("the provider refuses our account (HTTP 403)"), id="forbidden"),
        pytest.param(_reply(302), Refused("the provider has moved: its address is wrong"), id="a redirect"),
        pytest.param(
            _reply(400, _error(21610)),
            Refused("the recipient has opted out of texts from this number (21610)", permanent=True, opted_out=True),
            id="opted out",
        ),
        pytest.param(_reply(403, _error(21408)), Refused("the account may not text to this country (21408)", permanent=True), id="a country"),
        pytest.param(_reply(400, _error(21611)), Refused("too many texts of this number wait at the provider (21611)"), id="a full queue"),
        pytest.param(_reply(400, _error(29999)), Refused("the provider refuses the text (29999)", permanent=True), id="a code nobody knows"),
        pytest.param(_reply(409, _error(29999)), Refused("the provider refuses the text (29999)"), id="a code nobody knows, for now"),
        pytest.param(_reply(400, b"no"), Refused("the provider refuses the text (HTTP 400)", permanent=True), id="no code at all"),
        pytest.param(_reply(418, {"code": "x"}), Refused("the provider refuses the text (HTTP 418)"), id="no number as a code"),
    ],
)  # fmt: skip
def test_what_became_of_a_text(reply: RestReply, outcome: Outcome) -> None:
    """What may have been taken is unknown; what was refused is told in our words, never in Twilio's, which hold numbers."""
    assert ACCOUNT.read_sent(reply) == outcome


@given(
    st.integers(200, 599),
    st.binary(max_size=60),
    st.dictionaries(st.sampled_from(["retry-after"]), st.text(max_size=8)),
)
def test_whatever_comes_means_something(code: int, body: bytes, headers: dict[str, str]) -> None:
    """No answer stops the sender; none without an id counts as sent."""
    outcome = ACCOUNT.read_sent(RestReply(code, headers, body))

    assert not isinstance(outcome, Sent)


def test_what_codes_mean() -> None:
    """Words of ours; what the issue with the account is may pass, what is wrong with a number does not."""
    assert {code for code in (21610, 21408, 21211, 21614, 30006, 30034) if not CODES[code].permanent} == set()
    assert {code for code in (20003, 20429, 21611, 30001, 30003, 30008) if CODES[code].permanent} == set()
    assert not [meaning.words for meaning in CODES.values() if any(char.isdigit() for char in meaning.words)]


@pytest.mark.parametrize(
    ("code", "again"),
    [("30003", True), ("30007", False), ("39999", False), (None, False), ("", False), ("x", False), ("٣", False)],
)
def test_receipts_that_are_worth_another_try(code: str | None, again: bool) -> None:
    """A phone that was off, once more; filtered as spam, never; and when nobody says why, never."""
    assert again_after_receipt(code) == again


# ---------------------------------------------------------------- looking for a text


def _message(sid: str = SENT, at: float = AT, **changes: Any) -> dict[str, Any]:
    """Return a text as a list of Twilio shows it."""
    return {
        "sid": sid,
        "to": TEXT.to,
        "from": TEXT.sender,
        "body": TEXT.body,
        "direction": "outbound-api",
        "date_created": format_datetime(datetime.fromtimestamp(at, UTC)),
        "status": "queued",
        **changes,
    }


def _page(*messages: Any, following: Any = None) -> RestReply:
    return _reply(200, {"messages": list(messages), "next_page_uri": following})


OTHER = "SM" + "b" * 32


@pytest.mark.parametrize(
    ("page", "found"),
    [
        pytest.param(_page(_message()), Sent(SENT), id="there"),
        pytest.param(_page(_message(status="failed")), Sent(SENT), id="taken, whatever became of it then"),
        pytest.param(_page(_message(at=AT - 30)), Sent(SENT), id="their clock is half a minute behind"),
        pytest.param(_page(_message(at=AT - 31)), NotThere(), id="an older one with the same words"),
        pytest.param(_page(_message(body=" Grüße  & mehr 😀 ")), Sent(SENT), id="other blanks"),
        pytest.param(_page(_message(body="Sent from your Twilio trial account - " + TEXT.body)), Sent(SENT), id="of a trial account"),
        pytest.param(_page(_message(body="Grüße")), NotThere(), id="other words"),
        pytest.param(_page(_message(body=None)), NotThere(), id="no words"),
        pytest.param(_page(_message(to="+15550000000")), NotThere(), id="to somebody else"),
        pytest.param(_page(_message(**{"from": "+15550000000"})), NotThere(), id="from another number"),
        pytest.param(_page(_message(direction="inbound")), NotThere(), id="one that came to us"),
        pytest.param(_page(_message(date_created="yesterday")), NotThere(), id="of nobody knows when"),
        pytest.param(_page(_message(date_created=None)), NotThere(), id="of no date"),
        pytest.param(_page(_message(sid=None), 7, "x", _message(sid=OTHER)), Sent(OTHER), id="behind what makes no sense"),
        pytest.param(_page(), NotThere(), id="none at all"),
        pytest.param(_reply(500), CannotTell("the provider does not say which texts it has (HTTP 500)"), id="a server's error"),
        pytest.param(_reply(200, b"[]"), CannotTell("the provider does not say which texts it has (HTTP 200)"), id="another shape"),
        pytest.param(_page(_message(body="x"), following="https://evil.example/"), CannotTell("the provider's list of texts leads elsewhere"), id="more of them, elsewhere"),
        pytest.param(_page(_message(body="x"), following=f"/2010-04-01/Accounts/{SID}x/Messages.json?"), CannotTell("the provider's list of texts leads elsewhere"), id="more of them, of another account"),
    ],
)  # fmt: skip
def test_looking_for_a_text(page: RestReply, found: Any) -> None:
    """It is known by numbers, words and time."""
    assert ACCOUNT.read_found(TEXT, AT, _nobody, page) == found


def test_what_belongs_to_others_does_not_count() -> None:
    """Two texts with the same words are two texts."""
    page = _page(_message(), _message(OTHER))

    assert ACCOUNT.read_found(TEXT, AT, {SENT}.__contains__, page) == Sent(OTHER)
    assert ACCOUNT.read_found(TEXT, AT, {SENT, OTHER}.__contains__, page) == NotThere()


def test_the_list_goes_on() -> None:
    """As long as there are texts late enough; the next page is asked for with our login, at the configured address."""
    account = attrs.evolve(ACCOUNT, api="http://127.0.0.1:8089/prefix")
    link = f"/2010-04-01/Accounts/{SID}/Messages.json?PageToken=PASM1&Page=1"

    more = account.read_found(TEXT, AT, _nobody, _page(_message(body="x"), following=link))
    enough = account.read_found(TEXT, AT, _nobody, _page(_message(body="x", at=AT - 60), following=link))

    assert isinstance(more, RestRequest)
    assert (more.method, more.url) == ("GET", f"http://127.0.0.1:8089{link}")
    assert "Authorization" in more.headers
    assert enough == NotThere()
