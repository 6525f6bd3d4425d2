"""Texts on their way to teammates: who reads what, what waits for whom, and in which order."""

from typing import Any

import pytest

from router.clock import epoch
from router.texts.posting import LONGEST_TEXT
from router.texts.talks import KEY


@pytest.fixture
def desk(desks: Any) -> Any:
    """Return a desk on a Tuesday at ten, open."""
    return desks.Desk()


def test_a_team_reads_it_each_their_way(desk: Any, desks: Any) -> None:
    """Everyone who is in gets the text from the business number, and one record holds all of it with the conversation."""
    record = desk.text("Is the sofa ready?")

    (effect, messages, public, private) = desk.outbox.queued[0]
    assert [(m.person, m.to, m.sender, m.via, m.channel, m.body) for m in messages] == [
        ("anna", desks.ANNA, desks.MAIN, "pbx", "sms", "+1202***0199: Is the sofa ready?"),
        ("ben", desks.BEN, desks.MAIN, "pbx", "sms", "+1202***0199: Is the sofa ready?"),
    ]
    id_ = record.public["id"]
    assert [(m.key, m.lane, m.kind, m.again, m.about, m.number) for m in messages] == [
        (f"{id_}.0/{n}", f"main|{id_}|{person}", "deliver", True, id_, "main")
        for n, person in enumerate(("anna", "ben"))
    ]
    assert public == {KEY: [{"id": id_, "owner": None, "people": ["anna", "ben"]}]}
    assert private[KEY][0]["customer"] == desks.JANE
    assert effect == f"{id_}.0"


@pytest.mark.parametrize(
    ("body", "caller", "config", "expected"),
    [
        pytest.param("hi", "+12025550123", {}, "+1202***0123 (vip): hi", id="a customer of a group"),
        pytest.param("hi", "262966", {}, "262966: hi", id="a short code"),
        pytest.param("hi", "BANK\u202e", {}, "BANK?: hi", id="a sender with a name, made harmless"),
        pytest.param("hi", "anonymous", {}, "a withheld number: hi", id="a withheld number"),
        pytest.param("hi", "0000000000000", {}, "0000***0000: hi", id="digits that are no number"),
        pytest.param("a\x1b[2Jb\nc", "+12025550199", {}, "+1202***0199: a?[2Jb\nc", id="nothing a screen would obey"),
        pytest.param(
            "hi",
            "+12025550123",
            {"voicemail: main}\nbusiness": "voicemail: main}\ndefaults: {teammate_sees: business}\nbusiness"},
            "a customer (vip): hi",
            id="where teammates see no numbers",
        ),
    ],
)
def test_how_a_customer_is_seen(desks: Any, body: str, caller: str, config: dict[str, str], expected: str) -> None:
    """The number with its middle hidden, the name of a sender, groups of the file; never a number to dial."""
    written = desks.COMPANY
    for old, new in config.items():
        assert old in written
        written = written.replace(old, new)
    desk = desks.Desk(written)

    desk.text(body, caller)

    assert {body for _, body in desk.sent()} == {expected}


def test_pictures_are_links(desk: Any) -> None:
    """They stand below the text; what is no plain address is left out, and nothing is fetched."""
    desk.text("look", media=["https://media.example/1.jpg", "javascript:alert(1)", "https://x/ y"])

    assert desk.sent()[0] == ("anna", "+1202***0199: look\nhttps://media.example/1.jpg")


def test_a_picture_alone(desk: Any, desks: Any) -> None:
    """It is named where conversations are told apart."""
    desk.text("", media=["https://media.example/1.jpg"])
    desk.text("hello", desks.JOE)
    first = desk.sent()[0]
    desk.text("what?", desks.BEN)

    assert first == ("anna", "+1202***0199:\nhttps://media.example/1.jpg")
    assert "#1 +1202***0199 about: (a picture)" in desk.sent()[0][1]


def test_a_wish_for_no_more_texts_is_pointed_out(desk: Any) -> None:
    """In words of one's own it stays a text, with a hint."""
    desk.text("please stop texting me")

    assert "no more texts" in desk.sent()[0][1]


def test_by_mail_where_somebody_prefers_it(desk: Any) -> None:
    """The mail says where it comes from, and that it cannot be answered by somebody without a mobile."""
    desk.text("chloe?")

    mail, copy = desk.messages()
    assert (mail.channel, mail.via, mail.to, mail.subject) == (
        "email",
        "mail",
        "chloe@acme.example",
        "Text from +1202***0199 to main",
    )
    assert mail.body == "+1202***0199: chloe?\n\nThis mail cannot be answered."
    assert (copy.person, copy.kind, copy.body) == ("eli", "copy", "copy main, +1202***0199: chloe?")


def test_who_answers_for_several_numbers_is_told_which(desk: Any, desks: Any) -> None:
    """Eli gets texts of both."""
    desk.text("hello", to=desks.SALES)

    assert desk.sent() == [("eli", "sales, +1202***0199: hello")]


def test_tags_as_soon_as_there_are_two(desk: Any, desks: Any) -> None:
    """The first needs none; with the second everybody is told which is which."""
    desk.text("first")
    desk.text("second", desks.JOE)
    desk.text("first again")

    assert [body for person, body in desk.sent() if person == "ben"] == [
        "+1202***0199: first",
        "#2 +1202***0123 (vip): second",
        "#1 +1202***0199: first again",
    ]


def test_a_long_text_goes_out_in_parts(desk: Any) -> None:
    """Numbered, in one lane, each with a key of its own."""
    desk.text("word " * 400)

    parts = [message for message in desk.messages() if message.person == "anna"]
    assert [message.body[:6] for message in parts] == ["(1/2) ", "(2/2) "]
    assert len({message.lane for message in parts}) == 1
    assert [message.key.rpartition("/")[2] for message in parts] == ["0", "1"]


@pytest.mark.parametrize(
    ("length", "cut"),
    [
        pytest.param(LONGEST_TEXT, False, id="5,000 characters come whole"),
        pytest.param(LONGEST_TEXT + 1, True, id="of one more the end is missing, and it says so"),
        pytest.param(60_000, True, id="of what fits into a request not eighty messages come"),
    ],
)
def test_nobodys_phone_is_flooded_by_one_text(desk: Any, length: int, cut: bool) -> None:
    """Each message costs; what is left out stands in the record."""
    words = ("word " * length)[: length - len("+1202***0199: ")]
    desk.text(words)

    bodies = [message.body for message in desk.messages() if message.person == "anna"]
    assert len(bodies) == 4
    assert bodies[-1].endswith("[...]") is cut


@pytest.mark.parametrize("length", [pytest.param(1568, id="one"), pytest.param(1569, id="two")])
def test_a_message_that_comes_again_fits_with_its_mark(desk: Any, length: int) -> None:
    """No part is longer than providers take, also when it is marked as a possible repeat."""
    desk.text("x" * length)

    parts = [message for message in desk.messages() if message.person == "anna"]
    assert len(parts) == 1 + (length > 1568)
    assert max(len(message.marked().body) for message in parts) <= 1600


def test_a_phone_that_has_opted_out_gets_a_mail_instead(desk: Any, desks: Any) -> None:
    """STOP counts for teammates as well; who has no other way is left out."""
    desk.text("STOP", desks.ELI, desks.SALES)
    desk.text("STOP", desks.ANNA)
    desk.sent()

    desk.text("hello", to=desks.SALES)
    desk.text("hello")

    assert [(m.person, m.channel) for m in desk.messages()] == [("eli", "email"), ("ben", "sms")]


def test_nobody_with_a_way_left(desk: Any, desks: Any) -> None:
    """The text waits until there is one."""
    desk.text("STOP", desks.ANNA)
    desk.text("STOP", desks.BEN)
    desk.text("hello")

    assert desk.outbox.held[-1][1:] == (None, "nobody of pair can be reached now")
    desk.text("START", desks.BEN)
    desk.sent()
    desk.at(desk.clock.at + 600)
    assert desk.sent() == [("ben", "+1202***0199: hello")]


# ---------------------------------------------------------------- absence


def test_an_open_conversation_goes_to_the_cover_and_comes_back(desk: Any, desks: Any) -> None:
    """Anna's conversation continues with Ben while she is away, and reaches her alone again afterwards."""
    desk.text("first")
    desk.text("hello", desks.ANNA)
    desk.text("I am back on Monday", desks.BEN)
    desk.sent()

    desk.switch(leaves=(desks.away("anna", desks.TUESDAY_10 + desks.HOUR),))
    desk.text("And now?")
    covered = desk.sent()
    desk.text("Ben here", desks.BEN)
    reply = desk.sent()
    desk.clock.at += desks.HOUR
    desk.text("Thanks")

    assert covered == [("ben", "+1202***0199: And now?")]
    assert "anna has this conversation; anna is away; cover: ben" in [
        shown.get("why") for _, _, shown, _ in desk.outbox.queued
    ]
    assert reply == [(desks.JANE, "Ben here")]
    assert desk.sent() == [("anna", "+1202***0199: Thanks")]


def test_words_that_go_elsewhere_reach_them_and_the_owner(desk: Any, desks: Any) -> None:
    """A rule that names somebody else this time is followed, and the owner knows."""
    desk.text("first")
    desk.text("yes", desks.BEN)
    desk.sent()

    desk.text("chloe?")

    assert [person for person, _ in desk.sent()] == ["ben", "chloe", "eli"]


def test_an_owner_nobody_covers_for(desk: Any, desks: Any) -> None:
    """While Ben is away without a cover, the team is asked again."""
    desk.text("first")
    desk.text("yes", desks.BEN)
    desk.sent()

    desk.switch(leaves=(desks.away("ben", desks.TUESDAY_10 + desks.HOUR),))
    desk.text("more")

    assert desk.sent() == [("anna", "+1202***0199: more")]


# ---------------------------------------------------------------- waiting


def opening(desks: Any, days: int = 1) -> float:
    """Return nine o'clock so many days after that Tuesday."""
    return float(desks.TUESDAY_10) - desks.HOUR + days * desks.DAY


def test_the_night(desk: Any, desks: Any) -> None:
    """Three texts wait, an urgent one goes out at once, the rest in order at the opening; a restart in between."""
    desk.clock.at = desks.TUESDAY_10 + 12 * desks.HOUR
    desk.text("one")
    desk.text("two", desks.JOE)
    desk.text("URGENT leak")
    desk.text("three")
    at_night = desk.sent()
    desk.open()
    desk.at(opening(desks) - 1)
    early = desk.sent()
    desk.at(opening(desks))

    assert at_night == [("eli", "main, +1202***0199: URGENT leak")]
    assert early == []
    assert [body for person, body in desk.sent() if person == "ben"] == [
        "+1202***0199: one",
        "#2 +1202***0123 (vip): two",
        "#1 +1202***0199: three",
    ]


def test_the_night_the_clocks_change(desks: Any) -> None:
    """On 1 November 2026 New York goes back an hour: Monday's nine o'clock is an hour later in UTC."""
    desk = desks.Desk()
    desk.clock.at = epoch("2026-10-31T20:00:00Z")
    desk.rules.now = desks.Timetable(desk.rules.now.book, desks.window_around(int(desk.clock.at)))
    desk.text("hi")

    desk.at(epoch("2026-11-02T13:59:59Z"))
    before = desk.sent()
    desk.at(epoch("2026-11-02T14:00:00Z"))

    assert (before, len(desk.sent())) == ([], 2)


def test_a_text_at_the_minute_of_opening_overtakes_nobody(desk: Any, desks: Any) -> None:
    """Before it goes out, what waits of the same customer does."""
    desk.clock.at = opening(desks) - 10
    desk.text("one")
    desk.text("two")
    desk.text("from somebody else", desks.JOE)
    desk.clock.at = opening(desks)
    desk.text("three")

    assert [body for person, body in desk.sent() if person == "ben"] == [
        "+1202***0199: one",
        "+1202***0199: two",
        "+1202***0199: three",
    ]


def test_held_again_while_closed_by_hand(desk: Any, desks: Any) -> None:
    """Nothing goes out at the usual opening; it does when what was switched on ends, or is taken back."""
    desk.clock.at = opening(desks) - 10
    desk.text("one")
    desk.switch((desks.closed(opening(desks) + 2 * desks.HOUR),))

    desk.at(opening(desks))
    at_nine = desk.sent()
    held = list(desk.outbox.held)
    desk.switch()
    desk.at(opening(desks) + 5)

    assert at_nine == []
    assert held[-1][1:] == ("2026-11-25T16:00:00Z", "main is closed")
    assert len(desk.sent()) == 2


def test_a_later_text_never_overtakes_one_that_must_wait_longer(desk: Any, desks: Any) -> None:
    """The first waits for the door, the second only for somebody to come back: it goes out behind the first all the same."""
    back, reopened = opening(desks) + 2 * desks.HOUR, opening(desks) + 4 * desks.HOUR
    gone = (desks.away("anna", back), desks.away("ben", back))
    desk.clock.at = opening(desks) - 10
    desk.text("one")
    desk.switch(leaves=gone)
    desk.at(opening(desks))
    desk.text("two")
    desk.switch((desks.closed(reopened),), gone)
    desk.at(back)
    early = desk.sent()
    desk.at(reopened)

    assert early == []
    assert [body for person, body in desk.sent() if person == "anna"] == ["+1202***0199: one", "+1202***0199: two"]


def test_it_is_released_by_whoever_is_there_then(desk: Any, desks: Any) -> None:
    """The target is resolved at the opening, by the rules of then."""
    desk.clock.at = opening(desks) - 10
    desk.text("one")
    desk.switch(leaves=(desks.away("anna", opening(desks) + desks.DAY),))

    desk.at(opening(desks))

    assert [person for person, _ in desk.sent()] == ["ben"]


def test_open_and_nobody_in(desk: Any, desks: Any) -> None:
    """The text waits for the first who is in."""
    until = desks.TUESDAY_10 + 2 * desks.HOUR
    desk.switch(leaves=(desks.away("anna", until), desks.away("ben", until)))
    desk.text("one")
    desk.text("two")
    desk.at(until - 1)
    before = desk.sent()
    desk.at(until)

    assert before == []
    assert [body for person, body in desk.sent() if person == "anna"] == ["+1202***0199: one", "+1202***0199: two"]


def test_who_is_to_be_reached_off_hours_is(desk: Any, desks: Any) -> None:
    """`even_if` of the rule counts at the release as well."""
    desk.clock.at = opening(desks) - 10
    desk.text("anyway")
    desk.switch((desks.Override("override:o2", (0, int(opening(desks))), None, None, opens=True),))
    desk.at(opening(desks) - 5)

    assert [person for person, _ in desk.sent()] == ["chloe"]


def test_who_takes_turns_gets_it_alone(desk: Any, desks: Any) -> None:
    """At the release one of the team gets it, and the next one the next."""
    desk.clock.at = opening(desks) - 10
    desk.text("turns")
    desk.text("turns", desks.JOE)
    desk.at(opening(desks))

    assert [person for person, _ in desk.sent()] == ["anna", "ben"]


def test_an_urgent_text_that_found_nobody(desk: Any, desks: Any) -> None:
    """It waits for those it is for, under the rule's own conditions; under a plan, and when the rule is gone, likewise."""
    storm = desks.Override("override:o2", (0, int(opening(desks, 9))), None, "storm", opens=None)
    desk.clock.at = opening(desks) - desks.HOUR
    desk.switch(leaves=(desks.away("eli", opening(desks) - 60),))
    desk.text("URGENT")
    desk.switch((storm,), (desks.away("eli", opening(desks) - 60),))
    desk.text("storm", desks.JOE)
    desk.switch(leaves=(desks.away("eli", opening(desks) - 60),))
    record = desk.text("URGENT as well")
    record.public["rule"] = "main.rules.gone"
    record = desk.text("URGENT again", desks.JOE)
    record.public["rule"] = "main.texts.open"
    desk.switch()
    desk.at(desk.clock.at + 1)

    assert [(person, body.rpartition(": ")[2]) for person, body in desk.sent()] == [
        ("eli", "URGENT"),
        ("eli", "storm"),
        ("eli", "URGENT as well"),
        ("eli", "URGENT again"),
    ]


def test_a_copy_nobody_else_needs(desk: Any, desks: Any) -> None:
    """Who has the text anyway gets no copy of it."""
    desk = desks.Desk(desks.COMPANY.replace("to: chloe, copy: eli", "to: eli, copy: eli"))
    desk.text("chloe?")

    assert [message.kind for message in desk.messages()] == ["deliver"]
    assert desk.outbox.queued[-1][1:3] == ((), {"why": "nobody of eli can be reached now"})


def test_a_text_nobody_wrote_a_rule_for(desk: Any, desks: Any) -> None:
    """It reaches whoever the number's calls ring."""
    desk.text("hello", to=desks.BARE)

    assert desk.sent() == [("eli", "bare, +1202***0199: hello")]


def test_a_number_nobody_answers_for(desk: Any, desks: Any) -> None:
    """Its texts are kept; after 72 hours there is nobody to be told either."""
    desk.text("hello", to=desks.MUTE)
    desk.at(desk.clock.at + 73 * desks.HOUR)

    assert desk.sent() == []
    assert desk.outbox.queued[-1][3] == {}
    assert len(desk.outbox.effects) == 1


def test_the_team_is_told_once_of_what_waits_for_days(desk: Any, desks: Any) -> None:
    """After 72 hours, whoever is told of missed calls; also after a restart no second time."""
    forever = desks.TUESDAY_10 + 30 * desks.DAY
    desk.switch(leaves=(desks.away("anna", forever), desks.away("ben", forever)))
    desk.text("one")
    since = desks.TUESDAY_10
    desk.at(since + 72 * desks.HOUR - 1)
    before = desk.sent()
    desk.at(since + 72 * desks.HOUR + 600)
    notice = desk.messages()
    desk.open()
    desk.at(since + 73 * desks.HOUR)

    assert before == []
    assert [(m.person, m.kind, m.subject) for m in notice] == [("chloe", "notice", "A text is still waiting")]
    assert notice[0].body.startswith(
        "A text from +1202***0199 to main has been waiting for pair since Tue 24 Nov 10:00."
    )
    assert notice[0].key.rpartition("/")[0].endswith(".0-late")
    assert desk.sent() == []


# ---------------------------------------------------------------- STOP is shown


def test_stop_is_an_event_for_the_owner(desk: Any, desks: Any) -> None:
    """Not a chat message; the conversation is over."""
    desk.text("first")
    desk.text("yes", desks.BEN)
    desk.sent()
    desk.text("Stop!")
    (event,) = desk.messages()
    desk.text("are you there?", desks.BEN)

    assert (event.person, event.kind) == ("ben", "event")
    assert event.body == "+1202***0199 wrote STOP to main: nothing more is texted to them from there."
    assert desk.sent() == [("ben", "Not sent: #1 +1202***0199 wants no more texts from this number.")]


def test_stop_of_a_conversation_nobody_has_answered(desk: Any) -> None:
    """All who could have are told."""
    desk.text("first")
    desk.sent()
    desk.text("STOP")

    assert [person for person, _ in desk.sent()] == ["anna", "ben"]


def test_stop_out_of_the_blue(desk: Any) -> None:
    """Whoever is told of missed calls; a second STOP is no news, START is."""
    desk.text("STOP")
    first = desk.sent()
    desk.text("STOP")
    second = desk.sent()
    desk.text("START")

    assert [person for person, _ in first] == ["chloe"]
    assert second == []
    assert "may be texted from there again" in desk.sent()[0][1]


def test_stop_at_night_is_shown_in_the_morning(desk: Any, desks: Any) -> None:
    """Nobody is woken by it; whom the number's texts are for is asked as well."""
    forever = desks.TUESDAY_10 + 30 * desks.DAY
    desk.switch(leaves=(desks.away("anna", forever), desks.away("ben", forever)))
    desk.clock.at = desks.TUESDAY_10 + 12 * desks.HOUR
    desk.text("STOP")
    at_night = desk.sent()
    desk.at(opening(desks))

    assert at_night == []
    assert [person for person, _ in desk.sent()] == ["chloe"]
