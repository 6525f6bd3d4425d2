"""
Numbers as the index knows them: a keyed hash, so that somebody who has only the database cannot try all numbers out.

The key lies beside the index in the state folder (`index.key`, mode 0600) and is worth nothing elsewhere: without it the
index is rebuilt with a new one.
"""

import re
import secrets
from hashlib import blake2b, sha256
from pathlib import Path

import attrs

from router.links import write_private

KEY = "index.key"
_PUNCTUATION = re.compile(r"[\s().\-/]")


def plain(number: str) -> str:
    """Return *number* without what people put between its digits; a name of letters in one case."""
    return _PUNCTUATION.sub("", number).casefold()


@attrs.frozen
class Fingerprint:
    """Makes 64-bit fingerprints with a secret *key*."""

    key: bytes = attrs.field(repr=False)

    def __call__(self, number: str) -> int:
        """Return the fingerprint of *number*; how people punctuate it does not matter."""
        text = plain(number).encode("utf-8", "replace")
        return int.from_bytes(blake2b(text, key=self.key, digest_size=8).digest(), "big", signed=True)

    def check(self) -> int:
        """Return what tells this key from another one."""
        return self("switchhook")


def load_fingerprint(state: Path) -> Fingerprint:
    """Read the key from the *state* folder, or make one."""
    path = state / KEY
    try:
        key = path.read_bytes()
    except FileNotFoundError:
        key = b""
    if len(key) != 32:
        key = secrets.token_bytes(32)
        write_private(path, key)
    return Fingerprint(key)


def of_key(key: str) -> int:
    """Return the 64 bits under which an event's *key* is found; the record itself then says whether it is the one."""
    return int.from_bytes(sha256(key.encode("utf-8", "replace")).digest()[:8], "big", signed=True)
