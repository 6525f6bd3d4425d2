"""The index follows the journal: fed in order, caught up after a gap, rebuilt when it is lost, and never in the way."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from router.index import database as databases
from router.index import feeder as feeders
from router.index.database import MisfitError, connect, migrate, migrations, position
from router.index.feeder import Feeder
from router.index.fingerprint import KEY, Fingerprint, load_fingerprint
from router.index.rebuild import rebuild
from router.index.sqlite import Reader, SqliteIndex
from router.journal.record import START

Fed = Callable[..., SqliteIndex]


@pytest.fixture
def opened(tmp_path: Path) -> Fed:
    """Return what opens the index of the state folder as the daemon does; its thread is not started."""

    def opened(durable: int = 0, **settings: Any) -> SqliteIndex:
        fingerprint = load_fingerprint(tmp_path)
        path, journal = tmp_path / "index.db", tmp_path / "journal"
        feeder = Feeder(path, journal, fingerprint, durable, gather=0.0, **settings)
        return SqliteIndex(Reader(path, journal, fingerprint), feeder)

    return opened


def seqs(index: SqliteIndex) -> list[int]:
    """Return the records the index knows."""
    return [seq for (seq,) in index.reader.ask("SELECT seq FROM record ORDER BY seq")]


def _newer(state: Path) -> None:
    with sqlite3.connect(state / "index.db") as database:
        database.execute("INSERT INTO migration VALUES (999, 'future')")
    database.close()


def _forget(state: Path) -> None:
    [path] = (state / "journal").glob("*.jsonl")
    rows = path.read_bytes().rstrip(b"\n").split(b"\n")
    path.write_bytes(b"\n".join(rows[:-1]) + b"\n")


def test_what_is_fed_is_found(journals: ModuleType, opened: Fed, tmp_path: Path) -> None:
    """The answer of an event is found by its key, from the thread's writing on."""
    rows = journals.keep(tmp_path, [journals.call("A"), journals.call("B")])
    index = opened()
    assert index.feeder.open() is None
    index.feeder.start()

    index.feed(rows[:1])
    index.feed(rows[1:])
    index.feeder.close()

    assert (index.position(), index.up, index.lag()) == (2, True, 0.0)
    found = index.find("twilio|AC1|call|CAB")
    assert found == rows[1].record
    assert index.find("twilio|AC1|call|CAC") is None
    index.close()


def test_lag_is_how_long_the_oldest_row_has_waited(journals: ModuleType, opened: Fed, tmp_path: Path) -> None:
    """Nothing waiting is no lag; the clock runs from the first row that waits."""
    rows = journals.keep(tmp_path, [journals.call("A"), journals.call("B")])
    moments = iter([100.0, 107.0])
    index = opened(seconds=lambda: next(moments))
    index.feeder.open()
    before = index.lag()

    index.feed(rows[:1])
    index.feed(rows[1:])

    assert (before, index.lag()) == (0.0, 7.0)
    index.feeder._round()
    assert index.lag() == 0.0


def test_what_was_missed_is_read_from_the_journal(journals: ModuleType, opened: Fed, tmp_path: Path) -> None:
    """At start the thread takes up what is beyond its position; rows that are not durable yet stay out."""
    rows = journals.keep(tmp_path, [journals.call(str(n)) for n in range(5)])
    index = opened(durable=4)
    index.feeder.open()

    index.feeder._round()

    assert (seqs(index), index.position()) == ([1, 2, 3, 4], 4)
    index.feed(rows[4:])
    index.feeder._round()
    assert seqs(index) == [1, 2, 3, 4, 5]


def test_rows_beyond_what_memory_keeps_are_read_again(
    journals: ModuleType, opened: Fed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An index that is down for long does not fill the memory; afterwards nothing is missing."""
    monkeypatch.setattr(feeders, "WAITING", 2)
    rows = journals.keep(tmp_path, [journals.call(str(n)) for n in range(6)])
    index = opened()
    index.feeder.open()

    for row in rows:
        index.feed([row])
    kept = len(index.feeder._waiting)
    index.feeder._round()
    index.feeder._round()

    assert (kept, seqs(index)) == (2, [1, 2, 3, 4, 5, 6])


def test_a_locked_database_is_tried_again(journals: ModuleType, opened: Fed, tmp_path: Path) -> None:
    """While somebody holds it the index is down and nothing is lost; afterwards it is up by itself."""
    rows = journals.keep(tmp_path, [journals.call("A"), journals.call("B")])
    index = opened()
    index.feeder.open()
    index.feed(rows[:1])
    index.feeder._round()
    index.feeder._database.execute("PRAGMA busy_timeout=0")
    other = sqlite3.connect(tmp_path / "index.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    index.feed(rows[1:])
    index.feeder._round()
    sick = (index.up, index.position(), index.lag() > 0)
    other.execute("ROLLBACK")
    other.close()
    index.feeder._round()

    assert sick == (False, 1, True)
    assert (index.up, seqs(index), index.lag()) == (True, [1, 2], 0.0)


def test_an_index_that_cannot_be_opened_at_start_is_opened_later(
    journals: ModuleType, opened: Fed, tmp_path: Path
) -> None:
    """Calls need no index: the daemon starts, answers every look-up with nothing, and catches up."""
    journals.keep(tmp_path, [journals.call("A")])
    (tmp_path / "index.db").mkdir()
    index = opened(durable=1)

    note = index.feeder.open()
    index.feeder._round()
    sick = (index.up, index.find("twilio|AC1|call|CAA"), index.position())
    (tmp_path / "index.db").rmdir()
    index.feeder._round()

    assert note is not None
    assert note.startswith("it cannot be opened")
    assert sick == (False, None, 0)
    assert index.up
    assert index.find("twilio|AC1|call|CAA") is not None


def test_a_fault_of_ours_does_not_end_the_thread(
    journals: ModuleType, opened: Fed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is logged, the index is down, and the next round goes on where the last good one ended."""
    rows = journals.keep(tmp_path, [journals.call("A")])
    index = opened()
    index.feeder.open()
    with monkeypatch.context() as patch:
        patch.setattr(feeders, "project", lambda *_: 1 / 0)
        index.feed(rows)
        index.feeder._round()
        sick = index.up

    index.feeder._round()

    assert (sick, index.up, seqs(index)) == (False, True, [1])


def test_a_database_damaged_while_it_runs_is_rebuilt(journals: ModuleType, opened: Fed, tmp_path: Path) -> None:
    """The damaged file is set aside, and everything is there again; readers see the new file."""
    rows = journals.keep(tmp_path, [journals.call(str(n)) for n in range(3)])
    index = opened()
    index.feeder.open()
    index.feed(rows[:2])
    index.feeder._round()
    assert seqs(index) == [1, 2]

    index.feeder._refused(_corrupt())
    index.feed(rows[2:])
    index.feeder._round()

    assert (tmp_path / "index.db.bad").exists()
    assert (seqs(index), index.up) == ([1, 2, 3], True)


def _corrupt() -> sqlite3.Error:
    error = sqlite3.DatabaseError("database disk image is malformed")
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return error


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
    journals: ModuleType, opened: Fed, tmp_path: Path, spoil: Callable[[Path], None], why: str
) -> None:
    """It is set aside with a sentence that says why, and built from the journal."""
    journals.keep(tmp_path, [journals.call(str(n)) for n in range(3)])
    rebuild(tmp_path)
    spoil(tmp_path)
    index = opened(durable=3)

    note = index.feeder.open()
    index.feeder._round()

    assert note is not None
    assert why in note
    assert index.position() == len(seqs(index)) >= 2
    assert (tmp_path / "index.db").stat().st_mode & 0o777 == 0o600


def test_a_stop_during_catching_up_leaves_the_rest_for_the_next_start(
    journals: ModuleType, opened: Fed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The daemon need not wait for a million old rows to stop."""
    monkeypatch.setattr(feeders, "BATCH", 2)
    journals.keep(tmp_path, [journals.call(str(n)) for n in range(5)])
    index = opened(durable=5)
    index.feeder.open()
    index.feeder._stop.set()

    index.feeder._round()
    first = index.position()
    index.feeder._stop.clear()
    index.feeder._round()

    assert (first, index.position()) == (2, 5)


def test_closing_an_index_that_never_opened(opened: Fed, tmp_path: Path) -> None:
    """Nothing was there to be closed."""
    (tmp_path / "index.db").mkdir()
    index = opened()
    index.feeder.open()
    index.feeder.start()

    index.close()

    assert not index.up


def test_a_failed_batch_leaves_nothing_behind(journals: ModuleType, tmp_path: Path) -> None:
    """Rows and position are one transaction."""
    rows = journals.keep(tmp_path, [journals.call("A")])
    database = connect(tmp_path / "index.db")
    done = feeders.project(rows, Fingerprint(b"k" * 32))
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
