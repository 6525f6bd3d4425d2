"""Facts of this very moment that no table holds: who has opted out, who was rung last, what was sent by itself lately."""

from collections.abc import Callable, Iterable
from itertools import takewhile

import attrs

from router.calls import LiveCalls
from router.limits import DAY, FORWARDS_KEPT, HOUR, REPLIES, Sliding, within
from rules.book import RuleBook
from rules.event import Diversion, IncomingCall, IncomingText
from rules.inquiry import Inquiry

Pair = tuple[str, int]
"""One of our numbers, by name, and the fingerprint of a caller: how the index knows them too."""


@attrs.define(eq=False)
class Facts:
    """
    What the daemon remembers beyond single calls.

    *opted_out* are those who want no texts from a number. *busy* says when somebody last took a call (`call`) or was given
    a text (`text`) in turn, UTC epoch seconds. *spoke* names who last took a call of somebody, and when; the latest come last.
    *answered* is the fingerprint of the words we last replied to by ourselves, and when. *fingerprint* is how a caller's number, as
    the provider wrote it, is known.
    """

    fingerprint: Callable[[str], int]
    opted_out: set[Pair] = attrs.field(factory=set)
    replies: Sliding[Pair] = attrs.field(factory=lambda: Sliding(REPLIES))
    forwards: Sliding[str] = attrs.field(factory=lambda: Sliding(((HOUR, FORWARDS_KEPT),)))
    busy: dict[tuple[str, str], float] = attrs.field(factory=dict)
    spoke: dict[Pair, tuple[str, float]] = attrs.field(factory=dict)
    answered: dict[Pair, tuple[int, float]] = attrs.field(factory=dict)

    def pair(self, number: str, caller: str) -> Pair:
        """Return the key for what passes between *number* (its name) and *caller* (as the provider wrote it)."""
        return number, self.fingerprint(caller)

    def opt(self, pair: Pair, *, out: bool) -> None:
        """Note that a caller wants no more texts from a number, or wants them again."""
        if out:
            self.opted_out.add(pair)
        else:
            self.opted_out.discard(pair)

    def took(self, kind: str, person: str, at: float) -> None:
        """Note that it was *person*'s turn."""
        self.busy[kind, person] = at

    def talked(self, pair: Pair, person: str, at: float) -> None:
        """Note that *person* spoke with a caller."""
        self.spoke.pop(pair, None)
        self.spoke[pair] = (person, at)

    def replied(self, pair: Pair, words: str, at: float) -> None:
        """Note that *words* of a caller were replied to by ourselves."""
        self.replies.note(pair, at)
        self.answered.pop(pair, None)
        self.answered[pair] = (self.fingerprint(words.strip()), at)

    def may_reply(self, pair: Pair, words: str, at: float) -> bool:
        """
        Say whether *words* may be replied to by ourselves.

        Not too often; and not the same words again within a day: that is how another machine answers, however long a carrier takes.
        """
        known, then = self.answered.get(pair, (None, at))
        again = known == self.fingerprint(words.strip()) and within(DAY, then, at)
        return not again and not self.replies.reached(pair, at)

    def spoke_with(self, pair: Pair, at: float) -> str | None:
        """Return who, by name, spoke with a caller last, within a day of *at*."""
        person, then = self.spoke.get(pair, (None, at))
        return person if within(DAY, then, at) else None

    def longest_idle_first(self, kind: str, people: Iterable[str]) -> tuple[str, ...]:
        """Order *people* by how long ago it was their turn; who never had one comes first, in the order given."""
        return tuple(sorted(people, key=lambda person: self.busy.get((kind, person), 0.0)))

    def prune(self, at: float) -> None:
        """Forget what no longer counts."""
        self.replies.prune(at)
        self.forwards.prune(at)
        for pair in list(takewhile(lambda pair: self.spoke[pair][1] <= at - DAY, self.spoke)):
            del self.spoke[pair]
        for pair in list(takewhile(lambda pair: self.answered[pair][1] <= at - DAY, self.answered)):
            del self.answered[pair]


@attrs.define(eq=False)
class Live:
    """Answers the live questions about one event; what `Timetable.decide` asks for facts no table holds."""

    book: RuleBook
    inquiry: Inquiry
    event: IncomingCall | IncomingText
    calls: LiveCalls
    facts: Facts
    at: float

    def __call__(self, question: str) -> bool:
        """Answer one question; what is not known here is not so."""
        number = self.inquiry.number
        if number is None:
            return False
        match question:
            case "ringing-now":
                return self.calls.is_ringing(self._addresses(), self.at)
            case "opted-out":
                return self.facts.pair(number.name, self.event.caller) in self.facts.opted_out
            case "limit:auto-reply":
                words = self.event.text if isinstance(self.event, IncomingText) else ""
                return not self.facts.may_reply(self.facts.pair(number.name, self.event.caller), words, self.at)
            case "limit:forwards":
                most = self.book.safety.max_forwards_per_hour
                return most is not None and self.facts.forwards.count(number.name, self.at) >= most
        if question.startswith("spoke-") and self.inquiry.caller.e164 is not None:
            person = self.facts.spoke_with(self.facts.pair(number.name, self.event.caller), self.at)
            return person is not None and question in ("spoke-lately", f"spoke-with:{person}")
        return False

    def _addresses(self) -> Iterable[str]:
        """Yield where the call comes from and over whom, in the spelling our devices have."""
        yield from _spellings(self.inquiry.caller.e164, self.inquiry.caller.raw)
        hops: tuple[Diversion, ...] = self.event.diversions if isinstance(self.event, IncomingCall) else ()
        for hop in hops:
            yield from _spellings(self.book.callers.classify(hop.number, verified=None).e164, hop.number)


def _spellings(e164: str | None, raw: str) -> Iterable[str]:
    """Yield how an address may be written among devices: as a number, or as a bare SIP address."""
    if e164 is not None:
        yield e164
    yield raw.partition(";")[0].strip("<>")
