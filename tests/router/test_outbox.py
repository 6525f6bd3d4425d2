"""The outbox: effects become messages once, messages go out in order and as good as once, whatever providers and disks do."""

from types import ModuleType
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.defer import Deferred

from router.journal.api import JournalDown
from router.outbox.channel import CannotTell, NotReached, Sent
from router.outbox.machine import Came, Lost
from rules.event import Receipt


@pytest.fixture
def bureau(outboxes: ModuleType) -> Any:
    """Return an outbox with everything around it."""
    return outboxes.Bureau()


def receipt(message_id: str, state: str, error: str | None = None) -> Receipt:
    """Return what became of a text."""
    return Receipt(
        provider="twilio", account="AC1", id=f"{message_id}:{state}", message_id=message_id, state=state, error=error
    )


def report(bureau: Any, event: Receipt) -> dict[str, Any]:
    """Let the engine write the record of a receipt, and return what it shows."""
    public, private = bureau.outbox.concerning(event)
    record = bureau.journal.append("receipt", {"key": event.id, "id": None, "outcome": event.state} | public, private)
    bureau.durable(record)
    return dict(record.public)


# ---------------------------------------------------------------- effects


def test_an_effect_waits_until_it_is_queued(bureau: Any) -> None:
    """It is told of once its record is on disk, it is pending, its words can be read, and it is done by one record."""
    record = bureau.decide(
        "01A", {"kind": "deliver", "people": ["ben"]}, {"kind": "hold", "release_at": "2026-11-23T14:00:00Z"}
    )

    assert bureau.told == ["01A.0", "01A.1"]
    effect, held = bureau.outbox.pending()
    assert (effect.about, effect.people, effect.number, held.release_at) == (
        "01A",
        ("ben",),
        "main",
        "2026-11-23T14:00:00Z",
    )
    assert bureau.outbox.source(effect) == record
    assert bureau.outbox.counts()["held"] == bureau.outbox.counts()["pending"] == 1

    bureau.queue("01A.0/0")
    bureau.run(1)

    assert [one.key for one in bureau.outbox.pending()] == ["01A.1"]
    assert bureau.provider.keys() == ["01A.0/0"]
    assert [record.kind for record in bureau.journal.records] == ["text", "queued", "attempt", "sent"]


def test_an_effect_is_done_once(bureau: Any) -> None:
    """A second time nothing happens: at once, after the memory of it is gone, after a restart."""
    bureau.decide("01A", {"kind": "deliver"})
    bureau.queue("01A.0/0")
    again = lambda: bureau.outbox.queue("01A.0", [])  # noqa: E731

    assert again() is False
    bureau.index.seq = None
    bureau.run(40)
    assert again() is False
    bureau.restart()
    assert again() is False
    assert bureau.outbox.pending() == []
    assert len(bureau.journal.of("queued")) == 1


def test_nothing_to_send_is_said_too(bureau: Any) -> None:
    """The effect is done, with the reason in its record."""
    bureau.decide("01A", {"kind": "deliver"})

    assert bureau.outbox.queue("01A.0", [], {"reason": "nobody is there"}, {"note": "for us"})

    [record] = bureau.journal.of("queued")
    assert record.public == {
        "id": "01A",
        "number": "main",
        "effect": "01A.0",
        "messages": [],
        "reason": "nobody is there",
    }
    assert record.private == {"messages": [], "note": "for us"}
    assert bureau.outbox.pending() == []


def test_effects_of_ones_own_need_no_record_before(bureau: Any) -> None:
    """A notice somebody thinks up is about what its key says."""
    bureau.outbox.queue("01A.dead", [])

    assert bureau.journal.records[0].public["id"] == "01A"


def test_what_the_journal_does_not_take_in_is_not_done(bureau: Any) -> None:
    """The effect is pending as before, and nothing is sent."""
    bureau.decide("01A", {"kind": "deliver"})
    bureau.journal.full = True

    with pytest.raises(JournalDown):
        bureau.queue("01A.0/0")
    with pytest.raises(JournalDown):
        bureau.outbox.hold("01A.0", None, "closed by override")

    bureau.journal.full = False
    assert [one.key for one in bureau.outbox.pending()] == ["01A.0"]
    bureau.run(5)
    assert bureau.provider.keys() == []


def test_what_is_held_on_says_until_when(
    bureau: Any,
) -> None:
    """It survives a restart."""
    bureau.decide("01A", {"kind": "hold", "release_at": "2026-11-23T14:00:00Z"})
    bureau.outbox.hold("01A.0", "2026-11-24T14:00:00Z", "closed by override")
    bureau.restart()

    [effect] = bureau.outbox.pending()
    assert effect.release_at == "2026-11-24T14:00:00Z"


@pytest.mark.parametrize("indexed", [0, None], ids=["all in the tail", "all in the index"])
def test_effects_survive_a_restart(bureau: Any, indexed: int | None) -> None:
    """What waits is the same, with its words; what is done stays done."""
    bureau.decide("01A", {"kind": "deliver"}, {"kind": "copy"})
    bureau.decide("01B", {"kind": "hold"})
    bureau.queue("01A.0/0")
    before = bureau.outbox.pending()
    bureau.index.seq = indexed
    bureau.restart()

    assert bureau.outbox.pending() == before
    assert [bureau.outbox.source(one).private["text"] for one in before] == ["hi", "hi"]
    bureau.run(40)
    assert [bureau.outbox.source(one).private["text"] for one in before] == ["hi", "hi"]
    assert bureau.outbox.source(attrs.evolve(before[0], seq=999)) is None


def test_a_hook_that_fails_keeps_nothing_from_going_on(bureau: Any) -> None:
    """Whoever else wants to know is told."""

    def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    bureau.outbox.hooks.effects.insert(0, broken)
    bureau.decide("01A", {"kind": "deliver"})

    assert bureau.told == ["01A.0"]


def test_an_erased_record_is_passed_over(bureau: Any) -> None:
    """The words of its messages are gone for good; nothing fails over that."""
    bureau.queue("01A.0/0")
    bureau.journal.records[0] = bureau.journal.records[0]._replace(private=None)
    bureau.restart()
    bureau.run(5)

    assert bureau.outbox.book.entries == {}


# ---------------------------------------------------------------- order, limits


def test_a_lane_keeps_its_order_and_others_do_not_wait(bureau: Any) -> None:
    """The second of a lane waits for the retry of the first; another lane goes ahead."""
    bureau.provider.faults.append("refuse")
    bureau.queue("01A.0/0", "01B.0/0")
    bureau.queue("01C.0/0", lane="main|2")
    bureau.run(20)

    assert bureau.provider.keys() == ["01C.0/0", "01A.0/0", "01B.0/0"]


@pytest.mark.parametrize("fate", ["no", "drop"])
def test_the_next_one_goes_when_the_one_before_is_given_up(bureau: Any, fate: str) -> None:
    """Dead or dropped: nobody waits for it any more."""
    bureau.provider.faults.append("no" if fate == "no" else "refuse")
    bureau.queue("01A.0/0", "01B.0/0")
    bureau.run(2)
    if fate == "drop":
        assert bureau.provider.keys() == []
        assert bureau.outbox.drop("01A.0/0") is None
        bureau.run(1)

    assert bureau.provider.keys() == ["01B.0/0"]
    assert bureau.phase() == ("dead" if fate == "no" else "dropped")


def test_one_in_the_middle_of_a_lane_may_be_dropped(bureau: Any) -> None:
    """The others keep their order."""
    bureau.provider.faults.append("refuse")
    bureau.queue("01A.0/0", "01B.0/0", "01C.0/0")
    bureau.run(1)
    assert bureau.outbox.drop("01B.0/0") is None
    bureau.run(20)

    assert bureau.provider.keys() == ["01A.0/0", "01C.0/0"]


def test_only_so_many_are_under_way_to_one_provider(bureau: Any) -> None:
    """Eight at a time, one of a lane; the rest follows."""
    bureau.provider.faults.extend(["hang"] * 8)
    for place in range(20):
        bureau.queue(f"01{place:02}.0/0", lane=f"main|{place}")
    bureau.run(5)
    assert (bureau.provider.under_way, len(bureau.provider.has)) == (8, 0)

    for told in bureau.provider.hanging:
        told.callback(NotReached("gone"))
    bureau.run(60)

    assert bureau.provider.most == 8
    assert len(bureau.provider.has) == 20


def test_several_messages_of_one_effect_go_in_their_order(bureau: Any, outboxes: ModuleType) -> None:
    """The parts of a long text, say."""
    bureau.outbox.queue("01A.0", [outboxes.text(f"01A.0/{place}") for place in range(12)])
    bureau.restart()
    bureau.run(20)

    assert bureau.provider.keys() == [f"01A.0/{place}" for place in range(12)]


# ---------------------------------------------------------------- the last check


def test_who_opted_out_meanwhile_is_not_texted(bureau: Any) -> None:
    """Asked before each try: also when it was all right at the first."""
    bureau.provider.faults.append("refuse")
    bureau.queue("01A.0/0")
    bureau.run(1)
    bureau.forbidden["+16175550142"] = "the recipient has opted out"
    bureau.run(20)

    assert bureau.provider.tries["01A.0/0"] == 1
    assert bureau.dead == [("01A.0/0", "the recipient has opted out")]


def test_a_check_that_fails_lets_nothing_out(bureau: Any) -> None:
    """A fault of ours must not text somebody who may not be texted."""
    bureau.outbox.sender.carrier = attrs.evolve(bureau.outbox.sender.carrier, may_text=lambda _message: 1 / 0)
    bureau.queue("01A.0/0")
    bureau.run(1)

    assert bureau.provider.keys() == []
    assert bureau.dead[0][1].startswith("a fault of ours")


def test_a_provider_that_is_not_configured_is_told(bureau: Any) -> None:
    """The message is dead, and can be retried once it is."""
    bureau.queue("01A.0/0", via="elsewhere")
    bureau.run(1)

    assert bureau.dead == [("01A.0/0", "there is no way to send it: elsewhere is not configured")]


@pytest.mark.parametrize(
    ("expires", "sent"),
    [pytest.param(3, 0, id="it has expired when its turn comes"), pytest.param(60, 1, id="it has not")],
)
def test_what_nobody_wants_any_more_is_not_sent(bureau: Any, outboxes: ModuleType, expires: int, sent: int) -> None:
    """From the moment `expires_at` on."""
    bureau.provider.faults.append("refuse")
    bureau.queue("01A.0/0", expires_at=int(outboxes.NOON) + expires)
    bureau.run(4)
    assert [key for key, _ in bureau.dead] == ([] if sent else ["01A.0/0"])
    bureau.run(30)

    assert len(bureau.provider.has) == sent


def test_what_expires_while_its_provider_is_down_is_let_go_of(bureau: Any, outboxes: ModuleType) -> None:
    """Within seconds, not when the provider is back."""
    bureau.provider.otherwise = "refuse"
    for place in range(5):
        bureau.queue(f"01{place}.0/0", lane=f"main|{place}")
    bureau.run(2)
    bureau.queue("01A.0/0", lane="main|A", expires_at=int(outboxes.NOON) + 10)
    bureau.queue("01B.0/0", lane="main|B")
    bureau.run(30)

    assert [key for key, _ in bureau.dead] == ["01A.0/0"]


# ---------------------------------------------------------------- trouble with providers


def test_a_provider_that_is_down_is_tried_now_and_then(bureau: Any) -> None:
    """After five failures in a row one try in fifteen seconds; when it is back everything goes at once."""
    bureau.provider.otherwise = "refuse"
    for place in range(50):
        bureau.queue(f"01{place:02}.0/0", lane=f"main|{place}")
    bureau.run(1)
    assert sum(bureau.provider.tries.values()) <= 8
    before = sum(bureau.provider.tries.values())
    bureau.run(150)
    assert 9 <= sum(bureau.provider.tries.values()) - before <= 11

    bureau.provider.otherwise = "ok"
    bureau.run(17)

    assert len(bureau.provider.has) == 50


def test_six_hours_of_outage_cost_few_tries(bureau: Any) -> None:
    """Everything is delivered when the provider is back, at most 12 tries each, hardly later than it is."""
    bureau.provider.otherwise = "refuse"
    for place in range(5):
        bureau.queue(f"01{place}.0/0", lane=f"main|{place}")
    bureau.run(6 * 3600)
    bureau.provider.otherwise = "ok"
    bureau.run(3600)

    assert len(bureau.provider.has) == 5
    assert max(bureau.provider.tries.values()) <= 12
    assert bureau.dead == []


def test_an_outage_of_a_day_ends_in_a_notice(bureau: Any) -> None:
    """Given up, and somebody is told."""
    bureau.provider.otherwise = "refuse"
    bureau.queue("01A.0/0")
    bureau.run(25 * 3600, step=10)

    assert bureau.dead == [("01A.0/0", "given up after 24 hours: connection refused")]
    assert bureau.provider.tries["01A.0/0"] <= 32


def test_a_provider_that_asks_us_to_wait_is_left_alone(bureau: Any) -> None:
    """Nothing goes to it, not of another lane either, before that time."""
    bureau.provider.faults.append("busy")
    bureau.queue("01A.0/0")
    bureau.run(1)
    bureau.queue("01B.0/0", lane="main|2")
    bureau.run(18)
    assert bureau.provider.keys() == []
    bureau.run(8)

    assert sorted(bureau.provider.keys()) == ["01A.0/0", "01B.0/0"]


@pytest.mark.parametrize("fault", ["accept-cut", "accept-hang"])
@pytest.mark.parametrize("again", [True, False])
def test_what_was_taken_without_our_knowing_is_found(bureau: Any, fault: Any, again: bool) -> None:
    """Looked up, found, sent: nobody sees it twice."""
    bureau.provider.faults.append(fault)
    bureau.queue("01A.0/0", again=again)
    bureau.run(120)

    assert bureau.phase() == "sent"
    assert bureau.provider.keys() == ["01A.0/0"]


@pytest.mark.parametrize("fault", ["cut", "hang", "raise"])
@pytest.mark.parametrize("again", [True, False])
def test_what_was_not_taken_is_sent_again(bureau: Any, fault: Any, again: bool) -> None:
    """The provider says it does not have it, and is believed after a minute."""
    bureau.provider.faults.append(fault)
    bureau.queue("01A.0/0", again=again)
    bureau.run(59)
    assert bureau.provider.keys() == []
    bureau.run(61)

    assert bureau.provider.keys() == ["01A.0/0"]
    assert bureau.provider.has[0][1].body == "words of 01A.0/0"


def test_two_texts_with_the_same_words_are_two(bureau: Any) -> None:
    """The look-up for the second does not take the first for it."""
    bureau.queue("01A.0/0", body="ok")
    bureau.run(1)
    bureau.provider.faults.append("cut")
    bureau.queue("01B.0/0", body="ok")
    bureau.index.seq = None
    bureau.run(120)

    assert bureau.provider.keys() == ["01A.0/0", "01B.0/0"]


def test_where_nobody_can_tell_a_text_to_a_person_is_repeated_marked(bureau: Any) -> None:
    """Once, after ten minutes; and if that cannot be told either, somebody is."""
    bureau.provider.shows = False
    bureau.provider.faults.extend(["accept-cut", "accept-cut"])
    bureau.queue("01A.0/0")
    bureau.run(590)
    assert len(bureau.provider.has) == 1
    bureau.run(60)
    assert [message.body for _, message, _ in bureau.provider.has] == [
        "words of 01A.0/0",
        "(may be a repeat) words of 01A.0/0",
    ]
    bureau.run(3600)

    assert len(bureau.provider.has) == 2
    assert bureau.dead == [("01A.0/0", "nobody can say whether it went out")]


def test_where_nobody_can_tell_an_automatic_reply_is_never_repeated(bureau: Any) -> None:
    """It may not have gone out; somebody is told."""
    bureau.provider.shows = False
    bureau.provider.faults.append("accept-cut")
    bureau.queue("01A.0/0", again=False)
    bureau.run(7200)

    assert len(bureau.provider.has) == 1
    assert bureau.dead == [("01A.0/0", "nobody can say whether it went out")]


@pytest.mark.parametrize(
    ("channel", "changed"),
    [
        pytest.param("sms", {"body": "(may be a repeat) b"}, id="a text"),
        pytest.param("email", {"subject": "s (may be a repeat)"}, id="a mail"),
        pytest.param("webhook", {}, id="a machine knows it by its key"),
    ],
)
def test_how_a_repeat_is_marked(outboxes: ModuleType, channel: str, changed: dict[str, str]) -> None:
    """Where a person sees it first."""
    message = outboxes.text(channel=channel, body="b", subject="s")

    assert message.marked() == attrs.evolve(message, **changed)


def test_a_look_up_that_hangs_or_fails_says_nothing(bureau: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends with its lease; a fault of ours is one that cannot tell; a provider that is gone neither."""
    ways: list[Any] = [Deferred, lambda: 1 / 0]

    async def look_up(*_: object) -> object:
        return await ways.pop(0)() if ways else CannotTell("later")

    monkeypatch.setattr(bureau.provider, "look_up", look_up)
    bureau.provider.faults.append("cut")
    bureau.queue("01A.0/0", again=False)
    bureau.run(100)
    assert (ways, bureau.phase()) == ([], "unknown")
    bureau.outbox.channels.clear()
    bureau.run(600)

    assert bureau.dead == [("01A.0/0", "nobody can say whether it went out")]


def test_the_late_result_of_an_earlier_try_is_discarded(bureau: Any, outboxes: ModuleType) -> None:
    """A worker that was frozen past its lease must not speak for the try after it."""
    [first] = [outboxes.text()]
    bureau.provider.faults.extend(["hang", "hang"])
    bureau.queue(first.key)
    bureau.run(1)
    flight = bureau.outbox.sender.flights[first.key]
    bureau.run(100)
    assert bureau.outbox.book.entries[first.key].course.fence == 2

    bureau.outbox.sender._landed(Came(Sent("SM-late"), 1), first.key, flight)

    assert bureau.phase() == "sending"
    assert bureau.journal.of("sent") == []


# ---------------------------------------------------------------- the disk


def test_nothing_is_sent_before_its_try_is_on_disk(bureau: Any) -> None:
    """The attempt is recorded, then synced, then made."""
    bureau.journal.held = True
    bureau.queue("01A.0/0")
    bureau.run(1)
    assert bureau.journal.of("attempt")
    assert bureau.provider.tries == {}
    bureau.journal.sync()

    assert bureau.provider.keys() == ["01A.0/0"]


def test_while_the_journal_is_down_nothing_is_sent(bureau: Any) -> None:
    """Neither when that shows only now, nor afterwards; when it is back, everything is."""
    bureau.journal.held = True
    bureau.queue("01A.0/0", "01B.0/0")
    bureau.run(1)
    bureau.journal.up = False
    bureau.journal.sync(JournalDown("no disk"))
    bureau.run(60)
    assert (bureau.provider.tries, bureau.phase()) == ({}, "waiting")
    assert len(bureau.journal.of("attempt")) == 1

    bureau.journal.up, bureau.journal.held = True, False
    bureau.run(2)

    assert bureau.provider.keys() == ["01A.0/0", "01B.0/0"]
    assert bureau.outbox.book.entries["01A.0/0"].course.tries == 1


# ---------------------------------------------------------------- restarts


@pytest.mark.parametrize("indexed", [0, None], ids=["all in the tail", "all in the index"])
@pytest.mark.parametrize("taken", [True, False], ids=["the provider had taken it", "it had not"])
def test_what_was_under_way_at_a_crash_is_looked_up_first(bureau: Any, indexed: int | None, taken: bool) -> None:
    """Never repeated blindly, and never lost."""
    bureau.provider.faults.append("accept-hang" if taken else "hang")
    bureau.queue("01A.0/0", "01B.0/0")
    bureau.run(1)
    bureau.index.seq = indexed
    bureau.restart()
    assert bureau.phase() == "unknown"
    bureau.run(4)
    assert (bureau.provider.looks, bureau.provider.tries) == ({}, {"01A.0/0": 1})
    bureau.run(120)

    assert bureau.provider.keys() == ["01A.0/0", "01B.0/0"]
    assert bureau.provider.looks["01A.0/0"] >= 1


def test_a_stop_lets_what_is_under_way_finish(bureau: Any) -> None:
    """Nothing new begins; what comes back within five seconds is recorded; nothing is left in the reactor."""
    bureau.provider.faults.append("hang")
    bureau.queue("01A.0/0", "01B.0/0")
    bureau.run(1)
    stopped = Deferred.fromCoroutine(bureau.outbox.stop())
    bureau.run(2)
    assert not stopped.called
    bureau.provider.hanging[0].callback(Sent("SM1"))

    assert stopped.called
    assert bureau.phase() == "sent"
    assert bureau.provider.tries == {"01A.0/0": 1}
    assert bureau.clock.getDelayedCalls() == []


def test_a_stop_does_not_wait_for_ever(bureau: Any) -> None:
    """What is still under way is left as it is, for the next start to look up."""
    bureau.provider.faults.append("accept-hang")
    bureau.queue("01A.0/0")
    bureau.run(1)
    stopped = Deferred.fromCoroutine(bureau.outbox.stop())
    bureau.run(5)
    assert stopped.called
    assert bureau.clock.getDelayedCalls() == []
    assert bureau.journal.records[-1].kind == "attempt"
    bureau.open()
    bureau.run(20)

    assert bureau.phase() == "sent"
    assert bureau.provider.keys() == ["01A.0/0"]


def test_a_stop_before_the_start(bureau: Any, outboxes: ModuleType) -> None:
    """Something else may have kept us from starting."""
    fresh = outboxes.Bureau()
    stopped = Deferred.fromCoroutine(fresh.outbox.stop())
    again = Deferred.fromCoroutine(fresh.outbox.stop())

    assert stopped.called
    assert again.called


def test_what_an_index_that_was_lost_finds_again_is_taken_up(bureau: Any) -> None:
    """The tail at start is of the last days only; what is older comes when the index has been rebuilt."""
    bureau.decide("01A", {"kind": "hold"})
    bureau.provider.otherwise = "refuse"
    bureau.queue("01B.0/0")
    bureau.run(1)
    recent = len(bureau.journal.records)
    bureau.queue("01C.0/0", lane="main|2")
    bureau.crash()
    journal, bureau.journal.records = bureau.journal.records, bureau.journal.records[recent:]
    bureau.index.seq = 0
    bureau.open()
    bureau.journal.records = journal
    assert bureau.outbox.pending() == []
    bureau.run(16)
    assert bureau.outbox.pending() == []
    bureau.provider.otherwise = "ok"
    bureau.index.seq = None
    bureau.run(60)

    assert [one.key for one in bureau.outbox.pending()] == ["01A.0"]
    assert sorted(bureau.provider.keys()) == ["01B.0/0", "01C.0/0"]


@pytest.mark.parametrize("seconds", [pytest.param(7200.0, id="ahead"), pytest.param(-7200.0, id="back")])
def test_what_is_queued_after_the_clock_was_set_goes_at_once(bureau: Any, seconds: float) -> None:
    """A machine that starts with a wrong clock and is set right a minute later keeps nothing back for the difference."""
    bureau.wall_offset = bureau.journal.set_by = seconds

    bureau.queue("01A.0/0")
    bureau.run(2)

    assert bureau.provider.keys() == ["01A.0/0"]


def test_a_clock_that_is_set_neither_storms_nor_stalls(bureau: Any) -> None:
    """Tries follow seconds nobody can set."""
    bureau.provider.faults.extend(["refuse"] * 3)
    bureau.queue("01A.0/0")
    bureau.run(1)
    bureau.wall_offset = -86_400.0
    bureau.run(10)
    assert bureau.provider.tries["01A.0/0"] == 2
    bureau.wall_offset = 86_400.0
    bureau.run(10)

    assert bureau.provider.tries["01A.0/0"] == 2


def test_rounds_go_on_after_a_fault(bureau: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception in one round does not end all of them."""
    with monkeypatch.context() as patch:
        patch.setattr(bureau.index, "position", lambda: 1 / 0)
        bureau.run(31)
    bureau.queue("01A.0/0")
    bureau.run(1)

    assert bureau.provider.keys() == ["01A.0/0"]


# ---------------------------------------------------------------- receipts


def test_a_receipt_moves_its_message(bureau: Any) -> None:
    """It stands in the receipt's record which message it is for; a later one does not move it back."""
    bureau.queue("01A.0/0")
    bureau.run(1)

    assert report(bureau, receipt("SM0", "sent"))["message"] == "01A.0/0"
    assert bureau.phase() == "sent"
    assert report(bureau, receipt("SM0", "delivered"))["id"] == "01A"
    assert bureau.phase() == "delivered"
    report(bureau, receipt("SM0", "failed", "30003"))
    assert (bureau.phase(), bureau.dead) == ("delivered", [])


def test_a_failed_delivery_is_told(bureau: Any) -> None:
    """And who has opted out there; the record has the number, in private, for the index."""
    bureau.queue("01A.0/0")
    bureau.run(1)
    report(bureau, receipt("SM0", "failed", "21610"))

    assert bureau.phase() == "failed"
    assert bureau.dead == [("01A.0/0", "not delivered: the recipient has opted out of texts from this number (21610)")]
    assert bureau.opted_out == ["+16175550142"]
    assert bureau.journal.records[-1].private["to"] == "+16175550142"


def test_a_receipt_for_an_old_message_goes_by_the_index(bureau: Any) -> None:
    """What is finished leaves memory; its receipts find it all the same."""
    bureau.queue("01A.0/0", "01B.0/0")
    bureau.run(1)
    bureau.index.seq = None
    bureau.run(16)
    assert bureau.outbox.book.entries == {}

    assert report(bureau, receipt("SM1", "failed", "30099"))["message"] == "01B.0/0"
    assert bureau.dead == [("01B.0/0", "not delivered (30099)")]
    assert "message" not in report(bureau, receipt("SM7", "delivered"))


@pytest.mark.parametrize("remembered", [pytest.param(True, id="in memory"), pytest.param(False, id="by the index")])
@pytest.mark.parametrize(
    ("code", "body"),
    [
        pytest.param("30003", "words of 01A.0/0", id="the phone was off"),
        pytest.param("30001", "words of 01A.0/0", id="the queue was full"),
        pytest.param("30008", "(may be a repeat) words of 01A.0/0", id="nobody said why, so it may have arrived"),
    ],
)
def test_what_did_not_arrive_is_tried_once_more(bureau: Any, code: str, body: str, *, remembered: bool) -> None:
    """After ten minutes, once; the second time it is given up, and the team is told then only."""
    bureau.queue("01A.0/0")
    bureau.run(1)
    if not remembered:
        bureau.index.seq = None
        bureau.run(16)
    assert ("01A.0/0" in bureau.outbox.book.entries) == remembered
    report(bureau, receipt("SM0", "failed", code))
    report(bureau, receipt("SM0", "failed", code))
    bureau.run(598)
    assert len(bureau.provider.has) == 1
    bureau.run(3)
    assert [message.body for _, message, _ in bureau.provider.has] == ["words of 01A.0/0", body]
    assert (bureau.dead, bureau.told) == ([], [])

    report(bureau, receipt("SM1", "failed", code))
    bureau.run(3600)
    assert len(bureau.provider.has) == 2
    assert [key for key, _ in bureau.dead] == ["01A.0/0"]
    assert bureau.told == ["01A.0/0.undelivered-2"]


@pytest.mark.parametrize(
    ("code", "again"),
    [
        pytest.param("30003", False, id="an automatic reply never goes out twice"),
        pytest.param("30006", True, id="a landline stays one"),
        pytest.param("9" * 5000, True, id="a code of thousands of digits"),
    ],
)
def test_what_is_not_tried_once_more(bureau: Any, code: str, *, again: bool) -> None:
    """It has failed, and that is all."""
    bureau.queue("01A.0/0", again=again)
    bureau.run(1)
    report(bureau, receipt("SM0", "failed", code))
    bureau.run(3600)

    assert (bureau.phase(), len(bureau.provider.has)) == ("failed", 1)


def test_what_is_tried_once_more_survives_a_restart(bureau: Any) -> None:
    """It is the receipt's record that says so; what was queued meanwhile for the same person comes first."""
    bureau.queue("01A.0/0")
    bureau.run(1)
    report(bureau, receipt("SM0", "failed", "30003"))
    bureau.restart()
    bureau.queue("01B.0/0", lane="main|2")
    bureau.run(610)

    assert bureau.provider.keys() == ["01A.0/0", "01B.0/0", "01A.0/0"]


@pytest.mark.parametrize(
    ("more", "private"),
    [
        pytest.param(
            {}, {"undelivered": {"channel": "sms", "via": "twilio", "kind": "deliver"}}, id="a text to a teammate"
        ),
        pytest.param(
            {"person": None, "kind": "relay", "to": "+12025550199"},
            {"undelivered": {"channel": "sms", "via": "twilio", "kind": "relay"}, "from": "+12025550199"},
            id="a text to a customer",
        ),
        pytest.param({"kind": "notice"}, {}, id="never about a notice"),
        pytest.param({"kind": "echo"}, {}, id="nor about the answer to a command"),
    ],
)
def test_what_is_given_up_is_to_be_told(bureau: Any, more: dict[str, Any], private: dict[str, Any]) -> None:
    """The record that gives a message up says so itself, so nothing can come between."""
    bureau.provider.faults.append("no")
    bureau.queue("01A.0/0", **more)
    bureau.run(1)
    record = bureau.journal.of("unsent")[0]
    bureau.durable(record)

    assert {name: part for name, part in record.private.items() if name != "outbox"} == private
    assert [effect.kind for effect in bureau.outbox.pending()] == (["undelivered"] if private else [])


def test_a_receipt_that_overtakes_the_answer_is_kept(bureau: Any) -> None:
    """It moves the message as soon as its reference is known."""
    bureau.provider.faults.append("accept-hang")
    bureau.queue("01A.0/0")
    bureau.run(1)
    assert "message" not in report(bureau, receipt("SM0", "delivered"))
    bureau.provider.hanging[0].callback(Sent("SM0"))

    assert bureau.phase() == "delivered"


def test_receipts_for_texts_of_others_do_not_pile_up(bureau: Any) -> None:
    """Somebody else may send through the same account."""
    for place in range(1500):
        bureau.outbox.concerning(receipt(f"XX{place}", "delivered"))
    assert len(bureau.outbox.book.receipts._early) == 1000
    bureau.run(700)
    bureau.outbox.concerning(receipt("YY", "delivered"))

    assert len(bureau.outbox.book.receipts._early) == 1


def test_a_receipt_for_a_message_the_index_has_lost_is_passed_over(bureau: Any) -> None:
    """Nothing fails."""
    record = bureau.journal.append("receipt", {"key": "k", "message": "gone", "outcome": "failed"}, {})
    bureau.durable(record)

    assert bureau.dead == []


def test_who_opted_out_at_the_provider_is_told(bureau: Any) -> None:
    """The refusal says so; the record keeps who, in private."""
    bureau.provider.faults.append("stop")
    bureau.queue("01A.0/0")
    bureau.run(1)

    assert bureau.opted_out == ["+16175550142"]
    [record] = bureau.journal.of("unsent")
    assert (record.public["opted_out"], record.private["to"]) == (True, "+16175550142")


def test_nothing_private_stands_in_public(bureau: Any) -> None:
    """No number and no word of a text in what everybody may see."""
    bureau.provider.faults.extend(["accept-cut", "stop", "refuse"])
    bureau.queue("01A.0/0", "01B.0/0", "01C.0/0", subject="a subject", media=("https://media.example/1",))
    bureau.run(200)
    shown = repr([record.public for record in bureau.journal.records]) + repr(bureau.outbox.book.entries)

    assert not [word for word in ("6175550", "words of", "a subject", "media.example", "SM0") if word in shown]


# ---------------------------------------------------------------- an administrator


def test_a_dead_message_can_be_retried(bureau: Any) -> None:
    """Also one that has left memory long ago, and after a restart; it goes to the end of its lane."""
    bureau.provider.faults.append("no")
    bureau.queue("01A.0/0")
    bureau.run(1)
    bureau.index.seq = None
    bureau.run(16)
    assert bureau.outbox.counts()["dead"] == 1
    assert bureau.outbox.retry("01A.0/0") is None
    bureau.index.seq = 3
    bureau.restart()
    bureau.run(1)

    assert bureau.provider.keys() == ["01A.0/0"]


def test_what_waits_can_be_tried_now(bureau: Any) -> None:
    """It keeps its place."""
    bureau.provider.faults.extend(["refuse"] * 3)
    bureau.queue("01A.0/0", "01B.0/0")
    bureau.run(60)
    assert bureau.provider.keys() == []
    assert bureau.outbox.retry("01A.0/0") is None
    bureau.run(1)

    assert bureau.provider.keys() == ["01A.0/0", "01B.0/0"]


def test_a_retry_while_it_is_looked_up(bureau: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The look-up has nothing to say any more, and the message goes out, marked."""
    asked: list[Any] = []

    async def look_up(*_: object) -> object:
        asked.append(Deferred())
        return await asked[-1]

    monkeypatch.setattr(bureau.provider, "look_up", look_up)
    bureau.provider.faults.append("cut")
    bureau.queue("01A.0/0")
    bureau.run(6)
    assert bureau.outbox.retry("01A.0/0") is None
    bureau.run(1)
    asked[0].callback(Sent("SM9"))
    bureau.run(1)

    assert [message.body for _, message, _ in bureau.provider.has] == ["(may be a repeat) words of 01A.0/0"]


def test_what_cannot_be_retried_or_dropped_says_why(bureau: Any) -> None:
    """In words."""
    bureau.queue("01A.0/0")
    bureau.run(1)

    assert bureau.outbox.retry("01A.0/0") == "message 01A.0/0 is sent: there is nothing to be tried again"
    assert bureau.outbox.drop("01A.0/0") == "message 01A.0/0 is sent: there is nothing to be dropped"
    assert bureau.outbox.retry("nobody") == "there is no message nobody in the outbox"
    assert bureau.outbox.drop("nobody") == "there is no message nobody in the outbox"


def test_what_is_held_can_be_dropped(bureau: Any) -> None:
    """The effect is done, with nothing to send."""
    bureau.decide("01A", {"kind": "hold"})

    assert bureau.outbox.drop("01A.0") is None
    assert bureau.outbox.pending() == []
    assert bureau.journal.records[-1].public["reason"] == "dropped by an administrator"


def test_how_long_the_oldest_has_been_there(bureau: Any) -> None:
    """Of what is unfinished; with nothing there, no time at all."""
    assert bureau.outbox.oldest() == 0.0
    bureau.provider.otherwise = "refuse"
    bureau.queue("01A.0/0")
    bureau.run(90)

    assert bureau.outbox.oldest() == pytest.approx(90)
    assert bureau.outbox.counts() == {"held": 0, "pending": 0, "waiting": 1, "sending": 0, "unknown": 0, "dead": 0}


# ---------------------------------------------------------------- anything, in any order

FAULTS = ["ok", "refuse", "cut", "accept-cut", "accept-hang", "hang", "busy", "busy-slow", "no", "raise"]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(FAULTS), max_size=40),
    st.lists(
        st.one_of(
            st.tuples(st.just("queue"), st.integers(0, 3)),
            st.tuples(st.just("wait"), st.integers(1, 400)),
            st.tuples(st.just("restart"), st.sampled_from([0, 1])),
            st.tuples(st.just("index"), st.just(0)),
        ),
        max_size=40,
    ),
)
def test_whatever_happens_nothing_is_lost_or_seen_twice(
    outboxes: ModuleType, faults: list[str], deeds: list[tuple[str, int]]
) -> None:
    """Random outcomes, crashes and restarts, against a provider that can say what it has: all out once or dead, in order."""
    bureau = outboxes.Bureau()
    bureau.provider.faults.extend(faults)
    queued: list[str] = []
    for deed, value in deeds:
        match deed:
            case "queue":
                queued.append(f"01{len(queued):03}.0/0")
                bureau.queue(queued[-1], lane=f"main|{value}", to=f"+1617555010{value}", body="the same words")
            case "wait":
                bureau.run(value, step=5)
            case "restart":
                bureau.index.seq = None if value else 0
                bureau.restart()
            case "index":
                bureau.index.seq = len(bureau.journal.records)
    bureau.run(30_000, step=10)

    out, dead = bureau.provider.keys(), {key for key, _ in bureau.dead}
    assert len(out) == len(set(out))
    assert set(out) | dead == set(queued)
    assert not set(out) & dead
    for lane in range(4):
        keys = [message.key for _, message, _ in bureau.provider.has if message.lane == f"main|{lane}"]
        assert keys == sorted(keys)


def test_a_look_up_of_a_message_that_is_gone_ends_quietly(bureau: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dropped and let go of while the provider was being asked about it; the slot is free again."""

    async def look_up(*_: object) -> object:
        return await Deferred()

    monkeypatch.setattr(bureau.provider, "look_up", look_up)
    bureau.provider.faults.append("cut")
    bureau.queue("01A.0/0")
    bureau.run(7)
    assert bureau.outbox.drop("01A.0/0") is None
    assert bureau.outbox.counts()["unknown"] == 0
    bureau.index.seq = None
    bureau.run(60)

    assert bureau.outbox.book.entries == {}
    assert bureau.outbox.sender.gates["twilio"].flying == 0
    assert bureau.outbox.book.move("01A.0/0", Lost()) is None


def test_a_stop_in_the_very_moment_something_is_queued(bureau: Any) -> None:
    """It is not begun; nothing is left in the reactor."""
    bureau.queue("01A.0/0")
    stopped = Deferred.fromCoroutine(bureau.outbox.stop())

    assert stopped.called
    assert bureau.clock.getDelayedCalls() == []
    assert bureau.provider.tries == {}


# ---------------------------------------------------------------- a demo


@pytest.mark.parametrize(
    ("seconds", "sent"),
    [
        pytest.param(5.0, True, id="put on to when it is tried again"),
        pytest.param(3.0, False, id="put on, but not as far"),
        pytest.param(-3600.0, False, id="put back: nothing is sent any later for that"),
    ],
)
def test_a_demo_whose_clock_is_put_on(bureau: Any, *, seconds: float, sent: bool) -> None:
    """What was to be done meanwhile is done at once."""
    bureau.provider.faults.append("refuse")
    bureau.queue("01A.0/0")
    bureau.run(0.5, step=0.1)
    assert bureau.phase() == "waiting"

    bureau.outbox.leap(seconds)
    bureau.run(0.2, step=0.1)

    assert (bureau.provider.keys() == ["01A.0/0"]) is sent
    bureau.run(10)
    assert bureau.provider.keys() == ["01A.0/0"]


def test_a_demo_whose_clock_is_put_on_while_something_is_sent(bureau: Any) -> None:
    """The provider has noticed nothing: it gets its half a minute."""
    bureau.provider.faults.append("hang")
    bureau.queue("01A.0/0")
    bureau.run(1)

    bureau.outbox.leap(3600.0)
    bureau.run(28)
    before = bureau.phase()
    bureau.run(2)

    assert (before, bureau.phase()) == ("sending", "unknown")
