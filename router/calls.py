"""Calls we have answered and that are not over: where each is in its plan, and which phones ring for it right now."""

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from itertools import takewhile

import attrs

from adapters.api import RawResponse
from rules.callstate import CallState, Dial

LONGEST = 4.5 * 3600
"""Seconds after which a call of which nothing more was heard is taken as over; providers end calls after four hours."""

LINGERS = 3600.0
"""Seconds a call that is over is still known, for the recordings and reports that come late."""

GRACE = 15.0
"""Seconds a phone may ring on after its time: providers round up, and the report of it takes a moment."""


@attrs.define(eq=False)
class LiveCall:
    """
    One call.

    *id* is our reference (a ULID), *call_id* the provider's. *caller* and *to* stand as the provider wrote them. *touched* is
    when we heard of it last, by the wall clock, whatever moment a demo decides for. *since* is when it came to where it is now,
    *rang* how long (seconds) the phones of each stage that is left have rung, by its position. *transcript* is
    what was said in a message ("" when nobody could make it out; None: not known yet). *answers* are what was answered to each
    step that has ended, by step, so that a step reported twice gets the same bytes.
    """

    id: str
    provider: str
    account: str
    call_id: str
    number: str
    caller: str
    to: str
    state: CallState
    touched: float
    since: float = 0.0
    rang: dict[int, int] = attrs.field(factory=dict)
    transcript: str | None = attrs.field(default=None, repr=False)
    answers: dict[int, RawResponse] = attrs.field(factory=dict)

    def rang_out(self, state: CallState, at: float) -> int | None:
        """Return for how many seconds phones have rung that are left in vain when *state* comes at *at*; None: there are none."""
        stays = state.position == self.state.position and not state.over
        if self.state.over or stays or state.answered or not isinstance(self.state.stage, Dial):
            return None
        return max(0, round(at - self.since))

    def leave(self, state: CallState, at: float) -> None:
        """Note how long it rang where the call is, if it goes on to another place, or ends, with *state* at that moment."""
        seconds = self.rang_out(state, at)
        if seconds is not None:
            self.rang[self.state.position] = seconds
        if state.position != self.state.position:
            self.since = at

    def rung(self) -> tuple[tuple[str, int], ...]:
        """Return who has been rung, in order, and for how many seconds; where nobody measured it, for as long as was meant."""
        return self.state.rang(self.rang)


@attrs.define(eq=False)
class LiveCalls:
    """
    All of them, by our reference and by the provider's, and the addresses that ring.

    *_live* and *_over* are in the order in which we last heard of the calls, so what is old stands in front: ten thousand calls
    are not walked through every second.
    """

    _live: dict[str, LiveCall] = attrs.field(factory=dict)
    _over: dict[str, LiveCall] = attrs.field(factory=dict)
    _by_provider: dict[tuple[str, str, str], LiveCall] = attrs.field(factory=dict)
    _ringing: dict[str, dict[str, float]] = attrs.field(factory=dict)
    _unheard: list[tuple[float, str]] = attrs.field(factory=list)
    """A heap of the calls of which nothing need ever be heard, by when they are forgotten."""

    def add(self, call: LiveCall, at: float, *, until: float | None = None) -> None:
        """
        Take up a call that has been answered at *at* (UTC epoch seconds).

        *until*: nobody reports about it, and from then on it is forgotten without a word.
        """
        if until is not None:
            heappush(self._unheard, (until, call.id))
        call.since = at
        self._put(call)
        self._by_provider[call.provider, call.account, call.call_id] = call
        self._ring(call, at)

    def get(self, reference: str) -> LiveCall | None:
        """Return a call by our reference."""
        return self._live.get(reference) or self._over.get(reference)

    def by_provider(self, provider: str, account: str, call_id: str) -> LiveCall | None:
        """Return a call by the provider's own id."""
        return self._by_provider.get((provider, account, call_id))

    def move(self, call: LiveCall, state: CallState, *, at: float, touched: float) -> None:
        """Put *call* where *state* says it is since *at* (UTC epoch seconds); we heard of it at *touched*."""
        call.touched = touched
        if state != call.state:
            self._silence(call)
            call.leave(state, at)
            call.state = state
            self._ring(call, at)
        self._put(call)

    def is_ringing(self, addresses: Iterable[str], at: float) -> bool:
        """Say whether any of *addresses* (E.164 or `sip:…`) is being rung by us at *at*."""
        ringing = self._ringing
        return bool(ringing) and any(until > at for one in addresses for until in ringing.get(one, {}).values())

    def stale(self, at: float) -> list[LiveCall]:
        """Return the calls that should have ended long ago."""
        return list(takewhile(lambda call: at - call.touched > LONGEST, self._live.values()))

    def forget_old(self, at: float) -> None:
        """Drop calls that have been over for long enough."""
        for call in list(takewhile(lambda call: at - call.touched > LINGERS, self._over.values())):
            del self._over[call.id]
            self._by_provider.pop((call.provider, call.account, call.call_id), None)

    def forget_unheard(self, at: float) -> None:
        """Drop the calls of which we may hear nothing, when there is nothing left to be asked about them."""
        while self._unheard and self._unheard[0][0] <= at:
            call = self.get(heappop(self._unheard)[1])
            if call is not None:
                self._silence(call)
                self._live.pop(call.id, None)
                self._over.pop(call.id, None)
                self._by_provider.pop((call.provider, call.account, call.call_id), None)

    def live(self) -> Iterator[LiveCall]:
        """Yield the calls that are not over."""
        return iter(self._live.values())

    def __len__(self) -> int:
        return len(self._live)

    def _put(self, call: LiveCall) -> None:
        """Put *call* behind all others, among those that are over if it is."""
        self._live.pop(call.id, None)
        self._over.pop(call.id, None)
        (self._over if call.state.over else self._live)[call.id] = call

    def _ring(self, call: LiveCall, at: float) -> None:
        stage = call.state.stage
        if isinstance(stage, Dial) and not call.state.over and call.state.accepted is None:
            until = at + stage.seconds + GRACE
            for leg in stage.legs:
                self._ringing.setdefault(leg.address, {})[call.id] = until

    def _silence(self, call: LiveCall) -> None:
        stage = call.state.stage
        for leg in stage.legs if isinstance(stage, Dial) else ():
            calls = self._ringing.get(leg.address)
            if calls is not None:
                calls.pop(call.id, None)
                if not calls:
                    del self._ringing[leg.address]
