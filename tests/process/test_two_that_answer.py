"""Two switchhooks that answer each other by themselves, and a carrier between them that takes its time."""

import re
from collections import deque
from datetime import datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any
from xml.sax.saxutils import unescape

import pytest

pytestmark = pytest.mark.slow

PING, PONG = "+16175550100", "+16175550199"
BEGAN = datetime.fromisoformat("2026-12-11 18:00")


@pytest.mark.parametrize(
    "minutes",
    [
        pytest.param(0, id="at once"),
        pytest.param(31, id="each hour"),
        pytest.param(70, id="slower than the limit of an hour"),
    ],
)
def test_a_day_of_two_that_answer(
    daemons: ModuleType, outside: ModuleType, players: ModuleType, tmp_path: Path, minutes: int
) -> None:
    """Whatever the carrier takes, each sends two texts at most within a day; it begins with one that a person wrote."""
    with (
        players.day(daemons, outside, tmp_path / "ping") as ping,
        players.day(daemons, outside, tmp_path / "pong") as pong,
    ):
        pong.office.edit('"+1 617 555 0100"', '"+1 617 555 0199"')
        for day in (ping, pong):
            day.open(str(BEGAN))
        sent = {PING: 0, PONG: 0}
        to_come = deque([(BEGAN, ping, PONG, PING, "Are you open on Monday?")])
        while to_come and to_come[0][0] < BEGAN + timedelta(days=1):
            at, day, sender, to, words = to_come.popleft()
            day.at(str(at))
            for reply in answers(day, outside, sender, to, words):
                sent[to] += 1
                other = pong if day is ping else ping
                to_come.append((at + timedelta(minutes=minutes), other, to, sender, reply))

    assert 1 <= sent[PING] <= 2
    assert 1 <= sent[PONG] <= 2


def answers(day: Any, outside: ModuleType, sender: str, to: str, words: str) -> list[str]:
    """Bring a text, and return what is answered."""
    day.count += 1
    sid = f"SM{day.count:032x}"
    fields = {"MessageSid": sid, "From": sender, "To": to, "Body": words}
    event = day.twilio.event("text", sid, f"{outside.PUBLIC}/hooks/twilio/text", fields)
    with outside.Wire(day.office.running.place()) as wire:
        answer = wire.post(event)
    assert answer.code == 200
    return [unescape(found) for found in re.findall(r"<Message>(.*?)</Message>", answer.body.decode())]
