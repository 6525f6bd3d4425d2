"""Where callers' providers and administrators come in: the listeners for HTTP, SIP, and what is served there."""

import mimetypes
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from adapters.api import Provider
from adapters.doors import Proxies
from adapters.host import hooks_site
from adapters.media import MediaFile
from adapters.site import LimitedSite
from router.admin import Admin, AdminSite, MetricsOnly
from router.clock import Clock
from router.engine.engine import Engine
from router.lifecycle import Started
from router.listeners import Listener, adopt, listen
from router.loading import InForce
from router.settings import Listen, Settings
from router.sip.service import SipService

PUBLIC_SOCKET, ADMIN_SOCKET = 0o660, 0o600


@attrs.define(eq=False)
class Entrances:
    """
    The listeners, opened last and closed first; each is noted in *started*.

    Where a service manager has *handed* us an open socket, by name, we listen there and not where the settings say.
    *providers* by the name in their path and *media* by `<sha256>.<ext>` are those of the rules in force.
    """

    reactor: Any
    clock: Clock
    engine: Engine
    started: Started
    handed: Mapping[str, int] = attrs.field(factory=dict)
    providers: dict[str, Provider] = attrs.field(factory=dict, init=False)
    media: dict[str, MediaFile] = attrs.field(factory=dict, init=False)
    _sip: SipService = attrs.field(init=False)
    _listeners: dict[str, Listener] = attrs.field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        self._sip = SipService(self.reactor, self.engine, self.clock.received_at, os.urandom(32))

    def follow(self, rules: InForce) -> None:
        """Serve the providers and greetings of newer *rules*; where we listen stays as it is until a restart."""
        self.providers.clear()
        self.providers.update(rules.settings.providers)
        self.media.clear()
        self.media.update({name: MediaFile(_type_of(path), path) for name, path in rules.media.items()})
        self._sip.follow(rules.settings.sip)

    def open(self, settings: Settings, admin: Admin) -> None:
        """Open all of them, the public one when everything else is there. Raises `BusyError`."""
        self._open("admin", settings.admin, AdminSite(self.reactor, admin), ADMIN_SOCKET)
        metrics = None if settings.metrics == settings.admin else settings.metrics
        self._open("metrics", metrics, AdminSite(self.reactor, MetricsOnly(admin)), ADMIN_SOCKET)
        site = hooks_site(
            providers=self.providers,
            receiver=self.engine,
            media=self.media,
            clock=self.reactor,
            received_at=self.clock.received_at,
            proxies=Proxies(settings.trusted_proxies),
        )
        self._open("public", settings.public, site, PUBLIC_SOCKET)
        self.started.add("SIP", self._sip.stop)
        self._sip.open()

    def places(self) -> dict[str, str]:
        """Return where we listen, by name."""
        return {name: str(listener.place) for name, listener in self._listeners.items()} | self._sip.places()

    def _open(self, name: str, place: Listen | None, site: LimitedSite, mode: int) -> None:
        """Open a listener where we have been handed one, else at *place*; None: there need be none."""
        if name in self.handed:
            listener = adopt(self.reactor, name, self.handed[name], site)
        elif place is not None:
            listener = listen(self.reactor, place, site, mode=mode)
        else:
            return
        self._listeners[name] = listener
        self.started.add(f"{name} connections", lambda: listener.drain(self.reactor))
        self.started.add(f"{name} listener", listener.stop_accepting)


def _type_of(path: Path) -> str:
    """Return the content type of a greeting."""
    return mimetypes.guess_type(path.name)[0] or "application/octet-stream"
