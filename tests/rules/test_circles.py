"""Circles of covers, found before an absence is switched on."""

import pytest

from rules.book import RuleBook
from rules.circles import Circle, circle
from rules.deciding import Timetable, window_around
from rules.inquiry import Leave

DAY = 86400
TUESDAY = 1_795_532_400  # 2026-11-24 10:00 in New York
DEC_17 = 1_797_483_600  # midnight in New York: bob is away until the 23rd, covered by ann


def leave(person: str, cover: str | None, start: int = TUESDAY, days: int = 1, **changes: object) -> Leave:
    """Make an absence of some days."""
    return Leave(f"away:{person}:command:o1", person, ((start, start + days * DAY),), cover, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("newest", "others", "expected"),
    [
        pytest.param(leave("ann", "cat"), (), None, id="somebody who is here covers"),
        pytest.param(leave("ann", None), (leave("bob", None),), ("ann", "bob", "ann"), id="each covers for the other"),
        pytest.param(leave("ann", "ann"), (), ("ann", "ann"), id="nobody covers for themselves"),
        pytest.param(
            leave("ann", "cat"),
            (leave("cat", None),),
            None,
            id="a team covers the cover: bob is there by day, and home at night",
        ),
        pytest.param(
            leave("ann", "cat"),
            (leave("cat", None), leave("bob", None)),
            ("cat", "crew", "cat"),
            id="a team covers the cover, and all of it is away",
        ),
        pytest.param(
            leave("ann", "bob", days=1, start=TUESDAY + 10 * 3600),
            (leave("bob", "eve", start=TUESDAY, days=9), leave("eve", "ann", start=TUESDAY, days=9)),
            ("ann", "bob", "eve", "ann"),
            id="a circle of three",
        ),
        pytest.param(
            leave("ann", None, only="call"), (leave("bob", None, only="text"),), None, id="one for calls, one for texts"
        ),
        pytest.param(
            leave("eve", "desk"), (leave("bob", "desk"),), None, id="a team that covers for its own is no circle"
        ),
        pytest.param(
            leave("bob", None), (leave("ann", None, start=TUESDAY + 2 * DAY),), None, id="not at the same time"
        ),
    ],
)
def test_a_circle(
    company: RuleBook, newest: Leave, others: tuple[Leave, ...], expected: tuple[str, ...] | None
) -> None:
    """Everybody who stands in for somebody is away at the same time: nobody would be reached."""
    table = Timetable(company, window_around(TUESDAY), (), (newest, *others))

    found = circle(table, newest)

    assert (found and found.names) == expected


def test_a_circle_tells_when_it_first_closes(company: RuleBook) -> None:
    """An absence may begin well, and meet one of the file later."""
    newest = leave("ann", "bob", start=DEC_17 - 2 * DAY, days=10)
    table = Timetable(company, window_around(TUESDAY), (), (newest,))

    assert circle(table, newest) == Circle(("ann", "bob", "ann"), DEC_17)
