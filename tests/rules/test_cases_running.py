"""Running tests: each key compares what it says it does, tries are followed as live calls are, and coverage is counted."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from rules.book import RuleBook
from rules.cases import CaseReport, run_cases
from rules.cases.running import windows
from rules.cases.vocabulary import EXPECTATIONS, in_words, like
from rules.deciding import DAY, Timetable
from rules.load import load

NOW = int(datetime(2026, 11, 24, 12, tzinfo=UTC).timestamp())
MAIN = 'call: {to: main, from: "+1 201 555 0100"}'
VIP = 'call: {to: main, from: "+1 212 555 0177"}'
TEXT = 'text: {to: main, from: "+1 201 555 0100", body: hello}'


def run(book: RuleBook, *tests: str) -> CaseReport:
    """Run tests, each written in braces without its name."""
    lines = [f"  - {{name: test {number}, {test}}}" for number, test in enumerate(tests, 1)]
    return run_cases(book, {"t.yaml": "\n".join(["tests:", *lines]).encode()}, NOW)


def told(report: CaseReport) -> list[tuple[str, str, str]]:
    """Return every difference."""
    assert report.problems == ()
    checked = [each for result in report.results for each in result.checked]
    return [(each.key, each.expected, each.got) for one in checked for each in one.differences]


@pytest.mark.parametrize(
    ("event", "expect"),
    [
        pytest.param(MAIN, "rule: main.calls.open", id="the rule"),
        pytest.param(MAIN, "rings: ann", id="who is rung first"),
        pytest.param(MAIN, "rings: [ann]", id="who is rung first, in a list"),
        pytest.param(MAIN, "tries: [[ann], [bob], [eve]]", id="every try"),
        pytest.param(MAIN, "tries: [ann, bob, eve]", id="every try, each of one person"),
        pytest.param(MAIN, "seconds: [15s, 15s, 30s]", id="how long each rings"),
        pytest.param(MAIN, "rings_any: [cat, bob]", id="one of them in some try"),
        pytest.param(MAIN, "not_rings: [dan, cat]", id="none of them in any try"),
        pytest.param(MAIN, "ends: voicemail", id="the end"),
        pytest.param(MAIN, "voicemail: box", id="the box"),
        pytest.param(MAIN, "notifies: crew", id="who is told of the message"),
        pytest.param(MAIN, 'says: "Leave a message; we open *"', id="what the caller hears"),
        pytest.param(MAIN, "rejects: none, delivers: none, via: none, holds: none, replies: none, copies: []", id="nothing that is a text's"),
        pytest.param(VIP, "tries: [[ann], [dan, bob, cat, ann]]", id="in a round the order means nothing"),
        pytest.param('call: {to: main, from: "+1 305 555 0123"}', "ends: reject, rejects: busy, voicemail: none, rings: none, tries: none", id="a refused call"),
        pytest.param(TEXT, "delivers: [bob, ann], via: crew, copies: cat, holds: none, replies: none", id="a text and its copy"),
        pytest.param(TEXT, "rings: none, tries: [], ends: none, says: none, seconds: none", id="nothing that is a call's"),
        pytest.param('call: {to: "+1 617 555 9999", from: "+1 201 555 0100"}', "rule: refused, rejects: declined", id="a number that is none of ours"),
        pytest.param('call: {to: main, from: "+1 201 555 0100", via: "+1 617 555 0199"}', "rule: main.rules.forwarded, seconds: 7s", id="a call that was forwarded"),
        pytest.param('call: {to: main, from: "+1 212 555 0188", verified: yes}', "rule: main.rules.attested", id="a caller the carrier vouches for"),
        pytest.param('call: {to: main, from: "+1 212 555 0188", verified: no}', "rule: block", id="a caller nobody vouches for"),
        pytest.param(f"{MAIN}, override: storm", 'rule: "plan:storm", says: "Storm. Leave*"', id="a plan switched on"),
        pytest.param(f"{MAIN}, override: closed", "rule: main.calls.closed", id="closed by hand"),
        pytest.param(f"{MAIN}, override: open", "rule: main.calls.open", id="open by hand"),
    ],
)  # fmt: skip
def test_what_holds(company: RuleBook, event: str, expect: str) -> None:
    """On a Tuesday at eleven, each key says what is so."""
    if "seconds: none" in expect:
        expect = expect.replace(", seconds: none", "")

    report = run(company, f"at: 2026-11-24 11:00, {event}, expect: {{{expect}}}")

    assert told(report) == []
    assert report.good


@pytest.mark.parametrize(
    ("event", "expect", "expected", "got"),
    [
        pytest.param(MAIN, "rule: main.calls.closed", "main.calls.closed", "main.calls.open", id="another rule"),
        pytest.param(MAIN, "rings: none", "none", "ann", id="somebody instead of nobody"),
        pytest.param(MAIN, "tries: [[bob], [ann], [eve]]", "[bob], [ann], [eve]", "[ann], [bob], [eve]", id="another order"),
        pytest.param(MAIN, "tries: [[ann, bob], [eve]]", "[ann, bob], [eve]", "[ann], [bob], [eve]", id="at once instead of in turn"),
        pytest.param(MAIN, "seconds: [15s, 15s, 31s]", "15s, 15s, 31s", "15s, 15s, 30s", id="a second longer"),
        pytest.param(MAIN, "rings_any: [dan, cat]", "some of dan, cat", "ann, bob, eve", id="none of them"),
        pytest.param(MAIN, "not_rings: [dan, bob]", "none of dan, bob", "ann, bob, eve", id="one of them"),
        pytest.param(MAIN, "ends: none", "none", "voicemail", id="an end instead of none"),
        pytest.param(MAIN, "voicemail: other", "other", "box", id="another box"),
        pytest.param(MAIN, "says: none", "none", "Leave a message; we open Wed 25 Nov 09:00.", id="words instead of none"),
        pytest.param(MAIN, 'says: "Leave a message"', "Leave a message", "Leave a message; we open Wed 25 Nov 09:00.", id="words cut short"),
        pytest.param(TEXT, "delivers: [ann]", "ann", "ann, bob", id="one too many"),
        pytest.param(TEXT, "via: all", "all", "crew", id="another team"),
        pytest.param(TEXT, "replies: '*'", "*", "none", id="no reply"),
    ],
)  # fmt: skip
def test_what_does_not_hold(company: RuleBook, event: str, expect: str, expected: str, got: str) -> None:
    """What was expected stands beside what was got, in the same words."""
    report = run(company, f"at: 2026-11-24 11:00, {event}, expect: {{{expect}}}")

    assert told(report) == [(expect.partition(":")[0], expected, got)]
    assert not report.good


@pytest.mark.parametrize(
    ("after", "expect"),
    [
        pytest.param("no-answer", "rings: bob, tries: [bob, eve], ends: voicemail, seconds: [15s, 30s]", id="the second is rung"),
        pytest.param("[no-answer, busy]", "rings: eve, tries: [eve], voicemail: box", id="the third try"),
        pytest.param("[no-answer, busy, machine]", "rings: none, tries: none, ends: voicemail, voicemail: box, notifies: crew", id="nobody is left"),
        pytest.param("[failed, rejected, busy]", 'says: "Leave a message*"', id="the greeting is heard at the end"),
        pytest.param("answered", "rings: none, ends: none, voicemail: none, says: none, notifies: none", id="somebody took it"),
        pytest.param("[no-answer, hung-up]", "rings: none, ends: none, rule: main.calls.open", id="the caller gave up"),
    ],
)  # fmt: skip
def test_where_the_call_is_after_some_tries(company: RuleBook, after: str, expect: str) -> None:
    """Each result moves the call on by one try, as it would a live one."""
    report = run(company, f"at: 2026-11-24 11:00, {MAIN}, after: {after}, expect: {{{expect}}}")

    assert told(report) == []


@pytest.mark.parametrize(
    ("event", "after", "expected", "got"),
    [
        pytest.param(MAIN, "[busy, busy, busy, busy, busy]", "5 tries", "3", id="more tries than there are"),
        pytest.param(MAIN, "[answered, busy]", "2 tries", "1", id="a try after somebody took it"),
        pytest.param(TEXT, "busy", "1 tries", "0", id="a text rings nobody"),
    ],
)
def test_more_tries_than_there_are(company: RuleBook, event: str, after: str, expected: str, got: str) -> None:
    """A test that tells of tries that never were fails."""
    report = run(company, f"at: 2026-11-24 11:00, {event}, after: {after}, expect: {{ends: none}}")

    assert ("after", expected, got) in told(report)


PHONES = """
public_url: https://phone.example.com
providers: {line: {adapter: generic, secret: env:LINE}}
business: {name: Acme, timezone: America/New_York, country: US, region: MA}
people:
  ann: {devices: ["+1 617 555 0141", "+1 617 555 0142"]}
  bob: {devices: {mobile: "+1 617 555 0143"}}
numbers:
  main: {number: "+1 617 555 0100", provider: line, calls: {open: [{ring: bob}, {ring: ann}, {reject: busy}]}}
  other: {number: "+1 617 555 0101", provider: line, calls: {open: [{ring: ann}, {say: Bye.}, {play: "https://example.com/a.mp3"}, {hangup: yes}]}}
"""  # fmt: skip


@pytest.fixture(scope="module")
def phones() -> RuleBook:
    """Return a book with phones that are rung in order."""
    loaded = load("c.yaml", {"c.yaml": PHONES.encode()}, lambda _: None)
    assert loaded.book, loaded.problems
    return loaded.book


@pytest.mark.parametrize(
    ("to", "caller", "after", "expect"),
    [
        pytest.param("main", "+12015550100", "[busy]", "rings: ann, ends: reject, rejects: busy", id="one phone, then two in order"),
        pytest.param("main", "+12015550100", "[busy, busy]", "rings: none, ends: reject, rejects: busy", id="both phones are one try"),
        pytest.param("main", "+16175550143", "[busy]", "rings: none, ends: reject", id="one's own phone is no try"),
        pytest.param("other", "+12015550100", "[busy]", 'ends: hangup, says: "Bye. https://example.com/a.mp3"', id="words at the end"),
    ],
)  # fmt: skip
def test_a_try_is_a_round_of_people(phones: RuleBook, to: str, caller: str, after: str, expect: str) -> None:
    """However many phones of theirs ring one after another."""
    report = run(
        phones, f'at: 2026-11-24 11:00, call: {{to: {to}, from: "{caller}"}}, after: {after}, expect: {{{expect}}}'
    )

    assert told(report) == []


def test_a_box_that_nobody_wrote(phones: RuleBook) -> None:
    """A book without boxes has one all the same, of which nobody is told."""
    text = "at: 2026-11-24 11:00, text: {to: main, from: '+1 201 555 0100', body: x}, expect: {voicemail: none, notifies: none}"
    call = "at: 2026-11-24 11:00, call: {to: main, from: '+1 201 555 0100'}, expect: {voicemail: voicemail}"

    assert told(run(phones, text)) == []
    assert told(run(phones, call)) == [("voicemail", "voicemail", "none")]


def test_what_failed_is_told_as_a_problem(company: RuleBook) -> None:
    """It stands at the expectation, and says which rule decided, where that is written, and why."""
    report = run(company, f"at: 2026-11-24 17:00, {MAIN}, after: busy, expect: {{rule: main.calls.open, rings: none}}")

    failures = [(failure.code, failure.message, failure.hint) for failure in report.failures()]
    assert failures[0] == (
        "test-failed",
        "test 'test 1' fails at 2026-11-24 17:00 after busy: `rule` should be main.calls.open, is main.calls.closed",
        "decided by main.calls.closed (company.yaml:52:16): main is closed",
    )
    assert str(report.failures()[0].at) == "t.yaml:2:113"


def test_a_decision_without_a_place_or_reason(company: RuleBook) -> None:
    """What no rule decided is told as shortly."""
    report = run(company, 'at: now, call: {to: "+1 617 555 9999", from: "+1"}, expect: {rule: refused, rings: ann}')

    assert [failure.hint for failure in report.failures()] == ["decided by refused: the number is not configured"]


def test_coverage_counts_what_was_reached(company: RuleBook) -> None:
    """Rules, open and closed blocks, plans and the block list; a number that never closes has no closed block."""
    report = run(
        company,
        f"at: [2026-11-24 11:00, 2026-11-24 17:00], {MAIN}, expect: {{ends: voicemail}}",
        f"at: 2026-11-24 11:00, {VIP}, expect: {{ends: voicemail}}",
    )

    assert report.moments == 3
    assert report.reached == {"main.calls.open", "main.calls.closed", "main.rules.favoured"}
    assert report.rules == (
        *("block", "main.rules.favoured", "main.rules.attested", "main.rules.trades at night", "main.rules.forwarded"),
        *("main.rules.bills", "main.rules.night shift", "main.calls.open", "main.calls.closed", "main.texts.open"),
        *("main.texts.closed", "side.calls.open", "side.texts.open", "plan:storm"),
    )
    assert report.never_reached == tuple(rule for rule in report.rules if rule not in report.reached)


def test_a_book_that_blocks_nobody_has_no_block_to_reach(phones: RuleBook) -> None:
    """What is not written cannot be missing from the tests."""
    assert run(phones).rules == ("main.calls.open", "main.texts.open", "other.calls.open", "other.texts.open")


def test_several_files(company: RuleBook) -> None:
    """Each result knows its file; mistakes in one do not keep the others from being run."""
    good = f"tests: [{{name: a, at: now, {MAIN}, expect: {{ends: voicemail}}}}]".encode()

    report = run_cases(company, {"a.yaml": good, "b.yaml": b"tests: [{}]", "c.yaml": good}, NOW)

    assert [result.file for result in report.results] == ["a.yaml", "c.yaml"]
    assert {problem.at.file for problem in report.problems} == {"b.yaml"}
    assert not report.good


def test_no_files_at_all(company: RuleBook) -> None:
    """Nothing was expected, so nothing failed."""
    report = run_cases(company, {}, NOW)

    assert (report.good, report.moments, report.reached) == (True, 0, frozenset())


def test_moments_far_apart(company: RuleBook) -> None:
    """Tests may be about any years; each stretch is compiled once, and forgotten when there are many."""
    years = [f"{year}-03-02 11:00" for year in range(1999, 2030, 2)]

    report = run(company, *(f"at: [{', '.join(years)}], {MAIN}, expect: {{ends: voicemail}}" for _ in range(2)))

    assert told(report) == []
    assert report.moments == 2 * len(years)


def test_windows_reach_as_far_as_a_decision_may_look(company: RuleBook) -> None:
    """Moments within weeks of each other share a window; every moment lies well within its own."""
    moments = [NOW + 400 * DAY, NOW, NOW + 30 * DAY, NOW + 90 * DAY, NOW + 250 * DAY]

    made = windows(moments)

    assert len(made) == 3
    assert all(any(Timetable(company, window).covers(moment) for window in made) for moment in moments)


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        pytest.param("*Mon 30 Nov*", "we answer Mon 30 Nov 09:00.", True, id="a star for anything"),
        pytest.param("Urgent? Call us.", "Urgent? Call us.", True, id="a question mark for itself"),
        pytest.param("a?c", "abc", True, id="a question mark for a character"),
        pytest.param("[abc]", "a", False, id="brackets are no choice"),
        pytest.param("[abc]", "[abc]", True, id="brackets for themselves"),
        pytest.param("a*b", "a\nb", True, id="a star for a line's end"),
        pytest.param("a.c", "abc", False, id="a dot is a dot"),
        pytest.param("abc", "ABC", False, id="capital letters count"),
        pytest.param(None, None, True, id="nothing for nothing"),
        pytest.param("*", None, False, id="a star is not nothing"),
    ],
)
def test_what_a_pattern_fits(pattern: str | None, text: str | None, fits: bool) -> None:
    """Patterns are those of file names, without their traps."""
    assert like(pattern, text) == fits


def test_every_key_is_about_something() -> None:
    """Each key has a sentence of its own, and is told in words."""
    assert len({each.about for each in EXPECTATIONS}) == len(EXPECTATIONS)
    assert in_words((("ann", "bob"), ("cat",))) == "[ann, bob], [cat]"
    assert in_words((20, 30)) == "20s, 30s"
    assert in_words(("ann", "bob")) == "ann, bob"
    assert in_words(None) == in_words(()) == "none"


def test_every_key_is_explained_to_those_who_write_tests() -> None:
    """The page about tests knows every key there is."""
    page = (Path(__file__).resolve().parents[2] / "docs" / "tests.md").read_text("utf-8")

    assert [each.key for each in EXPECTATIONS if f"| `{each.key}` |" not in page] == []
