"""Random bytes are handed out once each, in the order they came."""

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from router.chance import Chance


def _counted() -> Iterator[int]:
    number = 0
    while True:
        yield number
        number += 1


@given(counts=st.lists(st.integers(1, 4096), max_size=30))
def test_no_byte_is_handed_out_twice(counts: list[int]) -> None:
    """Whatever is asked for, each answer has the right length and comes from later in the source than the one before."""
    source = _counted()
    chance = Chance(lambda count: b"".join(next(source).to_bytes(4) for _ in range(count // 4)))

    found = [chance(count) for count in counts]

    assert [len(part) for part in found] == counts
    stream = b"".join(number.to_bytes(4) for number in range(next(source)))
    place = 0
    for part in found:
        place = stream.index(part, place) + len(part)


def test_the_system_is_the_source() -> None:
    """Two of them never agree."""
    assert Chance()(16) != Chance()(16)
