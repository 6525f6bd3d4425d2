"""Where a call has been before it came here: who forwarded it, and how our own last try ended (RFC 5806, 7044, 3326)."""

from adapters.sip.message import Request
from rules.event import Diversion, Result


def diversions(request: Request, *, trusted: bool) -> tuple[Diversion, ...]:
    """
    Collect who forwarded the call, the nearest first, from Diversion, else from History-Info, of a *trusted* peer.

    One with `counter=3` is there three times, so that the length is the sum of the counters; never more than
    `adapters.lengths.HOPS`. A broken entry is passed over. Never raises.
    """
    raise NotImplementedError


def previous_result(request: Request, *, trusted: bool) -> Result | None:
    """
    Say how the contacts of our last answer ended, when a *trusted* proxy asks again for the same call; else None.

    Read from `Reason: SIP;cause=408`, else from a History-Info chain in which the Request-URI has been asked for before.
    """
    raise NotImplementedError
