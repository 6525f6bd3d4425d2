"""One recording fetched from the provider: only from its own hosts, not larger and not slower than a message can be."""

from typing import Protocol

import attrs

from adapters.sending import Carrier, RestReply, RestRequest
from router.channels.http import NeverReachedError, NoAnswerError

LARGEST = 32 * 1024 * 1024
"""Bytes; an hour of a telephone call as MP3."""

MOST_HOPS = 3
"""Redirects followed, each to one of the provider's own hosts."""


class Line(Protocol):
    """Makes requests (`router.channels.http.Line`)."""

    async def exchange(self, request: RestRequest, *, limit: int) -> RestReply:
        """Make one; raise `NeverReachedError` or `NoAnswerError`."""


@attrs.frozen
class Trouble:
    """It did not work this time; *reason* in words for people, without address or number."""

    reason: str


async def fetch(line: Line, carrier: Carrier, reference: str) -> bytes | Trouble:
    """Fetch the sound the provider knows as *reference*."""
    request = carrier.recording(reference)
    if request is None:
        return Trouble("the provider's name for the recording makes no sense")
    for _ in range(MOST_HOPS + 1):
        reply = await _ask(line, request, LARGEST)
        if isinstance(reply, Trouble):
            return reply
        following = carrier.elsewhere(reply)
        if following is None:
            return _sound(reply)
        request = following
    return Trouble("the provider sends us from one place to the next")


async def delete(line: Line, carrier: Carrier, reference: str) -> Trouble | None:
    """Delete a recording at the provider; None when it is gone."""
    request = carrier.delete_recording(reference)
    if request is None:
        return None
    reply = await _ask(line, request, 64 * 1024)
    if isinstance(reply, Trouble):
        return reply
    return None if reply.code in (200, 204, 404) else Trouble(f"the provider does not delete it (HTTP {reply.code})")


async def _ask(line: Line, request: RestRequest, limit: int) -> RestReply | Trouble:
    try:
        return await line.exchange(request, limit=limit)
    except (NeverReachedError, NoAnswerError) as error:
        return Trouble(str(error))


def _sound(reply: RestReply) -> bytes | Trouble:
    if reply.code == 404:
        return Trouble("the provider does not have it (yet)")
    if 300 <= reply.code < 400:
        return Trouble("the provider sends us to a place that is not its own")
    if reply.code != 200:
        return Trouble(f"the provider does not give it (HTTP {reply.code})")
    kind = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not reply.body or not (kind.startswith("audio/") or kind == "application/octet-stream"):
        return Trouble("what the provider gives is no sound")
    return reply.body
