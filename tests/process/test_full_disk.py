"""A disk that takes nothing any more: calls go on with their real decision, texts stay with the provider, nothing is lost."""

import json
import os
import resource
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from random import Random
from time import monotonic
from types import ModuleType
from typing import Any, BinaryIO

import pytest

pytestmark = pytest.mark.slow

LATEST = 2.0
"""Seconds in which a caller gets an answer, whatever is broken."""


def fill_up(daemon: Any) -> None:
    """Let no file of the daemon grow, or be written at all beyond its first bytes; its log stands on the same disk."""
    resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (512, resource.RLIM_INFINITY))


def make_room(daemon: Any) -> None:
    """Take that back."""
    resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def test_calls_are_answered_texts_are_not_taken_and_all_is_written_later(
    daemons: ModuleType, office: Any, outside: ModuleType, twilio: Any, pbx: Any
) -> None:
    """
    While nothing can be written, a call rings whom it should and its steps go on; a text gets 503, so the provider keeps it.

    With room again everything is in the journal once, and the text that comes again is taken.
    """
    chance = Random(11)
    names = [outside.name_of(chance) for _ in range(10)]
    calls = [provider.call(name) for name in names for provider in (twilio, pbx)]
    texts = [provider.text(name) for name in names for provider in (twilio, pbx)]
    daemon = office.start()
    times: list[float] = []

    def posted(wire: Any, event: Any) -> Any:
        began = monotonic()
        answer = wire.post(event)
        times.append(monotonic() - began)
        return answer

    with outside.Wire(daemon.place()) as wire:
        fill_up(daemon)
        answers = {call: posted(wire, call) for call in calls}
        steps = {step: posted(wire, step) for call in calls if (step := _next(twilio, pbx, call, answers[call]))}
        turned_away = {posted(wire, text).code for text in texts}
        ready, up = daemon.ask("/-/ready")[0], daemon.metric("journal_up")
        make_room(daemon)
        daemons.until(lambda: daemon.ask("/-/ready")[0] == 200, within=5, what="the journal's recovery")
        taken = {text: wire.post(text) for text in texts}
        again = {event: wire.post(event) for event in (answers | steps)}
    code = daemon.stop()
    rows = office.rows()

    assert max(times) < LATEST
    assert all(b"+16175550141" in answer.body for answer in answers.values())
    assert {answer.code for answer in steps.values()} == {200}
    assert len(steps) == len(calls)
    assert turned_away == {503}
    assert (ready, up) == (503, 0)
    assert {answer.code for answer in taken.values()} == {200}
    assert again == answers | steps
    assert Counter(row["event_id"] for row in rows if row["event_id"]) == Counter(
        event.id for event in [*calls, *steps, *texts]
    )
    assert daemon.events("journal.up")
    assert code == 0
    assert office.command("audit", "verify").exit_code == 0


def _next(twilio: Any, pbx: Any, call: Any, answer: Any) -> Any:
    return (twilio if "twilio" in call.path else pbx).after(call, answer.body)


NO_FILE_GROWS = ("sh", "-c", 'ulimit -S -f 0; exec "$0" "$@"')


@pytest.fixture
def piped(office: Any) -> Iterator[Callable[..., tuple[Any, tuple[str, int], BinaryIO]]]:
    """Return what starts a daemon that logs into a pipe, and gives it with its public listener and the pipe's other end."""
    with ExitStack() as opened:

        def start(**how: Any) -> tuple[Any, tuple[str, int], BinaryIO]:
            readable, writable = os.pipe()
            log = opened.enter_context(os.fdopen(readable, "rb"))
            daemon = office.launch(log=writable, **how)
            os.close(writable)
            line = b""
            while b"daemon.ready" not in line:
                line = log.readline()
                assert line, "the daemon has ended"
            host, _, port = json.loads(line)["listens"]["public"].rpartition(":")
            return daemon, (host, int(port)), log

        yield start


def test_a_daemon_comes_back_on_a_full_disk(office: Any, piped: Any, outside: ModuleType, twilio: Any) -> None:
    """A restart while nothing can be written takes calls all the same, and ends as it should."""
    office.start().kill()

    daemon, place, _ = piped(under=NO_FILE_GROWS)
    with outside.Wire(place, timeout=LATEST) as wire:
        call, text = wire.post(twilio.call("1" * 32)), wire.post(twilio.text("2" * 32))
    code = daemon.stop()

    assert b"+16175550141" in call.body
    assert (call.code, text.code) == (200, 503)
    assert code == 0


def test_a_log_nobody_reads_any_more_stops_nothing(piped: Any, outside: ModuleType, twilio: Any) -> None:
    """With the reader of its log gone, the daemon answers, and ends as it should."""
    daemon, place, log = piped()
    log.close()

    with outside.Wire(place, timeout=LATEST) as wire:
        answers = [wire.post(twilio.call(f"{n:032x}")) for n in range(3)]
        answers.append(wire.post(twilio.text("0" * 32)))
    code = daemon.stop()

    assert [answer.code for answer in answers] == [200] * 4
    assert code == 0
