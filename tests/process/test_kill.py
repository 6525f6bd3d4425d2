"""Killed at any moment, the daemon has lost nothing it answered and done nothing twice."""

import threading
from collections import Counter
from hashlib import sha256
from random import Random
from time import sleep
from types import ModuleType
from typing import Any

import pytest

pytestmark = pytest.mark.slow

KILLS = 20
CLIENTS = 8
ASKED_AGAIN = 1000
SEED = 20261122


def test_twenty_kills_under_load_lose_nothing_and_double_nothing(
    office: Any, outside: ModuleType, kills: ModuleType, twilio: Any, pbx: Any
) -> None:
    """Every answered event has its row once, with the bytes that were answered then and are answered ever after."""
    chance, over = Random(SEED), threading.Event()
    clients = [kills.Client(outside, (twilio, pbx), Random(chance.random()), office, over) for _ in range(CLIENTS)]

    office.start()
    with kills.busy(clients, over):
        for _ in range(KILLS):
            sleep(chance.uniform(0.1, 0.6))
            office.running.kill()
            office.start()
        sleep(0.3)
    answers = {event: answer for client in clients for event, answer in client.answers.items()}
    with outside.Wire(office.running.place()) as wire:
        later = {event: wire.post(event) for event in chance.sample(list(answers), ASKED_AGAIN)}
    code = office.running.stop()
    rows = office.rows()
    verified = office.command("audit", "verify")
    rebuilt = office.command("audit", "reindex")

    times = Counter((row["kind"], row["event_id"]) for row in rows if row["event_id"])
    written = {(row["kind"], row["event_id"]): row["answer_sha256"] for row in rows}
    told = {(event.kind, event.id): sha256(answer.body).hexdigest() for event, answer in answers.items()}
    assert sum(client.again for client in clients) >= KILLS
    assert {answer.code for answer in answers.values()} == {200, 204}
    assert [event for client in clients for event in client.changed] == []
    assert later == {event: answers[event] for event in later}
    assert [key for key, count in times.items() if count > 1] == []
    assert {key: written.get(key) for key in told} == told
    assert code == 0
    assert verified.exit_code == 0, verified.stdout
    assert rebuilt.exit_code == 0, rebuilt.stderr
    assert office.rows() == rows


def test_told_to_end_under_load_it_answers_what_it_has_taken(
    office: Any, outside: ModuleType, kills: ModuleType, twilio: Any, pbx: Any
) -> None:
    """After SIGTERM nobody is let in, what was answered is written, and the exit code is 0."""
    over = threading.Event()
    clients = [kills.Client(outside, (twilio, pbx), Random(n), office, over) for n in range(CLIENTS)]

    office.start()
    with kills.busy(clients, over):
        sleep(0.5)
        code = office.running.stop()
    rows = office.rows()

    written = {(row["kind"], row["event_id"]) for row in rows if row["event_id"]}
    answered = {(event.kind, event.id) for client in clients for event in client.answers}
    assert code == 0
    assert answered
    assert answered == written
    assert rows[-1]["kind"] == "stop"
    assert office.command("audit", "verify").exit_code == 0
