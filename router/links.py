"""
The links we hand to a provider: where it reports how a step went, signed so that nobody else can make one.

The token stands in the path, since providers drop or do not sign queries:
`<public_url>/hooks/<provider>/<what>/<call>.<step>.<leg>.<mac>`.
"""

import hmac
import os
import secrets
from binascii import b2a_base64
from collections.abc import Iterable
from pathlib import Path

import attrs

from adapters.keyed import Keyed, finished, keyed
from rules.event import StepRef

_MAC_BYTES = 16
_KEY_BYTES = 32
_URLSAFE = bytes.maketrans(b"+/", b"-_")


def key_in(folder: Path) -> bytes:
    """Return the key of this installation's links, made on first use; it outlives restarts, as calls do."""
    path = folder / "link-key"
    try:
        key = path.read_bytes()
    except FileNotFoundError:
        key = secrets.token_bytes(_KEY_BYTES)
        write_private(path, key)
    if len(key) != _KEY_BYTES:
        raise ValueError(f"{path} must hold {_KEY_BYTES} bytes; move it away and a new one is made")
    return key


def write_private(path: Path, content: bytes) -> None:
    """Write a file only we may read, whole or not at all, and on disk when this returns."""
    beside = path.with_name(path.name + ".new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@attrs.frozen
class StepLinks:
    """Makes the links of one step of one call; what `Answer.link` is."""

    links: "Links"
    provider: str
    call: str
    step: int

    def __call__(self, what: str, leg: int) -> str:
        """Return the absolute URL for *what* (`next`, `screen`, …) of *leg*."""
        (token,) = self.tokens([(what, leg)])
        return self.links.url(self.provider, what, token)

    def tokens(self, wanted: Iterable[tuple[str, int]]) -> list[str]:
        """Return what stands at the end of the URL for each of *wanted* (what, leg): `<call>.<step>.<leg>.<mac>`."""
        of_step, authenticated, provider = f"{self.call}.{self.step}", self.links.authenticated, self.provider
        return [f"{of_step}.{leg}.{authenticated(provider, what, f'{of_step}.{leg}')}" for what, leg in wanted]


@attrs.frozen
class Links:
    """
    Makes and recognises step tokens; *public_url* is what providers see of us, without a slash at its end.

    A call has five tokens and more, so the *key* is worked in beforehand.
    """

    key: bytes = attrs.field(repr=False)
    public_url: str
    _keyed: Keyed = attrs.field(init=False, repr=False, eq=False)

    @_keyed.default
    def _begin(self) -> Keyed:
        return keyed(self.key, "sha256")

    def of_step(self, provider: str, call: str, step: int) -> StepLinks:
        """Return what makes the links of that step."""
        return StepLinks(self, provider, call, step)

    def url(self, provider: str, what: str, token: str) -> str:
        """Return the absolute URL that carries *token*."""
        return f"{self.public_url}/hooks/{provider}/{what}/{token}"

    def authenticated(self, provider: str, what: str, place: str) -> str:
        """Return the authenticator of a token: HMAC-SHA256, its first 16 bytes, base64url without padding."""
        mac = finished(self._keyed, f"v1.{provider}-{what}.{place}".encode())[:_MAC_BYTES]
        return b2a_base64(mac, newline=False).translate(_URLSAFE, b"=").decode()

    def mac(self, provider: str, what: str, ref: StepRef) -> str:
        """Return the authenticator that *ref* should have."""
        return self.authenticated(provider, what, f"{ref.call}.{ref.step}.{ref.leg}")

    def genuine(self, provider: str, what: str, ref: StepRef) -> bool:
        """Say whether *ref* came out of a link of ours."""
        return hmac.compare_digest(self.mac(provider, what, ref).encode(), ref.mac.encode("utf-8", "replace"))
