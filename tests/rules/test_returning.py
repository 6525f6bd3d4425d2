"""Who calls back within a day is put through to whom they spoke with: first, if that person is here, and only where it is wished."""

from collections.abc import Callable

import pytest

from rules.deciding import Timetable, window_around
from rules.event import IncomingCall
from rules.explore import Explorer
from rules.inquiry import inquire
from rules.load import Loaded, load
from rules.plan import Decision, Ring, Say

TUESDAY = 1_795_532_400  # 2026-11-24 10:00 in New York
EVENING = TUESDAY + 10 * 3600

OFFICE = """
public_url: https://phone.example.com
providers:
  line: {adapter: twilio, secret: env:TOKEN}
business: {name: Acme, timezone: America/New_York, country: US, region: MA}
schedules:
  office: {mon-fri: 09:00-17:00, holidays: closed}
people:
  anna: {devices: {mobile: "+1 617 555 0141"}, texts_by: [sms], cover: ben}
  ben: {devices: {mobile: "+1 617 555 0142"}, texts_by: [sms]}
  chloe: {devices: {mobile: "+1 617 555 0143"}, texts_by: [sms], hours: office}
  dana: {devices: {mobile: "+1 617 555 0144"}, texts_by: [sms], away: [{from: 2026-11-23, to: 2026-11-25}]}
  eli: {devices: {mobile: "+1 617 555 0145"}, texts_by: [sms], last_day: 2026-11-20, handover: ben}
  finn: {devices: {mobile: "+1 617 555 0146"}, texts_by: [sms]}
  out: {devices: {mobile: "+1 617 555 0147"}, texts_by: [sms], away: [{from: 2026-11-23, to: 2026-11-25}]}
teams:
  team: {members: [anna, ben, chloe, dana], how: all-at-once, each: 15s}
  queue: {members: [anna, ben], how: in-turn, each: 15s}
numbers:
  prefers:
    number: "+1 617 555 0100"
    provider: line
    voicemail: box
    prefer: last-answered
    rules:
      - {name: night, from: anonymous, calls: [{voicemail: box}]}
      - {name: turn, from: ["+1 202 555 0111"], calls: [{ring: queue}]}
      - {name: anyway, from: ["+1 202 555 0112"], calls: [{ring: finn}, {ring: out, for: 9s, even_if: [away]}]}
    calls: {open: [{say: Hello.}, {ring: team, for: 25s}, {ring: [eli, finn]}]}
  plain:
    number: "+1 617 555 0101"
    provider: line
    voicemail: box
    calls: {open: [{ring: team}]}
voicemail:
  box: {greeting: {say: Please leave a message.}, notify: ben}
"""


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    """Return the office, loaded."""
    found = load("rules.yaml", {"rules.yaml": OFFICE.encode()}, lambda _name: None)
    assert found.book, "\n".join(problem.show(OFFICE) for problem in found.problems)
    return found


Call = Callable[..., Decision]


@pytest.fixture
def call(loaded: Loaded) -> Call:
    """Return what decides a call of somebody who spoke with a person."""
    assert loaded.book
    table = Timetable(loaded.book, window_around(TUESDAY))

    def decide(
        spoke: str | None, *, to: str = "+16175550100", caller: str = "+12025550199", at: int = TUESDAY
    ) -> Decision:
        def live(question: str) -> bool:
            return spoke is not None and question in ("spoke-lately", f"spoke-with:{spoke}")

        event = IncomingCall(provider="line", account="", id="1", to=to, caller=caller)
        return table.decide(inquire(table.book, event), at, live)

    return decide


@pytest.mark.parametrize(
    ("spoke", "more", "tries", "note"),
    [
        pytest.param(None, {}, (("anna", "ben", "chloe"), ("ben", "finn")), None, id="nobody: as ever"),
        pytest.param(
            "ben", {}, (("ben",), ("anna", "ben", "chloe"), ("ben", "finn")), "rung first", id="one of a team"
        ),
        pytest.param(
            "finn", {}, (("finn",), ("anna", "ben", "chloe"), ("ben", "finn")), "first", id="one of a later step"
        ),
        pytest.param("dana", {}, (("anna", "ben", "chloe"), ("ben", "finn")), "is not here now", id="somebody away"),
        pytest.param(
            "eli", {}, (("anna", "ben", "chloe"), ("ben", "finn")), "is not here now", id="somebody who has left"
        ),
        pytest.param(
            "chloe", {"at": EVENING}, (("anna", "ben"), ("ben", "finn")), "is not here now", id="somebody out of hours"
        ),
        pytest.param(
            "zoe", {}, (("anna", "ben", "chloe"), ("ben", "finn")), None, id="somebody the plan does not name"
        ),
        pytest.param(
            "anna", {"to": "+16175550101"}, (("anna", "ben", "chloe"),), None, id="a number that prefers nobody"
        ),
        pytest.param("anna", {"caller": "anonymous"}, (), None, id="a plan that rings nobody"),
        pytest.param("anna", {"caller": "+12025550111"}, (("anna",), ("ben",)), "first", id="who is the first anyway"),
        pytest.param(
            "ben", {"caller": "+12025550111"}, (("ben",), ("anna",), ("ben",)), "first", id="the second of a queue"
        ),
        pytest.param(
            "out",
            {"caller": "+12025550112"},
            (("out",), ("finn",), ("out",)),
            "first",
            id="even if away, where it says so",
        ),
    ],
)
def test_who_is_rung(call: Call, spoke: str | None, more: dict[str, str], tries: object, note: str | None) -> None:
    """The person first, then everybody as ever; the reason is told."""
    decision = call(spoke, **more)

    assert decision.tries() == tries
    notes = [why for why in decision.why if "spoke with this caller" in why]
    assert [note in why for why in notes] == ([] if note is None else [True])


def test_what_is_heard_is_heard_first(call: Call) -> None:
    """An announcement before the first ring stays there; the ring lasts as long as the step that names the person."""
    plan = call("ben").plan

    assert plan[0] == Say("Hello.")
    assert plan[1] == Ring(("ben",), None, "all-at-once", 25)
    assert call("out", caller="+12025550112").plan[0] == Ring(("out",), None, "all-at-once", 9)
    assert call("finn").plan[1] == Ring(("finn",), None, "all-at-once", 20)


def test_the_questions_are_recorded_and_answers_are_not_kept(call: Call) -> None:
    """They stand in the trace; the next caller is decided by their own answers, and most ask one question only."""
    first, second, third = call(None), call("ben"), call(None)

    assert ("spoke-lately", False) in first.asked
    assert [asked for asked in second.asked if asked[0].startswith("spoke-")] == [
        ("spoke-lately", True),
        ("spoke-with:anna", False),
        ("spoke-with:ben", True),
    ]
    assert third.plan == first.plan != second.plan
    assert [asked for asked in first.asked if asked[0].startswith("spoke-")] == [("spoke-lately", False)]
    assert not any(asked[0].startswith("spoke-") for asked in call("ben", to="+16175550101").asked)


def test_a_decision_holds_until_the_person_leaves(call: Call) -> None:
    """That they are here was asked; so it holds until that changes."""
    assert call("chloe").valid_until == EVENING - 3 * 3600


def test_analysis_takes_it_that_nobody_has_spoken(loaded: Loaded) -> None:
    """All that is analysed is the usual way."""
    assert loaded.book
    assert loaded.spec
    leaves = Explorer(loaded.book, loaded.spec, window_around(TUESDAY)).of("prefers", "call")

    assert not any(said for leaf in leaves for question, said in leaf.said.items() if question.startswith("spoke-"))
