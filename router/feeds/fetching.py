"""Asking for a calendar over the network: what came, or why nothing did."""

from typing import Protocol
from urllib.parse import urljoin, urlsplit

import attrs

from adapters.sending import RestReply, RestRequest
from router.channels.http import NeverReachedError, NoAnswerError
from router.feeds.copies import Copy, place_of
from router.feeds.reading import LARGEST
from router.feeds.source import MissingError, address

REDIRECTS = 3
_MOVED = {301, 302, 303, 307, 308}
_ASKED = {"Accept": "text/calendar, */*;q=0.5", "User-Agent": "switchhook"}


class Line(Protocol):
    """Makes one request; `router.channels.http.Line`."""

    async def exchange(self, request: RestRequest, *, limit: int) -> RestReply:
        """Return the answer, of at most *limit* bytes; raise `NeverReachedError` or `NoAnswerError`."""
        ...


@attrs.frozen
class Fetched:
    """What came: *content* None means that it is as it was. *etag* and *modified* are how the server knows this version."""

    content: bytes | None = attrs.field(repr=False)
    etag: str = ""
    modified: str = ""


async def fetch(line: Line, url: str, known: Copy | None) -> Fetched:
    """
    Ask for the calendar at *url*, of which *known* is the last copy; raise `MissingError`.

    A redirect is followed on the same host only: elsewhere it might lead into the network we stand in.
    """
    asked = dict(_ASKED)
    if known is not None and known.place == place_of(url):
        asked |= {"If-None-Match": known.etag} if known.etag else {}
        asked |= {"If-Modified-Since": known.modified} if known.modified else {}
    at = url
    for _ in range(REDIRECTS + 1):
        try:
            reply = await line.exchange(RestRequest("GET", at, asked), limit=LARGEST)
        except (NeverReachedError, NoAnswerError) as error:
            raise MissingError(str(error)) from error
        if reply.code not in _MOVED:
            return _taken(reply, known if len(asked) > len(_ASKED) else None)
        at = _elsewhere(at, reply)
    raise MissingError("its server sends us in a circle")


def _elsewhere(at: str, reply: RestReply) -> str:
    following = address(urljoin(at, reply.headers.get("location", "")))
    if following is None or urlsplit(following)[:2] != urlsplit(at)[:2]:
        raise MissingError(
            "its server sends us to another one, which is not followed; take the new address from your calendar"
        )
    return following


def _taken(reply: RestReply, known: Copy | None) -> Fetched:
    etag, modified = reply.headers.get("etag", ""), reply.headers.get("last-modified", "")
    if reply.code == 304 and known is not None:
        return Fetched(None, etag or known.etag, modified or known.modified)
    if reply.code == 200:
        return Fetched(reply.body, etag, modified)
    if reply.code in (401, 403):
        raise MissingError(f"its server does not let us have it ({reply.code}); is it still shared by this address?")
    if reply.code in (404, 410):
        raise MissingError(f"there is no calendar at its address any more ({reply.code})")
    raise MissingError(f"its server answered {reply.code}")
