"""A call followed to its end: steps, legs, messages, lost calls; and texts with what they set going."""

from typing import Any

import attrs
import pytest

from rules.event import Diversion


@pytest.fixture
def office(engines: Any) -> Any:
    """Return an engine in its office."""
    return engines.Office()


def test_nobody_answers(office: Any, engines: Any) -> None:
    """One after the other is rung, then a message is taken, then it is over; notices and a text back stand in the record."""
    office.answer(engines.call())

    second = office.said(office.progress("next", 0, result="no-answer"))
    message = office.said(office.progress("next", 1, result="busy"))
    goodbye = office.said(office.progress("message", 2, details={"seconds": "12"}))
    office.answer(engines.ended())

    assert "+16175550142" in second[0]
    assert "TakeMessage" in message[0]
    assert goodbye == ["HangUp()"]
    steps = [(record.kind, record.public["outcome"]) for record in office.journal.records[1:]]
    assert steps == [
        ("next", "no answer"),
        ("next", "busy"),
        ("message", "message left, 12 s"),
        ("ended", "message left, 12 s"),
    ]
    effects = office.journal.of("message")[0].private["outbox"]
    assert [(one["kind"], one["target"]) for one in effects] == [
        ("message", "ben"),
        ("missed", "front"),
        ("text-back", None),
    ]
    assert [one["key"].rpartition(".")[2] for one in effects] == ["message", "missed", "text-back"]
    assert len(office.shared.calls) == 0


def test_somebody_answers(office: Any, engines: Any) -> None:
    """The conversation over, the call is; who answered is told."""
    office.answer(engines.call())

    actions = office.said(office.progress("next", 0, result="answered", answered_by="anna"))

    assert actions == ["HangUp()"]
    assert office.journal.of("next")[0].public["person"] == "anna"
    assert office.journal.of("next")[0].public["outcome"] == "answered by anna"


def test_press_1(office: Any, engines: Any) -> None:
    """A callee with a phone of their own is asked; without the 1 the next step comes."""
    office.answer(engines.call())
    office.answer(office.progress("next", 0, result="no-answer"))

    asked = office.said(office.progress("screen", 1))
    refused = office.said(office.progress("accept", 1, digits="2"))
    after = office.said(office.progress("next", 1, result="rejected"))

    assert "Acme" in asked[0]
    assert refused == ["DropLeg()"]
    assert "TakeMessage" in after[0]
    assert [record.public.get("person") for record in office.journal.records[2:4]] == ["ben", "ben"]


def test_pressed_1(office: Any, engines: Any) -> None:
    """The two are joined."""
    office.answer(engines.call())
    office.answer(office.progress("next", 0, result="no-answer"))
    office.answer(office.progress("screen", 1))

    assert office.said(office.progress("accept", 1, digits="1")) == ["ConnectLeg()"]
    assert office.journal.of("accept")[0].private["digits"] == "1"


def test_a_step_reported_twice_under_another_name(office: Any, engines: Any) -> None:
    """A step ends once: whatever the second report is called, it gets the first one's bytes; nobody is rung twice."""
    office.answer(engines.call())
    first = office.answer(office.progress("next", 0, result="no-answer", id="n1"))
    office.answer(office.progress("next", 1, result="no-answer", id="n2"))

    assert office.answer(office.progress("next", 0, result="busy", id="n3")) == first


@pytest.mark.parametrize("indexed", [pytest.param(0, id="from the journal"), pytest.param(None, id="from the index")])
def test_a_live_call_survives_a_restart(office: Any, engines: Any, indexed: int | None) -> None:
    """It goes on with the plan it was given, and steps of before get their bytes."""
    office.answer(engines.call())
    first = office.answer(office.progress("next", 0, result="no-answer", id="n1"))
    office.index.seq = indexed
    office.start()

    again = office.answer(office.progress("next", 0, result="no-answer", id="other"))
    message = office.said(office.progress("next", 1, result="no-answer"))

    assert again == first
    assert "TakeMessage" in message[0]


def test_a_step_repeated_whose_bytes_are_lost(office: Any, engines: Any) -> None:
    """It is told what the call is at."""
    office.answer(engines.call())
    office.answer(office.progress("next", 0, result="no-answer", id="n1"))
    next(office.shared.calls.live()).answers.clear()

    again = office.said(office.progress("next", 0, result="no-answer", id="n2"))

    assert "+16175550142" in again[0]


def test_a_forged_token_leads_to_a_message(office: Any, engines: Any) -> None:
    """Under a valid signature of the provider somebody waits; who is rung cannot be chosen by it."""
    office.answer(engines.call())
    forged = office.token("next", 0)._replace(mac="A" * 22)

    actions = office.said(office.progress("next", 0, ref=forged, result="no-answer"))

    assert "TakeMessage" in actions[0]
    assert office.journal.of("next")[0].public["id"] is None
    assert office.count("failsafe_answers_total", reason="bad-token") == 1


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        pytest.param("message", ["HangUp()"], id="after the message of a fail-safe document"),
        pytest.param("screen", ["DropLeg()"], id="a callee"),
        pytest.param("recording", [], id="a recording"),
    ],
)
def test_a_link_that_belongs_to_no_step(office: Any, engines: Any, what: str, expected: list[str]) -> None:
    """What comes back over the links of a fail-safe document is noted, and never goes round in circles."""
    ref = engines.StepRef("-", 0, 0, "")

    assert office.said(office.progress(what, 0, ref=ref)) == expected
    assert len(office.journal.of(what)) == 1


def test_a_lost_call_is_decided_again_and_not_rung_again(office: Any, engines: Any) -> None:
    """With nothing left of it, the rules of the moment it came in are asked again, and the next step follows."""
    reference = "01M87149C0H12HZYH2VVF2MZAT"
    from router import ulid

    reference = ulid.new(engines.TUESDAY_10)
    ref = office.token("next", 0, call=reference)

    actions = office.said(
        office.progress("next", 0, ref=ref, result="no-answer", caller="+12025550199", to="+16175550100", call_id="c1")
    )

    assert "+16175550142" in actions[0]
    assert len(office.shared.calls) == 1


@pytest.mark.parametrize(
    ("more", "hours", "expected"),
    [
        pytest.param({}, 0, "TakeMessage", id="nobody says whose call it is"),
        pytest.param(
            {"caller": "+12025550199", "to": "+16175559999"}, 0, "TakeMessage", id="a number that is not ours"
        ),
        pytest.param({"caller": "+12025550199", "to": "+16175550100"}, 5, "HangUp", id="it was over long ago"),
    ],
)
def test_a_lost_call_that_cannot_go_on(
    office: Any, engines: Any, more: dict[str, str], hours: int, expected: str
) -> None:
    """It ends at a message, or is over."""
    from router import ulid

    ref = office.token("next", 0, call=ulid.new(engines.TUESDAY_10 - hours * 3600))

    assert expected in office.said(office.progress("next", 0, ref=ref, result="busy", **more))[0]


def test_a_recording_that_comes_when_the_call_is_forgotten(office: Any, engines: Any) -> None:
    """It is noted with the call."""
    office.answer(engines.call(to="+16175550100"))
    reference = office.journal.records[0].public["id"]
    office.clock.at += 3 * 3600
    office.answer(engines.ended())
    office.clock.at += 2 * 3600
    office.engine.tidy()

    actions = office.said(office.progress("recording", 2, ref=office.token("recording", 2, call=reference)))

    assert actions == []
    assert office.journal.of("recording")[0].public["id"] == reference


def test_a_call_is_found_again_on_disk(office: Any, engines: Any) -> None:
    """A call memory has lost goes on from its records."""
    office.answer(engines.call())
    reference = office.journal.records[0].public["id"]
    office.index.seq = None
    office.shared.calls._live.clear()

    actions = office.said(office.progress("next", 0, ref=office.token("next", 0, call=reference), result="busy"))

    assert "+16175550142" in actions[0]


def test_an_end_we_know_nothing_of(office: Any, engines: Any) -> None:
    """It is noted as what it is."""
    office.answer(engines.ended("stranger"))

    (record,) = office.journal.records
    assert (record.public["id"], record.public["outcome"]) == (None, "completed")
    assert record.private["call_id"] == "stranger"


def test_a_call_that_hangs_up_early(office: Any, engines: Any) -> None:
    """The end alone closes it; whoever should know of a missed call is told once, also when it is named by our reference."""
    office.answer(engines.call())
    office.answer(engines.ended(office.journal.records[0].public["id"]))

    record = office.journal.of("ended")[0]
    assert record.public["outcome"] == "caller hung up"
    assert [one["kind"] for one in record.private["outbox"]] == ["missed", "text-back"]


@pytest.mark.parametrize("indexed", [pytest.param(0, id="from the journal"), pytest.param(None, id="from the index")])
def test_a_text_back_counts_after_a_restart(office: Any, engines: Any, indexed: int | None) -> None:
    """Whom nobody answers twice within the hour is texted once, whatever happened to us meanwhile."""
    office.answer(engines.call("c1"))
    office.answer(engines.ended("c1"))
    office.index.seq = indexed
    office.start()
    office.answer(engines.call("c2"))
    office.answer(engines.ended("c2"))

    told = [[one["kind"] for one in record.private["outbox"]] for record in office.journal.of("ended")]
    assert told == [["missed", "text-back"], ["missed"]]


def test_an_end_from_another_provider_is_not_believed(office: Any, engines: Any) -> None:
    """Only who brought the call can end it."""
    office.answer(engines.call())
    reference = office.journal.records[0].public["id"]

    office.answer(engines.ended(reference)._replace(provider="other"))

    assert office.journal.of("ended")[0].public["id"] is None


def test_a_call_that_never_ends(office: Any, engines: Any) -> None:
    """After four and a half hours without a word it counts as over."""
    office.answer(engines.call())
    office.clock.at += 4.5 * 3600
    office.engine.tidy()
    still = len(office.shared.calls)
    office.clock.at += 1
    office.engine.tidy()

    assert (still, len(office.shared.calls)) == (1, 0)
    assert office.journal.of("ended")[0].public["outcome"] == "never heard of again"


def test_a_surprise_is_logged_and_changes_nothing(office: Any, engines: Any) -> None:
    """A report about a leg there is none of."""
    office.answer(engines.call())

    assert office.said(office.progress("leg", 0, 7, state="answered")) == []
    assert "state" not in office.journal.of("leg")[0].private


# ---------------------------------------------------------------- live facts


def test_a_phone_we_ring_that_calls_us_is_a_loop(office: Any, engines: Any) -> None:
    """Its forwarding has led it back: a message is taken instead; a little later it may call again."""
    office.answer(engines.call("c1"))
    office.answer(office.progress("next", 0, result="no-answer"))

    office.answer(engines.call("c2", caller="+16175550142"))
    office.answer(engines.call("c3", caller="+12025550111", diversions=(Diversion("+16175550142"),)))
    office.clock.at += 31
    office.answer(engines.call("c4", caller="+16175550142"))

    rules = [record.public["rule"] for record in office.journal.of("call")]
    assert rules == ["main.calls.open", "safety:loop", "safety:loop", "main.calls.open"]


def test_the_longest_idle_comes_first(office: Any, engines: Any) -> None:
    """Who has just taken a call comes last; the order is recorded, and outlives a restart."""
    rung = []
    for number in range(3):
        office.answer(engines.call(f"c{number}", to="+16175550101"))
        rung.append(office.journal.of("call")[-1].public["rings"][0])
        office.answer(office.progress("next", 0, result="answered", id=f"n{number}"))
        office.clock.at += 60
    office.start()
    office.answer(engines.call("c9", to="+16175550101"))

    assert rung == ["anna", "chloe", "anna"]
    assert office.journal.of("call")[-1].public["rings"] == ["chloe"]


def test_a_text_goes_to_whose_turn_it_is(office: Any, engines: Any) -> None:
    """One of the team after the other."""
    for number in range(2):
        office.answer(engines.text(f"t{number}", to="+16175550101"))
        office.clock.at += 60

    assert [record.public["delivers"] for record in office.journal.of("text")] == [["anna"], ["chloe"]]


def test_a_held_text_and_its_reply(office: Any, engines: Any) -> None:
    """After hours a text waits for the opening; the sender is told once an hour, and again after a restart no sooner."""
    office.clock.at = engines.TUESDAY_22
    first = office.said(engines.text("t1"))
    second = office.said(engines.text("t2"))
    office.start()
    third = office.said(engines.text("t3"))
    office.clock.at += 3600
    fourth = office.said(engines.text("t4", body="are you there?"))

    record = office.journal.records[0]
    assert ["Closed until" in (one[0] if one else "") for one in (first, second, third, fourth)] == [
        True,
        False,
        False,
        True,
    ]
    assert record.private["outbox"] == [
        {
            "key": f"{record.public['id']}.0",
            "kind": "hold",
            "number": "main",
            "people": [],
            "release_at": "2026-11-25T14:00:00Z",
            "target": "front",
        }
    ]


def test_stop_and_start(office: Any, engines: Any) -> None:
    """Who has written STOP gets nothing by itself until START, also after a restart."""
    office.clock.at = engines.TUESDAY_22
    confirmed = office.said(engines.text("t1", body="STOP"))
    office.start()
    silent = office.said(engines.text("t2"))
    office.answer(engines.text("t3", body="START"))
    again = office.said(engines.text("t4"))

    assert (len(confirmed), len(silent), len(again)) == (1, 0, 1)


def test_a_provider_that_cannot_reply_in_its_answer(engines: Any) -> None:
    """The reply then stands in the outbox."""
    provider = engines.PlainProvider(capabilities=attrs.evolve(engines.CAPABILITIES, replies_in_answer=False))
    office = engines.Office(provider=provider)
    office.clock.at = engines.TUESDAY_22

    actions = office.said(engines.text())

    assert actions == []
    assert [one["kind"] for one in office.journal.records[0].private["outbox"]] == ["hold", "reply"]


def test_a_teammates_text_is_a_relay(office: Any, engines: Any) -> None:
    """It is for the customer they speak with; the sender of a later version finds it in the outbox."""
    office.answer(engines.text(caller="+16175550142"))

    record = office.journal.records[0]
    assert record.public["rule"] == "safety:relay"
    assert [one["kind"] for one in record.private["outbox"]] == ["relay"]


def test_live_questions_nobody_knows(office: Any, engines: Any) -> None:
    """Are answered with no; the limit of forwards counts calls that ring within the hour."""
    from router.engine.facts import Live
    from rules.inquiry import inquire

    event = engines.call()
    live = Live(
        office.rules.book,
        inquire(office.rules.book, event),
        event,
        office.shared.calls,
        office.shared.facts,
        office.clock.at,
    )
    before = live("limit:forwards")
    for _ in range(60):
        office.shared.facts.forwards.note("main", office.clock.at)

    assert (before, live("limit:forwards"), live("limit:unheard-of")) == (False, True, False)
