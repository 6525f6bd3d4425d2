"""The index built again from nothing but the journal; only while no daemon runs."""

from contextlib import closing
from itertools import islice
from pathlib import Path

from router.index.database import connect
from router.index.feeder import BATCH, alone, write
from router.index.fingerprint import load_fingerprint
from router.journal.files import records

INDEX = "index.db"


def rebuild(state: Path) -> int:
    """Build `index.db` in the *state* folder, and return how many records it holds."""
    with alone(state / INDEX):
        for suffix in ("", "-wal", "-shm"):
            (state / (INDEX + suffix)).unlink(missing_ok=True)
        with closing(connect(state / INDEX)) as database:
            rows, fingerprint = records(state / "journal"), load_fingerprint(state)
            while batch := list(islice(rows, BATCH)):
                write(database, batch, fingerprint)
            return int(database.execute("SELECT count(*) FROM record").fetchone()[0])
