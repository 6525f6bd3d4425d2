"""
The admin listener: health, readiness, status, metrics, reload, what is switched on by hand. Never on the public port.

What changes something needs the bearer token kept in the state folder (`admin-token`); the rest is for whoever can reach
the listener, which is this machine unless somebody configures otherwise.
"""

# ruff: noqa: N802  the names are Twisted's

import hmac
import json
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple
from urllib.parse import unquote

import attrs
import structlog
from prometheus_client import CONTENT_TYPE_LATEST
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress

from adapters.connection import Connection
from adapters.doors import Limits, Proxies
from adapters.request import LimitedRequest
from adapters.site import Clock, LimitedSite
from router.demo import CLOCK, DemoDesk
from router.outbox.desk import DROP, RETRY, OutboxDesk
from router.recordings.desk import SOUND, RecordingsDesk
from router.rulebook import Outcome
from router.switchboard.desk import Desk

JSON = "application/json"
TEXT = "text/plain; charset=utf-8"
LIMITS = Limits(connections=50, per_client=20)
LARGEST_BODY = 64 * 1024
OVERRIDES = "/-/overrides"
RECORDINGS = "/-/recordings"

log = structlog.get_logger()


class Reply(NamedTuple):
    """An answer to an administrator or a scraper."""

    code: int
    content_type: str
    body: bytes


def as_json(code: int, value: object) -> Reply:
    """Return *value* as JSON."""
    return Reply(code, JSON, json.dumps(value, ensure_ascii=False, default=str).encode() + b"\n")


UNKNOWN = as_json(401, {"error": "this needs the bearer token kept in the state folder, in the file admin-token"})
ELSEWHERE = Reply(405, TEXT, b"this is not how it is asked for\n")


@attrs.frozen(eq=False)
class Admin:
    """
    What can be asked for.

    *overrides* is what is switched on by hand. *checks* gives, for each part of the daemon, whether it is well (`ok`), whether that is needed to take calls (`needed`),
    and what is wrong. *exposition* renders the metrics, away from the reactor. *demo*: the clock may be put to another time.
    """

    token: str = attrs.field(repr=False)
    checks: Callable[[], dict[str, dict[str, Any]]]
    status: Callable[[], dict[str, Any]]
    reload: Callable[[], Awaitable[Outcome]]
    exposition: Callable[[], Awaitable[bytes]]
    overrides: Desk
    outbox: OutboxDesk
    recordings: RecordingsDesk
    demo: DemoDesk | None = None

    async def answer(self, method: str, target: str, authorization: str, body: bytes = b"") -> Reply:
        """Answer one request; *target* is its path with the query."""
        path, _, query = target.partition("?")
        if path == OVERRIDES or path.startswith(f"{OVERRIDES}/"):
            return await self._overrides(
                method, path.removeprefix(OVERRIDES).removeprefix("/"), query, authorization, body
            )
        if path == RECORDINGS or path.startswith(f"{RECORDINGS}/"):
            return self._recordings(method, path.removeprefix(RECORDINGS).removeprefix("/"), authorization)
        if path in (RETRY, DROP):
            return self._outbox(method, path, query, authorization)
        if path == CLOCK:
            return await self._clock(method, authorization, body)
        match method, path:
            case (("GET" | "HEAD"), ("/-/healthy" | "/livez")):
                return Reply(200, TEXT, b"switchhook is alive\n")
            case (("GET" | "HEAD"), ("/-/ready" | "/readyz")):
                return self._ready()
            case (("GET" | "HEAD"), "/-/status"):
                return as_json(200, self.status())
            case (("GET" | "HEAD"), "/metrics"):
                return await self.metrics()
            case "POST", "/-/reload":
                return await self._reload(authorization, wait=query != "wait=no")
            case _, ("/-/healthy" | "/livez" | "/-/ready" | "/readyz" | "/-/status" | "/metrics" | "/-/reload"):
                return ELSEWHERE
        return Reply(404, TEXT, b"there is nothing here; try /-/status\n")

    async def metrics(self) -> Reply:
        """Render the metrics."""
        return Reply(200, CONTENT_TYPE_LATEST, await self.exposition())

    def _ready(self) -> Reply:
        checks = self.checks()
        ready = all(check["ok"] for check in checks.values() if check["needed"])
        return as_json(200 if ready else 503, {"ready": ready, "checks": checks})

    def _known(self, authorization: str) -> bool:
        """Say whether who asks has the token."""
        scheme, _, given = authorization.partition(" ")
        known = hmac.compare_digest(given.strip().encode("utf-8", "replace"), self.token.encode())
        return known and scheme.lower() == "bearer"

    async def _overrides(self, method: str, target: str, query: str, authorization: str, body: bytes) -> Reply:
        """Tell what is switched on, switch something on (POST), or end what *target* means (DELETE)."""
        if not target and method in ("GET", "HEAD"):
            return as_json(*self.overrides.listed())
        if method != ("DELETE" if target else "POST"):
            return ELSEWHERE
        if not self._known(authorization):
            return UNKNOWN
        if target:
            return as_json(*await self.overrides.clear(unquote(target), person=query == "person=yes"))
        return as_json(*await self.overrides.set(body))

    def _outbox(self, method: str, path: str, query: str, authorization: str) -> Reply:
        """Try a message again, or let go of it."""
        if method != "POST":
            return ELSEWHERE
        if not self._known(authorization):
            return UNKNOWN
        return as_json(*self.outbox.answer(path, query))

    async def _clock(self, method: str, authorization: str, body: bytes) -> Reply:
        """Put the clock of a demo to another time; there is no other clock that can be put."""
        if method != "POST":
            return ELSEWHERE
        if not self._known(authorization):
            return UNKNOWN
        if self.demo is None:
            return as_json(404, {"error": "the clock of the machine cannot be put; start with `run --demo-clock`"})
        return as_json(*await self.demo.put(body))

    def _recordings(self, method: str, call: str, authorization: str) -> Reply:
        """List recordings, or give the sound of one; whoever asks must be known."""
        if method != "GET":
            return ELSEWHERE
        if not self._known(authorization):
            return UNKNOWN
        found = self.recordings.sound(unquote(call)) if call else self.recordings.listed()
        return as_json(found.code, found.told) if found.sound is None else Reply(found.code, SOUND, found.sound)

    async def _reload(self, authorization: str, *, wait: bool) -> Reply:
        if not self._known(authorization):
            return UNKNOWN
        if not wait:
            Deferred.fromCoroutine(self._reload_later())
            return as_json(202, {"asked": True})
        outcome = await self.reload()
        told = attrs.asdict(outcome)
        return as_json(200 if outcome.good else 422, told)

    async def _reload_later(self) -> None:
        """Reload with nobody waiting for the outcome."""
        try:
            await self.reload()
        except Exception:
            log.exception("admin.failed", logger="admin", path="/-/reload")


@attrs.frozen(eq=False)
class MetricsOnly:
    """What a metrics listener of its own answers."""

    admin: Admin

    async def answer(self, method: str, target: str, authorization: str, body: bytes = b"") -> Reply:  # noqa: ARG002
        """Answer one request."""
        if target.partition("?")[0] == "/metrics" and method in ("GET", "HEAD"):
            return await self.admin.metrics()
        return Reply(404, TEXT, b"only /metrics is here\n")


class AdminSite(LimitedSite):
    """The factory of the admin listener's connections, with limits like those outside."""

    def __init__(self, clock: Clock, desk: Admin | MetricsOnly) -> None:
        super().__init__(clock, LIMITS, Proxies())
        self.desk = desk

    def buildProtocol(self, addr: IAddress | None) -> Connection | None:  # type: ignore[override]
        """Let a client in, or not."""
        connection = super().buildProtocol(addr)
        if connection is not None:
            connection.requestFactory = AdminRequest  # type: ignore[assignment]
        return connection

    def largest_body(self) -> int:
        """Return the most bytes a body may have; what is asked for takes a line."""
        return LARGEST_BODY

    def turned_away(self, code: int, reason: str) -> None:
        """Note that somebody was turned away."""
        log.info("admin.turned-away", logger="admin", code=code, reason=reason)


class AdminRequest(LimitedRequest):
    """One request, complete."""

    def process(self) -> None:
        """Answer it."""
        Deferred.fromCoroutine(self._answer())

    async def _answer(self) -> None:
        site: AdminSite = self.channel.factory  # type: ignore[assignment]
        target = self.uri.decode("latin-1")
        given = self.headers().get("authorization", [""])
        try:
            reply = await site.desk.answer(self.method.decode("latin-1"), target, given[0], self.body())
        except Exception:
            log.exception("admin.failed", logger="admin", path=target)
            reply = Reply(500, TEXT, b"this went wrong; the log says how\n")
        headers = [(b"Content-Type", reply.content_type.encode()), (b"Cache-Control", b"no-store")]
        self.send(reply.code, headers, reply.body)
