"""The engine: decided once, recorded before it is said, the same bytes again."""

from typing import Any

import pytest
from twisted.internet.defer import Deferred

from adapters.api import Answer, RawResponse


@pytest.fixture
def office(engines: Any) -> Any:
    """Return an engine in its office."""
    return engines.Office()


def test_a_call_in_office_hours_rings_the_team(office: Any, engines: Any) -> None:
    """The first of the team rings, and one record holds everything."""
    actions = office.said(engines.call())

    (record,) = office.journal.records
    assert "sip:anna@pbx.example" in actions[0]
    assert record.kind == "call"
    assert record.public["rule"] == "main.calls.open"
    assert record.public["key"] == "pbx|acme|call|c1"
    assert (record.public["rings"], record.public["ends"]) == (["anna"], "voicemail")
    assert record.private["from"] == "+12025550199"
    assert record.private["state"]["position"] == 0
    assert office.count("decisions_total", kind="call", number="main", action="ring", layer="hours") == 1


def test_nothing_is_said_before_it_is_on_disk(office: Any, engines: Any) -> None:
    """The answer waits for the sync."""
    office.journal.held = True
    got: list[RawResponse] = []

    office.send(engines.call()).addCallback(got.append)
    before = list(got)
    office.journal.sync()

    assert (before, len(got)) == ([], 1)


def test_a_second_copy_waits_with_the_first(office: Any, engines: Any) -> None:
    """Of two copies under way one decides; both get the same bytes after one sync."""
    office.journal.held = True
    got: list[RawResponse] = []

    for _ in range(3):
        office.send(engines.call()).addCallback(got.append)
    office.journal.sync()

    assert len(got) == 3
    assert len({one.body for one in got}) == 1
    assert len(office.journal.records) == 1
    assert office.count("duplicate_events_total", provider="pbx") == 2


@pytest.mark.parametrize("indexed", [pytest.param(0, id="from the journal"), pytest.param(None, id="from the index")])
def test_the_same_bytes_after_a_restart(office: Any, engines: Any, indexed: int | None) -> None:
    """A copy that comes after a restart is no new call."""
    first = office.answer(engines.call())
    office.index.seq = indexed

    office.start()

    assert office.answer(engines.call()) == first
    assert len(office.journal.records) == 1


def test_an_event_of_another_kind_is_another_event(office: Any, engines: Any) -> None:
    """One provider id may name a call and its end."""
    office.answer(engines.call("x"))
    office.answer(engines.ended("x"))
    office.answer(engines.ended("x", status="busy"))

    assert [record.kind for record in office.journal.records] == ["call", "ended", "ended"]


def test_several_events_in_one_request(office: Any, engines: Any) -> None:
    """Each is recorded; no event at all is answered with nothing to do."""
    office.answer(engines.receipt("m1:sent"), engines.receipt("m1:delivered", "delivered"))
    nothing = office.answer()

    assert [record.public["outcome"] for record in office.journal.records] == ["sent", "delivered"]
    assert engines.said(nothing) == []


def test_an_unknown_number_is_refused_and_counted(office: Any, engines: Any) -> None:
    """A call to a number that is not ours is declined, a text only recorded, and both raise an alarm."""
    actions = office.said(engines.call(to="+16175559999"))
    texts = office.said(engines.text(to="+16175559999"))

    assert (actions, texts) == (["RejectCall(reason='declined')"], [])
    assert [record.public["rule"] for record in office.journal.records] == ["refused", "refused"]
    assert office.count("refused_events_total", provider="pbx") == 2


def test_a_blocked_caller_hears_busy(office: Any, engines: Any) -> None:
    """Such a call is over at once, and no state is kept of it."""
    actions = office.said(engines.call(caller="+13055550123"))

    assert actions == ["RejectCall(reason='busy')"]
    assert "state" not in office.journal.records[0].private
    assert len(office.shared.calls) == 0


# ---------------------------------------------------------------- trouble


def test_a_call_is_answered_while_the_disk_is_sick(office: Any, engines: Any) -> None:
    """The caller gets the real answer; a copy gets the same."""
    office.journal.down = True

    first = office.answer(engines.call())

    assert "sip:anna@pbx.example" in first.body.decode()
    assert office.answer(engines.call()) == first


def test_a_text_is_not_taken_while_the_disk_is_sick(office: Any, engines: Any) -> None:
    """It gets 503, and is taken once when the disk is well and it comes again."""
    office.journal.down = True
    refused = office.answer(engines.text())
    again = office.answer(engines.text())
    office.journal.down = False

    taken = office.answer(engines.text())

    assert (refused.code, again.code, taken.code) == (503, 503, 200)
    assert len(office.journal.records) == 1


def test_a_text_the_journal_could_not_even_remember_is_new_again(office: Any, engines: Any) -> None:
    """Its number goes to another record, so it must not count as written when that one is."""
    office.journal.full = True
    office.answer(engines.text("t1"))
    office.journal.full = False
    office.answer(engines.call())

    taken = office.answer(engines.text("t1"))

    assert taken.code == 200
    assert [record.kind for record in office.journal.records] == ["call", "text"]


def test_another_failure_of_the_journal_does_not_hold_up_a_call(office: Any, engines: Any) -> None:
    """A bug there is logged, and the call answered."""
    office.journal.held = True
    got: list[RawResponse] = []
    office.send(engines.call()).addCallback(got.append)

    office.journal.fail_all(RuntimeError("a bug"))

    assert got[0].code == 200


def test_a_caller_does_not_wait_longer_than_the_provider(office: Any, engines: Any) -> None:
    """When the disk takes too long the fail-safe document goes out, and a copy gets those bytes, also after a restart."""
    office.journal.held = True
    got: list[RawResponse] = []
    office.send(engines.call()).addCallback(got.append)
    office.send(engines.text()).addCallback(got.append)

    office.timers.advance(1.49)
    office.engine.hurry()
    early = list(got)
    office.timers.advance(0.01)
    office.engine.hurry()
    office.journal.sync()
    office.start()
    office.journal.held = False

    assert early == []
    assert "TakeMessage" in got[0].body.decode()
    assert got[1].code == 503
    assert office.answer(engines.call()) == got[0]
    assert office.journal.of("failsafe")[0].public["instead_of"] == 1


def test_the_late_sync_changes_nothing_any_more(office: Any, engines: Any) -> None:
    """What was answered is answered."""
    office.journal.held = True
    got: list[RawResponse] = []
    office.send(engines.call()).addCallback(got.append)
    office.timers.advance(2)
    office.engine.hurry()
    office.journal.sync()

    assert len(got) == 1
    assert office.answer(engines.call()) == got[0]
    assert office.count("failsafe_answers_total", reason="deadline") == 1


def test_our_own_fault_ends_in_voicemail(office: Any, engines: Any) -> None:
    """An exception while answering gives the fail-safe document; it is recorded, and a copy gets it too."""
    office.provider.break_ = True

    first = office.answer(engines.call())

    office.provider.break_ = False
    assert "TakeMessage" in first.body.decode()
    assert office.answer(engines.call()) == first
    assert office.journal.records[0].public["rule"] == "failsafe"
    assert office.count("failsafe_answers_total", reason="error") == 1


def test_a_text_we_stumble_over_comes_again(office: Any, engines: Any) -> None:
    """Nobody waits on a line, so the provider keeps it."""
    office.provider.break_ = True
    refused = office.answer(engines.text())
    office.provider.break_ = False

    assert refused.code == 503
    assert office.answer(engines.text()).code == 200


def test_not_even_a_broken_journal_silences_us(office: Any, engines: Any) -> None:
    """A call is answered although nothing can be recorded at all."""
    office.journal.broken = True

    assert "TakeMessage" in office.answer(engines.call()).body.decode()


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        pytest.param("call", "TakeMessage", id="a caller leaves a message"),
        pytest.param("next", "TakeMessage", id="a caller who waits on leaves a message"),
        pytest.param("screen", "DropLeg", id="a callee is let go"),
        pytest.param("accept", "DropLeg", id="a callee who pressed is let go"),
        pytest.param("message", "HangUp", id="after a message the call ends"),
        pytest.param("leg", "", id="what only informs us gets nothing"),
    ],
)
def test_a_fault_before_the_engine(office: Any, what: str, expected: str) -> None:
    """What goes out depends on who waits."""
    assert expected in office.engine.fault(office.provider, what, ValueError("bug")).body.decode()


def test_a_text_before_the_engine_comes_again(office: Any) -> None:
    """It gets 503."""
    assert office.engine.fault(office.provider, "text", ValueError("bug")).code == 503


def test_too_many_at_once_are_turned_away_in_time(engines: Any) -> None:
    """Beyond the limit calls get the fail-safe document at once, texts 503; those under way are answered."""
    office = engines.Office(most=1)
    office.journal.held = True
    got: list[RawResponse] = []
    office.send(engines.call("c1")).addCallback(got.append)

    shed = office.answer(engines.call("c2"))
    text = office.answer(engines.text("t1"))
    office.journal.sync()

    assert "TakeMessage" in shed.body.decode()
    assert text.code == 503
    assert "sip:anna" in got[0].body.decode()
    assert office.answer(engines.call("c2")) == shed
    assert office.count("failsafe_answers_total", reason="overload") == 2


def test_a_sick_index_does_not_stop_calls(office: Any, engines: Any) -> None:
    """What cannot be looked up counts as new, and is said once."""
    office.index.sick = True

    assert office.answer(engines.call("c1")).code == 200
    assert office.answer(engines.call("c2")).code == 200


def test_memory_does_not_grow_for_ever(office: Any, engines: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Events the index knows are forgotten beyond a number, the oldest first; the index still has them."""
    monkeypatch.setattr("router.engine.memory.KEPT", 2)
    first = office.answer(engines.call("c0"))
    for number in range(1, 5):
        office.answer(engines.call(f"c{number}"))
    office.index.seq = 3

    office.engine.tidy()

    assert len(office.engine.memory) == 2
    assert office.answer(engines.call("c0")) == first
    assert len(office.journal.records) == 5


def test_newer_rules_are_followed(office: Any, engines: Any) -> None:
    """Fail-safe words and links come from the rules in force."""
    newer = engines.office(engines.OFFICE.replace("Please leave", "Kindly leave").replace("/base", "/new"))
    settings = newer.settings.__class__(
        **{name: getattr(newer.settings, name) for name in ("main", "state", "public", "admin", "metrics")},
        trusted_proxies=(),
        public_url=newer.settings.public_url,
        providers={"pbx": office.provider},
    )
    office.shared.rules.current = engines.attrs.evolve(newer, settings=settings)

    office.engine.follow(office.shared.rules.current)

    assert "Kindly" in office.engine.fault(office.provider, "call", ValueError()).body.decode()
    assert b"https://phone.example/new/hooks/pbx/next/" in office.answer(engines.call()).body


def test_refused_requests_are_counted_under_closed_labels(office: Any) -> None:
    """A reason or provider nobody has heard of does not make a new series."""
    from adapters.api import RefusedError

    office.engine.refused("pbx", RefusedError(403, "signature"))
    office.engine.refused("nobody", RefusedError(400, "made up by a stranger"))

    assert office.count("webhook_rejected_total", provider="pbx", reason="signature") == 1
    assert office.count("webhook_rejected_total", provider="other", reason="other") == 1


def test_an_answer_to_nothing_that_fails_is_nothing(office: Any) -> None:
    """Even the emptiest request is answered when we stumble."""
    office.provider.break_ = True

    assert office.answer().code == 200


def test_answers_are_awaited_in_a_context_of_their_own(office: Any, engines: Any) -> None:
    """What is said about one request does not show in the next."""
    from router import logs

    office.answer(engines.call())

    assert logs._ABOUT.get() == {}
    assert isinstance(office.send(engines.call()), Deferred)
    assert isinstance(office.provider.written[0], Answer)
