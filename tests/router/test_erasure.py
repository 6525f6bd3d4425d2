"""Somebody is erased: what was written of them is gone from every file, what is left still proves itself."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner, Result

from router.cli import main
from router.erasure.journal import erase, look_for_call, look_for_number, without_private
from router.erasure.traces import Traces
from router.index.feeder import alone
from router.index.rebuild import rebuild
from router.journal.files import records, segments
from router.journal.lines import lines
from router.journal.walk import check
from router.state import StateFolder

Run = Callable[..., Result]
ANN, ZOE = "+12125550177", "+447700900123"
CONFIG = "business: {name: Acme, timezone: America/New_York, country: US}\ncallers: {vip: ['+1 (617) 555-0199']}\n"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run `audit erase` on the state folder of the test, with rules that name somebody."""
    (tmp_path / "config.yaml").write_text(CONFIG)

    def run(*arguments: str, command: str = "erase", said: str | None = None) -> Result:
        words = ["-c", str(tmp_path / "config.yaml"), "audit", command, *arguments, "--state", str(tmp_path / "state")]
        return CliRunner().invoke(main, words, input=said, catch_exceptions=False, env={"SUDO_USER": "chris"})

    return run


@pytest.fixture
def state(journals: ModuleType, tmp_path: Path) -> Path:
    """Keep a morning of Ann and Zoe: calls, texts, a word about Ann to a teammate, rules that once named her."""
    folder = tmp_path / "state"
    call, text = journals.call, journals.text
    named = {"texts": {"config.yaml": "callers: {vip: ['+1 212-555-0177']}"}}
    journals.keep(
        folder,
        [
            call("A", **{"from": ANN}),
            text("B", **{"from": ZOE}),
            text("C", **{"from": ANN, "text": "It is me, Ann"}),
            ("attempt", {"id": call("C")[1]["id"], "message": "C.0/0"}, {"words": "It is me"}),
            (
                "queued",
                {"id": "01" + "D" * 24, "effect": "D.0", "messages": []},
                {"body": "#2 +1212***0177 about: It is me"},
            ),
            text("E", **{"from": ZOE, "text": "my friend's number is (212) 555 0177"}),
            ("rules", {"ruleset": "sha256:1"}, named),
            call("F", **{"from": ZOE}),
        ],
    )
    rebuild(folder)
    return folder


def dump(folder: Path) -> dict[str, bytes]:
    """Return what is in every file."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# ---------------------------------------------------------------- how a number is written


@pytest.mark.parametrize(
    "text",
    [
        "+12125550177",
        "12125550177",
        "tel:+1-212-555-0177",
        "sip:+12125550177@carrier.example",
        "%2B12125550177",
        "+1 (212) 555-0177",
        "011 1 212 555 0177",
        "call 212.555.0177!",
        "+1\u00a0212\u2013555\u20110177",
    ],
)
def test_how_a_number_is_recognised(text: str) -> None:
    """Whoever wrote it, and wherever it is dialled."""
    assert Traces.of(ANN).named(text.encode())


@pytest.mark.parametrize(
    ("number", "text"),
    [
        pytest.param(ANN, "+12125550178", id="another"),
        pytest.param(ANN, "121255501770", id="within a longer one, at its end"),
        pytest.param(ANN, "3212125550177", id="within a longer one, at its beginning"),
        pytest.param(ANN, "+1212***0177", id="masked"),
        pytest.param("+3545551234", "5551234", id="too short to be told without its country"),
    ],
)
def test_what_is_another_number(number: str, text: str) -> None:
    """Nothing of others is taken for it."""
    assert not Traces.of(number).named(text.encode())


@pytest.mark.parametrize(
    ("number", "text"),
    [
        pytest.param("+442079460143", "020 7946 0143", id="with the zero of home"),
        pytest.param("+442079460143", "+44 (0)20 7946 0143", id="with both"),
        pytest.param("+442079460143", "0044 20 7946 0143", id="from abroad"),
        pytest.param("+3545551234", "+354 555 1234", id="a short one with its country"),
    ],
)
def test_numbers_of_other_countries(number: str, text: str) -> None:
    """As they are written there."""
    assert Traces.of(number).named(text.encode())


# ---------------------------------------------------------------- the command


def test_somebody_is_erased(state: Path, run: Run) -> None:
    """Their records, those of others that name or quote them; no file knows the number, and the chain holds."""
    before = {placed.record.seq: placed.record for placed in records(state / "journal")}

    result = run("--caller", "+1 212 555 0177", "--yes", "--json")

    assert (result.exit_code, result.stderr) == (0, "")
    assert json.loads(result.stdout) == {"records": 6, "calls": 3, "recordings": 0, "rules": 1, "seq": 9, "left": []}
    assert not [
        name for name, content in dump(state).items() if Traces.of(ANN).hinted(content) or b"It is me" in content
    ]
    after = [placed.record for placed in records(state / "journal")]
    assert [record.seq for record in after if record.private is None] == [1, 3, 4, 5, 6, 7]
    assert [record.hash for record in after[:8]] == [before[seq].hash for seq in range(1, 9)]
    assert check(segments(state / "journal")).flaw is None
    assert (after[8].kind, after[8].public) == (
        "erased",
        {"by": "chris", "records": 6, "calls": 3, "recordings": 0, "rules": 1},
    )
    assert run(command="verify").exit_code == 0


def test_what_is_shown_afterwards(state: Path, run: Run) -> None:
    """That something happened, when, and why; of whom is erased. Others are as they were, found by their number too."""
    run("--caller", ANN, "--yes")

    rows = [json.loads(line) for line in run("--reveal", command="export").stdout.splitlines()]
    zoes = json.loads(run("--json", "--caller", ZOE, command="list").stdout)

    assert [row["from"] for row in rows][:3] == ["erased", ZOE, "erased"]
    assert (rows[0]["rule"], rows[0]["to"], rows[2]["text"]) == ("boston.calls.open", "boston", None)
    assert rows[-1]["outcome"] == "chris erased 6 records of 3 calls and texts"
    assert [row["seq"] for row in zoes] == [2, 8]
    assert run("--json", "--caller", ANN, command="list").stdout.strip() == "[]"


def test_in_words(state: Path, run: Run) -> None:
    """What went, what says so, and what nobody here can erase."""
    result = run("--caller", ANN, said="y\n")

    assert result.stderr == "Erase 6 records of 3 calls and texts for good? [y/N]: y\n"
    assert result.stdout.splitlines() == [
        "erased: 6 records of 3 calls and texts, 0 recordings",
        "1 copy of rule files named the number and went with them",
        "record 9 says so, without the number; the index is built anew",
        "the provider, people's phones and mailboxes, and backups have what they were given; nothing there is erased",
    ]


def test_whoever_says_no(state: Path, run: Run) -> None:
    """Changes nothing."""
    before = dump(state)

    result = run("--caller", ANN, said="n\n")

    assert result.exit_code == 1
    assert {name: content for name, content in dump(state).items() if name != "lock"} == before


def test_one_call_is_erased(state: Path, run: Run) -> None:
    """By our id, with everything that belongs to it and nothing else."""
    result = run("01" + "A".rjust(24, "0"), "--yes")

    assert result.exit_code == 0
    assert [placed.record.seq for placed in records(state / "journal") if placed.record.private is None] == [1]


def test_recordings_go_with_their_calls(state: Path, run: Run) -> None:
    """The sound and the note beside it; those of others stay."""
    anns, zoes = "01" + "A".rjust(24, "0"), "01" + "F".rjust(24, "0")
    shelf = state / "recordings"
    shelf.mkdir()
    for call in (anns, zoes):
        for suffix in ("mp3", "json"):
            (shelf / f"{call}.{suffix}").write_text("x")

    result = run("--caller", ANN, "--yes", "--json")

    assert json.loads(result.stdout)["recordings"] == 1
    assert sorted(path.name for path in shelf.iterdir()) == [f"{zoes}.json", f"{zoes}.mp3"]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        pytest.param("callers: {vip: ['212 555 0177']}", [], id="that name the number"),
        pytest.param("callers: {vip: []}", ["abc", "manifest.json"], id="that do not"),
    ],
)
def test_the_last_good_rules(state: Path, run: Run, text: str, kept: list[str]) -> None:
    """Are copied again at the next start."""
    folder = state / "last-good"
    folder.mkdir()
    (folder / "abc").write_text(text)
    (folder / "manifest.json").write_text("{}")

    run("--caller", ANN, "--yes")

    assert sorted(path.name for path in folder.iterdir()) == kept


def test_an_index_that_was_set_aside_goes_too(state: Path, run: Run) -> None:
    """Fingerprints stand in it."""
    (state / "index.db.bad").write_bytes(b"old")

    run("--caller", ANN, "--yes")

    assert not (state / "index.db.bad").exists()
    assert (state / "index.db").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        pytest.param([], 2, "say whom: --caller NUMBER, or the ID of one call or text", id="nobody"),
        pytest.param(["X", "--caller", ANN], 2, "say whom", id="both"),
        pytest.param(["--caller", "Ann"], 1, "'Ann' is no phone number", id="a name"),
        pytest.param(["--caller", "+12125550100"], 1, "nothing in the audit is about them", id="a stranger"),
        pytest.param(["nothing"], 1, "nothing in the audit is called 'nothing'", id="no such call"),
        pytest.param(
            ["--caller", "617 555 0199"], 1, "config.yaml:2: the rules name this number", id="whom the rules name"
        ),
    ],
)
def test_what_cannot_be_done(state: Path, run: Run, arguments: list[str], code: int, said: str) -> None:
    """Is said, and nothing is changed."""
    before = dump(state)

    result = run(*arguments, "--yes")

    assert (result.exit_code, said in result.stderr) == (code, True)
    assert {name: content for name, content in dump(state).items() if name != "lock"} == before


def test_without_a_configuration_a_number_needs_its_country(state: Path, run: Run, tmp_path: Path) -> None:
    """Nobody can say how it is dialled at home."""
    (tmp_path / "config.yaml").unlink()

    assert run("--caller", "212 555 0177", "--yes").exit_code == 1
    assert run("--caller", ANN, "--yes").exit_code == 0


def test_while_a_daemon_runs(state: Path, run: Run) -> None:
    """Exit 5: what it remembers it would write down again."""
    daemon = StateFolder(state)
    daemon.open()

    result = run("--caller", ANN, "--yes")
    daemon.close()

    assert result.exit_code == 5
    assert "stop it for as long as this takes" in result.stderr


def test_while_somebody_still_writes_the_index(state: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process of a killed daemon that hangs: exit 5, nothing touched."""
    monkeypatch.setattr("router.index.feeder.PATIENCE", 0.0)

    with alone(state / "index.db"):
        result = run("--caller", ANN, "--yes")

    assert (result.exit_code, result.stderr.strip()) == (5, "switchhook: index.db: another process writes it")
    assert len(list(records(state / "journal"))) == 8


def test_a_disk_that_refuses(state: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is told; done again it is complete, although half of it was there."""
    written: list[int] = []

    def refuse(row: Any) -> bytes:
        written.append(row.seq)
        if len(written) == 4:
            raise OSError(28, "No space left on device")
        return without_private(row)

    with monkeypatch.context() as broken:
        broken.setattr("router.erasure.journal.without_private", refuse)
        failed = run("--caller", ANN, "--yes")
    left = [path.name for path in (state / "journal").glob("*.erasing")]
    again = run("--caller", ANN, "--yes")

    assert (failed.exit_code, "not everything is erased" in failed.stderr) == (1, True)
    assert len(left) == 1
    assert again.exit_code == 0
    assert [placed.record.seq for placed in records(state / "journal") if placed.record.private is None] == [
        1,
        3,
        4,
        5,
        6,
        7,
    ]
    assert not list((state / "journal").glob("*.erasing"))


def test_no_journal(tmp_path: Path, run: Run) -> None:
    """Is said."""
    (tmp_path / "state").mkdir()

    assert "there is no journal" in run("--caller", ANN, "--yes").stderr


def test_an_id_the_provider_made_of_the_number(journals: ModuleType, tmp_path: Path, run: Run) -> None:
    """Stands in the part that is hashed, and stays: the command says where, and exits with 1."""
    journals.keep(
        tmp_path / "state", [journals.call("A", **{"from": ANN}), ("ended", {"event_id": "12125550177-1"}, {})]
    )

    result = run("--caller", ANN, "--yes")

    assert result.exit_code == 1
    assert "still there: the number in journal/00000001.jsonl\n" in result.stdout


def test_who_gives_the_command_without_sudo(state: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user by name, or by number where there is no name."""
    from router.commands import erase as command

    monkeypatch.delenv("SUDO_USER", raising=False)
    named = command._who()
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000)

    assert (named != "", command._who()) == (True, "4000000")


# ---------------------------------------------------------------- the journal


def test_segments_without_anybody_of_theirs_are_not_touched(journals: ModuleType, tmp_path: Path) -> None:
    """And one that is keeps its other lines byte for byte."""
    journals.keep(tmp_path, [journals.call("A", **{"from": ANN}), journals.call("B", **{"from": ZOE})])
    folder = tmp_path / "journal"
    path = folder / "00000001.jsonl"
    before, inode = [line.text for line in lines(path)], path.stat().st_ino

    erase(folder, look_for_call(folder, "nobody"), None)
    untouched = path.stat().st_ino == inode
    traces = Traces.of(ANN)
    erase(folder, look_for_number(folder, traces), traces)

    after = [line.text for line in lines(path)]
    assert untouched
    assert (after[0], after[2]) == (before[0], before[2])
    assert oct(path.stat().st_mode & 0o777) == "0o600"


def test_a_line_nobody_can_read(journals: ModuleType, tmp_path: Path) -> None:
    """Is still one, with the number struck out; what was a hole is one."""
    journals.keep(tmp_path, [journals.call("A", **{"from": ANN}), journals.call("B", **{"from": ZOE})])
    folder, traces = tmp_path / "journal", Traces.of(ANN)
    path = folder / "00000001.jsonl"
    content = path.read_bytes()
    path.write_bytes(content.replace(b'"kind":"call"', b'"kinds"\n\n"call"', 1))
    before = check(segments(folder)).flaw

    found = look_for_number(folder, traces)
    erase(folder, found, traces)

    assert found
    assert not traces.named(path.read_bytes())
    assert check(segments(folder)).flaw == before
    assert look_for_number(folder, traces).damaged == frozenset()


def test_rows_that_were_superseded(journals: ModuleType, tmp_path: Path) -> None:
    """A row that was written again in a newer segment is erased in both."""
    journals.keep(tmp_path, [journals.call("A", **{"from": ANN})])
    folder, traces = tmp_path / "journal", Traces.of(ANN)
    first = folder / "00000001.jsonl"
    content = first.read_bytes()
    first.write_bytes(content[: content.index(b'{"v":1,"seq"')])
    journals.keep(tmp_path, [("start", {}, {})])
    kept: Any = content.rstrip(b"\n") + b"\n"
    (folder / "00000002.jsonl").write_bytes(kept)

    erase(folder, look_for_number(folder, traces), traces)

    assert not [path for path in folder.iterdir() if traces.named(path.read_bytes())]


def test_a_record_whose_public_part_makes_no_sense(journals: ModuleType, tmp_path: Path) -> None:
    """Belongs to no call; what it hid goes all the same."""
    journals.keep(tmp_path, [journals.call("A", **{"from": ANN})])
    folder, traces = tmp_path / "journal", Traces.of(ANN)
    path = folder / "00000001.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"public":{', b'"public":{{', 1))

    found = look_for_number(folder, traces)
    erase(folder, found, traces)

    assert (len(found.lines), found.calls) == (1, frozenset())
    assert not traces.named(path.read_bytes())


def test_after_a_crash(journals: ModuleType, tmp_path: Path, run: Run) -> None:
    """What a write cut short has left goes as well, and the chain goes on behind it."""
    journals.keep(tmp_path / "state", [journals.call("A", **{"from": ZOE}), journals.call("B", **{"from": ANN})])
    path = tmp_path / "state" / "journal" / "00000001.jsonl"
    content = path.read_bytes().rstrip(b"\n")
    path.write_bytes(content[:-20])

    result = run("--caller", ANN, "--yes", "--json")

    assert (result.exit_code, json.loads(result.stdout)["seq"]) == (0, 2)
    assert not [name for name, content in dump(tmp_path / "state").items() if Traces.of(ANN).named(content)]
    assert run(command="verify").exit_code == 0
    assert [placed.record.kind for placed in records(tmp_path / "state" / "journal")] == ["call", "erased"]
