"""Numbers whose texts can never go out: the people concerned are named, and nobody else."""

from typing import Any

import pytest

from router.texts.unsendable import unsendable


@pytest.mark.parametrize(
    ("number", "people"),
    [
        pytest.param(
            "main", "anna, ben, eli, farah, gus", id="rules, covers and plans count; chloe is written to by mail"
        ),
        pytest.param("sales", "eli", id="one person"),
    ],
)
def test_who_could_not_be_texted(desks: Any, number: str, people: str) -> None:
    """A generic provider without `api` sends nothing: the number, the people and the way out are named."""
    book = desks.Desk().office.shared.rules.current.book
    [told] = [line for line in unsendable(book, ()) if f"from {number} " in line]

    assert told == (
        f"pbx sends no texts for us, so texts to {people} from {number} cannot go out; "
        "write its `account` (twilio) or its `api` (generic), or `texts_by: [email]`"
    )


def test_a_provider_that_sends(desks: Any) -> None:
    """Nothing is said of it."""
    book = desks.Desk().office.shared.rules.current.book

    assert unsendable(book, {"pbx"}) == []
