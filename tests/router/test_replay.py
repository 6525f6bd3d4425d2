"""Recorded events against another rule file: nothing changes by an unchanged file, and what changes is told."""

import json
import os
import re
import signal
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner, Result

from router import replaying
from router.cli import main
from router.journal import files
from router.journal.files import pieces, rows
from router.replay import Replayer
from router.replaying import replay
from router.switchboard.history import NOTHING
from rules.book import RuleBook
from rules.deciding import Timetable, window_around
from rules.event import IncomingCall, IncomingText
from rules.inquiry import inquire
from rules.load import load
from rules.plan import Deliver, Ring
from rules.telling import as_json

RULES = """
version: 1
listen: {public: 127.0.0.1:8080}
public_url: https://phone.example.com
providers: {twilio: {adapter: generic, secret: env:SECRET}}
business: {name: Acme, timezone: Europe/London}
people:
  ann: {devices: {mobile: "+44 20 7946 0143"}, texts_by: [sms]}
  bob: {devices: {mobile: "+44 20 7946 0144"}, texts_by: [sms]}
teams: {crew: {members: [ann, bob], how: take-turns}}
callers: {vip: {numbers: ["+44 20 7946 0200"], verified: yes}}
numbers:
  boston:
    number: "+44 20 7946 0100"
    provider: twilio
    hours: {mon-fri: 09:00-17:00, holidays: normal}
    voicemail: box
    rules: [{name: vip, from: vip, calls: [{ring: bob}]}]
    calls: {open: [{ring: crew}]}
    texts: {open: {to: crew}, closed: {to: crew, hold: until-open, reply: "Later."}}
voicemail: {box: {greeting: {say: Hello.}, notify: ann, max: 1m}}
"""
NOON = 1_795_435_200  # Mon 23 Nov 2026 12:00 in London
NIGHT = NOON + 10 * 3600


def book(text: str = RULES) -> RuleBook:
    """Load rules that must be good."""
    loaded = load("a.yaml", {"a.yaml": text.encode()}, lambda _name: None)
    assert loaded.book, loaded.problems
    return loaded.book


def told(journals: ModuleType, name: str, kind: str, at: int, *, live: str = "", **changes: Any) -> Any:
    """Return the record of an event as the daemon decides it, the people who take turns the other way round."""
    private = {"from": "+442079460200", "to": "+442079460100"} | changes
    common = {"provider": "twilio", "account": "", "id": name, "to": private["to"], "caller": private["from"]}
    event: IncomingCall | IncomingText = (
        IncomingCall(**common, verified=private.get("verified"))
        if kind == "call"
        else IncomingText(**common, text=str(private.setdefault("text", "hi")))
    )
    rules = book()
    decision = Timetable(rules, window_around(at)).decide(inquire(rules, event), at, lambda question: question == live)
    public = as_json(decision)
    for step, written in zip(decision.plan, public["plan"], strict=True):  # type: ignore[call-overload]
        if isinstance(step, Ring) and step.strategy == "take-turns":
            written["ring"] = written["ring"][::-1]
        elif isinstance(step, Deliver) and step.one:
            written["deliver"] = written["deliver"][-1:]
    kept = {key: public[key] for key in ("rule", "source", "asked", "plan")}
    received = f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%S}.000000Z"
    make = journals.call if kind == "call" else journals.text
    record = make(name, received_at=received, number=decision.number, layer=decision.layer, **kept)
    record[2].update(private)
    return record


def events(journals: ModuleType) -> list[Any]:
    """Return a few events of every sort."""
    return [
        told(journals, "1", "call", NOON),
        told(journals, "2", "call", NOON, verified=True),
        told(journals, "3", "call", NIGHT),
        told(journals, "4", "text", NOON),
        told(journals, "5", "text", NIGHT),
        told(journals, "6", "text", NIGHT, live="limit:auto-reply"),
    ]


def replayed(journals: ModuleType, state: Path, text: str, records: list[Any]) -> Any:
    """Write *records* down and decide them again by *text*."""
    journals.keep(state, records)
    return replay(book(text), state / "journal", "")


def test_an_unchanged_file_changes_nothing(journals: ModuleType, tmp_path: Path) -> None:
    """Whose turn it was, what was attested and what was limited stay as recorded."""
    report = replayed(journals, tmp_path, RULES, [*events(journals), ("start", {"version": "1"}, {})])

    assert (report.unchanged, report.changed, report.erased, report.unusual) == (6, 0, 0, 0)


@pytest.mark.parametrize(
    ("old", "new", "counts"),
    [
        pytest.param(
            "09:00-17:00", "09:00-11:00", {"boston.calls.open": 1, "boston.texts.open": 1}, id="closed at noon"
        ),
        pytest.param("ring: bob", "ring: ann", {"boston.rules.vip": 1}, id="another person"),
        pytest.param('"Later."', '"Tomorrow."', {"boston.texts.closed": 1}, id="another reply, where one was given"),
        pytest.param(
            "members: [ann, bob]",
            "members: [ann]",
            {"boston.calls.open": 1, "boston.texts.open": 1},
            id="a smaller team",
        ),
    ],
)
def test_what_would_go_otherwise(
    journals: ModuleType, tmp_path: Path, old: str, new: str, counts: dict[str, int]
) -> None:
    """Each change is counted by the rule that decided then."""
    report = replayed(journals, tmp_path, RULES.replace(old, new), events(journals))

    found: dict[str, int] = {}
    for change, tally in report.changes.items():
        found[change.was.rule] = found.get(change.was.rule, 0) + tally.count
    assert found == counts


def test_what_cannot_be_decided_again(journals: ModuleType, tmp_path: Path) -> None:
    """Fail-safe answers were not decided by rules; a moment years away gets a window of its own."""
    failed = journals.call("7", layer="failsafe")
    later = told(journals, "8", "call", NOON + 3 * 364 * 86400)

    report = replayed(journals, tmp_path, RULES, [failed, *events(journals)[:1], later])

    assert (report.unchanged, report.unusual) == (2, 1)


def test_what_is_no_json_is_passed_over(journals: ModuleType, tmp_path: Path) -> None:
    """Whoever can hash can forge a row; the others are decided all the same."""
    journals.keep(tmp_path, events(journals))
    found = list(rows(pieces(tmp_path / "journal", since="")[0], since="", kinds=replaying.KINDS))

    report = Replayer(book()).replay([found[0], found[1]._replace(private=b"{nonsense}"), found[2]])

    assert report.unchanged == 2


def test_the_first_few_are_examples(journals: ModuleType, tmp_path: Path) -> None:
    """However many there are."""
    report = replayed(journals, tmp_path, RULES.replace('"Later."', '"Tomorrow."'), events(journals) * 5)

    (tally,) = report.changes.values()
    assert (tally.count, [record.seq for record in tally.examples]) == (5, [5, 11, 17])


def test_plans_are_forgotten_when_there_are_too_many(
    journals: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is lost by it."""
    monkeypatch.setattr("router.replay.REMEMBERED", 1)

    report = replayed(journals, tmp_path, RULES, events(journals) * 2)

    assert report.unchanged == 12


@pytest.fixture
def many(journals: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the journal of a state folder in many small pieces, on a machine of two cores."""
    monkeypatch.setattr(files, "PIECE", 3000)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {0, 1})
    journals.keep(tmp_path, [*events(journals) * 4, journals.call("7", layer="failsafe"), ("clock", {}, {})])
    return tmp_path / "journal"


def _one_thread(_workers: int, begin: replaying.Begin, arguments: Any) -> Executor:
    """Work in a thread in place of processes: to fork one that has other threads is asking for trouble."""
    return ThreadPoolExecutor(1, initializer=lambda: _without_signals(begin, arguments))


def _without_signals(begin: replaying.Begin, arguments: Any) -> None:
    with pytest.MonkeyPatch.context() as patch:  # only the main thread may say what a signal does
        patch.setattr(signal, "signal", lambda *_: None)
        begin(*arguments)


def _broken(*_: Any) -> Any:
    raise BrokenProcessPool


def test_several_processes_report_what_one_does(many: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts, changes in their order, and the first examples of each."""
    new = book(RULES.replace("09:00-17:00", "09:00-11:00"))
    together = replay(new, many, "", pool=_one_thread)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {0})

    alone = replay(new, many, "")

    assert len(pieces(many, since="")) > replaying.ENOUGH
    assert list(together.changes.items()) == list(alone.changes.items())
    assert together == alone
    assert (together.unchanged, together.changed, together.unusual) == (16, 8, 1)
    assert [[record.seq for record in tally.examples] for tally in together.changes.values()] == [
        [1, 7, 13],
        [4, 10, 16],
    ]


@pytest.mark.parametrize("size", [97, 200, 1000, 4096, 1 << 20])
def test_every_row_stands_in_one_piece(many: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """Wherever the pieces are cut."""
    monkeypatch.setattr(files, "PIECE", size)

    found = [row.seq for piece in pieces(many, since="") for row in rows(piece, since="", kinds=replaying.KINDS)]

    assert found == list(range(1, 26))


def test_only_rows_that_hold_and_are_recent(many: Path) -> None:
    """A row somebody has changed is passed over, and what came before the moment named."""
    segment = next(many.glob("*.jsonl"))
    segment.write_bytes(segment.read_bytes().replace(b'"seq":19,', b'"seq":99,'))
    since = "2026-11-22T12:10:00.000000Z"

    found = [row.seq for piece in pieces(many, since=since) for row in rows(piece, since=since, kinds=replaying.KINDS)]

    assert found == [*range(11, 19), *range(20, 26)]


def test_a_process_of_several(many: Path) -> None:
    """It does any piece it is given, and leaves Ctrl-C to the command."""
    before = signal.getsignal(signal.SIGINT)
    replaying._begin(book(), "", NOTHING)
    now = signal.signal(signal.SIGINT, before)

    report = replaying._work(pieces(many, since="")[1])

    assert now == signal.SIG_IGN
    assert report.unchanged


def test_a_process_that_is_ended_is_done_without(many: Path) -> None:
    """The system may end one for its memory; one alone needs less."""

    def ended(workers: int, begin: replaying.Begin, arguments: Any) -> Executor:
        executor = _one_thread(workers, begin, arguments)
        executor.submit = _broken  # type: ignore[method-assign]
        return executor

    report = replay(book(), many, "", pool=ended)

    assert (report.unchanged, report.unusual) == (24, 1)


def run(tmp_path: Path, *args: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(main, ["-c", str(tmp_path / "config.yaml"), "replay", *args])


@pytest.fixture
def workplace(journals: ModuleType, tmp_path: Path) -> Path:
    """Return a folder with a configuration, its state, and a file that closes at eleven."""
    (tmp_path / "config.yaml").write_text(RULES, "utf-8")
    (tmp_path / "new.yaml").write_text(RULES.replace("09:00-17:00", "09:00-11:00"), "utf-8")
    journals.keep(tmp_path / "state", [*events(journals), journals.call("7", layer="failsafe")])
    return tmp_path


def test_told_in_words(workplace: Path) -> None:
    """Counts, what was, what would be, and examples with the caller masked."""
    result = run(workplace, str(workplace / "new.yaml"), "--since", "36500d")

    assert result.exit_code == 0
    assert result.stdout.startswith("6 events decided again: 4 unchanged, 2 changed\n1 were answered by the fail-safe")
    assert "1 × call to boston\n  was  boston.calls.open: ring bob, ann, longest idle first (by crew)" in result.stdout
    assert "  now  boston.calls.closed: voicemail box\n    2026-11-23 12:00:00 UTC  +4420***0200  01" in result.stdout


def test_what_has_been_erased_is_told(workplace: Path) -> None:
    """How many events nobody can decide again, and why; of the fail-safe's nothing more can be said either."""
    segment = next((workplace / "state" / "journal").glob("*.jsonl"))
    segment.write_bytes(re.sub(rb'"private":\{.*?\},"prev"', b'"private":null,"prev"', segment.read_bytes()))

    result = run(workplace, str(workplace / "new.yaml"), "--since", "36500d")

    assert result.stdout == (
        "0 events decided again: 0 unchanged, 0 changed\n"
        "7 could not be decided again: what they were decided by has been erased\n"
    )


def test_told_as_json(workplace: Path) -> None:
    """One value; examples by their id."""
    told = json.loads(run(workplace, str(workplace / "new.yaml"), "--since", "36500d", "--json").stdout)

    assert (told["unchanged"], told["changed"], told["unusual"]) == (4, 2, 1)
    assert {change["now"]["rule"] for change in told["changes"]} == {"boston.calls.closed", "boston.texts.closed"}


@pytest.mark.parametrize(
    ("most", "exit_code"), [pytest.param("1", 1, id="more than allowed"), pytest.param("2", 0, id="as many as allowed")]
)
def test_a_gate(workplace: Path, most: str, exit_code: int) -> None:
    """`--max-changed` turns the report into an exit code."""
    assert (
        run(workplace, str(workplace / "new.yaml"), "--since", "36500d", "--max-changed", most).exit_code == exit_code
    )


@pytest.mark.parametrize("since", ["soon", "3w", "d", "-1d"])
def test_a_stretch_of_time_nobody_can_read(workplace: Path, since: str) -> None:
    """Exit 2 and what to write instead."""
    result = run(workplace, str(workplace / "new.yaml"), f"--since={since}")

    assert result.exit_code == 2
    assert "write 30d or 12h" in result.stderr


def test_the_command_forks() -> None:
    """Its workers are processes; none is begun before there is a piece to do."""
    with replaying.forked(2, replaying._begin, (book(), "", NOTHING)) as workers:
        assert isinstance(workers, ProcessPoolExecutor)
