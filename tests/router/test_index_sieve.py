"""What is certainly not in the index is never looked up; what is in it always is."""

import os
from contextlib import closing
from mmap import mmap
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.index.database import connect
from router.index.fingerprint import of_key
from router.index.rebuild import rebuild
from router.index.sieve import BITS, SMALLEST, Sieve, room, shared_bits

KEYS = st.integers(-(2**63), 2**63 - 1)


@pytest.fixture(scope="module")
def sieve() -> Sieve:
    """Return one that holds nothing."""
    return Sieve(mmap(-1, 1 << 16))


@given(keys=st.lists(KEYS))
def test_what_was_taken_in_is_never_passed_over(sieve: Sieve, keys: list[int]) -> None:
    """Whatever its bits are."""
    sieve.add(keys)

    assert not any(sieve.lacks(key) for key in keys)


def test_most_new_events_are_known_to_be_new() -> None:
    """With as many keys as there is room for, some two in a hundred are looked up in vain."""
    made = Sieve(mmap(-1, 2048))
    made.add(of_key(f"twilio|AC1|call|CA{number}") for number in range(1024))

    passed = sum(not made.lacks(of_key(f"twilio|AC1|call|CB{number}")) for number in range(10_000))

    assert 50 < passed < 300


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
    """The keys in the database go in first."""
    rows = journals.keep(tmp_path, [journals.call("A"), journals.call("B"), journals.call("C")])
    keys = [of_key(row.record.public["key"]) for row in rows]
    rebuild(tmp_path)
    bits = shared_bits(3)
    writes, reads = Sieve.at(bits), Sieve.at(bits)
    before = [reads.lacks(key) for key in keys]

    with closing(connect(tmp_path / "index.db")) as database:
        writes.fill(database)
    os.close(bits)

    assert before == [True] * 3
    assert [reads.lacks(key) for key in keys] == [False] * 3
    assert reads.lacks(of_key("twilio|AC1|call|new"))
