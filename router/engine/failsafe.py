"""The fail-safe documents: what goes out when we ourselves are in trouble. Made beforehand, so that nothing can fail then."""

import attrs

from adapters.api import Answer, DropLeg, HangUp, Provider, RawResponse, Speak, TakeMessage
from router import ulid
from router.clock import iso
from router.engine.memory import Seen
from router.engine.shared import UNWRITTEN, Arrival, Handled, Json, Shared, answer_json, digest, public_part
from rules.book import Failsafe
from rules.event import Happening, IncomingCall

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


def note_failsafe(
    shared: Shared, arrival: Arrival, happening: Happening, response: RawResponse, reason: str
) -> Handled:
    """Write down that an event got the fail-safe document; for a call this is its decision."""
    public = public_part(shared, arrival, happening.id, response) | {
        "id": ulid.new(arrival.received_at) if arrival.kind == "call" else None,
        "rule": "failsafe",
        "layer": "failsafe",
        "reason": reason,
        "why": [f"the fail-safe document was given: {reason}"],
        "ruleset": shared.rules.current.book.ruleset,
    }
    private: Json = {"answer": answer_json(response)}
    if isinstance(happening, IncomingCall):
        box = shared.rules.current.book.failsafe.box
        public |= {"ends": "voicemail", "voicemail": box, "rings": [], "tries": [], "asked": []}
        public |= {"plan": [{"voicemail": box}], "number": None, "caller_class": None, "groups": []}
        private |= {"from": happening.caller, "to": happening.to, "call_id": happening.id}
    return Handled(shared.journal.append(arrival.kind, public, private).seq, response)


def note_late(shared: Shared, key: str, seen: Seen) -> None:
    """Write down that an event got other bytes than its record says, since the record was not on disk in time."""
    public = {
        "id": None,
        "key": key,
        "provider": key.partition("|")[0],
        "what": seen.kind,
        "reason": "deadline",
        "instead_of": seen.seq,
        "decided_at": iso(shared.clock.now()),
        "answer_sha256": digest(seen.response),
    }
    shared.journal.append("failsafe", public, {"answer": answer_json(seen.response)})
