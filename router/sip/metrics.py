"""What is counted about SIP; no label ever holds a number, an address or anything else a sender can choose."""

from collections.abc import Callable, Iterable
from typing import Literal

import attrs
from prometheus_client import CollectorRegistry, Gauge

from adapters.sip.asked import Dropped
from adapters.sip.peers import Transport
from router.metrics import BUCKETS
from router.tally import Spread, Tallies, spreads, tallies

_NAME = "switchhook_sip_"


@attrs.define(eq=False)
class SipMetrics:
    """Counts (`adapters.sip.asked.Statistics`) for all providers that speak SIP, on one *registry*."""

    registry: CollectorRegistry
    _requests: Tallies = attrs.field(init=False)
    _responses: Tallies = attrs.field(init=False)
    _retransmissions: Tallies = attrs.field(init=False)
    _ack_missing: Tallies = attrs.field(init=False)
    _cancelled: Tallies = attrs.field(init=False)
    _parse_errors: Tallies = attrs.field(init=False)
    _dropped: Tallies = attrs.field(init=False)
    _internal_errors: Tallies = attrs.field(init=False)
    _decision: Spread = attrs.field(init=False)
    _transactions: Gauge = attrs.field(init=False)
    _connections: Gauge = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Create each of them."""
        self._requests = self._counter(
            "requests", "Requests as they came, copies included.", "method", "peer", "transport"
        )
        self._responses = self._counter("responses", "Answers, each counted when first sent.", "method", "code")
        self._retransmissions = self._counter(
            "retransmissions", "Requests that came again, and answers sent again unasked.", "direction"
        )
        self._ack_missing = self._counter("ack_missing", "Answers to an INVITE that nobody acknowledged.")
        self._cancelled = self._counter("cancelled", "Calls cancelled before their answer.")
        self._parse_errors = self._counter("parse_errors", "Messages that were none.", "kind")
        self._dropped = self._counter("dropped", "What was given no answer.", "reason")
        self._internal_errors = self._counter("internal_errors", "Faults of ours.")
        self._decision = spreads(
            self.registry,
            _NAME + "decision_seconds",
            "Time from a request to what is answered, the write to disk included.",
            (),
            BUCKETS,
        ).labels()
        self._transactions = Gauge(
            _NAME + "transactions",
            "Requests whose answer may have to be sent again.",
            ("kind",),
            registry=self.registry,
        )
        self._connections = Gauge(_NAME + "connections", "Open connections.", ("transport",), registry=self.registry)

    def _counter(self, name: str, about: str, *labels: str) -> Tallies:
        counter = tallies(self.registry, _NAME + name, about, labels)
        if not labels:
            counter.labels()
        return counter

    def measured(
        self, transactions: Callable[[str], float], connections: Callable[[str], float], transports: Iterable[str]
    ) -> None:
        """Have the gauges looked up when somebody asks: *transactions* by method, *connections* by transport."""
        for kind in ("INVITE", "MESSAGE"):
            self._transactions.labels(kind.lower()).set_function(lambda kind=kind: transactions(kind))  # type: ignore[misc]
        for transport in transports:
            self._connections.labels(transport).set_function(lambda name=transport: connections(name))  # type: ignore[misc]

    def request(self, method: str, peer: str, transport: Transport) -> None:
        """Count a request as it came."""
        self._requests.labels(method, peer, transport).inc()

    def response(self, method: str, code: int) -> None:
        """Count an answer."""
        self._responses.labels(method, str(code)).inc()

    def retransmission(self, direction: Literal["in", "out"]) -> None:
        """Count what came, or went, again."""
        self._retransmissions.labels(direction).inc()

    def ack_missing(self) -> None:
        """Count an answer nobody acknowledged."""
        self._ack_missing.labels().inc()

    def cancelled(self) -> None:
        """Count a call cancelled before its answer."""
        self._cancelled.labels().inc()

    def parse_error(self, kind: str) -> None:
        """Count a message that is none."""
        self._parse_errors.labels(kind).inc()

    def dropped(self, reason: Dropped) -> None:
        """Count what was given no answer."""
        self._dropped.labels(reason).inc()

    def decided(self, seconds: float) -> None:
        """Count a decision."""
        self._decision.observe(seconds)

    def internal_error(self) -> None:
        """Count a fault of ours."""
        self._internal_errors.labels().inc()
