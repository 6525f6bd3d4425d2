"""What is replied to by ourselves: not too often, and not twice to the same words."""

import pytest

from router.engine.facts import Facts

HOUR, DAY = 3600, 86_400


@pytest.mark.parametrize(
    ("words", "later", "may"),
    [
        pytest.param("Hello?", HOUR - 1, False, id="within the hour"),
        pytest.param("Anybody?", HOUR, True, id="other words, an hour later"),
        pytest.param("Hello?", HOUR, False, id="the same words an hour later: a machine"),
        pytest.param(" Hello?\n", HOUR, False, id="the same, with blanks around them"),
        pytest.param("Hello?", DAY - 1, False, id="the same words just within a day"),
        pytest.param("Hello?", DAY, True, id="the same words a day later"),
        pytest.param("Hello?", -1, False, id="the same words, and the clock was set back by a second"),
        pytest.param("Hello?", -DAY, True, id="the same words as by a clock that was a day ahead"),
    ],
)
def test_who_is_replied_to_again(words: str, later: int, may: bool) -> None:
    """Limits in time, and one in words."""
    facts = Facts(hash)
    pair = facts.pair("main", "+12025550199")
    facts.replied(pair, "Hello?", 1000.0)

    assert facts.may_reply(pair, words, 1000.0 + later) is may
    assert facts.may_reply(facts.pair("sales", "+12025550199"), words, 1000.0 + later)


def test_words_are_forgotten_after_a_day() -> None:
    """Memory stays flat."""
    facts = Facts(hash)
    facts.replied(facts.pair("main", "+12025550199"), "Hello?", 1000.0)
    facts.replied(facts.pair("main", "+12025550123"), "Hello?", 2000.0)

    facts.prune(1000.0 + DAY)

    assert list(facts.answered) == [facts.pair("main", "+12025550123")]
