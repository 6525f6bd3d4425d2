"""What sending needs of the main file, made ready: accounts, the mail server, web hooks, with their secrets."""

from collections.abc import Callable, Mapping
from functools import cached_property
from platform import node
from typing import Literal
from urllib.parse import quote

import attrs

from adapters.generic.signature import key_of
from adapters.registry import build_carrier
from adapters.sending import Carrier
from rules.source import Problem
from rules.spec import FileSpec, MailSpec, Secret, WebhookSpec

Resolve = Callable[[Secret], str]


@attrs.frozen
class MailServer:
    """Where mail goes to and as whom: *sender* is the address it comes from, *name* what people see before it."""

    host: str
    port: int
    tls: Literal["starttls", "implicit", "none"]
    sender: str
    name: str
    user: str | None = None
    password: str = attrs.field(default="", repr=False)

    @property
    def domain(self) -> str:
        """The domain mail comes from."""
        return self.sender.rpartition("@")[2]


@attrs.frozen
class Webhook:
    """Who is told of *events* by web hook; all of *keys* sign."""

    name: str
    url: str = attrs.field(repr=False)
    keys: tuple[bytes, ...] = attrs.field(repr=False)
    events: frozenset[str]


@attrs.frozen
class Sending:
    """By what messages leave: *carriers* of texts by the name of their provider, the *mail* server, *webhooks* by name."""

    carriers: Mapping[str, Carrier] = attrs.field(factory=dict)
    mail: MailServer | None = None
    webhooks: Mapping[str, Webhook] = attrs.field(factory=dict)

    @cached_property
    def events(self) -> frozenset[str]:
        """What at least one web hook is told of."""
        return frozenset[str]().union(*(hook.events for hook in self.webhooks.values()))

    def kept_here(self, api: str, smtp_port: int) -> "Sending":
        """
        Return the same with everything going to a fake provider of this machine: at *api*, its mail server on *smtp_port*.

        For a daemon that plays a part: whatever the file names, nobody outside hears of it.
        """
        mail = self.mail and attrs.evolve(
            self.mail, host="127.0.0.1", port=smtp_port, tls="none", user=None, password=""
        )
        hooks = {name: attrs.evolve(hook, url=f"{api}/webhooks/{quote(name)}") for name, hook in self.webhooks.items()}
        return Sending({name: carrier.moved(api) for name, carrier in self.carriers.items()}, mail, hooks)


def sending_of(spec: FileSpec, public_url: str, resolve: Resolve, report: Callable[[Problem], None]) -> Sending:
    """Make ready what *spec* says about sending; *resolve* fetches secrets and tells of those that are missing."""
    carriers = {name: build_carrier(provider, public_url, resolve) for name, provider in spec.providers.items()}
    return Sending(
        {name: carrier for name, carrier in carriers.items() if carrier is not None},
        _mail_of(spec, resolve),
        {name: _webhook(hook, resolve, report) for name, hook in spec.webhooks.items()},
    )


def _mail_of(spec: FileSpec, resolve: Resolve) -> MailServer | None:
    """Return the mail server: the one named, else the one on this machine if anybody is written to at all."""
    name = spec.business.name.text
    if spec.mail is not None:
        return _mail(spec.mail, name, resolve)
    if not any(person.email for person in spec.people.values()):
        return None
    return MailServer(host="127.0.0.1", port=25, tls="none", sender=f"switchhook@{node() or 'localhost'}", name=name)


def _mail(spec: MailSpec, name: str, resolve: Resolve) -> MailServer:
    host, _, port = spec.server.text.rpartition(":")
    return MailServer(
        host=host.removeprefix("[").removesuffix("]"),
        port=int(port),
        tls=spec.tls,
        sender=spec.sender.text,
        name=name,
        user=spec.user.text if spec.user else None,
        password=resolve(spec.password) if spec.password else "",
    )


def _webhook(spec: WebhookSpec, resolve: Resolve, report: Callable[[Problem], None]) -> Webhook:
    keys = []
    for secret in spec.secrets:
        try:
            keys.append(key_of(resolve(secret)))
        except ValueError as error:
            report(Problem("secret-unusable", f"web hook '{spec.name}' cannot be used: {error}", secret.at))
    return Webhook(spec.name, spec.url.text, tuple(keys), frozenset(spec.events))
