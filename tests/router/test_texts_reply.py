"""What goes to customers, and what teammates are told who write to us."""

from typing import Any

import attrs
import pytest
from structlog.testing import capture_logs

from router.outbox.message import Message
from router.texts.case import Ready
from router.texts.texts import STALLED


@pytest.fixture
def desk(desks: Any) -> Any:
    """Return a desk on a Tuesday at ten, open, where Jane has written to Anna and Ben."""
    made = desks.Desk()
    made.text("Is the sofa ready?")
    made.sent()
    return made


def test_the_customer_reads_the_words_from_the_business(desk: Any, desks: Any) -> None:
    """Nothing of the teammate; the colleague is told, once, who has answered."""
    desk.text("It is!", desks.BEN, media=["https://media.example/1.jpg"])
    reply, notice = desk.messages()
    desk.text("Come any time", desks.BEN)

    assert (reply.to, reply.sender, reply.body, reply.media) == (
        desks.JANE,
        desks.MAIN,
        "It is!",
        ("https://media.example/1.jpg",),
    )
    assert (reply.kind, reply.person, reply.again) == ("relay", None, True)
    assert (notice.person, notice.kind, notice.body) == ("anna", "notice", "Ben Ortiz has answered +1202***0199.")
    assert desk.sent() == [(desks.JANE, "Come any time")]
    assert "Ben" not in reply.body + reply.lane
    assert reply.lane == f"main|{reply.lane.rpartition('|')[2]}"


def test_who_is_away_is_left_in_peace(desk: Any, desks: Any) -> None:
    """No notice reaches somebody on vacation."""
    desk.switch(leaves=(desks.away("anna", desks.TUESDAY_10 + desks.HOUR),))
    desk.text("It is!", desks.BEN)

    assert desk.sent() == [(desks.JANE, "It is!")]


def test_too_late_is_told(desk: Any, desks: Any) -> None:
    """A colleague's reply to what somebody else has answered is not sent."""
    desk.text("It is!", desks.BEN)
    desk.sent()
    desk.text("Yes it is", desks.ANNA)
    (told,) = desk.messages()

    assert (told.to, told.person, told.kind, told.again) == (desks.ANNA, "anna", "echo", False)
    assert told.body == "Not sent: Ben Ortiz has answered #1 +1202***0199."


def test_of_two_it_is_asked(desk: Any, desks: Any) -> None:
    """Both are listed, as far as they are seen; with the tag it goes out."""
    desk.text("And my lamp? It is for my mother's birthday on Saturday", desks.JOE)
    desk.sent()
    desk.text("yes", desks.BEN)
    asked = desk.sent()
    desk.text("#9 yes", desks.BEN)
    unknown = desk.sent()
    desk.text("#2 yes", desks.BEN)

    assert asked == [
        (
            "ben",
            "Not sent yet: whom is it for? Please write it again, beginning with one of these:\n"
            "#1 +1202***0199 about: Is the sofa ready?\n"
            "#2 +1202***0123 (vip) about: And my lamp? It is for my mother's birt…",
        )
    ]
    assert unknown[0][1].startswith("There is no #9. Please write it again")
    assert desk.sent()[0] == (desks.JOE, "yes")


def test_words_behind_the_tag(desk: Any, desks: Any) -> None:
    """A tag alone is not sent."""
    desk.text("#1", desks.BEN)

    assert desk.sent() == [("ben", "Not sent: please write your words behind #1, in one text.")]


def test_another_number(desk: Any, desks: Any) -> None:
    """A conversation is answered through the number it came by."""
    desk.text("hello", to=desks.SALES)
    desk.sent()
    desk.text("#1 hi", desks.ELI)

    assert desk.sent() == [
        ("eli", "Not sent: #1 +1202***0199 goes through sales. Please answer where that text came from.")
    ]


def test_nothing_to_answer(desk: Any, desks: Any) -> None:
    """A teammate who just writes is told how it works; with a tag that is none as well."""
    desk.text("hello?", desks.ELI)
    desk.text("#4 hello?", desks.ELI)

    (_, first), (_, second) = desk.sent()
    assert first.startswith("Nothing was sent: no customer's text is open with you at this number.")
    assert second == "There is no #4. No conversation is open with you here; nothing was sent."


def test_an_old_conversation(desk: Any, desks: Any) -> None:
    """It is over when nobody has written for 72 hours; its tag still says which one it was."""
    desk.clock.at += 73 * desks.HOUR
    desk.text("#1 hello?", desks.BEN)

    assert desk.sent() == [
        ("ben", "Not sent: the conversation with #1 +1202***0199 is over. It begins again when they write.")
    ]


def test_a_copy_is_not_to_be_answered(desk: Any, desks: Any) -> None:
    """Who got a copy is told so."""
    desk.text("chloe?")
    desk.sent()
    desk.text("I can", desks.ELI)

    assert desk.sent() == [
        (
            "eli",
            "Not sent: #1 +1202***0199 is not yours to answer; you were shown it only, or somebody else has it now.",
        )
    ]


def test_a_customer_who_wants_no_texts(desk: Any, desks: Any) -> None:
    """Found out before it is queued, even while the conversation is open."""
    desk.office.shared.facts.opt(desk.office.shared.facts.pair("main", desks.JANE), out=True)
    desk.text("hello", desks.BEN)

    assert desk.sent() == [
        ("ben", "Not sent: +1202***0199 wants no texts from this number. Only they can change that, by writing START.")
    ]


@pytest.mark.parametrize(
    "customer",
    [
        pytest.param("262966", id="a short code"),
        pytest.param("BANK", id="a name"),
        pytest.param("+442079460958", id="a country that is not allowed"),
        pytest.param("+19005550123", id="a premium number"),
        pytest.param("+16175550101", id="a number of our own"),
        pytest.param("anonymous", id="nobody"),
    ],
)
def test_who_cannot_be_texted(desks: Any, customer: str) -> None:
    """The teammate is told; nothing goes out."""
    desk = desks.Desk()
    desk.text("hello", customer)
    desk.sent()
    desk.text("hi", desks.BEN)

    ((person, body),) = desk.sent()
    assert person == "ben"
    assert body.endswith("cannot be texted from here.")


def test_replies_switched_off(desks: Any) -> None:
    """Where `from_mobile` says no, nothing is relayed."""
    desk = desks.Desk(desks.COMPANY + "replies: {from_mobile: no}\n")
    desk.text("hello")
    desk.sent()
    desk.text("hi", desks.BEN)

    assert desk.sent() == [
        ("ben", "Nothing was sent: Acme does not use replies from the mobile. Please call the customer instead.")
    ]


def test_a_command_is_carried_out_and_echoed(desk: Any, desks: Any) -> None:
    """Once, to the phone it came from."""
    record = desk.text("away for today", desks.BEN)

    proof = record.private["outbox"][0]["pin"]
    assert desk.echo.done == [("ben", "away for today", int(desks.TUESDAY_10), proof)]
    assert desk.sent() == [("ben", "done: away for today")]


@pytest.mark.parametrize("body", [pytest.param("hi", id="a reply"), pytest.param("away for today", id="a command")])
def test_somebody_who_has_left_in_the_meantime(desk: Any, desks: Any, body: str) -> None:
    """What was taken for a teammate's when it came is nobody's when its turn comes after the rules have changed."""
    desk.outbox.down = True
    desk.text(body, desks.BEN)
    other = desks.COMPANY.replace("+1 617 555 0142", "+1 617 555 0199")
    desk.rules.now = desks.Desk(other).rules.now
    desk.outbox.down = False
    desk.at(desk.clock.at + STALLED)

    assert desk.outbox.queued[-1][1:3] == ((), {"why": "the sender is none of us any more"})


@pytest.mark.parametrize("body", [pytest.param("hi", id="a reply"), pytest.param("back", id="a command")])
def test_who_writes_from_a_desk_phone_is_answered_elsewhere(desks: Any, body: str) -> None:
    """Where it takes no texts, the answer goes the way that person prefers; to nobody if there is none."""
    desk = desks.Desk()
    desk.text(body, "sip:anna@pbx.example")
    desk.text(body, "sip:hal@pbx.example")

    (echo,) = desk.messages()
    assert (echo.person, echo.to, echo.kind, echo.again) == ("anna", desks.ANNA, "echo", False)


def test_a_command_whose_record_says_nothing_of_a_pin(desk: Any, desks: Any) -> None:
    """It counts as one without."""
    record = desk.decided("back", desks.BEN, desks.MAIN)
    record.private["outbox"][0].pop("pin", None)
    effects = desks.effects_of(record)
    desk.texts.effects(record, effects)

    assert desk.echo.done[0][3] == "missing"


# ---------------------------------------------------------------- leaving


def test_conversations_of_somebody_who_leaves(desks: Any) -> None:
    """On the morning after the last day they are the successor's, who is told; the next text reaches her."""
    desk = desks.Desk()
    desk.text("farah?")
    desk.text("yes", "+16175550146")
    desk.sent()
    midnight = desks.TUESDAY_10 + 38 * desks.HOUR
    desk.at(midnight)
    at_night = desk.sent()
    desk.at(midnight + 9 * desks.HOUR)
    (told,) = desk.messages()
    desk.at(midnight + 10 * desks.HOUR)
    desk.text("farah, and now?")

    assert at_night == []
    assert (told.person, told.subject) == ("chloe", "Conversation with +1202***0199")
    assert told.body == "Farah Aziz has left; you have this conversation now: #1 +1202***0199 about: farah?"
    assert [(m.person, m.body.splitlines()[0]) for m in desk.messages()] == [("chloe", "+1202***0199: farah, and now?")]


def test_conversations_handed_over_to_a_team(desks: Any) -> None:
    """Everyone of it is told, and whoever answers first has it; to one alone it belongs at once."""
    desk = desks.Desk()
    for caller in (desks.JANE, desks.JOE):
        desk.text("gus?", caller)
    desk.text("#1 yes", "+16175550147")
    desk.text("#2 yes", "+16175550147")
    desk.sent()
    desk.at(desks.TUESDAY_10 + 38 * desks.HOUR)
    told = desk.sent()
    desk.text("#1 hello", desks.ANNA)

    assert [person for person, _ in told] == ["anna", "ben", "anna", "ben"]
    assert desk.sent() == [(desks.JANE, "hello"), ("ben", "Anna Lind has answered +1202***0199.")]


def test_handed_over_while_the_successor_is_away(desks: Any) -> None:
    """It is theirs all the same, and whoever covers is told; of a team with one member here, that one has it."""
    desk = desks.Desk(desks.COMPANY.replace("handover: chloe", "handover: anna"))
    desk.text("farah?")
    desk.text("gus?", desks.JOE)
    desk.text("#1 yes", "+16175550146")
    desk.text("#1 yes", "+16175550147")
    desk.sent()
    morning = desks.TUESDAY_10 + 47 * desks.HOUR
    desk.switch(leaves=(desks.away("anna", morning + desks.HOUR),))
    desk.at(morning)
    talks = {each.customer: each for each in desk.texts.talks.known.values()}

    assert [person for person, _ in desk.sent()] == ["ben", "ben"]
    assert (talks[desks.JANE].owner, talks[desks.JOE].owner) == ("anna", "ben")


def test_a_number_that_is_gone_keeps_its_conversations(desks: Any) -> None:
    """While no number of that name is in the rules nothing is handed over, and nothing fails."""
    desk = desks.Desk()
    desk.text("farah?")
    desk.text("yes", "+16175550146")
    desk.sent()
    other = desks.COMPANY.replace("  main:\n    number", "  other:\n    number")
    desk.rules.now = desks.Desk(other).rules.now
    with capture_logs() as logs:
        desk.at(desks.TUESDAY_10 + 48 * desks.HOUR)

    assert (desk.sent(), logs) == ([], [])


def test_old_conversations_are_forgotten(desk: Any, desks: Any) -> None:
    """A week after they were over."""
    desk.at(desks.TUESDAY_10 + 10 * desks.DAY - 60)
    before = len(desk.texts.talks.known)
    desk.at(desks.TUESDAY_10 + 10 * desks.DAY + 1)

    assert (before, len(desk.texts.talks.known)) == (1, 0)


# ---------------------------------------------------------------- by itself


def test_an_automatic_reply_by_itself(desks: Any) -> None:
    """Where the provider takes none with its answer: once, within the hour, never again."""
    desk = desks.Desk(reply_apart=True)
    desk.clock.at += 12 * desks.HOUR
    desk.text("hello")
    (reply,) = desk.messages()

    assert (reply.to, reply.kind, reply.body, reply.again) == (
        desks.JANE,
        "reply",
        "Closed until Wed 25 Nov 09:00.",
        False,
    )
    assert reply.expires_at == desk.clock.at + desks.HOUR
    assert desk.texts.may_text(reply) is None


def test_one_confirmation_of_stop(desks: Any) -> None:
    """It goes out although the block holds already; nothing else does, and no second one."""
    desk = desks.Desk(reply_apart=True)
    desk.text("STOP")
    confirmation = next(message for message in desk.messages() if message.kind == "reply")
    desk.text("STOP")
    desk.text("hello")

    assert confirmation.key.endswith("/stop/0")
    assert desk.texts.may_text(confirmation) is None
    other = attrs.evolve(confirmation, key="x.1/0")
    assert desk.texts.may_text(other) == "the recipient has opted out"
    assert [person for person, _ in desk.sent()] == ["anna", "ben"]


def test_no_reply_to_whom_opted_out_meanwhile(desks: Any) -> None:
    """Between the decision and its turn a STOP may come."""
    desk = desks.Desk(reply_apart=True)
    desk.clock.at += 12 * desks.HOUR
    desk.outbox.down = True
    desk.text("hello")
    desk.text("STOP")
    desk.outbox.down = False
    desk.at(desk.clock.at + STALLED)

    assert [message.key.rpartition("/")[0][-5:] for message in desk.messages() if message.kind == "reply"] == ["/stop"]


@pytest.mark.parametrize(
    ("caller", "number", "expected"),
    [
        pytest.param("+12025550199", "main", [("+12025550199", "Sorry we missed you, Acme.")], id="an ordinary caller"),
        pytest.param("262966", "main", [], id="a short code"),
        pytest.param(None, "main", [], id="a caller nobody knows any more"),
        pytest.param("+12025550199", "sales", [], id="a number that texts nobody back"),
    ],
)
def test_a_text_back(desks: Any, caller: str | None, number: str, expected: list[tuple[str, str]]) -> None:
    """To whoever was missed; the record of the end of a call does not say who called, so the call is asked."""
    desk = desks.Desk()
    if caller is not None:
        desk.callers["01C"] = caller
    effect = desks.Effect(
        key="01C.2",
        about="01C",
        seq=9,
        kind="text-back",
        people=(),
        target=None,
        number=number,
        since="2026-11-24T15:00:00.000000Z",
        release_at=None,
    )
    record = desks.Record(9, "", "next", {}, "", {"outbox": []}, "", "")
    desk.outbox.effects[effect.key] = effect

    desk.texts.effects(record, [effect])

    assert desk.sent() == expected
    assert desk.outbox.effects == {}


# ---------------------------------------------------------------- trouble


def test_others_may_add_kinds_of_their_own(desk: Any, desks: Any) -> None:
    """What is to be done for them is asked of them, with all that is known."""
    record = desk.text("hello", desks.JOE)
    effect = attrs.evolve(desks.effects_of(record)[0], key="x.1", kind="missed")
    desk.texts.more = {"missed": lambda case: Ready(why=f"for {case.name}")}

    desk.texts.effects(record, [effect])

    assert desk.outbox.queued[-1][:3] == ("x.1", (), {"why": "for +1202***0123 (vip)"})


def test_what_others_send_is_not_ours(desk: Any, desks: Any) -> None:
    """Notices of missed calls are left alone, now and after a restart."""
    record = desk.text("hello")
    effect = attrs.evolve(next(iter(desk.outbox.sources and desks.effects_of(record))), key="x.1", kind="missed")
    desk.sent()
    desk.outbox.effects[effect.key] = effect

    desk.texts.effects(record, [effect])
    desk.open()
    desk.at(desk.clock.at + 1)

    assert (desk.sent(), list(desk.outbox.effects)) == ([], ["x.1"])


def test_while_the_journal_is_down_everything_waits(desk: Any, desks: Any) -> None:
    """Nothing is lost, and memory is not ahead of the journal."""
    desk.outbox.down = True
    desk.text("one more", desks.JOE)
    desk.text("hm", desks.ELI)
    desk.at(desk.clock.at + STALLED)
    desk.at(desk.clock.at + 1)
    known = len(desk.texts.talks.known)
    desk.outbox.down = False
    desk.at(desk.clock.at + STALLED)

    assert known == 1
    assert [person for person, _ in desk.sent()] == ["anna", "ben", "eli"]


def test_a_fault_of_ours_is_logged_and_tried_again(desk: Any, desks: Any) -> None:
    """What makes us stumble stays pending and keeps nothing else waiting."""
    desk.echo.broken = True
    with capture_logs() as logs:
        desk.text("away for today", desks.BEN)
    desk.text("hello", desks.JOE)
    others = desk.sent()
    desk.echo.broken = False
    desk.at(desk.clock.at + 600)

    assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == ["texts.failed"]
    assert len(others) == 2
    assert desk.sent() == [("ben", "done: away for today")]


def test_a_fault_while_looking_is_logged(desk: Any, desks: Any) -> None:
    """The loop goes on."""
    desk.texts.rules = None
    with capture_logs() as logs:
        desk.at(desk.clock.at + 60)
        desk.at(desk.clock.at + 60)

    assert [entry["event"] for entry in logs] == ["texts.failed"] * 2


def test_words_that_were_erased(desk: Any, desks: Any) -> None:
    """Nothing can be sent of them, and nothing waits for them."""
    desk.clock.at += 12 * desks.HOUR
    desk.text("hello")
    desk.sent()
    for key, record in desk.outbox.sources.items():
        desk.outbox.sources[key] = record._replace(private=None)
    desk.at(desk.clock.at + 600)

    assert desk.outbox.queued[-1][1:3] == ((), {"why": "its words have been erased"})


def test_a_number_that_is_gone(desk: Any, desks: Any) -> None:
    """Its texts wait until there is one of that name again."""
    desk.clock.at += 12 * desks.HOUR
    desk.text("hello")
    before = desk.rules.now
    desk.rules.now = desks.Desk(desks.COMPANY.replace("  main:\n    number", "  other:\n    number")).rules.now
    desk.at(desk.clock.at + desks.DAY)
    held = desk.outbox.held[-1][1:]
    desk.rules.now = before
    desk.at(desks.TUESDAY_10 + 2 * desks.DAY)

    assert held == (None, "there is no number main in the rules")
    assert [person for person, _ in desk.sent()] == ["anna", "ben"]


def test_what_an_administrator_drops_waits_no_more(desk: Any, desks: Any) -> None:
    """It is gone when its turn comes."""
    desk.clock.at += 12 * desks.HOUR
    desk.text("hello")
    desk.outbox.effects.clear()
    desk.at(desk.clock.at + desks.DAY)

    assert desk.sent() == []


def test_what_was_done_before_changes_nothing(desk: Any, desks: Any) -> None:
    """Should an effect be told twice, its conversations are not taken from the second time."""
    record = desk.text("hello", desks.JOE)
    count = len(desk.texts.talks.known)
    desk.texts.talks.known.clear()

    desk.texts.effects(record, desks.effects_of(record))

    assert count == 2
    assert desk.texts.talks.known == {}


def test_not_too_many_in_one_go(desk: Any, desks: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A morning's texts go out over several seconds if there are very many, in order."""
    monkeypatch.setattr("router.texts.texts.MOST", 2)
    desk.clock.at += 12 * desks.HOUR
    for body in ("one", "two", "three"):
        desk.text(body)
    desk.at(desks.TUESDAY_10 + 23 * desks.HOUR)
    first = [body for person, body in desk.sent() if person == "anna"]
    desk.at(desk.clock.at + 1)

    assert [body.rpartition(" ")[2] for body in first] == ["one", "two"]
    assert [body.rpartition(" ")[2] for person, body in desk.sent() if person == "anna"] == ["three"]


def test_nothing_is_left_behind(desk: Any) -> None:
    """After the end no timer of ours is left; a second end is none."""
    stopped = [desk.texts.stop(), desk.texts.stop()]
    for each in stopped:
        with pytest.raises(StopIteration):
            each.send(None)

    assert desk.timers.getDelayedCalls() == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, None, id="an ordinary text"),
        pytest.param({"to": "+442079460958"}, "texts to this number are not allowed", id="a country not allowed"),
        pytest.param(
            {"to": "+442079460958", "person": "ben"}, None, id="a teammate's phone, which was checked at load"
        ),
        pytest.param({"to": "x@example.com", "channel": "email"}, None, id="a mail"),
        pytest.param({"number": None}, None, id="nothing of a number of ours"),
    ],
)
def test_what_may_go_out(desk: Any, desks: Any, changes: dict[str, Any], expected: str | None) -> None:
    """Asked once more just before it does."""
    message = Message(
        key="a.0/0", about="a", kind="relay", channel="sms", via="pbx", lane="main|a", number="main", to=desks.JANE
    )

    assert desk.texts.may_text(attrs.evolve(message, **changes)) == expected


def test_no_private_number_is_ever_read(desk: Any, desks: Any) -> None:
    """Neither customers nor colleagues read the number of a teammate's phone, nor is any number in a public part whole."""
    desk.text("hi", desks.BEN)
    desk.text("#1 and", desks.ANNA)
    desk.text("hello", desks.JOE)
    desk.text("what?", desks.BEN)
    desk.text("STOP")

    bodies = " ".join(f"{m.subject} {m.body}" for _, messages, _, _ in desk.outbox.queued for m in messages)
    public = repr([(key, [m.public() for m in messages], shown) for key, messages, shown, _ in desk.outbox.queued])
    for number in (desks.ANNA, desks.BEN, desks.JANE, desks.JOE):
        assert number[2:] not in bodies + public
