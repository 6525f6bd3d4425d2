"""Ask and split: the leaves cover every moment and every kind of event once, and say what deciding directly says."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules.deciding import DAY, Timetable
from rules.explore import Explorer, Leaf
from rules.inquiry import Override
from rules.load import Loaded, load
from rules.spaces import Space, meetings
from rules.timeline import Timeline, Window

MINUTE = 60
FEBRUARY = 1_803_600_000 - 1_803_600_000 % DAY  # 2027-02-25, before the clocks change in New York and London
DST = 1_804_982_400  # 2027-03-14 00:00 UTC


def loaded_from(text: str) -> Loaded:
    """Load rules that must be good."""
    loaded = load("a.yaml", {"a.yaml": text.encode()}, lambda _name: None)
    assert loaded.book, "\n".join(problem.show(text) for problem in loaded.problems)
    return loaded


def explorer(text: str, window: Window, overrides: tuple[Override, ...] = ()) -> Explorer:
    """Look at the rules of *text* in *window*."""
    loaded = loaded_from(text)
    assert loaded.book
    assert loaded.spec
    return Explorer(loaded.book, loaded.spec, window, Timetable(loaded.book, window, overrides))


def leaves_by_space(found: Explorer) -> dict[Space, list[Leaf]]:
    """Collect the leaves of each kind of event."""
    by_space: dict[Space, list[Leaf]] = {}
    for leaf in found.leaves():
        for space in leaf.spaces:
            by_space.setdefault(space, []).append(leaf)
    return by_space


def agrees(found: Explorer, space: Space, leaves: list[Leaf], moment: int) -> None:
    """Hold one moment against the leaf it lies in."""
    (leaf,) = [leaf for leaf in leaves if leaf.times.at(moment)]
    decision = found.timetable.decide(space.inquiry, moment)

    assert (decision.rule, decision.layer, decision.why) == (leaf.verdict.rule, leaf.verdict.layer, leaf.verdict.why)
    assert dict(decision.asked).items() <= leaf.said.items()
    assert len(decision.plan) == len(leaf.verdict.plan)


def test_the_leaves_cover_everything_once(company_text: str) -> None:
    """For every kind of event the leaves add up to the window, and none overlaps another."""
    window = Window(FEBRUARY, FEBRUARY + 60 * DAY)

    for space, leaves in leaves_by_space(explorer(company_text, window)).items():
        spans = [span for leaf in leaves for span in leaf.times.spans()]
        assert sum(end - start for start, end in spans) == 60 * DAY, space
        assert Timeline.of(spans).edges == (window.start, window.end)


OVERRIDES = (
    Override("override:2", (FEBRUARY + 5 * DAY, FEBRUARY + 6 * DAY), None, None, False),
    Override("override:1", (FEBRUARY + 5 * DAY, FEBRUARY + 9 * DAY), "main", "storm", None),
)


@pytest.mark.parametrize("overrides", [pytest.param((), id="as written"), pytest.param(OVERRIDES, id="with overrides")])
def test_any_moment_agrees_with_its_leaf(company_text: str, overrides: tuple[Override, ...]) -> None:
    """Deciding directly says what the leaf says: rule, reasons, and only questions the leaf knows the answers of."""
    window = Window(FEBRUARY, FEBRUARY + 60 * DAY)
    found = explorer(company_text, window, overrides)

    for space, leaves in leaves_by_space(found).items():
        for moment in range(window.start, window.end, 7 * 3600 + 61):
            agrees(found, space, leaves, moment)


def test_every_minute_of_the_fortnight_in_which_the_clocks_change(company_text: str) -> None:
    """Brute force, minute by minute, for an ordinary call and an ordinary text."""
    window = Window(DST - 7 * DAY, DST + 7 * DAY)
    found = explorer(company_text, window)

    plain = {space: leaves for space, leaves in leaves_by_space(found).items() if (space.caller, space.said) in PLAIN}
    assert len(plain) == 4
    for space, leaves in plain.items():
        rules = {
            moment: leaf.verdict for leaf in leaves for span in leaf.times.spans() for moment in range(*span, MINUTE)
        }
        for moment in range(window.start, window.end, MINUTE):
            decision = found.timetable.decide(space.inquiry, moment)
            assert (decision.rule, decision.why) == (rules[moment].rule, rules[moment].why)


PLAIN = {("number", ""), ("number", "hello")}

WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
CLOCK = st.builds("{:02d}:{:02d}".format, st.integers(0, 23), st.sampled_from([0, 7, 30, 59]))
HOURS = st.builds(
    lambda days, opens, closes: dict.fromkeys(days, f"{opens}-{closes}"),
    st.sets(st.sampled_from(WEEKDAYS), min_size=1),
    CLOCK,
    CLOCK,
).filter(lambda hours: all(span.split("-")[0] != span.split("-")[1] for span in hours.values()))
PEOPLE = ["ann", "bob", "cat", "dan"]
TARGETS = [*PEOPLE, "crew", "duty"]


@st.composite
def books(draw: st.DrawFn) -> dict[str, Any]:
    """Make the rules of some company, in New York and London."""
    people: dict[str, Any] = {}
    for index, name in enumerate(PEOPLE):
        person: dict[str, Any] = {"devices": {"mobile": f"+1 617 555 014{index}"}, "texts_by": ["sms"]}
        person["timezone"] = draw(st.sampled_from(["America/New_York", "Europe/London"]))
        if draw(st.booleans()):
            person["hours"] = draw(HOURS)
        if draw(st.booleans()):
            person["cover"] = draw(st.sampled_from([target for target in TARGETS if target != name]))
        first = draw(st.integers(1, 25))
        if draw(st.booleans()):
            person["away"] = [{"from": f"2027-03-{first:02d}", "to": f"2027-03-{first + draw(st.integers(0, 3)):02d}"}]
        if draw(st.integers(0, 4)) == 0:
            person |= {"last_day": "2027-03-10", "handover": draw(st.sampled_from([n for n in PEOPLE if n != name]))}
        people[name] = person
    how = draw(st.sampled_from(["in-turn", "all-at-once", "take-turns"]))
    excuses = draw(st.lists(st.sampled_from(["away", "off-hours"]), unique=True, max_size=2))
    ring = st.builds(lambda target: {"ring": target}, st.sampled_from(TARGETS))
    calls = st.lists(ring, min_size=1, max_size=3)
    rules = [
        {"name": "vip", "from": "vip", "calls": draw(calls), "texts": {"to": draw(st.sampled_from(TARGETS))}},
        {"name": "late", "from": draw(st.sampled_from(["works", "anonymous"])), "when": "closed", "calls": draw(calls)},
        {"name": "words", "words": ["bill"], "texts": {"to": draw(st.sampled_from(TARGETS)), "hold": "until-open"}},
    ]
    return {
        "version": 1,
        "listen": {"public": "127.0.0.1:8080"},
        "public_url": "https://phone.example.com",
        "providers": {"line": {"adapter": "generic", "secret": "env:SECRET"}},
        "business": {"name": "Acme", "timezone": "America/New_York", "country": "US", "region": "MA"},
        "schedules": {"office": draw(HOURS) | {"holidays": "normal"}},
        "people": people,
        "teams": {
            "crew": {"members": PEOPLE[:3], "how": how, "each": "15s", "even_if": excuses},
            "duty": {"members": PEOPLE[1:], "how": "rota", "change": "mon 09:00", "first": "2027-01-04", "each": "15s"},
        },
        "callers": {"vip": ["+1 212 555 0177"], "works": ["+1 508 555 01xx", "+1 508 555 x1xx"]},
        "block": {"from": ["+1 508 555 xx22"], "answer": "busy"},
        "numbers": {
            "main": {
                "number": "+1 617 555 0100",
                "provider": "line",
                "hours": "office",
                "voicemail": "box",
                "rules": draw(st.permutations(rules)),
                "calls": {"open": draw(calls), "closed": draw(calls)},
                "texts": {"open": {"to": "crew"}, "closed": {"to": "duty", "urgent": {"words": ["leak"], "to": "ann"}}},
            }
        },
        "voicemail": {"box": {"greeting": {"say": "Hello."}, "notify": "ann", "max": "1m"}},
    }


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(rules=books(), moments=st.lists(st.integers(FEBRUARY, FEBRUARY + 50 * DAY - 1), min_size=40, max_size=60))
def test_any_company_at_any_moment(rules: dict[str, Any], moments: list[int]) -> None:
    """Made-up companies over daylight-saving changes in two zones: leaves partition, and agree with deciding."""
    window = Window(FEBRUARY, FEBRUARY + 50 * DAY)
    loaded = load("a.yaml", {"a.yaml": json.dumps(rules).encode()}, lambda _name: None)
    if loaded.book is None or loaded.spec is None:  # a made-up cover may be one the checks refuse
        return
    found = Explorer(loaded.book, loaded.spec, window)

    for space, leaves in leaves_by_space(found).items():
        assert sum(leaf.seconds for leaf in leaves) == 50 * DAY
        for moment in moments:
            agrees(found, space, leaves, moment)


@pytest.mark.parametrize(
    ("patterns", "met"),
    [
        pytest.param(["+1508xx", "+15x81x"], ["+150810"], id="two that meet"),
        pytest.param(["+1508xx", "+1509xx"], [], id="two that do not"),
        pytest.param(["+1508xx", "+1508xxx"], [], id="of different length"),
        pytest.param(["+1xxx", "+12xx", "+1x3x"], ["+1230"], id="what two have in common may be one of them"),
    ],
)
def test_numbers_that_fit_several_patterns(patterns: list[str], met: list[str]) -> None:
    """Every set of patterns with a number in common gets one."""
    assert sorted(meetings(patterns)) == met


def test_patterns_that_cross_in_all_ways() -> None:
    """There is an end to it; and ten thousand of one shape have nothing in common."""
    crossing = [f"+1508{'x' * at}{digit}{'x' * (6 - at)}" for at in range(7) for digit in range(10)]

    assert len(list(meetings(crossing, most=500))) == 500 - len(crossing)
    assert not list(meetings(f"+1508{number:05}xx" for number in range(10_000)))


def test_kinds_of_callers_have_names_for_people(company_text: str) -> None:
    """By group, by class, by person; blocked and attested are said."""
    callers = {label for (label, _), _, _ in explorer(company_text, Window(FEBRUARY, FEBRUARY + DAY)).spaces.callers}

    assert {
        "number",
        "anonymous",
        "short-code",
        "named-sender",
        "unrecognised",
        "own-number",
        "vip",
        "works",
    } <= callers
    assert {"ann", "proven, attested", "number, blocked"} <= callers


def test_callers_a_rule_wrote_down_in_place(company_text: str) -> None:
    """They are told apart by the rule they stand in."""
    text = company_text.replace("from: works,", 'from: "+1 508 555 09xx",')
    callers = {label for (label, _), _, _ in explorer(text, Window(FEBRUARY, FEBRUARY + DAY)).spaces.callers}

    assert "number of main.rules.trades at night" in callers
