"""What the providers of a file can do, by the adapters they speak through."""

from collections.abc import Mapping

from adapters.api import Capabilities
from adapters.registry import CAPABILITIES
from rules.spec import FileSpec


def abilities_of(spec: FileSpec) -> Mapping[str, Capabilities]:
    """Return what the providers of a file can do, by their names; no secret is needed to know."""
    return {
        name: CAPABILITIES[provider.adapter.text]
        for name, provider in spec.providers.items()
        if provider.adapter.text in CAPABILITIES
    }
