"""Which adapters there are, and how one is built from what the configuration says about a provider."""

from collections.abc import Callable, Mapping
from urllib.parse import quote

from adapters import generic, twilio
from adapters.api import Capabilities, Provider
from adapters.generic import Generic
from adapters.generic.rest import Exchange
from adapters.generic.signature import key_of
from adapters.sending import Carrier
from adapters.sip import provider as sip
from adapters.twilio import Twilio
from adapters.twilio.rest import API, Account
from rules.source import Problem, closest
from rules.spec import ProviderSpec, Secret

Resolve = Callable[[Secret], str]
"""Reads a secret from where the configuration says it is."""


class UnusableProviderError(Exception):
    """A provider of the configuration cannot be built; *problem* says why, and where it is written."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.headline())
        self.problem = problem


def build(spec: ProviderSpec, public_url: str, resolve: Resolve) -> Provider:
    """
    Build the provider *spec* describes; *public_url* is our address as the provider sees it.

    Raises `UnusableProviderError` for an unknown adapter, and for one without a secret: it could only refuse every call,
    or worse, none.
    """
    builder = ADAPTERS.get(spec.adapter.text)
    if builder is None:
        near = closest(spec.adapter.text, list(ADAPTERS))
        hint = f"did you mean '{near}'?" if near else f"adapters are {' and '.join(ADAPTERS)}"
        message = f"there is no adapter called '{spec.adapter.text}'"
        raise UnusableProviderError(Problem("unknown-adapter", message, spec.adapter.at, hint))
    secrets = [resolve(secret) for secret in spec.secrets]
    if not secrets or not all(secrets):
        message = f"provider '{spec.name}' has no secret, so nobody could tell its requests from forged ones"
        hint = (
            f"add `secret: env:NAME` or `secret: file:PATH` under providers: {spec.name}:, and see that it is not empty"
        )
        raise UnusableProviderError(Problem("secret-missing", message, spec.at, hint))
    try:
        return builder(spec, public_url, secrets, resolve)
    except ValueError as error:
        message = f"provider '{spec.name}' cannot be used: {error}"
        raise UnusableProviderError(Problem("secret-unusable", message, spec.at)) from error


def _twilio(spec: ProviderSpec, public_url: str, secrets: list[str], resolve: Resolve) -> Provider:
    keys = {name: resolve(secret) for name, secret in spec.signing_keys.items()}
    for name, key in keys.items():
        if not key:
            raise ValueError(f"signing key '{name}' is empty")
    return Twilio(spec.name, public_url, _account(spec, resolve), secrets, keys, frozenset(spec.algorithms))


def sends_texts(spec: ProviderSpec) -> bool:
    """Say whether texts can be sent by the provider *spec* describes: the file names an account, or where to post them."""
    return (spec.account if spec.adapter.text == "twilio" else spec.api) is not None


def build_carrier(spec: ProviderSpec, public_url: str, resolve: Resolve) -> Carrier | None:
    """
    Return what sends texts for the provider *spec* describes; None where it cannot: nobody says which account, or where to.

    The first secret sends, unless there is a key for it.
    """
    if not sends_texts(spec):
        return None
    return (
        _exchange(spec, public_url, resolve) if spec.adapter.text == "generic" else _twilios(spec, public_url, resolve)
    )


def _exchange(spec: ProviderSpec, public_url: str, resolve: Resolve) -> Carrier | None:
    try:
        key = key_of(resolve(spec.secrets[0]))
    except ValueError:  # which `build` reports
        return None
    assert spec.api is not None
    return Exchange(spec.name, spec.api.text.rstrip("/"), key, public_url.rstrip("/"), _receipts(spec))


def _receipts(spec: ProviderSpec) -> str:
    """Return the path where a provider reports what became of a text."""
    return f"/hooks/{quote(spec.name)}/status"


def _twilios(spec: ProviderSpec, public_url: str, resolve: Resolve) -> Carrier | None:
    account = _account(spec, resolve)
    if account is None:
        return None
    key = spec.api_key
    user = account if key is None else resolve(key.id) if isinstance(key.id, Secret) else key.id.text
    return Account(
        sid=account,
        user=user,
        secret=resolve(spec.secrets[0] if key is None else key.secret),
        own=public_url.rstrip("/"),
        report_to=_receipts(spec),
        api=spec.api.text.rstrip("/") if spec.api else API,
    )


def _generic(spec: ProviderSpec, public_url: str, secrets: list[str], resolve: Resolve) -> Provider:
    return Generic(spec.name, public_url, _account(spec, resolve), secrets)


def _account(spec: ProviderSpec, resolve: Resolve) -> str | None:
    """Return the account as written or kept elsewhere; an empty one counts as none."""
    if spec.account is None:
        return None
    return (resolve(spec.account) if isinstance(spec.account, Secret) else spec.account.text) or None


ADAPTERS: Mapping[str, Callable[[ProviderSpec, str, list[str], Resolve], Provider]] = {
    "twilio": _twilio,
    "generic": _generic,
}
"""Adapter name -> what builds a provider of it."""

CAPABILITIES: Mapping[str, Capabilities] = {
    "twilio": twilio.CAPABILITIES,
    "generic": generic.CAPABILITIES,
    "sip": sip.CAPABILITIES,
}
"""Adapter name -> what its providers can do; known without an account."""
