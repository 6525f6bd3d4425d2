"""What comes after a call, put together; and a recording fetched and deleted over real connections of this machine."""

from pathlib import Path
from types import ModuleType
from typing import Any

import attrs
import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import Clock

from router.aftercall import after_call
from router.recordings.download import Trouble, delete, fetch

SOUND = b"ID3" + bytes(range(256)) * 4096
"""A megabyte."""


@pytest.fixture
def bench(channels: ModuleType) -> Any:
    """Return a fake provider."""
    made = channels.Bench.started(reactor)
    yield made
    pytest_twisted.blockon(Deferred.fromCoroutine(made.fake.stop()))


@pytest_twisted.ensureDeferred
async def test_a_recording_over_the_wire(bench: Any) -> None:
    """It comes byte by byte as it was left; deleted, it is gone; with a wrong login nothing is given."""
    carrier = bench.sms().carrier
    bench.fake.twilio.recordings["RE1"] = SOUND
    stranger = attrs.evolve(carrier, secret="wrong")

    assert await fetch(bench.line(), stranger, "RE1") == Trouble("the provider does not give it (HTTP 401)")
    assert await fetch(bench.line(), carrier, "RE1") == SOUND
    assert await delete(bench.line(), stranger, "RE1") == Trouble("the provider does not delete it (HTTP 401)")
    assert await delete(bench.line(), carrier, "RE1") is None
    assert await fetch(bench.line(), carrier, "RE1") == Trouble("the provider does not have it (yet)")
    assert await delete(bench.line(), carrier, "RE1") is None


def test_the_parts_know_each_other(tmp_path: Path, engines: Any, desks: Any) -> None:
    """Notices hear of calls from the engine and of recordings from the shelf; who called is known by the call."""
    office = engines.Office()
    office.answer(engines.call())
    call = office.journal.records[0].public["id"]
    outbox = desks.FakeOutbox()
    parts = after_call(
        tmp_path,
        outbox=outbox,
        journal=office.journal,
        rules=office.shared.rules,
        engine=office.engine,
        clock=office.clock,
        reactor=Clock(),
        in_thread=lambda work: succeed(work()),
    )
    parts.recordings.start()

    assert (parts.caller_of(call), parts.caller_of("01UNKNOWN")) == ("+12025550199", None)
    assert parts.notices.call(call) is office.shared.calls.get(call)
    assert {"missed", "message", "text-back"} <= set(parts.notices.handlers())
    assert parts.notices.webhooks() == {}
    assert not parts.notices.coming("pbx")
    assert not parts.notices.kept(call)
    parts.recordings.tick()
    assert (tmp_path / "recordings").is_dir()


@pytest.mark.parametrize(
    ("more", "effects"),
    [
        pytest.param({"state": "completed", "details": {"recording_id": "RE1"}}, ["recording"], id="ready"),
        pytest.param({"state": "absent", "details": {"recording_id": "RE1"}}, [], id="there is none"),
        pytest.param({"state": "completed", "details": {"recording": "x"}}, [], id="without its name"),
    ],
)
@pytest.mark.parametrize("fetched", [pytest.param(True, id="fetched"), pytest.param(False, id="kept by the exchange")])
def test_a_recording_that_is_ready_is_to_be_fetched(
    engines: Any, more: dict[str, Any], effects: list[str], fetched: bool
) -> None:
    """Where the provider can be asked for it; the effect names call, number and box, and stands in the record that says so."""
    office = engines.Office()
    if fetched:
        settings = office.shared.rules.current.settings
        sending = attrs.evolve(settings.sending, carriers={"pbx": object()})
        office.shared.rules.current = attrs.evolve(
            office.shared.rules.current, settings=attrs.evolve(settings, sending=sending)
        )
    office.answer(engines.call())
    office.answer(office.progress("next", 0, result="no-answer"))
    office.answer(office.progress("next", 1, result="no-answer"))
    office.answer(office.progress("message", 2, details={"seconds": "9"}))
    office.answer(office.progress("recording", 2, **more))

    record = office.journal.of("recording")[0]
    found = record.private.get("outbox", [])
    assert [one["kind"] for one in found] == (effects if fetched else [])
    if found:
        call = record.public["id"]
        assert found == [
            {
                "key": f"{call}.recording",
                "kind": "recording",
                "people": [],
                "target": "main",
                "number": "main",
                "release_at": None,
            }
        ]
