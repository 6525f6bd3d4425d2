"""
Server transactions: each request is decided once and answered alike however often it comes (RFC 3261 section 17.2).

    PROCEEDING --answer--> COMPLETED --ACK--> CONFIRMED --timer I--> OVER        (INVITE)
    PROCEEDING --answer--> COMPLETED --timer J--> OVER                           (MESSAGE)

What is refused before it is decided has none: the same refusal is made again for a copy, to the byte (section 8.2.7).
"""

import enum
from collections.abc import Callable

import attrs

from adapters.sip.asked import Flow, Outcome, SipAnswer, SipAsked, Statistics
from adapters.sip.lanes import Lanes
from adapters.sip.response import respond
from adapters.sip.transactionkey import Key
from adapters.site import Clock

MOST = 20_000
"""Transactions in all. Those that only wait for copies of an ACK make room when it gets tight."""

MOST_OF_PEER = 2_000
"""Transactions of one peer that are not acknowledged yet: what it costs us when somebody never listens to our answers."""

TRYING = 0.15
"""Seconds after which a caller hears 100; the RFC asks for it when the answer takes longer than 0.2."""

DEADLINE = 2.0
"""Seconds a decision may take; a proxy waits little longer before it thinks us dead."""

T1 = 0.5
T2 = 4.0
T4 = 5.0
GIVE_UP = 64 * T1
"""Timers H and J: an ACK, or a copy of a request, may take that long."""


class State(enum.Enum):
    """Where a transaction is."""

    PROCEEDING = enum.auto()
    COMPLETED = enum.auto()
    CONFIRMED = enum.auto()
    OVER = enum.auto()


@attrs.define(eq=False)
class Transaction:
    """One request from its first copy to its last; *said* is what a copy is answered with, *pause* the running timer G."""

    key: Key
    merged: Key
    asked: SipAsked | None
    flow: Flow
    port: int
    tag: str
    began: float
    state: State = State.PROCEEDING
    said: bytes = b""
    pause: float = T1

    @property
    def invite(self) -> bool:
        """Whether it is an INVITE, which has an ACK."""
        return self.key.method == "INVITE"


@attrs.define(eq=False)
class Transactions:
    """
    All of them.

    *instead* says what to answer when a decision takes too long, *ended* hears of what was cancelled or not acknowledged,
    *idle* is called whenever the last one that waited for a decision has got it; none of them may raise.
    """

    clock: Clock
    statistics: Statistics
    instead: Callable[[SipAsked], SipAnswer]
    ended: Callable[[SipAsked, Outcome], None]
    idle: Callable[[], None]
    most: int = MOST
    most_of_peer: int = MOST_OF_PEER
    deciding: int = attrs.field(default=0, init=False)
    _lanes: Lanes[Transaction] = attrs.field(init=False)
    _by_key: dict[Key, Transaction] = attrs.field(factory=dict, init=False)
    _by_merged: dict[Key, Transaction] = attrs.field(factory=dict, init=False)
    _of_peer: dict[str, int] = attrs.field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        """Make the queues for the timers."""
        self._lanes = Lanes(self.clock)

    def __len__(self) -> int:
        """Say how many there are."""
        return len(self._by_key)

    def count(self, method: str) -> int:
        """Say how many there are of *method*; for a gauge, it looks at all of them."""
        return sum(key.method == method for key in self._by_key)

    def find(self, key: Key) -> Transaction | None:
        """Return the transaction a request belongs to."""
        return self._by_key.get(key)

    def other(self, merged: Key) -> bool:
        """Say whether the same request is known, having come another way."""
        return merged in self._by_merged

    def room(self, peer: str) -> bool:
        """Say whether there is room for one more of *peer*, and make some if that is easy."""
        if self._of_peer.get(peer, 0) >= self.most_of_peer:
            return False
        if len(self._by_key) >= self.most:
            done = self._lanes.soonest(T4)
            if done is None:
                return False
            self._end(done)
        return True

    def open(self, key: Key, merged: Key, asked: SipAsked, flow: Flow, tag: str) -> Transaction:
        """Begin one, for which there is `room` and no `other`; its decision is awaited from now on."""
        one = Transaction(key, merged, asked, flow, asked.request.via.reply_port, tag, self.clock.seconds())
        self._by_key[key] = self._by_merged[merged] = one
        name = asked.peer.name
        self._of_peer[name] = self._of_peer.get(name, 0) + 1
        self.deciding += 1
        if one.invite:
            self._lanes.after(TRYING, one, self._trying)
        self._lanes.after(DEADLINE, one, self._too_late)
        return one

    # ---------------------------------------------------------------- what comes in

    def again(self, one: Transaction) -> None:
        """Answer a copy of the request: with what was said last, or not at all when there is nothing to say yet or any more."""
        self.statistics.retransmission("in")
        if one.said and one.state is not State.CONFIRMED:
            one.flow.send(one.said, one.port)

    def answer(self, one: Transaction, answer: SipAnswer) -> None:
        """Give the final answer, unless there is one already: a decision that comes too late is thrown away."""
        if one.state is not State.PROCEEDING:
            return
        assert one.asked is not None
        self.statistics.decided(self.clock.seconds() - one.began)
        said = respond(
            one.asked.request, answer.code, answer.reason, to_tag=one.tag, headers=answer.headers, body=answer.body
        )
        self._complete(one, answer.code, said)

    def acknowledge(self, key: Key) -> None:
        """Take the ACK of an INVITE; one that belongs to nothing we remember is taken just so."""
        one = self._by_key.get(key)
        if one is None or one.state is not State.COMPLETED:
            return
        one.state = State.CONFIRMED
        self._release(one)
        if one.flow.reliable:
            self._end(one)
        else:
            one.said = b""
            self._lanes.after(T4, one, self._end)

    def cancel(self, one: Transaction) -> None:
        """End an INVITE that is not answered yet with 487; after its answer a CANCEL changes nothing (RFC 3261 section 9.2)."""
        if one.state is not State.PROCEEDING:
            return
        asked = one.asked
        assert asked is not None
        self.statistics.cancelled()
        self._complete(one, 487, respond(asked.request, 487, to_tag=one.tag))
        self.ended(asked, "cancelled")

    def stop(self) -> None:
        """Forget everything; whoever still waits is not answered."""
        self._lanes.stop()
        for one in self._by_key.values():
            one.state = State.OVER
        self._by_key.clear()
        self._by_merged.clear()
        self._of_peer.clear()

    # ---------------------------------------------------------------- what time brings

    def _complete(self, one: Transaction, code: int, said: bytes) -> None:
        one.state, one.said = State.COMPLETED, said
        self.deciding -= 1
        self.statistics.response(one.key.method, code)
        one.flow.send(said, one.port)
        if one.invite:
            if not one.flow.reliable:
                self._lanes.after(T1, one, self._repeat)
            self._lanes.after(GIVE_UP, one, self._unacknowledged)
        elif one.flow.reliable:
            self._release(one)
            self._end(one)
        else:
            self._lanes.after(GIVE_UP, one, self._forget)
        if not self.deciding:
            self.idle()

    def _trying(self, one: Transaction) -> None:
        """Say that we are at it, so that the sender stops repeating itself."""
        assert one.asked is not None
        one.said = respond(one.asked.request, 100, to_tag=None)
        self.statistics.response("INVITE", 100)
        one.flow.send(one.said, one.port)

    def _too_late(self, one: Transaction) -> None:
        assert one.asked is not None
        self.answer(one, self.instead(one.asked))

    def _repeat(self, one: Transaction) -> None:
        """Timer G: no ACK yet, so perhaps the answer was lost."""
        self.statistics.retransmission("out")
        one.flow.send(one.said, one.port)
        one.pause = min(2 * one.pause, T2)
        self._lanes.after(one.pause, one, self._repeat)

    def _unacknowledged(self, one: Transaction) -> None:
        """Timer H: nobody seems to have heard the answer."""
        asked = one.asked
        assert asked is not None
        self.statistics.ack_missing()
        self._forget(one)
        self.ended(asked, "unacknowledged")

    def _forget(self, one: Transaction) -> None:
        self._release(one)
        self._end(one)

    def _release(self, one: Transaction) -> None:
        """Give up what is large, and count it for its peer no longer."""
        assert one.asked is not None
        name = one.asked.peer.name
        left = self._of_peer[name] - 1
        if left:
            self._of_peer[name] = left
        else:
            del self._of_peer[name]
        one.asked = None

    def _end(self, one: Transaction) -> None:
        one.state, one.said = State.OVER, b""
        del self._by_key[one.key]
        del self._by_merged[one.merged]
