"""Whole days, end to end: the daemon as a process, its outbox, and a provider on this machine that keeps what people got."""

import re
from types import ModuleType
from typing import Any

import pytest

pytestmark = pytest.mark.slow


def test_the_vacation(day: Any, players: ModuleType) -> None:
    """Anna sets her absence by text; Ben rings, reads and answers for her; afterwards all is as before."""
    anna, ben, jane, joe = players.ANNA, players.BEN, players.JANE, players.JOE
    day.open("2026-12-10 10:00")
    day.text(jane, "Is the sofa ready?")
    asked = day.got()
    day.text(anna, "On Monday")
    answered = day.got()

    day.at("2026-12-10 16:30")
    day.text(anna, "471196 away until mon 09:00")
    echo = day.got()
    day.at("2026-12-11 10:00")
    call, rung = day.call(joe)
    day.text(joe, "Nobody there?")
    new = day.got()
    day.text(ben, "I am: Ben here")
    masked = day.got()
    day.text(jane, "Is it blue?")
    continued = day.got()

    day.at("2026-12-14 09:00:01")
    day.text(jane, "And does it fold?")
    back = day.got()

    assert asked == [(anna, "+1202***0199: Is the sofa ready?")]
    assert answered == [(jane, "On Monday")]
    assert [to for to, _ in echo] == [anna]
    assert "Mon 14 Dec 09:00" in echo[0][1]
    assert b"6175550142" in rung.body
    assert b"6175550141" not in rung.body
    assert new == [(ben, "+1202***0123: Nobody there?")]
    assert masked == [(joe, "I am: Ben here")]
    assert [(to, words[-11:]) for to, words in continued] == [(ben, "Is it blue?")]
    assert [(to, words[-17:]) for to, words in back] == [(anna, "And does it fold?")]

    day.office.running.stop()
    rows = day.office.rows()
    decided = next(row for row in rows if row["event_id"] == call.id and row["kind"] == "call")
    away = "anna is away (switched on by anna until Mon 14 Dec 09:00 EST); cover: ben"
    assert away in decided["why"]
    assert [row["outcome"] for row in rows if row["kind"] == "override"] == [
        "anna is away until Mon 14 Dec 09:00 EST, by anna",
        "over: anna is away until Mon 14 Dec 09:00 EST",
    ]
    assert [(row["outcome"], row["why"]) for row in rows if row["kind"] == "queued" and row["why"]] == [
        ("deliver to ben", f"anna has this conversation; {away}"),
        ("deliver to anna", "anna has this conversation"),
    ]
    events = [each["subject"] for each in day.arrived() if each["way"] == "webhook"]
    assert [event for event in events if event == "switchhook.override"] == ["switchhook.override"] * 2
    assert events.count("switchhook.call") == 1
    assert events.count("switchhook.text") == 4


def test_the_night(day: Any, players: ModuleType) -> None:
    """Held in order over a change of the clocks and two kills; one automatic reply; what is urgent goes at once."""
    anna, eli, jane = players.ANNA, players.ELI, players.JANE
    day.open("2027-03-12 22:00")
    first = day.text(jane, "one")
    day.settled()
    day.office.running.kill()
    day.open("2027-03-12 22:10")
    second = day.text(jane, "two")
    day.text(jane, "URGENT: a pipe broke")
    night = day.got()
    third = day.text(jane, "three")
    day.settled()
    day.office.running.kill()

    day.open("2027-03-15 08:59:50")
    early = day.got()
    day.at("2027-03-15 09:00:01")
    opened = day.got()
    day.office.running.kill()
    day.open("2027-03-15 09:05")
    again = day.got()

    replies = [re.findall(rb"<Message>([^<]*)", answer.body) for answer in (first, second, third)]
    assert replies == [[b"We are closed; we answer Mon 15 Mar 09:00."], [], []]
    assert [(to, words[-20:]) for to, words in night] == [(eli, "URGENT: a pipe broke")]
    assert early == []
    assert [(to, words.rpartition(": ")[2]) for to, words in opened] == [(anna, "one"), (anna, "two"), (anna, "three")]
    assert again == []


def test_the_shipped_day(day: Any, players: ModuleType) -> None:
    """What day.example.yaml tells: one is away, another answers, nobody sees a number; what waits arrives in order."""
    root = players.CONFIG.parents[2]
    text = (root / "config.example.yaml").read_text()
    text = text.replace("127.0.0.1:8080", f"127.0.0.1:{day.ports[0]}").replace("127.0.0.1:8081", "127.0.0.1:0")
    day.office.config.write_text(text)
    day.provider.kill()
    day.provider.wait(20)
    ports = ("--port", str(day.ports[1]), "--mail-port", str(day.ports[2]))
    day.office.start("--demo-clock", "--demo-port", ports[1], "--demo-mail-port", ports[3])

    shown = day.office.command("simulate", "day", str(root / "day.example.yaml"), *ports)
    again = day.office.command("demo", "--day", str(root / "day.example.yaml"), *ports)

    assert (shown.exit_code, again.exit_code) == (0, 0), shown.output + again.output
    lines = [" ".join(line.split()) for line in shown.stdout.splitlines()]
    told = [line for line in lines if re.match(r"\w+'s (mobile|mail)", line)]
    assert [line.partition(" “")[0] for line in told] == [
        "anna's mobile",
        "vivian's mobile",
        "ben's mobile",
        "vivian's mobile",
        "anna's mobile",
        "joe's mobile",
        "ben's mobile",
        "dana's mail",
        "dana's mail",
    ]
    assert "rings ben (mobile) for 20 s: ben picks up" in lines
    assert "somebody" not in again.stdout
    assert "5. A text at night" in again.stdout
    assert day.office.command("simulate", "day", str(root / "config.example.yaml"), *ports).exit_code == 1
    day.office.running.stop()
    day.office.start()
    refused = day.office.command("simulate", "day", str(root / "day.example.yaml"), *ports)
    assert (refused.exit_code, "run --demo-clock" in refused.stderr) == (1, True), refused.output
