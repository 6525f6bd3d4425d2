"""Files of tests: every mistake is told at its place, all at once, and nothing in a file can stop the reading."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules.book import RuleBook
from rules.cases import run_cases
from rules.cases.case import Case
from rules.cases.reading import read_cases
from rules.event import IncomingCall, IncomingText
from rules.source import Problem

NOW = int(datetime(2026, 11, 24, 12, tzinfo=UTC).timestamp())
EXAMPLE = (Path(__file__).resolve().parents[2] / "tests.example.yaml").read_text("utf-8")

WHOLE = """
timezone: America/New_York
tests:
  - name: one
    at: 2026-11-24 10:00
    call: {to: main, from: "+1 201 555 0100"}
    expect: {rule: main.calls.open}
"""


def read(book: RuleBook, text: str) -> tuple[tuple[Case, ...], list[Problem]]:
    """Return the tests of *text* and what is wrong with them."""
    problems: list[Problem] = []
    return read_cases("t.yaml", text.encode(), book, NOW, problems.append), problems


def one(book: RuleBook, test: str, head: str = "") -> tuple[tuple[Case, ...], list[Problem]]:
    """Read a file of one test, written in braces."""
    return read(book, f"{head}\ntests: [{{name: x, {test}}}]")


@pytest.mark.parametrize(
    ("test", "code", "message", "hint"),
    [
        pytest.param(
            "at: 2026-11-24 10:00, call: {to: mian, from: '+1'}, expect: {rings: none}",
            "unknown-name", "no number is called 'mian'", "did you mean 'main'?", id="a number misspelt",
        ),
        pytest.param(
            "at: 2026-11-24 10:00, call: {to: '+1 617 555 9999', from: '+1'}, expect: {rings: none}",
            "unknown-name", "no number is called '+1 617 555 9999'", "there are: main, side", id="a number that is none of ours",
        ),
        pytest.param(
            "at: 2026-11-24 10:00, call: {to: main, from: vip}, expect: {rings: none}",
            "unknown-name", "'vip' is a name of the rules, no caller", "write a number that belongs to it", id="a group that calls",
        ),
        pytest.param(
            "at: 2026-11-24 10:00, call: {to: main, from: short-code}, expect: {rings: none}",
            "unknown-name", "'short-code' is a name of the rules, no caller", "write a number that belongs to it", id="a kind of caller that calls",
        ),
        pytest.param(
            "at: 2026-11-24 10:00, call: {to: main, from: side}, expect: {rings: none}",
            "unknown-name", "'side' is a name of the rules, no caller", "write +16175550101", id="one of our numbers by its name",
        ),
        pytest.param(
            "at: 2026-11-24 10:00, call: {to: main, from: ann}, expect: {rings: none}",
            "unknown-name", "'ann' is a name of the rules, no caller", "write the number of one of the phones", id="a person by name",
        ),
        pytest.param(
            "at: 2026-11-24 10:00, call: {to: main, from: '+1'}, expect: {rings: [bop]}",
            "unknown-name", "no person is called 'bop'", "did you mean 'bob'?", id="a person misspelt",
        ),
        pytest.param(
            "at: 2026-11-24 10:00, call: {to: main, from: '+1'}, expect: {tries: [[ann], crew]}",
            "unknown-name", "'crew' is a team, here stands a person", "name its people: ann, bob", id="a team among the people",
        ),
        pytest.param(
            "at: 2026-11-24 10:00, call: {to: main, from: '+1'}, expect: {voicemail: boxx}",
            "unknown-name", "no voicemail box is called 'boxx'", "did you mean 'box'?", id="a box misspelt",
        ),
        pytest.param(
            "at: 2026-11-24 10:00, call: {to: main, from: '+1'}, expect: {rule: main.rules.favored}",
            "unknown-name", "no rule is called 'main.rules.favored'", "did you mean 'main.rules.favoured'?", id="a rule misspelt",
        ),
        pytest.param(
            "at: 2026-11-24 10:00, call: {to: main, from: '+1'}, expect: {rule: zzz}",
            "unknown-name", "no rule is called 'zzz'", None, id="a rule like none of many",
        ),
        pytest.param(
            "at: 2026-11-24 10:00, text: {to: main, from: '+1', body: b}, expect: {holds: 'crew, xx'}",
            "unknown-name", "no person or team is called 'xx'", "there are: ann, bob, cat, dan, eve, crew, all, shift, duty, desk", id="one of several targets",
        ),
        pytest.param(
            "at: 2026-11-24 10:00, call: {to: main, from: '+1'}, expect: {notifies: [crow]}",
            "unknown-name", "no person or team is called 'crow'", "did you mean 'crew'?", id="somebody told who is nobody",
        ),
        pytest.param(
            "at: 2026-11-24 10:00, call: {to: main, from: '+1'}, override: strom, expect: {rings: none}",
            "unknown-name", "no plan is called 'strom'", "did you mean 'storm'?", id="a plan misspelt",
        ),
        pytest.param(
            "at: 2026-11-31 10:00, call: {to: main, from: '+1'}, expect: {rings: none}",
            "bad-value", "'2026-11-31 10:00' is no moment we can read",
            "write a moment as 2026-11-28 23:10, 2026-11-28T23:10:00-05:00, sat 11:00 or now", id="a date that does not exist",
        ),
        pytest.param(
            "at: 2026-11-24, call: {to: main, from: '+1'}, expect: {rings: none}",
            "bad-value", "'2026-11-24' is no moment we can read",
            "write a moment as 2026-11-28 23:10, 2026-11-28T23:10:00-05:00, sat 11:00 or now", id="a date without a clock time",
        ),
        pytest.param(
            "at: 2200-01-01 10:00, call: {to: main, from: '+1'}, expect: {rings: none}",
            "bad-value", "'2200-01-01 10:00' is too far away", "write a year before 2200", id="a year too far away",
        ),
        pytest.param(
            "at: [2026-11-24 10:00, 2026-11-24 11:00, 2026-11-24 12:00], call: {to: main, from: '+1'}, expect: [{rings: none}, {rings: none}]",
            "bad-value", "3 moments and 2 expectations do not go together",
            "write one expectation for all moments, or one for each", id="lists of unequal length",
        ),
        pytest.param(
            "at: 2026-11-24 10:00, call: {to: main, from: '+1'}, expect: {}",
            "missing-key", "`expect` expects nothing", "name what matters, such as {rule: NAME} or {rings: [NAME]}", id="nothing expected",
        ),
        pytest.param(
            "at: 2026-11-24 10:00, call: {to: main, from: '+1'}, expect: {after: [busy]}",
            "missing-key", "`expect` expects nothing", "name what matters, such as {rule: NAME} or {rings: [NAME]}", id="nothing expected after a try",
        ),
        pytest.param(
            "at: 2026-11-24 10:00, expect: {rings: none}",
            "two-in-one", "a test is about one call or one text",
            "write either `call: {to: …, from: …}` or `text: {to: …, from: …, body: …}`", id="neither call nor text",
        ),
        pytest.param(
            "at: 2026-11-24 10:00, call: {to: main, from: '+1'}, text: {to: main, from: '+1', body: b}, expect: {rings: none}",
            "two-in-one", "a test is about one call or one text",
            "write either `call: {to: …, from: …}` or `text: {to: …, from: …, body: …}`", id="call and text at once",
        ),
        pytest.param(
            "at: 2026-11-24 10:00, text: {to: main, from: '+1'}, expect: {holds: none}",
            "missing-key", "a text needs `body`", "`body`: what is written", id="a text without words",
        ),
        pytest.param(
            "at: 2026-11-24 10:00, call: {to: main, from: '+1'}, expect: {ring: [ann]}",
            "unknown-key", "`expect` has no key 'ring'", "did you mean `rings`?", id="a key misspelt",
        ),
        pytest.param(
            "at: 2026-11-24 10:00, call: {to: main, from: '+1'}, after: [no-answr], expect: {rings: [ann]}",
            "bad-value",
            "`after` wants one of answered, busy, no-answer, rejected, failed, machine, hung-up, here stands 'no-answr'",
            "did you mean 'no-answer'?", id="a result misspelt",
        ),
        pytest.param(
            "at: 2026-11-24 10:00, call: {to: main, from: '+1'}, expect: {ends: voicemial}",
            "bad-value", "`ends` wants one of voicemail, reject, hangup, none, here stands 'voicemial'", "did you mean 'voicemail'?", id="an end misspelt",
        ),
        pytest.param(
            "at: 2026-11-24 10:00, call: {to: main, from: '+1'}, expect: {tries: ann}",
            "wrong-shape", "`tries` wants a list of tries, each a list of people, or none, here stands 'ann'",
            "write [[dana], [ben], [anna, chloe]]: each try with who is rung", id="tries that are no list",
        ),
        pytest.param(
            "at: 2026-11-24 10:00, call: {to: main, from: '+1'}, expect: {tries: [[ann], {}]}",
            "wrong-shape", "`tries` wants one name, here stands a mapping (`key: value`)", None, id="a try that is no list",
        ),
        pytest.param(
            "at: 2026-11-24 10:00, call: {to: main, from: '+1'}, expect: {rings: {}}",
            "wrong-shape", "`rings` wants one name, here stands a mapping (`key: value`)", None, id="people that are a mapping",
        ),
        pytest.param(
            "at: 2026-11-24 10:00, call: {to: main, from: '+1'}, expect: {not_rings: []}",
            "wrong-shape", "`not_rings` wants one name or a list of names, here stands an empty list", None, id="nobody to leave out",
        ),
        pytest.param(
            "at: 2026-11-24 10:00, call: {to: main, from: '+1'}, expect: {rule: []}",
            None, "", None, id="an empty list for nothing",
        ),
        pytest.param(
            "at: 2026-11-24 10:00, call: {to: main, from: '+1'}, expect: {rule: {}}",
            "wrong-shape", "`rule` wants one text, here stands a mapping (`key: value`)", None, id="a rule that is a mapping",
        ),
        pytest.param(
            "at: 2026-11-24 10:00, call: {to: main, from: '+1'}, expect: {seconds: []}",
            "bad-value", "`seconds` wants durations, one for each try, here stands an empty list", None, id="no durations",
        ),
        pytest.param(
            "at: 2026-11-24 10:00, call: {to: main, from: '+1'}, expect: {seconds: [20]}",
            "bad-value", "`seconds` wants a duration such as 20s, 2m or 72h, here stands '20'", "write 20s for seconds, 20m for minutes", id="a duration without its unit",
        ),
        pytest.param(
            "at: 2026-11-24 10:00, call: {to: main, from: }, expect: {rings: none}",
            "wrong-shape", "`from` wants a number, a name or anonymous, here stands nothing", None, id="nobody who calls",
        ),
        pytest.param(
            "at: [[]], call: {to: main, from: '+1'}, expect: {rings: none}",
            "wrong-shape", "`at` wants a moment, here stands an empty list", None, id="moments that are none",
        ),
    ],
)  # fmt: skip
def test_what_is_told(company: RuleBook, test: str, code: str | None, message: str, hint: str | None) -> None:
    """A mistake is one sentence, with a way out, and its test is not run."""
    cases, problems = one(company, test)

    told = [(problem.code, problem.message, problem.hint) for problem in problems]
    assert told == ([(code, message, hint)] if code else [])
    assert cases == () or not code


@pytest.mark.parametrize(
    ("text", "code", "at"),
    [
        pytest.param("", "empty-file", "t.yaml:1:1", id="an empty file"),
        pytest.param("- a\n- b", "wrong-shape", "t.yaml:1:1", id="a list"),
        pytest.param("timezone: Europe/London", "missing-key", "t.yaml:1:1", id="no tests"),
        pytest.param("tests: [", "syntax", "t.yaml:1:1", id="a bracket that is never closed"),
        pytest.param("test: []", "unknown-key", "t.yaml:1:1", id="a key misspelt"),
    ],
)
def test_a_file_of_another_shape(company: RuleBook, text: str, code: str, at: str) -> None:
    """It is said what a file of tests is, not what a rule file is."""
    cases, problems = read(company, text)

    assert cases == ()
    assert (problems[0].code, str(problems[0].at)) == (code, at)
    assert "business" not in f"{problems[0].message} {problems[0].hint}"


def test_all_mistakes_at_once(company: RuleBook) -> None:
    """One look at a file is enough to mend it."""
    text = (
        WHOLE.replace("New_York", "NewYork")
        .replace("to: main", "to: mian")
        .replace("main.calls.open", "main.call.open")
    )

    cases, problems = read(company, text + "  - {at: 1, expect: {}}\n")

    assert cases == ()
    assert [(problem.code, problem.at.line, problem.hint) for problem in problems] == [
        ("missing-key", 8, "`name`: what must hold, in a sentence"),
        ("unknown-name", 2, "did you mean 'America/New_York'?"),
        ("unknown-name", 7, "did you mean 'main.calls.open'?"),
        ("unknown-name", 6, "did you mean 'main'?"),
    ]


def test_a_zone_like_no_other(company: RuleBook) -> None:
    """Where no zone is meant, it is said how one is written."""
    _, problems = read(company, WHOLE.replace("America/New_York", "here and there"))

    assert [problem.hint for problem in problems] == ["write a zone with a city, such as America/New_York"]


def test_a_whole_test(company: RuleBook) -> None:
    """Everything a test may say, as it is run."""
    cases, problems = read(
        company,
        """
tests:
  - name: a call with all it may have
    at: [2026-11-24 10:00, 2026-11-24T15:00:00Z, tue 11:00]
    call: {to: main, from: "", via: [side, "+1 617 555 0199"], verified: yes}
    after: busy
    expect: [{rings: none}, {tries: [], after: [machine]}, {voicemail: none}]
  - {name: a text, at: now, text: {to: "+1 617 555 0100", from: INFO, body: "yes"}, override: closed, expect: {replies: "*"}}
  - {name: one moment, at: now, call: {to: side, from: anonymous}, expect: [{rings: bob}, {ends: voicemail}]}
""",
    )

    assert problems == []
    call, text, twice = cases
    assert isinstance(call.event, IncomingCall)
    assert (call.event.to, call.event.caller, call.event.provider) == ("+16175550100", "", "line")
    assert ([hop.number for hop in call.event.diversions], call.event.verified) == (
        ["+16175550101", "+1 617 555 0199"],
        True,
    )
    ten = int(datetime(2026, 11, 24, 15, tzinfo=UTC).timestamp())
    assert [check.moment for check in call.checks] == [ten, ten, ten + 3600]
    assert [check.after for check in call.checks] == [("busy",), ("machine",), ("busy",)]
    assert isinstance(text.event, IncomingText)
    assert (text.event.text, text.override, text.checks[0].moment) == ("yes", "closed", NOW)
    assert [check.wants[0][0] for check in twice.checks] == ["rings", "ends"]


def test_the_zone_of_the_file_beats_that_of_the_number(company: RuleBook) -> None:
    """A moment without an offset is one of the file's zone."""
    cases, _ = read(company, WHOLE.replace("America/New_York", "Europe/London"))

    assert cases[0].checks[0].moment == int(datetime(2026, 11, 24, 10, tzinfo=UTC).timestamp())


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_edit_stops_the_reading(company: RuleBook, data: st.DataObject) -> None:
    """Whatever somebody does to a file of tests, what is wrong is told and nothing is raised."""
    text = EXAMPLE[:3000].rpartition("  - name:")[0].replace("boston", "main").replace("london", "side")
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        length = data.draw(st.integers(0, 40))
        text = text[:start] + data.draw(st.text("{}[],:-\"' \nabx0*&!|>#", max_size=4)) + text[start + length :]

    report = run_cases(company, {"t.yaml": text.encode()}, NOW)

    assert not report.good
