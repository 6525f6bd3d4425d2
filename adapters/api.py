"""
The seam between providers and us: what an adapter must do, and what it is told to say.

An adapter is three pure functions (`verify`, `read`, `write`) and a few facts about the provider. It never decides, stores
or waits; the host (`adapters.host`) does the HTTP, and whoever implements `Receiver` does the rest.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Literal, NamedTuple, Protocol

import attrs

from rules.event import Happening


class RefusedError(Exception):
    """
    A request we do not act upon.

    *code* is the HTTP status (400 malformed, 403 not signed by the provider, 415 wrong content type); *reason* is a short
    word for the metric `webhook_rejected_total{reason}`; *note* is for the log only and never holds a secret or signature.
    """

    def __init__(self, code: int, reason: str, note: str = "") -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.note = note


Headers = Mapping[str, Sequence[str]]
"""Headers by their name in lower case, with every value sent."""


class RawRequest(NamedTuple):
    """
    A request as it came.

    *uri* is the raw target (path and query, unaltered), *path* its segments behind
    `/hooks/<provider>/`, *headers* have lower-case names and every value sent, *body* is untouched. *received_at* is UTC
    epoch seconds by the wall clock.
    """

    method: str
    uri: str
    path: tuple[str, ...]
    headers: Headers
    body: bytes
    received_at: float

    def header(self, name: str) -> str | None:
        """Return the only value of *name* (lower case); None when it is missing or stands twice."""
        values = self.headers.get(name, ())
        return values[0] if len(values) == 1 else None


class RawResponse(NamedTuple):
    """An answer as it goes out; kept with the decision and sent again, byte for byte, to a duplicate."""

    code: int
    content_type: str
    body: bytes


# ---------------------------------------------------------------- what to say


@attrs.frozen
class Leg:
    """
    One phone to ring: *address* is `sip:…` or E.164; with *confirm* it has answered only after pressing 1.

    *index* is its place within the step and goes into the links of its call-backs.
    """

    index: int
    address: str
    confirm: bool


@attrs.frozen
class RingLegs:
    """Ring *legs* at once for *seconds*; *caller_id* is the number they see (None: the original caller's)."""

    legs: tuple[Leg, ...]
    seconds: int
    caller_id: str | None


@attrs.frozen
class Speak:
    """Say *text* in *language* (BCP 47; None: the provider's default)."""

    text: str
    language: str | None


@attrs.frozen
class PlayUrl:
    """Play the sound file at *url*."""

    url: str


@attrs.frozen
class TakeMessage:
    """Record a message of at most *max_seconds* after the beep."""

    box: str
    greeting: "Speak | PlayUrl | None"
    max_seconds: int
    transcribe: bool


@attrs.frozen
class RejectCall:
    """Refuse without answering."""

    reason: Literal["busy", "declined", "unavailable"]


@attrs.frozen
class HangUp:
    """End the call."""


@attrs.frozen
class AskToAccept:
    """On a callee's leg: say *text* and wait for the key 1; without it the leg ends. *leg* is its `Leg.index`."""

    text: str
    language: str | None
    leg: int = 0


@attrs.frozen
class ConnectLeg:
    """On a callee's leg: accepted, join it with the caller."""


@attrs.frozen
class DropLeg:
    """On a callee's leg: not accepted, end it; the caller goes on."""


@attrs.frozen
class ReplyText:
    """Answer the sender of a text."""

    text: str


Action = RingLegs | Speak | PlayUrl | TakeMessage | RejectCall | HangUp | AskToAccept | ConnectLeg | DropLeg | ReplyText

Cause = Literal["unknown", "closed"]
"""Why a call is answered so, where that changes the words: the number called is not ours, or nobody is in at this hour."""

LinkTo = Callable[[str, int], str]
"""`link(what, leg)` -> the absolute URL of a call-back (`next`, `screen`, `accept`, `leg`, `message`, `recording`, `transcript`)."""


@attrs.frozen(kw_only=True)
class Answer:
    """
    What the provider is to do now, in our words; an empty *actions* means received, nothing to do.

    *to* says what kind of request is answered, since an empty answer to a call-back differs from one to a text.
    *link* makes the call-back URLs of the current step; None where none can be needed.
    """

    to: Literal["call", "text", "progress", "status"]
    actions: tuple[Action, ...] = ()
    call: str | None = None
    decision: str | None = None
    link: LinkTo | None = None
    cause: Cause | None = None


# ---------------------------------------------------------------- what an adapter is


@attrs.frozen(kw_only=True)
class Capabilities:
    """
    What a provider can do, as far as somebody asks: `check` warns of a plan that wants more, the engine gives what is possible.

    *content_type* is that of its webhooks, *body_limit* the most bytes one may have.
    """

    passes_caller_id: bool
    screens: bool
    replies_in_answer: bool
    max_message_seconds: int
    content_type: str
    body_limit: int
    deadline: float
    """Seconds until the fail-safe document goes out."""
    reports: bool = True
    """Whether it tells how a step ended; of a call given to one that does not, nothing more may be heard."""
    whole_plan: bool = False
    """Whether it is told all steps of a call in one answer."""
    speaks: bool = True
    """Whether a caller hears what is said or played before somebody takes the call."""
    sends_texts: bool = False
    """Whether texts can be sent by it: not a matter of the adapter alone, its account must be known."""
    redirects_texts: bool = False
    """Whether a text is answered with where to send it, and is then not ours to send."""


class Provider(Protocol):
    """
    Translates one provider's words into ours and back, with no I/O at all.

    The functions are called in this order for each webhook.
    """

    @property
    def name(self) -> str:
        """The name of this provider in the configuration; the path is `/hooks/<name>/…`."""

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""

    def verify(self, request: RawRequest) -> None:
        """Raise `RefusedError` unless the provider really signed *request*."""

    def read(self, request: RawRequest) -> list[Happening]:
        """Say what happened; raise `RefusedError` when the request is not one of the provider's."""

    def write(self, answer: Answer) -> RawResponse:
        """Say what to do, in the provider's language."""


class Receiver(Protocol):
    """Who decides and records; the engine of the daemon, or a test."""

    def receive(self, provider: Provider, happenings: list[Happening], received_at: float) -> Awaitable[RawResponse]:
        """Answer one verified request. Never fails: a fault of ours becomes the fail-safe document."""

    def refused(self, provider: str, error: RefusedError) -> None:
        """Note that a request was refused (metric and log)."""

    def fault(self, provider: Provider, what: str, error: Exception) -> RawResponse:
        """
        Answer a verified request over which we ourselves stumbled before it could be received.

        *what* is the first segment of its path (`call`, `text`, `next`, …). Counts and logs *error*; the answer is the
        fail-safe document for a caller who waits, 503 for a text.
        """
