"""
Counters and histograms of the hot path: one thread counts, another reads, and neither waits for a lock.

prometheus_client guards every sum with a lock of its own, and a call counts half a dozen things. Here only the reactor's thread
writes; whoever renders the metrics reads whole numbers, each as it is at that moment.
"""

from bisect import bisect_left
from collections.abc import Iterator

import attrs
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

Labels = tuple[str, ...]


@attrs.define(eq=False)
class Tally:
    """How often something happened."""

    count: int = 0

    def inc(self) -> None:
        """Count one more."""
        self.count += 1


@attrs.define(eq=False)
class Tallies(Collector):
    """A counter, `switchhook_<name>_total` when it is rendered, with one `Tally` for each set of labels."""

    name: str
    help: str
    names: Labels
    known: dict[Labels, Tally] = attrs.field(factory=dict)

    def labels(self, *values: str) -> Tally:
        """Return what counts for these labels; hot ones are bound once."""
        return self.known.setdefault(values, Tally())

    def collect(self) -> Iterator[CounterMetricFamily]:
        """Say how it stands."""
        family = CounterMetricFamily(self.name, self.help, labels=self.names)
        for values, tally in list(self.known.items()):
            family.add_metric(values, tally.count)
        yield family


@attrs.define(eq=False)
class Spread:
    """How long something took: how often up to each of *bounds*, and beyond the last, and the sum in seconds."""

    bounds: tuple[float, ...]
    counts: list[int] = attrs.field(init=False)
    total: float = attrs.field(default=0.0, init=False)

    def __attrs_post_init__(self) -> None:
        """Begin at nothing."""
        self.counts = [0] * (len(self.bounds) + 1)

    def observe(self, seconds: float) -> None:
        """Take in one more."""
        self.counts[bisect_left(self.bounds, seconds)] += 1
        self.total += seconds

    def buckets(self) -> list[tuple[str, float]]:
        """Return how often it took at most so long, bound by bound, as Prometheus counts them."""
        found: list[tuple[str, float]] = []
        so_far = 0
        for bound, count in zip((*map(str, self.bounds), "+Inf"), list(self.counts), strict=True):
            so_far += count
            found.append((bound, so_far))
        return found


@attrs.define(eq=False)
class Spreads(Collector):
    """A histogram, with one `Spread` for each set of labels."""

    name: str
    help: str
    names: Labels
    bounds: tuple[float, ...]
    known: dict[Labels, Spread] = attrs.field(factory=dict)

    def labels(self, *values: str) -> Spread:
        """Return what observes for these labels; hot ones are bound once."""
        return self.known.setdefault(values, Spread(self.bounds))

    def collect(self) -> Iterator[HistogramMetricFamily]:
        """Say how it stands."""
        family = HistogramMetricFamily(self.name, self.help, labels=self.names)
        for values, spread in list(self.known.items()):
            family.add_metric(values, spread.buckets(), spread.total)
        yield family


def tallies(registry: CollectorRegistry, name: str, help_: str, names: Labels) -> Tallies:
    """Register a counter."""
    made = Tallies(name, help_, names)
    registry.register(made)
    return made


def spreads(registry: CollectorRegistry, name: str, help_: str, names: Labels, bounds: tuple[float, ...]) -> Spreads:
    """Register a histogram."""
    made = Spreads(name, help_, names, bounds)
    registry.register(made)
    return made
