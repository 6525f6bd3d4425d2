"""Our TwiML is what Twilio's own library would build, reads back under every text, and never leaves a caller in silence."""

from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from adapters.api import (
    Action,
    Answer,
    AskToAccept,
    ConnectLeg,
    DropLeg,
    HangUp,
    Leg,
    PlayUrl,
    RejectCall,
    ReplyText,
    RingLegs,
    Speak,
    TakeMessage,
)
from adapters.twilio import Twilio

TWILIO = Twilio("twilio", "https://h.example/", None, ["12345"], {}, frozenset({"sha1"}))
EVENTS = "initiated ringing answered completed"
DESK = Leg(0, "sip:anna@pbx.example", False)
MOBILE = Leg(1, "+16175550141", True)


def _link(what: str, leg: int) -> str:
    return f"https://h.example/hooks/twilio/{what}/C.0.{leg}.mac"


def _document(*actions: Action, to: Any = "call", link: Any = _link) -> str:
    response = TWILIO.write(Answer(to=to, actions=actions, link=link))
    assert (response.code, response.content_type) == (200, "text/xml; charset=utf-8")
    return response.body.decode()


def _same(ours: str, theirs: Any) -> bool:
    canonical = ElementTree.canonicalize
    return canonical(ours, strip_text=True) == canonical(str(theirs), strip_text=True)


def _dial(**attributes: Any) -> tuple[VoiceResponse, Dial]:
    response = VoiceResponse()
    known = {"action": _link("next", 0), "method": "POST", "timeout": 20, "answer_on_bridge": True}
    return response, response.dial(**(known | attributes))


def test_one_phone_of_our_own_system() -> None:
    """A SIP address needs no screening; the business number is shown."""
    response, dial = _dial(caller_id="+15551230000")
    dial.sip("sip:anna@pbx.example", status_callback=_link("leg", 0), status_callback_event=EVENTS)

    assert _same(_document(RingLegs((DESK,), 20, "+15551230000")), response)


def test_several_phones_at_once_each_screened_where_it_is_outside() -> None:
    """First who accepts wins; without a number of ours the caller's own is shown."""
    response, dial = _dial(timeout=25)
    dial.sip("sip:anna@pbx.example", status_callback=_link("leg", 0), status_callback_event=EVENTS)
    dial.number("+16175550141", url=_link("screen", 1), status_callback=_link("leg", 1), status_callback_event=EVENTS)

    assert _same(_document(RingLegs((DESK, MOBILE), 25, None)), response)


@pytest.mark.parametrize(("asked", "given_"), [(1, "5"), (5, "5"), (600, "600"), (9999, "600")])
def test_ring_times_stay_within_what_twilio_takes(asked: int, given_: str) -> None:
    """Five seconds to ten minutes."""
    assert f'timeout="{given_}"' in _document(RingLegs((DESK,), asked, None))


def test_a_dial_has_ten_phones_at_most() -> None:
    """Twilio refuses a document with more."""
    legs = tuple(Leg(n, f"+1617555{n:04}", False) for n in range(12))

    assert _document(RingLegs(legs, 20, None)).count("<Number") == 10


def test_a_greeting_is_heard_before_ringing_and_nothing_stands_behind_it() -> None:
    """What comes after a Dial could never be reached, since its action replaces the document."""
    response = VoiceResponse()
    response.say("One moment.", language="en-GB")
    response.play("https://h.example/media/x.mp3")
    _, dial = _dial()
    dial.sip("sip:anna@pbx.example", status_callback=_link("leg", 0), status_callback_event=EVENTS)
    response.append(dial)

    ring = RingLegs((DESK,), 20, None)
    ours = _document(Speak("One moment.", "en-GB"), PlayUrl("https://h.example/media/x.mp3"), ring, HangUp())

    assert _same(ours, response)


@pytest.mark.parametrize(
    ("transcribe", "asked", "longest"),
    [
        pytest.param(False, 120, 120, id="two minutes"),
        pytest.param(True, 120, 115, id="short enough to be transcribed"),
        pytest.param(False, 99_999, 3600, id="an hour at most"),
        pytest.param(False, 0, 1, id="a second at least"),
    ],
)
def test_a_message_is_taken(transcribe: bool, asked: int, longest: int) -> None:
    """Greeting, beep, recording, end; every call-back is named, since Twilio's defaults would start over."""
    response = VoiceResponse()
    response.say("Please leave a message.")
    more = {"transcribe": True, "transcribe_callback": _link("transcript", 0)} if transcribe else {}
    response.record(
        action=_link("message", 0), method="POST", max_length=longest, timeout=5, finish_on_key="#", play_beep=True,
        recording_status_callback=_link("recording", 0), recording_status_callback_event="completed absent", **more,
    )  # fmt: skip
    response.hangup()

    assert _same(_document(TakeMessage("main", Speak("Please leave a message.", None), asked, transcribe)), response)


def test_a_greeting_may_be_a_sound_or_nothing() -> None:
    """As the box says."""
    assert "<Play>https://g</Play><Record " in _document(TakeMessage("main", PlayUrl("https://g"), 60, False))
    assert "<Response><Record " in _document(TakeMessage("main", None, 60, False))


def test_a_callee_is_asked_twice_and_let_go_without_a_key() -> None:
    """No key, no customer: a private mailbox never gets one."""
    response = VoiceResponse()
    gather = Gather(action=_link("accept", 1), method="POST", num_digits=1, timeout=6, action_on_empty_result=False)
    gather.say("Press 1.", language="en-US")
    gather.pause(length=1)
    gather.say("Press 1.", language="en-US")
    response.append(gather)
    response.hangup()

    assert _same(_document(AskToAccept("Press 1.", "en-US", 1), to="progress"), response)


@pytest.mark.parametrize(
    ("actions", "to", "inside"),
    [
        pytest.param([RejectCall("busy")], "call", '<Reject reason="busy"/>', id="busy"),
        pytest.param([RejectCall("declined")], "call", '<Reject reason="rejected"/>', id="declined"),
        pytest.param([RejectCall("unavailable")], "call", '<Reject reason="rejected"/>', id="unavailable"),
        pytest.param(
            [Speak("No.", None), RejectCall("busy")], "call", "<Say>No.</Say><Hangup/>", id="too late to reject"
        ),
        pytest.param([HangUp()], "progress", "<Hangup/>", id="hang up"),
        pytest.param([Speak("Bye.", None)], "progress", "<Say>Bye.</Say><Hangup/>", id="an end that was not written"),
        pytest.param([DropLeg()], "progress", "<Hangup/>", id="a leg not accepted"),
        pytest.param([], "call", '<Reject reason="busy"/>', id="a call is never answered with silence"),
        pytest.param([ReplyText("Thanks.")], "text", "<Message>Thanks.</Message>", id="a reply"),
        pytest.param([ReplyText("\x00")], "text", None, id="a reply of nothing"),
        pytest.param([], "text", None, id="no reply"),
        pytest.param([ConnectLeg()], "progress", None, id="accepted: the end of the document joins the two"),
    ],
)
def test_short_documents(actions: list[Action], to: Any, inside: str | None) -> None:
    """How they look."""
    whole = "<Response/>" if inside is None else f"<Response>{inside}</Response>"

    assert _document(*actions, to=to).removeprefix('<?xml version="1.0" encoding="UTF-8"?>') == whole


@pytest.mark.parametrize("to", ["progress", "status"])
def test_what_only_informs_us_is_acknowledged_without_a_document(to: Any) -> None:
    """204, an empty body."""
    response = TWILIO.write(Answer(to=to))

    assert (response.code, response.body) == (204, b"")


def test_a_long_reply_is_several_messages() -> None:
    """Twilio takes 1,600 characters in each."""
    response = MessagingResponse()
    for part in ("a" * 1600, "b" * 1600, "c"):
        response.message(part)

    assert _same(_document(ReplyText("a" * 1600 + "b" * 1600 + "c"), to="text"), response)


def test_without_links_the_answer_comes_back_as_a_lost_call() -> None:
    """The fail-safe document is made when nothing else works, and must work all the same."""
    document = _document(TakeMessage("main", None, 60, False), link=None)

    assert 'action="https://h.example/hooks/twilio/message/-"' in document


def test_a_document_that_would_be_too_large_speaks_less() -> None:
    """Twilio reads 64 kB; the verbs matter more than the words."""
    long = Speak("&" * 10_000, None)

    document = _document(*[long] * 20, TakeMessage("main", long, 60, True))

    assert len(document) <= 64_000
    assert "<Record " in document


_TEXTS = st.text(alphabet=st.characters(exclude_categories=()), max_size=200)
_ACTIONS = st.one_of(
    st.builds(Speak, _TEXTS, st.none() | st.just("en-GB")),
    st.builds(PlayUrl, _TEXTS),
    st.builds(TakeMessage, _TEXTS, st.none() | st.builds(Speak, _TEXTS, st.none()), st.integers(0, 9999), st.booleans()),
    st.builds(RejectCall, st.sampled_from(["busy", "declined", "unavailable"])),
    st.builds(RingLegs, st.lists(st.builds(Leg, st.integers(0, 9), _TEXTS, st.booleans()), min_size=1, max_size=12).map(tuple),
              st.integers(0, 999), st.none() | _TEXTS),
    st.just(HangUp()),
)  # fmt: skip
_HEARD = {"Say", "Play", "Dial", "Record", "Reject", "Hangup"}


@settings(max_examples=500, deadline=None)
@given(actions=st.lists(_ACTIONS, max_size=8), to=st.sampled_from(["call", "progress"]))
def test_every_answer_to_a_caller_is_a_sound_document(actions: list[Action], to: Any) -> None:
    """Well-formed, at most 64 kB, never silent, a rejection first or not at all, and nothing behind an end."""
    response = TWILIO.write(Answer(to=to, actions=tuple(actions), link=_link))
    if response.code == 204:
        assert to == "progress"
        assert not actions
        return

    verbs = list(ElementTree.fromstring(response.body))

    assert len(response.body) <= 64_000
    assert verbs
    assert {verb.tag for verb in verbs} <= _HEARD
    assert verbs[-1].tag in {"Dial", "Reject", "Hangup"}
    assert all(verb.tag in {"Say", "Play", "Record"} for verb in verbs[:-1])
    for verb in verbs:
        assert verb.tag not in {"Dial", "Record"} or verb.get("action")
        assert verb.tag != "Reject" or verbs == [verb]
