"""
Every metric there is, in one place: names, help texts, closed label sets.

No label ever holds a phone number, a rule's text or anything else a caller can choose. Hot label sets are bound once,
because `labels()` costs more than counting does.
"""

from platform import python_version

import attrs
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    disable_created_metrics,
    generate_latest,
)

from router.tally import Spread, Spreads, Tallies, Tally, spreads, tallies

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
ROWS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0)

EVENT_KINDS = (
    "call", "text", "next", "screen", "accept", "leg", "message", "recording", "transcript", "ended", "receipt",
)  # fmt: skip
FAILSAFE_REASONS = ("error", "deadline", "overload", "lost-state", "bad-token", "journal", "not-ready")
OVERRIDE_KINDS = ("open", "closed", "plan", "away")
OTHER = "other"

disable_created_metrics()  # type: ignore[no-untyped-call]  # a `_created` series beside each counter would double the exposition for nothing


_NAME = "switchhook_"


def _counter(registry: CollectorRegistry, name: str, help_: str, labels: tuple[str, ...] = ()) -> Counter:
    return Counter(_NAME + name, help_, labels, registry=registry)


def _gauge(registry: CollectorRegistry, name: str, help_: str, labels: tuple[str, ...] = ()) -> Gauge:
    return Gauge(_NAME + name, help_, labels, registry=registry)


@attrs.define(eq=False)
class Metrics:
    """All metrics of one daemon, on a registry of its own."""

    registry: CollectorRegistry = attrs.field(factory=CollectorRegistry)

    events: Tallies = attrs.field(init=False)
    decisions: Tallies = attrs.field(init=False)
    decision_duration: Spread = attrs.field(init=False)
    webhook_duration: Spreads = attrs.field(init=False)
    webhook_rejected: Counter = attrs.field(init=False)
    duplicate_events: Tallies = attrs.field(init=False)
    refused_events: Counter = attrs.field(init=False)
    failsafe_answers: Counter = attrs.field(init=False)
    reload_successful: Gauge = attrs.field(init=False)
    reload_success_timestamp: Gauge = attrs.field(init=False)
    ruleset_info: Gauge = attrs.field(init=False)
    journal_commit_duration: Spread = attrs.field(init=False)
    journal_batch_rows: Spread = attrs.field(init=False)
    journal_up: Gauge = attrs.field(init=False)
    index_lag: Gauge = attrs.field(init=False)
    index_up: Gauge = attrs.field(init=False)
    outbox_messages: Gauge = attrs.field(init=False)
    outbox_oldest_age: Gauge = attrs.field(init=False)
    held_texts: Gauge = attrs.field(init=False)
    overrides_active: Gauge = attrs.field(init=False)
    calendar_age: Gauge = attrs.field(init=False)
    live_calls: Gauge = attrs.field(init=False)
    coverage_gap: Gauge = attrs.field(init=False)
    unreachable_rules: Gauge = attrs.field(init=False)
    shadow_decisions: Counter = attrs.field(init=False)
    reactor_lag: Gauge = attrs.field(init=False)
    clock_jumps: Counter = attrs.field(init=False)
    build_info: Gauge = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Register everything, and start what a dashboard expects to see at zero."""
        to = self.registry
        self.events = tallies(
            to, _NAME + "events", "Events taken from providers, duplicates included.", ("provider", "kind")
        )
        self.decisions = tallies(
            to,
            _NAME + "decisions",
            "Decisions made, by the number they were for and the layer that decided.",
            ("kind", "number", "action", "layer"),
        )
        self.decision_duration = spreads(
            to, _NAME + "decision_duration_seconds", "Time taken to decide one event.", (), BUCKETS
        ).labels()
        self.webhook_duration = spreads(
            to,
            _NAME + "webhook_duration_seconds",
            "Time from the whole request to its answer, the write to disk included.",
            ("provider", "code"),
            BUCKETS,
        )
        self.webhook_rejected = _counter(
            to, "webhook_rejected", "Requests refused before anything was done.", ("provider", "reason")
        )
        self.duplicate_events = tallies(
            to, _NAME + "duplicate_events", "Events seen before and answered with the stored bytes.", ("provider",)
        )
        self.refused_events = _counter(
            to, "refused_events", "Signed events for a number that is not configured for their provider.", ("provider",)
        )
        self.failsafe_answers = _counter(
            to, "failsafe_answers", "Answers that were the fail-safe document instead of a decision.", ("reason",)
        )
        self.reload_successful = _gauge(
            to,
            "config_last_reload_successful",
            "1 when the newest files are the ones in force, 0 when they were refused.",
        )
        self.reload_success_timestamp = _gauge(
            to, "config_last_reload_success_timestamp_seconds", "When rules were last taken into force."
        )
        self.ruleset_info = _gauge(to, "ruleset_info", "The rule set in force, always 1.", ("hash",))
        self.journal_commit_duration = spreads(
            to, _NAME + "journal_commit_duration_seconds", "Time one write and sync of the journal took.", (), BUCKETS
        ).labels()
        self.journal_batch_rows = spreads(
            to, _NAME + "journal_batch_rows", "Records made durable by one sync of the journal.", (), ROWS
        ).labels()
        self.journal_up = _gauge(to, "journal_up", "1 while the journal can be written.")
        self.index_lag = _gauge(to, "index_lag_seconds", "Age of the oldest record the index has not taken up.")
        self.index_up = _gauge(to, "index_up", "1 while the index follows the journal.")
        self.outbox_messages = _gauge(to, "outbox_messages", "Texts and mails on their way, by state.", ("state",))
        self.outbox_oldest_age = _gauge(to, "outbox_oldest_age_seconds", "Age of the oldest text or mail on its way.")
        self.held_texts = _gauge(to, "held_texts", "Texts kept until somebody is in.")
        self.overrides_active = _gauge(
            to, "overrides_active", "What is switched on by hand and in force, by what it is.", ("kind",)
        )
        self.calendar_age = _gauge(
            to, "calendar_age_seconds", "Time since somebody's calendar was last read, by their name.", ("person",)
        )
        self.live_calls = _gauge(to, "live_calls", "Calls answered and not over yet.")
        self.coverage_gap = _gauge(
            to, "coverage_gap_seconds", "Time in the next 7 days a number is open and nobody can be rung.", ("number",)
        )
        self.unreachable_rules = _gauge(
            to, "unreachable_rules", "Rules of a number that decide nothing in the next 400 days.", ("number",)
        )
        self.shadow_decisions = _counter(
            to, "shadow_decisions", "Events a candidate rule file decided beside the one in force.", ("result",)
        )
        self.reactor_lag = _gauge(to, "reactor_lag_seconds", "How late the reactor ran its last one-second timer.")
        self.clock_jumps = _counter(to, "clock_jumps", "Times the machine's wall clock was set while running.")
        self.build_info = _gauge(
            to, "build_info", "What is running, always 1.", ("version", "python", "sqlite", "tzdata")
        )
        for kind in OVERRIDE_KINDS:
            self.overrides_active.labels(kind)
        for reason in FAILSAFE_REASONS:
            self.failsafe_answers.labels(reason)

    def ruleset(self, hash_: str) -> None:
        """Say which rule set is in force; there is one series at any time."""
        self.ruleset_info.clear()
        self.ruleset_info.labels(hash_).set(1)

    def built(self, *, version: str, sqlite: str, tzdata: str) -> None:
        """Say what is running."""
        self.build_info.labels(version, python_version(), sqlite, tzdata).set(1)

    def committed(self, seconds: float, rows: int) -> None:
        """Note one write and sync of the journal."""
        self.journal_commit_duration.observe(seconds)
        self.journal_batch_rows.observe(rows)

    def exposition(self) -> bytes:
        """Render everything as Prometheus' text format; 18 ms for a thousand series, so never on the way of a call."""
        return generate_latest(self.registry)


@attrs.frozen(eq=False)
class OfProvider:
    """The hot counters of one provider, bound once."""

    events: dict[str, Tally]
    durations: dict[int, Spread]
    duplicates: Tally
    refused: Counter

    @classmethod
    def of(cls, metrics: Metrics, provider: str) -> "OfProvider":
        """Bind what is counted for every event of *provider*."""
        return cls(
            events={kind: metrics.events.labels(provider, kind) for kind in EVENT_KINDS},
            durations={code: metrics.webhook_duration.labels(provider, str(code)) for code in (200, 204, 403, 503)},
            duplicates=metrics.duplicate_events.labels(provider),
            refused=metrics.refused_events.labels(provider),
        )
