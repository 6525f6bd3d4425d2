"""When a provider that does not answer is left alone: opens after failures in a row, lets a probe through now and then. Pure."""

import attrs

FAILURES = 5
"""Failures in a row that open it."""

PROBE = 15.0
"""Seconds between two probes while it is open."""


@attrs.define
class Breaker:
    """The breaker of one provider; moments are seconds of any one clock."""

    failures: int = 0
    until: float = 0.0

    @property
    def open(self) -> bool:
        """Whether the provider has failed so often that only probes go out."""
        return self.failures >= FAILURES

    def allows(self, at: float) -> bool:
        """Say whether a try may go out."""
        return at >= self.until

    def began(self, at: float) -> None:
        """Note that a try goes out; while open it is a probe, and the next one has to wait."""
        if self.open:
            self.until = max(self.until, at + PROBE)

    def failed(self, at: float) -> bool:
        """Note a failure; True when it has opened just now."""
        self.failures += 1
        if self.failures == FAILURES:
            self.until = max(self.until, at + PROBE)
            return True
        return False

    def worked(self) -> bool:
        """Note that the provider answers; True when it was open until now."""
        was, self.failures = self.open, 0
        if was:
            self.until = 0.0
        return was

    def pause(self, until: float) -> None:
        """Let nothing through before *until*: the provider has asked for that."""
        self.until = max(self.until, until)
