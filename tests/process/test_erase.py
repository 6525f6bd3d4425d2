"""Somebody is erased from an office at work: no file knows the number any more, and all others notice nothing."""

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from router.erasure.traces import Traces

pytestmark = pytest.mark.slow

JANE = "+12025550199"
OTHERS = [f"+1202555{100 + place:04d}" for place in range(20)]


def test_a_customer_is_erased(office: Any, outside: ModuleType, twilio: Any, pbx: Any) -> None:
    """Her calls and texts, what a teammate was sent of them, and what waits; the office opens again, and goes on."""
    daemon = office.start()
    events, answers = [], []
    with outside.Wire(daemon.place()) as wire:
        for place, other in enumerate(OTHERS):
            events += [twilio.call(f"{place:032x}", other), twilio.text(f"{place:032x}", "Anything new?", other)]
            events += [
                twilio.text(f"{place + 100:032x}", f"Jane here, {place}", JANE),
                twilio.call(f"{place + 100:032x}", JANE),
            ]
            events += [pbx.text(f"box-{place}", "Jane again", JANE)]
        answers = [wire.post(event) for event in events]
    told = dump(office.folder)
    daemon.kill()

    refused = office.command("audit", "erase", "--caller", "+1 617 555 0141", "--yes")
    erased = office.command("audit", "erase", "--caller", JANE, "--yes")
    daemon = office.start()
    with outside.Wire(daemon.place()) as wire:
        again = [
            wire.post(event) for event in events if event.kind == "call" and JANE.encode() not in unquoted(event.body)
        ]
        assert wire.post(twilio.text("f" * 32, "And now?", OTHERS[0])).code == 200
    assert daemon.stop() == 0

    assert any(Traces.of(JANE).named(content) for content in told.values())
    assert (refused.exit_code, "the rules name this number" in refused.stderr) == (1, True)
    assert (erased.exit_code, erased.stderr) == (0, "")
    left = dump(office.folder)
    assert [name for name, content in left.items() if Traces.of(JANE).named(content) or b"Jane here" in content] == []
    theirs = [answer for event, answer in zip(events, answers, strict=True) if event.kind == "call"][::2]
    assert [(answer.code, answer.body) for answer in again] == [(answer.code, answer.body) for answer in theirs]
    assert office.command("audit", "verify").exit_code == 0
    rows = office.rows()
    hers = [row for row in rows if row["from"] == "erased" and row["kind"] in ("call", "text")]
    assert len(hers) == 3 * len(OTHERS)
    assert sum(row["kind"] == "erased" for row in rows) == 1
    assert not [event for event in daemon.events() if event["level"] == "error"]


def test_a_conversation_is_erased(day: Any, players: ModuleType) -> None:
    """What teammates were told of it, too, and what waits; another customer's conversation goes on where it was."""
    anna, jane, joe = players.ANNA, players.JANE, players.JOE
    day.open("2026-12-10 10:00")
    day.text(jane, "Is the zebra sofa ready?")
    day.text(joe, "Do you mend lamps?")
    day.got()
    day.text(anna, "Which of you was it?")
    asked = day.got()
    day.text(anna, "#1 The zebra sofa is ready")
    day.text(anna, "#2 Lamps, yes")
    day.got()
    day.at("2026-12-10 20:00")
    day.text(jane, "Keep the zebra sofa for me")
    day.got()
    day.office.running.stop()
    before = dump(day.office.state)

    erased = day.office.command("audit", "erase", "--caller", jane, "--yes")
    left = dump(day.office.state)
    day.open("2026-12-11 10:00")
    day.text(joe, "And bulbs?")
    to_anna = day.got()
    day.text(anna, "Bulbs, too")
    to_joe = day.got()
    day.text(jane, "Hello, it is me")
    new = day.got()
    errors = [event for event in day.office.running.events() if event["level"] == "error"]
    day.office.running.stop()

    assert [to for to, words in asked] == [anna]
    assert "zebra" in asked[0][1]
    assert sum(b"zebra" in content for content in before.values()) == 1
    assert (erased.exit_code, erased.stderr) == (0, "")
    assert [name for name, content in left.items() if Traces.of(jane).hinted(content) or b"zebra" in content] == []
    assert to_anna == [(anna, "+1202***0123: And bulbs?")]
    assert to_joe == [(joe, "Bulbs, too")]
    assert [to for to, _ in new] == [anna]
    assert errors == []
    assert day.office.command("audit", "verify").exit_code == 0


def unquoted(body: bytes) -> bytes:
    """Return a form as people read it."""
    return body.replace(b"%2B", b"+")


def dump(folder: Path) -> dict[str, bytes]:
    """Return what is in every file: journal, index and its log, what the daemon wrote to stderr."""
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
