"""
One event: seen before? Otherwise decided, recorded, and answered once the record is on disk.

Claim, decision and record are one step on the reactor's thread, without waiting in between; so of two copies of an event
the second always finds the first. Whatever goes wrong, a caller gets an audible answer in time.
"""

from functools import partial
from time import perf_counter

import attrs
import structlog

from adapters.api import Answer, Provider, RawResponse, RefusedError
from adapters.running import Later
from router import logs
from router.calls import LiveCall
from router.engine.arrivals import Arrivals
from router.engine.failsafe import Documents, note_failsafe, note_late
from router.engine.followups import FollowUps
from router.engine.lost import Lost
from router.engine.memory import Memory, Seen
from router.engine.shared import UNWRITTEN, Arrival, Handled, Shared, kind_of
from router.journal.api import JournalDown, Timers
from router.loading import InForce
from router.metrics import OTHER
from rules.event import CallEnded, Happening, IncomingCall, IncomingText, Progress, Receipt

MOST_IN_FLIGHT = 2_000
"""Events whose record is not on disk yet; beyond that new ones are turned away, while there is still time to say so."""

REJECTIONS = frozenset({
    "signature", "account", "malformed", "path", "content-type", "too-large", "method", "stale", "timestamp", "unknown",
})  # fmt: skip


@attrs.define(eq=False)
class Engine:
    """Decides and records; what the HTTP host hands every verified request to (`adapters.api.Receiver`)."""

    shared: Shared
    memory: Memory
    timers: Timers
    most: int = MOST_IN_FLIGHT
    documents: dict[str, Documents] = attrs.field(factory=dict, init=False)
    _arrivals: Arrivals = attrs.field(init=False)
    _followups: FollowUps = attrs.field(init=False)
    _flights: dict[str, Seen] = attrs.field(factory=dict, init=False)
    _log: structlog.typing.FilteringBoundLogger = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Make ready for the rules in force."""
        self._log = structlog.get_logger().bind(logger="engine")
        self._arrivals = Arrivals(self.shared)
        self._followups = FollowUps(self.shared, Lost(self.shared, self.documents, self.memory.index.about))
        self.follow(self.shared.rules.current)

    def follow(self, rules: InForce) -> None:
        """Make the fail-safe documents and links of newer *rules*."""
        made = {name: Documents.of(one, rules.book.failsafe) for name, one in rules.settings.providers.items()}
        self.documents.clear()
        self.documents.update(made)
        self._arrivals.forget()
        self.shared.links = attrs.evolve(self.shared.links, public_url=rules.settings.public_url)

    # ---------------------------------------------------------------- what the host calls

    async def receive(self, provider: Provider, happenings: list[Happening], received_at: float) -> RawResponse:
        """Answer one verified request. Never fails: a fault of ours becomes the fail-safe document."""
        began = perf_counter()
        response: RawResponse | None = None
        kind = "status"
        try:
            for happening in happenings:
                kind = kind_of(happening)
                logs.about(provider=provider.name, event_id=happening.id)
                answer = self._one(provider, happening, kind, received_at, began)
                response = answer if isinstance(answer, RawResponse) else await answer
            if response is None:
                response = provider.write(Answer(to="status"))
        except Exception as error:
            response = self.fault(provider, kind, error)
        self._count(provider.name, response.code, perf_counter() - began)
        return response

    def refused(self, provider: str, error: RefusedError) -> None:
        """Note that a request was refused."""
        known = provider if provider in self.documents else OTHER
        reason = error.reason if error.reason in REJECTIONS else OTHER
        self.shared.metrics.webhook_rejected.labels(known, reason).inc()
        self._log.warning("webhook.rejected", provider=known, code=error.code, reason=error.reason, note=error.note)

    def fault(self, provider: Provider, what: str, error: Exception) -> RawResponse:
        """Answer a request over which we ourselves stumbled; *what* is the first segment of its path."""
        self.shared.metrics.failsafe_answers.labels("error").inc()
        self._log.error("engine.failed", provider=provider.name, what=what, exc_info=error)
        return self.documents[provider.name].to(what)

    # ---------------------------------------------------------------- one event

    def _one(
        self, provider: Provider, happening: Happening, kind: str, received_at: float, began: float
    ) -> "RawResponse | Later[RawResponse]":
        """Claim, decide and record one event, without waiting in between; what may have to be waited for is its answer."""
        counters = self.shared.of(provider.name)
        counters.events[kind].inc()
        key = f"{happening.provider}|{happening.account}|{kind}|{happening.id}"
        seen = self.memory.find(key)
        if seen is not None:
            counters.duplicates.inc()
            return self._again(key, seen, provider)
        arrival = Arrival(provider, key, kind, received_at, began)
        if len(self._flights) >= self.most:
            return self._shed(arrival, happening)
        try:
            handled = self._handle(arrival, happening)
        except Exception as error:
            response = self.fault(provider, kind, error)
            if kind == "text":
                return response
            handled = note_failsafe(self.shared, arrival, happening, response, "error")
        seen = Seen(handled.seq, handled.response, kind)
        self.memory.keep(key, seen)
        return self._written(key, seen, provider)

    def _handle(self, arrival: Arrival, happening: Happening) -> Handled:
        match happening:
            case IncomingCall():
                known = self._followups.asked_again(arrival, happening)
                return known or self._arrivals.call(arrival, happening)
            case Progress():
                return self._followups.progress(arrival, happening)
            case IncomingText():
                return self._arrivals.text(arrival, happening)
            case CallEnded():
                return self._followups.ended(arrival, happening)
            case Receipt():
                return self._followups.receipt(arrival, happening)

    def _again(self, key: str, seen: Seen, provider: Provider) -> "RawResponse | Later[RawResponse]":
        """Give an event that was seen before its answer: the stored one, at once or together with the first copy."""
        if seen.waiting is not None:
            waiter: Later[RawResponse] = Later()
            seen.waiting.append(waiter)
            return waiter
        if seen.kind == "text" and not seen.durable:
            return self._written(key, seen, provider)
        return seen.response

    def _written(self, key: str, seen: Seen, provider: Provider) -> "Later[RawResponse]":
        """Wait until the record of *seen* is on disk, and no longer than the provider does."""
        waiter: Later[RawResponse] = Later()
        seen.waiting = [waiter]
        seen.due = self.timers.seconds() + provider.capabilities.deadline
        self._flights[key] = seen
        self.shared.journal.when_durable(seen.seq, partial(self._on_disk_or_not, key, seen))
        return waiter

    def _on_disk_or_not(self, key: str, seen: Seen, error: Exception | None) -> None:
        """Answer, also without the disk: a caller cannot come again; a text can, and is only taken when it is safe."""
        if error is None:
            seen.durable = True
            self._answer(key, seen, seen.response)
            return
        if not isinstance(error, JournalDown):
            self._log.error("journal.failed", exc_info=error)
        if seen.kind != "text":
            self._answer(key, seen, seen.response)
            return
        if seen.seq > self.shared.journal.head.seq:
            self.memory.forget(key)
        self._answer(key, seen, UNWRITTEN)

    def _answer(self, key: str, seen: Seen, response: RawResponse) -> None:
        self._flights.pop(key, None)
        waiting, seen.waiting = seen.waiting or (), None
        for waiter in waiting:
            waiter.come(response)

    # ---------------------------------------------------------------- trouble

    def hurry(self) -> None:
        """Answer with the fail-safe document whoever cannot wait any longer; called several times a second."""
        now = self.timers.seconds()
        for key, seen in [(key, seen) for key, seen in self._flights.items() if seen.due <= now]:
            provider = self.shared.rules.current.settings.providers.get(key.partition("|")[0])
            if provider is None or seen.kind == "text":
                self._answer(key, seen, UNWRITTEN)
                continue
            self.shared.metrics.failsafe_answers.labels("deadline").inc()
            seen.response = self.documents[provider.name].to(seen.kind)
            note_late(self.shared, key, seen)
            self._log.error("engine.too-late", key=key, what=seen.kind)
            self._answer(key, seen, seen.response)

    def _shed(self, arrival: Arrival, happening: Happening) -> RawResponse:
        """Turn an event away while there is still time to say so, and note it without waiting for the disk."""
        self.shared.metrics.failsafe_answers.labels("overload").inc()
        response = self.documents[arrival.provider.name].to(arrival.kind)
        if arrival.kind != "text":
            handled = note_failsafe(self.shared, arrival, happening, response, "overload")
            self.memory.keep(arrival.key, Seen(handled.seq, response, arrival.kind))
        return response

    # ---------------------------------------------------------------- every second

    def tidy(self) -> None:
        """Forget what nobody asks for any more; called every second."""
        now = self.shared.clock.now()
        for call in self.shared.calls.stale(now):
            self._followups.expire(call, now)
        self.shared.calls.forget_old(now)
        self.shared.calls.forget_unheard(now)
        self.shared.facts.prune(now)
        self.shared.metrics.live_calls.set(len(self.shared.calls))
        self.memory.prune()

    def call(self, reference: str) -> LiveCall | None:
        """Return a call by our reference: from memory, else from its records."""
        return self.shared.calls.get(reference) or self._followups.lost.found(reference)

    def in_flight(self) -> int:
        """Return how many events wait for the disk."""
        return len(self._flights)

    def _count(self, provider: str, code: int, seconds: float) -> None:
        durations = self.shared.of(provider).durations
        bound = durations.get(code)
        if bound is None:
            bound = durations[code] = self.shared.metrics.webhook_duration.labels(provider, str(code))
        bound.observe(seconds)
