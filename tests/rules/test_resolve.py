"""Targets to people: absence, cover, own hours, teams, rotas."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest

from rules.directory import Absence, Directory, Person, Team
from rules.plan import Decision
from rules.resolve import Found, Resolver

Ask = Callable[..., Decision]

VIP = "+12125550177"
NOBODY: tuple[str, ...] = ()


@pytest.mark.parametrize(
    ("at", "tries"),
    [
        pytest.param("2026-12-13T23:59:59-05:00", [["ann"], ["ann", "cat"]], id="a second before the absence"),
        pytest.param("2026-12-14T00:00:00-05:00", [["cat"]], id="the first day away; the cover is out of hours"),
        pytest.param("2026-12-14T11:00:00-05:00", [["bob"], ["bob", "cat"]], id="away, covered by bob"),
        pytest.param("2026-12-17T11:00:00-05:00", [["cat"]], id="the cover is away too, and covered by ann: nobody"),
        pytest.param("2026-12-18T23:59:59-05:00", [["cat"]], id="the last day away counts to its end"),
        pytest.param("2026-12-19T00:00:00-05:00", [["ann"], ["ann", "cat"]], id="back the day after"),
        pytest.param(
            "2026-12-21T11:59:59-05:00", [["ann"], ["ann", "cat"]], id="the second before an absence with a clock time"
        ),
        pytest.param("2026-12-21T12:00:00-05:00", [["cat"], ["cat"]], id="an absence may name another cover"),
        pytest.param("2026-12-28T08:29:59-05:00", [["cat"], ["cat"]], id="until is exclusive: a second before"),
        pytest.param("2026-12-28T08:30:00-05:00", [["ann"], ["ann", "cat"]], id="until is exclusive: on the second"),
        pytest.param("2026-11-30T11:00:00-05:00", [["ann"], ["ann", "bob", "cat", "dan"]], id="the last day of dan"),
        pytest.param(
            "2026-12-01T11:00:00-05:00", [["ann"], ["ann", "bob", "cat"]], id="the day after, dan is never rung again"
        ),
        pytest.param("2027-02-01T11:00:00-05:00", [["bob"], ["bob", "cat"]], id="away for calls only: a call"),
    ],
)
def test_a_person_a_cover_and_a_team(call: Ask, at: str, tries: list[list[str]]) -> None:
    """A person away is covered; in a team they are left out; who is out of hours is skipped."""
    assert [list(people) for people in call(at, VIP).tries()] == tries


@pytest.mark.parametrize(
    ("at", "people"),
    [
        pytest.param("2027-02-01T11:00:00-05:00", ("ann",), id="away for calls only: a text still comes"),
        pytest.param("2026-12-14T11:00:00-05:00", ("bob",), id="away for both"),
    ],
)
def test_only_calls(text: Ask, at: str, people: tuple[str, ...]) -> None:
    """`only: calls` leaves texts alone."""
    step = text(at, "hi", VIP).plan[0]

    assert step.people == people  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("at", "tries"),
    [
        pytest.param("2026-11-30T08:59:59-05:00", (), id="the rota changes at nine: the last second is closed anyway"),
        pytest.param("2026-11-30T09:30:00-05:00", (("ann",), ("ann",)), id="ann's week; bob is not in yet"),
        pytest.param("2026-11-27T09:30:00-05:00", (("ann",), ("eve",)), id="eve's week"),
        pytest.param("2026-12-11T16:30:00-05:00", (("ann",), ("bob",)), id="bob's week: even off-hours"),
        pytest.param("2026-12-15T11:00:00-05:00", (("bob",), ("eve",)), id="a week later eve again"),
        pytest.param(
            "2026-12-07T11:00:00-05:00", (("ann",), ("bob",), ("bob",)), id="bob's week begins on Monday at nine"
        ),
        pytest.param(
            "2026-12-22T11:00:00-05:00", (("cat",), ("eve",)), id="ann's week, her cover rung already: the next"
        ),
    ],
)
def test_a_rota(call: Ask, at: str, tries: tuple[tuple[str, ...], ...]) -> None:
    """The member of the week; if away, their cover, else the next who is present."""
    assert call(at).tries() == tries


def directory(*, away: str = "", cover: str | None = None) -> Directory:
    """Return three people of whom those in *away* (initials) are away, covered by *cover*, and a rota of the three."""
    people = {
        name: Person(
            name=name,
            title=name,
            devices=(),
            in_order=False,
            in_hours=f"in:{name}",
            away=(Absence(f"away:{name}:0", cover, None),) if name[0] in away else (),
            left=None,
            handover=None,
            texts_by=("sms",),
            email=None,
            even_if=frozenset(),
            cover=None,
            zone=ZoneInfo("UTC"),
        )
        for name in ("ann", "bob", "cat")
    }
    teams = {
        "turns": Team("turns", ("ann", "bob", "cat"), "rota", 20, frozenset()),
        "circle": Team("circle", ("ann",), "in-turn", 20, frozenset()),
        "always": Team("always", ("ann", "bob"), "in-turn", 20, frozenset({"away", "off-hours"})),
    }
    return Directory(people, teams, 20)


@pytest.mark.parametrize(
    ("target", "true", "known", "found"),
    [
        pytest.param("turns", "rota:turns:bob in:bob", {}, ("bob",), id="on duty and in"),
        pytest.param(
            "turns", "rota:turns:bob in:cat in:ann", {}, ("cat",), id="on duty and out of hours: the next in the ring"
        ),
        pytest.param("turns", "rota:turns:cat in:bob", {}, ("bob",), id="round the corner, whoever is in"),
        pytest.param("turns", "rota:turns:bob", {}, NOBODY, id="nobody of the rota is in"),
        pytest.param(
            "turns", "rota:turns:bob away:bob:0 in:ann", {"away": "b", "cover": "ann"}, ("ann",), id="away: the cover"
        ),
        pytest.param(
            "turns",
            "rota:turns:bob away:bob:0 in:cat",
            {"away": "b", "cover": "ann"},
            ("cat",),
            id="away, the cover out: the next",
        ),
        pytest.param(
            "turns",
            "rota:turns:bob away:bob:0 away:cat:0 in:ann",
            {"away": "bc"},
            ("ann",),
            id="two away without cover",
        ),
        pytest.param("turns", "in:ann", {}, ("ann",), id="no week known: the first"),
        pytest.param("ann", "in:ann", {}, ("ann",), id="in own hours"),
        pytest.param("ann", "", {}, NOBODY, id="outside own hours nobody covers"),
        pytest.param("ann", "away:ann:0 in:bob", {"away": "a", "cover": "bob"}, ("bob",), id="away and covered"),
        pytest.param("ann", "away:ann:0 in:bob", {"away": "a"}, NOBODY, id="away and not covered"),
        pytest.param(
            "ann", "away:ann:0 away:bob:0", {"away": "ab", "cover": "ann"}, NOBODY, id="a circle of covers ends"
        ),
        pytest.param(
            "circle", "away:ann:0", {"away": "a", "cover": "circle"}, NOBODY, id="a team that covers itself ends"
        ),
        pytest.param(
            "circle",
            "away:ann:0 in:bob",
            {"away": "a", "cover": "bob"},
            ("bob",),
            id="a cover steps in for a whole team",
        ),
        pytest.param("always", "away:ann:0", {"away": "a"}, ("ann", "bob"), id="even if away, even off-hours"),
    ],
)
def test_who_is_found(target: str, true: str, known: dict[str, str], found: tuple[str, ...]) -> None:
    """Absence, cover, hours and turns, question by question."""
    yes = set(true.split())
    resolver = Resolver(lambda question: question in yes, "call", directory(**known), [])  # type: ignore[arg-type]

    assert resolver.targets((target,), frozenset()).people == found


@pytest.mark.parametrize(
    ("tried", "true", "found"),
    [
        pytest.param("", "in:ann in:cat", ("ann",), id="the cover comes before the next member"),
        pytest.param("ann", "in:ann in:cat", ("cat",), id="a cover rung in vain makes way for the next member"),
        pytest.param("ann", "in:ann", ("ann",), id="unless there is nobody else"),
    ],
)
def test_a_cover_that_has_been_rung_already(tried: str, true: str, found: tuple[str, ...]) -> None:
    """On a rota, ringing the same stand-in again is the last choice."""
    yes = {"rota:turns:bob", "away:bob:0", *true.split()}
    people = directory(away="b", cover="ann")
    resolver = Resolver(yes.__contains__, "call", people, [], frozenset(tried.split()))

    assert resolver.targets(("turns",), frozenset()).people == found


def test_several_targets_are_reached_at_once_and_nobody_twice() -> None:
    """Naming several rings them all together."""
    resolver = Resolver(lambda question: True, "call", directory(), [])

    assert resolver.targets(("ann", "always", "cat"), frozenset()) == Found(("ann", "bob", "cat"))


def test_what_is_found_out_is_told() -> None:
    """The notes say who was passed over and why, in words for people."""
    notes: list[str] = []
    yes = {"away:ann:0", "away:bob:0"}
    Resolver(yes.__contains__, "call", directory(away="ab", cover="ann"), notes).targets(("ann",), frozenset())

    assert notes == ["ann is away; cover: ann", "cover loop: ann -> ann"]


def test_a_text_nobody_is_named_for() -> None:
    """A number whose file says nothing of texts has nobody to bring them to; they wait, and nothing breaks."""
    notes: list[str] = []
    found = Resolver(lambda question: True, "text", directory(), notes).targets(("bare",), frozenset())

    assert found.people == ()
    assert notes == ["nobody is named for texts to bare"]
