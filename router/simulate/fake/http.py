"""The web side of the fake: resources that answer JSON, and faults in the way of an answer."""


# ruff: noqa: N802, N815  the names are Twisted's
# mypy: allow-untyped-calls, allow-subclassing-any

import json
from collections.abc import Callable
from typing import Any, Protocol

from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request

from router.simulate.fake.faults import Fault

Json = dict[str, Any]
Answer = tuple[int, Any]
"""A status and a JSON value; None: no body."""

Handle = Callable[[Request, list[str]], bytes | int]
"""Answers a request, given the segments of its path; or answers it itself and returns `NOT_DONE_YET`."""


class Timer(Protocol):
    """Who calls later: the reactor, or a clock of a test."""

    def callLater(self, delay: float, callable: Callable[..., object], *args: object) -> Any:  # noqa: A002
        """Call after *delay* seconds."""
        ...


class Tree(Resource):
    """Everything below one address, handled by one function."""

    isLeaf = True

    def __init__(self, handle: Handle) -> None:
        super().__init__()
        self._handle = handle

    def render(self, request: Request) -> int | bytes:
        """Answer *request*."""
        return self._handle(request, [segment.decode("utf-8", "replace") for segment in request.postpath or ()])


def written(request: Request, code: int, value: Any, **headers: str) -> bytes:
    """Set status and headers, and return the body."""
    request.setResponseCode(code)
    for name, header in headers.items():
        request.setHeader(name.replace("_", "-"), header)
    if value is None:
        return b""
    request.setHeader("content-type", "application/json")
    return json.dumps(value, ensure_ascii=False).encode()


def body_of(request: Request) -> bytes:
    """Return the body of *request*."""
    assert request.content is not None
    content: bytes = request.content.read()
    return content


def spoil(request: Request, fault: Fault, answer: Callable[[], Answer], timer: Timer) -> bytes | int:
    """Let *fault* happen to *request*; what takes the message calls *answer* first."""
    good = answer() if fault.takes else None
    match fault.kind:
        case "hang" | "hang-after":
            return NOT_DONE_YET
        case "cut" | "cut-after":
            request.channel.loseConnection()
            return NOT_DONE_YET
        case "error" | "error-after":
            return written(request, 500, {"code": 20500, "message": "Internal server error", "status": 500})
        case "busy":
            body = {"code": 20429, "message": "Too Many Requests", "status": 429}
            return written(request, 429, body, retry_after=str(int(fault.seconds)))
        case "refuse":
            return written(request, 400, {"code": fault.code, "message": "refused", "status": 400})
        case "nonsense":
            request.setResponseCode(201)
            return b"<html>All is well</html>"
        case _:  # slow
            assert good is not None
            later = good

            def finish() -> None:
                if request.channel is not None:  # else the client is gone
                    request.write(written(request, *later))
                    request.finish()

            timer.callLater(fault.seconds, finish)
            return NOT_DONE_YET
