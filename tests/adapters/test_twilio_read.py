"""What Twilio's requests mean: tables of fields as Twilio documents them, and what we make of each."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.api import RawRequest, RefusedError
from adapters.form import read_form
from adapters.twilio import Twilio
from adapters.twilio.progress import dialled
from adapters.twilio.read import attested, diversions
from rules.event import CallEnded, Diversion, IncomingCall, IncomingText, Media, Progress, Receipt, StepRef

ACCOUNT = "AC" + "0" * 32
CALL = {"AccountSid": ACCOUNT, "CallSid": "CA1", "From": "+15557654321", "To": "+15551230000", "CallStatus": "ringing"}
TEXT = {"AccountSid": ACCOUNT, "MessageSid": "SM1", "From": "+15557654321", "To": "+15551230000", "Body": "hi"}
TOKEN = "01J9Z3T0M6Q8R5K2.1.2.MQXqxwB9McZrrafsdRmp6g"
STEP = StepRef("01J9Z3T0M6Q8R5K2", 1, 2, "MQXqxwB9McZrrafsdRmp6g")
CHILD = {"AccountSid": ACCOUNT, "CallSid": "CA2", "ParentCallSid": "CA1"}

TWILIO = Twilio("twilio", "https://h.example", ACCOUNT, ["12345"], {}, frozenset({"sha1"}))


def _read(request_for: Any, path: str, fields: dict[str, str], *, method: str = "POST") -> list[Any]:
    url = f"https://h.example/hooks/twilio/{path}"
    if method == "GET":
        from urllib.parse import urlencode

        url += "?" + urlencode(fields)
    return TWILIO.read(request_for(url, list(fields.items()), method=method))


def _call(**fields: Any) -> IncomingCall:
    known = {"provider": "twilio", "account": ACCOUNT, "id": "CA1", "to": "+15551230000", "caller": "+15557654321"}
    return IncomingCall(**(known | fields))


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        pytest.param({}, {}, id="a plain call"),
        pytest.param({"SomethingNew": "1"}, {}, id="unknown fields are passed over"),
        pytest.param({"From": ""}, {"caller": ""}, id="an empty caller stays empty"),
        pytest.param(
            {"From": "+266696687"}, {"caller": "+266696687"}, id="the stand-in for anonymous stays as it came"
        ),
        pytest.param({"From": "sip:ann@pbx.example"}, {"caller": "sip:ann@pbx.example"}, id="a SIP caller"),
        pytest.param({"To": "", "Called": "+1555"}, {"to": "+1555"}, id="Called when To is blank"),
        pytest.param({"CallerName": "ANN L"}, {"caller_name": "ANN L"}, id="a caller's name"),
        pytest.param({"CallerName": ""}, {}, id="a blank name is none"),
        pytest.param({"StirVerstat": "TN-Validation-Passed-A"}, {"verified": True}, id="attested"),
        pytest.param({"ForwardedFrom": "+16175550100"}, {"diversions": (Diversion("+16175550100"),)}, id="forwarded"),
        pytest.param(
            {"From": "9" * 60_000, "To": "8" * 60_000, "CallerName": "A" * 60_000},
            {"caller": "9" * 256, "to": "8" * 256, "caller_name": "A" * 256},
            id="of what no carrier sends the beginning is kept",
        ),
    ],
)
def test_incoming_calls(more: dict[str, str], expected: dict[str, Any], request_for: Any) -> None:
    """Each field to its place."""
    assert _read(request_for, "call", CALL | more) == [_call(**expected)]


def test_a_call_by_get_is_read_from_its_query(request_for: Any) -> None:
    """As verified from there."""
    assert _read(request_for, "call", CALL, method="GET") == [_call()]


@pytest.mark.parametrize(
    ("verstat", "verified"),
    [
        ("TN-Validation-Passed-A", True),
        ("TN-Validation-Passed-A-Diverted", True),
        ("TN-Validation-Passed-A-Passthrough", True),
        ("TN-Validation-Passed-B", False),
        ("TN-Validation-Passed-C-Diverted", False),
        ("TN-Validation-Failed-A", False),
        ("TN-Validation-Failed", False),
        ("TN-Validation-Passed", None),
        ("No-TN-Validation", None),
        ("NULL", None),
        ("", None),
        ("tn-validation-passed-a", None),
        ("TN-Validation-Passed-A-Imagined", None),
    ],
)
def test_attestation(verstat: str, verified: bool | None) -> None:
    """Only full attestation verifies a caller; silence is not failure."""
    assert attested(verstat) is verified


@pytest.mark.parametrize(
    ("header", "carrier", "hops"),
    [
        pytest.param("", "", [], id="nobody"),
        pytest.param(
            "<sip:+16175550100@h>;reason=unconditional", "", [("+16175550100", "unconditional")], id="one hop"
        ),
        pytest.param(
            '"A" <sip:+1@h;user=phone>;counter=1;reason="no-answer", <tel:+2>',
            "",
            [("+1", "no-answer"), ("+2", None)],
            id="two",
        ),
        pytest.param("<sip:+1@h>", "+1", [("+1", None)], id="header and carrier agree"),
        pytest.param("<sip:+1@h>", "+2", [("+1", None), ("+2", None)], id="header and carrier differ"),
        pytest.param("nonsense <<>>", "", [], id="nonsense"),
        pytest.param("<sip:+1@h>," * 21, "+2", [("+1", None)] * 20, id="twenty are kept, more than any rule asks for"),
        pytest.param("<sip:+1@h>," + "<" * 60_000, "+2" * 200, [("+1", None), ("+2" * 128, None)], id="absurdly long"),
    ],
)
def test_diversions(header: str, carrier: str, hops: list[tuple[str, str | None]]) -> None:
    """From the SIP header, and from the carrier unless it says the same."""
    assert diversions(header, carrier) == tuple(Diversion(*hop) for hop in hops)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        pytest.param({}, {}, id="a text"),
        pytest.param({"MessageSid": "", "SmsSid": "SM1"}, {}, id="the older name of the id"),
        pytest.param({"Body": ""}, {"text": ""}, id="a text without words"),
        pytest.param({"Body": "Grüße ✓  \n zwei"}, {"text": "Grüße ✓  \n zwei"}, id="any Unicode, exactly"),
        pytest.param(
            {"From": "whatsapp:+15557654321", "To": "whatsapp:+15551230000"},
            {"caller": "whatsapp:+15557654321"},
            id="WhatsApp: our number bare, the sender as written",
        ),
        pytest.param({"OptOutType": "STOP"}, {"opt_out": "stop"}, id="Twilio has answered STOP"),
        pytest.param({"OptOutType": "NEW"}, {}, id="an opt-out of the future"),
        pytest.param(
            {"NumMedia": "2", "MediaUrl0": "https://a", "MediaContentType0": "image/png", "MediaUrl1": "https://b"},
            {"media": (Media("https://a", "image/png"), Media("https://b", "application/octet-stream"))},
            id="two pictures",
        ),
    ],
)
def test_incoming_texts(more: dict[str, str], expected: dict[str, Any], request_for: Any) -> None:
    """Each field to its place."""
    known = {
        "provider": "twilio",
        "account": ACCOUNT,
        "id": "SM1",
        "to": "+15551230000",
        "caller": "+15557654321",
        "text": "hi",
    }

    assert _read(request_for, "text", TEXT | more) == [IncomingText(**(known | expected))]


def test_no_more_media_than_twilio_has(request_for: Any) -> None:
    """Ten."""
    fields = TEXT | {f"MediaUrl{n}": "https://a" for n in range(12)}

    assert len(_read(request_for, "text", fields)[0].media) == 10


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({"MessageStatus": "delivered"}, ("SM1:delivered", "delivered", None), id="delivered"),
        pytest.param({"MessageStatus": "read"}, ("SM1:read", "delivered", None), id="read"),
        pytest.param(
            {"MessageStatus": "undelivered", "ErrorCode": "30003"}, ("SM1:undelivered", "failed", "30003"), id="failed"
        ),
        pytest.param({"MessageStatus": "", "SmsStatus": "sent"}, ("SM1:sent", "sent", None), id="the older name"),
        pytest.param({"MessageStatus": "teleported"}, ("SM1:teleported", "queued", None), id="a status of the future"),
        pytest.param({"MessageStatus": "no | word"}, ("SM1:unknown", "queued", None), id="a status that is no word"),
    ],
)
def test_receipts(fields: dict[str, str], expected: tuple[str, str, str | None], request_for: Any) -> None:
    """Every status is an event of its own."""
    (receipt,) = _read(request_for, "status", {"AccountSid": ACCOUNT, "MessageSid": "SM1"} | fields)

    assert isinstance(receipt, Receipt)
    assert (receipt.id, receipt.state, receipt.error) == expected
    assert receipt.message_id == "SM1"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({"CallStatus": "completed", "CallDuration": "42"}, [("CA1:completed", 42)], id="over"),
        pytest.param({"CallStatus": "no-answer"}, [("CA1:no-answer", None)], id="over before it began"),
        pytest.param({"CallStatus": "completed", "CallDuration": "x"}, [("CA1:completed", None)], id="no duration"),
        pytest.param({"CallStatus": "in-progress"}, [], id="still going on"),
        pytest.param({"CallStatus": "levitating"}, [], id="a status of the future"),
    ],
)
def test_the_end_of_a_call(fields: dict[str, str], expected: list[tuple[str, int | None]], request_for: Any) -> None:
    """Only a status that ends a call says so."""
    ended = _read(request_for, "status", {"AccountSid": ACCOUNT, "CallSid": "CA1"} | fields)

    assert [(one.id, one.seconds) for one in ended] == expected
    assert all(isinstance(one, CallEnded) and one.call_id == "CA1" for one in ended)


@pytest.mark.parametrize(
    ("status", "bridged", "caller_gone", "result"),
    [
        ("completed", "true", False, "answered"),
        ("answered", "true", False, "answered"),
        ("completed", "true", True, "answered"),
        ("completed", "", False, "answered"),
        ("completed", "false", False, "rejected"),
        ("completed", "false", True, "hung-up"),
        ("busy", "", False, "busy"),
        ("no-answer", "false", False, "no-answer"),
        ("no-answer", "false", True, "hung-up"),
        ("failed", "", False, "failed"),
        ("canceled", "", False, "hung-up"),
        ("vaporised", "", False, "failed"),
        ("", "", False, "failed"),
        ("", "", True, "hung-up"),
    ],
)
def test_how_a_dial_ended(status: str, bridged: str, caller_gone: bool, result: str) -> None:
    """Picked up is not answered: what counts is whether the two were joined."""
    assert dialled(status=status, bridged=bridged, caller_gone=caller_gone) == result


@pytest.mark.parametrize(
    ("what", "fields", "expected"),
    [
        pytest.param(
            "next",
            CALL
            | {
                "CallStatus": "in-progress",
                "DialCallStatus": "completed",
                "DialBridged": "false",
                "DialCallSid": "CA2",
            },
            {"result": "rejected", "details": {"status": "completed", "bridged": "false", "leg": "CA2"}},
            id="a refused screening",
        ),
        pytest.param(
            "next",
            CALL | {"CallStatus": "completed", "DialCallStatus": "no-answer", "DialCallDuration": "0"},
            {"result": "hung-up", "details": {"status": "no-answer", "seconds": "0"}},
            id="the caller gave up",
        ),
        pytest.param("screen", CHILD, {"details": {"leg": "CA2", "parent": "CA1"}}, id="a callee picked up"),
        pytest.param(
            "screen",
            CHILD | {"AnsweredBy": "machine_start"},
            {"result": "machine", "details": {"leg": "CA2", "parent": "CA1", "answered_by": "machine_start"}},
            id="a machine picked up",
        ),
        pytest.param(
            "accept", CHILD | {"Digits": "1"}, {"digits": "1", "details": {"leg": "CA2", "parent": "CA1"}}, id="press 1"
        ),
        pytest.param("accept", CHILD, {"digits": "", "details": {"leg": "CA2", "parent": "CA1"}}, id="no key"),
        pytest.param(
            "message",
            CALL | {"RecordingUrl": "https://r", "RecordingDuration": "23", "Digits": "hangup"},
            {"digits": "hangup", "details": {"recording": "https://r", "seconds": "23"}},
            id="a message was left",
        ),
    ],
)
def test_progress_of_a_step(what: str, fields: dict[str, str], expected: dict[str, Any], request_for: Any) -> None:
    """One event per token and call; step and leg come from the path; what is told about the caller's leg names the caller."""
    if what in ("next", "message"):
        expected = expected | {"call_id": fields["CallSid"], "caller": fields["From"], "to": fields["To"]}

    (found,) = _read(request_for, f"{what}/{TOKEN}", fields)

    assert found == Progress(
        provider="twilio",
        account=ACCOUNT,
        id=f"{fields['CallSid']}:{TOKEN}",
        what=what,
        ref=STEP,
        **expected,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("fields", "state", "result", "place"),
    [
        pytest.param({"CallStatus": "initiated", "SequenceNumber": "0"}, "initiated", None, "0", id="being dialled"),
        pytest.param({"CallStatus": "ringing", "SequenceNumber": "1"}, "ringing", None, "1", id="ringing"),
        pytest.param({"CallStatus": "in-progress", "SequenceNumber": "2"}, "answered", None, "2", id="picked up"),
        pytest.param({"CallStatus": "completed", "SequenceNumber": "3"}, "ended", "answered", "3", id="over"),
        pytest.param({"CallStatus": "busy"}, "ended", "busy", "busy", id="busy, without a number"),
        pytest.param({"CallStatus": "canceled"}, "ended", "no-answer", "canceled", id="another leg was faster"),
        pytest.param(
            {"CallStatus": "completed", "AnsweredBy": "machine_end_beep"},
            "ended",
            "machine",
            "completed",
            id="a machine",
        ),
        pytest.param({"CallStatus": "sublimated"}, "ended", "failed", "sublimated", id="a status of the future"),
        pytest.param({}, "ended", "failed", "unknown", id="no status at all"),
    ],
)
def test_progress_of_a_leg(
    fields: dict[str, str], state: str, result: str | None, place: str, request_for: Any
) -> None:
    """A leg passes through states, each an event of its own."""
    (found,) = _read(request_for, f"leg/{TOKEN}", CHILD | fields)

    assert (found.state, found.result, found.id) == (state, result, f"CA2:{TOKEN}:{place}")


@pytest.mark.parametrize(
    ("what", "fields", "state", "event_id"),
    [
        pytest.param(
            "recording",
            {"RecordingSid": "RE1", "RecordingStatus": "completed"},
            "completed",
            "RE1:completed",
            id="ready",
        ),
        pytest.param("recording", {"RecordingStatus": "absent"}, "absent", f"CA1:{TOKEN}", id="nothing was said"),
        pytest.param("recording", {}, None, f"CA1:{TOKEN}", id="no status"),
        pytest.param(
            "transcript",
            {"TranscriptionSid": "TR1", "TranscriptionStatus": "failed"},
            "failed",
            "TR1:failed",
            id="not understood",
        ),
        pytest.param("transcript", {"TranscriptionText": "hello"}, None, f"CA1:{TOKEN}", id="only a text"),
    ],
)
def test_what_comes_after_a_message(
    what: str, fields: dict[str, str], state: str | None, event_id: str, request_for: Any
) -> None:
    """The recording and its transcript come when they are ready."""
    (found,) = _read(request_for, f"{what}/{TOKEN}", CALL | fields)

    assert (found.what, found.state, found.id) == (what, state, event_id)
    assert set(found.details) <= {"recording", "recording_id", "status", "seconds", "text"}


@pytest.mark.parametrize("token", ["-", "a.b.c.d", "C.1.2", "C.1.2.m.x", "C.99999.0.m", "☎.1.1.m", "x" * 500])
def test_a_token_that_is_none_still_reaches_the_engine(token: str, request_for: Any) -> None:
    """As one that no key can have signed: a caller is on the line and must not hear an error."""
    request = request_for(f"https://h.example/hooks/twilio/next/{token}", list(CALL.items()))

    (found,) = TWILIO.read(request)

    assert isinstance(found, Progress)
    if token != "☎.1.1.m":
        assert found.ref == StepRef(token[:64], 0, 0, "")


@pytest.mark.parametrize(
    ("path", "fields", "code"),
    [
        pytest.param("call", CALL | {"AccountSid": "AC9"}, 403, id="another account"),
        pytest.param("call", CALL | {"AccountSid": ""}, 400, id="no account"),
        pytest.param("call", CALL | {"CallSid": ""}, 400, id="a call without an id"),
        pytest.param("call", CALL | {"CallSid": "a|b"}, 400, id="an id that would break a key"),
        pytest.param("call", CALL | {"CallSid": "x" * 200}, 400, id="an endless id"),
        pytest.param("call", CALL | {"To": ""}, 400, id="a call to nobody"),
        pytest.param("text", CALL, 400, id="a text without an id"),
        pytest.param("text", TEXT | {"To": ""}, 400, id="a text to nobody"),
        pytest.param("status", {"AccountSid": ACCOUNT}, 400, id="the status of nothing"),
        pytest.param("status", {"AccountSid": ACCOUNT, "MessageSid": "SM1"}, 400, id="a message without a status"),
        pytest.param(f"next/{TOKEN}", {"AccountSid": ACCOUNT}, 400, id="a step of no call"),
        pytest.param(f"never/{TOKEN}", CALL, 404, id="a call-back we never ask for"),
        pytest.param("voice", CALL, 404, id="a webhook there is not"),
    ],
)
def test_what_is_not_twilios_is_refused(path: str, fields: dict[str, str], code: int, request_for: Any) -> None:
    """With a code, never an exception of another kind."""
    with pytest.raises(RefusedError) as refused:
        _read(request_for, path, fields)

    assert refused.value.code == code


def test_without_a_configured_account_any_is_taken_from_the_request(request_for: Any) -> None:
    """The signature vouches for it."""
    twilio = Twilio("twilio", "https://h.example", None, ["12345"], {}, frozenset({"sha1"}))

    (found,) = twilio.read(
        request_for("https://h.example/hooks/twilio/call", list((CALL | {"AccountSid": "AC9"}).items()))
    )

    assert found.account == "AC9"


_KEYS = st.sampled_from(
    ["AccountSid", "CallSid", "MessageSid", "To", "From", "CallStatus", "DialCallStatus", "StirVerstat", "NumMedia", "Digits",
     "MediaUrl0", "SequenceNumber", "RecordingSid", "SipHeader_Diversion", "MessageStatus", "CallDuration", "AnsweredBy"]
)  # fmt: skip
_PATHS = st.sampled_from(
    ["call", "text", "status", *(f"{what}/{TOKEN}" for what in ("next", "leg", "recording", "transcript"))]
)


@settings(max_examples=1000, deadline=None)
@given(path=_PATHS, body=st.one_of(st.binary(max_size=200), st.dictionaries(_KEYS, st.text(max_size=30))))
def test_any_body_is_read_or_refused(path: str, body: bytes | dict[str, str]) -> None:
    """Nothing from outside makes us stumble."""
    from urllib.parse import urlencode

    raw = (
        body
        if isinstance(body, bytes)
        else urlencode({"AccountSid": ACCOUNT, "CallSid": "CA1", **body}, errors="ignore").encode()
    )
    request = RawRequest("POST", "/hooks/twilio/x", tuple(path.split("/")), {}, raw, 0.0)

    try:
        happenings = TWILIO.read(request)
    except RefusedError as error:
        assert error.code in (400, 403)  # noqa: PT017
    else:
        assert len(happenings) <= 1
        assert read_form(raw).first["AccountSid"]
