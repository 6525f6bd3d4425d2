"""Whom a teammate's reply is for, and what becomes of a conversation: nothing is guessed, nothing reaches a stranger."""

import json

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.relay.conversation import (
    QUIET,
    TOPIC,
    Conversation,
    Party,
    answered,
    copied,
    delivered,
    ended,
    from_json,
    handed_over,
    ongoing,
    to_json,
    topic,
)
from rules.relay.routing import (
    Ask,
    Elsewhere,
    Moved,
    Nothing,
    Route,
    Routed,
    Wordless,
    free_tag,
    needs_tag,
    read_tag,
    route,
)

HOUR = 3600
LASTING = 72 * HOUR
NOW = 1_000_000


def talk(id_: str, *parties: Party, number: str = "boston", touched: int = NOW, **more: object) -> Conversation:
    """Return a conversation as it stands."""
    made = Conversation(
        id=id_, number=number, customer=f"+1202555{id_:0>4}", topic="hello", touched=touched, parties=parties
    )
    return attrs.evolve(made, **more)


def ben(tag: int, shown: int = NOW, *, open_: bool = True) -> Party:
    """Return what Ben has to do with a conversation."""
    return Party(person="ben", tag=tag, shown=shown, open=open_)


A, B = talk("1", ben(1)), talk("2", ben(2))
TAKEN = talk("3", ben(3, open_=False), owner="ann")
LONDON = talk("4", ben(4), number="london")
OLD = talk("5", ben(5, NOW - LASTING), touched=NOW - LASTING)
ALIVE = talk("6", ben(6, NOW - LASTING), touched=NOW - 1)
ENDED = ended(talk("7", ben(7)), NOW)


@pytest.mark.parametrize(
    ("known", "text", "expected"),
    [
        pytest.param((), "yes", Nothing(), id="nobody has written"),
        pytest.param((A,), "yes", Routed(A, "yes"), id="one conversation needs no tag"),
        pytest.param((A,), "#1 yes", Routed(A, "yes"), id="a tag that is not needed is no part of the words"),
        pytest.param((A,), "  \n yes ", Routed(A, "  \n yes "), id="words without a tag stay as they are"),
        pytest.param((A, B), "yes", Ask(((1, A), (2, B))), id="of two it is asked"),
        pytest.param((B, A), "yes", Ask(((1, A), (2, B))), id="in the order of their tags"),
        pytest.param((A, B), "#2 yes", Routed(B, "yes"), id="the tag decides"),
        pytest.param((A, B), "#2: yes", Routed(B, "yes"), id="a colon behind the tag"),
        pytest.param((A, B), "# 2, yes", Routed(B, "yes"), id="a space within the tag, a comma behind"),
        pytest.param((A, B), " ＃２ yes", Routed(B, "yes"), id="in full width"),
        pytest.param((A, B), "#2\nyes\nplease", Routed(B, "yes\nplease"), id="the words on another line"),
        pytest.param((A, B), "#2 #1 of the list", Routed(B, "#1 of the list"), id="only the first counts"),
        pytest.param((A, B), "yes #2", Ask(((1, A), (2, B))), id="a tag stands at the beginning"),
        pytest.param((A, B), "2 yes", Ask(((1, A), (2, B))), id="a number alone is no tag"),
        pytest.param((A, B), "#9 yes", Ask(((1, A), (2, B)), 9), id="no such tag"),
        pytest.param((A,), "#9 yes", Ask(((1, A),), 9), id="no such tag, though there is one conversation only"),
        pytest.param((A,), "#1st floor", Ask(((1, A),)), id="what begins like a tag and is none is asked about"),
        pytest.param((A, B), "#2", Wordless(2), id="a tag and nothing else"),
        pytest.param((A, B), "#2 .", Routed(B, "."), id="a tag and hardly anything else"),
        pytest.param((A, LONDON), "yes", Routed(A, "yes"), id="another number's conversation is another matter"),
        pytest.param((A, LONDON), "#4 yes", Elsewhere(LONDON, 4), id="its tag is not for this number"),
        pytest.param((LONDON,), "yes", Nothing(), id="only another number's conversation"),
        pytest.param((TAKEN,), "yes", Moved(TAKEN, 3), id="somebody else has answered"),
        pytest.param((TAKEN,), "#3 yes", Moved(TAKEN, 3), id="somebody else has answered, with its tag"),
        pytest.param((A, TAKEN), "yes", Ask(((1, A),)), id="one that moved on may have been meant, so it is asked"),
        pytest.param((A, TAKEN), "#1 yes", Routed(A, "yes"), id="with the tag it is clear"),
        pytest.param((OLD,), "yes", Nothing(), id="idle for as long as conversations last"),
        pytest.param((OLD,), "#5 yes", Moved(OLD, 5), id="idle for that long, with its tag"),
        pytest.param((A, OLD), "yes", Routed(A, "yes"), id="an old one does not count"),
        pytest.param((A, ALIVE), "yes", Ask(((1, A), (6, ALIVE))), id="an old one somebody has just written in does"),
        pytest.param((ENDED,), "yes", Moved(ENDED, 7), id="the customer has opted out"),
        pytest.param((TAKEN, ENDED), "yes", Moved(TAKEN, 3), id="both have moved on"),
        pytest.param((talk("8"),), "yes", Nothing(), id="a conversation this person was never shown"),
    ],
)
def test_whom_a_reply_is_for(known: tuple[Conversation, ...], text: str, expected: Route) -> None:
    """One conversation, or a reason why not."""
    assert route(known, "ben", "boston", text, NOW, lasting=LASTING) == expected


def test_a_picture_needs_no_words() -> None:
    """A tag with a picture is a reply."""
    assert route((A, B), "ben", "boston", "#2", NOW, lasting=LASTING, media=True) == Routed(B, "")


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        pytest.param(LASTING - 1, Routed(A, "yes"), id="the last second"),
        pytest.param(LASTING, Nothing(), id="a second later"),
    ],
)
def test_how_long_a_conversation_is_open(later: int, expected: Route) -> None:
    """It is released when nobody has written for that long."""
    assert route((A,), "ben", "boston", "yes", NOW + later, lasting=LASTING) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("#12 a", (12, "a"), id="two digits"),
        pytest.param("#1234567 a", (None, "#1234567 a"), id="too many digits"),
        pytest.param("#.5 a", (None, "#.5 a"), id="no digit"),
        pytest.param("#5.5 a", (5, ".5 a"), id="a dot within"),
    ],
)
def test_what_a_tag_is(text: str, expected: tuple[int | None, str]) -> None:
    """A # and up to six digits."""
    assert read_tag(text) == expected


# ---------------------------------------------------------------- what happens to a conversation

FRONT = {"ann": 1, "ben": 2, "eve": 3}
NEW = Conversation(id="9", number="boston", customer="+12025550199", topic="hello", touched=NOW)


def given_to(*people: str, text: str = "Is the sofa ready?") -> Conversation:
    """Return a new conversation that these people were given."""
    return delivered(NEW, people, NOW, text=text, via="front", tags=FRONT)


def open_to(conversation: Conversation) -> set[str]:
    """Return who may answer."""
    return {party.person for party in conversation.parties if party.open}


def test_the_first_who_answers_takes_it() -> None:
    """The others are told, once, and cannot answer any more."""
    taken, told = answered(given_to("ann", "ben", "eve"), "ben", NOW + 1, covering=False)
    again = answered(taken, "ben", NOW + 2, covering=False)

    assert (taken.owner, taken.taken_via, open_to(taken), told) == ("ben", "front", {"ben"}, ("ann", "eve"))
    assert again == (attrs.evolve(taken, touched=NOW + 2), ())


def test_a_stand_in_answers_for_the_owner() -> None:
    """The conversation stays the owner's; a second stand-in is told."""
    taken, _ = answered(given_to("ann", "ben"), "ann", NOW, covering=False)
    covered = delivered(taken, ("ben", "eve"), NOW + 1, text="And?", via="front", tags=FRONT)
    answer, told = answered(covered, "ben", NOW + 2, covering=True)

    assert open_to(covered) == {"ann", "ben", "eve"}
    assert (answer.owner, open_to(answer), told) == ("ann", {"ann", "ben"}, ("eve",))


def test_it_comes_back_to_the_owner() -> None:
    """With the next text to the owner, the stand-in's part is over."""
    taken, _ = answered(given_to("ann"), "ann", NOW, covering=False)
    covered = delivered(taken, ("ben",), NOW + 1, text="And?", via="front", tags=FRONT)
    back = delivered(covered, ("ann",), NOW + 2, text="Hello again", via="front", tags=FRONT)

    assert (open_to(back), back.topic) == ({"ann"}, "Hello again")


def test_somebody_else_may_take_it_when_the_owner_cannot() -> None:
    """Given to others because the owner is off duty, it is theirs who answers; the owner is to be told."""
    taken, _ = answered(given_to("ann"), "ann", NOW, covering=False)
    wider = delivered(taken, ("ben", "eve"), NOW + 1, text="And?", via="on-call", tags=FRONT)
    answer, told = answered(wider, "eve", NOW + 2, covering=False)

    assert (answer.owner, answer.taken_via, set(told)) == ("eve", "on-call", {"ann", "ben"})


def test_copies_are_not_to_be_answered() -> None:
    """Who got a copy may not answer, unless they were given the text as well."""
    shown = copied(given_to("ann"), ("ben", "ann"), NOW, tags=FRONT)

    assert open_to(shown) == {"ann"}
    assert route((shown,), "ben", "boston", "hm", NOW, lasting=LASTING) == Moved(shown, 2)


@pytest.mark.parametrize(
    ("people", "owner", "expected"),
    [
        pytest.param(("ben",), "ben", {"ben"}, id="to a colleague"),
        pytest.param(("eve",), "ben", {"eve"}, id="to a colleague who is away, and the stand-in is told"),
        pytest.param(("ben", "eve"), None, {"ben", "eve"}, id="to a team"),
    ],
)
def test_handed_over(people: tuple[str, ...], owner: str | None, expected: set[str]) -> None:
    """Whoever left has no part in it any more."""
    taken, _ = answered(given_to("ann"), "ann", NOW, covering=False)
    over = handed_over(taken, people, NOW + 1, owner=owner, tags=FRONT)

    assert (over.owner, over.taken_via, open_to(over)) == (owner, owner and "front", expected)


def test_it_goes_into_a_record_and_comes_back() -> None:
    """Everything of it, as JSON."""
    taken, _ = answered(given_to("ann", "ben"), "ben", NOW + 5, covering=False)

    assert from_json(json.loads(json.dumps(to_json(taken)))) == taken


@pytest.mark.parametrize(
    ("conversations", "at", "expected"),
    [
        pytest.param((NEW,), NOW, NEW, id="an open one"),
        pytest.param((attrs.evolve(NEW, touched=NOW - 9), NEW), NOW, NEW, id="the latest of two"),
        pytest.param((NEW,), NOW + LASTING, None, id="an idle one"),
        pytest.param((ended(NEW, NOW),), NOW, None, id="one that was ended"),
        pytest.param((attrs.evolve(NEW, number="london"),), NOW, None, id="with another number"),
        pytest.param((attrs.evolve(NEW, customer="+12025550111"),), NOW, None, id="with another customer"),
    ],
)
def test_which_conversation_a_text_belongs_to(
    conversations: tuple[Conversation, ...], at: int, expected: Conversation | None
) -> None:
    """The open one of this customer and number, else it begins another."""
    assert ongoing(conversations, "boston", "+12025550199", at, LASTING) == expected


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        pytest.param(NOW + LASTING + QUIET - 1, True, id="the last second"),
        pytest.param(NOW + LASTING + QUIET, False, id="a second later"),
    ],
)
def test_how_long_it_is_known(at: int, expected: bool) -> None:
    """Longer than it is open, so that its tag is not given to another too soon."""
    assert NEW.is_known(at, LASTING) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Is the\n  sofa ready?", "Is the sofa ready?", id="on one line"),
        pytest.param("a" * 40, "a" * 40, id="as long as fits"),
        pytest.param("a" * 41, "a" * 39 + "…", id="longer"),
        pytest.param("word " * 20, "word word word word word word word word…", id="between words"),
    ],
)
def test_what_a_conversation_is_about(text: str, expected: str) -> None:
    """The beginning of what was written last."""
    assert topic(text) == expected


@given(st.lists(st.sampled_from(["a", "bc", " ", "\n", "\u3000", "long words as well"]), max_size=200).map("".join))
def test_a_topic_is_the_beginning_of_the_words(text: str) -> None:
    """However many there are; only so many are looked at."""
    line = " ".join(text.split())

    assert topic(text) == (line if len(line) <= TOPIC else f"{line[: TOPIC - 1].rstrip()}…")


def test_tags_are_small_and_never_shared() -> None:
    """The smallest number no other conversation of this person has, whatever number it goes through."""
    assert [free_tag(known, "ben") for known in ((), (A,), (B,), (A, B, LONDON))] == [1, 2, 1, 3]
    assert free_tag((A, B), "ann") == 1


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        pytest.param((A,), False, id="one alone"),
        pytest.param((A, B), True, id="two"),
        pytest.param((A, LONDON), False, id="the other through another number"),
        pytest.param((A, TAKEN), True, id="the other is somebody else's by now"),
        pytest.param((A, OLD), False, id="the other is long over"),
    ],
)
def test_when_a_tag_is_shown(known: tuple[Conversation, ...], expected: bool) -> None:
    """As soon as a reply without one could be meant for another."""
    assert needs_tag(known, "ben", "boston", NOW, lasting=LASTING) is expected


# ---------------------------------------------------------------- no reply ever reaches a stranger

PEOPLE = ("ann", "ben")
CUSTOMERS = ("+12025550101", "+12025550102")

STEPS = st.one_of(
    st.tuples(st.just("text"), st.sampled_from(CUSTOMERS), st.sets(st.sampled_from(PEOPLE), min_size=1)),
    st.tuples(st.just("write"), st.sampled_from(PEOPLE), st.integers(0, 2)),
    st.tuples(st.just("arrive"), st.sampled_from(PEOPLE), st.booleans()),
    st.tuples(st.just("wait"), st.integers(1, 40), st.none()),
)


@settings(max_examples=500)
@given(st.lists(STEPS, min_size=8, max_size=40))
def test_no_reply_reaches_a_customer_it_was_not_meant_for(steps: list[tuple[str, object, object]]) -> None:
    """
    Teammates answer one of the texts they have read, with the tag if the text showed one; their reply arrives when it likes.

    Whatever was delivered, answered by others and said in between: it reaches that customer, or nobody. (Replies that are under
    way for longer than a conversation lasts are not looked at.)
    """
    known: dict[str, Conversation] = {}
    read: dict[str, list[tuple[str, int | None, int]]] = {person: [] for person in PEOPLE}
    written: dict[str, list[tuple[str, str, int]]] = {person: [] for person in PEOPLE}
    at, count = NOW, 0
    for what, first, second in steps:
        at, count = at + 1, count + 1
        if what == "wait":
            at += int(str(first)) * HOUR
        elif what == "text":
            customer, people = str(first), tuple(sorted(second))  # type: ignore[call-overload]
            talk_ = ongoing(known.values(), "boston", customer, at, LASTING) or Conversation(
                id=str(count), number="boston", customer=customer, topic="", touched=at
            )
            tags = {person: free_tag(known.values(), person) for person in people}
            known[talk_.id] = changed = delivered(talk_, people, at, text="hi", via="front", tags=tags)
            for person in people:
                party = changed.party(person)
                shows = party is not None and needs_tag(known.values(), person, "boston", at, lasting=LASTING)
                read[person].append((customer, party.tag if party and shows else None, at))
        elif what == "write":
            person = str(first)
            if read[person]:
                customer, tag, since = read[person][-1 - int(str(second)) % len(read[person])]
                written[person].append((customer, "yes" if tag is None else f"#{tag} yes", since))
        elif written[str(first)]:
            person = str(first)
            customer, text, since = written[person].pop(0 if second else -1)
            if at >= since + LASTING:
                continue
            routed = route(known.values(), person, "boston", text, at, lasting=LASTING)
            if isinstance(routed, Routed):
                assert (routed.conversation.customer, routed.words) == (customer, "yes")
                known[routed.conversation.id], _ = answered(routed.conversation, person, at, covering=False)
