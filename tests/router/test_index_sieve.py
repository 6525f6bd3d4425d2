"""What is certainly not in the index is never looked up; what is in it always is."""

from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.index.database import connect
from router.index.feeder import Feeder
from router.index.fingerprint import load_fingerprint, of_key
from router.index.rebuild import rebuild
from router.index.sieve import BITS, SMALLEST, Sieve, room
from router.index.sqlite import Reader, SqliteIndex

KEYS = st.integers(-(2**63), 2**63 - 1)


@pytest.fixture(scope="module")
def sieve(tmp_path_factory: pytest.TempPathFactory) -> Sieve:
    """Return one that is ready, of an index that is empty."""
    database = connect(tmp_path_factory.mktemp("index") / "index.db")
    made = Sieve()
    made.fill(database)
    database.close()
    return made


@given(keys=st.lists(KEYS))
def test_what_was_taken_in_is_never_passed_over(sieve: Sieve, keys: list[int]) -> None:
    """Whatever its bits are."""
    sieve.add(keys)

    assert not any(sieve.lacks(key) for key in keys)


def test_most_new_events_are_known_to_be_new(tmp_path: Path) -> None:
    """With as many keys as there is room for, some two in a hundred are looked up in vain."""
    made = Sieve()
    made._bits, made._mask, made.ready = bytearray(2048), 2048 * 8 - 1, True
    made.add(of_key(f"twilio|AC1|call|CA{number}") for number in range(1024))

    passed = sum(not made.lacks(of_key(f"twilio|AC1|call|CB{number}")) for number in range(10_000))

    assert 50 < passed < 300


def test_until_it_is_filled_everything_is_looked_up() -> None:
    """The database may hold any key."""
    assert not Sieve().lacks(of_key("twilio|AC1|call|CA1"))


@pytest.mark.parametrize(
    ("keys", "least"),
    [
        pytest.param(0, SMALLEST * BITS, id="an empty index has room for a million"),
        pytest.param(SMALLEST // 2, SMALLEST * BITS, id="half a million fit as well"),
        pytest.param(SMALLEST // 2 + 1, 2 * SMALLEST * BITS, id="one more makes it larger"),
    ],
)
def test_there_is_room_for_twice_as_many(keys: int, least: int) -> None:
    """A power of two, so that a mask finds the bit."""
    assert room(keys) == least


def test_events_of_before_the_start_are_found(journals: ModuleType, tmp_path: Path) -> None:
    """The keys in the database go in first, those of later records with them."""
    rows = journals.keep(tmp_path, [journals.call("A"), journals.call("B"), journals.call("C")])
    keys = [row.record.public["key"] for row in rows]
    rebuild(tmp_path)
    fingerprint = load_fingerprint(tmp_path)
    path, journal = tmp_path / "index.db", tmp_path / "journal"
    feeder = Feeder(path, journal, fingerprint, durable=3, gather=0.0)
    index = SqliteIndex(Reader(path, journal, fingerprint), feeder)
    feeder.open()
    feeder._round()

    found = [index.find(key) for key in keys]

    assert feeder.sieve.ready
    assert found == [row.record for row in rows]
    index.reader.path = tmp_path / "gone"  # what is new is told without it
    assert index.find("twilio|AC1|call|new") is None
    assert feeder._database is not None
    feeder._database.close()
    index.reader.close()
