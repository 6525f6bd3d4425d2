"""A PBX, SBC or proxy that speaks SIP, as a provider: it asks by INVITE and MESSAGE, and never over HTTP."""

from collections.abc import Mapping
from functools import cache
from typing import NoReturn

import attrs

from adapters.api import Answer, Capabilities, RawRequest, RawResponse, RefusedError
from adapters.sip.asked import SipAsked
from adapters.sip.events import event_of
from adapters.sip.mapping import Contacts, Question, write
from rules.event import IncomingCall, IncomingText

CAPABILITIES = Capabilities(
    passes_caller_id=True,
    screens=False,
    replies_in_answer=False,
    max_message_seconds=3600,
    content_type="",
    body_limit=0,
    deadline=1.5,
    reports=False,
    whole_plan=True,
    speaks=False,
)


@attrs.frozen
class Manner:
    """How a peer deals with a redirect: whether it asks again when nobody answered, and rings one rank at once."""

    asks_again: bool = False
    parallel: bool = False


@attrs.frozen(kw_only=True)
class Sip:
    """
    A SIP provider by its *name* in the configuration.

    *manners* are those of its peers, by name. *question* is what is being asked; None for the provider as such, which can only
    say what is said in trouble.
    """

    name: str
    contacts: Contacts
    manners: Mapping[str, Manner] = attrs.field(factory=dict)
    redirects_texts: bool = False
    question: Question | None = None
    capabilities: Capabilities = CAPABILITIES

    def asked(self, asked: SipAsked) -> "tuple[Sip, IncomingCall | IncomingText]":
        """Return the provider that answers this one request, and what the request says."""
        manner = self.manners.get(asked.peer.name, Manner())
        event = event_of(asked, self.name)
        able = _able(asks_again=manner.asks_again, redirects_texts=self.redirects_texts)
        return Sip(
            name=self.name,
            contacts=self.contacts,
            manners=self.manners,
            redirects_texts=self.redirects_texts,
            question=Question(asked=asked, event=event, parallel=manner.parallel),
            capabilities=able,
        ), event

    def verify(self, request: RawRequest) -> None:  # noqa: ARG002  whatever it says
        """Refuse: nothing of this provider comes over HTTP."""
        _not_here()

    def read(self, request: RawRequest) -> NoReturn:  # noqa: ARG002
        """Refuse: nothing of this provider comes over HTTP."""
        _not_here()

    def write(self, answer: Answer) -> RawResponse:
        """Say what to do, as a piece of a SIP message."""
        return write(answer, self.contacts, self.question)


@cache
def _able(*, asks_again: bool, redirects_texts: bool) -> Capabilities:
    return attrs.evolve(CAPABILITIES, whole_plan=not asks_again, redirects_texts=redirects_texts)


def _not_here() -> NoReturn:
    raise RefusedError(404, "path", "this provider speaks SIP, it has no web hooks")
