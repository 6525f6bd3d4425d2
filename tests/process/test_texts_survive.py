"""Texts through a provider in trouble, with kills in between: none lost, none seen twice, each in its place."""

import os
from types import ModuleType
from typing import Any

import pytest

pytestmark = pytest.mark.slow

TEXTS = int(os.environ.get("SWITCHHOOK_TEXTS", "30"))
"""How many. All go to one phone, one after another, and each doubt takes seconds: a thousand of them take half an hour."""

EVERY = min(100, TEXTS // 3)
"""After so many the daemon is killed."""

CUSTOMERS = 8


def test_texts_through_faults_and_kills(
    daemons: ModuleType, outside: ModuleType, players: ModuleType, tmp_path: Any
) -> None:
    """
    Some messages meet a fault, and some faults take the message all the same.

    What a provider says it has is not sent again; so what people see comes once, and in the order it was written.
    """
    faults = ("--rate", "0.06", "--seed", "11")
    faults += tuple(
        word for kind in ("error", "error-after", "cut", "cut-after", "nonsense") for word in ("--fault", kind)
    )
    with players.day(daemons, outside, tmp_path / "day", *faults) as day:
        day.office.edit("webhooks: {crm", "# webhooks: {crm")
        day.open("2026-12-10 10:00")
        written: dict[str, list[str]] = {}
        for place in range(TEXTS):
            customer = f"+1202555{100 + place % CUSTOMERS:04d}"
            words = f"text {place:04d}"
            answer = day.text(customer, words)
            assert answer.code == 200
            written.setdefault(customer, []).append(words)
            if place % EVERY == EVERY - 1:
                day.office.running.kill()
                day.open("2026-12-10 10:00")
        day.settled(within=90.0 + 2 * TEXTS)
        texts = [each["body"] for each in day.arrived() if each["to"] == players.ANNA]

    words_of = [body.rpartition(": ")[2] for body in texts]
    assert sorted(words_of) == sorted(words for each in written.values() for words in each)
    assert not [body for body in texts if "may be a repeat" in body]
    for customer, words in written.items():
        assert [each for each in words_of if each in words] == words, customer
