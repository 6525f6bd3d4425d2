"""`switchhook audit` and `outbox`: the documented fields, masked; the same answers with the index, without it and behind it."""

import csv
import fcntl
import io
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner, Result

from router.audit_rows import FIELDS
from router.cli import main
from router.index.rebuild import rebuild

Run = Callable[..., Result]

LISTING = [
    ["list", "--json"],
    ["list", "--json", "--reveal"],
    ["list", "--json", "--limit", "3"],
    ["list", "--json", "--limit", "100"],
    ["list", "--json", "--kind", "text", "--kind", "next", "--limit", "2"],
    ["list", "--json", "--caller", "+44 7700 900123"],
    ["list", "--json", "--caller", "+447700900123", "--limit", "1"],
    ["list", "--json", "--number", "boston", "--limit", "4"],
    ["list", "--json", "--number", "+16175550100"],
    ["list", "--json", "--rule", "boston.texts.*", "--limit", "9"],
    ["list", "--json", "--rule", "boston.texts.closed", "--limit", "9"],
    ["list", "--json", "--since", "2026-11-22T12:02:00Z", "--until", "2026-11-22T12:05:00Z"],
    ["list", "--json", "--since", "2026-11-22T12:02:00Z", "--until", "2026-11-22T12:05:00Z", "--limit", "2"],
    ["show", "01" + "A".rjust(24, "0"), "--json"],
    ["show", "CAA", "--json"],
    ["show", "7", "--json", "--reveal"],
    ["show", "8"],
    ["export"],
    ["export", "--format", "csv"],
    ["verify", "--json"],
]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run a command on the state folder of the test."""

    def run(*arguments: str, group: str = "audit") -> Result:
        return CliRunner().invoke(main, [group, *arguments, "--state", str(tmp_path)], catch_exceptions=False)

    return run


@pytest.fixture
def kept(journals: ModuleType, tmp_path: Path) -> list[Any]:
    """Keep a morning: calls, texts, what became of them, and the daemon's own notes."""
    return [
        *journals.keep(
            tmp_path,
            [
                ("start", {"version": "0.1.0", "tzdata": "2026.1", "ruleset": "sha256:" + "ab" * 32}, {}),
                journals.call("A"),
                journals.after("next", "A", outcome="no answer"),
                journals.call("B", from_=journals.BEN, number=None, rule="refused"),
                journals.text("C", from_=journals.BEN),
                journals.after("ended", "A", outcome="message left, 23 s"),
                journals.text("D", rule="safety:stop", replies=None, outbox=[], from_="ACME"),
                ("stop", {"version": "0.1.0", "tzdata": "2026.1", "ruleset": "sha256:" + "ab" * 32}, {}),
            ],
        )
    ]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[None]:
    """Hold the lock of the state folder, as a running daemon does."""
    descriptor = os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    yield
    os.close(descriptor)


def test_every_documented_field_is_there(kept: list[Any], run: Run) -> None:
    """In the documented order, for every kind of record."""
    rows = json.loads(run("list", "--json").stdout)

    assert [row["seq"] for row in rows] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert {tuple(row) for row in rows} == {FIELDS}


def test_a_decision_is_told_in_full(kept: list[Any], run: Run) -> None:
    """What was decided, by which rule, why, and the row's place in the chain."""
    row = json.loads(run("list", "--json").stdout)[1]

    record = kept[1].record
    assert row == {
        "seq": 2,
        "id": "01" + "A".rjust(24, "0"),
        "event_id": "CAA",
        "provider": "twilio",
        "kind": "call",
        "received_at": "2026-11-22T12:00:00.000000Z",
        "decided_at": "2026-11-22T12:00:00.000100Z",
        "to": "boston",
        "from": "+1202***0123",
        "caller_class": "number",
        "rule": "boston.calls.open",
        "source": "config.yaml:120:9",
        "rings": ["chloe"],
        "ends": "voicemail",
        "delivers": None,
        "holds": None,
        "replies": None,
        "asked": [["open:office", True], ["via:+1617***0100", False]],
        "why": ["office is open", "chloe is in"],
        "ruleset": "sha256:" + "ab" * 32,
        "answer_sha256": "cd" * 32,
        "duration_us": 120,
        "outcome": None,
        "prev": record.prev,
        "hash": record.hash,
    }


def test_numbers_and_bodies_are_shown_only_when_asked_for(kept: list[Any], run: Run, journals: ModuleType) -> None:
    """Without `--reveal` neither a number nor a body stands anywhere in any output."""
    hidden = [
        run(*arguments).stdout
        for arguments in (
            ["list", "--json"],
            ["list"],
            ["show", "CAC"],
            ["show", "CAC", "--json"],
            ["export"],
            ["export", "--format", "csv"],
        )
    ]
    shown = json.loads(run("list", "--json", "--reveal").stdout)

    for output in hidden:
        for secret in (journals.ANNA, journals.BEN, "+16175550100", "Are you open"):
            assert secret not in output
    assert (shown[1]["from"], shown[3]["to"], shown[4]["text"]) == (
        journals.ANNA,
        "+16175550100",
        "Are you open, I am =Anna",
    )
    assert shown[4]["replies"] == "We open Monday at 9. Call +16175550100."
    assert tuple(shown[0]) == (*FIELDS, "text")


def test_a_number_we_do_not_know_is_masked(kept: list[Any], run: Run) -> None:
    """A call to a number the configuration does not name shows it in part."""
    assert json.loads(run("list", "--json").stdout)[3]["to"] == "+1617***0100"


@pytest.mark.parametrize("arguments", LISTING, ids=lambda words: " ".join(words)[:60])
def test_the_index_never_changes_an_answer(
    kept: list[Any], run: Run, journals: ModuleType, tmp_path: Path, arguments: list[str]
) -> None:
    """Missing, complete, behind, damaged, or of another journal: every command says the same."""
    expected = run(*arguments)
    answers = {}

    assert run("reindex").exit_code == 0
    answers["complete"] = run(*arguments)
    journals.keep(tmp_path, [journals.after("recording", "A", outcome="recording kept"), journals.text("E")])
    behind = run(*arguments)
    for path in tmp_path.glob("index.db*"):
        path.unlink()
    answers["behind"], expected_behind = behind, run(*arguments)
    (tmp_path / "index.db").write_bytes(b"nonsense" * 1000)
    answers["damaged"] = run(*arguments)
    (tmp_path / "index.db").unlink()
    run("reindex")
    (tmp_path / "index.key").unlink()
    answers["without its key"] = run(*arguments)

    assert expected.exit_code in (0, 1)
    assert answers.pop("complete").output == expected.output
    for state, answer in answers.items():
        assert (answer.output, answer.exit_code) == (expected_behind.output, expected_behind.exit_code), state


def test_filters_choose(kept: list[Any], run: Run) -> None:
    """Kind, caller, rule, number and moments narrow the list; the newest so many are kept."""

    def seqs(*arguments: str) -> list[int]:
        return [row["seq"] for row in json.loads(run("list", "--json", *arguments).stdout)]

    assert seqs("--kind", "call") == [2, 4]
    assert seqs("--caller", "+44 7700 900-123") == [4, 5]
    assert seqs("--rule", "boston.*.open") == [2]
    assert seqs("--number", "boston") == [2, 3, 5, 6, 7]
    assert seqs("--since", "2026-11-22 12:02", "--until", "2026-11-22 12:04") == [3, 4]
    assert seqs("--limit", "2") == [7, 8]
    assert seqs("--since", "1m") in ([], [1, 2, 3, 4, 5, 6, 7, 8])
    assert seqs("--caller", "acme") == [7]


def test_a_moment_nobody_can_read(kept: list[Any], run: Run) -> None:
    """Exit 2, and a sentence that says how to write it."""
    result = run("list", "--since", "yesterday-ish")

    assert result.exit_code == 2
    assert "30d" in result.stderr


def test_the_table_is_one_line_a_row(kept: list[Any], run: Run) -> None:
    """Heading, one line a row, the newest fifty."""
    lines = run("list").stdout.splitlines()

    assert lines[0].split() == ["time", "(UTC)", "kind", "to", "from", "by", "what", "id"]
    assert len(lines) == 9
    assert "rings chloe, then voicemail" in lines[2]
    assert "held for everyone, replies" in lines[5]


def test_a_text_that_is_delivered_says_to_whom(journals: ModuleType, run: Run, tmp_path: Path) -> None:
    """In the table as well."""
    journals.keep(tmp_path, [journals.text("A", delivers=["chloe", "dana"], holds=None, replies=None)])

    assert "to chloe, dana" in run("list").stdout


def test_nothing_recorded_yet(run: Run, tmp_path: Path) -> None:
    """An empty state folder is no error."""
    assert (run("list").stdout, run("list", "--json").stdout) == ("nothing recorded\n", "[]\n")
    assert run("list", group="outbox").stdout == "nothing is waiting\n"
    assert run("verify").exit_code == 1
    assert "there is no journal" in run("verify").stderr


def test_the_story_of_a_call(kept: list[Any], run: Run) -> None:
    """From its arrival to its end, in words."""
    told = run("show", "CAA").stdout

    assert told.splitlines()[0] == "call 01" + "A".rjust(24, "0") + " to boston from +1202***0123 (number)"
    for words in (
        "by boston.calls.open, config.yaml:120:9",
        "because   office is open; chloe is in",
        "outcome   message left, 23 s",
        "open:office yes",
        "next       no answer",
        "ended      message left, 23 s",
    ):
        assert words in told


def test_the_story_of_a_text_shows_its_body_when_asked(kept: list[Any], run: Run) -> None:
    """With `--reveal` the text, and the automatic reply in full."""
    told = run("show", "SMC", "--reveal").stdout

    assert "text      Are you open, I am =Anna" in told
    assert "reply     We open Monday at 9. Call +16175550100." in told


def test_what_came_of_a_call_as_json(kept: list[Any], run: Run) -> None:
    """One object: the decision, and what came after it."""
    told = json.loads(run("show", "CAA", "--json").stdout)

    assert told["decision"]["seq"] == 2
    assert told["outcome"] == "message left, 23 s"
    assert [(row["kind"], row["outcome"]) for row in told["after"]] == [
        ("next", "no answer"),
        ("ended", "message left, 23 s"),
    ]


def test_a_row_that_belongs_to_no_call_is_shown_by_its_seq(kept: list[Any], run: Run) -> None:
    """Starts, stops and reloads have no id."""
    assert run("show", "1").stdout.startswith("start 1\n")


def test_an_unknown_id(kept: list[Any], run: Run) -> None:
    """Exit 1, and a sentence."""
    result = run("show", "nobody")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "nothing in the audit is called 'nobody'" in result.stderr


def test_csv_runs_nothing_in_a_spreadsheet(kept: list[Any], run: Run) -> None:
    """Cells that start like a formula, E.164 numbers among them, are made text; `--raw` leaves them."""
    safe = list(csv.DictReader(io.StringIO(run("export", "--format", "csv", "--reveal").stdout)))
    raw = list(csv.DictReader(io.StringIO(run("export", "--format", "csv", "--reveal", "--raw").stdout)))

    assert list(safe[0]) == [*FIELDS, "text"]
    assert (safe[1]["from"], raw[1]["from"]) == ("'+12025550123", "+12025550123")
    assert json.loads(safe[1]["rings"]) == ["chloe"]
    assert (safe[0]["rule"], safe[1]["seq"]) == ("", "2")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_every_start_of_a_formula_is_made_text(journals: ModuleType, run: Run, tmp_path: Path, start: str) -> None:
    """CWE-1236."""
    journals.keep(tmp_path, [journals.text("A", text=f"{start}cmd|' /C calc'!A0")])

    rows = list(csv.DictReader(io.StringIO(run("export", "--format", "csv", "--reveal").stdout, newline="")))

    assert rows[0]["text"].startswith("'" + start)


def test_json_lines_are_one_row_each(kept: list[Any], run: Run) -> None:
    """`export` and `list --json` say the same."""
    lines = [json.loads(line) for line in run("export").stdout.splitlines()]

    assert lines == json.loads(run("list", "--json").stdout)


def test_a_chain_that_holds(kept: list[Any], run: Run) -> None:
    """Exit 0, the count, and the head to compare with one kept elsewhere."""
    result = run("verify")

    assert result.exit_code == 0
    assert result.stdout == f"8 records in 1 segment hold\nhead: 8 {kept[-1].record.hash}\n"
    assert json.loads(run("verify", "--json").stdout) == {
        "good": True,
        "rows": 8,
        "segments": 1,
        "superseded": 0,
        "head": {"seq": 8, "hash": kept[-1].record.hash},
        "first_bad": None,
    }


def test_the_first_row_that_does_not_hold_is_named(kept: list[Any], run: Run, tmp_path: Path) -> None:
    """Exit 1; segment, line, seq, and what is wrong with it."""
    path = tmp_path / "journal" / "00000001.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"outcome":"no answer"', b'"outcome":"answered "'))

    result, told = run("verify"), json.loads(run("verify", "--json").stdout)

    assert result.exit_code == 1
    assert (
        "does not hold: journal/00000001.jsonl line 4, record 3: its text is not the one that was hashed"
        in result.stdout
    )
    assert told["good"] is False
    assert told["first_bad"] == {
        "segment": "00000001.jsonl",
        "line": 4,
        "seq": 3,
        "what": "hash",
        "note": "its text is not the one that was hashed",
    }


def test_an_unfinished_tail_is_tolerated_while_the_daemon_writes_it(
    kept: list[Any], run: Run, tmp_path: Path, running: None
) -> None:
    """Half a row at the very end is on its way as long as somebody holds the lock."""
    os.truncate(tmp_path / "journal" / "00000001.jsonl", kept[-1].offset + 30)

    result = run("verify")

    assert result.exit_code == 0
    assert "the daemon is writing the last rows just now" in result.stdout


def test_an_unfinished_tail_is_named_when_nobody_writes(kept: list[Any], run: Run, tmp_path: Path) -> None:
    """After a crash, and before the next start has dealt with it."""
    os.truncate(tmp_path / "journal" / "00000001.jsonl", kept[-1].offset + 30)
    (tmp_path / "lock").touch()

    result = run("verify")

    assert result.exit_code == 1
    assert "line 9: the line is not a record" in result.stdout


def test_rows_that_were_replaced_are_told(kept: list[Any], run: Run, journals: ModuleType, tmp_path: Path) -> None:
    """A torn row whose number was used again is no break, and no secret."""
    os.truncate(tmp_path / "journal" / "00000001.jsonl", kept[-1].offset + 30)
    journals.keep(tmp_path, [journals.call("Z")])

    result = run("verify")

    assert result.exit_code == 0
    assert "1 unanswered rows were replaced" in result.stdout
    assert "8 records in 2 segments hold" in result.stdout


def test_reindex_waits_for_nobody(kept: list[Any], run: Run, running: None) -> None:
    """While the daemon runs: exit 5, nothing touched."""
    result = run("reindex")

    assert result.exit_code == 5
    assert "already running" in result.stderr


def test_reindex_says_how_many(kept: list[Any], run: Run) -> None:
    """Exit 0, and the count."""
    assert run("reindex").stdout.endswith("index.db: 8 records\n")


def test_the_outbox_shows_what_waits(kept: list[Any], run: Run) -> None:
    """State, for whom, since when, and when it is let go; as a table and as JSON."""
    [row] = json.loads(run("list", "--json", group="outbox").stdout)

    assert row["state"] == "held"
    assert (row["people"], row["target"], row["number"]) == ([], "everyone", "boston")
    assert (row["since"], row["release_at"]) == ("2026-11-22T12:04:00.000000Z", "2026-11-23T14:00:00Z")
    assert "2026-11-23 14:00:00" in run("list", group="outbox").stdout


def test_the_outbox_is_complete_with_an_index_that_is_behind(
    kept: list[Any], run: Run, journals: ModuleType, tmp_path: Path
) -> None:
    """What the index has not seen comes from the journal."""
    rebuild(tmp_path)
    journals.keep(tmp_path, [journals.text("F")])

    rows = json.loads(run("list", "--json", group="outbox").stdout)

    assert [row["seq"] for row in rows] == [5, 9]


def test_an_erased_record_says_so(kept: list[Any]) -> None:
    """Where a number stood stands that it is gone."""
    from router.audit_rows import audit_row

    row = audit_row(kept[4].record._replace(private=None))

    assert (row["from"], row["replies"], row["to"]) == ("erased", "erased", "boston")


def test_reindex_keeps_out_of_the_way_of_one_left_behind(
    kept: list[Any], run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process that wrote the index of a killed daemon may still hold it: exit 5, nothing touched."""
    from router.index import feeder

    monkeypatch.setattr(feeder, "PATIENCE", 0.0)

    with feeder.alone(tmp_path / "index.db"):
        result = run("reindex")

    assert (result.exit_code, result.stderr.strip()) == (5, "switchhook: index.db: another process writes it")
    assert run("reindex").exit_code == 0
