"""Texts through a provider in trouble, with kills in between: none lost, none seen twice, each in its place."""

import os
import re
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any

import pytest

pytestmark = pytest.mark.slow

TEXTS = int(os.environ.get("SWITCHHOOK_TEXTS", "1000"))
EVERY = 100
"""After so many the daemon is killed."""

NUMBERS = 10
"""Each with a teammate of its own who reads its texts: lanes beside each other."""

CUSTOMERS = 40
FAULTS = ("error", "error-after", "cut", "cut-after", "nonsense")
CALM = 100
"""So often in a row nothing must have moved before time goes on."""

BEGAN = datetime.fromisoformat("2026-12-10 10:00")

PERSON = '  p{0}: {{name: P{0}, devices: {{mobile: "+1 617 555 03{0:02}"}}, texts_by: [sms]}}\n'
NUMBER = (
    '  n{0}: {{number: "+1 617 555 02{0:02}", provider: twilio, hours: office, voicemail: main, calls: {{open: [{{ring: p{0}}}]}},'
    " texts: {{open: {{to: p{0}}}}}}}\n"
)


def test_texts_through_faults_and_kills(
    daemons: ModuleType, outside: ModuleType, players: ModuleType, tmp_path: Any
) -> None:
    """
    Some messages meet a fault, and some faults take the message all the same.

    What a provider says it has is not sent again; so what people see comes once, and in the order it was written.
    """
    faults = ("--rate", "0.06", "--seed", "11", *(word for kind in FAULTS for word in ("--fault", kind)))
    with players.day(daemons, outside, tmp_path / "day", *faults) as day:
        day.office.edit("webhooks: {crm", "# webhooks: {crm")
        day.office.edit("people:\n", "people:\n" + "".join(PERSON.format(at) for at in range(NUMBERS)))
        day.office.edit("numbers:\n", "numbers:\n" + "".join(NUMBER.format(at) for at in range(NUMBERS)))
        day.open(str(BEGAN))
        written: dict[tuple[str, str], list[str]] = {}
        for place in range(TEXTS):
            customer, number = f"+1202555{100 + place % CUSTOMERS:04d}", f"+16175550{200 + place % NUMBERS}"
            words = f"text {place:04d}"
            deliver(day, outside, customer, number, words)
            written.setdefault((number, customer), []).append(words)
            if place % EVERY == EVERY - 1:
                day.office.running.kill()
                day.open(str(BEGAN))
        while_time_flies(day)
        arrived = day.arrived()

    texts = [
        (each["sender"], re.sub("[^0-9+*]", "", each["body"].rpartition(": ")[0]), each["body"]) for each in arrived
    ]
    words_of = [body.rpartition(": ")[2] for _, _, body in texts]
    assert sorted(words_of) == sorted(words for each in written.values() for words in each)
    assert not [body for _, _, body in texts if "may be a repeat" in body]
    for conversation, words in written.items():
        assert [each for each in words_of if each in words] == words, conversation


def deliver(day: Any, outside: ModuleType, customer: str, number: str, words: str) -> None:
    """Bring a text to one of the numbers, again if the disk was too busy to keep it, as a provider does."""
    day.count += 1
    sid = f"SM{day.count:032x}"
    fields = {"MessageSid": sid, "From": customer, "To": number, "Body": words}
    event = day.twilio.event("text", sid, f"{outside.PUBLIC}/hooks/twilio/text", fields)

    def taken() -> bool:
        with outside.Wire(day.office.running.place()) as wire:
            return bool(wire.post(event).code == 200)

    day.daemons.until(taken, what="200")


def while_time_flies(day: Any) -> None:
    """Put the clocks on, whenever all has gone out that can go out now: a doubt is only settled after a minute."""
    at, seen = BEGAN, [day.under_way()]
    while any(seen[-1].values()):
        assert at < BEGAN + timedelta(days=1), seen[-1]
        if not seen[-1]["sending"] and seen[-CALM:] == seen[-1:] * CALM:
            at += timedelta(minutes=1)
            day.at(str(at))
            seen.clear()
        seen.append(day.under_way())
