"""
The state machine of one message: pure, from where it stands and what happened to what is recorded and where it then stands.

The moment and chance are arguments. docs/decisions/outbox.md says why it is as it is.
"""

from typing import Any

import attrs

from adapters.generic import rest
from adapters.outcome import CannotTell, Found, NotReached, NotThere, Outcome, Refused, Sent
from adapters.twilio.codes import again_after_receipt, said_by_receipt
from router.clock import iso
from router.masking import mask_text
from router.outbox.course import FIRST_LOOK, LEASE, Course, follow
from rules.source import printable

Json = dict[str, Any]

DELAYS = (0.0, 5.0, 30.0, 120.0, 600.0, 1800.0)
"""Seconds before the first try, the second, and so on; then hourly."""

HOURLY = 3600.0
DAY = 86_400.0
JITTER = 0.2

LOOKS = (FIRST_LOOK, 15.0, 60.0, 180.0, 360.0, 600.0)
"""Seconds after the doubt began at which the provider is asked whether it has the message."""

SETTLED = 60.0
"""From when on "not there" is believed: a provider may take a message, and only then show it."""

LIMIT = LOOKS[-1]
STALLED = 5.0
"""Seconds until the next try when the journal could not be written."""

REASON = 200
"""Characters of a reason that are kept."""

RESENT_AFTER = 600.0
"""Seconds until a text that did not arrive is tried once more: a phone may be on again, a queue shorter."""

UNCERTAIN = frozenset({"30008"})
"""Codes of receipts after which it may have arrived all the same: nobody has said why not (Twilio's)."""

OPTED_OUT = frozenset({"21610", rest.OPTED_OUT})
"""Codes of receipts that say: this recipient wants no texts (Twilio's, and that of a generic provider)."""


# ---------------------------------------------------------------- what may happen


@attrs.frozen
class Begin:
    """It is its turn."""


@attrs.frozen
class Stalled:
    """The record of the try did not reach the disk, so nothing was sent."""


@attrs.frozen
class Came:
    """The try number *fence* came back."""

    outcome: Outcome
    fence: int


@attrs.frozen
class LeaseOver:
    """The try did not come back in time."""


@attrs.frozen
class Lost:
    """We were ended while it was under way."""


@attrs.frozen
class Looked:
    """The provider was asked about the try number *fence*."""

    found: Found
    fence: int


@attrs.frozen
class Killed:
    """It may not be sent (any more)."""

    reason: str


@attrs.frozen
class Reported:
    """A receipt: *state* in our words (queued, sent, delivered, failed), *code* the provider's error."""

    state: str
    code: str | None = None


@attrs.frozen
class Retry:
    """An administrator wants it tried (again) now."""


@attrs.frozen
class Drop:
    """An administrator wants it gone."""


Event = Begin | Stalled | Came | LeaseOver | Lost | Looked | Killed | Reported | Retry | Drop


@attrs.frozen
class Step:
    """What the journal is told: a record's kind and what stands in it besides the message's key."""

    kind: str
    public: Json
    private: Json = attrs.field(factory=dict)


def advance(course: Course, event: Event, at: float, *, again: bool, spread: float) -> tuple[Course, Step | None]:
    """
    Say how *event* moves a message on, and what is to be recorded of it; nothing when it means nothing (any more).

    *again*: it may come twice, marked. *spread*: chance, from -1 to 1, by which delays are stretched.
    """
    step = _step(course, event, at, again=again, spread=spread)
    if step is not None:
        return follow(course, step.kind, step.public, at), step
    if isinstance(event, Looked) and course.phase == "unknown" and event.fence == course.fence:
        return attrs.evolve(course, due=_next_look(course, at)), None
    return course, None


# ---------------------------------------------------------------- which record there will be


def waited(seconds: float) -> float:
    """Return how long we wait when a provider asks for *seconds*: whatever it says, not less than nothing and not for ever."""
    return min(max(0.0, seconds), DAY)


def _step(course: Course, event: Event, at: float, *, again: bool, spread: float) -> Step | None:
    match course.phase, event:
        case "waiting", Begin():
            return Step("attempt", {"n": course.tries + 1, "fence": course.fence + 1, "repeat": course.repeat})
        case "waiting", Killed(reason=reason):
            return _unsent_step("dead", reason)
        case "sending", Stalled():
            return _unsent_step("retry", "the journal could not be written", again_at=iso(at + STALLED), untried=True)
        case "sending", LeaseOver():
            return _unsent_step("unknown", f"no answer within {LEASE:.0f} s")
        case "sending", Lost():
            return _unsent_step("unknown", "we were stopped while it was under way")
        case (("sending" | "unknown"), Came(fence=course.fence, outcome=outcome)):
            return _came(course, outcome, at, spread=spread)
        case "unknown", Looked(fence=course.fence, found=found):
            return _looked(course, found, at, again=again, spread=spread)
        case "sent", Reported(state=("delivered" | "failed") as state, code=code):
            resend = again and not course.resent and state == "failed" and again_after_receipt(code)
            return _receipt(state, code, again_at=at + RESENT_AFTER if resend else None)
        case (("waiting" | "unknown" | "dead" | "failed" | "dropped"), Retry()):
            return Step("retried", {})
        case (("waiting" | "unknown" | "dead" | "failed"), Drop()):
            return Step("dropped", {})
    return None


def _came(course: Course, outcome: Outcome, at: float, *, spread: float) -> Step | None:
    """Record what a try brought; a late one that brings no news is nothing."""
    match outcome:
        case Sent(reference=reference):
            return Step("sent", {"fence": course.fence, "repeat": course.repeat}, {"reference": reference})
        case Refused(permanent=True, reason=reason, opted_out=opted_out):
            return _unsent_step("dead", reason, **({"opted_out": True} if opted_out else {}))
        case Refused(reason=reason, retry_after=wait):
            return _later(course, reason, at, spread=spread, wait=wait or 0.0)
        case NotReached(reason=reason):
            return _later(course, reason, at, spread=spread)
    return _unsent_step("unknown", outcome.reason) if course.phase == "sending" else None


def _looked(course: Course, found: Found, at: float, *, again: bool, spread: float) -> Step | None:
    """Record what a look-up settled; nothing when the provider is to be asked once more."""
    doubted_for = at - (course.doubted or 0.0)
    match found:
        case Sent():
            return _came(course, found, at, spread=spread)
        case NotThere() if doubted_for >= SETTLED:
            return _later(course, "the provider does not have it", at, spread=spread)
        case NotThere() | CannotTell() if doubted_for < LIMIT:
            return None
    if again and not course.repeat:
        return _later(course, "nobody can say whether it went out", at, spread=spread, repeat=True)
    return _unsent_step("dead", "nobody can say whether it went out", unknown=True)


def _later(course: Course, reason: str, at: float, *, spread: float, wait: float = 0.0, repeat: bool = False) -> Step:
    """Record that it is tried again when the schedule says so, not before *wait* seconds; or that it is given up."""
    delay = DELAYS[course.tries] if course.tries < len(DELAYS) else HOURLY
    due = max(course.began + delay * (1 + JITTER * spread), at + waited(wait))
    if due > (course.first or course.began) + DAY:
        return _unsent_step("dead", f"given up after 24 hours: {reason}")
    return _unsent_step("retry", reason, again_at=iso(max(at, due)), **({"repeat": True} if repeat else {}))


def _next_look(course: Course, at: float) -> float:
    """Return when the provider is asked again after having been asked *at*."""
    doubted = course.doubted or 0.0
    return next((doubted + after for after in LOOKS if doubted + after > at), at + FIRST_LOOK)


def _unsent_step(outcome: str, reason: str, **more: object) -> Step:
    """Record that it is not out; a number that a reason holds against all rules is masked as anywhere."""
    return Step("unsent", {"outcome": outcome, "reason": mask_text(reason)[:REASON], **more})


def _receipt(state: str, code: str | None, again_at: float | None) -> Step:
    public: Json = {"outcome": state}
    if state == "failed":
        said = said_by_receipt(code)
        words = f"not delivered: {said}" if said else "not delivered"
        public["reason"] = f"{words} ({printable(code)[:REASON]})" if code else words
        public |= {"opted_out": True} if code in OPTED_OUT else {}
    if again_at is not None:
        public |= {"again_at": iso(again_at)} | ({"repeat": True} if code in UNCERTAIN else {})
    return Step("receipt", public)
