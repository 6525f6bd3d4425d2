"""Effects of STOP and START: the team is shown what a customer wants."""

from typing import Any

import pytest


@pytest.mark.parametrize(
    ("bodies", "expected"),
    [
        pytest.param(["STOP"], ["event"], id="STOP"),
        pytest.param(["STOP", "stop"], [], id="a second STOP is no news"),
        pytest.param(["STOP", "START"], ["event"], id="START"),
        pytest.param(["HELP"], [], id="HELP is between the customer and the machine"),
        pytest.param(["please stop texting me"], ["deliver"], id="words of one's own are a text"),
    ],
)
def test_what_the_last_text_sets_going(engines: Any, bodies: list[str], expected: list[str]) -> None:
    """One event for the team, whatever is confirmed to the customer."""
    office = engines.Office()
    for at, body in enumerate(bodies):
        office.answer(engines.text(f"t{at}", body=body))

    last = office.journal.of("text")[-1]
    assert [effect["kind"] for effect in last.private["outbox"]] == expected


def test_one_confirmation(engines: Any) -> None:
    """The first STOP is confirmed with the answer, the second is not."""
    office = engines.Office()

    first = office.said(engines.text("t1", body="STOP"))
    second = office.said(engines.text("t2", body="STOP"))

    assert (len(first), second) == (1, [])
