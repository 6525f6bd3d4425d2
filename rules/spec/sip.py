"""What is said about a provider that speaks SIP: where we listen, who may ask, where its calls may be sent."""

from typing import Literal

import attrs

from rules.source import Mark
from rules.spec.words import Secret, Word

Transport = Literal["udp", "tcp", "tls"]


@attrs.frozen
class SipTlsSpec:
    """Files of our *certificate* and its *key*; *client_ca* signs those of the peers we know by theirs."""

    certificate: Word
    key: Word
    client_ca: Word | None
    at: Mark


@attrs.frozen
class PeerSpec:
    """
    A PBX, SBC or proxy that may ask.

    It is known by its address (*source*, addresses or networks), by the name in its certificate (*tls_subject*), or both;
    *transports* empty: any. With *auth* it must prove that it knows *secret* as *user* (None: the peer's name). *rate*: requests
    a second, None: as many as it likes. *called_from* names what holds the number called. *asks_again*: when nobody answered,
    it asks for the next step. *parallel*: it rings contacts of one rank at once.
    """

    name: Word
    source: tuple[Word, ...]
    tls_subject: Word | None
    transports: tuple[Transport, ...]
    auth: Literal["digest"] | None
    user: Word | None
    secret: Secret | None
    rate: int | None
    follows_redirects: bool
    trust_identity: bool
    called_from: Word | None
    asks_again: bool
    parallel: bool
    at: Mark


@attrs.frozen
class SipSpec:
    """
    A provider that speaks SIP.

    *domains* are ours, empty: any. A call is only ever sent to *contact_hosts*, a telephone number to the first of them.
    *on_error* is the address that is given when we ourselves are in trouble.
    """

    listen: tuple[Word, ...]
    tls: SipTlsSpec | None
    domains: tuple[Word, ...]
    peers: tuple[PeerSpec, ...]
    contact_hosts: tuple[Word, ...]
    max_contacts: int
    sms_mode: Literal["accept", "redirect"]
    on_error: Word | None
