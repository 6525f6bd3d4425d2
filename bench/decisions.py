"""Part b: decisions a second in one process, trace included, from the smallest company to the largest."""

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from random import Random
from statistics import median

import attrs

from bench import books
from bench.naive import Naive
from bench.peer import Peer
from bench.table import Line
from rules.deciding import Timetable, window_around
from rules.event import IncomingCall
from rules.inquiry import inquire
from rules.load import load
from rules.plan import Decision

PART = "b. decisions in one process (one thread, trace included)"
START = 1_795_440_600
"""Mon 23 Nov 2026, 08:30 in Boston: half an hour before most of the offices open."""

DAYS = 30
CALLS_PER_SECOND = 10
CHECKED = 400


@attrs.frozen
class Company:
    """A rule file with the calls that come to it."""

    name: str
    text: str
    numbers: Sequence[str]
    callers: Sequence[str]


@attrs.frozen
class Event:
    """A call and the moment (UTC epoch seconds) it comes."""

    call: IncomingCall
    at: int


def companies(population: int = 50_000) -> list[Company]:
    """Return the three sizes measured; each is called by as many different people."""
    return [
        Company("example", books.example(1, 2), books.EXAMPLE_NUMBERS, books.example_callers(population)),
        *(
            Company(name, books.written(size), books.numbers_of(size), books.strangers_and_friends(size, population))
            for name, size in (("50 people, 20 numbers", books.SMALL), ("10,000 numbers, 10,000 callers", books.LARGE))
        ),
    ]


def events(company: Company, count: int, *, live: bool, seed: int = 3) -> list[Event]:
    """Return *count* random calls: as they come (*live*, ten a second), or at random moments of thirty days."""
    chance = Random(seed)
    return [
        Event(
            IncomingCall(
                provider="twilio",
                account="AC1",
                id=f"CA{at}",
                to=chance.choice(company.numbers),
                caller=chance.choice(company.callers),
                verified=True,
            ),
            START + (at // CALLS_PER_SECOND if live else chance.randrange(DAYS * 86400)),
        )
        for at in range(count)
    ]


class Ours:
    """What the engine does for each call, in process."""

    def __init__(self, text: str) -> None:
        loaded = load("bench.yaml", {"bench.yaml": text.encode()}, lambda _: None)
        assert loaded.book, [problem.message for problem in loaded.errors]
        self.book = loaded.book
        self.timetable = Timetable(self.book, window_around(START))

    def decide(self, event: Event) -> Decision:
        """Decide one call."""
        return self.timetable.decide(inquire(self.book, event.call), event.at)


def seconds_each(decide: Callable[[Event], object], calls: Sequence[Event]) -> float:
    """Return the CPU time of one decision, the loop around it taken off."""
    begun = time.process_time()
    for event in calls:
        decide(event)
    took = time.process_time() - begun
    begun = time.process_time()
    for event in calls:
        _nothing(event)
    return (took - (time.process_time() - begun)) / len(calls)


def _nothing(_event: Event) -> None:
    pass


def differences(ours: Ours, naive: Naive, calls: Sequence[Event]) -> list[tuple[Event, str, str]]:
    """Return the calls that the two decide by different rules, or for different people."""
    found = []
    for event in calls:
        decision = ours.decide(event)
        rule, rounds = naive.decide(event.call.to, event.call.caller, event.at)
        mine = f"{decision.rule} {[list(people) for people in decision.tries()]}"
        if mine != f"{rule} {rounds}":
            found.append((event, mine, f"{rule} {rounds}"))
    return found


def measured(company: Company, *, quick: bool) -> Iterator[tuple[Line, float]]:
    """Measure one company; yields lines with the time of one decision (ours only, else 0)."""
    count, rounds = (3_000, 3) if quick else (30_000, 3)
    ours, naive = Ours(company.text), Naive(company.text)
    wrong = differences(ours, naive, events(company, CHECKED, live=False, seed=11))
    yield (
        Line(
            PART, f"{company.name}: samples decided unlike the naive loop", len(wrong), f"of {CHECKED}", "0", not wrong
        ),
        0,
    )
    for live, order in ((True, "as calls come"), (False, "random moments")):
        stream = events(company, count * (rounds + 2), live=live)
        parts = [stream[start : start + count] for start in range(0, len(stream), count)]
        gc.collect()
        seconds_each(ours.decide, [*parts[0], *parts[1]])
        each = median(seconds_each(ours.decide, part) for part in parts[2:])
        yield line(company, f"switchhook, {order}", each, aim=live), each if live else 0
        if live or not quick:
            loop = median(
                seconds_each(lambda event: naive.decide(event.call.to, event.call.caller, event.at), part[: count // 3])
                for part in parts[2:]
            )
            yield line(company, f"naive loop, {order}", loop, against=each), 0
    yield peer(company, naive, parts[-1][: count // 10]), 0


def line(company: Company, who: str, each: float, *, aim: bool = False, against: float | None = None) -> Line:
    """Tell the time of one decision as decisions a second."""
    rate = 1 / each
    target, good = (">= 30,000 (aim 100,000)", rate >= 30_000) if aim else ("", None)
    note = f"{each * 1e6:.1f} us each" + (f"; we take {against / each:.2f} x as long" if against else "")
    return Line(PART, f"{company.name}: {who}", rate, "/s", target, good, note)


def peer(company: Company, naive: Naive, calls: Sequence[Event]) -> Line:
    """Measure zen-engine on the same calls, checked against the naive loop as it goes."""
    what = f"{company.name}: zen-engine, precompiled tables"
    try:
        other = Peer(naive)
    except ImportError:
        return Line(PART, what, "-", note="not installed: pip install 'switchhook[bench]'")
    ready = [(event, other.context(event.call.to, event.call.caller, event.at)) for event in calls]
    unlike = sum(
        other.decide(event.call.to, context) != naive.decide(event.call.to, event.call.caller, event.at)[0]
        for event, context in ready[:CHECKED]
    )
    begun = time.process_time()
    for event, context in ready:
        other.decide(event.call.to, context)
    each = (time.process_time() - begun) / len(ready)
    return Line(
        PART, what, 1 / each, "/s", note=f"{each * 1e6:.1f} us each; {unlike} of {CHECKED} samples unlike; rule only"
    )


def run(*, quick: bool) -> list[Line]:
    """Measure all three companies."""
    lines: list[Line] = []
    times: list[float] = []
    for company in companies():
        for told, each in measured(company, quick=quick):
            lines.append(told)
            times += [each] if each else []
    ratio = times[-1] / times[0]
    lines.append(
        Line(PART, "cost of a decision, largest over smallest", ratio, "x", "<= 2.5", ratio <= 2.5, "as calls come")
    )
    return lines
