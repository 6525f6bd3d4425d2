"""The wall clock, the demo's clock, and clocks that are set while we run."""

from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from router.clock import DEMO_HEADER, DemoClock, WallClock, Watch, epoch, iso, iso_seconds


class _Fixed:
    def now(self) -> float:
        return 1000.0

    def received_at(self, headers: object) -> float:
        raise AssertionError


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        pytest.param(["2026-11-24T10:00:00-05:00"], 1_795_532_400.0, id="a moment with its offset"),
        pytest.param(["2026-11-24 15:00Z"], 1_795_532_400.0, id="in UTC, without seconds"),
        pytest.param(["2026-11-24T15:00:00"], 1000.0, id="without an offset nobody knows when that is"),
        pytest.param(["2026-13-24T15:00:00Z"], 1000.0, id="no such month"),
        pytest.param(["tomorrow"], 1000.0, id="no moment at all"),
        pytest.param(["2026-11-24T15:00Z", "2026-11-25T15:00Z"], 1000.0, id="two of them"),
        pytest.param([], 1000.0, id="none"),
    ],
)
def test_a_demo_decides_for_the_moment_a_request_names(written: list[str], moment: float) -> None:
    """Anything but one clear moment means now."""
    clock = DemoClock(_Fixed())

    assert clock.received_at({DEMO_HEADER: written}) == moment
    assert clock.now() == 1000.0


def test_the_real_clock_is_not_moved_by_a_request() -> None:
    """Whatever its headers say."""
    clock = WallClock()
    before = clock.now()

    assert clock.received_at({DEMO_HEADER: ["1970-01-01T00:00Z"]}) >= before


@pytest.mark.parametrize(
    ("wall", "monotonic", "jump"),
    [
        pytest.param(61.0, 1.0, 0.0, id="both went on"),
        pytest.param(62.0, 1.0, 0.0, id="a second apart may be a slow beat"),
        pytest.param(62.001, 1.0, pytest.approx(1.001), id="more than that was somebody"),
        pytest.param(-3539.0, 1.0, pytest.approx(-3600.0), id="an hour back"),
    ],
)
def test_a_clock_that_was_set(wall: float, monotonic: float, jump: float) -> None:
    """Told by the distance between the two clocks; the first look only learns it."""
    watch = Watch(1.0)
    first = watch.jumped(60.0, 0.0)

    assert (first, watch.jumped(wall, monotonic)) == (0.0, jump)
    assert watch.jumped(wall + 1, monotonic + 1) == 0.0


def test_moments_are_written_in_utc_and_read_back() -> None:
    """To the microsecond, or to the second."""
    assert iso(1_795_532_400.25) == "2026-11-24T15:00:00.250000Z"
    assert epoch("2026-11-24T15:00:00.250000Z") == 1_795_532_400.25
    assert (iso_seconds(1_795_532_400), iso_seconds(None)) == ("2026-11-24T15:00:00Z", None)


@given(moment=st.floats(-60_000_000_000, 250_000_000_000))
@example(moment=1_795_532_400.999_999_6)
@example(moment=1_795_532_400.999_999_4)
@example(moment=-0.25)
def test_moments_are_written_as_datetime_writes_them(moment: float) -> None:
    """To the nearest microsecond, also where that is the next second."""
    plainly = datetime.fromtimestamp(moment, UTC).isoformat(timespec="microseconds")

    assert iso(moment) == plainly[:26] + "Z"
