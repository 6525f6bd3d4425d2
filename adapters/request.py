"""One HTTP request from outside: its body in memory up to a limit and never looked into, its answer written in one piece."""

# ruff: noqa: N802  the names are twisted.web's
# mypy: allow-untyped-calls

from functools import lru_cache
from typing import TYPE_CHECKING

from twisted.python.failure import Failure
from twisted.web.http import Request

from adapters.answerhead import CLOSE, Header, head
from adapters.api import Headers

if TYPE_CHECKING:
    from adapters.connection import Connection

_FREE_CRUMBS = 512
_SMALLEST_CRUMB = 32
"""A body that comes with more chunks than that must have so many bytes in each, on average; how the network cuts it is free."""


class LimitedRequest(Request):
    """A request whose body is kept in memory up to a limit, and not looked into; *gone* when its client is."""

    channel: "Connection"
    gone = False
    _crumbs = 0
    _slice = 0
    _refused = False
    _most = 0

    def __init__(self, channel: "Connection", queued: object = None) -> None:
        super().__init__(channel, queued, parsePOSTFormSubmission=False)
        self._body = bytearray()

    def headers(self) -> Headers:
        """Return every value of every header, by its name in lower case."""
        return {
            _lower(name): tuple([value.decode("latin-1") for value in values])
            for name, values in self.requestHeaders.getAllRawHeaders()
        }

    def gotLength(self, length: int | None) -> None:
        """Learn how long the client says its body is (None: chunked); too much is refused before it is sent."""
        if length is None:
            self.channel.forbid_trailers()
        elif length > self.channel.factory.largest_body():
            self._refuse(413)

    def handleContentChunk(self, data: bytes) -> None:
        """Keep a piece of the body; tiny chunks sent in one go are refused, for each costs as much as a large one."""
        if self._refused:
            return
        self._body += data
        if self._slice == self.channel.slices:
            self._crumbs += 1
        self._slice = self.channel.slices
        self._most = self._most or self.channel.factory.largest_body()
        if len(self._body) > self._most:
            self._refuse(413)
        elif self._crumbs > _FREE_CRUMBS and len(self._body) < self._crumbs * _SMALLEST_CRUMB:
            self._refuse(400)

    def _refuse(self, code: int) -> None:
        self._refused = True
        self._body.clear()
        self.channel.factory.turned_away(code, "too-large" if code == 413 else "malformed")
        self.requestHeaders.removeHeader(b"Expect")  # or the parser would ask for the body now
        self.channel.refuse(head(code, [CLOSE], 0))

    def parseCookies(self) -> None:
        """Leave cookies alone."""

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        """Go on to `process`; neither query nor body is parsed."""
        self.method, self.uri, self.clientproto = command, path, version
        self.process()

    def body(self) -> bytes:
        """Return the whole body."""
        return bytes(self._body)

    def connectionLost(self, reason: Failure) -> None:
        """Remember that nobody waits any more; what is under way is finished and recorded all the same."""
        self.gone = True
        super().connectionLost(reason)

    def begin(self, code: int, headers: list[Header], length: int) -> None:
        """Write the head of an answer whose body has *length* bytes."""
        self.channel.write(self._head(code, headers, length))

    def _head(self, code: int, headers: list[Header], length: int) -> bytes:
        self.code = code  # what twisted.web looks at after us
        self.startedWriting = 1
        return head(code, headers if self.channel.persistent else [*headers, CLOSE], length)

    def send(self, code: int, headers: list[Header], body: bytes) -> None:
        """Write a whole answer; nothing happens when the client has gone."""
        if self.gone:
            return
        whole = self._head(code, headers, len(body))
        self.channel.send(whole if self.method == b"HEAD" else whole + body)
        self.finish()


@lru_cache(maxsize=256)
def _lower(name: bytes) -> str:
    return name.decode("latin-1").lower()
