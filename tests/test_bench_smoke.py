"""The bench measures what it says: its files are sound, its calls are signed, its naive loop decides as the engine does."""

from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from twilio.request_validator import RequestValidator

from bench import books, replaying
from bench.decisions import Company, Ours, differences, events
from bench.loader import Round
from bench.naive import Naive
from bench.nasty import nasty
from bench.peer import Peer
from bench.table import Line, rendered
from bench.traffic import CALL_PATH, PUBLIC_URL, TOKEN, Calls
from router.journal.files import segments
from router.journal.walk import check
from router.replaying import replay
from rules.load import load

MEDIUM = books.Size(people=30, numbers=60, callers=300)

COMPANIES = [
    pytest.param(
        Company("example", books.example(1, 2), books.EXAMPLE_NUMBERS, books.example_callers(500)), id="the example"
    ),
    pytest.param(
        Company("medium", books.written(MEDIUM), books.numbers_of(MEDIUM), books.strangers_and_friends(MEDIUM, 500)),
        id="a generated company",
    ),
]


@pytest.mark.parametrize("company", COMPANIES)
@pytest.mark.parametrize("live", [pytest.param(True, id="as calls come"), pytest.param(False, id="random moments")])
def test_the_naive_loop_decides_as_we_do(company: Company, live: bool) -> None:
    """Rule and rounds of people are the same, by two programs that share nothing but the file."""
    calls = events(company, 300, live=live)

    assert differences(Ours(company.text), Naive(company.text), calls) == []


@pytest.mark.parametrize("company", COMPANIES)
def test_the_peer_decides_as_we_do(company: Company) -> None:
    """Its tables name the rule that the naive loop names."""
    pytest.importorskip("zen", reason="zen-engine belongs to the extra `bench`")
    naive = Naive(company.text)
    peer = Peer(naive)
    calls = [(each.call.to, each.call.caller, each.at) for each in events(company, 100, live=False)]

    rules = [peer.decide(to, peer.context(to, caller, at)) for to, caller, at in calls]

    assert rules == [naive.decide(to, caller, at)[0] for to, caller, at in calls]


@pytest.mark.parametrize("always", [pytest.param(False, id="with hours"), pytest.param(True, id="that never closes")])
def test_generated_files_have_no_mistake(always: bool) -> None:
    """A file that is measured is one an administrator could use."""
    text = books.written(books.SMALL, always=always)

    loaded = load("bench.yaml", {"bench.yaml": text.encode()}, lambda _: None)

    assert [problem.headline() for problem in loaded.errors] == []


def test_a_month_that_was_made_up_is_decided_again_alike(tmp_path: Path) -> None:
    """The journal is one the daemon could have written: every row holds, and the unchanged file changes nothing."""
    (tmp_path / "config.yaml").write_text(books.example(1, 2), encoding="utf-8")
    book = replaying.book_of(tmp_path / "config.yaml")
    replaying.write(tmp_path / "journal", book, 500, until=1_795_440_600.0)

    report = replay(book, tmp_path / "journal", since="")

    assert (report.unchanged, report.changed, report.erased, report.unusual) == (500, 0, 0, 0)
    assert check(segments(tmp_path / "journal")).flaw is None


def test_calls_are_signed_as_twilio_does() -> None:
    """Twilio's own library accepts them, and no two have one id."""
    requests = Calls(["+12125550177", "anonymous"], ["+16172000003"]).take(20)

    bodies = [
        dict(parse_qsl(request.partition(b"\r\n\r\n")[2].decode(), keep_blank_values=True)) for request in requests
    ]
    signatures = [request.partition(b"X-Twilio-Signature: ")[2].partition(b"\r\n")[0].decode() for request in requests]

    validator = RequestValidator(TOKEN)
    assert all(
        validator.validate(PUBLIC_URL + CALL_PATH, body, signature)
        for body, signature in zip(bodies, signatures, strict=True)
    )
    assert len({body["CallSid"] for body in bodies}) == 20


def test_nasty_requests_have_names_of_their_own() -> None:
    """And each is 64 KB or little more: twisted.web refuses larger heads, we larger bodies."""
    requests = [(one.name, len(one.make("0" * 32))) for one in nasty()]

    assert len({name for name, _ in requests}) == len(requests)
    assert max(size for _, size in requests) < 66_000


def test_a_percentile_is_one_of_the_latencies() -> None:
    """The median of three is the middle one, the last percentile the longest."""
    round_ = Round(1.0, [0.3, 0.1, 0.2], 0)

    assert (round_.percentile(0.5), round_.percentile(0.999)) == (0.2, 0.3)


def test_the_table_says_what_was_reached() -> None:
    """A line with a target is passed or short of it, one without only informs."""
    lines = [
        Line("part", "fast", 1234.5, "/s", ">= 1,000", True),
        Line("part", "slow", 12.25, "ms", "< 5", False, "why"),
        Line("part", "told", "yes"),
    ]

    assert rendered(lines).splitlines()[2:] == [
        "  fast  1,234  /s  >= 1,000  PASS",
        "  slow   12.2  ms  < 5       short of target  why",
        "  told    yes",
    ]
