"""Notices after a call: whom they reach, once, in which words; nothing private in those of a private box; the text back."""

import json
from typing import Any

import pytest

from router.callover import CERTAIN
from router.notices import LATE, PATIENCE
from router.sending import Webhook
from rules.inquiry import Leave

JANE, VIP = "+12025550199", "+12025550123"
EVENING = 12 * 3600


@pytest.fixture
def reception(receptions: Any) -> Any:
    """Return an office that is called, on a Tuesday at ten."""
    return receptions.Reception()


def said(messages: list[Any]) -> list[tuple[str, str]]:
    """Return to whom, by name, and the words."""
    return [(message.person or message.to, message.body) for message in messages]


def leave_message(reception: Any, seconds: int = 23) -> None:
    """Let nobody of two steps answer, and a message be left."""
    reception.clock.at += 15
    reception.step("next", 0, result="no-answer")
    reception.clock.at += 12
    reception.step("next", 1, result="busy")
    reception.step("message", 2, details={"seconds": str(seconds)})
    reception.hang_up()


def test_a_call_that_nobody_answers_is_told_once(reception: Any) -> None:
    """Who is told of the message is told of it, the others of the missed call: who was rung, how long; the caller gets a text."""
    call = reception.ring()
    leave_message(reception)

    told = reception.messages()
    assert said(told) == [
        (
            "ben",
            "New message from +1202***0199 to main, Tue 24 Nov 10:00, 23 s long.\n"
            "Rung: Anna Lind 15 s, Ben Ortiz 12 s; nobody answered.\n"
            f"The recording is where the call was taken; switchhook audit show {call} tells more.",
        ),
        (
            "chloe",
            "Missed call from +1202***0199 to main, Tue 24 Nov 10:00. Rung: Anna Lind 15 s, Ben Ortiz 12 s; "
            "nobody answered. A message was left.\n\nThis mail cannot be answered.",
        ),
        (JANE, "Sorry we missed you, Acme."),
    ]
    assert [(one.kind, one.channel, one.again) for one in told] == [
        ("notice", "sms", True),
        ("notice", "email", True),
        ("text-back", "sms", False),
    ]
    assert told[1].subject == "Missed call from +1202***0199 to main"
    assert reception.wait(3600) == []


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        pytest.param((), "Rung: Anna Lind 7 s; then the caller hung up.", id="at the first phone"),
        pytest.param(
            (("next", 0, "no-answer"),),
            "Rung: Anna Lind 5 s, Ben Ortiz 7 s; then the caller hung up.",
            id="at the second",
        ),
        pytest.param(
            (("next", 0, "no-answer"), ("next", 1, "no-answer")),
            "Rung: Anna Lind 5 s, Ben Ortiz 5 s; then the caller hung up.",
            id="during the greeting",
        ),
    ],
)
def test_a_caller_who_hangs_up(reception: Any, steps: Any, expected: str) -> None:
    """At any stage it is known who was rung and for how long; it is told once it is certain."""
    reception.ring()
    for what, step, result in steps:
        reception.clock.at += 5
        reception.step(what, step, result=result)
    reception.hang_up(after=7)

    at_once = reception.messages()
    early = reception.wait(CERTAIN - 1)
    told = said(reception.wait(1))

    assert at_once == early == []
    assert [(person, expected in body) for person, body in told] == [("chloe", True), (JANE, False)]


def test_what_rang_stands_in_the_record(reception: Any) -> None:
    """Of each step that was left in vain: who, and how long; not of one that was answered."""
    reception.ring()
    reception.clock.at += 5
    reception.step("next", 0, result="no-answer")
    reception.hang_up(after=7)
    reception.ring()
    reception.clock.at += 30
    reception.step("next", 0, result="answered")

    next_, ended = reception.office.journal.of("next")[0], reception.office.journal.of("ended")[0]
    assert next_.public["rang"] == {"people": ["anna"], "seconds": 5}
    assert ended.public["rang"] == {"people": ["ben"], "seconds": 7}
    assert "rang" not in reception.office.journal.of("next")[1].public


@pytest.mark.parametrize("within", [pytest.param(0, id="at once"), pytest.param(CERTAIN - 1, id="seconds later")])
def test_the_end_is_told_before_the_answer(reception: Any, within: int) -> None:
    """A call somebody took was not missed, whichever report comes first; nobody is told, and the caller gets no text."""
    reception.ring()
    reception.hang_up(after=65)
    reception.wait(within)
    reception.step("next", 0, result="answered", answered_by="anna")

    assert reception.wait(CERTAIN) == []
    assert reception.reasons() == ["answered by anna after all", "answered by anna after all"]


def test_the_end_is_told_before_the_message(reception: Any) -> None:
    """The message is told of all the same, and those who read of it are not told of the missed call besides."""
    reception.ring(to="+16175550101")
    reception.step("next", 0, result="no-answer")
    reception.hang_up(after=30)
    reception.step("message", 1, details={"seconds": "9"})

    told = said(reception.wait(CERTAIN))
    assert [person for person, _ in told] == ["anna", "chloe"]
    assert told[0][1].startswith("New message from +1202***0199 to both, Tue 24 Nov 10:00, 9 s long.")
    assert "Missed call" in told[1][1]
    assert reception.wait(3600) == []


def test_all_are_told_of_the_message(reception: Any, receptions: Any) -> None:
    """Nobody is left to be told of the missed call."""
    reception.config = receptions.COMPANY.replace("notify: [anna, chloe]}\n  clinic", "notify: anna}\n  clinic")
    reception.__attrs_post_init__()
    reception.ring(to=receptions.BOTH)
    reception.step("next", 0, result="no-answer")
    reception.step("message", 1, details={"seconds": "9"})

    assert [person for person, _ in said(reception.messages())] == ["anna"]
    assert "all of them are told of the message" in reception.reasons()


# ---------------------------------------------------------------- to whom


def test_who_is_away_is_covered_for(reception: Any, receptions: Any) -> None:
    """A notice for somebody away goes to whoever covers."""
    now = int(reception.clock.at)
    reception.switch(leaves=(Leave("away:anna:command:o1", "anna", ((now - 60, now + 3600),)),))
    reception.ring(to=receptions.BOTH)
    reception.step("next", 0, result="no-answer")
    reception.hang_up(after=1)

    assert [person for person, _ in said(reception.wait(CERTAIN))] == ["ben", "chloe"]


def test_who_has_left_hands_over(reception: Any, receptions: Any) -> None:
    """A notice for somebody who has left goes to whoever took over."""
    reception.ring(to=receptions.OLD)
    reception.hang_up(after=1)

    assert [person for person, _ in said(reception.wait(CERTAIN))] == ["chloe"]


def test_a_notice_waits_for_somebody_to_be_in(reception: Any) -> None:
    """After hours it waits for the morning, also across a restart, and tells when the call was."""
    reception.clock.at += 7 * 3600 - 60
    reception.ring()
    reception.hang_up(after=45)
    reception.wait(CERTAIN)
    text_back = said(reception.messages())
    reception.restart()
    night = reception.wait(15 * 3600)
    morning = said(reception.wait(3600))

    assert text_back == []
    assert night == []
    assert [(person, "Tue 24 Nov 16:59" in body) for person, body in morning] == [("chloe", True)]


@pytest.mark.parametrize("only", [pytest.param("hours", id="out of hours"), pytest.param("away", id="away")])
def test_a_notice_does_not_wait_for_ever(reception: Any, receptions: Any, only: str) -> None:
    """After three days it goes to those it is meant for, wherever they are."""
    now = int(reception.clock.at)
    week = ((now - 60, now + 7 * 24 * 3600),)
    if only == "away":
        reception.switch(leaves=(Leave("away:chloe:command:o1", "chloe", week),))
    else:
        reception.clock.at = now + (3 * 24 + 8) * 3600  # Friday evening
    reception.ring(to=receptions.OLD)
    reception.hang_up(after=1)
    reception.wait(CERTAIN)
    reception.messages()
    weekend = reception.wait(2 * 24 * 3600)
    if only == "hours":
        reception.switch(leaves=(Leave("away:chloe:command:o1", "chloe", ((now, now + 14 * 86400),)),))
    late = said(reception.wait(LATE))

    assert weekend == []
    assert [person for person, _ in late] == ["chloe"]


# ---------------------------------------------------------------- messages, their recordings and transcripts


def test_a_notice_waits_for_recording_and_transcript(reception: Any, receptions: Any) -> None:
    """With both it goes out at once, and says what was said and how it is heard."""
    reception.fetches = True
    call = reception.ring(to=receptions.BOTH)
    reception.step("next", 0, result="no-answer")
    reception.step("message", 1, details={"seconds": "9"})
    others = [person for person, _ in said(reception.messages())]
    reception.kept.add(call)
    recorded = reception.wait(5)
    reception.step("transcript", 1, state="completed", details={"text": " Hello\u202e,\nplease call  back. "})
    reception.restart()
    (notice,) = reception.wait(5)

    assert others == ["chloe"]
    assert recorded == []
    assert notice.body.splitlines() == [
        "New message from +1202***0199 to both, Tue 24 Nov 10:00, 9 s long.",
        "Rung: Ben Ortiz 0 s; nobody answered.",
        "Transcript (by a machine): Hello?, please call back.",
        f"To hear it: switchhook recording {call}",
    ]


def test_a_notice_does_not_wait_for_a_transcript_for_ever(reception: Any, receptions: Any) -> None:
    """Without one it goes out after two minutes; one that nobody could make is not waited for."""
    reception.fetches = True
    for number in range(2):
        reception.kept.add(reception.ring(caller=f"+1202555018{number}", to=receptions.BOTH))
        reception.step("next", 0, result="no-answer")
        if number:
            reception.step("transcript", 1, state="failed", details={})
        reception.step("message", 1, details={"seconds": "9"})
    failed = [body for person, body in said(reception.messages()) if person == "anna"]
    early = reception.wait(PATIENCE - 1)
    late = said(reception.wait(1))

    assert [("0181" in body, "Transcript" in body) for body in failed] == [(True, False)]
    assert early == []
    assert [("0180" in body, "Transcript" in body) for _, body in late] == [(True, False)]


def test_a_message_without_a_ring(reception: Any) -> None:
    """At night there is nobody to be told of a missed call, only of the message; how long it is may be unknown."""
    reception.clock.at += EVENING
    reception.ring(caller=VIP)
    reception.step("message", 0)

    ((person, body),) = said(reception.messages())
    assert person == "ben"
    assert body.splitlines()[0] == "New message from +1202***0123 (vip) to main, Tue 24 Nov 22:00."
    assert "Rung" not in body


def test_a_message_for_somebody_who_is_out(reception: Any, receptions: Any) -> None:
    """The notice waits for the morning."""
    reception.config = receptions.COMPANY.replace("notify: anna, max: 1m, transcribe: yes", "notify: chloe, max: 1m")
    reception.__attrs_post_init__()
    reception.clock.at += EVENING
    reception.ring(to=receptions.BOTH)
    reception.step("next", 0, result="no-answer")
    reception.step("message", 1)
    night = [person for person, _ in said(reception.messages())]

    assert night == ["anna"]
    assert ["New message" in body for _, body in said(reception.wait(12 * 3600))] == [True]


# ---------------------------------------------------------------- private boxes

SECRETS = ("2025550187", "0187", "1202", "Jane", "Doe", "biopsy", "Ben", "Rung", "clinic@")


@pytest.mark.parametrize("message", [pytest.param(True, id="a message"), pytest.param(False, id="a missed call")])
def test_nothing_private_in_the_notices_of_a_private_box(reception: Any, receptions: Any, message: bool) -> None:
    """No number, no name, nothing of what was said, whichever way the notice goes and whoever it is for."""
    reception.fetches = True
    reception.ring(caller="+12025550187", to=receptions.CLINIC)
    reception.step("next", 0, result="no-answer")
    if message:
        reception.step("transcript", 1, state="completed", details={"text": "Jane Doe, about the biopsy"})
        reception.step("message", 1, details={"seconds": "41"})
    reception.hang_up(after=1)
    told = reception.messages() + reception.wait(CERTAIN) + reception.wait(PATIENCE)

    words = "A new message is waiting in clinic." if message else "A call to clinic was missed."
    by_person = {one.person: f"{one.subject or ''} {one.body}" for one in told}
    assert set(by_person) == ({"anna", "chloe", "ben"} if message else {"chloe", "anna"} | {"ben"})
    assert all(words in by_person[person] for person in ("anna", "chloe"))
    seen = "\n".join((*by_person.values(), *(one.lane for one in told)))
    assert [secret for secret in SECRETS if secret in seen] == []
    assert all(len(one.media) == 0 for one in told)


def test_a_box_that_is_gone_counts_as_private(reception: Any, receptions: Any) -> None:
    """When newer rules do not know it any more nobody can say that it was not."""
    reception.ring(to=receptions.OLD)
    reception.hang_up(after=1)
    config = receptions.COMPANY.replace("main: {greeting", "other: {greeting").replace(
        "voicemail: main", "voicemail: other"
    )
    from engine_fakes import office

    from rules.deciding import Timetable, window_around

    reception.rules.now = Timetable(office(config).book, window_around(int(reception.clock.at)))
    ((_, body),) = said(reception.wait(CERTAIN))

    assert body.startswith("A call to old was missed.")


def test_a_call_nobody_remembers(reception: Any) -> None:
    """Then it is told as its record tells it: the longest the phones may have rung."""
    reception.ring()
    reception.hang_up(after=3)
    reception.office.index.seq = 0
    reception.office.shared.calls._over.clear()

    told = dict(said(reception.wait(CERTAIN)))
    assert "Rung: Anna Lind 15 s; then the caller hung up." in told["chloe"]


# ---------------------------------------------------------------- web hooks


def with_hooks(receptions: Any, *events: str) -> Any:
    """Return an office with a web hook for *events*, and one that wants something else."""
    hooks = {
        "crm": Webhook("crm", "https://crm.example/", (b"k",), frozenset(events)),
        "chat": Webhook("chat", "https://chat.example/", (b"k",), frozenset({"override"})),
    }
    return receptions.Reception(webhooks=hooks)


def events(messages: list[Any]) -> list[tuple[str, str, Any]]:
    """Return through which web hook which event is told, and what of it."""
    return [(one.via, one.subject, json.loads(one.body)) for one in messages if one.channel == "webhook"]


def test_machines_are_told(receptions: Any) -> None:
    """Of a missed call and of a message, each by itself, with the number in full: they are the business's own."""
    reception = with_hooks(receptions, "missed", "voicemail")
    call = reception.ring()
    leave_message(reception)

    told = {
        "call": call,
        "number": "main",
        "at": "2026-11-24T15:00:00Z",
        "from": JANE,
        "rung": [{"person": "anna", "seconds": 15}, {"person": "ben", "seconds": 12}],
        "hung_up": False,
        "message": {"box": "main", "seconds": 23},
    }
    assert events(reception.messages()) == [("crm", "missed", told), ("crm", "voicemail", told)]


def test_machines_do_not_wait_for_anybody(receptions: Any) -> None:
    """At night a message is told to a machine at once; only what some web hook wants is put on its way."""
    reception = with_hooks(receptions, "voicemail")
    reception.clock.at += EVENING
    reception.ring(to=receptions.BOTH)
    reception.step("next", 0, result="no-answer")
    reception.step("message", 1)

    assert [(via, event) for via, event, _ in events(reception.messages())] == [("crm", "voicemail")]


@pytest.mark.parametrize(
    ("answered", "expected"),
    [pytest.param(True, [], id="answered after all"), pytest.param(False, ["missed"], id="missed")],
)
def test_machines_are_told_when_it_is_certain(receptions: Any, answered: bool, expected: list[str]) -> None:
    """As people are."""
    reception = with_hooks(receptions, "missed")
    reception.ring()
    reception.hang_up(after=5)
    at_once = events(reception.messages())
    if answered:
        reception.step("next", 0, result="answered", answered_by="anna")

    later = events(reception.wait(CERTAIN))
    assert at_once == []
    assert [event for _, event, _ in later] == expected
    assert all(told["hung_up"] and told["message"] is None for _, _, told in later)


def test_machines_are_told_nothing_private(receptions: Any) -> None:
    """Of a private box: that there is a message, no more."""
    reception = with_hooks(receptions, "missed", "voicemail")
    call = reception.ring(caller="+12025550187", to=receptions.CLINIC)
    reception.step("next", 0, result="no-answer")
    reception.step("message", 1, details={"seconds": "41"})

    told = {"call": call, "number": "clinic", "at": "2026-11-24T15:00:00Z", "message": {"box": "clinic"}}
    assert events(reception.messages()) == [("crm", "missed", told), ("crm", "voicemail", told)]


def test_a_web_hook_that_is_gone(receptions: Any) -> None:
    """Then there is nobody to be told any more."""
    reception = with_hooks(receptions, "missed")
    reception.ring()
    reception.hang_up(after=5)
    reception.webhooks.clear()
    reception.wait(CERTAIN)

    assert "no web hook wants to hear of it any more" in reception.reasons()
