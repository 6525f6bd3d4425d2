"""The way from SIP to the engine and back: a request that passed every check becomes an event, its answer a response."""

from collections.abc import Callable, Mapping, Sequence

import attrs

from adapters.running import run
from adapters.sip.asked import Outcome, SipAnswer, SipAsked, Trouble
from adapters.sip.events import end_of
from adapters.sip.mapping import answer_of
from adapters.sip.provider import Sip
from router.clock import DEMO_HEADER
from router.engine.engine import Engine
from rules.event import CallEnded


@attrs.frozen(eq=False)
class EngineDecider:
    """Has the engine decide for one provider (`adapters.sip.asked.Decider`); *provider* is the one of the rules in force."""

    engine: Engine
    provider: Callable[[], Sip]
    received_at: Callable[[Mapping[str, Sequence[str]]], float]

    @property
    def ready(self) -> bool:
        """Whether there are rules to decide by: always, for the daemon does not start without."""
        return True

    async def decide(self, asked: SipAsked) -> SipAnswer:
        """Have the request decided, recorded, and say what to answer."""
        provider, event = self.provider().asked(asked)
        return answer_of(await self.engine.receive(provider, [event], self._moment(asked)))

    def on_error(self, asked: SipAsked, trouble: Trouble) -> SipAnswer:
        """Say what is answered in trouble; it was made when the rules were loaded."""
        kind = "text" if asked.request.method == "MESSAGE" else "call"
        self.engine.shared.metrics.failsafe_answers.labels(trouble).inc()
        return answer_of(self.engine.documents[self.provider().name].to(kind))

    def ended(self, asked: SipAsked, outcome: Outcome) -> None:
        """Have it recorded that a caller hung up before the answer, or that the answer may not have arrived."""
        if asked.request.method == "INVITE":
            provider, _ = self.provider().asked(asked)
            run(self._note(provider, end_of(asked, provider.name, outcome), self._moment(asked)))

    async def _note(self, provider: Sip, event: CallEnded, at: float) -> None:
        await self.engine.receive(provider, [event], at)

    def _moment(self, asked: SipAsked) -> float:
        return self.received_at({DEMO_HEADER: asked.request.headers.all(DEMO_HEADER)})
