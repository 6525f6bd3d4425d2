"""Faults planted in a copy of the example, each found, named and placed; and what is no fault, left alone."""

import random
import re
from pathlib import Path

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.book import RuleBook
from rules.files import in_order, show_all
from rules.findings import Abilities, find, never_reached, open_but_nobody
from rules.findings.study import Study, lasting
from rules.load import Loaded, load
from rules.source import Problem
from rules.spec import FileSpec
from rules.timeline import Window

EXAMPLE = (Path(__file__).parents[2] / "config.example.yaml").read_text()
SMALL = (Path(__file__).parents[1] / "cases" / "an-analysis-that-finds-nothing" / "rules.yaml").read_text()
NOW = 1_795_361_400  # Sun 22 Nov 2026 10:30 in Boston
DAY = 86400
WITHHELD = "      - {name: withheld,"
ANNAS = "      - {from: 2026-12-14, to: 2026-12-18, note: Stockholm}\n"
BENS = "      - {from: 2026-12-17, to: 2026-12-23}\n"
EVE = "    2026-12-24: 09:00-12:00\n"
ALL_CLOSED = "    2026-12-28..2026-12-31: closed\n"
LONDON_CALLS = "      open: [{ring: chloe}, {ring: design}]"


def loaded(text: str) -> Loaded:
    """Load rules as the daemon would."""
    return load("c.yaml", {"c.yaml": text.encode()}, lambda _name: None)


def checked(text: str) -> tuple[RuleBook, FileSpec]:
    """Load rules that must be good."""
    made = loaded(text)
    assert made.book, show_all(list(made.problems), dict(made.texts))
    assert made.spec
    return made.book, made.spec


def problems(
    text: str, days: int = 400, now: int = NOW, abilities: dict[str, Abilities] | None = None
) -> list[Problem]:
    """Return all that is said of rules, mistakes or findings."""
    made = loaded(text)
    found = list(made.problems)
    if made.book and made.spec:
        found += find(made.book, made.spec, Window(now, now + days * DAY), abilities or {}).problems
    return in_order(found, "c.yaml")


def edited(*edits: tuple[str, str]) -> str:
    """Return the example with edits, each of which must apply."""
    text = EXAMPLE
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def line_of(text: str, part: str) -> int:
    """Return the line in which *part* stands first."""
    return text[: text.index(part)].count("\n") + 1


def test_the_example() -> None:
    """Nothing is wrong with the file everybody starts from; two things are worth knowing, to the half hour."""
    said = [(problem.severity, problem.code, problem.message) for problem in problems(EXAMPLE)]

    assert said == [
        (
            "note",
            "cover-mostly-out",
            "chloe covers for anna, and is out of hours for 69% of the time: 4 times in 400 days, 16.5 h; "
            "first Mon 21 Dec 2026 13:00 to 17:30",
        ),
        (
            "note",
            "first-step-empty",
            "front, the first to ring here, cannot be rung while boston is open: 190 times in 400 days, 178.5 h; "
            "first Mon 23 Nov 2026 17:00 to 17:30",
        ),
    ]


PLANTED = [
    pytest.param(
        [(WITHHELD, "      - {name: late, from: vip, calls: [{ring: ben}]}\n" + WITHHELD)],
        "never-used",
        "{name: late",
        "the rule 'late' is never used: the rule 'vip' (line 133) already answers every call it could match",
        id="a rule that never fires",
    ),
    pytest.param(
        [(ALL_CLOSED, ALL_CLOSED + "    2026-12-25..2026-12-25: 10:00-12:00\n")],
        "never-used",
        "2026-12-25..",
        "this line never counts: Fri 25 Dec 2026 is a public holiday (Christmas Day), and `holidays` counts before a range "
        "with hours",
        id="a line for a holiday that cannot win",
    ),
    pytest.param(
        [("add: {2026-11-27: Day after Thanksgiving}", "add: {2026-11-27: Friday, 2026-12-27: Third day}")],
        "never-used",
        "add: {2026-11-27",
        "Third day on 2026-12-27 changes nothing: no schedule has other hours for being a holiday that day",
        id="a holiday added in vain",
    ),
    pytest.param(
        [("    cover: dana\n", "    cover: anna\n")],
        "cover-loop",
        "    cover: anna\n",
        "cover loop: anna -> ben -> anna: 1 time in 400 days, 48.0 h; first Thu 17 Dec 2026 00:00 to Sat 19 Dec 2026 00:00",
        id="a cover loop from a date on",
    ),
    pytest.param(
        [('    devices: {mobile: "+1 617 555 0145"}\n', "")],
        "no-device",
        "  eli:",
        "calls can ring 'eli', who has no device",
        id="a person without a device",
    ),
    pytest.param(
        [('from: ["+1 305 555 0123"', 'from: ["+1 212 555 0177"')],
        "vip-and-blocked",
        "  from: [",
        "this caller is in the group 'vip' and blocked",
        id="a VIP who is also blocked",
    ),
    pytest.param(
        [(EVE, "    2026-11-31: 09:00-12:00\n")],
        "impossible-date",
        "2026-11-31",
        "there is no 2026-11-31",
        id="a date that does not exist",
    ),
    pytest.param(
        [(ANNAS, "      - {from: 2026-10-14, to: 2026-10-18}\n")],
        "expired",
        "2026-10-14",
        "this absence of anna is over since Sun 18 Oct 2026",
        id="an expired absence",
    ),
    pytest.param(
        [(EVE, EVE + "    sun: 02:30-05:00\n")],
        "dst-boundary",
        "    sun: 02:30",
        "on Sun 14 Mar 2027 the clock never reads 02:30: it opens at 03:00 then",
        id="a boundary in a gap",
    ),
    pytest.param(
        [(EVE, "    2026-12-26: 09:00-12:00\n")],
        "opens-usually-closed",
        "2026-12-26",
        "this opens Sat 26 Dec 2026, a day that is usually closed",
        id="hours on a Saturday",
    ),
    pytest.param(
        [
            (
                WITHHELD,
                "      - {name: same, from: suppliers, when: open, calls: [{ring: front}, {ring: everyone}]}\n"
                + WITHHELD,
            )
        ],
        "redundant",
        "{name: same",
        "the rule 'same' changes nothing: without it, the same would happen by boston.calls.open",
        id="a rule that changes nothing",
    ),
]
"""Edits of the example, the code, where it must stand, and what must be said."""


@pytest.mark.parametrize(("edits", "code", "place", "message"), PLANTED)
def test_planted_faults(edits: list[tuple[str, str]], code: str, place: str, message: str) -> None:
    """Each is found, named, and placed at its line."""
    text = edited(*edits)

    found = [problem for problem in problems(text) if problem.code == code and problem.message == message]

    assert [problem.at.line for problem in found] == [line_of(text, place)]


def test_nobody_there_for_half_an_hour_a_year_from_now() -> None:
    """One gap of half an hour within 400 days is found, on the clock of the number."""
    text = edited(
        (LONDON_CALLS, "      open: [{ring: eli}]"),
        (
            'devices: {mobile: "+1 617 555 0145"}\n',
            'devices: {mobile: "+1 617 555 0145"}\n    away: [{from: 2027-11-10 09:00, until: 2027-11-10 09:30}]\n',
        ),
    )

    found = [problem for problem in problems(text) if problem.code == "open-but-nobody"]

    assert [(problem.message, problem.at.line) for problem in found] == [
        (
            "london is open but nobody can be rung: 1 time in 400 days, 0.5 h; first Wed 10 Nov 2027 14:00 to 14:30",
            line_of(text, "open: [{ring: eli}]"),
        )
    ]


@pytest.mark.parametrize(
    "edits",
    [
        pytest.param([(EVE, EVE + "    2026-12-25: 10:00-12:00\n")], id="a holiday opened by its date"),
        pytest.param([(EVE, EVE + "    jan 2: {mon-fri: 09:00-12:00}\n")], id="a week of its own on purpose"),
        pytest.param([(EVE, EVE + "    2050-01-03: closed\n")], id="a date far ahead"),
        pytest.param([(EVE, EVE + "    2050-01-03: {sat: closed}\n")], id="a week of its own far ahead"),
        pytest.param([(EVE, EVE + "    2026-11-20..2026-11-22: {fri: closed}\n")], id="a range that is nearly over"),
        pytest.param([(EVE, EVE + "    feb 29: closed\n")], id="a date of leap years"),
        pytest.param([(EVE, EVE + "    sat: 09:00-02:00\n")], id="a span that ends where the gap begins"),
        pytest.param(
            [(EVE, EVE + "    sat: 23:00-01:00\n    sun: 03:00-04:00\n")],
            id="boundaries just outside a gap and an overlap",
        ),
        pytest.param(
            [
                ("schedules:\n", "schedules:\n  event: {2026-12-05: 10:00-14:00}\n"),
                (WITHHELD, "      - {name: event, when: event, from: anonymous, calls: [{ring: eli}]}\n" + WITHHELD),
            ],
            id="a schedule of nothing but dates",
        ),
        pytest.param([("last_day: 2026-10-31", "last_day: 2026-10-25")], id="somebody who left a month ago"),
    ],
)
def test_what_is_no_fault(edits: list[tuple[str, str]]) -> None:
    """What may well be meant is not warned about."""
    assert [problem for problem in problems(edited(*edits)) if problem.severity != "note"] == []


@pytest.mark.parametrize(
    ("only", "found"),
    [
        pytest.param("", ["redundant"], id="the whole of it is said already"),
        pytest.param(", only: calls", ["redundant"], id="its part is said already"),
        pytest.param(", only: texts, cover: dana", ["redundant"], id="the same cover, written out"),
    ],
)
def test_an_absence_within_another(only: str, found: list[str]) -> None:
    """A shorter absence with the same cover is too much; of two alike only the later one is."""
    once = edited((BENS, BENS + f"      - {{from: 2026-12-18, to: 2026-12-20{only}}}\n"))
    twice = edited((BENS, BENS + BENS))

    assert [problem.code for problem in problems(once) if problem.severity != "note"] == found
    assert [problem.at.line for problem in problems(twice) if problem.severity != "note"] == [
        line_of(EXAMPLE, BENS) + 1
    ]


BEN = '  ben: {devices: {desk: "sip:ben@pbx.example.com", mobile: "+1 617 555 0142"}, texts_by: [sms]}\n'
CLEO = "  cleo: {devices: {mobile: '+1 617 555 0143'}, texts_by: [sms]"
TEXTS = "{from: 2026-12-15, to: 2026-12-16, only: texts}"
FORTNIGHT = "away: [{from: 2026-12-01, to: 2026-12-02}, {from: 2026-12-14, to: 2026-12-18}]"


@pytest.mark.parametrize(
    ("people", "rings", "said"),
    [
        pytest.param(
            f"{CLEO}, last_day: 2026-12-10, handover: ben}}\n{BEN[:-2]}, cover: cleo, {FORTNIGHT}}}\n",
            "ben",
            ("cover loop: ben -> cleo -> ben: 5 times in 400 days, 40.0 h", "handover: ben"),
            id="who has left hands over to who is away",
        ),
        pytest.param(
            f"{CLEO}, cover: ben, {FORTNIGHT}}}\n{BEN[:-2]}, cover: cleo, {FORTNIGHT.replace('[', f'[{TEXTS}, ')}}}\n",
            "cleo",
            ("cover loop: cleo -> ben -> cleo: 7 times in 400 days, 56.0 h", "cover: cleo"),
            id="an absence from texts alone is not the one",
        ),
        pytest.param(
            f"{CLEO}, cover: front, {FORTNIGHT}}}\n{BEN[:-2]}, hours: {{sat: 10:00-11:00}}}}\n",
            "cleo",
            None,
            id="the team that covers is out of hours",
        ),
        pytest.param(
            f"{CLEO}, cover: pair, {FORTNIGHT}}}\n{BEN[:-2]}, hours: {{sat: 10:00-11:00}}}}\n",
            "pair",
            None,
            id="the own team covers, and nobody of it is in",
        ),
        pytest.param(
            f"{CLEO}, cover: dina, {FORTNIGHT}}}\n{BEN[:-2]}, hours: {{sat: 10:00-11:00}}}}\n"
            f"{CLEO.replace('cleo', 'dina').replace('143', '144')}, cover: pair, {FORTNIGHT}}}\n",
            "pair",
            ("cover loop: pair -> dina -> pair: 7 times in 400 days, 56.0 h", "cover: pair"),
            id="over a team of which others are out of hours",
        ),
        pytest.param(
            f"{CLEO}, cover: dina, {FORTNIGHT}}}\n{BEN[:-2]}, hours: {{sat: 10:00-11:00}}}}\n"
            f"{CLEO.replace('cleo', 'dina').replace('143', '144')}, cover: pair, {FORTNIGHT}}}\n",
            "dina",
            ("cover loop: dina -> pair -> dina: 7 times in 400 days, 56.0 h", "cover: dina"),
            id="over a team, named from the other end",
        ),
    ],
)
def test_circles_of_covers(people: str, rings: str, said: tuple[str, str] | None) -> None:
    """A circle is told once, at the cover that closes it; a team that covers for its own is none."""
    text = SMALL.replace(BEN, people).replace(
        "teams:\n", "teams:\n  pair: {members: [ben, cleo], how: in-turn, each: 9s}\n"
    )
    text = text.replace("{ring: front}", f"{{ring: {rings}}}")

    found = [problem for problem in problems(text) if problem.code == "cover-loop"]

    assert [(problem.message.partition(";")[0], problem.at.line) for problem in found] == (
        [(said[0], line_of(text, said[1]))] if said else []
    )


def test_a_circle_that_nobody_comes_to() -> None:
    """It is told all the same: a changed step is all it takes."""
    text = SMALL.replace(BEN, f"{BEN[:-2]}, cover: anna, away: [{{from: 2026-12-14, until: 2026-12-15 12:00}}]}}\n")
    anna = '"+1 617 555 0141"}, texts_by: [sms]'
    text = text.replace(anna, f"{anna}, cover: ben, away: [{{from: 2026-12-15, to: 2026-12-16}}]")
    text = text.replace("{ring: front}", "{voicemail: main}").replace("{ring: anna}", "{reject: busy}")
    text = text.replace("{open: {to: front}, closed: {to: front, hold: until-open}}", "{open: {drop: yes}}")

    (found,) = [problem for problem in problems(text) if problem.code == "cover-loop"]

    assert found.message == (
        "cover loop: anna -> ben -> anna: 1 time in 400 days, 12.0 h; first Tue 15 Dec 2026 00:00 to 12:00"
    )
    assert "no call or text comes to it as things are" in (found.hint or "")


@pytest.mark.parametrize("when", ["open", "closed"])
def test_a_rule_for_hours_that_an_earlier_one_has_taken(when: str) -> None:
    """Only what decides in its own hours is said to answer in its place."""
    rules = f"      - {{name: early, from: anonymous, when: {when}, calls: [{{ring: ben}}]}}\n"
    rules += f"      - {{name: late, from: anonymous, when: {when}, calls: [{{ring: anna}}]}}\n"

    (found,) = problems(SMALL.replace("      - {name: vip", f"{rules}      - {{name: vip"))

    assert found.message == (
        "the rule 'late' is never used: the rule 'early' (line 27) already answers every call it could match"
    )


def test_hours_that_never_end() -> None:
    """What is written for closed is never used by a number that is always open."""
    text = SMALL.replace("mon-fri: 09:00-17:00\n    holidays: closed", "daily: all-day\n    holidays: normal")

    assert [problem.message for problem in problems(text)] == [
        "what boston.calls.closed says is never used: boston is never closed in 400 days",
        "what boston.texts.closed says is never used: boston is never closed in 400 days",
    ]


def test_what_goes_on_for_good() -> None:
    """Nobody there up to the last day looked at: since when is told, and no end."""
    text = SMALL.replace("mon-fri: 09:00-17:00\n    holidays: closed", "daily: all-day\n    holidays: normal")
    text = text.replace("{ring: front}", "{ring: ben}").replace(
        BEN, f"{BEN[:-2]}, away: [{{from: 2026-12-01, to: 2030-12-31}}]}}\n"
    )

    assert [problem.message for problem in problems(text) if problem.code == "open-but-nobody"] == [
        "boston is open but nobody can be rung: 1 time in 400 days, 9394.5 h; from Tue 1 Dec 2026 00:00 on"
    ]


def test_the_clocks_of_two_springs() -> None:
    """A line whose boundary is skipped every year is told once, for the first."""
    text = SMALL.replace("    mon-fri: 09:00-17:00\n", "    mon-fri: 09:00-17:00\n    sun: 02:30-05:00\n")

    assert [problem.message.partition(" the")[0] for problem in problems(text, 500)] == ["on Sun 14 Mar 2027"]


def test_a_rule_that_never_decides_for_texts() -> None:
    """It is told where it says what happens to them."""
    text = SMALL.replace("calls: [{ring: anna}]}", "calls: [{ring: anna}], texts: {to: ben}}").replace(
        "      - {name: vip", "      - {name: early, from: vip, texts: {to: anna}}\n      - {name: vip"
    )
    (found,) = problems(text)

    assert found.message.startswith("what the rule 'vip' says for texts is never used: the rule 'early' (line 27)")
    assert text.splitlines()[found.at.line - 1][found.at.column - 1 :].startswith("{to: ben}")


def test_a_rule_that_no_text_can_fit() -> None:
    """Texts carry no attestation, so a group that asks for it never fits one."""
    text = SMALL.replace('vip: ["+1 212 555 0177"]', 'vip: {numbers: ["+1 212 555 0177"], verified: true}')
    text = text.replace("calls: [{ring: anna}]}", "texts: {to: ben}}")
    text = text.replace("    texts: {open: {to: front}, closed: {to: front, hold: until-open}}\n", "")

    assert [problem.message for problem in problems(text)] == [
        "nothing is said about texts to 'boston': they go to front, whoever hears of its calls",
        "the rule 'vip' is never used: no text fits it",
    ]


def test_somebody_who_left_and_is_named_nowhere() -> None:
    """Only that nobody refers to them is said."""
    text = SMALL.replace(BEN, f"{BEN}{CLEO}, last_day: 2026-01-31, handover: ben}}\n")

    assert [problem.code for problem in problems(text)] == ["unused"]


def test_findings_of_several_files_name_the_file() -> None:
    """Another file's line is told with its name."""
    office, numbers = SMALL.split("numbers:\n")
    rules = "numbers:\n" + numbers.replace(
        "    calls:", "      - {name: late, from: vip, calls: [{ring: ben}]}\n    calls:"
    )
    made = load(
        "c.yaml", {"c.yaml": f"rule_files: [n.yaml]\n{office}".encode(), "n.yaml": rules.encode()}, lambda _: None
    )
    assert made.book
    assert made.spec
    (found,) = find(made.book, made.spec, Window(NOW, NOW + 7 * DAY)).problems

    assert found.at.file == "n.yaml"
    assert "the rule 'vip' (line 8)" in found.message


@attrs.frozen
class Can:
    """A provider with some abilities."""

    passes_caller_id: bool
    screens: bool
    sends_texts: bool = True
    speaks: bool = True


@pytest.mark.parametrize(
    ("can", "edits", "found"),
    [
        pytest.param(Can(True, True), [], [], id="all that is asked for"),
        pytest.param(Can(False, True), [], ["caller-id-degraded"], id="cannot show the caller"),
        pytest.param(
            Can(False, True), [("teammate_sees: caller", "teammate_sees: business")], [], id="need not show the caller"
        ),
        pytest.param(Can(True, False), [], ["press-1-unsupported"], id="cannot ask for a key"),
        pytest.param(Can(True, False), [("press_1: outside", "press_1: never")], [], id="need not ask for a key"),
    ],
)
def test_what_a_provider_cannot_do(can: Can, edits: list[tuple[str, str]], found: list[str]) -> None:
    """What the rules ask of a provider and it cannot do is said once, where the first number names it."""
    text = edited(*edits)

    said = [problem for problem in problems(text, 7, abilities={"twilio": can}) if problem.severity == "warning"]

    assert [problem.code for problem in said] == found
    assert {problem.at.line for problem in said} <= {line_of(text, "    provider: twilio")}


@pytest.mark.parametrize(
    ("edits", "said"),
    [
        pytest.param(
            [],
            [
                "texts from 'boston' to anna, ben, chloe, eli and its callers can never go out: twilio sends none for us",
                "texts from 'london' to anna, ben, chloe, eli can never go out: twilio sends none for us",
            ],
            id="whoever is reached by rules, covers and plans; dana is written to by mail",
        ),
        pytest.param(
            [("texts_by: [sms]", "texts_by: [email]\n    email: a@b.example")],
            ["texts from 'boston' to its callers can never go out: twilio sends none for us"],
            id="everybody by mail",
        ),
        pytest.param(
            [('number: "+44 20 7946 0100"', 'number: "sip:london@pbx.maplepine.example"')],
            ["texts from 'boston' to anna, ben, chloe, eli and its callers can never go out: twilio sends none for us"],
            id="nobody is texted from a SIP address",
        ),
    ],
)
def test_texts_nobody_can_send(edits: list[tuple[str, str]], said: list[str]) -> None:
    """Each number is named, with whom it would text."""
    text = EXAMPLE
    for old, new in edits:
        text = text.replace(old, new)

    found = [
        one for one in problems(text, 7, abilities={"twilio": Can(True, True, False)}) if one.code == "texts-unsendable"
    ]

    assert [problem.message for problem in found] == said


def test_who_must_be_asked_for_the_key() -> None:
    """The phones concerned are named, through teams and covers."""
    (said,) = [
        problem
        for problem in problems(EXAMPLE, 7, abilities={"twilio": Can(True, False)})
        if problem.code == "press-1-unsupported"
    ]

    assert sorted(re.findall(r"(\w+) \((\w+)\)", said.message)) == [
        ("anna", "mobile"),
        ("ben", "mobile"),
        ("chloe", "mobile"),
        ("eli", "mobile"),
        ("farah", "mobile"),
    ]


def test_a_provider_that_rings_nobody() -> None:
    """Numbers that only take messages ask nothing of theirs."""
    text = SMALL.replace("{ring: front}", "{voicemail: main}").replace("{ring: anna}", "{reject: busy}")

    assert "caller-id-degraded" in codes(problems(SMALL, 7, abilities={"twilio": Can(False, False)}))
    assert codes(problems(text, 7, abilities={"twilio": Can(False, False)})) == []


@pytest.mark.parametrize(
    ("step", "speaks", "said"),
    [
        pytest.param(
            "{say: One moment.}",
            False,
            "callers of 'boston' do not hear this: twilio can only send a call somewhere else",
            id="what is said",
        ),
        pytest.param(
            "{play: https://a.example/hold.mp3}",
            False,
            "callers of 'boston' do not hear this: twilio can only send a call somewhere else",
            id="what is played",
        ),
        pytest.param("{say: One moment.}", True, None, id="a provider that speaks"),
        pytest.param("{ring: anna}", False, None, id="nothing to be said"),
    ],
)
def test_what_callers_do_not_hear(step: str, speaks: bool, said: str | None) -> None:
    """An announcement that a redirect cannot make is named where it is written."""
    text = SMALL.replace("[{ring: front}", f"[{step}, {{ring: front}}")
    assert text != SMALL

    found = [
        problem
        for problem in problems(text, 7, abilities={"twilio": Can(True, True, True, speaks)})
        if problem.code == "announcement-unsupported"
    ]

    assert [problem.message for problem in found] == ([said] if said else [])
    assert [problem.at.line for problem in found] == ([line_of(text, step)] if said else [])


def codes(found: list[Problem]) -> list[str]:
    """Return the codes of problems that are more than notes."""
    return [problem.code for problem in found if problem.severity != "note"]


def test_looking_at_some_numbers_only() -> None:
    """Who asks to stop gets findings of the numbers looked at, and is told how many those were."""
    book, spec = checked(EXAMPLE)
    window = Window(NOW, NOW + 400 * DAY)

    some = find(book, spec, window, progress=lambda done, _of: done < 1)
    none = find(book, spec, window, progress=lambda _done, _of: False)

    assert (some.numbers, some.of) == (1, 2)
    assert [problem.code for problem in some.problems] == ["first-step-empty", "cover-mostly-out"]
    assert (none.numbers, none.runs) == (0, 0)


def test_the_gauges() -> None:
    """Seconds open with nobody there, and rules that never decide, by number; looked at as long as somebody says so."""
    text = edited(
        (LONDON_CALLS, "      open: [{ring: chloe}]"),
        (WITHHELD, "      - {name: late, from: vip, calls: [{ring: ben}]}\n" + WITHHELD),
        ("    hours: london\n    texts_by", "    hours: {mon: 09:30-10:00}\n    texts_by"),
    )
    study = Study.of(*checked(text), Window(NOW, NOW + 7 * DAY))

    assert open_but_nobody(study) == {"boston": 0, "london": (5 * 17 - 1) * 1800}
    assert open_but_nobody(study, lambda done, _of: done < 1) == {"boston": 0}
    assert never_reached(study) == {"boston": 1, "london": 0}
    assert never_reached(study, lambda done, _of: done < 1) == {"boston": 1}


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        pytest.param(59, "59 s", id="seconds"),
        pytest.param(60, "1 min", id="a minute"),
        pytest.param(359, "5 min", id="minutes"),
        pytest.param(360, "0.1 h", id="a tenth of an hour"),
        pytest.param(3_879_000, "1077.5 h", id="hours"),
    ],
)
def test_how_long(seconds: int, told: str) -> None:
    """Hours as the office counts them, and what is too short for that in minutes or seconds."""
    assert lasting(seconds) == told


WORDS = {
    r"\b\d\d:\d\d\b": ["00:00", "01:30", "02:30", "09:07", "23:59", "24:00"],
    r"\b(anna|ben|chloe|dana|eli|farah|front|design|everyone|on-call)\b": [
        "anna",
        "ben",
        "dana",
        "eli",
        "front",
        "design",
    ],
    r"\b(vip|suppliers|anonymous)\b": ["vip", "suppliers", "anonymous", "number", "teammate", "short-code"],
    r"202\d-\d\d-\d\d": ["2026-11-22", "2027-03-14", "2026-12-25", "2028-02-29", "2020-01-01", "2099-01-01"],
    r"\b(mon-thu|mon-fri|fri|dec 24|jul 1\.\.jul 31)\b": ["sat", "sun", "daily", "feb 29", "dec 20..jan 5"],
    r"closed$": ["normal", "all-day", "10:00-14:00"],
    r"555 0\d\d\d|555 01xx": ["555 0177", "555 xxxx", "555 01xx", "555 0141"],
    r"America/New_York|Europe/London|Asia/Manila": ["Australia/Lord_Howe", "Pacific/Apia", "America/St_Johns"],
    r"\[urgent, leak, fire\]": ["[stop]", "[help, fire]", "[hello]"],
    r", when: closed|hours: \w+$|cover: \w+|from: \w+, ": [""],
}


def scrambled(chance: random.Random) -> str:
    """Return the example after a few edits as people make them: words exchanged, lines lost or doubled."""
    text = EXAMPLE
    for _ in range(chance.randrange(1, 7)):
        shape = chance.choice([*WORDS, "line"])
        lines = text.splitlines(keepends=True)
        if shape == "line":
            at = chance.randrange(40, len(lines))
            lines[at : at + 1] = chance.choice([[], [lines[at]] * 2])
            text = "".join(lines)
        elif found := list(re.finditer(shape, text, re.MULTILINE)):
            place = chance.choice(found)
            text = text[: place.start()] + chance.choice(WORDS[shape]) + text[place.end() :]
    return text


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_any_edit_of_the_example_can_be_analysed(seed: int) -> None:
    """Whatever people make of the example, the analysis ends, and each finding has a line, a code and a sentence."""
    text = scrambled(random.Random(seed))

    for problem in problems(text, 130):
        assert 0 < problem.at.line <= text.count("\n") + 1
        assert problem.message
        assert problem.show(text)
