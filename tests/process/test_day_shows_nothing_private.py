"""A day with texts, replies, notices, commands, a calendar and faults: who gets to see what, and what nobody does."""

import json
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import attrs
import pytest

pytestmark = pytest.mark.slow

PIN = "471196"
CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//zanzibar//EN
BEGIN:VEVENT
UID:zanzibar-1
DTSTART:20261211T000000Z
DTEND:20261212T000000Z
SUMMARY:Vacation in Quinquireme, call +1 617 555 0145
END:VEVENT
END:VCALENDAR
"""
TEAM = r"617[ .)-]*555[ .-]?014[1-9]"
CUSTOMERS = r"202[ .)-]*555[ .-]?0(?:199|123)"
WORDS = r"[Zz]anzibar|[Qq]uinquireme"
SECRETS = rf"{PIN}|stay-secret|must-not-be-seen"


@attrs.frozen
class Seen:
    """What there is to read, by where: *ours* for whoever runs it, and what *customers*, *teammates* and *machines* got."""

    ours: dict[str, str]
    customers: str
    teammates: str
    machines: str
    mails: str
    journal: str


@pytest.fixture(scope="module")
def seen(
    daemons: ModuleType, outside: ModuleType, players: ModuleType, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Seen]:
    """Return what is to be seen after a day; the log is written in full detail."""
    with players.day(daemons, outside, tmp_path_factory.mktemp("private") / "day") as day:
        (day.folder / "dana.ics").write_text(CALENDAR.replace("\n", "\r\n"))
        day.office.edit(
            "email: dana@harbourbooks.example}", 'email: dana@harbourbooks.example, calendar: "file:dana.ics"}'
        )
        daemon = day.open("2026-12-10 10:00", "--log-level", "debug")
        play(day, players)
        daemons.until(lambda: any("rung" in each["body"] for each in day.arrived()), what="the last web hook")
        ours = {
            path: daemon.ask(path)[1] for path in ("/metrics", "/-/status", "/-/ready", "/-/overrides", "/-/nothing")
        }
        ours["the provider's page for what is wrong"] = wrong(day)
        for words in (("status",), ("override", "list"), ("outbox", "list", "--json"), ("recording",)):
            ours[" ".join(words)] = day.office.command(*words).output
        daemon.stop()
        for words in (("audit", "list", "--json"), ("audit", "export"), ("audit", "export", "--format", "csv")):
            ours[" ".join(words)] = day.office.command(*words).output
        ours["the log"] = daemon.log.read_text()
        came = day.arrived()
        texts = [each for each in came if each["way"] == "sms"]
        customers = {players.JANE, players.JOE}
        yield Seen(
            ours,
            journal="\n".join(path.read_text() for path in (day.folder / "state/journal").glob("*.jsonl")),
            customers="\n".join(each["body"] for each in texts if each["to"] in customers),
            teammates="\n".join(each["body"] for each in texts if each["to"] not in customers),
            machines="\n".join(each["body"] for each in came if each["way"] == "webhook"),
            mails="\n".join(f"{each['subject']}\n{each['body']}" for each in came if each["way"] == "email"),
        )


def play(day: Any, players: ModuleType) -> None:
    """Let everything happen: also what goes wrong at the provider, and what is refused."""
    day.text(players.JANE, "zanzibar? I am +1 202 555 0199")
    day.settled()
    day.text(players.ANNA, "quinquireme, of course")
    day.settled()
    day.ask("POST", "/-/faults", [{"kind": "refuse", "code": 21211, "to": players.JANE}])
    day.text(players.ANNA, "quinquireme again")
    day.text(players.ANNA, f"{PIN} away until mon 09:00")
    day.text(players.BEN, "4712 override shop closed today")
    day.text(players.BEN, "#99 zanzibar for nobody")
    day.settled()
    assert day.office.command("override", "set", "shop", "open", "--for", "2h").exit_code == 0
    call, _ = day.call(players.JOE)
    ended = day.twilio.ended(call)
    with day.outside.Wire(day.office.running.place()) as wire:
        wire.post(ended)
    day.at("2026-12-10 10:01")
    day.text(players.JOE, "zanzibar, too")
    day.text(players.JOE, "STOP")
    day.settled()  # a web hook under way while the clock is put on by two days is refused as two days old
    day.at("2026-12-12 10:00")
    day.text(players.JANE, "URGENT zanzibar")
    day.settled()
    day.at("2026-12-14 09:00:01")
    day.settled()


def wrong(day: Any) -> str:
    """Return what answers a forged post."""
    event = day.twilio.text("f" * 32, "zanzibar", "+12025550199")
    forged = event._replace(body=event.body + b"&x=quinquireme")
    with day.outside.Wire(day.office.running.place()) as wire:
        return str(wire.post(forged).body.decode())


@pytest.mark.parametrize(
    "canary", [TEAM, CUSTOMERS, WORDS, SECRETS], ids=["teammates", "customers", "words", "secrets"]
)
def test_whoever_runs_it_sees_nothing_private(seen: Seen, canary: str) -> None:
    """No log line at the most talkative, no metric, no page, no list shows a number, a word or a secret."""
    found = [
        f"{place}: {hit}"
        for place, text in seen.ours.items()
        for hit in re.findall(f".{{0,90}}(?:{canary}).{{0,20}}", text)
    ]

    assert found == [], "\n".join(found)
    assert all(event in seen.ours["the log"] for event in ("text.decided", "outbox.sent", "override.set"))


def test_what_is_looked_for_is_there(seen: Seen) -> None:
    """The record, which nobody but its owner can read, has the numbers and words; no PIN is even there."""
    assert all(re.search(canary, seen.journal) for canary in (TEAM, CUSTOMERS, WORDS))
    assert re.findall(SECRETS, seen.journal) == []


def test_customers_never_see_a_private_number(seen: Seen) -> None:
    """What they read is what was written to them, and automatic replies."""
    assert "quinquireme, of course" in seen.customers
    assert re.findall(f"{TEAM}|{SECRETS}", seen.customers) == []


def test_teammates_see_customers_only_as_far_as_they_may(seen: Seen) -> None:
    """Texts, mails and notices show numbers with stars; only what a customer writes into a text is theirs to tell."""
    shown = (seen.teammates + seen.mails).replace("I am +1 202 555 0199", "")

    assert "zanzibar" in seen.teammates
    assert "Missed call" in seen.mails
    assert re.findall(f"{TEAM}|{CUSTOMERS}|{SECRETS}", shown) == []
    assert "Vacation" not in shown


def test_machines_see_customers_and_no_teammate(seen: Seen) -> None:
    """The company's own systems are told who called; a teammate is a name there."""
    kinds = {key for line in seen.machines.splitlines() for key in json.loads(line)}

    assert {"call", "text", "rung", "person", "until"} <= kinds
    assert re.findall(f"{TEAM}|{SECRETS}", seen.machines) == []
