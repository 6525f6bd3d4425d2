"""
Decides whether Twilio really sent a request (https://www.twilio.com/docs/usage/security#validating-requests).

The signature is an HMAC over the address Twilio called and the sorted form fields, keyed with the account's auth token
(SHA-1) or with a named key of the newer webhooks configuration (SHA-256).
"""

import hashlib
import hmac
from binascii import b2a_base64
from collections.abc import Mapping, Sequence
from typing import Literal
from urllib.parse import urlsplit

import attrs

from adapters.api import RawRequest, RefusedError
from adapters.content import FORM, JSON, media_type
from adapters.form import read_form
from adapters.keyed import Keyed, finished, keyed

Algorithm = Literal["sha1", "sha256"]

SIGNATURE = "x-twilio-signature"
SETTINGS = "x-twilio-webhooks-signature-settings"

_ALGORITHMS: Mapping[str, Algorithm] = {"HMAC_SHA1": "sha1", "HMAC_SHA256": "sha256"}
_MOST_SETTINGS = 16
_DEFAULT_PORTS = {"https": 443, "http": 80}


def spellings(public_url: str) -> tuple[str, ...]:
    """
    Return the ways Twilio may have written our address: as configured, without a port, with the scheme's own port.

    Which of them it signs is not consistent; its own library tries them as well.
    """
    base = public_url.rstrip("/")
    parts = urlsplit(base)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.netloc.rpartition("@")[2].partition(":")[0]
    bare = f"{parts.scheme}://{host}{parts.path}"
    default = f"{parts.scheme}://{host}:{_DEFAULT_PORTS.get(parts.scheme, 443)}{parts.path}"
    return tuple(dict.fromkeys((base, bare, default)))


@attrs.frozen
class _Key:
    """One secret under one algorithm, fed with every spelling of our address beforehand."""

    begun: tuple[Keyed, ...] = attrs.field(repr=False)

    @classmethod
    def of(cls, secret: str, algorithm: Algorithm, addresses: tuple[str, ...]) -> "_Key":
        """Prepare *secret*."""
        return cls(tuple([keyed(secret.encode(), algorithm, one.encode()) for one in addresses]))

    def made(self, signature: bytes, signed: bytes) -> bool:
        """Say whether *signature* is this key's over the address followed by *signed*."""
        for begun in self.begun:
            if hmac.compare_digest(b2a_base64(finished(begun, signed), newline=False), signature):
                return True
        return False


@attrs.define(init=False, repr=False, eq=False)
class Verifier:
    """Checks requests to *public_url*; any of *secrets* verifies, *signing_keys* are the named ones by their id."""

    _public_url: str
    _unnamed: dict[Algorithm, tuple[_Key, ...]]
    _named: dict[Algorithm, dict[str, _Key]]

    def __init__(
        self,
        public_url: str,
        secrets: Sequence[str],
        signing_keys: Mapping[str, str],
        algorithms: frozenset[Algorithm],
    ) -> None:
        addresses = spellings(public_url)
        self._public_url = addresses[0]
        self._unnamed = {name: tuple([_Key.of(secret, name, addresses) for secret in secrets]) for name in algorithms}
        self._named = {
            name: {key: _Key.of(secret, name, addresses) for key, secret in signing_keys.items()} for name in algorithms
        }

    def check(self, request: RawRequest) -> None:
        """Raise `RefusedError` (403, or 415 for a body that cannot be signed) unless one of the keys signed *request*."""
        signature = request.header(SIGNATURE)
        if signature is None or not signature.isascii():
            raise RefusedError(403, "signature", f"{SIGNATURE} is missing, doubled or not ASCII")
        target = request.uri + _signed_fields(request)
        presented, signed = signature.encode(), target.encode("utf-8", "surrogatepass")
        for key in self._keys(request):
            if key.made(presented, signed):
                return
        raise RefusedError(403, "signature", f"no secret gives this signature for {self._shown(request)}")

    def _keys(self, request: RawRequest) -> Sequence[_Key]:
        """Choose the keys by the settings header, within what the configuration allows: a header never downgrades."""
        if SETTINGS not in request.headers:
            algorithm: Algorithm | None = "sha1"
            named = None
        else:
            settings = _settings(request.header(SETTINGS) or "")
            algorithm = _ALGORITHMS.get(settings.get("algorithm", "HMAC_SHA1").upper())
            named = settings.get("key")
        if algorithm is None or algorithm not in self._unnamed:
            raise RefusedError(
                403, "algorithm", f"signed with an algorithm that is not allowed here: {self._shown(request)}"
            )
        if named is None or not self._named[algorithm]:
            return self._unnamed[algorithm]
        if named not in self._named[algorithm]:
            raise RefusedError(403, "signing-key", f"signed with a key that is not configured: {self._shown(request)}")
        return (self._named[algorithm][named],)

    def _shown(self, request: RawRequest) -> str:
        """Return the address we computed, for the log: a wrong scheme or host is the usual reason. Query values stay out."""
        path, question, _ = request.uri.partition("?")
        return f"{self._public_url}{path}{question and '?…'}"


def _settings(header: str) -> dict[str, str]:
    """Read `key=<id>,algorithm=<name>`; what is no pair is passed over."""
    pairs = [part.partition("=") for part in header.split(",", _MOST_SETTINGS)]
    return {name.strip(): value.strip() for name, equals, value in pairs if equals and value.strip()}


def _signed_fields(request: RawRequest) -> str:
    """Return what stands behind the address in the signed text: the distinct form fields, sorted, without separators."""
    if request.method != "POST":
        return ""
    kind = media_type(request)
    if kind == FORM:
        return read_form(request.body).signed()
    if kind == JSON:
        _check_body_hash(request)
        return ""
    raise RefusedError(415, "content-type", f"the body must be {FORM}")


def _check_body_hash(request: RawRequest) -> None:
    """Hold a JSON body against the hash in the (signed) query."""
    query = read_form(request.uri.partition("?")[2].encode("utf-8", "surrogatepass")).first
    claimed = query.get("bodySHA256", "").encode()
    if not hmac.compare_digest(hashlib.sha256(request.body).hexdigest().encode(), claimed):
        raise RefusedError(403, "body-hash", "the body is not the one its address vouches for")
