"""What the configuration says about a provider that speaks SIP, made ready for use."""

from collections.abc import Callable, Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import cast

import attrs

from adapters.sip.certificates import TlsFiles
from adapters.sip.digest import Credentials
from adapters.sip.mapping import Contacts
from adapters.sip.peers import Peer, Transport
from adapters.sip.provider import Manner, Sip
from rules.spec import BoxSpec, ProviderSpec, Secret
from rules.spec.sip import PeerSpec, SipSpec

Resolve = Callable[[Secret], str]


@attrs.frozen
class SipListen:
    """A place to listen; *port* 0: any that is free."""

    transport: Transport
    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> "SipListen":
        """Read `udp:HOST:PORT`, as the checks have let it pass."""
        transport, _, place = text.partition(":")
        host, _, port = place.rpartition(":")
        return cls(cast("Transport", transport), host.removeprefix("[").removesuffix("]"), int(port))

    def __str__(self) -> str:
        return (
            f"{self.transport}:[{self.host}]:{self.port}"
            if ":" in self.host
            else f"{self.transport}:{self.host}:{self.port}"
        )


@attrs.frozen
class SipSettings:
    """
    One provider that speaks SIP.

    *listen* and *tls* are fixed while the daemon runs; *domains*, *peers* and what the *provider* may answer follow a reload.
    """

    listen: tuple[SipListen, ...]
    tls: TlsFiles | None
    domains: frozenset[str]
    peers: tuple[Peer, ...]
    provider: Sip


def sip_settings(
    providers: Mapping[str, ProviderSpec], boxes: Mapping[str, BoxSpec], folder: Path, resolve: Resolve
) -> Mapping[str, SipSettings]:
    """Make ready each of *providers* that speaks SIP; files lie in *folder*, *resolve* fetches secrets."""
    return {
        name: _settings(name, provider.sip, boxes, folder, resolve)
        for name, provider in providers.items()
        if provider.sip is not None and all(_usable(peer) for peer in provider.sip.peers)
    }


def _usable(peer: PeerSpec) -> bool:
    """Say whether the checks let a peer pass; for one that they did not there is nothing to be made ready."""
    try:
        return bool([ip_network(word.text) for word in peer.source] or peer.tls_subject)
    except ValueError:
        return False


def _settings(name: str, spec: SipSpec, boxes: Mapping[str, BoxSpec], folder: Path, resolve: Resolve) -> SipSettings:
    domains = tuple(word.text.lower() for word in spec.domains)
    realm = domains[0] if domains else name
    return SipSettings(
        listen=tuple(SipListen.parse(word.text) for word in spec.listen),
        tls=None
        if spec.tls is None
        else TlsFiles(
            folder / spec.tls.certificate.text,
            folder / spec.tls.key.text,
            folder / spec.tls.client_ca.text if spec.tls.client_ca else None,
        ),
        domains=frozenset(domains),
        peers=tuple(_peer(peer, realm, resolve) for peer in spec.peers),
        provider=Sip(
            name=name,
            contacts=Contacts(
                hosts=tuple(word.text for word in spec.contact_hosts),
                domains=domains,
                boxes={box.name: box.address.text for box in boxes.values() if box.address is not None},
                on_error=spec.on_error.text if spec.on_error else None,
                most=spec.max_contacts,
            ),
            manners={peer.name.text: Manner(peer.asks_again, peer.parallel) for peer in spec.peers},
            redirects_texts=spec.sms_mode == "redirect",
        ),
    )


def _peer(spec: PeerSpec, realm: str, resolve: Resolve) -> Peer:
    login = None
    if spec.secret is not None:
        user = spec.user.text if spec.user else spec.name.text
        login = Credentials(realm, {user: resolve(spec.secret)})
    return Peer(
        name=spec.name.text,
        source=tuple(ip_network(word.text) for word in spec.source),
        transports=frozenset(spec.transports or ("udp", "tcp", "tls")),
        tls_subject=spec.tls_subject.text if spec.tls_subject else None,
        login=login,
        rate=None if spec.rate is None else float(spec.rate),
        follows_redirects=spec.follows_redirects,
        trust_identity=spec.trust_identity,
        called_from=spec.called_from.text if spec.called_from else "request_uri",
    )
