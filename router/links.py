"""
The links we hand to a provider: where it reports how a step went, signed so that nobody else can make one.

The token stands in the path, since providers drop or do not sign queries:
`<public_url>/hooks/<provider>/<what>/<call>.<step>.<leg>.<mac>`.
"""

import hmac
import os
import secrets
from binascii import b2a_base64
from hashlib import blake2b
from pathlib import Path

import attrs

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


@attrs.frozen(eq=False)
class Mark:
    """What makes the tokens for one use of one leg of a step, whatever the call: the hash *begun*, and their middle, *place*."""

    begun: blake2b = attrs.field(repr=False)
    place: bytes

    def token(self, call: bytes) -> bytes:
        """Return what stands at the end of the URL for *call*: `<call>.<step>.<leg>.<mac>`."""
        begun = self.begun.copy()
        begun.update(call)
        return call + self.place + b2a_base64(begun.digest(), newline=False).translate(_URLSAFE, b"=")


@attrs.frozen
class StepLinks:
    """Makes the links of one step of one call; what `Answer.link` is."""

    links: "Links"
    provider: str
    call: str
    step: int

    def __call__(self, what: str, leg: int) -> str:
        """Return the absolute URL for *what* (`next`, `screen`, …) of *leg*."""
        return self.links.url(self.provider, what, self.mark(what, leg).token(self.call.encode()).decode())

    def mark(self, what: str, leg: int) -> Mark:
        """Return what makes the token of that link, for other calls as well."""
        return self.links.mark(self.provider, what, self.step, leg)


@attrs.frozen
class Links:
    """
    Makes and recognises step tokens; *public_url* is what providers see of us, without a slash at its end.

    The authenticator is keyed BLAKE2b (RFC 7693), 16 bytes, base64url without padding, over
    `v2.<provider>-<what>.<step>.<leg>.<call>`: the call comes last, for a call has five tokens and more, and all that comes before
    is the same for thousands of them.
    """

    key: bytes = attrs.field(repr=False)
    public_url: str

    def of_step(self, provider: str, call: str, step: int) -> StepLinks:
        """Return what makes the links of that step."""
        return StepLinks(self, provider, call, step)

    def url(self, provider: str, what: str, token: str) -> str:
        """Return the absolute URL that carries *token*."""
        return f"{self.public_url}/hooks/{provider}/{what}/{token}"

    def mark(self, provider: str, what: str, step: int, leg: int) -> Mark:
        """Return what makes the tokens of that step and leg."""
        begun = blake2b(f"v2.{provider}-{what}.{step}.{leg}.".encode(), key=self.key, digest_size=_MAC_BYTES)
        return Mark(begun, f".{step}.{leg}.".encode())

    def mac(self, provider: str, what: str, ref: StepRef) -> str:
        """Return the authenticator that *ref* should have."""
        token = self.mark(provider, what, ref.step, ref.leg).token(ref.call.encode("utf-8", "replace"))
        return token.rpartition(b".")[2].decode()

    def genuine(self, provider: str, what: str, ref: StepRef) -> bool:
        """Say whether *ref* came out of a link of ours."""
        return hmac.compare_digest(self.mac(provider, what, ref).encode(), ref.mac.encode("utf-8", "replace"))
