"""What the providers of a file can do, by the adapters they speak through."""

from collections.abc import Mapping

import attrs

from adapters.api import Capabilities
from adapters.registry import CAPABILITIES, sends_texts
from rules.spec import FileSpec, ProviderSpec


def abilities_of(spec: FileSpec) -> Mapping[str, Capabilities]:
    """Return what the providers of a file can do, by their names; no secret is needed to know."""
    return {
        name: attrs.evolve(
            CAPABILITIES[provider.adapter.text], sends_texts=sends_texts(provider) or _redirects(provider)
        )
        for name, provider in spec.providers.items()
        if provider.adapter.text in CAPABILITIES
    }


def _redirects(provider: ProviderSpec) -> bool:
    """Say whether it is told where texts go, and sends them itself."""
    return provider.sip is not None and provider.sip.sms_mode == "redirect"
