"""Serves the greeting files the configuration names, under the hash of their content."""

# ruff: noqa: N802  the names are Twisted's
# mypy: allow-untyped-calls

from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import attrs
from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

from adapters.request import LimitedRequest

_FOR_EVER = (b"Cache-Control", b"public, max-age=31536000, immutable")
_PIECE = 64 * 1024


@attrs.frozen
class MediaFile:
    """A file to be served: its type, and its bytes or where they are."""

    content_type: str
    content: bytes | Path = attrs.field(repr=False)

    def open(self) -> tuple[BinaryIO, int]:
        """Return the content and its length."""
        if isinstance(self.content, bytes):
            return BytesIO(self.content), len(self.content)
        return self.content.open("rb"), self.content.stat().st_size


def serve(request: LimitedRequest, file: MediaFile) -> None:
    """Send *file* as fast as the client reads it; only its head for HEAD, and 404 when it has been taken away."""
    try:
        content, length = file.open()
    except OSError:
        request.send(404, [], b"")
        return
    request.notifyFinish().addBoth(lambda _: content.close())
    request.begin(200, [(b"Content-Type", file.content_type.encode()), _FOR_EVER], length)
    if request.method == b"HEAD":
        request.finish()
        return
    request.channel.wait(request.channel.factory.limits.media)
    download = _Download(request, content)
    request.registerProducer(download, True)
    download.resumeProducing()


@implementer(IPushProducer)
@attrs.define(eq=False)
class _Download:
    """Writes until the transport has enough, and goes on when it wants more: a slow client costs one piece of memory."""

    request: LimitedRequest
    content: BinaryIO
    _paused: bool = True

    def resumeProducing(self) -> None:
        """Write on."""
        self._paused = False
        while not self._paused:
            piece = self.content.read(_PIECE)
            if not piece:
                self.request.unregisterProducer()
                self.request.finish()
                return
            self.request.channel.write(piece)

    def pauseProducing(self) -> None:
        """Wait until the client has read some of it."""
        self._paused = True

    def stopProducing(self) -> None:
        """Stop; the connection is gone."""
        self._paused = True
