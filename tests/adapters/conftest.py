"""What the tests of the adapters share: requests as a provider would make them."""

from collections.abc import Callable
from types import ModuleType
from urllib.parse import urlencode, urlsplit

import pytest

from adapters.api import RawRequest

Beside = Callable[[str, str], ModuleType]
MakeRequest = Callable[..., RawRequest]


@pytest.fixture(scope="session")
def request_for() -> MakeRequest:
    """Return what makes a `RawRequest` for an address, with form fields or a raw body."""

    def make(
        url: str,
        params: list[tuple[str, str]] | None = None,
        *,
        headers: dict[str, str] | None = None,
        body: bytes | None = None,
        method: str = "POST",
        at: float = 1_770_071_127.0,
    ) -> RawRequest:
        parts = urlsplit(url)
        uri = parts.path + ("?" + parts.query if parts.query else "")
        kind = "application/x-www-form-urlencoded" if body is None else "application/json"
        sent = {"content-type": kind} | (headers or {})
        raw = urlencode(params or []).encode() if body is None else body
        return RawRequest(
            method=method,
            uri=uri,
            path=tuple(parts.path.split("/")[3:]),
            headers={name: [value] for name, value in sent.items()},
            body=raw if method == "POST" else b"",
            received_at=at,
        )

    return make


@pytest.fixture(scope="session")
def fakes(beside: Beside) -> ModuleType:
    """Return the module of fakes for the HTTP host."""
    return beside(__file__, "host_fakes")
