"""The generic adapter: signatures of the Standard Webhooks, strict JSON, and what each body means."""

import hmac
import json
import time
from base64 import b64encode
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.api import (
    Answer,
    AskToAccept,
    HangUp,
    Leg,
    PlayUrl,
    RawRequest,
    RefusedError,
    RejectCall,
    ReplyText,
    RingLegs,
    Speak,
    TakeMessage,
)
from adapters.generic import Generic, signature
from adapters.strictjson import MAX_DEPTH, MAX_VALUES, parse_object
from rules.event import CallEnded, Diversion, IncomingCall, IncomingText, Media, Progress, Receipt, StepRef

NOW = 1_770_071_127
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # the example of the specification
TOKEN = "01J9.1.0.mac"
PBX = Generic("pbx", "https://h.example", None, ["plain secret", SECRET])


def _request(
    body: Any, path: str = "call", *, secret: str = SECRET, at: int = NOW, event_id: str = "msg_1", **headers: str
) -> RawRequest:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    key = signature.key_of(secret)
    sent = {
        "content-type": "application/json",
        "webhook-id": event_id,
        "webhook-timestamp": str(at),
        "webhook-signature": signature.sign(key, event_id, at, raw),
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    given_ = {name: [value] for name, value in sent.items()}
    return RawRequest("POST", f"/hooks/pbx/{path}", tuple(path.split("/")), given_, raw, float(NOW))


def _refusal(request: RawRequest) -> tuple[int, str]:
    with pytest.raises(RefusedError) as refused:
        _take(request)
    return refused.value.code, refused.value.reason


def _take(request: RawRequest) -> None:
    PBX.verify(request)
    PBX.read(request)


# ---------------------------------------------------------------- signatures


def test_the_example_of_the_specification() -> None:
    """Published by Standard Webhooks for their libraries."""
    body = b'{"test": 2432232314}'
    event_id, at = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330

    made = signature.sign(signature.key_of(SECRET), event_id, at, body)

    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    PBX.verify(_request(body, at=at, event_id=event_id)._replace(received_at=float(at)))


def test_a_plain_secret_is_used_as_it_is() -> None:
    """Without `whsec_` the text itself is the key."""
    body = b"{}"
    made = b64encode(hmac.new(b"plain secret", b"msg_1.%d.{}" % NOW, sha256).digest()).decode()

    PBX.verify(_request(body, webhook_signature=f"v1,{made}"))


@pytest.mark.parametrize("secret", ["plain secret", SECRET])
def test_either_of_two_secrets_verifies(secret: str) -> None:
    """While one replaces the other."""
    PBX.verify(_request({}, secret=secret))


def test_several_signatures_may_be_sent() -> None:
    """One that fits is enough; other versions are passed over."""
    request = _request({})
    good = request.headers["webhook-signature"][0]

    PBX.verify(request._replace(headers=request.headers | {"webhook-signature": [f"v1a,xx v1,AAAA {good}"]}))


@pytest.mark.parametrize(
    ("seconds", "accepted"),
    [(-301, False), (-300, True), (0, True), (300, True), (301, False)],
)
def test_a_signature_lasts_five_minutes(seconds: int, accepted: bool) -> None:
    """In both directions, the last second included."""
    request = _request({}, at=NOW + seconds)

    if accepted:
        PBX.verify(request)
    else:
        assert _refusal(request) == (403, "timestamp")


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        pytest.param({"webhook-signature": []}, "signature", id="no signature"),
        pytest.param({"webhook-signature": [""]}, "signature", id="an empty signature"),
        pytest.param({"webhook-signature": ["v1,é"]}, "signature", id="not ASCII"),
        pytest.param({"webhook-signature": ["v2,AAAA"]}, "signature", id="another version"),
        pytest.param({"webhook-id": []}, "signature", id="no id"),
        pytest.param({"webhook-id": [""]}, "signature", id="an empty id"),
        pytest.param({"webhook-id": ["msg_2"]}, "signature", id="another id"),
        pytest.param({"webhook-id": ["msg_1", "msg_1"]}, "signature", id="two ids"),
        pytest.param({"webhook-timestamp": []}, "signature", id="no timestamp"),
        pytest.param({"webhook-timestamp": ["soon"]}, "timestamp", id="a timestamp in words"),
        pytest.param({"webhook-timestamp": [f"+{NOW}"]}, "timestamp", id="a timestamp with a sign"),
        pytest.param({"webhook-timestamp": [str(NOW + 1)]}, "signature", id="another timestamp"),
    ],
)
def test_what_is_not_signed_is_refused(headers: dict[str, list[str]], reason: str) -> None:
    """With 403."""
    request = _request({})

    assert _refusal(request._replace(headers=request.headers | headers)) == (403, reason)


def test_every_byte_of_the_body_counts() -> None:
    """One bit changed anywhere is refused."""
    request = _request({"id": "1", "to": "+1"})

    for place in range(len(request.body)):
        changed = bytearray(request.body)
        changed[place] ^= 1
        assert _refusal(request._replace(body=bytes(changed))) == (403, "signature")


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonx"])
def test_another_content_type_is_refused(kind: str) -> None:
    """With 415, before anything else."""
    assert _refusal(_request({}, content_type=kind)) == (415, "content-type")


@pytest.mark.parametrize("secret", ["whsec_", "whsec_!!!", "whsec_abc"])
def test_a_secret_that_is_no_base64_is_no_secret(secret: str) -> None:
    """It is said when the daemon starts, not with the first call."""
    with pytest.raises(ValueError, match="base64"):
        signature.key_of(secret)


# ---------------------------------------------------------------- JSON


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b'"x"', id="a text"),
        pytest.param(b"{", id="cut off"),
        pytest.param(b'{"a": 1} x', id="something behind"),
        pytest.param(b'{"a": 1, "a": 2}', id="a key twice"),
        pytest.param(b'{"a": {"b": 1, "b": 1}}', id="a key twice, inside"),
        pytest.param(b'{"a": NaN}', id="NaN"),
        pytest.param(b'{"a": -Infinity}', id="infinity"),
        pytest.param(b'{"a": 1e999}', id="a number beyond all"),
        pytest.param(b'{"a": ' + b"9" * 5000 + b"}", id="an integer of 5,000 digits"),
        pytest.param(b'{"a": "\xff"}', id="not UTF-8"),
        pytest.param(b'\xef\xbb\xbf{"a": 1}', id="a byte order mark"),
        pytest.param(b'{"a": "\x01"}', id="a raw control character"),
        pytest.param(b'{"a":' + b"[" * MAX_DEPTH + b"]" * MAX_DEPTH + b"}", id="one level too deep"),
        pytest.param(b"[" * 100_000, id="100,000 levels"),
        pytest.param(b'{"a":[' + b"0," * (MAX_VALUES - 2) + b"0]}", id="one value too many"),
        pytest.param(b'{"a":' * 50_000, id="50,000 objects"),
    ],
)
def test_json_that_is_refused(raw: bytes) -> None:
    """Strictly, with 400, never by an exception of Python's."""
    with pytest.raises(RefusedError) as refused:
        parse_object(raw)

    assert (refused.value.code, refused.value.reason) == (400, "malformed")


@pytest.mark.parametrize(
    "value",
    [
        pytest.param({"a": [1, -2, 1.5, True, None, "x"]}, id="one of each"),
        pytest.param({"a": "[[[[{{{{" * 20}, id="brackets in a text are not depth"),
        pytest.param({"a": '"[\\"{' * 20}, id="nor behind escaped quotes"),
        pytest.param({"a": [[] for _ in range(100)]}, id="wide is not deep"),
        pytest.param({"a": 10**17}, id="18 digits"),
        pytest.param({"a": [0] * (MAX_VALUES - 2)}, id="as many values as there may be"),
        pytest.param({"a": ", [{" * 5000}, id="commas and brackets in a text are no values"),
    ],
)
def test_json_that_is_read(value: dict[str, Any]) -> None:
    """As the standard library reads it."""
    assert parse_object(json.dumps(value).encode()) == value


@pytest.mark.parametrize("end", [b"", b"\\"], ids=["an open text", "an open text and a backslash"])
def test_escaped_quotes_cost_nothing(end: bytes) -> None:
    """The search for texts never looks back; the square of 32,000 quotes would be nine seconds."""
    started = time.process_time()

    with pytest.raises(RefusedError):
        parse_object(b"{" + b"[" * 40 + b'"' + b'\\"' * 32_000 + end)

    assert time.process_time() - started < 0.5


def test_the_last_level_allowed() -> None:
    """32 levels with the object itself."""
    raw = b'{"a":' + b"[" * (MAX_DEPTH - 1) + b"]" * (MAX_DEPTH - 1) + b',"b":[]}'

    assert parse_object(raw)["b"] == []


# ---------------------------------------------------------------- reading

CALL = {"id": "c1", "from": "+12125550177", "to": "+16175550100"}
WHO = {"provider": "pbx", "account": "pbx"}
STEP = StepRef("01J9", 1, 0, "mac")


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        pytest.param("call", CALL, IncomingCall(**WHO, id="c1", to="+16175550100", caller="+12125550177"), id="a call"),
        pytest.param(
            "call",
            CALL | {"from": None, "at": "2026-02-02T22:25:27Z", "caller_name": "Ann", "verified": True, "new": [1],
                    "diversions": [{"from": "+1", "reason": "busy"}, {"from": "+2"}]},
            IncomingCall(**WHO, id="c1", to="+16175550100", caller="", at="2026-02-02T22:25:27Z", caller_name="Ann",
                         verified=True, diversions=(Diversion("+1", "busy"), Diversion("+2"))),
            id="a call with everything",
        ),
        pytest.param(
            "call",
            {"id": "c1", "from": "+" * 300, "to": "1" * 300, "at": "2" * 80, "caller_name": "A" * 300,
             "diversions": [{"from": "3" * 300, "reason": "b" * 80}] * 50},
            IncomingCall(**WHO, id="c1", to="1" * 256, caller="+" * 256, at="2" * 64, caller_name="A" * 256,
                         diversions=(Diversion("3" * 256, "b" * 64),) * 20),
            id="a call with more than is kept",
        ),
        pytest.param(
            "text", CALL | {"text": "long " * 10_000},
            IncomingText(**WHO, id="c1", to="+16175550100", caller="+12125550177", text="long " * 10_000),
            id="a long text is kept whole",
        ),
        pytest.param(
            "text", CALL | {"text": "hi"},
            IncomingText(**WHO, id="c1", to="+16175550100", caller="+12125550177", text="hi"), id="a text",
        ),
        pytest.param(
            "text", {"id": "t", "to": "+1", "text": "", "media": [{"url": "https://a", "type": "image/png"}, {"url": "b"}]},
            IncomingText(**WHO, id="t", to="+1", caller="", text="",
                         media=(Media("https://a", "image/png"), Media("b", "application/octet-stream"))),
            id="pictures",
        ),
        pytest.param(
            "status", {"id": "e", "call": "c1", "status": "completed", "seconds": 42},
            CallEnded(**WHO, id="e:completed", call_id="c1", status="completed", seconds=42), id="a call is over",
        ),
        pytest.param(
            "status", {"id": "e", "message": "m1", "status": "failed", "error": "30003"},
            Receipt(**WHO, id="e:failed", message_id="m1", state="failed", error="30003"), id="a text failed",
        ),
        pytest.param(
            f"next/{TOKEN}", {"id": "e", "result": "no-answer", "seconds": 0},
            Progress(**WHO, id=f"e:{TOKEN}", what="next", ref=STEP, result="no-answer", details={"seconds": "0"}), id="no answer",
        ),
        pytest.param(
            f"next/{TOKEN}", {"id": "e", "result": "answered", "answered_by": "sip:a@b"},
            Progress(**WHO, id=f"e:{TOKEN}", what="next", ref=STEP, result="answered", answered_by="sip:a@b"), id="answered",
        ),
        pytest.param(
            f"message/{TOKEN}", {"id": "e", "recording": "https://r", "seconds": 23},
            Progress(**WHO, id=f"e:{TOKEN}", what="message", ref=STEP, details={"recording": "https://r", "seconds": "23"}),
            id="a message",
        ),
    ],
)  # fmt: skip
def test_bodies(path: str, body: dict[str, Any], expected: Any) -> None:
    """Each to its meaning."""
    request = _request(body, path)

    PBX.verify(request)

    assert PBX.read(request) == [expected]


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        pytest.param("call", {"to": "+1"}, 400, id="no id"),
        pytest.param("call", CALL | {"id": 7}, 400, id="a number as id"),
        pytest.param("call", CALL | {"id": "a|b"}, 400, id="an id that would break a key"),
        pytest.param("call", CALL | {"id": ""}, 400, id="an empty id"),
        pytest.param("call", {"id": "c1"}, 400, id="no number called"),
        pytest.param("call", CALL | {"to": None}, 400, id="null for the number called"),
        pytest.param("call", CALL | {"from": ["+1"]}, 400, id="a list as caller"),
        pytest.param("call", CALL | {"from": "\ud800"}, 400, id="half a character"),
        pytest.param("call", CALL | {"verified": "yes"}, 400, id="a word for yes"),
        pytest.param("call", CALL | {"diversions": ["+1"]}, 400, id="diversions that are no objects"),
        pytest.param("call", CALL | {"diversions": [{"from": "+1"}] * 51}, 400, id="too many diversions"),
        pytest.param("call", CALL | {"diversions": [{}]}, 400, id="a diversion from nowhere"),
        pytest.param("text", CALL, 400, id="a text without text"),
        pytest.param("text", CALL | {"text": "x", "media": {"url": "a"}}, 400, id="media that is no list"),
        pytest.param("status", {"id": "e", "status": "completed"}, 400, id="the status of nothing"),
        pytest.param(
            "status", {"id": "e", "call": "c", "message": "m", "status": "failed"}, 400, id="the status of two things"
        ),
        pytest.param("status", {"id": "e", "call": "c", "status": "delivered"}, 400, id="a call is not delivered"),
        pytest.param(
            "status", {"id": "e", "call": "c", "status": "completed", "seconds": True}, 400, id="true seconds"
        ),
        pytest.param(
            "status", {"id": "e", "call": "c", "status": "completed", "seconds": -1}, 400, id="seconds below zero"
        ),
        pytest.param(
            "status", {"id": "e", "call": "c", "status": "completed", "seconds": 1.5}, 400, id="parts of seconds"
        ),
        pytest.param(f"next/{TOKEN}", {"id": "e"}, 400, id="a step without a result"),
        pytest.param(f"next/{TOKEN}", {"id": "e", "result": "levitated"}, 400, id="a result there is not"),
        pytest.param(f"screen/{TOKEN}", {"id": "e"}, 404, id="a PBX asks for key 1 by itself"),
        pytest.param("voice", {"id": "e"}, 404, id="a webhook there is not"),
    ],
)
def test_bodies_that_are_refused(path: str, body: dict[str, Any], code: int) -> None:
    """With the code that says whose mistake it is."""
    assert _refusal(_request(body, path))[0] == code


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)
_BODIES = st.dictionaries(
    st.sampled_from(
        [
            "id",
            "from",
            "to",
            "text",
            "media",
            "diversions",
            "verified",
            "status",
            "call",
            "message",
            "result",
            "seconds",
        ]
    ),
    _JSON,
)


@settings(max_examples=500, deadline=None)
@given(path=st.sampled_from(["call", "text", "status", f"next/{TOKEN}"]), body=st.binary(max_size=100) | _BODIES)
def test_any_body_is_read_or_refused(path: str, body: Any) -> None:
    """Nothing from outside makes us stumble."""
    request = _request(body, path)
    PBX.verify(request)

    try:
        assert len(PBX.read(request)) == 1
    except RefusedError as error:
        assert error.code == 400  # noqa: PT017


# ---------------------------------------------------------------- writing


def _said(*actions: Any, to: Any = "call", link: Any = lambda what, leg: f"https://h/{what}/{leg}") -> Any:
    response = PBX.write(Answer(to=to, actions=actions, call="01J9", decision="rule", link=link))
    assert (response.code, response.content_type) == (200, "application/json")
    return json.loads(response.body)


RING = RingLegs((Leg(0, "sip:a@b", False), Leg(1, "+1", True)), 20, "+16175550100")


@pytest.mark.parametrize(
    ("actions", "written"),
    [
        pytest.param(
            [RING],
            [{"ring": [{"to": "sip:a@b", "confirm": False}, {"to": "+1", "confirm": True}], "seconds": 20,
              "caller_id": "+16175550100", "next": "https://h/next/0"}],
            id="ring",
        ),
        pytest.param([Speak("Hi", None), Speak("Hallo", "de-DE"), PlayUrl("https://m"), HangUp()],
                     [{"say": "Hi"}, {"say": "Hallo", "language": "de-DE"}, {"play": "https://m"}, {"hangup": True}], id="speak"),
        pytest.param(
            [TakeMessage("main", Speak("Hi", None), 60, False)],
            [{"voicemail": {"box": "main", "greeting": {"say": "Hi"}, "max_seconds": 60, "next": "https://h/message/0"}}],
            id="voicemail",
        ),
        pytest.param(
            [TakeMessage("main", None, 60, True)],
            [{"voicemail": {"box": "main", "greeting": None, "max_seconds": 60, "next": "https://h/message/0", "transcribe": True}}],
            id="voicemail with a transcript",
        ),
        pytest.param([RejectCall("unavailable")], [{"reject": "unavailable"}], id="reject"),
        pytest.param([Speak("No", None), RejectCall("busy")], [{"say": "No"}, {"hangup": True}], id="too late to reject"),
        pytest.param([], [{"reject": "busy"}], id="a call is never answered with silence"),
        pytest.param([AskToAccept("Press 1", None)], [{"reject": "busy"}], id="nothing for a callee's leg"),
    ],
)  # fmt: skip
def test_answers_to_calls(actions: list[Any], written: list[Any]) -> None:
    """The documented shape, nothing else."""
    assert _said(*actions) == {"schema": "answer/1", "call": "01J9", "decision": "rule", "actions": written}


def test_other_answers() -> None:
    """A text has a reply or null, a step may need nothing, a status gets no body."""
    assert _said(ReplyText("Thanks"), to="text") == {"schema": "answer/1", "decision": "rule", "reply": "Thanks"}
    assert _said(to="text")["reply"] is None
    assert _said(to="progress")["actions"] == []
    assert PBX.write(Answer(to="status")).code == 204
    assert _said(RING, link=None)["actions"][0]["next"] == "https://h.example/hooks/pbx/next/-"
    assert PBX.capabilities.content_type == "application/json"
