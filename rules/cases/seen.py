"""What a test can see of an event: how it was decided and, of a call on its way, where it is after some tries."""

from collections.abc import Iterable

import attrs

from rules.book import RuleBook
from rules.callers import Caller
from rules.callstate import CallState, Dial
from rules.event import Result
from rules.legs import freeze
from rules.plan import Copy, Decision, Deliver, Hangup, Play, Reject, Ring, Say, Voicemail
from rules.progress import advance
from rules.signals import StepEnded
from rules.telling import outcome

Round = tuple[tuple[str, ...], int]
"""The people rung at once, and for how many seconds."""


@attrs.frozen
class Seen:
    """
    Where an event stands.

    *rounds* are those from now on, the present one first. *spare* counts the results told to a call that was not ringing
    any more.
    """

    rule: str
    rounds: tuple[Round, ...]
    ends: str | None
    reason: str | None
    voicemail: str | None
    notifies: tuple[str, ...]
    delivers: tuple[str, ...]
    copies: tuple[str, ...]
    via: str | None
    holds: str | None
    replies: str | None
    says: str | None
    spare: int = 0

    @property
    def tries(self) -> tuple[tuple[str, ...], ...]:
        """Who is rung, round by round."""
        return tuple(people for people, _ in self.rounds)

    @property
    def rings(self) -> tuple[str, ...]:
        """Who is rung first, or now."""
        return next(iter(self.tries), ())

    @property
    def everybody(self) -> frozenset[str]:
        """Who is rung at all."""
        return frozenset(person for people in self.tries for person in people)


def see(book: RuleBook, decision: Decision, caller: Caller, after: tuple[Result, ...]) -> Seen:
    """Tell how *decision* looks to a test; with *after*, where the call is once its first tries have ended like that."""
    told = outcome(decision)
    last = decision.plan[-1] if decision.plan else None
    box = last.box if isinstance(last, Voicemail) else None
    delivers = next((step.people for step in decision.plan if isinstance(step, Deliver)), ())
    copies = next((step.people for step in decision.plan if isinstance(step, Copy)), ())
    seen = Seen(
        rule=decision.rule,
        rounds=tuple((people, step.seconds) for step in _rings(decision) for people in step.rounds()),
        ends=decision.ends(),
        reason=last.reason if isinstance(last, Reject) else None,
        voicemail=box,
        notifies=_notified(book, box),
        delivers=delivers,
        copies=copies,
        via=_word(told["via"]),
        holds=_word(told["holds"]),
        replies=_word(told["replies"]),
        says=_spoken(decision.plan),
    )
    return _progressed(seen, book, decision, caller, after) if after and decision.kind == "call" else seen


def _word(value: object) -> str | None:
    return None if value is None else str(value)


def _spoken(steps: Iterable[object]) -> str | None:
    """Return all that a caller hears spoken or played, the greeting of the voicemail last."""
    heard: list[str] = []
    for step in steps:
        said = step.greeting if isinstance(step, Voicemail) else step
        if isinstance(said, Say | Play):
            heard.append(said.text if isinstance(said, Say) else said.source)
    return " ".join(heard) or None


def _rings(decision: Decision) -> list[Ring]:
    return [step for step in decision.plan if isinstance(step, Ring)]


def _notified(book: RuleBook, box: str | None) -> tuple[str, ...]:
    """Return who is told of a message in *box*, as written."""
    return book.boxes[box].notify if box is not None and box in book.boxes else ()


def _progressed(seen: Seen, book: RuleBook, decision: Decision, caller: Caller, after: tuple[Result, ...]) -> Seen:
    """Follow the call with the code that follows live calls, one result for each try."""
    state = freeze(decision, book, caller, caller_id_passes=True)
    rounds, lasts = _tries(book, decision, caller)
    over = spare = 0
    for result in after:
        if over == len(rounds) or state.over:
            spare += 1
            continue
        while not state.over and isinstance(state.stage, Dial) and _dials_before(state) < lasts[over]:
            state, _ = advance(state, StepEnded(state.position, result))
        over += 1
    taken = state.over and not isinstance(state.stage, Reject | Hangup)
    end = state.stages[-1]
    box = end.box if isinstance(end, Voicemail) and not taken else None
    return attrs.evolve(
        seen,
        rounds=() if taken else rounds[over:],
        ends=None if taken else _ending(end),
        reason=end.reason if isinstance(end, Reject) else None,
        voicemail=box,
        notifies=_notified(book, box),
        says=None if taken else _spoken(state.stages[state.begun :]),
        spare=spare,
    )


def _ending(end: object) -> str:
    """Name the way a call ends."""
    return "voicemail" if isinstance(end, Voicemail) else "reject" if isinstance(end, Reject) else "hangup"


def _tries(book: RuleBook, decision: Decision, caller: Caller) -> tuple[tuple[Round, ...], tuple[int, ...]]:
    """
    Return the rounds in which phones really ring, and of each how many dials there are up to its end.

    A round takes several dials when somebody's phones are rung in order, and none when only the caller would be rung.
    """
    rounds: list[Round] = []
    lasts: list[int] = []
    alone: list[Ring] = []
    for step in _rings(decision):
        for people in step.rounds():
            alone.append(attrs.evolve(step, people=people, strategy="all-at-once"))
            begun = freeze(decision._replace(plan=tuple(alone)), book, caller, caller_id_passes=True)
            dials = [stage for stage in begun.stages if isinstance(stage, Dial)]
            if len(dials) > (lasts[-1] if lasts else 0):
                rung = {person for stage in dials[lasts[-1] if lasts else 0 :] for person in stage.people()}
                rounds.append((tuple(person for person in people if person in rung), step.seconds))
                lasts.append(len(dials))
    return tuple(rounds), tuple(lasts)


def _dials_before(state: CallState) -> int:
    """Count the dials that stand before the place the call is at."""
    return sum(isinstance(stage, Dial) for stage in state.stages[: state.position])
