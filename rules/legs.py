"""From a plan of people to the phones that are rung: the stages of a call, frozen when it starts."""

from collections.abc import Iterable, Iterator

import attrs

from rules.book import RuleBook
from rules.callers import Caller
from rules.callstate import CallState, Dial, Stage, StageLeg, begin
from rules.directory import Person
from rules.plan import Decision, Hangup, Play, Reject, Ring, Say, Voicemail
from rules.sipuri import sip_uri

LEGS_AT_ONCE = 10
"""The most phones one dial may ring; what providers allow."""


def freeze(decision: Decision, book: RuleBook, caller: Caller, *, caller_id_passes: bool) -> CallState:
    """
    Turn the plan of *decision* into a call with its phones.

    Teammates see the caller's own number where the book wants that, the caller shows one, and the provider lets it pass;
    otherwise, and when a colleague calls from a private phone, the business number. The caller is never rung back, and no
    more than `safety.max_legs` phones ring in one call.
    """
    number = book.numbers.get(decision.number or "")
    shown = caller.e164 is not None and caller.person is None
    shows_caller = caller_id_passes and book.teammate_sees == "caller" and shown
    caller_id = None if shows_caller or number is None else number.e164
    phones = _Phones(book, caller, caller_id, book.safety.max_legs)
    return begin(tuple(_stages(decision.plan, phones)))


def _stages(plan: Iterable[object], phones: "_Phones") -> Iterator[Stage]:
    announced = False
    for step in plan:
        match step:
            case Ring():
                for round_ in step.rounds():
                    yield from phones.dials(round_, step.seconds)
            case Say() | Play():
                announced = True
                yield step
            case Reject():
                # Who has heard an announcement has been answered; a busy tone would come too late.
                yield Hangup() if announced else step
            case Voicemail() | Hangup():
                yield step


@attrs.define
class _Phones:
    """Hands out the phones of people, as long as the call may ring more."""

    book: RuleBook
    caller: Caller
    caller_id: str | None
    left: int

    def dials(self, people: tuple[str, ...], seconds: int) -> Iterator[Dial]:
        """
        Yield what is dialled to ring *people* in one round, one dial after another.

        All devices of a person at once, or those of a list in order: the second dial rings the second device of everybody
        who has a list.
        """
        known = [self.book.directory.people[name] for name in people if name in self.book.directory.people]
        reachable = [person for person in known if person.name != self.caller.person]
        longest = max((len(person.devices) if person.in_order else 1 for person in reachable), default=0)
        for turn in range(longest):
            legs = self._allowed(leg for person in reachable for leg in _devices(person, turn))
            for first in range(0, len(legs), LEGS_AT_ONCE):
                yield Dial(tuple(legs[first : first + LEGS_AT_ONCE]), seconds, self.caller_id)

    def _allowed(self, legs: Iterable[StageLeg]) -> list[StageLeg]:
        """Leave out the caller's own phone, a phone two people share, and what is beyond the limit."""
        by_address: dict[str, StageLeg] = {}
        for leg in legs:
            if leg.address != self.caller.e164 and _spelt(leg.address) != _spelt(self.caller.raw):
                by_address.setdefault(leg.address, leg)
        allowed = list(by_address.values())[: self.left]
        self.left -= len(allowed)
        return allowed


def _devices(person: Person, turn: int) -> Iterator[StageLeg]:
    """Yield the devices of *person* that are rung in the dial number *turn* of a round."""
    chosen = person.devices[turn : turn + 1] if person.in_order else person.devices if turn == 0 else ()
    for device in chosen:
        yield StageLeg(person.name, device.address, device.confirm)


def _spelt(address: str) -> str:
    """Return *address* as SIP addresses are compared."""
    uri = sip_uri(address)
    return uri.key if uri else address
