"""One event at one moment: the trace, how long it holds, and decisions remembered."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import settled
from rules.book import RuleBook
from rules.deciding import DAY, Timetable, never, window_around
from rules.event import IncomingCall, IncomingText
from rules.inquiry import Inquiry, Leave, Override, inquire
from rules.plan import Decision
from rules.settled import Memory
from rules.telling import iso

Ask = Callable[..., Decision]
TUESDAY = "2026-11-24T10:30:00-05:00"
MIDNIGHT = 1_795_000_000 - 1_795_000_000 % DAY


def test_the_trace_is_every_question_once_in_order(call: Ask) -> None:
    """What was asked, and what was answered, is the audit trace."""
    decision = call("2026-12-14T11:00:00-05:00", "+12125550177")

    assert decision.asked == (
        ("diverted-too-often", False),
        ("from:teammate", False),
        ("via:teammate", False),
        ("blocked", False),
        ("from:vip", True),
        ("limit:forwards", False),
        ("away:ann:0", True),
        ("away:bob:0", False),
        ("in:bob", True),
        ("left:dan", True),
    )
    assert decision.why == (
        "ann is away; cover: bob",
        "ann is away; left out of all",
        "dan has left; left out of all",
    )


@pytest.mark.parametrize(
    ("at", "caller", "until"),
    [
        pytest.param(TUESDAY, "+12015550100", "2026-11-24T21:00:00Z", id="bob goes home at four"),
        pytest.param(
            "2026-11-24T16:30:00-05:00", "+12015550100", "2026-11-24T22:00:00Z", id="the office closes at five"
        ),
        pytest.param(
            "2026-11-24T20:00:00-05:00", "+12015550100", "2026-11-25T14:00:00Z", id="the greeting names the opening"
        ),
        pytest.param(TUESDAY, "+13055550123", None, id="a block holds for ever"),
    ],
)
def test_how_long_an_answer_holds(call: Ask, at: str, caller: str, until: str | None) -> None:
    """The first change of any time question asked, or of the opening that was named."""
    assert iso(call(at, caller).valid_until) == until


@pytest.mark.parametrize(
    ("at", "to", "opens"),
    [
        pytest.param(TUESDAY, "+16175550100", "2026-11-25T14:00:00Z", id="while open: the next opening after this one"),
        pytest.param("2026-11-27T18:00:00-05:00", "+16175550100", "2026-11-30T14:00:00Z", id="over a weekend"),
        pytest.param(TUESDAY, "+16175550101", None, id="always open: never again"),
        pytest.param(TUESDAY, "+16175550999", None, id="not ours"),
    ],
)
def test_the_next_opening(call: Ask, at: str, to: str, opens: str | None) -> None:
    """The first start after now in the number's schedule."""
    assert iso(call(at, to=to).next_open) == opens


def test_a_remembered_decision_is_given_again_until_it_may_change(company: RuleBook) -> None:
    """Within its time the same decision comes from memory; at its end it is made anew."""
    start = 1_795_000_000
    table = Timetable(company, window_around(start))
    asked = question(company, "call", "+12015550100", "")
    first = table.decide(asked, start)
    assert first.valid_until is not None

    again = table.decide(asked, first.valid_until - 1)
    after = table.decide(asked, first.valid_until)

    assert again == first._replace(at=first.valid_until - 1)
    assert again.plan is first.plan
    assert after.plan is not first.plan


def test_a_live_answer_is_never_remembered(company: RuleBook) -> None:
    """The same moment with another live answer is decided anew."""
    night = 1_795_000_000 - 1_795_000_000 % DAY + 8 * 3600
    table = Timetable(company, window_around(night))
    asked = question(company, "text", "+12015550100", "hi")

    free = table.decide(asked, night, never)
    limited = table.decide(asked, night, lambda question: question.startswith("limit:"))

    assert len(free.plan) == 2
    assert len(limited.plan) == 1


def test_memory_is_bounded(company: RuleBook, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many kinds of callers there are, only so many decisions are kept."""
    monkeypatch.setattr(settled, "CACHED", 3)
    table = Timetable(company, window_around(MIDNIGHT))

    for caller in ("+12015550100", "262966", "BANK", "anonymous", "+12125550177"):
        table.decide(question(company, "call", caller, ""), MIDNIGHT)

    assert table.memory.count <= 3


@pytest.mark.parametrize(
    ("days", "covered"),
    [
        pytest.param(-8, False, id="the first day of the window"),
        pytest.param(-7, True, id="the second day"),
        pytest.param(339, True, id="two months before its end"),
        pytest.param(340, False, id="later than that"),
    ],
)
def test_what_a_window_covers(company: RuleBook, days: int, covered: bool) -> None:
    """A moment is covered when the day before and the openings after it are known."""
    assert Timetable(company, window_around(MIDNIGHT)).covers(MIDNIGHT + days * DAY) == covered


def question(book: RuleBook, kind: str, caller: str, body: str, to: str = "+16175550100") -> Inquiry:
    """Put a call or a text in the words of *book*."""
    if kind == "call":
        return inquire(book, IncomingCall(provider="line", account="", id="1", to=to, caller=caller))
    return inquire(book, IncomingText(provider="line", account="", id="1", to=to, caller=caller, text=body))


CALLERS = st.sampled_from(
    [
        "+12015550100",
        "+12125550177",
        "+13055550123",
        "+15085550142",
        "+16175550141",
        "",
        "262966",
        "BANK",
        "0",
        "sip:a@b",
    ]
)
OVERRIDES = st.lists(
    st.builds(
        Override,
        question=st.sampled_from(["override:1", "override:2"]),
        span=st.tuples(st.integers(MIDNIGHT, MIDNIGHT + 30 * DAY), st.integers(MIDNIGHT, MIDNIGHT + 30 * DAY)),
        number=st.sampled_from([None, "main", "side"]),
        plan=st.sampled_from([None, "storm"]),
        opens=st.sampled_from([None, True, False]),
    ),
    max_size=2,
    unique_by=lambda override: override.question,
)
LEAVES = st.lists(
    st.builds(
        Leave,
        question=st.sampled_from(["away:1", "away:2"]),
        person=st.sampled_from(["ann", "bob", "eve", "nobody"]),
        spans=st.lists(
            st.tuples(st.integers(MIDNIGHT, MIDNIGHT + 30 * DAY), st.integers(MIDNIGHT, MIDNIGHT + 30 * DAY)),
            max_size=2,
        ).map(tuple),
        cover=st.sampled_from([None, "ann", "cat", "crew"]),
        only=st.sampled_from([None, "call", "text"]),
        calendar=st.booleans(),
    ),
    max_size=2,
    unique_by=lambda leave: leave.question,
)


@settings(max_examples=150, deadline=None)
@given(
    overrides=OVERRIDES,
    leaves=LEAVES,
    events=st.lists(
        st.tuples(
            st.sampled_from(["call", "text"]),
            CALLERS,
            st.sampled_from(["hi", "stop", "urgent", "away", "bill"]),
            st.sampled_from(["+16175550100", "+16175550101", "+16175550109"]),
            st.integers(MIDNIGHT, MIDNIGHT + 60 * DAY),
            st.booleans(),
        ),
        min_size=1,
        max_size=12,
    ),
)
def test_memory_never_changes_an_answer(
    company: RuleBook,
    overrides: list[Override],
    leaves: list[Leave],
    events: list[tuple[str, str, str, str, int, bool]],
) -> None:
    """Whatever is asked, a remembered decision equals a fresh one, has an end, and holds as long as it says."""
    table = Timetable(company, window_around(MIDNIGHT), tuple(overrides), tuple(leaves))
    for kind, caller, body, to, at, said in events:
        asked = question(company, kind, caller, body, to)
        live = lambda _question, said=said: said  # noqa: E731
        fresh = Timetable.__new__(Timetable)
        fresh.__dict__.update(table.__dict__, memory=Memory())

        decision = table.decide(asked, at, live)

        assert decision == fresh.decide(asked, at, live)
        assert decision.at == at
        if kind == "call":
            assert decision.ends()
        if decision.valid_until:
            later = fresh.decide(asked, decision.valid_until - 1, live)
            assert later._replace(at=at, next_open=decision.next_open) == decision
