"""Counters and histograms of the hot path say to Prometheus what its own client library would have said."""

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from router.tally import spreads, tallies

BOUNDS = (0.001, 0.5, 2.0)
LABELS = ("one", "two", 'a "quoted" one')


@given(counted=st.lists(st.sampled_from(LABELS)))
def test_a_tally_renders_like_a_counter_of_the_library(counted: list[str]) -> None:
    """The same text, whatever was counted under which label."""
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    tally = tallies(ours, "switchhook_things", "Things.", ("which",))
    counter = Counter("switchhook_things", "Things.", ("which",), registry=theirs)

    for label in counted:
        tally.labels(label).inc()
        counter.labels(label).inc()

    assert _samples(ours) == _samples(theirs)


@given(seen=st.lists(st.tuples(st.sampled_from(LABELS), st.floats(0, 4) | st.sampled_from(BOUNDS))))
def test_a_spread_renders_like_a_histogram_of_the_library(seen: list[tuple[str, float]]) -> None:
    """The same text; what took exactly as long as a bound counts below it."""
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    spread = spreads(ours, "switchhook_waits_seconds", "Waits.", ("which",), BOUNDS)
    histogram = Histogram("switchhook_waits_seconds", "Waits.", ("which",), registry=theirs, buckets=BOUNDS)

    for label, seconds in seen:
        spread.labels(label).observe(seconds)
        histogram.labels(label).observe(seconds)

    assert _samples(ours) == _samples(theirs)


def test_a_histogram_without_labels_begins_at_nothing() -> None:
    """A dashboard finds the series before the first call."""
    registry = CollectorRegistry()

    spread = spreads(registry, "switchhook_waits_seconds", "Waits.", (), BOUNDS).labels()

    assert registry.get_sample_value("switchhook_waits_seconds_count") == 0
    spread.observe(0.7)
    assert registry.get_sample_value("switchhook_waits_seconds_bucket", {"le": "0.5"}) == 0
    assert registry.get_sample_value("switchhook_waits_seconds_count") == 1


def _samples(registry: CollectorRegistry) -> list[str]:
    """Return the lines, without the moment each of the library's series began."""
    return [line for line in generate_latest(registry).decode().splitlines() if "_created" not in line]
