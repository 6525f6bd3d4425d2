"""Whoever is no peer: counted, written down once a minute, and never answered."""

import attrs
import structlog

from adapters.sip.asked import Statistics
from adapters.sip.peers import Transport

_PAUSE = 60.0
_MOST = 1024
"""Sources remembered; anybody can pretend to be many, so beyond that they are only counted until the minute is over."""


@attrs.define(eq=False)
class Strangers:
    """Keeps the log readable while somebody scans."""

    statistics: Statistics
    log: structlog.typing.FilteringBoundLogger
    _until: dict[str, float] = attrs.field(factory=dict, init=False)

    def note(self, ip: str, transport: Transport, now: float) -> None:
        """Count a knock from *ip* at *now* (seconds), and write it down unless that was done within the minute."""
        self.statistics.dropped("unlisted")
        if self._until.get(ip, now) > now:
            return
        if len(self._until) >= _MOST:
            self._until = {each: until for each, until in self._until.items() if until > now}
        if len(self._until) < _MOST:
            self._until[ip] = now + _PAUSE
            self.log.warning("sip.stranger", source=ip, transport=transport)
