"""Serves the greeting files the configuration names, under the hash of their content."""

# mypy: allow-untyped-calls

from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import attrs
from twisted.protocols.basic import FileSender

from adapters.connection import LimitedRequest

_FOR_EVER = (b"Cache-Control", b"public, max-age=31536000, immutable")


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


async def serve(request: LimitedRequest, file: MediaFile) -> None:
    """Send *file* piece by piece, as fast as the client reads it; only the head of it for HEAD."""
    try:
        content, length = file.open()
    except OSError:
        request.send(404, [], b"")
        return
    with content:
        request.begin(200, [(b"Content-Type", file.content_type.encode()), _FOR_EVER], length)
        if request.method != b"HEAD":
            request.channel.wait(request.channel.factory.limits.media)
            with suppress(Exception):  # FileSender's only word for a client that has gone
                await FileSender().beginFileTransfer(content, request)
    if not request.gone:
        request.finish()
