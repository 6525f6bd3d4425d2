"""The one wall clock. Everything else is told the moment; timers run on the reactor's monotonic seconds."""

import re
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from math import floor
from typing import Protocol

import attrs

DEMO_HEADER = "switchhook-demo-now"
"""The request header (lower case) that names the moment to decide for, honoured under `run --demo-clock` only."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WHEN = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)")


class Clock(Protocol):
    """What time it is, for people."""

    def now(self) -> float:
        """Return UTC epoch seconds."""

    def received_at(self, headers: Mapping[str, Sequence[str]]) -> float:
        """Return the moment to decide a request with these (lower-case) *headers* for, UTC epoch seconds."""


@attrs.frozen
class WallClock:
    """The machine's clock; nothing in a request can move it."""

    def now(self) -> float:
        """Return UTC epoch seconds."""
        return time.time()  # noqa: TID251  the one place

    def received_at(self, headers: Mapping[str, Sequence[str]]) -> float:  # noqa: ARG002
        """Return the present moment, whatever the request says."""
        return self.now()


@attrs.define(eq=False)
class DemoClock:
    """
    The machine's clock, unless it is put to another time or a request names its own moment; for loopback listeners only.

    Put to another time, it goes on from there.
    """

    wall: Clock = attrs.field(factory=WallClock)
    _ahead: float = attrs.field(default=0.0, init=False)

    def now(self) -> float:
        """Return UTC epoch seconds."""
        return self.wall.now() + self._ahead

    def put(self, moment: float) -> None:
        """Let it be *moment* (UTC epoch seconds) now."""
        self._ahead = moment - self.wall.now()

    def received_at(self, headers: Mapping[str, Sequence[str]]) -> float:
        """Return the moment the request names (ISO 8601 with an offset), else the present one."""
        written = headers.get(DEMO_HEADER, ())
        named = moment_of(written[0]) if len(written) == 1 else None
        return self.now() if named is None else named


def moment_of(written: str) -> float | None:
    """Read a moment with its offset, `2026-11-24T10:00-05:00`, as UTC epoch seconds; None when it is none."""
    if not _WHEN.fullmatch(written.strip()):
        return None
    try:
        return datetime.fromisoformat(written.strip()).timestamp()
    except ValueError:
        return None


@attrs.define
class Watch:
    """Compares the wall clock with the monotonic one, and tells how far somebody has set it."""

    tolerance: float
    _apart: float | None = None

    def jumped(self, wall: float, monotonic: float) -> float:
        """Return by how many seconds the wall clock was set since the last look; 0.0 when it just went on."""
        apart = wall - monotonic
        before, self._apart = self._apart, apart
        if before is None or abs(apart - before) <= self.tolerance:
            return 0.0
        return apart - before


def iso(moment: float) -> str:
    """
    Write epoch seconds as RFC 3339 in UTC, to the microsecond: `2026-11-22T14:03:09.123456Z`.

    Four times for each call, and thousands of them within one second; so what a second looks like is remembered.
    """
    second = floor(moment)
    microseconds = round((moment - second) * 1e6)
    if microseconds == 1_000_000:
        second, microseconds = second + 1, 0
    return f"{_to_the_second(second)}.{microseconds:06}Z"


@lru_cache(maxsize=16)
def _to_the_second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat()[:19]


def iso_seconds(moment: int | None) -> str | None:
    """Write whole epoch seconds as `2026-11-22T14:03:09Z`; None stays None."""
    return None if moment is None else datetime.fromtimestamp(moment, UTC).isoformat()[:19] + "Z"


def epoch(written: str) -> float:
    """Read what `iso` wrote."""
    return (datetime.fromisoformat(written) - _EPOCH) / timedelta(seconds=1)
