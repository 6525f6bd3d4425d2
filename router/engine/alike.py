"""
What is the same for all events decided alike, made for the first of them and kept.

One decision holds for thousands of calls, and what follows from it is most of the work: freezing its plan, the provider's
document, the text of the record. Nothing here says *what* is answered or recorded; the functions that do are run once, and what
they made is kept with gaps where one event differs from the next.
"""

from functools import partial
from typing import NamedTuple, TypeVar

import attrs

from adapters.api import Action, Answer, Cause, LinkTo, Provider, RawResponse
from router.engine.document import Document, document_of
from router.engine.render import actions_of
from router.engine.shared import Shared
from router.engine.told import action_of, public_of
from router.journal.form import Form, Forms
from router.links import Links
from router.tally import Tally
from rules.book import RuleBook
from rules.callers import Caller
from rules.callstate import CallState, Dial
from rules.legs import freeze
from rules.plan import Decision
from rules.progress import current, to_json

K = TypeVar("K")
T = TypeVar("T")

REMEMBERED = 5_000
"""How many decisions are kept."""

ASKED_WITHIN = 120.0
"""Seconds a proxy may take over and above the ringing until it asks again, for a call of which nothing else is heard."""

OF_EVENT = ("id", "key", "event_id", "provider", "received_at", "decided_at", "answer_sha256", "duration_us")
"""The fields of the public part that differ from event to event."""

OF_CALL = ("from", "to", "caller_name", "diversions", "verified", "answer", "call_id", "salt")
"""The fields of the private part of a call that differ from call to call."""

OF_TEXT = Form.of({}, ("from", "to", "text", "opt_out", "media", "replies", "answer", "outbox", "salt"))
"""The private part of a text; no two are alike."""


class Told(NamedTuple):
    """A decision told: the public part of its records, what it comes to in a word, its counter."""

    decision: Decision
    public: Form
    action: str
    counted: Tally


class Begun(NamedTuple):
    """A call begun: its frozen state, whether people are rung, the forms of its record, and the answer."""

    told: Told
    state: CallState
    forwards: bool
    forms: Forms
    step: int
    actions: tuple[Action, ...]
    document: Document | None

    def until(self, provider: Provider, now: float) -> float | None:
        """Say until when the call is known if nothing more is heard of it; None: as long as it takes."""
        if provider.capabilities.reports:
            return None
        return now + ASKED_WITHIN + sum(stage.seconds for stage in self.state.stages if isinstance(stage, Dial))

    def answer(self, provider: Provider, call: str, links: Links) -> RawResponse:
        """Return the answer to *call*, whose reference that is."""
        if self.document is not None:
            return self.document.to(call)
        link = links.of_step(provider.name, call, self.step)
        return write_call(provider, self.actions, call, link, cause_of(self.told.decision))


@attrs.define(eq=False)
class Alike:
    """Keeps them. A key holds what tells decisions apart; the objects it names by identity are kept along with it."""

    shared: Shared
    _told: dict[tuple[object, ...], Told] = attrs.field(factory=dict)
    _begun: dict[tuple[object, ...], Begun] = attrs.field(factory=dict)

    def told(self, decision: Decision) -> Told:
        """Tell *decision* for its record."""
        key = _key(decision)
        known = self._told.get(key)
        if known is not None:
            return known
        action = action_of(decision)
        counted = self.shared.decided(decision.kind, decision.number or "unknown", action, decision.layer)
        return keep(self._told, key, Told(decision, Form.of(public_of(decision), OF_EVENT), action, counted))

    def begun(self, provider: Provider, book: RuleBook, caller: Caller, decision: Decision) -> Begun:
        """
        Begin a call.

        For all ordinary callers it is the same; only a teammate is left out of it, and one who hides the number is shown
        differently.
        """
        if caller.person is not None or (caller.e164 is None and caller.cls != "anonymous"):
            return self._begin(provider, book, caller, decision, once=True)
        key = (*_key(decision), provider.name, provider.capabilities.whole_plan, caller.e164 is None)
        known = self._begun.get(key)
        if known is not None:
            return known
        return keep(self._begun, key, self._begin(provider, book, caller, decision))

    def forget(self) -> None:
        """Forget what was made of the rules before."""
        self._told.clear()
        self._begun.clear()

    def _begin(
        self, provider: Provider, book: RuleBook, caller: Caller, decision: Decision, *, once: bool = False
    ) -> Begun:
        """Freeze the plan, and unless it is needed only *once*, have its document cut."""
        links, told = self.shared.links, self.told(decision)
        able = provider.capabilities
        state = freeze(decision, book, caller, caller_id_passes=able.passes_caller_id)
        perform = current(state)
        stages = perform.stages
        if able.whole_plan:
            state, stages = state.to_the_last_ring(), state.stages
        actions = actions_of(stages, links.public_url)
        document = None
        if able.reports and not once:
            document = document_of(
                partial(write_call, provider, actions),
                lambda call: links.of_step(provider.name, call, perform.step),
            )
        gaps = (*OF_CALL, "outbox") if "call" in self.shared.rules.current.settings.sending.events else OF_CALL
        private = Form.of({} if state.over or not able.reports else {"state": to_json(state)}, gaps)
        forwards = any(isinstance(stage, Dial) for stage in state.stages)
        return Begun(told, state, forwards, Forms(told.public, private), perform.step, actions, document)


def write_call(
    provider: Provider, actions: tuple[Action, ...], call: str, link: LinkTo, cause: Cause | None = None
) -> RawResponse:
    """Have the answer to a call that arrives written by its provider."""
    return provider.write(Answer(to="call", actions=actions, call=call, decision=call, link=link, cause=cause))


def cause_of(decision: Decision) -> Cause | None:
    """Say why a call is answered so, where a provider's words depend on it."""
    if decision.layer == "refused":
        return "unknown"
    return "closed" if decision.layer == "hours" and decision.rule.endswith(".closed") else None


def _key(decision: Decision) -> tuple[object, ...]:
    """Return what tells decisions apart, but for their moment; what they are made of is compared by identity, which is quick."""
    return (
        decision.number,
        decision.caller_class,
        decision.groups,
        decision.rule,
        decision.next_open,
        decision.valid_until,
        id(decision.asked),
        id(decision.plan),
        id(decision.why),
    )


def keep(known: dict[K, T], key: K, made: T) -> T:
    """Keep what was *made* by its *key*, and return it; with too many of them, begin anew."""
    if len(known) >= REMEMBERED:
        known.clear()
    known[key] = made
    return made
