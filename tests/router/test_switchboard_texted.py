"""Commands by text: the PIN, what is done, and what is answered."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from router.engine.recovery import restore
from router.switchboard.chosen import chosen
from router.switchboard.texted import TextCommands
from rules.spoken import UnclearError

Beside = Callable[[str, str], ModuleType]
HOUR = 3600


@pytest.fixture
def fakes(beside: Beside) -> ModuleType:
    """Return the fakes of the switchboard."""
    return beside(__file__, "switchboard_fakes")


@pytest.fixture
def bench(fakes: ModuleType, engines: Any) -> Any:
    """Return a switchboard of an office where anna is covered by chloe."""
    return fakes.Bench(engines)


# ---------------------------------------------------------------- PINs


@pytest.mark.parametrize(
    ("person", "text", "proof"),
    [
        pytest.param("ben", "4711 back", "good", id="the right one"),
        pytest.param("ben", "back 4711", "good", id="at the end"),
        pytest.param("ben", "back 4712", "wrong", id="another"),
        pytest.param("ben", "back 47111", "wrong", id="a digit too many"),
        pytest.param("ben", "back", "missing", id="none in the text"),
        pytest.param("anna", "4711 back", "none", id="somebody who has none"),
        pytest.param("anna", "back", "none", id="neither"),
    ],
)
def test_a_pin(fakes: ModuleType, person: str, text: str, proof: str) -> None:
    """Proves who writes, or does not."""
    assert fakes.pins(ben="4711").check(person, text, 0.0) == proof


def test_five_wrong_ones_an_hour(fakes: ModuleType) -> None:
    """After the fifth not even the right one counts, until the hour is over; others are not held up."""
    pins = fakes.pins(ben="4711", chloe="0815")
    tried = [pins.check("ben", "1111 back", float(at)) for at in range(5)]

    assert tried == ["wrong"] * 5
    assert pins.check("ben", "4711 back", 6.0) == "too-many"
    assert pins.check("chloe", "0815 back", 6.0) == "good"
    assert pins.check("ben", "4711 back", HOUR - 0.5) == "too-many"
    assert pins.check("ben", "4711 back", HOUR + 0.0) == "good"


def test_wrong_ones_before_a_restart_count(fakes: ModuleType) -> None:
    """So nobody can try on after one."""
    pins = fakes.pins(ben="4711")
    for at in range(5):
        pins.recall("ben", "wrong", float(at))
        pins.recall("ben", "missing", float(at))

    assert pins.check("ben", "4711 back", 6.0) == "too-many"


@pytest.mark.parametrize(
    ("proof", "words"),
    [
        pytest.param("missing", "a command needs your PIN", id="none"),
        pytest.param("wrong", "that is not your PIN", id="a wrong one"),
        pytest.param("none", "you have no PIN", id="nobody can know"),
        pytest.param("too-many", "too many wrong PINs", id="too many wrong ones"),
    ],
)
def test_without_proof_nothing_happens(bench: Any, proof: str, words: str) -> None:
    """The answer says why, and what to do."""
    said = bench.text("**** away mon 08:00", proof=proof)

    assert said.startswith("Nothing was changed: ")
    assert words in said
    assert bench.on() == []


# ---------------------------------------------------------------- commands


@pytest.mark.parametrize(
    ("text", "on", "said"),
    [
        pytest.param(
            "**** away mon 08:00 chloe",
            ["o1"],
            "Done: ben is away until Mon 30 Nov 08:00 EST; cover: chloe\ncalls and texts for ben now go to chloe",
            id="an absence",
        ),
        pytest.param(
            "override main closed today ****",
            ["o1"],
            "Done: main is closed until Wed 25 Nov 00:00 EST\ncalls to main now: voicemail main",
            id="an override",
        ),
        pytest.param("back", [], "You were not switched away.\ncalls and texts for you now go to ben", id="back"),
        pytest.param("override list", [], "Nothing is switched on.", id="a list of nothing"),
        pytest.param("away", [], "Nothing was changed: until when?", id="unclear"),
        pytest.param(
            "override clear main", [], "Nothing was changed: nothing is switched on for 'main'.", id="nothing"
        ),
        pytest.param("away for 2h ben", [], "Nothing was changed: ben cannot cover for ben;", id="himself"),
    ],
)
def test_a_command(bench: Any, text: str, on: list[str], said: str) -> None:
    """It is done, and told."""
    assert bench.text(text).startswith(said)
    assert bench.on() == on


def test_a_circle_is_refused_in_words(bench: Any) -> None:
    """As on the command line."""
    bench.away("chloe", lasting="4h", cover="anna")

    assert bench.text("away for 2h", "anna").startswith(
        "Nothing was changed: that would be a cover loop (anna -> chloe"
    )


def test_what_came_too_late(bench: Any) -> None:
    """A text that was carried out long after it came, when its end has passed."""
    text, at = "away for 2h", bench.clock.at
    bench.clock.at += 3 * HOUR
    commands = TextCommands(bench.board, bench.clock)

    said = commands.command("ben", text, int(at), proof="good", cause="T1.0")

    assert said == "Nothing was changed: it came too late: Tue 24 Nov 12:00 EST has passed by now."


def test_a_text_counts_once(bench: Any) -> None:
    """Carried out again, after a restart, it gives the same answer and changes nothing."""
    first = bench.text("away for 2h", cause="T1.0")
    bench.start()
    again = bench.text("away for 2h", cause="T1.0")
    bench.text("away for 3h", cause="T2.0")

    assert first == again
    assert bench.on() == ["o2", "o1"]


def test_back_ends_what_is_on_and_tells_what_is_planned(bench: Any) -> None:
    """What the file or a plan for later says stays."""
    bench.text("away for 2h", cause="1")
    bench.text("away for 3h only calls", cause="2")
    bench.text("away from mon 08:00 until mon 12:00", cause="3")

    said = bench.text("back")

    assert said.splitlines() == [
        "Done: your absence has ended.",
        "calls and texts for you now go to ben",
        "Still planned: ben is away from Mon 30 Nov 08:00 EST until Mon 30 Nov 12:00 EST (override clear o3)",
    ]
    assert bench.on() == ["o3"]


def test_back_while_the_file_says_away(bench: Any) -> None:
    """Then the answer tells who gets what, as it is."""
    bench.rules.take(
        bench.office(("  ben: {", "  ben: {cover: chloe, away: [{from: 2026-11-20, to: 2026-11-30, only: calls}], "))
    )

    assert bench.text("back").splitlines() == [
        "You were not switched away.",
        "calls for you now go to chloe; texts for you now go to ben",
    ]


def test_a_list(bench: Any) -> None:
    """With the ids to end them by."""
    bench.override("closed", "main", lasting="2h")

    assert bench.text("override list") == "o1: main is closed until Tue 24 Nov 12:00 EST, by ben"


def test_cleared_by_text(bench: Any) -> None:
    """Anybody with a PIN may."""
    bench.override("closed", "main", lasting="2h")

    assert bench.text("override clear main", "chloe") == "Ended:\nmain is closed until Tue 24 Nov 12:00 EST"
    assert bench.journal.of("override")[-1].public["by"] == "chloe"


# ---------------------------------------------------------------- which one is meant


@pytest.mark.parametrize(
    ("target", "person", "ids"),
    [
        pytest.param("o1", False, ["o1"], id="by its id"),
        pytest.param("O1", False, ["o1"], id="in capitals"),
        pytest.param("Main", False, ["o2", "o1"], id="all of a number"),
        pytest.param("business", False, ["o3"], id="the business"),
        pytest.param("all", False, ["o3"], id="in another word"),
        pytest.param("storm", False, ["o3"], id="a plan"),
        pytest.param("anna", False, ["o4"], id="a person"),
        pytest.param("anna", True, ["o4"], id="a person, said to be one"),
    ],
)
def test_which_is_meant(bench: Any, target: str, person: bool, ids: list[str]) -> None:
    """By id, number, business, plan or person."""
    bench.override("closed", "main", lasting="2h")
    bench.override("open", "main", lasting="1h")
    bench.override("storm", None, lasting="1h")
    bench.away("anna", lasting="2h")

    assert [each.id for each in chosen(bench.board.register, target, person=person)] == ids


@pytest.mark.parametrize(
    ("target", "person", "why"),
    [
        pytest.param("mian", False, "nothing is switched on for 'mian'; did you mean 'main'?", id="a slip"),
        pytest.param("xyz", False, "nothing is switched on for 'xyz'; there is: main, o1", id="nothing like it"),
        pytest.param("main", True, "nothing is switched on for 'main'", id="no person"),
    ],
)
def test_nothing_is_meant(bench: Any, target: str, person: bool, why: str) -> None:
    """A sentence says what there is."""
    bench.override("closed", "main", lasting="2h")

    with pytest.raises(UnclearError) as caught:
        chosen(bench.board.register, target, person=person)

    assert why in str(caught.value)


# ---------------------------------------------------------------- in the engine


@pytest.fixture
def house(engines: Any, fakes: ModuleType) -> Any:
    """Return an engine in whose office ben has a PIN."""
    house = engines.Office()
    house.shared.pins = fakes.pins(ben="4711")
    return house


@pytest.mark.parametrize(
    ("body", "proof", "kept"),
    [
        pytest.param("4711 away mon 08:00 chloe", "good", "**** away mon 08:00 chloe", id="the right PIN"),
        pytest.param("away mon 08:00 4712", "wrong", "away mon 08:00 ****", id="a wrong one is not kept either"),
        pytest.param("away until 2026-12-24 12:00", "missing", "away until 2026-12-24 12:00", id="none"),
    ],
)
def test_no_record_holds_a_pin(engines: Any, house: Any, body: str, proof: str, kept: str) -> None:
    """The record of a command says what its PIN proved, and has the text without it."""
    house.answer(engines.text(body=body, caller="+16175550142"))

    (record,) = house.journal.of("text")
    assert record.public["rule"] == "safety:command"
    assert record.private["text"] == kept
    assert [effect["pin"] for effect in record.private["outbox"]] == [proof]
    assert "471" not in repr(record)


def test_other_texts_stay_as_they_are(engines: Any, house: Any) -> None:
    """A customer's text may hold any digits."""
    house.answer(engines.text(body="4711 away"))

    (record,) = house.journal.of("text")
    assert record.private["text"] == "4711 away"
    assert "pin" not in record.private["outbox"][0]


def test_wrong_pins_are_counted_over_a_restart(engines: Any, house: Any, fakes: ModuleType) -> None:
    """As far as the records beyond the index tell."""
    for index in range(5):
        house.answer(engines.text(f"t{index}", body="1111 back", caller="+16175550142"))
    shared = house.shared
    shared.pins = fakes.pins(ben="4711")
    restore(shared, house.engine.memory, house.index, house.journal.records)

    assert shared.pins.check("ben", "4711 back", house.clock.at) == "too-many"
