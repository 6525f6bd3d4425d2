"""How often something may happen by itself."""

import pytest

from router.limits import DAY, HOUR, REPLIES, Sliding


@pytest.mark.parametrize(
    ("before", "reached"),
    [
        pytest.param([], False, id="nothing yet"),
        pytest.param([0], True, id="one just now"),
        pytest.param([HOUR - 1], True, id="one a second less than an hour ago"),
        pytest.param([HOUR], False, id="one an hour ago"),
        pytest.param([HOUR, 3 * HOUR], False, id="two today"),
        pytest.param([HOUR, 3 * HOUR, DAY - 1], True, id="three within the day"),
        pytest.param([HOUR, 3 * HOUR, DAY], False, id="the first of three a day ago"),
        pytest.param([-1], True, id="one just now, and the clock was set back by a second since"),
        pytest.param([1 - HOUR], True, id="the clock was set back by not quite an hour since"),
        pytest.param([-HOUR], False, id="one by a clock that was far ahead"),
    ],
)
def test_automatic_replies(before: list[int], reached: bool) -> None:
    """One an hour, three a day, for each pair."""
    now = 1_000_000.0
    replies: Sliding[str] = Sliding(REPLIES)
    for ago in sorted(before, reverse=True):
        replies.note("pair", now - ago)

    assert replies.reached("pair", now) is reached
    assert not replies.reached("another", now)


def test_counting_and_forgetting() -> None:
    """What no longer counts is forgotten, so memory stays flat."""
    forwards: Sliding[str] = Sliding(((HOUR, 2),))
    for at in (0.0, 10.0, 20.0):
        forwards.note("main", at)

    assert forwards.count("main", 30.0) == 2
    assert forwards.count("main", HOUR + 10.0) == 1
    assert forwards.count("other", 0.0) == 0
    forwards.prune(HOUR + 20.0)
    assert len(forwards) == 0
