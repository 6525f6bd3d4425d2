"""What is switched on: set, applied, ended, restored; a record first, each time."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import attrs
import pytest

from rules.spoken import UnclearError

Beside = Callable[[str, str], ModuleType]
DAY = 86400


@pytest.fixture
def bench(beside: Beside, engines: Any) -> Any:
    """Return a switchboard of an office where anna is covered by chloe."""
    return beside(__file__, "switchboard_fakes").Bench(engines)


def rung(bench: Any, *, at: float | None = None) -> str:
    """Return what the newest decision on the office's main number comes to."""
    engines = bench.engines
    office = engines.Office(rules=bench.rules.current)
    office.clock.at = bench.clock.at if at is None else at
    office.answer(engines.call())
    told: str = office.journal.of("call")[-1].public["rule"]
    return told


def test_it_is_in_force_at_once(bench: Any) -> None:
    """The next decision knows it; it is a record first, and the answer says what happens, for whom and until when."""
    done = bench.override("closed", "main", lasting="today")

    assert rung(bench) == "main.calls.closed"
    assert done.lines == (
        "main is closed until Wed 25 Nov 00:00 EST",
        "calls to main now: voicemail main",
        "texts to main now: wait for the next opening, then go to front",
        "from Wed 25 Nov 00:00 EST as the file says",
    )
    assert bench.records() == [("set", "main is closed until Wed 25 Nov 00:00 EST, by ben")]
    (record,) = bench.journal.of("override")
    assert record.public == {
        "id": "o1",
        "action": "set",
        "what": "closed",
        "number": "main",
        "person": None,
        "plan": None,
        "cover": None,
        "only": None,
        "since": "2026-11-24T15:00:00Z",
        "until": "2026-11-25T05:00:00Z",
        "by": "ben",
        "set_by": "ben",
        "cause": None,
        "outcome": "main is closed until Wed 25 Nov 00:00 EST, by ben",
    }


@pytest.mark.parametrize(
    ("said", "lines"),
    [
        pytest.param(
            {"until": "mon 08:00"},
            (
                "anna is away until Mon 30 Nov 08:00 EST",
                "calls and texts for anna now go to chloe",
                "calls to main now: ring ben (by front), 15 s, then voicemail main",
                "texts to main now: deliver to ben (by front)",
                "calls to sales now: ring chloe (by pool), 20 s, then voicemail main",
                "texts to sales now: deliver to chloe (by pool)",
                "from Mon 30 Nov 08:00 EST as the file says",
            ),
            id="by her own cover",
        ),
        pytest.param(
            {"until": "mon 08:00", "since": "sat 08:00", "cover": "ben"},
            (
                "anna is away from Sat 28 Nov 08:00 EST until Mon 30 Nov 08:00 EST; cover: ben",
                "calls and texts for anna from Sat 28 Nov 08:00 EST go to ben",
                "texts to sales from Sat 28 Nov 08:00 EST: deliver to chloe (by pool)",
                "from Mon 30 Nov 08:00 EST as the file says",
            ),
            id="later, when nobody calls her",
        ),
        pytest.param(
            {"lasting": "2h", "only": "calls"},
            (
                "anna is away for calls until Tue 24 Nov 12:00 EST",
                "calls for anna now go to chloe",
                "calls to main now: ring ben (by front), 15 s, then voicemail main",
                "calls to sales now: ring chloe (by pool), 20 s, then voicemail main",
                "from Tue 24 Nov 12:00 EST as the file says",
            ),
            id="for calls alone",
        ),
    ],
)
def test_an_absence_tells_what_follows(bench: Any, said: dict[str, str], lines: tuple[str, ...]) -> None:
    """Who gets what is meant for her, which numbers go otherwise, and when that ends."""
    assert bench.away("anna", **said).lines == lines


def test_nobody_covers(bench: Any) -> None:
    """Then the answer says so."""
    assert (
        "calls and texts for ben now go to nobody (ben is away (switched on by ben until"
        in bench.away("ben", lasting="2h").lines[1]
    )


def test_calls_and_texts_may_go_to_different_people(bench: Any) -> None:
    """Each is told."""
    bench.away("chloe", lasting="2h", only="texts", cover="ben")

    told = bench.away("anna", lasting="2h").lines[1]

    assert told == "calls for anna now go to chloe; texts for anna now go to ben"


def test_a_plan_for_the_whole_business(bench: Any) -> None:
    """For each number, as far as a person reads."""
    told = bench.override("storm", None, until="18:00").lines

    assert told[0] == "the whole business follows the plan storm until Tue 24 Nov 18:00 EST"
    assert "calls to sales now: voicemail main" in told


def test_many_numbers_are_not_all_told(bench: Any) -> None:
    """The first few, and how many more."""
    more = "".join(
        f"\n  n{index}: {{number: '+1 617 555 02{index:02}', provider: pbx, hours: office, voicemail: main,"
        " calls: {open: [{ring: pool}]}, texts: {open: {to: pool}}}"
        for index in range(3)
    )
    bench.rules.take(bench.office(("\nnumbers:", f"\nnumbers:{more}")))

    told = bench.override("closed", None, lasting="2h").lines

    assert told[-2] == "and so on for 2 more"
    assert sum("calls to" in line for line in told) == 3


def test_the_newest_wins_and_the_older_comes_back(bench: Any) -> None:
    """Open for two hours within a day that is closed; then closed again, which the answer says."""
    bench.override("closed", "main", lasting="today")
    done = bench.override("open", None, lasting="2h")

    assert rung(bench) == "main.calls.open"
    assert rung(bench, at=bench.clock.at + 7199) == "main.calls.open"
    assert rung(bench, at=bench.clock.at + 7200) == "main.calls.closed"
    assert done.lines[-1] == "from Tue 24 Nov 12:00 EST as what else is switched on says"


def test_it_ends_by_itself(bench: Any) -> None:
    """On the second, by the wall clock; the end is a record."""
    bench.override("closed", "main", lasting="2h")
    bench.clock.at += 7199
    bench.board.tick()
    before = bench.on(), bench.active("closed")
    bench.clock.at += 1
    bench.board.tick()

    assert before == (["o1"], 1)
    assert (bench.on(), bench.active("closed")) == ([], 0)
    assert bench.records()[-1][0] == "end"
    assert bench.records()[-1][1] == "over: main is closed until Tue 24 Nov 12:00 EST"
    assert not bench.rules.current.timetable.overrides


@pytest.mark.parametrize(
    ("jump", "on"),
    [
        pytest.param(5 * DAY, [], id="set forward past its end: it has ended"),
        pytest.param(-5 * DAY, ["o1"], id="set back: it is still on"),
    ],
)
def test_a_clock_that_is_set(bench: Any, jump: int, on: list[str]) -> None:
    """What counts is what the clock on the wall reads."""
    bench.override("closed", "main", until="fri 10:00")

    bench.clock.at += jump
    bench.board.tick()

    assert bench.on() == on
    assert bench.active("closed") == 0


def test_a_long_one_is_reminded_of_once(bench: Any) -> None:
    """At four fifths of its length: a record with a notice, from one of our numbers, and nothing twice."""
    bench.away("anna", lasting="100h")
    bench.clock.at += 80 * 3600 - 1
    bench.board.tick()
    early = len(bench.records())
    bench.clock.at += 1
    bench.board.tick()
    bench.board.tick()
    bench.start()
    bench.board.tick()

    assert early == 1
    assert [action for action, _ in bench.records()] == ["set", "remind"]
    assert bench.journal.of("override")[-1].private["outbox"] == [
        {"key": "o1.remind", "kind": "remind", "people": [], "target": None, "number": "main", "release_at": None}
    ]
    assert bench.on() == ["o1"]


@pytest.mark.parametrize(
    ("hours", "reminded"),
    [pytest.param("23h", 0, id="shorter than a day"), pytest.param("24h", 1, id="a day")],
)
def test_what_is_reminded_of(bench: Any, hours: str, reminded: int) -> None:
    """Only what lasts a day; the notice comes from the number."""
    bench.override("closed", "sales", lasting=hours)
    bench.clock.at += 20 * 3600
    bench.board.tick()

    found = [record for record in bench.journal.of("override") if record.public["action"] == "remind"]
    assert len(found) == reminded
    assert all(record.private["outbox"][0]["number"] == "sales" for record in found)


def test_cancelled(bench: Any) -> None:
    """It ends at once, and who ended it is recorded."""
    bench.override("closed", "main", lasting="2h")

    bench.board.cancel([bench.standing()], by="chloe")

    assert rung(bench) == "main.calls.open"
    assert bench.records()[-1] == ("cancel", "ended by chloe: main is closed until Tue 24 Nov 12:00 EST")
    assert bench.journal.of("override")[-1].public["by"] == "chloe"
    assert bench.on() == []


def test_after_a_restart_all_is_as_before(bench: Any) -> None:
    """From the records alone."""
    bench.override("closed", "main", lasting="2h")
    bench.away("anna", lasting="2h", only="calls", cover="chloe")
    bench.override("storm", "sales", lasting="1h")
    bench.board.cancel([bench.standing()], by="ben")
    bench.journal.append("start", {}, {})
    before = dict(bench.board.register.all)

    bench.start()

    assert bench.board.register.all == before
    assert rung(bench) == "main.calls.closed"


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        pytest.param(
            {"person": "chloe", "cover": "anna"},
            {"person": "anna"},
            "a cover loop (anna -> chloe -> anna)",
            id="a circle",
        ),
        pytest.param(None, {"person": "anna", "cover": "anna"}, "cannot cover for anna", id="herself"),
    ],
)
def test_a_cover_loop_is_refused(bench: Any, first: dict[str, str] | None, second: dict[str, str], why: str) -> None:
    """When it would be set: nothing is recorded, nothing changes."""
    if first:
        bench.away(**first, lasting="4h")
    before = bench.on()

    with pytest.raises(UnclearError) as caught:
        bench.away(**second, lasting="2h")

    assert why in str(caught.value)
    assert bench.on() == before


def test_too_much_at_once(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that switches on and on is told to stop."""
    monkeypatch.setattr("router.switchboard.switchboard.MOST", 2)
    bench.override("closed", lasting="2h")
    bench.override("closed", lasting="2h")

    with pytest.raises(UnclearError, match="2 things are switched on already"):
        bench.override("closed", lasting="2h")


@pytest.mark.parametrize(
    ("change", "note"),
    [
        pytest.param(
            ("\n  main:\n    number", "\n  boston:\n    number"), "there is no number main any more", id="the number"
        ),
        pytest.param(("anna", "annika"), "there is nobody called anna any more", id="the person"),
        pytest.param(("storm", "snow"), "there is no plan storm any more", id="the plan"),
    ],
)
def test_names_the_file_no_longer_has(bench: Any, change: tuple[str, str], note: str) -> None:
    """What names them is kept, not applied, and says so; with the old file it is applied again."""
    bench.override("closed", "main", lasting="2h")
    bench.away("anna", lasting="2h")
    bench.override("storm", "sales", lasting="2h")

    bench.rules.take(bench.office(change))
    told = bench.board.listed()
    switched = bench.board.switches(bench.rules.current.book)
    bench.board.tick()
    bench.rules.take(bench.office())

    assert [each["note"] for each in told if each["note"]] == [f"not applied: {note}"]
    assert [each["active"] for each in told].count(False) == 1
    assert sum(map(len, switched)) == 2
    assert sum(map(len, bench.board.switches(bench.rules.current.book))) == 3


def test_a_cover_the_file_no_longer_has(bench: Any) -> None:
    """Then the person's own steps in."""
    bench.away("anna", lasting="2h", cover="ben")
    other = attrs.evolve(bench.standing(), cover="benedict")
    book = bench.rules.current.book

    assert bench.standing().switched(book).cover == "ben"
    assert other.switched(book).cover is None


def test_what_is_listed(bench: Any) -> None:
    """All of it, newest first, in words and for machines."""
    bench.override("closed", "main", lasting="2h")
    bench.away("anna", since="sat 08:00", until="mon 08:00", only="texts", cover="ben")

    assert bench.board.listed() == [
        {
            "id": "o2",
            "what": "away",
            "number": None,
            "person": "anna",
            "plan": None,
            "cover": "ben",
            "only": "texts",
            "since": "2026-11-28T13:00:00Z",
            "until": "2026-11-30T13:00:00Z",
            "by": "ben",
            "active": False,
            "note": "",
            "told": "anna is away for texts from Sat 28 Nov 08:00 EST until Mon 30 Nov 08:00 EST; cover: ben, by ben",
        },
        {
            "id": "o1",
            "what": "closed",
            "number": "main",
            "person": None,
            "plan": None,
            "cover": None,
            "only": None,
            "since": "2026-11-24T15:00:00Z",
            "until": "2026-11-24T17:00:00Z",
            "by": "ben",
            "active": True,
            "note": "",
            "told": "main is closed until Tue 24 Nov 12:00 EST, by ben",
        },
    ]


def test_a_calendar(bench: Any) -> None:
    """Applied like an absence, recorded when it changes, and gone when it is empty."""
    now = int(bench.clock.at)
    bench.board.calendar("anna", [(now, now + 60), (now + 600, now + 660)])
    bench.board.calendar("anna", [(now, now + 60), (now + 600, now + 660)])
    _, leaves = bench.board.switches(bench.rules.current.book)
    bench.board.calendar("anna", [])

    (leave,) = leaves
    assert (leave.question, leave.calendar, leave.spans[0]) == ("away:anna:calendar", True, (now, now + 60))
    assert bench.records() == [
        ("calendar", "anna: 2 absences by the calendar"),
        ("calendar", "anna: 0 absences by the calendar"),
    ]
    assert bench.board.switches(bench.rules.current.book) == ((), ())


def test_a_disk_that_cannot_be_written(bench: Any, beside: Beside) -> None:
    """It is in force all the same, and who asked is told that it is not on disk."""
    run = beside(__file__, "switchboard_fakes").run
    bench.journal.down = True

    done = bench.override("closed", "main", lasting="2h")

    assert run(bench.board.written(done.seq)) is False
    assert rung(bench) == "main.calls.closed"
