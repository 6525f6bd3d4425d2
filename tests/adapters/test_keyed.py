"""An HMAC begun beforehand is the HMAC of the standard library."""

import hmac

from hypothesis import given
from hypothesis import strategies as st

from adapters.keyed import finished, keyed


@given(
    algorithm=st.sampled_from(["sha1", "sha256"]),
    key=st.binary(max_size=130),
    beginning=st.binary(max_size=20),
    rests=st.lists(st.binary(max_size=20)),
)
def test_it_is_the_standard_one(algorithm: str, key: bytes, beginning: bytes, rests: list[bytes]) -> None:
    """For a key of any length, and again and again from one beginning."""
    begun = keyed(key, algorithm, beginning)

    for rest in rests:
        assert finished(begun, rest) == hmac.digest(key, beginning + rest, algorithm)
