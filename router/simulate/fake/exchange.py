"""A PBX or script that sends texts for us, as `adapters/generic.openapi.yaml` describes it: it believes nothing unsigned."""

# mypy: allow-untyped-calls

import json
from collections.abc import Callable
from typing import Any

import attrs
from twisted.web.server import Request

from adapters.api import RawRequest, RefusedError
from adapters.generic.rest import OPTED_OUT
from adapters.generic.signature import ID, SIGNATURE, TIMESTAMP, check, sign
from router.simulate.fake.arrivals import Arrivals
from router.simulate.fake.faults import Faults
from router.simulate.fake.http import Answer, Json, Timer, body_of, spoil, written
from router.simulate.fake.twilio import Report


@attrs.define(eq=False)
class FakeExchange:
    """
    Takes texts at `/texts/<provider>` that *key* has signed, and says at `/texts/<provider>/<id>` whether it has one.

    A text with an id it knows is the same text. *knows* False: it cannot be asked. *opted_out* pairs of recipient and sender.
    *report* posts receipts, signed with the same *key*; *new_id* gives 32 hexadecimal digits. *refused* are the reasons of 403s.
    """

    key: bytes
    arrivals: Arrivals
    faults: Faults
    timer: Timer
    new_id: Callable[[], str]
    report: Callable[[Report], object]
    knows: bool = True
    taken: dict[str, str] = attrs.field(factory=dict)
    """Our id of each text it took, by the id it was posted with."""
    opted_out: set[tuple[str, str]] = attrs.field(factory=set)
    refused: list[str] = attrs.field(factory=list)

    def serve(self, request: Request, path: list[str]) -> bytes | int:
        """Answer one request below `/texts`."""
        body = body_of(request)
        trouble = self._trouble(request, body)
        if trouble is not None:
            self.refused.append(trouble)
            return written(request, 403, None)
        match request.method, path:
            case b"POST", [_provider]:
                return self._post(request, json.loads(body))
            case b"GET", [_provider, name] if self.knows and name == request.getHeader(ID):
                return written(request, 200 if name in self.taken else 404, {"id": self.taken.get(name)})
        return written(request, 404, None)

    def _trouble(self, request: Request, body: bytes) -> str | None:
        headers: dict[str, list[str]] = {
            name.decode("latin-1").lower(): [value.decode("latin-1") for value in values]
            for name, values in request.requestHeaders.getAllRawHeaders()
        }
        raw = RawRequest("POST", request.uri.decode("latin-1"), (), headers, body, self.arrivals.now())
        try:
            check([self.key], raw)
        except RefusedError as error:
            return error.note
        return None

    def _post(self, request: Request, text: Json) -> bytes | int:
        wrong = self._wrong(request, text)
        if wrong is not None:
            return written(request, 422, {"error": wrong})
        fault = self.faults.next(text["to"])
        if fault is not None:
            return spoil(request, fault, lambda: self._take(text), self.timer)
        return written(request, *self._take(text))

    def _wrong(self, request: Request, text: Json) -> str | None:
        if text.get("schema") != "text/1" or text.get("id") != request.getHeader(ID):
            return "malformed"
        if (text["to"], text["from"]) in self.opted_out:
            return OPTED_OUT
        return None if text["text"] or text["media"] else "empty"

    def _take(self, text: Json) -> Answer:
        reference = self.taken.get(text["id"])
        if reference is None:
            reference = self.taken[text["id"]] = f"sms-{self.new_id()}"
            media = tuple(each["url"] for each in text["media"])
            self.arrivals.add(
                way="sms", to=text["to"], sender=text["from"], body=text["text"], media=media, reference=reference
            )
            for state in ("sent", "delivered"):
                self.report(self._receipt(text["status"], reference, state))
        return 201, {"id": reference}

    def _receipt(self, url: str, reference: str, state: str) -> Report:
        told: dict[str, Any] = {"id": f"{reference}-{state}", "message": reference, "status": state}
        body, stamp = json.dumps(told).encode(), int(self.arrivals.now())
        signature = sign(self.key, told["id"], stamp, body)
        headers = {"Content-Type": "application/json", ID: told["id"], TIMESTAMP: str(stamp), SIGNATURE: signature}
        return Report(url, headers, body)
