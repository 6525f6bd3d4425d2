"""A call goes on where it was when the daemon comes back, and a copy of an event is never a second event."""

import shutil
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from random import Random
from types import ModuleType
from typing import Any

import pytest

pytestmark = pytest.mark.slow


def _with_everything(office: Any) -> None:
    """Keep the state as it is."""


def _without_the_index(office: Any) -> None:
    """Lose the index."""
    for file in office.state.glob("index.db*"):
        file.unlink()


def _copied_without_the_index(office: Any) -> None:
    """Move to another disk, taking along all but the index."""
    elsewhere = office.folder / "elsewhere"
    shutil.copytree(office.state, elsewhere, ignore=shutil.ignore_patterns("index.db*"))
    shutil.rmtree(office.state)
    elsewhere.rename(office.state)


@pytest.mark.parametrize(
    "meanwhile",
    [
        pytest.param(_with_everything, id="killed"),
        pytest.param(_without_the_index, id="killed, its index lost"),
        pytest.param(_copied_without_the_index, id="killed, its folder copied without the index"),
    ],
)
def test_a_call_goes_on_after_a_restart(
    meanwhile: Any, office: Any, outside: ModuleType, twilio: Any, pbx: Any
) -> None:
    """A step that ends after the restart leads to the next one; steps told again get the bytes they got before."""
    chance = Random(5)
    calls = [provider.call(outside.name_of(chance)) for provider in (twilio, pbx)]
    with outside.Wire(office.start().place()) as wire:
        first = {call: wire.post(call) for call in calls}
    office.running.kill()
    meanwhile(office)

    with outside.Wire(office.start().place()) as wire:
        steps = {call: _after(twilio, pbx, call, first[call]) for call in calls}
        second = {call: wire.post(steps[call]) for call in calls}
    office.running.kill()
    meanwhile(office)

    with outside.Wire(office.start().place()) as wire:
        again = [(wire.post(call), wire.post(steps[call])) for call in calls]
        third = [wire.post(_after(twilio, pbx, call, second[call])) for call in calls]

    assert again == [(first[call], second[call]) for call in calls]
    assert b"+16175550141" in first[calls[0]].body
    assert b"sip:ben@" in second[calls[0]].body
    assert b"+16175550141" not in second[calls[0]].body
    assert b"<Record" in third[0].body
    assert b'"seconds":15' in second[calls[1]].body
    assert [answer.code for answer in third] == [200, 200]
    assert office.running.metric("failsafe_answers_total") == 0


def _after(twilio: Any, pbx: Any, call: Any, answer: Any) -> Any:
    return (twilio if "twilio" in call.path else pbx).after(call, answer.body)


def test_thirty_two_copies_at_once_are_one_event(office: Any, outside: ModuleType, twilio: Any, pbx: Any) -> None:
    """Copies that come at the same time get the same bytes, and leave one row; so do those that come later."""
    chance, daemon = Random(6), office.start()
    events = [
        event
        for provider in (twilio, pbx)
        for event in (provider.call(outside.name_of(chance)), provider.text(outside.name_of(chance)))
    ]

    def copy(event: Any) -> Any:
        with outside.Wire(daemon.place()) as wire:
            return wire.post(event)

    with ThreadPoolExecutor(32) as pool:
        answers = {event: set(pool.map(copy, [event] * 32)) for event in events}
    later = {event: {copy(event)} for event in events}
    duplicates = daemon.metric("duplicate_events_total")
    daemon.stop()

    assert {len(heard) for heard in answers.values()} == {1}
    assert later == answers
    assert Counter(row["event_id"] for row in office.rows() if row["event_id"]) == {event.id: 1 for event in events}
    assert duplicates == len(events) * 32
