"""
Reads the requests providers send: one POST that came in one piece, with nothing about it that would take thought.

twisted.web's parser goes line by line, and copies what is left for each of them; that takes as long as checking a signature.
What is read here it would read alike (the tests hold the two against each other), and whatever looks in the least unusual is
left to it: other methods, folded lines, a length that is doubled or not that of what came, chunks, `Connection`, `Expect`,
letters beyond ASCII.
"""

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from adapters.answerhead import CLOSE, Header, head
from adapters.api import Headers

if TYPE_CHECKING:
    from adapters.connection import Connection

_PLAIN = re.compile(rb"POST (/[!-~]*) HTTP/1\.1\r\n((?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[ -~]*\r\n)+)\r\n")
_UNUSUAL = frozenset({"transfer-encoding", "connection", "expect", "upgrade", "te", "trailer"})
_MOST_HEADERS = 100


class Plain(NamedTuple):
    """A request: its target, its headers by their name in lower case, every value sent, and its body, which is not empty."""

    target: bytes
    headers: Headers
    body: bytes


def plain_request(data: bytes) -> Plain | None:
    """Read *data*, which begins where a request does; None when it is not exactly one plain request."""
    found = _PLAIN.match(data)
    if found is None:
        return None
    lines = found[2].split(b"\r\n")
    del lines[-1]
    headers: Headers = dict(map(_header, lines))
    if len(headers) < len(lines):
        headers = _several(lines)
    if len(lines) > _MOST_HEADERS or not _UNUSUAL.isdisjoint(headers):
        return None
    body = data[found.end() :]
    usual = body and headers.get("content-length") == (str(len(body)),)
    return Plain(found[1], headers, body) if usual else None


@lru_cache(maxsize=256)
def _header(line: bytes) -> tuple[str, tuple[str]]:
    """Read a line, name and value; most of them are the same in every request of a provider."""
    name, _, value = line.decode().partition(":")
    return name.lower(), (value.strip(" "),)


def _several(lines: list[bytes]) -> Headers:
    """Read *lines* of which some have the same name."""
    headers: dict[str, tuple[str, ...]] = {}
    for name, value in map(_header, lines):
        headers[name] = headers.get(name, ()) + value
    return headers


class PlainExchange:
    """A plain request and the answer to it, without the dozen objects twisted.web makes for one; *gone* when its client is."""

    __slots__ = ("_plain", "channel", "gone", "uri")

    method = b"POST"

    def __init__(self, channel: "Connection", plain: Plain) -> None:
        self.channel = channel
        self.gone = False
        self.uri = plain.target
        self._plain = plain

    def headers(self) -> Headers:
        """Return every value of every header, by its name in lower case."""
        return self._plain.headers

    def body(self) -> bytes:
        """Return the whole body."""
        return self._plain.body

    def send(self, code: int, headers: list[Header], body: bytes) -> None:
        """Write the whole answer; nothing happens when the client has gone."""
        if self.gone:
            return
        channel = self.channel
        channel.send(head(code, headers if channel.persistent else [*headers, CLOSE], len(body)) + body)
        channel.plain_done()
