"""Texts posted to a generic provider: what is asked, and what every answer means."""

import json
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.generic.rest import Exchange
from adapters.outcome import CannotTell, NotReached, NotThere, Outcome, Refused, Sent, Unknown
from adapters.sending import OutgoingText, RestReply, RestRequest

AT = 1_770_071_127.9
EXCHANGE = Exchange("pbx two", "https://pbx.example/texts", b"key", "https://phone.example/base", "/hooks/pbx/status")
TEXT = OutgoingText(id="01ABC.1/1", at=AT, to="+15557654321", sender="+15551230000", body="Grüße & mehr\n😀")
OURS, THEIRS = "https://phone.example/base/media/1.jpg", "https://phone.example/basement/1.jpg"


def _reply(code: int, fields: Any = None, **headers: str) -> RestReply:
    body = b"" if fields is None else fields if isinstance(fields, bytes) else json.dumps(fields).encode()
    return RestReply(code, {name.replace("_", "-"): value for name, value in headers.items()}, body)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        pytest.param({}, {"media": []}, id="words, for as long as it takes"),
        pytest.param({"valid_for": 60}, {"media": [], "valid_for": 60}, id="for a minute"),
        pytest.param({"valid_for": 0}, {"media": [], "valid_for": 1}, id="a moment before it is too late"),
        pytest.param({"media": (THEIRS, OURS)}, {"media": [{"url": OURS}]}, id="only what we serve ourselves"),
        pytest.param({"media": (OURS,) * 11}, {"media": [{"url": OURS}] * 10}, id="ten pictures at most"),
    ],
)
def test_what_is_posted(changes: dict[str, Any], told: dict[str, Any]) -> None:
    """The words, the numbers, our id of it, where receipts go."""
    request = EXCHANGE.send(attrs.evolve(TEXT, **changes))

    common = {
        "schema": "text/1",
        "id": "01ABC_1_1",
        "from": "+15551230000",
        "to": "+15557654321",
        "text": "Grüße & mehr\n😀",
        "status": "https://phone.example/base/hooks/pbx/status",
    }
    assert (request.method, request.url) == ("POST", "https://pbx.example/texts")
    assert json.loads(request.body) == common | told
    assert (request.headers["webhook-id"], request.headers["webhook-timestamp"]) == ("01ABC_1_1", "1770071127")


def test_every_try_has_the_same_id_and_a_signature_of_its_moment() -> None:
    """So a receiver knows a repeat, and one held back for an hour is not too old."""
    first, later = EXCHANGE.send(TEXT), EXCHANGE.send(attrs.evolve(TEXT, at=AT + 3600))

    assert first.headers["webhook-id"] == later.headers["webhook-id"]
    assert first.headers["webhook-signature"] != later.headers["webhook-signature"]


def test_nothing_private_is_shown() -> None:
    """Neither key, nor address, nor words get into a log by `repr`."""
    shown = repr((EXCHANGE, TEXT, EXCHANGE.send(TEXT)))

    assert not [word for word in ("b'key'", "pbx.example", "+1555", "Grüße") if word in shown]


SLOW = "the provider asks us to slow down (HTTP 429)"


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        pytest.param(_reply(200, {"id": "sms-9"}), Sent("sms-9"), id="taken"),
        pytest.param(_reply(202, {"id": "sms-9", "more": 1}), Sent("sms-9"), id="taken, to be sent later"),
        pytest.param(_reply(200), Unknown("the answer of the provider does not name the text"), id="no word"),
        pytest.param(_reply(200, {"id": 9}), Unknown("the answer of the provider does not name the text"), id="an id that is none"),
        pytest.param(_reply(200, {"id": "a b"}), Unknown("the answer of the provider does not name the text"), id="an id not fit for keys"),
        pytest.param(_reply(200, b"<html>"), Unknown("the answer of the provider does not name the text"), id="a page"),
        pytest.param(_reply(301), Refused("the provider has moved: its address is wrong"), id="moved"),
        pytest.param(_reply(400), Refused("the provider refuses the text (HTTP 400)", permanent=True), id="no"),
        pytest.param(_reply(422, {"error": "spam"}), Refused("the provider refuses the text (HTTP 422)", permanent=True), id="no, with a reason of theirs"),
        pytest.param(_reply(422, {"error": "opted-out"}), Refused("the recipient wants no texts from this number", permanent=True, opted_out=True), id="opted out"),
        pytest.param(_reply(403), Refused("the provider refuses our signature or address (HTTP 403)"), id="a signature it does not believe"),
        pytest.param(_reply(404), Refused("the provider refuses our signature or address (HTTP 404)"), id="nobody at this address"),
        pytest.param(_reply(429, retry_after="7"), Refused(SLOW, retry_after=7.0), id="slow down"),
        pytest.param(_reply(429, retry_after="Fri, 31 Dec 1999 23:59:59 GMT"), Refused(SLOW), id="until a date, which is not understood"),
        pytest.param(_reply(408), Refused("the provider asks us to slow down (HTTP 408)"), id="too slow for them"),
        pytest.param(_reply(500), Refused("the provider stumbled (HTTP 500)"), id="an error"),
        pytest.param(_reply(503, retry_after="30"), Refused("the provider stumbled (HTTP 503)", retry_after=30.0), id="not now"),
    ],
)  # fmt: skip
def test_what_an_answer_means(reply: RestReply, outcome: Outcome) -> None:
    """A repeat is safe, so only silence and nonsense are unknown; what is about us may pass, what is about the text does not."""
    assert EXCHANGE.read_sent(reply) == outcome


@given(st.integers(200, 599), st.binary(max_size=60))
def test_any_answer_means_something(code: int, body: bytes) -> None:
    """Nothing a server says raises; nothing but a 2xx counts as sent."""
    reply = _reply(code, body)

    assert not isinstance(EXCHANGE.read_sent(reply), NotReached)
    assert isinstance(EXCHANGE.read_sent(reply), Sent) <= (code < 300)
    assert isinstance(EXCHANGE.read_found(TEXT, AT, lambda _: False, reply), Sent | NotThere | CannotTell)


def test_a_text_is_asked_for_by_our_id() -> None:
    """Signed over an empty body."""
    request = EXCHANGE.search(TEXT)

    assert (request.method, request.url, request.body) == ("GET", "https://pbx.example/texts/01ABC_1_1", b"")
    assert request.headers["webhook-id"] == "01ABC_1_1"


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        pytest.param(_reply(200, {"id": "sms-9"}), Sent("sms-9"), id="there"),
        pytest.param(_reply(200, {"id": None}), NotThere(), id="not there"),
        pytest.param(_reply(404, {"id": None}), NotThere(), id="not there, as the web says it"),
        pytest.param(_reply(404, {"detail": "Not Found"}), CannotTell("the provider does not say whether it has the text (HTTP 404)"), id="a server that knows no such address"),
        pytest.param(_reply(404), CannotTell("the provider does not say whether it has the text (HTTP 404)"), id="a plain 404"),
        pytest.param(_reply(405), CannotTell("the provider does not say whether it has the text (HTTP 405)"), id="it cannot be asked"),
        pytest.param(_reply(200, b"[]"), CannotTell("the provider does not say whether it has the text (HTTP 200)"), id="nonsense"),
        pytest.param(_reply(500, {"id": None}), CannotTell("the provider does not say whether it has the text (HTTP 500)"), id="an error"),
        pytest.param(_reply(403, {"id": "sms-9"}), CannotTell("the provider does not say whether it has the text (HTTP 403)"), id="refused"),
    ],
)  # fmt: skip
def test_what_a_look_up_says(reply: RestReply, found: Any) -> None:
    """Only a plain yes and a plain no count."""
    assert EXCHANGE.read_found(TEXT, AT, lambda _: False, reply) == found


def test_a_fake_provider_is_told_apart_by_name() -> None:
    """Nothing but the address changes."""
    moved = EXCHANGE.moved("http://127.0.0.1:8089")

    assert moved.url == "http://127.0.0.1:8089/texts/pbx%20two"
    assert attrs.evolve(moved, url=EXCHANGE.url) == EXCHANGE


def test_recordings_stay_where_they_are() -> None:
    """No address that came from outside is fetched, whatever it is."""
    wanted: list[RestRequest | None] = [
        EXCHANGE.recording("https://pbx.example/1.wav"),
        EXCHANGE.delete_recording("https://pbx.example/1.wav"),
        EXCHANGE.elsewhere(_reply(302, location="https://pbx.example/1.wav")),
    ]

    assert wanted == [None] * 3
    assert not EXCHANGE.gives_recordings
