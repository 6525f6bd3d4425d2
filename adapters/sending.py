"""
The seam towards providers that texts are sent to: requests to make, and what their answers mean.

As the other half (`adapters.api`) it is pure: whoever holds the sockets makes the request and hands back what came.
"""

import re
from collections.abc import Callable, Mapping
from typing import Protocol

import attrs

from adapters.outcome import Found, Outcome


@attrs.frozen
class RestRequest:
    """A request to make. Its address and headers hold numbers and credentials: none of it is logged."""

    method: str
    url: str = attrs.field(repr=False)
    headers: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    body: bytes = attrs.field(default=b"", repr=False)


@attrs.frozen
class RestReply:
    """What came back: *headers* by lower-case name."""

    code: int
    headers: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    body: bytes = attrs.field(default=b"", repr=False)


def seconds_to_wait(reply: RestReply) -> float | None:
    """Return the seconds of a Retry-After header; one that names a date is not understood."""
    written = reply.headers.get("retry-after", "").strip()
    return float(written) if re.fullmatch("[0-9]{1,6}", written) else None


@attrs.frozen(kw_only=True)
class OutgoingText:
    """
    A text as it goes out: numbers in E.164, *body* as given, *media* links to files.

    *id* is ours, the same on every try; *at* the moment of this one (UTC epoch seconds), for signatures. *valid_for* seconds,
    None: as long as it takes.
    """

    id: str
    at: float

    to: str = attrs.field(repr=False)
    sender: str = attrs.field(repr=False)
    body: str = attrs.field(repr=False)
    media: tuple[str, ...] = attrs.field(default=(), repr=False)
    valid_for: int | None = None


class Carrier(Protocol):
    """A provider account that texts are sent by and recordings fetched from."""

    @property
    def gives_recordings(self) -> bool:
        """Whether recordings can be fetched by it."""
        ...

    def moved(self, api: str) -> "Carrier":
        """Return the same account at another address: of a fake provider, for one."""
        ...

    def send(self, text: OutgoingText) -> RestRequest:
        """Ask to send *text*."""
        ...

    def read_sent(self, reply: RestReply) -> Outcome:
        """Say what became of it."""
        ...

    def search(self, text: OutgoingText) -> RestRequest:
        """Ask which texts there are that could be *text*."""
        ...

    def read_found(
        self, text: OutgoingText, since: float, taken: Callable[[str], bool], reply: RestReply
    ) -> Found | RestRequest:
        """
        Say whether *text*, handed over at *since* (UTC epoch seconds) or later, is among them; a request asks for more of them.

        References that are *taken* belong to other texts.
        """
        ...

    def recording(self, reference: str) -> RestRequest | None:
        """Ask for the sound of a recording; None when *reference* is none of the provider's."""
        ...

    def elsewhere(self, reply: RestReply) -> RestRequest | None:
        """Follow a redirect to where the provider keeps its sound, without credentials; None when it leads anywhere else."""
        ...

    def delete_recording(self, reference: str) -> RestRequest | None:
        """Ask to delete a recording at the provider."""
        ...
