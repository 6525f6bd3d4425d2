"""What stands in the main file only: listeners, providers, safety, the fail-safe."""

from typing import Literal

import attrs

from rules.source import Mark
from rules.spec.sending import ApiKeySpec
from rules.spec.sip import SipSpec
from rules.spec.words import Secret, Word


@attrs.frozen
class ListenSpec:
    """Listeners, each `HOST:PORT` or `unix:PATH`; *metrics* may stand apart from *admin*."""

    public: Word
    admin: Word | None
    metrics: Word | None
    trusted_proxies: tuple[Word, ...]
    at: Mark


@attrs.frozen
class ProviderSpec:
    """
    One provider account: which adapter speaks with it and how it signs.

    *secrets*: any verifies, the first signs and sends. *signing_keys* are Twilio's named keys of the newer
    SHA-256 scheme (without them the secrets are tried); *algorithms* the schemes accepted. *api*: the address texts are
    sent to, when None the provider's own, and none of a generic one; *api_key* sends in place of the account and its secret. *sip* is all there is to say
    of one that speaks SIP, and None for the others.
    """

    name: str
    adapter: Word
    account: Secret | Word | None
    secrets: tuple[Secret, ...]
    signing_keys: dict[str, Secret]
    algorithms: tuple[Literal["sha1", "sha256"], ...]
    at: Mark
    api: Word | None = None
    api_key: ApiKeySpec | None = None
    sip: SipSpec | None = None


@attrs.frozen
class SafetySpec:
    """Where calls and texts may go at all, and how often; None where the file is silent."""

    countries: tuple[Word, ...] | None
    max_diversions: int
    max_legs: int
    max_forwards_per_hour: int | None
    at: Mark | None


@attrs.frozen
class FailsafeSpec:
    """What a caller hears when switchhook itself is in trouble."""

    say: Word | None
    voicemail: Word | None
    at: Mark | None
