"""A CRM or chat room that is told by web hook, and believes nothing unsigned."""

# mypy: allow-untyped-calls

import json
from collections.abc import Sequence
from typing import Any

import attrs
from twisted.web.server import Request

from adapters.api import RawRequest, RefusedError
from adapters.generic.signature import check
from router.simulate.fake.arrivals import Arrivals
from router.simulate.fake.faults import Faults
from router.simulate.fake.http import Answer, Timer, body_of, spoil, written

CLOUD_EVENT = "application/cloudevents+json"


@attrs.define(eq=False)
class FakeWebhooks:
    """Takes CloudEvents at `/webhooks/<name>` that one of *keys* has signed. *refused* counts the others, by reason."""

    keys: Sequence[bytes]
    arrivals: Arrivals
    faults: Faults
    timer: Timer
    refused: list[str] = attrs.field(factory=list)

    def serve(self, request: Request, path: list[str]) -> bytes | int:
        """Answer one request."""
        if request.method != b"POST" or len(path) != 1:
            return written(request, 404, None)
        body = body_of(request)
        trouble = self._trouble(request, body)
        if trouble is not None:
            self.refused.append(trouble)
            return written(request, 403, None)
        fault = self.faults.next(path[0])
        if fault is not None:
            return spoil(request, fault, lambda: self._take(path[0], body), self.timer)
        return written(request, *self._take(path[0], body))

    def _trouble(self, request: Request, body: bytes) -> str | None:
        """Say what is wrong with a request."""
        headers: dict[str, list[str]] = {
            name.decode("latin-1").lower(): [value.decode("latin-1") for value in values]
            for name, values in request.requestHeaders.getAllRawHeaders()
        }
        raw = RawRequest("POST", request.uri.decode("latin-1"), (), headers, body, self.arrivals.now())
        try:
            check(list(self.keys), raw)
        except RefusedError as error:
            return error.note
        if (raw.header("content-type") or "").partition(";")[0] != CLOUD_EVENT:
            return "the content type is none of a CloudEvent"
        event = json.loads(body)
        missing = [key for key in ("specversion", "id", "source", "type", "data") if key not in event]
        return f"the event lacks {', '.join(missing)}" if missing else None

    def _take(self, name: str, body: bytes) -> Answer:
        event: dict[str, Any] = json.loads(body)
        words = json.dumps(event["data"], ensure_ascii=False, sort_keys=True)
        self.arrivals.add(
            way="webhook", to=name, sender=event["source"], subject=event["type"], body=words, reference=event["id"]
        )
        return 204, None
