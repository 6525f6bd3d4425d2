"""What may be done to a daemon that plays a part (`run --demo-clock`): its clock is put to another time."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import attrs

from router.clock import DemoClock, iso, moment_of

CLOCK = "/-/demo-clock"
"""Where that is asked for."""


@attrs.frozen(eq=False)
class DemoDesk:
    """Puts the *clock* to other times; *follow* then has everything looked at that goes by it, told how many seconds it was put on."""

    clock: DemoClock
    follow: Callable[[float], Awaitable[None]]

    async def put(self, body: bytes) -> tuple[int, dict[str, Any]]:
        """Put the clock to the moment that *body* names, `{"now": "2026-11-24T10:00:00-05:00"}`; answer when all has followed."""
        try:
            moment = moment_of(json.loads(body)["now"])
        except (ValueError, TypeError, KeyError, AttributeError):
            moment = None
        if moment is None:
            return 422, {"error": 'say {"now": "2026-11-24T10:00:00-05:00"}: a moment with its offset'}
        seconds = moment - self.clock.now()
        self.clock.put(moment)
        await self.follow(seconds)
        return 200, {"now": iso(self.clock.now())}
