"""The index follows the journal: step by step, from where it was, rebuilt when it is lost, and written by one process at a time."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from mmap import mmap
from pathlib import Path
from types import ModuleType

import pytest

from router.index import database as databases
from router.index import feeder as feeders
from router.index.database import MisfitError, connect, migrate, migrations, position
from router.index.feeder import Feeder, Progress, alone, look
from router.index.fingerprint import KEY, Fingerprint, load_fingerprint
from router.index.project import project
from router.index.rebuild import rebuild
from router.index.sieve import Sieve
from router.index.sqlite import Reader
from router.journal.api import BEGINNING
from router.journal.files import records
from router.journal.record import START
from router.journal.segment import Header, name_of

Opened = Callable[[], Feeder]


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    """Return what makes a feeder for the state folder."""

    def opened() -> Feeder:
        return Feeder(
            tmp_path / "index.db",
            tmp_path / "journal",
            load_fingerprint(tmp_path),
            Sieve(mmap(-1, 1 << 12)),
        )

    return opened


def seqs(state: Path) -> list[int]:
    """Return the records the index knows."""
    with closing(sqlite3.connect(state / "index.db")) as database:
        return [seq for (seq,) in database.execute("SELECT seq FROM record ORDER BY seq")]


def _newer(state: Path) -> None:
    with closing(sqlite3.connect(state / "index.db")) as database, database:
        database.execute("INSERT INTO migration VALUES (999, 'future')")


def _forget(state: Path) -> None:
    [path] = (state / "journal").glob("*.jsonl")
    rows = path.read_bytes().rstrip(b"\n").split(b"\n")
    path.write_bytes(b"\n".join(rows[:-1]) + b"\n")


def test_what_is_durable_is_found(journals: ModuleType, opened: Opened, tmp_path: Path) -> None:
    """The answer of an event is found by its key; a row that is not durable yet stays out."""
    rows = journals.keep(tmp_path, [journals.call("A"), journals.call("B"), journals.call("C")])
    feeder = opened()

    told = feeder.step(2)

    reader = Reader(feeder.path, feeder.journal, feeder.fingerprint)
    assert told == Progress(2)
    assert reader.find("twilio|AC1|call|CAB") == rows[1].record
    assert reader.find("twilio|AC1|call|CAC") is None
    assert feeder.step(3) == Progress(3)
    assert reader.find("twilio|AC1|call|CAC") == rows[2].record
    reader.close()
    feeder.close()


def test_each_step_is_a_batch(
    journals: ModuleType, opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind a whole batch there may be more; the steps after it begin where it ended."""
    monkeypatch.setattr(feeders, "BATCH", 2)
    journals.keep(tmp_path, [journals.call(str(n)) for n in range(5)])
    feeder = opened()

    told = [feeder.step(5) for _ in range(4)]

    assert told == [Progress(2, more=True), Progress(4, more=True), Progress(5), Progress(5)]
    assert seqs(tmp_path) == [1, 2, 3, 4, 5]
    feeder.close()


def test_after_a_restart_it_goes_on_where_it_was(journals: ModuleType, opened: Opened, tmp_path: Path) -> None:
    """What is applied already is not even read again."""
    rows = journals.keep(tmp_path, [journals.call("A"), journals.call("B")])
    first = opened()
    first.step(2)
    first.close()
    journals.keep(tmp_path, [journals.call("C")])
    again = opened()

    told = again.step(3)

    assert told == Progress(3)
    assert seqs(tmp_path) == [1, 2, 3]
    assert [row.record.seq for row in records(again.journal, place=rows[-1].end)] == [3]
    assert BEGINNING < rows[-1].end < again._end
    again.close()


def test_a_new_segment_is_followed(journals: ModuleType, opened: Opened, tmp_path: Path) -> None:
    """After an error of the disk the rows stand again in the next segment; the index names the place that counts."""
    journals.keep(tmp_path, [journals.call("A"), journals.call("B")])
    feeder = opened()
    feeder.step(1)
    old = tmp_path / "journal" / name_of(1)
    again = old.read_bytes().rstrip(b"\n").split(b"\n")[2]
    header = Header(2, "2026-11-22T12:02:00.000000Z", journals.ORIGIN, feeder.at)
    (tmp_path / "journal" / name_of(2)).write_bytes(header.line() + again + b"\n")

    told = feeder.step(2)

    assert told == Progress(2)
    with closing(sqlite3.connect(feeder.path)) as database:
        assert database.execute("SELECT seq, segment FROM record ORDER BY seq").fetchall() == [(1, 1), (2, 2)]
    feeder.close()


def test_a_row_that_rotted_is_passed_over(journals: ModuleType, opened: Opened, tmp_path: Path) -> None:
    """Nobody waits for it; what comes behind it is taken up when it is durable."""
    rows = journals.keep(tmp_path, [journals.call("A"), journals.call("B"), journals.call("C")])
    path = tmp_path / "journal" / name_of(1)
    content = bytearray(path.read_bytes())
    content[rows[1].offset + 60] ^= 1
    path.write_bytes(content)
    feeder = opened()

    assert [feeder.step(2), feeder.step(2), feeder.step(3)] == [Progress(1), Progress(1), Progress(3)]
    feeder.close()


def test_a_locked_database_is_tried_again(journals: ModuleType, opened: Opened, tmp_path: Path) -> None:
    """While somebody holds it nothing is lost; afterwards it goes on."""
    journals.keep(tmp_path, [journals.call("A"), journals.call("B")])
    feeder = opened()
    feeder.step(1)
    assert feeder._database is not None
    feeder._database.execute("PRAGMA busy_timeout=0")
    with closing(sqlite3.connect(tmp_path / "index.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")

        sick = feeder.step(2)
        other.execute("ROLLBACK")

    assert sick == Progress(1, refused="database is locked")
    assert (feeder.step(2), seqs(tmp_path)) == (Progress(2), [1, 2])
    feeder.close()


def test_an_index_that_cannot_be_opened_is_opened_later(journals: ModuleType, opened: Opened, tmp_path: Path) -> None:
    """Calls need no index: why it is down is said, and it catches up."""
    journals.keep(tmp_path, [journals.call("A")])
    (tmp_path / "index.db").mkdir()
    feeder = opened()

    seen, sick = look(feeder.path, feeder.journal, feeder.fingerprint), feeder.step(1)
    (tmp_path / "index.db").rmdir()

    assert seen == (None, "it cannot be opened (unable to open database file)")
    assert sick == Progress(0, refused="unable to open database file")
    assert feeder.step(1) == Progress(1)
    feeder.close()


def test_a_journal_that_cannot_be_read_is_told(journals: ModuleType, opened: Opened, tmp_path: Path) -> None:
    """The index is not to blame, and stays as it is."""
    journals.keep(tmp_path, [journals.call("A")])
    feeder = opened()
    odd = tmp_path / "journal" / name_of(2)
    odd.mkdir()

    sick = feeder.step(1)
    odd.rmdir()

    assert sick.position == 0
    assert sick.refused is not None
    assert "Is a directory" in sick.refused
    assert feeder.step(1) == Progress(1)
    feeder.close()


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param("apply", id="found when it is written"),
        pytest.param("fill", id="found when it is read at first"),
    ],
)
def test_a_database_damaged_while_it_runs_is_rebuilt(
    broken: str, journals: ModuleType, opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The damaged file is set aside, the position goes back, and everything is there again."""
    journals.keep(tmp_path, [journals.call(str(n)) for n in range(3)])
    first = opened()
    first.step(2)
    first.close()
    feeder = opened()

    def corrupt(*_: object) -> None:
        error = sqlite3.DatabaseError("database disk image is malformed")
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(*((feeders, "apply") if broken == "apply" else (Sieve, "fill")), corrupt)
        sick = feeder.step(3)

    assert sick == Progress(0, refused="database disk image is malformed")
    assert (tmp_path / "index.db.bad").exists()
    assert (feeder.step(3), seqs(tmp_path)) == (Progress(3), [1, 2, 3])
    feeder.close()


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        pytest.param(
            lambda state: (state / "index.db").write_bytes(b"nonsense" * 2000), "damaged", id="not a database"
        ),
        pytest.param(lambda state: (state / KEY).unlink(), "its key is gone", id="the key is lost"),
        pytest.param(lambda state: (state / KEY).write_bytes(b"short"), "its key is gone", id="the key is cut off"),
        pytest.param(_newer, "newer version", id="written by a newer version"),
        pytest.param(_forget, "another record where it ends", id="the journal has lost the last row"),
    ],
)
def test_an_index_that_does_not_fit_is_begun_anew(
    journals: ModuleType, opened: Opened, tmp_path: Path, spoil: Callable[[Path], None], why: str
) -> None:
    """It is set aside with a sentence that says why, and built from the journal."""
    journals.keep(tmp_path, [journals.call(str(n)) for n in range(3)])
    rebuild(tmp_path)
    spoil(tmp_path)
    feeder = opened()
    at, note = look(feeder.path, feeder.journal, feeder.fingerprint)

    told = feeder.step(3)

    assert at == START
    assert note is not None
    assert note.startswith("it is rebuilt: ")
    assert why in note
    assert told == Progress(len(seqs(tmp_path)))
    assert told.position >= 2
    assert (tmp_path / "index.db").stat().st_mode & 0o777 == 0o600
    feeder.close()


def test_closing_an_index_that_never_opened(opened: Opened) -> None:
    """Nothing was there to be closed."""
    opened().close()


def test_the_keys_are_in_the_sieve_before_they_are_in_the_index(
    journals: ModuleType, opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever dies in between leaves keys too many in the sieve, never one too few."""
    rows = journals.keep(tmp_path, [journals.call("A"), journals.text("B")])
    feeder = opened()
    keys = list(project(rows, feeder.fingerprint).keys())
    monkeypatch.setattr(feeders, "apply", lambda *_: 1 / 0)
    before = [feeder.sieve.lacks(key) for key in keys]

    with pytest.raises(ZeroDivisionError):
        feeder.step(2)

    assert before == [True, True]
    assert [feeder.sieve.lacks(key) for key in keys] == [False, False]
    feeder.close()


def test_one_process_writes_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever comes second waits a while, then goes without; afterwards the way is free."""
    monkeypatch.setattr(feeders, "PATIENCE", 0.02)
    path = tmp_path / "index.db"

    with alone(path):
        seen = look(path, tmp_path / "journal", Fingerprint(b"k" * 32))

    assert seen == (None, "it cannot be opened (another process writes it)")
    assert look(path, tmp_path / "journal", Fingerprint(b"k" * 32)) == (START, None)
    assert (tmp_path / "index.lock").stat().st_mode & 0o777 == 0o600


def test_a_failed_batch_leaves_nothing_behind(journals: ModuleType, tmp_path: Path) -> None:
    """Rows and position are one transaction."""
    rows = journals.keep(tmp_path, [journals.call("A")])
    database = connect(tmp_path / "index.db")
    done = project(rows, Fingerprint(b"k" * 32))
    done.record.append(done.record[0])

    with pytest.raises(sqlite3.IntegrityError):
        databases.apply(database, done, 7)

    assert database.execute("SELECT count(*) FROM record").fetchone() == (0,)
    assert position(database, 7) == START
    database.close()


def test_the_schema_is_made_in_steps(tmp_path: Path) -> None:
    """Each numbered file once, noted in the database; a second time nothing happens."""
    database = connect(tmp_path / "index.db")

    migrate(database)

    noted = database.execute("SELECT number, name FROM migration ORDER BY number").fetchall()
    assert noted == [(number, name) for number, name, _ in migrations()]
    assert [number for number, _ in noted] == list(range(1, len(noted) + 1))
    database.close()


def test_an_unknown_step_means_a_newer_version(tmp_path: Path) -> None:
    """A database from the future is not guessed at."""
    connect(tmp_path / "index.db").close()
    _newer(tmp_path)

    with pytest.raises(MisfitError, match="newer version"):
        connect(tmp_path / "index.db")
