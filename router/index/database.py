"""The SQLite file of the index: opened, brought up to date by numbered SQL files, and written a batch at a time."""

import re
import sqlite3
from contextlib import closing, suppress
from importlib.resources import files
from pathlib import Path

from router.index import outbox
from router.index.project import Rows
from router.journal.record import START, Point

DAY = 86_400_000_000
"""Microseconds."""

KEEP_CALLS = DAY
"""How long a call may go without a word before it no longer counts as live."""

KEEP_CONVERSATIONS = 60 * DAY
"""How long a conversation may go without a word before nobody can mean it any more; longer than `conversation_for` ever is."""

CHECKPOINT = 2_000
"""
Pages (4 KiB) in the log of the database before they are brought home: eight megabytes.

The journal waits for the same disk meanwhile. With forty megabytes each of its syncs took 6 ms for a sixth of a second; with SQLite's own
1,000 pages it would come twice as often and write the same pages again.
"""

BROKEN = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class MisfitError(Exception):
    """The database is sound, but it is not the index of this journal (or not of this version)."""


def connect(path: Path) -> sqlite3.Connection:
    """
    Open the one writing connection, bringing an older schema up to date; raise `sqlite3.Error` or `MisfitError`.

    `synchronous=NORMAL` loses the last transactions in a power cut and never tears the file; the position goes back with
    them, and the journal has the rows.
    """
    path.touch(mode=0o600)
    database = sqlite3.connect(path, timeout=1.0, isolation_level=None, check_same_thread=False)
    try:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=NORMAL")
        database.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT}")
        migrate(database)
    except BaseException:
        database.close()
        raise
    return database


def migrations() -> list[tuple[int, str, str]]:
    """Return number, name and SQL of every step of the schema, in order."""
    named = [(re.fullmatch(r"([0-9]{3})_(\w+)\.sql", file.name), file) for file in files("router.index").iterdir()]
    return sorted((int(name[1]), name[2], file.read_text(encoding="utf-8")) for name, file in named if name)


def migrate(database: sqlite3.Connection) -> None:
    """Apply the steps the file has not seen, each with its note in one transaction."""
    database.execute("CREATE TABLE IF NOT EXISTS migration (number INTEGER PRIMARY KEY, name TEXT NOT NULL)")
    seen = {number for (number,) in database.execute("SELECT number FROM migration")}
    steps = migrations()
    if seen - {number for number, _, _ in steps}:
        raise MisfitError("it was made by a newer version of switchhook")
    for number, name, sql in steps:
        if number not in seen:
            note = f"INSERT INTO migration VALUES ({number}, '{name}')"  # noqa: S608  both from our own file names
            database.executescript(f"BEGIN;\n{sql}\n{note};\nCOMMIT;")


def position(database: sqlite3.Connection, fingerprint: int) -> Point:
    """Return up to which record the index is, `START` for a new one; raise `MisfitError` when its key was another."""
    found = database.execute("SELECT seq, hash, fingerprint FROM position").fetchone()
    if found is None:
        return START
    if found[2] != fingerprint:
        raise MisfitError("its key is gone")
    return Point(found[0], found[1])


def apply(database: sqlite3.Connection, rows: Rows, fingerprint: int) -> None:
    """Write a batch and its position in one transaction; on any error nothing of it is kept."""
    database.execute("BEGIN IMMEDIATE")
    try:
        database.executemany("INSERT INTO record VALUES (?,?,?,?,?,?,?,?,?,?,?)", rows.record)
        database.executemany(
            "INSERT INTO live VALUES (?,?,?,?) ON CONFLICT (id) DO UPDATE SET"
            " seq = excluded.seq, at = excluded.at, over = CASE WHEN over = 1 THEN 1 ELSE excluded.over END",
            [(call, *state) for call, state in rows.live.items()],
        )
        outbox.write(database, rows.outbox, rows.newest)
        database.executemany(
            "INSERT INTO consent VALUES (?,?,?,?) ON CONFLICT (number, caller) DO UPDATE SET"
            " stopped = excluded.stopped, seq = excluded.seq",
            [(*pair, *word) for pair, word in rows.consent.items()],
        )
        database.executemany("INSERT INTO reply VALUES (?,?,?)", rows.reply)
        database.executemany("DELETE FROM override WHERE id = ?", [(id_,) for id_ in rows.override])
        standing = [(id_, seq) for id_, seq in rows.override.items() if seq is not None]
        database.executemany("INSERT INTO override VALUES (?,?)", standing)
        database.executemany(
            "INSERT INTO conversation VALUES (?,?,?) ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, at = excluded.at",
            [(id_, *last) for id_, last in rows.conversation.items()],
        )
        database.execute("DELETE FROM conversation WHERE at < ?", (rows.newest - KEEP_CONVERSATIONS,))
        database.executemany(
            "INSERT INTO spoke VALUES (?,?,?,?) ON CONFLICT (number, caller) DO UPDATE SET"
            " person = excluded.person, at = excluded.at",
            [(*pair, *talk) for pair, talk in rows.spoke.items()],
        )
        database.execute("DELETE FROM spoke WHERE at < ?", (rows.newest - DAY,))
        database.execute("DELETE FROM live WHERE at < ?", (rows.newest - KEEP_CALLS,))
        database.execute("DELETE FROM reply WHERE at < ?", (rows.newest - DAY,))
        database.execute(
            "INSERT INTO position VALUES (1, ?, ?, ?) ON CONFLICT (only) DO UPDATE SET"
            " seq = excluded.seq, hash = excluded.hash, fingerprint = excluded.fingerprint",
            (*rows.last, fingerprint),
        )
        database.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            database.execute("ROLLBACK")
        raise


def set_aside(path: Path) -> None:
    """Rename a database nobody can use to `index.db.bad`, out of the way of the one that is rebuilt."""
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    with suppress(FileNotFoundError):
        path.replace(path.with_name(path.name + ".bad"))


def is_broken(error: sqlite3.Error) -> bool:
    """Say whether the file itself is damaged; otherwise it may only be locked, or the disk full."""
    return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in BROKEN


def reading(path: Path) -> sqlite3.Connection:
    """Open a connection that can only read; raise `sqlite3.Error` when there is nothing to read."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=0.2, isolation_level=None)


def is_index(path: Path) -> bool:
    """Say whether *path* can be read as an index of this version."""
    try:
        with closing(reading(path)) as database:
            seen = [number for (number,) in database.execute("SELECT number FROM migration ORDER BY number")]
    except sqlite3.Error:
        return False
    return seen == [number for number, _, _ in migrations()]
