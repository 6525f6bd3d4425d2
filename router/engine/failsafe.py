"""The fail-safe documents: what goes out when we ourselves are in trouble. Made beforehand, so that nothing can fail then."""

import attrs

from adapters.api import Answer, DropLeg, HangUp, Provider, RawResponse, Speak, TakeMessage
from router.engine.shared import UNWRITTEN
from rules.book import Failsafe

LONGEST_MESSAGE = 120
"""Seconds; what every provider takes."""


@attrs.frozen
class Documents:
    """
    The bytes for one provider.

    *waiting* is for a caller who waits: our words of regret, then a message is taken. *leg* ends the leg of a callee who
    cannot be joined with anybody, *over* a call after its message, *nothing* answers what only informs us.
    """

    waiting: RawResponse
    leg: RawResponse
    over: RawResponse
    nothing: RawResponse

    @classmethod
    def of(cls, provider: Provider, failsafe: Failsafe) -> "Documents":
        """Make them; raises whatever the provider's `write` raises, which is why this is done at load."""
        longest = min(LONGEST_MESSAGE, provider.capabilities.max_message_seconds)
        message = TakeMessage(failsafe.box, Speak(failsafe.say, None), longest, transcribe=False)
        return cls(
            waiting=provider.write(Answer(to="call", actions=(message,))),
            leg=provider.write(Answer(to="progress", actions=(DropLeg(),))),
            over=provider.write(Answer(to="progress", actions=(HangUp(),))),
            nothing=provider.write(Answer(to="status")),
        )

    def to(self, kind: str) -> RawResponse:
        """Return the answer for an event (or the path of a request) of *kind*."""
        match kind:
            case "call" | "next":
                return self.waiting
            case "text":
                return UNWRITTEN
            case "screen" | "accept":
                return self.leg
            case "message":
                return self.over
        return self.nothing
