"""What happens to a SIP message, in the order of RFC 3261 section 8.2: every check, then the decision, exactly once."""

from collections.abc import Callable, Sequence

import attrs
import structlog
from twisted.internet.defer import Deferred

from adapters.running import run
from adapters.sip.asked import Decider, Flow, Outcome, SipAnswer, SipAsked, Statistics, Trouble
from adapters.sip.checks import ACCEPT, ALLOW, METHODS, check_extensions, check_service, check_syntax
from adapters.sip.digest import Digest
from adapters.sip.framing import Arrival, Garbled
from adapters.sip.message import Request, Response
from adapters.sip.peers import Buckets, Peers, Transport
from adapters.sip.refusal import MalformedError, Refusal, refuse
from adapters.sip.response import respond
from adapters.sip.strangers import Strangers
from adapters.sip.transaction import Transaction, Transactions
from adapters.sip.transactionkey import cancelled_key, merged_key, to_tag, transaction_key
from adapters.sip.uri import Uri
from adapters.site import Clock

_BUSY = refuse(503, "", ("Retry-After", "5"))
_LAST_RESORT = SipAnswer(480)
_CAPABLE = (ALLOW, ACCEPT, ("Supported", ""))


@attrs.define(eq=False)
class Core:
    """
    Serves whatever the transports bring.

    *domains* (lower-case) are the hosts of a Request-URI that are ours, any when empty. *secret* is random and as old as the
    process: nonces and To tags are made of it. *peers* and *domains* may be replaced at any time.
    """

    clock: Clock
    decider: Decider
    statistics: Statistics
    peers: Peers
    secret: bytes = attrs.field(repr=False)
    domains: frozenset[str] = frozenset()
    transactions: Transactions = attrs.field(init=False)
    strangers: Strangers = attrs.field(init=False)
    _digest: Digest = attrs.field(init=False)
    _buckets: Buckets = attrs.field(factory=Buckets, init=False)
    _draining: bool = attrs.field(default=False, init=False)
    _waiters: list[Deferred[None]] = attrs.field(factory=list, init=False)
    _log: structlog.typing.FilteringBoundLogger = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Make what belongs to it."""
        self._log = structlog.get_logger().bind(logger="sip")
        self._digest = Digest(self.secret)
        self.strangers = Strangers(self.statistics, self._log)
        self.transactions = Transactions(self.clock, self.statistics, self._too_late, self._ended, self._idle)

    # ---------------------------------------------------------------- what the transports call

    def stranger(self, ip: str, transport: Transport) -> None:
        """Note that somebody knocked who is no peer; he hears nothing."""
        self.strangers.note(ip, transport, self.clock.seconds())

    def receive(self, read: Callable[[bytes], Sequence[Arrival]], data: bytes, flow: Flow) -> bool:
        """
        Serve all that *read* finds in *data*. Never raises.

        Returns False when nothing that follows can be understood, which ends a connection.
        """
        try:
            arrivals = read(data)
        except Exception as error:
            self._fault("sip.unreadable", error)
            return False
        for arrival in arrivals:
            try:
                self._serve(arrival, flow)
            except Exception as error:
                self._stumbled(error, arrival, flow)
        return not any(isinstance(arrival, Garbled) for arrival in arrivals)

    def drain(self) -> "Deferred[None]":
        """Take nothing new from now on; fires when every request taken so far has its answer."""
        self._draining = True
        waiter: Deferred[None] = Deferred()
        self._waiters.append(waiter)
        if not self.transactions.deciding:
            self._idle()
        return waiter

    def stop(self) -> None:
        """End every timer; nothing is sent afterwards."""
        self.transactions.stop()

    # ---------------------------------------------------------------- one message

    def _serve(self, arrival: Arrival, flow: Flow) -> None:
        match arrival:
            case Request():
                self._request(arrival.seen_from(flow.ip, flow.port), flow)
            case Garbled(refusal, request, kind):
                self.statistics.parse_error(kind)
                if request is None:
                    self.statistics.dropped("garbage")
                elif self._may(flow):
                    self._refuse(request.seen_from(flow.ip, flow.port), refusal, flow)
            case Response():
                self.statistics.dropped("response")
            case _:
                flow.pong()

    def _request(self, request: Request, flow: Flow) -> None:
        method = request.method
        self.statistics.request(_label(method), flow.peer.name, flow.transport_name)
        if method == "ACK":
            self._acknowledge(request, flow)
            return
        if method != "CANCEL" and not self._may(flow):
            return
        refusal = check_syntax(request)
        if refusal is not None:
            self.statistics.parse_error("syntax")
            self._refuse(request, refusal, flow)
        elif method == "CANCEL":
            self._cancel(request, flow)
        else:
            key = transaction_key(request, flow.ip)
            known = self.transactions.find(key)
            if known is not None:
                self.transactions.again(known)
                return
            refusal = self._check(request, flow)
            if refusal is not None:
                self._refuse(request, refusal, flow)
            elif method == "OPTIONS":
                self._refuse(request, Refusal(200, "OK", _CAPABLE), flow)
            else:
                uri = request.uri
                asked = SipAsked(request, flow.peer, flow.transport_name, uri.host if isinstance(uri, Uri) else None)
                tag = to_tag(self.secret, request)
                run(self._decide(self.transactions.open(key, merged_key(request), asked, flow, tag), asked))

    def _acknowledge(self, request: Request, flow: Flow) -> None:
        """Take an ACK. It is never answered, so only what tells whose it is has to be well formed."""
        try:
            key = transaction_key(request, flow.ip)
        except MalformedError:
            self.statistics.parse_error("syntax")
        else:
            self.transactions.acknowledge(key)

    def _check(self, request: Request, flow: Flow) -> Refusal | None:
        """Look whether *request*, well formed and new, is to be served; what does not concern its sender comes last."""
        login = flow.peer.login
        if login is not None:
            refusal = self._digest.check(request, login, flow.ip, self.clock.seconds())
            if refusal is not None:
                return refusal
        refusal = check_service(request)
        if refusal is None and self.transactions.other(merged_key(request)):
            refusal = refuse(482)
        refusal = refusal or check_extensions(request)
        if refusal is not None:
            return refusal
        if self._draining or not self.decider.ready:
            return _BUSY
        if request.method == "OPTIONS":
            return None
        if self.domains and isinstance(request.uri, Uri) and request.uri.host not in self.domains:
            return refuse(404)
        return None if self.transactions.room(flow.peer.name) else _BUSY

    def _cancel(self, request: Request, flow: Flow) -> None:
        """
        Cancel an INVITE, and say so with the tag of its answers.

        A copy of a CANCEL needs no memory of the first: it finds the same INVITE and hears the same.
        """
        found = self.transactions.find(cancelled_key(request, flow.ip))
        if found is None:
            self._refuse(request, refuse(481), flow)
            return
        self._send(request, Refusal(200, "OK"), found.tag, flow)
        self.transactions.cancel(found)

    # ---------------------------------------------------------------- the decision

    async def _decide(self, transaction: Transaction, asked: SipAsked) -> None:
        try:
            answer = await self.decider.decide(asked)
        except Exception as error:
            self._fault("sip.decision-failed", error)
            answer = self._instead(asked, "error")
        try:
            self.transactions.answer(transaction, answer)
        except Exception as error:  # an answer that cannot be written is one of ours
            self._fault("sip.answer-failed", error)

    def _too_late(self, asked: SipAsked) -> SipAnswer:
        self._log.error("sip.decision-late", peer=asked.peer.name, method=asked.request.method)
        return self._instead(asked, "deadline")

    def _instead(self, asked: SipAsked, trouble: Trouble) -> SipAnswer:
        try:
            return self.decider.on_error(asked, trouble)
        except Exception as error:
            self._fault("sip.fallback-failed", error)
            return _LAST_RESORT

    def _ended(self, asked: SipAsked, outcome: Outcome) -> None:
        try:
            self.decider.ended(asked, outcome)
        except Exception as error:
            self._fault("sip.outcome-lost", error)

    def _idle(self) -> None:
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            waiter.callback(None)

    # ---------------------------------------------------------------- answers without a transaction

    def _may(self, flow: Flow) -> bool:
        enough = self._buckets.take(flow.peer, self.clock.seconds())
        if not enough:
            self.statistics.dropped("rate")
        return enough

    def _refuse(self, request: Request, refusal: Refusal, flow: Flow) -> None:
        """Answer once, and remember nothing: a copy of the request gets the same answer again. An ACK gets none."""
        if request.method != "ACK":
            self._send(request, refusal, to_tag(self.secret, request), flow)

    def _send(self, request: Request, refusal: Refusal, tag: str, flow: Flow) -> None:
        try:
            port = request.via.reply_port
        except MalformedError:
            port = flow.port
        self.statistics.response(_label(request.method), refusal.code)
        flow.send(respond(request, refusal.code, refusal.reason, to_tag=tag, headers=refusal.headers), port)

    def _stumbled(self, error: Exception, arrival: Arrival, flow: Flow) -> None:
        """Tell a sender who can be told that we failed, once."""
        self._fault("sip.failed", error)
        request = arrival.request if isinstance(arrival, Garbled) else arrival
        if isinstance(request, Request):
            try:
                noted = request.seen_from(flow.ip, flow.port)
                _ = noted.via
                self._refuse(noted, refuse(500), flow)
            except Exception as another:
                self._fault("sip.failed-twice", another)

    def _fault(self, what: str, error: Exception) -> None:
        self.statistics.internal_error()
        self._log.error(what, exc_info=error)


def _label(method: str) -> str:
    """Name *method* in a metric: a sender cannot make up new ones."""
    return method if method in METHODS else "other"
