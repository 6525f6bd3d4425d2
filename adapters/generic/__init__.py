"""The provider for PBXs and scripts: JSON, signed as Standard Webhooks; the reference of what an adapter does."""

from collections.abc import Sequence
from typing import ClassVar

import attrs

from adapters.api import Answer, Capabilities, RawRequest, RawResponse
from adapters.content import JSON, require
from adapters.generic import signature
from adapters.generic.read import Reader
from adapters.generic.write import write
from rules.event import Happening

CAPABILITIES = Capabilities(
    passes_caller_id=True,
    screens=True,
    replies_in_answer=True,
    max_message_seconds=3600,
    content_type=JSON,
    body_limit=256 * 1024,
    deadline=1.5,
)


@attrs.frozen(init=False, repr=False)
class Generic:
    """A PBX or script as `Provider`: *name* in the configuration, *account* as it shall stand in the record."""

    capabilities: ClassVar[Capabilities] = CAPABILITIES

    name: str
    _base: str
    _keys: tuple[bytes, ...]
    _reader: Reader

    def __init__(self, name: str, public_url: str, account: str | None, secrets: Sequence[str]) -> None:
        keys = tuple([signature.key_of(secret) for secret in secrets])
        self.__attrs_init__(name, f"{public_url.rstrip('/')}/hooks/{name}", keys, Reader(name, account or name))

    def verify(self, request: RawRequest) -> None:
        """Raise `RefusedError` unless one of the secrets signed *request*, and lately."""
        require(request, JSON)
        signature.check(self._keys, request)

    def read(self, request: RawRequest) -> list[Happening]:
        """Say what happened."""
        return self._reader.read(request)

    def write(self, answer: Answer) -> RawResponse:
        """Say what to do, as `answer/1`."""
        return write(answer, self._base)
