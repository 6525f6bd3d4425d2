"""The clock of a demo that is put to another time: over the admin listener, by who knows the token, and under `--demo-clock` only."""

from typing import Any

import pytest
from twisted.internet.defer import Deferred

from router.clock import DemoClock, moment_of
from router.commands.run import demo_clock_at
from router.demo import DemoDesk


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param(b'{"now": "2026-11-24T10:00:00-05:00"}', 200, id="a moment"),
        pytest.param(b'{"now": "2026-11-24T10:00:00"}', 422, id="without an offset nobody knows when that is"),
        pytest.param(b'{"now": 5}', 422, id="a number"),
        pytest.param(b'{"then": "2026-11-24T10:00:00-05:00"}', 422, id="another key"),
        pytest.param(b'["now"]', 422, id="a list"),
        pytest.param(b"tomorrow", 422, id="no JSON"),
    ],
)
def test_the_clock_is_put(body: bytes, code: int) -> None:
    """To a moment, and everything that goes by it follows before the answer; anything else changes nothing."""
    followed: list[tuple[float, float]] = []

    async def follow(seconds: float) -> None:
        followed.append((clock.now(), seconds))

    clock = DemoClock()
    before = clock.now()
    answered: list[Any] = []
    Deferred.fromCoroutine(DemoDesk(clock, follow).put(body)).addCallback(answered.append)

    assert answered[0][0] == code
    if code == 200:
        assert 0 <= clock.now() - 1_795_532_400 < 5
        assert followed[0][0] - followed[0][1] == pytest.approx(before, abs=5)
    else:
        assert 0 <= clock.now() - before < 5
        assert not followed


def test_a_demo_may_begin_at_a_moment() -> None:
    """Or now; what is no moment is said."""
    assert 0 <= demo_clock_at("2026-11-24T10:00-05:00").now() - 1_795_532_400 < 5
    assert abs(demo_clock_at(None).now() - DemoClock().now()) < 5
    assert moment_of("2026-13-24T10:00-05:00") is None
    with pytest.raises(Exception, match="with its offset"):
        demo_clock_at("monday")
