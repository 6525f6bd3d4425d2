"""
The HTTP host of all providers: takes their webhooks, refuses what is none, and hands the rest to the receiver.

`POST /hooks/<provider>/call|text|status`, `POST /hooks/<provider>/<step>/<token>`, `GET /media/<sha256>.<ext>`; anything
else is 404. There is no tree of resources: two words of a path decide.
"""

# ruff: noqa: N802  the names are Twisted's

from collections.abc import Callable, Mapping, Sequence
from email.utils import formatdate
from functools import lru_cache
from typing import get_args

import structlog
from twisted.internet.interfaces import IAddress

from adapters.answerhead import Header
from adapters.api import Answer, Provider, RawRequest, RawResponse, Receiver, RefusedError
from adapters.connection import Connection
from adapters.doors import Client, Limits, Proxies
from adapters.media import MediaFile, serve
from adapters.plainrequest import PlainExchange
from adapters.request import LimitedRequest
from adapters.running import run
from adapters.site import Clock, LimitedSite, TooBusyError
from rules.event import Happening, ProgressKind

log = structlog.get_logger()

Exchange = LimitedRequest | PlainExchange
"""A request and the answer to it, whoever has read it."""

Moment = Callable[[Mapping[str, Sequence[str]]], float]
"""Says when a request with these (lower-case) headers came, in UTC epoch seconds."""

_PLAIN = frozenset({"call", "text", "status"})
_STEPS = frozenset(get_args(ProgressKind))
_SMALLEST_LIMIT = 64 * 1024
_UNKNOWN = "unknown"


def hooks_site(  # noqa: PLR0913, RUF100  everything the composition root knows and a webhook needs
    *,
    providers: Mapping[str, Provider],
    receiver: Receiver,
    media: Mapping[str, MediaFile],
    clock: Clock,
    received_at: Moment,
    limits: Limits | None = None,
    proxies: Proxies | None = None,
) -> "HooksSite":
    """
    Build the factory of the public listener.

    *providers* (by the name in their path) and *media* (by `<sha256>.<ext>`) are looked into anew for every request, so the
    caller may change what they hold on a reload.
    """
    return HooksSite(providers, receiver, media, clock, received_at, limits or Limits(), proxies or Proxies())


class HooksSite(LimitedSite):
    """What `hooks_site` builds: the connections, and what happens to a verified request."""

    def __init__(  # noqa: PLR0913, RUF100
        self,
        providers: Mapping[str, Provider],
        receiver: Receiver,
        media: Mapping[str, MediaFile],
        clock: Clock,
        received_at: Moment,
        limits: Limits,
        proxies: Proxies,
    ) -> None:
        super().__init__(clock, limits, proxies)
        self.providers = providers
        self.receiver = receiver
        self.media = media
        self.received_at = received_at

    def buildProtocol(self, addr: IAddress | None) -> Connection | None:  # type: ignore[override]
        """Let a client in, or not."""
        connection = super().buildProtocol(addr)
        if connection is not None:
            connection.requestFactory = HookRequest  # type: ignore[assignment]
            connection.plain = self.take
        return connection

    def largest_body(self) -> int:
        """Return the most bytes a body may have; each provider's own limit is held against it once its path is known."""
        return max([one.capabilities.body_limit for one in self.providers.values()], default=_SMALLEST_LIMIT)

    def turned_away(self, code: int, reason: str) -> None:
        """Note that a connection or a request was refused before anybody could know for whom it was."""
        self.receiver.refused(_UNKNOWN, RefusedError(code, reason))

    def take(self, exchange: Exchange) -> None:
        """
        Answer a request that is complete.

        Its path is read exactly as it was sent: an escaped slash is no slash, and no path of ours has anything escaped.
        """
        target = exchange.uri.decode("latin-1")
        match target.partition("?")[0].split("/"):
            case ["", "hooks", name, *path] if name in self.providers and _is_hook(path):
                if exchange.method == b"POST":
                    self._hook(exchange, self.providers[name], target, tuple(path))
                else:
                    exchange.send(405, [(b"Allow", b"POST")], b"")
            case ["", "media", name] if name in self.media:
                if isinstance(exchange, HookRequest) and exchange.method in (b"GET", b"HEAD"):
                    serve(exchange, self.media[name])
                else:
                    exchange.send(405, [(b"Allow", b"GET, HEAD")], b"")
            case _:
                exchange.send(404, [], b"")

    def _hook(self, exchange: Exchange, provider: Provider, target: str, path: tuple[str, ...]) -> None:
        headers = exchange.headers()
        client = None
        if exchange.channel.proxied:
            try:
                client = self.admit(headers.get("x-forwarded-for", []))
            except TooBusyError:
                self.turned_away(429, "too-many-requests")
                exchange.send(429, [], b"")
                return
        request = RawRequest("POST", target, path, headers, exchange.body(), self.received_at(headers))
        run(self._reply(exchange, provider, request, client))

    async def _reply(self, exchange: Exchange, provider: Provider, request: RawRequest, client: Client | None) -> None:
        """Have *request* verified, read, and answered by the receiver; never fails, and never says 500."""
        try:
            said = self._read(provider, request)
            if isinstance(said, RawResponse):
                response = said
            else:
                response = await self.receiver.receive(provider, said, request.received_at)
        except RefusedError as error:
            self.receiver.refused(provider.name, error)
            response = RawResponse(error.code, "", b"")
        except Exception:
            log.exception("webhook.failed", provider=provider.name, what=request.path[0])
            response = RawResponse(503, "", b"")
        if client is not None:
            self.done(client)
        headers: list[Header] = [(b"Date", _date(int(request.received_at)))]
        if response.body:
            headers.append((b"Content-Type", response.content_type.encode()))
        if response.code == 413:
            exchange.channel.persistent = 0
        exchange.send(response.code, headers, response.body)

    def _read(self, provider: Provider, request: RawRequest) -> list[Happening] | RawResponse:
        """Say what happened, or what to answer when that is settled already."""
        if len(request.body) > provider.capabilities.body_limit:
            raise RefusedError(413, "too-large", f"more than {provider.capabilities.body_limit} bytes")
        provider.verify(request)
        try:
            return provider.read(request) or provider.write(Answer(to="status"))
        except RefusedError:
            raise
        except Exception as error:  # noqa: BLE001, RUF100  our fault; the receiver counts and logs it
            return self.receiver.fault(provider, request.path[0], error)


class HookRequest(LimitedRequest):
    """A request that twisted.web has read, line by line."""

    def process(self) -> None:
        """Answer it."""
        site: HooksSite = self.channel.factory  # type: ignore[assignment]
        site.take(self)


def _is_hook(path: list[str]) -> bool:
    """Say whether *path*, what stands behind the provider's name, is one of ours."""
    if len(path) == 1:
        return path[0] in _PLAIN
    return len(path) == 2 and path[0] in _STEPS and path[1] != ""


@lru_cache(maxsize=1)
def _date(second: int) -> bytes:
    """Write an HTTP date; the same second is asked for many times over."""
    return formatdate(second, usegmt=True).encode()
