"""Digest authentication of a request (RFC 7616, RFC 8760): the challenge, and what is made of the answer to it."""

import hashlib
import hmac
import re
from collections.abc import Mapping

import attrs

from adapters.sip.grammar import BLANKS, commas, quote, unquote
from adapters.sip.message import Request
from adapters.sip.refusal import MalformedError, Refusal, refuse
from adapters.sip.uri import parse_uri, same_uri

ALGORITHMS = {"SHA-256": "sha256", "MD5": "md5"}
"""What is offered, the best first, as RFC 8760 wants it, and what hashlib calls it."""

_LIFETIME = 300
"""Seconds a nonce is good for; a later request is challenged again with `stale=true`, which asks nobody for a password."""

_NOBODY = "nobody has this password, but its digest takes as long to make"
_COUNT = re.compile(r"[0-9A-Fa-f]{8}")
_NONCE = re.compile(r"([0-9a-f]{1,12})\.([0-9a-f]{12})\.[0-9a-f]{32}")
_NEEDED = ("username", "realm", "nonce", "uri", "response", "cnonce", "nc")


@attrs.frozen
class Credentials:
    """Who may log in: the *realm* that is named to them, and each user's password."""

    realm: str
    passwords: Mapping[str, str] = attrs.field(repr=False)


@attrs.define(eq=False)
class Digest:
    """
    Challenges and checks.

    A nonce is its time, a mark of the request that was challenged (two callers in one second get two), and a seal over these
    and the source; so a challenge costs no memory, and a copy of a request gets the same one. What is remembered is how far
    the counter of a nonce has come, once somebody who knew the password has used it. *secret* is random and as old as the process.
    """

    secret: bytes = attrs.field(repr=False)
    _used: dict[str, int] = attrs.field(factory=dict, init=False)

    def check(self, request: Request, login: Credentials, ip: str, now: float) -> Refusal | None:
        """Return None when *request*, from *ip* at *now*, is by one of *login*; otherwise the challenge to answer with."""
        given = _given(request, login.realm)
        if given is None or not _proves(given, request, login):
            return self._challenge(request, login, ip, now, stale=False)
        nonce, count = given["nonce"], int(given["nc"], 16)
        if not self._ours(nonce, ip, now) or count <= self._used.get(nonce, 0):
            return self._challenge(request, login, ip, now, stale=True)
        self._remember(nonce, count, now)
        return None

    def _challenge(self, request: Request, login: Credentials, ip: str, now: float, *, stale: bool) -> Refusal:
        mark = _hashed("sha256", request.call_id, str(request.cseq.number))[:12]
        nonce = self._nonce(f"{int(now):x}.{mark}", ip)
        asked = f'Digest realm={quote(login.realm)}, nonce="{nonce}", qop="auth"'
        again = ", stale=true" if stale else ""
        return refuse(401, "", *(("WWW-Authenticate", f"{asked}, algorithm={name}{again}") for name in ALGORITHMS))

    def _nonce(self, made: str, ip: str) -> str:
        return f"{made}.{hmac.digest(self.secret, f'{made} {ip}'.encode(), 'sha256').hex()[:32]}"

    def _ours(self, nonce: str, ip: str, now: float) -> bool:
        """Say whether we made *nonce*, for *ip*, and not too long ago."""
        found = _NONCE.fullmatch(nonce)
        if found is None or not now - _LIFETIME <= int(found[1], 16) <= now:
            return False
        return hmac.compare_digest(nonce, self._nonce(f"{found[1]}.{found[2]}", ip))

    def _remember(self, nonce: str, count: int, now: float) -> None:
        """Keep the counter, and forget those of nonces that are over; they were taken up in about the order they were made."""
        while self._used and int(next(iter(self._used)).partition(".")[0], 16) < now - _LIFETIME:
            del self._used[next(iter(self._used))]
        self._used[nonce] = count


def _given(request: Request, realm: str) -> dict[str, str] | None:
    """Return what *request* says to prove who sent it to *realm*, if all that is needed is there."""
    for value in request.headers.all("authorization"):
        scheme, _, rest = value.partition(" ")
        try:
            parts = commas(rest) if scheme.lower() == "digest" else []
        except MalformedError:
            continue
        pairs = (part.partition("=") for part in parts)
        given = {name.rstrip(BLANKS).lower(): unquote(said.lstrip(BLANKS)) for name, _, said in pairs}
        complete = all(name in given for name in _NEEDED) and given.get("qop") == "auth"
        if complete and given["realm"] == realm and _COUNT.fullmatch(given["nc"]):
            return given
    return None


def _proves(given: Mapping[str, str], request: Request, login: Credentials) -> bool:
    """Say whether who wrote *given* knew the password, for this very request (RFC 7616 section 3.4.1)."""
    kind = ALGORITHMS.get(given.get("algorithm", "MD5").upper())
    if kind is None or not _about(given["uri"], request):
        return False
    user = given["username"]
    secret = _hashed(kind, user, login.realm, login.passwords.get(user, _NOBODY))
    asked = _hashed(kind, request.method, given["uri"])
    expected = _hashed(kind, secret, given["nonce"], given["nc"], given["cnonce"], "auth", asked)
    same = hmac.compare_digest(expected.encode(), given["response"].lower().encode("utf-8", "surrogateescape"))
    return same and user in login.passwords


def _about(uri: str, request: Request) -> bool:
    """Say whether the digest is over the URI asked for, in whatever spelling."""
    try:
        return uri == request.target or same_uri(parse_uri(uri), request.uri)
    except MalformedError:
        return False


def _hashed(kind: str, *parts: str) -> str:
    return hashlib.new(kind, ":".join(parts).encode("utf-8", "surrogateescape"), usedforsecurity=False).hexdigest()
