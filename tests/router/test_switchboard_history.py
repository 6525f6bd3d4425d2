"""What was switched on then: past events decided again as things stood."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from router.journal.record import Record
from router.recorded import Decided, Recorded
from router.replay import Replayer
from router.switchboard.history import NOTHING, History
from rules.event import IncomingCall
from rules.inquiry import Leave, Override

Beside = Callable[[str, str], ModuleType]
HOUR = 3600
TUESDAY_10 = 1_795_532_400


@pytest.fixture
def bench(beside: Beside, engines: Any) -> Any:
    """Return a switchboard of an office where anna is covered by chloe."""
    return beside(__file__, "switchboard_fakes").Bench(engines)


def at(record: Record, moment: str) -> Record:
    """Return *record*, written at another moment."""
    return Record(record.seq, moment, record.kind, record.public, "", record.private, "", "")


def test_each_until_it_really_ended(bench: Any) -> None:
    """What was cancelled held until then; what ended by itself, until its end; a plan for later that was cancelled, never."""
    bench.override("closed", "main", lasting="4h")
    bench.override("storm", "sales", lasting="4h")
    bench.away("anna", since="16:00", until="18:00")
    bench.board.cancel(bench.board.register.newest_first()[:2], by="ben")
    records = bench.journal.of("override")
    told = [*records[:3], *(at(record, "2026-11-24T16:00:00.000000Z") for record in records[3:])]

    overrides, leaves = History.of(told).switches(bench.rules.current.book)

    assert [(each.question, each.span) for each in overrides] == [
        ("override:o2", (TUESDAY_10, TUESDAY_10 + HOUR)),
        ("override:o1", (TUESDAY_10, TUESDAY_10 + 4 * HOUR)),
    ]
    assert leaves == ()


def test_a_cancel_of_something_long_forgotten(bench: Any) -> None:
    """Is passed over; so are names the other file does not have."""
    bench.override("closed", "main", lasting="4h")
    bench.board.cancel(bench.board.register.newest_first(), by="ben")
    gone = History.of(bench.journal.of("override")[1:])
    bench.override("closed", "main", lasting="4h")
    other = bench.office(("\n  main:\n    number", "\n  boston:\n    number")).book

    assert gone.switches(bench.rules.current.book) == ((), ())
    assert History.of(bench.journal.of("override")).switches(other) == ((), ())


def test_a_calendar_while_it_said_so(bench: Any) -> None:
    """What it said first counts until it said something else."""
    bench.board.calendar("anna", [(TUESDAY_10, TUESDAY_10 + 9 * HOUR)])
    bench.board.calendar("anna", [(TUESDAY_10 + 3 * HOUR, TUESDAY_10 + 4 * HOUR)])
    bench.board.calendar("chloe", [])  # as before: no record
    first, second = bench.journal.of("override")

    history = History.of([first, at(second, "2026-11-24T17:00:00.000000Z")])
    _, leaves = history.switches(bench.rules.current.book)

    assert [(leave.person, leave.spans) for leave in leaves] == [
        ("anna", ((TUESDAY_10, TUESDAY_10 + 2 * HOUR), (TUESDAY_10 + 3 * HOUR, TUESDAY_10 + 4 * HOUR))),
    ]


def test_a_replay_knows_what_was_on(bench: Any) -> None:
    """An event decided while the office was closed by hand is decided the same again, and otherwise without that."""
    bench.override("closed", "main", lasting="4h")
    bench.away("anna", lasting="4h")
    history = History.of(bench.journal.of("override"))
    book = bench.rules.current.book
    overrides, leaves = bench.board.switches(book)

    assert history.switches(book) == (overrides, leaves)
    assert isinstance(overrides[0], Override)
    assert isinstance(leaves[0], Leave)
    assert [rule_of(Replayer(book, each), bench) for each in (history, NOTHING)] == [
        "main.calls.closed",
        "main.calls.open",
    ]


def rule_of(replayer: Replayer, bench: Any) -> str:
    """Return the rule that decides a call now."""
    event = IncomingCall(provider="pbx", account="", id="", to="+16175550100", caller="+12025550199")
    return replayer.decide(Recorded(int(bench.clock.at), event, Decided("main", "pbx", {}, "", []))).rule
