"""What the engine's parts share, and the words they use among themselves."""

from collections.abc import Callable, Mapping
from hashlib import sha256
from time import perf_counter
from typing import Any, NamedTuple, Protocol

import attrs

from adapters.api import Provider, RawResponse
from router.calls import LiveCalls
from router.clock import Clock, iso
from router.engine.facts import Facts
from router.journal.form import Forms
from router.journal.record import Point, Record
from router.links import Links
from router.loading import InForce
from router.metrics import Metrics, OfProvider
from router.shadow import Shadow
from router.switchboard.pins import Pins, nobodys
from router.tally import Tally
from rules.deciding import Timetable
from rules.event import CallEnded, Happening, IncomingCall, IncomingText, Progress, Receipt

UNWRITTEN = RawResponse(503, "text/plain; charset=utf-8", b"")
"""What a provider gets for a text that is not on disk: it keeps the text and comes again."""

Json = dict[str, Any]


class Journal(Protocol):
    """What the engine needs of the journal."""

    head: Point

    def append(self, kind: str, public: Json, private: Json, forms: Forms | None = None) -> Record:
        """Number and chain a record at once; with *forms*, *public* and *private* are what fills their gaps."""

    def when_durable(self, seq: int, then: Callable[[Exception | None], object]) -> None:
        """Call *then* after the sync; with a `JournalDown` when it does not come in time."""


class Rules(Protocol):
    """What the engine needs of the rules in force."""

    current: InForce

    def timetable(self, at: int) -> Timetable:
        """Return the rules compiled for *at* (UTC epoch seconds)."""


@attrs.define(eq=False)
class Shared:
    """The daemon around the engine."""

    journal: Journal
    rules: Rules
    links: Links
    clock: Clock
    metrics: Metrics
    facts: Facts
    calls: LiveCalls = attrs.field(factory=LiveCalls)
    shadow: Shadow | None = None
    concerning: Callable[[Receipt], tuple[Json, Json]] = lambda _receipt: ({}, {})
    """What the outbox knows about the message a receipt is for: public, private."""
    pins: Pins = attrs.field(factory=nobodys)
    _providers: dict[str, OfProvider] = attrs.field(factory=dict)
    _decisions: dict[tuple[str, str, str, str], Tally] = attrs.field(factory=dict)

    def of(self, provider: str) -> OfProvider:
        """Return the bound counters of *provider*."""
        found = self._providers.get(provider)
        if found is None:
            found = self._providers[provider] = OfProvider.of(self.metrics, provider)
        return found

    def decided(self, kind: str, number: str, action: str, layer: str) -> Tally:
        """Return the bound counter of one kind of decision."""
        labels = (kind, number, action, layer)
        found = self._decisions.get(labels)
        if found is None:
            found = self._decisions[labels] = self.metrics.decisions.labels(*labels)
        return found


class Arrival(NamedTuple):
    """One event on its way: *key* tells it from all others, *received_at* is the moment decided for (UTC epoch seconds)."""

    provider: Provider
    key: str
    kind: str
    received_at: float
    began: float
    """`time.perf_counter()` when we began with it."""

    def microseconds(self) -> int:
        """Return how long we have been at it."""
        return int((perf_counter() - self.began) * 1_000_000)


class Handled(NamedTuple):
    """What came of an event: the number of its record, and the answer."""

    seq: int
    response: RawResponse


_KINDS = {IncomingCall: "call", IncomingText: "text", CallEnded: "ended", Receipt: "receipt"}


def kind_of(happening: Happening) -> str:
    """Return the kind under which an event is counted and recorded."""
    return happening.what if isinstance(happening, Progress) else _KINDS[type(happening)]


def answer_json(response: RawResponse) -> Json:
    """Write an answer for the record."""
    return {"code": response.code, "type": response.content_type, "body": response.body.decode("utf-8", "replace")}


def answer_from(written: Mapping[str, Any]) -> RawResponse:
    """Read what `answer_json` wrote."""
    return RawResponse(written["code"], written["type"], written["body"].encode())


def digest(response: RawResponse) -> str:
    """Return the SHA-256 of an answer's bytes."""
    return sha256(response.body).hexdigest()


def public_part(shared: "Shared", arrival: Arrival, event_id: str, response: RawResponse) -> Json:
    """Return what every record about a call on its way shows."""
    return {
        "key": arrival.key,
        "event_id": event_id,
        "provider": arrival.provider.name,
        "received_at": iso(arrival.received_at),
        "decided_at": iso(shared.clock.now()),
        "answer_sha256": digest(response),
        "duration_us": arrival.microseconds(),
    }
