"""Starting things in order, and stopping what was started in the reverse order, whatever happens in between."""

from collections.abc import Awaitable, Callable

import attrs
import structlog

Stop = Callable[[], "Awaitable[object] | None"]


@attrs.define(eq=False)
class Started:
    """
    What has been started so far, and how each of it is stopped.

    Twisted's own `MultiService` leaves the siblings running when one start fails.
    """

    _stops: list[tuple[str, Stop]] = attrs.field(factory=list)

    def add(self, name: str, stop: Stop) -> None:
        """Note that *name* runs, and what stops it."""
        self._stops.append((name, stop))

    async def stop(self) -> bool:
        """Stop everything, the newest first; says whether all went well. What fails is logged and does not keep the rest."""
        well = True
        while self._stops:
            name, stop = self._stops.pop()
            try:
                waiting = stop()
                if waiting is not None:
                    await waiting
            except Exception:
                structlog.get_logger().exception("daemon.stop-failed", part=name)
                well = False
        return well
