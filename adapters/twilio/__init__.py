"""Twilio, calls and texts: verify and read its webhooks, answer them in TwiML (https://www.twilio.com/docs/voice/twiml)."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import attrs

from adapters.api import Answer, Capabilities, RawRequest, RawResponse
from adapters.content import FORM
from adapters.twilio.read import Reader
from adapters.twilio.signature import Algorithm, Verifier
from adapters.twilio.verbs import LONGEST_MESSAGE
from adapters.twilio.write import Writer
from rules.event import Happening

CAPABILITIES = Capabilities(
    passes_caller_id=True,
    screens=True,
    replies_in_answer=True,
    max_message_seconds=LONGEST_MESSAGE,
    content_type=FORM,
    body_limit=64 * 1024,
    deadline=1.5,
)


@attrs.frozen(init=False, repr=False)
class Twilio:
    """A Twilio account as `Provider`: *name* in the configuration, *account* its AccountSid (None: not compared)."""

    capabilities: ClassVar[Capabilities] = CAPABILITIES

    name: str
    _verifier: Verifier
    _reader: Reader
    _writer: Writer

    def __init__(  # noqa: PLR0913, RUF100  the settings of one account
        self,
        name: str,
        public_url: str,
        account: str | None,
        secrets: Sequence[str],
        signing_keys: Mapping[str, str],
        algorithms: frozenset[Algorithm],
    ) -> None:
        self.__attrs_init__(
            name,
            Verifier(public_url, secrets, signing_keys, algorithms),
            Reader(name, account),
            Writer(f"{public_url.rstrip('/')}/hooks/{name}"),
        )

    def verify(self, request: RawRequest) -> None:
        """Raise `RefusedError` unless Twilio really signed *request*."""
        self._verifier.check(request)

    def read(self, request: RawRequest) -> list[Happening]:
        """Say what happened."""
        return self._reader.read(request)

    def write(self, answer: Answer) -> RawResponse:
        """Say what to do, in TwiML."""
        return self._writer.write(answer)
