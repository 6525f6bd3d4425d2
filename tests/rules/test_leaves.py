"""Absences the file does not hold: by command and from a calendar, and what is switched on beside them."""

from collections.abc import Callable

import attrs
import pytest

from rules.book import RuleBook
from rules.deciding import Timetable, window_around
from rules.event import IncomingCall, IncomingText, Kind
from rules.inquiry import Leave, Override, absences, inquire
from rules.plan import Decision
from rules.telling import iso

VIP = "+12125550177"
TUESDAY = 1_795_532_400  # 2026-11-24 10:00 in New York
IN_DECEMBER = 1_797_267_600  # 2026-12-14 12:00: ann is away by the file, bob covers
HOUR = 3600


def leave(**changes: object) -> Leave:
    """Make ann's absence of an hour and a half from Tuesday at ten."""
    told: dict[str, object] = {
        "question": "away:ann:command:o7",
        "person": "ann",
        "spans": ((TUESDAY, TUESDAY + 5400),),
        "cover": "cat",
        "note": "switched on by ann until Tue 24 Nov 11:30 EST",
    }
    return Leave(**(told | changes))  # type: ignore[arg-type]


def decided(
    book: RuleBook,
    *leaves: Leave,
    at: int = TUESDAY,
    kind: Kind = "call",
    overrides: tuple[Override, ...] = (),
    caller: str = VIP,
) -> Decision:
    """Decide a call or text of the favoured caller, who asks for ann."""
    table = Timetable(book, window_around(at)).switched(overrides, leaves)
    make: Callable[..., IncomingCall | IncomingText] = IncomingCall
    if kind == "text":
        make = lambda **fields: IncomingText(text="hi", **fields)  # noqa: E731
    return table.decide(inquire(book, make(provider="line", account="", id="1", to="+16175550100", caller=caller)), at)


@pytest.mark.parametrize(
    ("leaves", "at", "first"),
    [
        pytest.param((leave(),), TUESDAY - 1, ("ann",), id="the second before"),
        pytest.param((leave(),), TUESDAY, ("cat",), id="its first second"),
        pytest.param((leave(),), TUESDAY + 5399, ("cat",), id="its last second"),
        pytest.param((leave(),), TUESDAY + 5400, ("ann",), id="over: its end is exclusive"),
        pytest.param((leave(cover=None),), TUESDAY + HOUR, ("bob",), id="no cover of its own: the person's"),
        pytest.param((leave(only="call"),), TUESDAY, ("cat",), id="for calls only, and it is one"),
        pytest.param((leave(only="text"),), TUESDAY, ("ann",), id="for texts only"),
        pytest.param((leave(person="zoe"),), TUESDAY, ("ann",), id="of somebody the file does not know"),
        pytest.param(
            (leave(question="a:2", cover="eve"), leave()), TUESDAY, ("eve",), id="of two commands the newer counts"
        ),
        pytest.param(
            (leave(calendar=True, cover="eve"), leave(question="a:2")),
            TUESDAY,
            ("cat",),
            id="a command beats a calendar",
        ),
        pytest.param((leave(calendar=True),), TUESDAY, ("cat",), id="a calendar alone"),
        pytest.param((), IN_DECEMBER, ("bob",), id="in december the file says bob"),
        pytest.param(
            (leave(spans=((IN_DECEMBER, IN_DECEMBER + 1),)),), IN_DECEMBER, ("cat",), id="a command beats the file"
        ),
        pytest.param(
            (leave(spans=((IN_DECEMBER, IN_DECEMBER + 1),), calendar=True),),
            IN_DECEMBER,
            ("bob",),
            id="the file beats a calendar",
        ),
        pytest.param(
            (leave(spans=((0, 1), (TUESDAY, TUESDAY + 1))),),
            TUESDAY,
            ("cat",),
            id="the second of two times in a calendar",
        ),
    ],
)
def test_who_stands_in(company: RuleBook, leaves: tuple[Leave, ...], at: int, first: tuple[str, ...]) -> None:
    """Commands go first, the newest before the others; then what the file says; then the calendar."""
    assert decided(company, *leaves, at=at).rings() == first


def test_why_says_who_and_until_when(company: RuleBook) -> None:
    """An absence that stands in no file is told with where it comes from."""
    assert decided(company, leave()).why[0] == (
        "ann is away (switched on by ann until Tue 24 Nov 11:30 EST); cover: cat"
    )


def test_a_team_leaves_them_out_too(company: RuleBook) -> None:
    """In a team somebody away by command is left out, and the question is in the trace."""
    decision = decided(company, leave(), caller="+12015550100")

    assert decision.rings() == ("bob",)
    assert ("away:ann:command:o7", True) in decision.asked
    assert "ann is away (switched on by ann until Tue 24 Nov 11:30 EST); left out of crew" in decision.why


def test_a_text_goes_to_the_cover(company: RuleBook) -> None:
    """One absence for everything: texts move as calls do."""
    assert decided(company, leave(), kind="text").plan[0].people == ("cat",)  # type: ignore[union-attr]


def test_a_decision_holds_until_the_absence_ends(company: RuleBook) -> None:
    """`valid_until` is the end while it lasts, and its beginning before."""
    assert iso(decided(company, leave()).valid_until) == iso(TUESDAY + 5400)
    assert iso(decided(company, leave(), at=TUESDAY - 60).valid_until) == iso(TUESDAY)


def test_memory_follows_a_switch(company: RuleBook) -> None:
    """What was remembered before something is switched is not given again; nor what it was, once it is off."""
    table = Timetable(company, window_around(TUESDAY))
    asked = inquire(company, IncomingCall(provider="line", account="", id="1", to="+16175550100", caller=VIP))

    before = table.decide(asked, TUESDAY)
    away = table.switched((), (leave(),))
    back = away.switched(())

    assert before.rings() == ("ann",)
    assert away.decide(asked, TUESDAY).rings() == ("cat",)
    assert back.decide(asked, TUESDAY) == before
    assert back.tables.keys() == table.tables.keys()


def test_people_without_a_leave_are_as_written(company: RuleBook) -> None:
    """Only those who have one are listed, all their absences in order."""
    found = absences(company, (leave(), leave(question="away:ann:calendar", calendar=True)))

    assert [absence.question for absence in found["ann"]] == [
        "away:ann:command:o7", "away:ann:0", "away:ann:1", "away:ann:2", "away:ann:calendar",
    ]  # fmt: skip
    assert list(found) == ["ann"]


def switch(opens: bool | None, start: int, end: int, **changes: object) -> Override:
    """Open or close everything from hour *start* to *end* after Tuesday at ten."""
    made = Override("override:o1", (TUESDAY + start * HOUR, TUESDAY + end * HOUR), None, None, opens)
    return attrs.evolve(made, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("overrides", "opens"),
    [
        pytest.param((), "2026-11-25T14:00:00Z", id="as written: tomorrow at nine"),
        pytest.param((switch(opens=False, start=0, end=4),), "2026-11-24T19:00:00Z", id="closed until two: then"),
        pytest.param((switch(opens=False, start=0, end=30),), "2026-11-25T21:00:00Z", id="closed over the opening"),
        pytest.param((switch(opens=True, start=12, end=14),), "2026-11-25T03:00:00Z", id="opened by hand tonight"),
        pytest.param(
            (switch(opens=True, start=1, end=2), switch(opens=False, start=0, end=4, question="override:o0")),
            "2026-11-24T16:00:00Z",
            id="closed, and the newer opens within",
        ),
        pytest.param(
            (switch(opens=None, start=0, end=4, plan="storm"),), "2026-11-25T14:00:00Z", id="a plan opens nothing"
        ),
        pytest.param(
            (switch(opens=False, start=0, end=4, number="side"),), "2026-11-25T14:00:00Z", id="another number"
        ),
    ],
)
def test_the_next_opening_knows_what_is_switched(
    company: RuleBook, overrides: tuple[Override, ...], opens: str
) -> None:
    """An opening that was closed by hand is none, and what is told to customers is when it really opens."""
    table = Timetable(company, window_around(TUESDAY)).switched(overrides)
    main = company.numbers["main"]

    assert iso(table.next_open(main, TUESDAY)) == opens
    assert table.door(main) == table.door(main)


def test_a_number_that_never_closes_may_be_closed_by_hand(company: RuleBook) -> None:
    """Then it opens when that is over."""
    table = Timetable(company, window_around(TUESDAY), (switch(opens=False, start=0, end=4),))

    assert table.next_open(company.numbers["side"], TUESDAY) == TUESDAY + 4 * HOUR
    assert table.next_open(None, TUESDAY) is None


def test_a_greeting_names_the_opening_after_the_switch(company: RuleBook) -> None:
    """The words a caller hears hold until the next opening changes, and no longer."""
    table = Timetable(company, window_around(TUESDAY), (switch(opens=False, start=0, end=4),))
    asked = inquire(
        company, IncomingText(provider="line", account="", id="", to="+16175550100", caller="+12015550100", text="hi")
    )

    decision = table.decide(asked, TUESDAY)

    assert decision.plan[1].text == "We open Tue 24 Nov 14:00."  # type: ignore[union-attr]
    assert decision.valid_until == TUESDAY + 4 * HOUR
    assert "switched closed by hand" in decision.why
