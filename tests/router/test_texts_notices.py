"""Notices that nobody asked for: what is still switched on, and what did not arrive; whom they reach, when, in which words."""

from collections.abc import Callable
from typing import Any

import pytest

from router.clock import iso
from router.journal.record import Record
from router.outbox.carrier import EXPIRED
from router.outbox.ledger import effects_of
from router.switchboard.standing import Standing
from router.texts.reminders import Reminders
from router.texts.undelivered import HOUR, Undelivered
from rules.inquiry import Leave

JANE = "+12025550199"
UNTIL = 1_796_392_800  # Fri 4 Dec 2026, 09:00 in New York
DAY = 86_400

Tell = Callable[..., Record]


@pytest.fixture
def desk(desks: Any) -> Any:
    """Return an office on a Tuesday at ten, where Chloe is told of missed calls."""
    return desks.Desk()


@pytest.fixture
def tell(desk: Any) -> Tell:
    """Let the record of something come in, with its effect."""

    def told(kind: str, key: str, public: dict[str, Any], private: dict[str, Any], **more: Any) -> Record:
        effect = {"key": key, "kind": kind, "people": [], "target": None, "number": "main", "release_at": None, **more}
        record = Record(900, iso(desk.clock.at), kind, public, "", private | {"outbox": [effect]}, "", "")
        for one in effects_of(record):
            desk.outbox.effects[one.key] = one
            desk.outbox.sources[one.key] = record
        desk.texts.effects(record, effects_of(record))
        return record

    return told


def nobody_in(desk: Any) -> int:
    """Let everybody be away for three hours; returns when that ends."""
    end = int(desk.clock.at) + 3 * 3600
    names = ("anna", "ben", "chloe", "eli")
    desk.switch(leaves=tuple(Leave(f"away:{name}:command:o1", name, ((0, end),), None) for name in names))
    return end


# ---------------------------------------------------------------- still switched on


def standing(**more: Any) -> Standing:
    """Return something that has been switched on for long."""
    given: dict[str, Any] = {"id": "o7", "what": "closed", "since": UNTIL - 20 * DAY, "until": UNTIL, "by": "ben"}
    return Standing(**(given | more))


@pytest.fixture
def remind(desk: Any, tell: Tell) -> Callable[..., list[tuple[str, str]]]:
    """Remind of something; returns who was told and what."""

    def reminded(of: Standing | None, number: str = "main") -> list[tuple[str, str]]:
        desk.texts.more = {"remind": Reminders(lambda _id: of).remind}
        tell("remind", "o7.remind", {"id": "o7"}, {}, number=number)
        return list(desk.sent())

    return reminded


@pytest.mark.parametrize(
    ("of", "told"),
    [
        pytest.param(
            standing(number="main"),
            "main is still switched closed, until Fri 4 Dec 09:00 EST (set by ben). "
            "To end it: switchhook override clear main.",
            id="a number",
        ),
        pytest.param(
            standing(),
            "the whole business is still switched closed, until Fri 4 Dec 09:00 EST (set by ben). "
            "To end it: switchhook override clear business.",
            id="the business",
        ),
        pytest.param(
            standing(what="plan", plan="storm", number="main"),
            "main still follows the plan storm, until Fri 4 Dec 09:00 EST (set by ben). "
            "To end it: switchhook override clear main.",
            id="a plan",
        ),
    ],
)
def test_who_is_told_of_missed_calls_is_reminded(remind: Any, of: Standing, told: str) -> None:
    """Once, in words, with the way to end it."""
    assert remind(of) == [("chloe", f"{told}\n\nThis mail cannot be answered.")]


@pytest.mark.parametrize(
    ("more", "people"),
    [
        pytest.param({"person": "anna"}, ["ben"], id="her own cover"),
        pytest.param({"person": "anna", "cover": "eli"}, ["eli"], id="the cover that was named"),
        pytest.param({"person": "ben"}, ["chloe"], id="nobody covers: who is told of missed calls"),
        pytest.param({"person": "anna", "cover": "pair"}, ["ben"], id="a team she is in"),
    ],
)
def test_whoever_is_away_is_left_alone(remind: Any, more: dict[str, Any], people: list[str]) -> None:
    """The cover is told, else whoever hears of the business's missed calls."""
    told = remind(standing(what="away", **more))

    assert [name for name, _ in told] == people
    assert f"switchhook away {more['person']} --back." in told[0][1]


def test_a_reminder_waits_for_somebody(desk: Any, remind: Any) -> None:
    """With nobody in, who comes first is told, while it is still on."""
    end = nobody_in(desk)
    assert remind(standing(number="main")) == []
    desk.at(end + 601)

    assert [name for name, _ in desk.sent()] == ["chloe"]


@pytest.mark.parametrize(
    "of", [pytest.param(None, id="cancelled"), pytest.param(standing(until=1_700_000_000), id="over")]
)
def test_nothing_is_said_of_what_is_over(desk: Any, remind: Any, of: Standing | None) -> None:
    """It is done without a message, and says why."""
    assert remind(of) == []
    assert desk.outbox.queued[-1][2]["why"] == "it is over"


# ---------------------------------------------------------------- did not arrive


@pytest.fixture
def lost(desk: Any, tell: Tell) -> Callable[..., list[Any]]:
    """Give a message up; returns the notices."""
    desk.texts.more = {"undelivered": Undelivered().undelivered}
    count = 0

    def given_up(
        kind: str = "deliver",
        channel: str = "sms",
        person: str | None = None,
        reason: str = "the recipient's phone cannot be reached",
        lane: str = "main|1",
        number: str = "main",
    ) -> list[Any]:
        nonlocal count
        count += 1
        private: dict[str, Any] = {"undelivered": {"channel": channel, "via": "pbx", "kind": kind}}
        if person is None and channel == "sms":
            private["from"] = JANE
        people = [person] if person else []
        public = {"id": f"01{count}", "reason": reason}
        tell("undelivered", f"01{count}.0/0.undelivered-1", public, private, people=people, target=lane, number=number)
        return list(desk.messages())

    return given_up


@pytest.mark.parametrize(
    ("more", "words"),
    [
        pytest.param(
            {"person": "anna"},
            "A text to Anna Lind from main did not arrive: the recipient's phone cannot be reached.",
            id="to a teammate",
        ),
        pytest.param(
            {"kind": "relay"},
            "A text to +1202***0199 from main did not arrive: the recipient's phone cannot be reached.",
            id="to a customer, whose number is masked",
        ),
        pytest.param(
            {"kind": "event", "channel": "webhook", "reason": "it answered 500"},
            "A report to the web hook pbx from main did not arrive: it answered 500.",
            id="to a machine",
        ),
    ],
)
def test_the_team_is_told_what_did_not_arrive(lost: Any, more: dict[str, Any], words: str) -> None:
    """Whoever is told of missed calls: who could not be reached and why, and nothing else."""
    [message] = lost(**more)

    assert (message.person, message.kind, message.channel) == ("chloe", "notice", "email")
    assert message.body == f"{words}\n\nThis mail cannot be answered."


@pytest.mark.parametrize(
    ("channel", "by"), [pytest.param("sms", "email", id="texts fail"), pytest.param("email", "sms", id="mail fails")]
)
def test_it_comes_by_another_way(lost: Any, channel: str, by: str) -> None:
    """Eli has both; what has just failed is not tried first."""
    [message] = lost(channel=channel, person="anna", number="sales")

    assert (message.person, message.channel) == ("eli", by)


def test_whoever_could_not_be_reached_is_told_by_another_way_only(lost: Any) -> None:
    """Chloe has nothing but mail, and that has failed: she is not written to; Anna and Ben get the texts of that number."""
    told = lost(channel="email", person="chloe")

    assert [(message.person, message.channel) for message in told] == [("anna", "sms"), ("ben", "sms")]


def test_who_wrote_it_is_told_that_a_reply_did_not_arrive(desk: Any, lost: Any) -> None:
    """The owner of the conversation, not the whole team."""
    desk.text("Is it ready?")
    desk.text("Yes", caller="+16175550142")
    desk.messages()

    assert [message.person for message in lost(kind="relay")] == ["ben"]


def test_no_more_than_one_an_hour_is_about_the_same_lane(desk: Any, lost: Any) -> None:
    """Others of the lane are passed over; another lane, and the next hour, are told."""
    assert len(lost()) == 1
    assert lost() == []
    assert desk.outbox.queued[-1][2]["why"] == "the team was told of this lane within the hour"
    assert len(lost(lane="main|2")) == 1
    desk.clock.at += HOUR - 1
    assert lost() == []
    desk.clock.at += 1
    assert len(lost()) == 1


def test_a_notice_the_journal_did_not_take_is_not_lost(desk: Any, lost: Any) -> None:
    """It is tried again, and is not its own reason to be silent."""
    desk.outbox.down = True
    assert lost() == []
    desk.outbox.down = False
    desk.at(desk.clock.at + 10)

    assert len(desk.messages()) == 1


@pytest.mark.parametrize("kind", ["reply", "text-back"])
def test_nobody_misses_an_automatic_answer_that_is_too_late(desk: Any, lost: Any, kind: str) -> None:
    """Nobody wrote it; a provider that was down for hours must not bring a hundred notices."""
    assert lost(kind=kind, reason=EXPIRED) == []
    assert len(lost(kind="relay", reason=EXPIRED)) == 1


def test_a_notice_waits_for_somebody(desk: Any, lost: Any) -> None:
    """With nobody in, it waits."""
    end = nobody_in(desk)
    assert lost() == []
    desk.at(end + 601)

    assert [message.person for message in desk.messages()] == ["chloe"]


def test_somebody_the_rules_no_longer_know(lost: Any) -> None:
    """A person who is gone from the file is called by the name the record has."""
    [message] = lost(person="zoe")

    assert message.body.startswith("A text to zoe from main did not arrive")
