"""What teammates read, word for word."""

import pytest

from rules.book import RuleBook
from rules.load import load
from rules.masked import shown
from rules.relay import words
from rules.relay.answering import answers_several
from rules.relay.conversation import Conversation, Party, ended

JANE = "+1202***0199"


def small(rest: str = "") -> RuleBook:
    """Load an office of one, with *rest*."""
    text = f"""
public_url: https://phone.example.com
providers: {{line: {{adapter: generic, secret: env:SECRET}}}}
business: {{name: Acme, timezone: America/New_York, country: US, region: MA}}
people:
  ann: {{devices: {{mobile: "+1 617 555 0141"}}, texts_by: [sms]}}
callers: {{vip: ["+1 202 555 0123"]}}
numbers:
  main:
    number: "+1 617 555 0100"
    provider: line
    rules: [{{name: friend, from: "+1 202 555 0123", texts: {{to: ann}}}}]
    texts: {{open: {{to: ann}}}}
  mute: {{number: "+1 617 555 0101", provider: line}}
{rest}
"""
    loaded = load("a.yaml", {"a.yaml": text.encode()}, lambda _: None)
    assert loaded.book, loaded.problems
    return loaded.book


@pytest.mark.parametrize(
    ("raw", "sees", "expected"),
    [
        pytest.param("+12025550199", "caller", JANE, id="a number"),
        pytest.param(
            "+12025550123", "caller", "+1202***0123 (vip)", id="with the group, and none that was written in place"
        ),
        pytest.param("+12025550199", "business", "a customer", id="no number where teammates see none"),
        pytest.param("+12025550123", "business", "a customer (vip)", id="though the group"),
        pytest.param("+16175550141", "caller", "+1617***0141", id="a colleague is a number like others"),
        pytest.param("123456789012345678", "caller", "1234***5678", id="digits that are no number"),
        pytest.param("262966", "business", "262966", id="a short code is nobody's"),
        pytest.param("B\u202eANK" * 20, "caller", ("B?ANK" * 20)[:40], id="a name"),
        pytest.param("anonymous", "caller", "a withheld number", id="withheld"),
    ],
)
def test_how_a_customer_is_called(raw: str, sees: str, expected: str) -> None:
    """Never by a number that could be dialled."""
    book = small(f"defaults: {{teammate_sees: {sees}}}")

    assert words.name_of(book, book.callers.classify(raw, verified=None)) == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        pytest.param(("+", "12025550123"), "+1202***0123", id="country, area, last four"),
        pytest.param(("", "1202555012"), "1202***5012", id="as long as that, without its plus"),
        pytest.param(("+", "493012345"), "+49***45", id="a short one"),
    ],
)
def test_how_a_number_is_masked(number: tuple[str, str], expected: str) -> None:
    """Enough to recognise it."""
    assert shown(*number) == expected


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        pytest.param({}, f"{JANE}: hi", id="the only one"),
        pytest.param({"tag": 7}, f"#7 {JANE}: hi", id="with a tag"),
        pytest.param({"number": "boston"}, f"boston, {JANE}: hi", id="with our number"),
        pytest.param({"tag": 7, "number": "boston"}, f"#7 boston, {JANE}: hi", id="with both"),
        pytest.param({"copy": True}, f"copy {JANE}: hi", id="a copy"),
        pytest.param(
            {"links": ["https://a/1"], "notes": ["(note)"]}, f"{JANE}: hi\nhttps://a/1\n(note)", id="pictures, a note"
        ),
    ],
)
def test_a_delivery(more: dict[str, object], expected: str) -> None:
    """What is needed to tell one from another comes first."""
    plain: dict[str, object] = {"tag": None, "number": None, "links": (), "copy": False, "notes": ()}

    assert words.delivery("hi", name=JANE, **{**plain, **more}) == expected  # type: ignore[arg-type]


TALK = Conversation(id="1", number="main", customer="+12025550199", topic="sofa", touched=0)
OPEN = Conversation(
    id="1",
    number="main",
    customer="+12025550199",
    topic="sofa",
    touched=0,
    parties=(Party(person="ben", tag=7, shown=0, open=True),),
)
SHOWN = Conversation(
    id="1",
    number="main",
    customer="+12025550199",
    topic="sofa",
    touched=0,
    owner="ben",
    parties=(Party(person="ben", tag=7, shown=0, open=False),),
)
TAKEN = Conversation(id="1", number="main", customer="+12025550199", topic="sofa", touched=0, owner="ann")


@pytest.mark.parametrize(
    ("conversation", "owner", "expected"),
    [
        pytest.param(ended(OPEN, 1), None, "Not sent: #7 X wants no more texts from this number.", id="opted out"),
        pytest.param(TAKEN, "Ann", "Not sent: Ann has answered #7 X.", id="taken"),
        pytest.param(
            SHOWN,
            "Ben",
            "Not sent: #7 X is not yours to answer; you were shown it only, or somebody else has it now.",
            id="shown only",
        ),
        pytest.param(
            OPEN, None, "Not sent: the conversation with #7 X is over. It begins again when they write.", id="idle"
        ),
        pytest.param(
            TALK, None, "Not sent: the conversation with #7 X is over. It begins again when they write.", id="unknown"
        ),
    ],
)
def test_why_a_reply_was_not_sent(conversation: Conversation, owner: str | None, expected: str) -> None:
    """The reason, and what can be done."""
    assert words.moved(conversation, name="X", tag=7, owner=owner, person="ben") == expected


def test_the_other_words() -> None:
    """Each says what was not done, and the way out."""
    number = small().numbers["main"]

    assert words.answered_by("Ben", JANE) == f"Ben has answered {JANE}."
    assert (
        words.ask([], None) == "Not sent yet: whom is it for? No conversation is open with you here; nothing was sent."
    )
    assert words.ask([(2, JANE, "sofa")], 9).splitlines() == [
        "There is no #9. Please write it again, beginning with one of these:",
        f"#2 {JANE} about: sofa",
    ]
    assert "goes through boston" in words.elsewhere(7, JANE, "boston")
    assert "behind #7" in words.wordless(7)
    assert "Acme" in words.nothing("Acme")
    assert "Acme" in words.switched_off("Acme")
    assert "cannot be texted" in words.unanswerable(JANE)
    assert "START" in words.opted_out(JANE)
    assert words.opted("stop", JANE, "main").startswith(f"{JANE} wrote STOP to main")
    assert words.opted("start", JANE, "main").startswith(f"{JANE} wrote START to main")
    assert (
        words.yours_now("Farah", JANE, 3, "sofa")
        == f"Farah has left; you have this conversation now: #3 {JANE} about: sofa"
    )
    assert "outbox list" in words.waiting(JANE, "main", "front", "Mon")
    assert number.e164 in words.footer(number, may_reply=True)
    assert words.footer(number, may_reply=False) == "This mail cannot be answered."


def test_a_number_nobody_answers_for_counts_for_nobody() -> None:
    """Its texts are kept under its own name, which is nobody's."""
    assert not answers_several(small(), "ann")
