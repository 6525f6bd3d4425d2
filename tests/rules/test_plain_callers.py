"""In every country there is a caller of each kind whom no list names."""

import pytest
from phonenumbers import SUPPORTED_REGIONS

from rules.callers import identify
from rules.spaces import PLAIN, TRIES


@pytest.mark.parametrize("kind", PLAIN)
def test_a_plain_caller_is_found_wherever_the_business_is(kind: str) -> None:
    """What is no number in one country may be one in another; the analysis must not depend on it."""
    tried = [shape.format(at) for shape in PLAIN[kind] for at in range(TRIES)]

    without = [region for region in SUPPORTED_REGIONS if not any(identify(raw, region).cls == kind for raw in tried)]

    assert without == []
