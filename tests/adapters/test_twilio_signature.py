"""Twilio's signature: its library and its published examples agree with us, and nothing altered passes."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from adapters.api import RawRequest, RefusedError
from adapters.twilio import Twilio
from adapters.twilio.signature import spellings

VECTORS = json.loads((Path(__file__).parent / "twilio_vectors.json").read_text())
BOTH = frozenset({"sha1", "sha256"})
SHA256 = {"x-twilio-webhooks-signature-settings": "key=WK1,algorithm=HMAC_SHA256"}
URL = "https://router.example.com/hooks/twilio/call"
FIELDS = [("CallSid", "CA1"), ("CallerName", ""), ("From", "+15557654321")]


def _twilio(
    base: str = "https://router.example.com",
    secrets: tuple[str, ...] = ("12345",),
    keys: dict[str, str] | None = None,
    algorithms: frozenset[Any] = BOTH,
) -> Twilio:
    return Twilio("twilio", base, None, secrets, keys or {}, algorithms)


def _accepts(provider: Twilio, request: RawRequest) -> bool:
    try:
        provider.verify(request)
    except RefusedError:
        return False
    return True


def _signed(
    request_for: Any, params: list[tuple[str, str]] = FIELDS, secret: str = "12345", url: str = URL
) -> RawRequest:
    return request_for(url, params, headers={"x-twilio-signature": _signature(url, params, secret)})


def _signature(url: str, params: list[tuple[str, str]], secret: str = "12345", algorithm: str | None = None) -> str:
    return RequestValidator(secret).compute_signature(url, _Multi(params), algorithm)


class _Multi(dict[str, str]):
    """Form fields as the frameworks hand them to Twilio's library: several values to a name."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        super().__init__(pairs)
        self._pairs = pairs

    def getall(self, name: str) -> list[str]:
        return [value for key, value in self._pairs if key == name]


def _vector_request(vector: dict[str, Any], request_for: Any) -> tuple[Twilio, RawRequest]:
    parts = urlsplit(vector["url"])
    headers = {"x-twilio-signature": vector["sig"]} | (SHA256 if vector.get("algo") == "sha256" else {})
    params = [(name, value) for name, value in vector["params"]]
    body = vector["body"].encode() if "body" in vector else None
    request = request_for(vector["url"], params, headers=headers, body=body)
    return _twilio(f"{parts.scheme}://{parts.netloc}", (vector["token"],)), request


@pytest.mark.parametrize("vector", VECTORS, ids=[f"{n}: {vector['url']}" for n, vector in enumerate(VECTORS)])
def test_published_examples_verify_and_their_mutations_do_not(vector: dict[str, Any], request_for: Any) -> None:
    """Every byte of address, body and signature counts."""
    provider, request = _vector_request(vector, request_for)

    assert _accepts(provider, request)

    for place in range(len(request.body)):
        changed = bytearray(request.body)
        changed[place] ^= 1
        if sorted(set(_fields(bytes(changed)))) != sorted(set(_fields(request.body))) or vector.get("body"):
            assert not _accepts(provider, request._replace(body=bytes(changed))), place
    for place in range(len(request.uri)):
        changed_uri = request.uri[:place] + chr(ord(request.uri[place]) ^ 1) + request.uri[place + 1 :]
        assert not _accepts(provider, request._replace(uri=changed_uri)), changed_uri
    for place in range(len(vector["sig"])):
        wrong = vector["sig"][:place] + chr(ord(vector["sig"][place]) ^ 1) + vector["sig"][place + 1 :]
        headers = request.headers | {"x-twilio-signature": [wrong]}
        assert not _accepts(provider, request._replace(headers=headers)), wrong


def _fields(body: bytes) -> list[tuple[str, str]]:
    return parse_qsl(body.decode("latin-1"), keep_blank_values=True, encoding="latin-1")


_NAMES = st.text(alphabet="ABCab_0é", min_size=1, max_size=6)
_VALUES = st.text(max_size=20)
_PAIRS = st.lists(st.tuples(_NAMES, _VALUES), max_size=8)
_TARGETS = st.text(alphabet="abc/?&=%20+:@;é"[:-1], max_size=20).map(lambda rest: "/" + rest.replace("#", ""))
_BASES = st.sampled_from(["https://h.example", "http://h.example", "https://h.example:8443", "https://h.example:443"])


@settings(max_examples=2000, deadline=None)
@given(base=_BASES, target=_TARGETS, pairs=_PAIRS, algorithm=st.sampled_from(["HMAC_SHA1", "HMAC_SHA256"]))
def test_random_requests_agree_with_the_library(
    base: str, target: str, pairs: list[tuple[str, str]], algorithm: str
) -> None:
    """What Twilio's library signs verifies here, and what it would not accept is refused here too."""
    signature = _signature(base + target, pairs, algorithm=algorithm)
    headers = {
        "content-type": ["application/x-www-form-urlencoded"],
        "x-twilio-signature": [signature],
        "x-twilio-webhooks-signature-settings": [f"key=WK1,algorithm={algorithm}"],
    }
    request = RawRequest("POST", target, ("call",), headers, urlencode(pairs).encode(), 0.0)
    more = [*pairs, ("Zz", "1")]

    assert _accepts(_twilio(base), request)
    assert not _accepts(_twilio(base, ("other",)), request)
    altered = request._replace(body=urlencode(more).encode())
    assert _accepts(_twilio(base), altered) is RequestValidator("12345").validate(
        base + target, _Multi(more), signature, algorithm
    )


@pytest.mark.parametrize(
    ("signed_as", "configured"),
    [
        pytest.param("https://h.example", "https://h.example:443", id="without the default port"),
        pytest.param("https://h.example:443", "https://h.example", id="with the default port"),
        pytest.param("http://h.example:80", "http://h.example", id="with the default port of http"),
        pytest.param("https://h.example", "https://h.example:8443", id="without a port of our own"),
        pytest.param("https://h.example:8443", "https://h.example:8443", id="with a port of our own"),
        pytest.param("https://h.example", "https://h.example/", id="a slash at the end of the configured address"),
        pytest.param("https://h.example/phone", "https://h.example/phone", id="an address with a path"),
        pytest.param("https://[2001:db8::1]:443", "https://[2001:db8::1]", id="an IPv6 address"),
    ],
)
def test_ports_may_be_spelled_either_way(signed_as: str, configured: str, request_for: Any) -> None:
    """Twilio is not consistent about ports; its library is lenient in the same way."""
    signature = _signature(signed_as + "/hooks/twilio/call", FIELDS)
    request = request_for("https://x/hooks/twilio/call", FIELDS, headers={"x-twilio-signature": signature})

    assert _accepts(_twilio(configured), request)


@pytest.mark.parametrize(
    "configured",
    [
        pytest.param("http://router.example.com", id="another scheme"),
        pytest.param("https://router.example.org", id="another host"),
        pytest.param("https://router.example.com/x", id="another path"),
    ],
)
def test_another_address_does_not_verify_and_the_note_says_which_was_computed(
    configured: str, request_for: Any
) -> None:
    """The refusal names our address without the query and without the signature."""
    request = _signed(request_for, url=URL + "?who=+15557654321")

    with pytest.raises(RefusedError) as refused:
        _twilio(configured).verify(request)

    assert refused.value.code == 403
    assert configured + "/hooks/twilio/call?…" in refused.value.note
    assert "15557654321" not in refused.value.note
    assert request.headers["x-twilio-signature"][0] not in refused.value.note


def _good(request_for: Any) -> str:
    return str(_signed(request_for).headers["x-twilio-signature"][0])


@pytest.mark.parametrize(
    "values",
    [
        pytest.param(lambda good: [], id="missing"),
        pytest.param(lambda good: [good, good], id="twice"),
        pytest.param(lambda good: [good[:-1]], id="truncated"),
        pytest.param(lambda good: [""], id="empty"),
        pytest.param(lambda good: [good + "é"], id="not ASCII"),
        pytest.param(lambda good: [good.lower()], id="in lower case"),
    ],
)
def test_a_bad_signature_header_is_refused(values: Any, request_for: Any) -> None:
    """With 403, whatever is wrong with it."""
    request = _signed(request_for)
    headers = request.headers | {"x-twilio-signature": values(_good(request_for))}

    with pytest.raises(RefusedError) as refused:
        _twilio().verify(request._replace(headers=headers))

    assert (refused.value.code, refused.value.reason) == (403, "signature")


@pytest.mark.parametrize("secret", ["old", "new"])
def test_either_of_two_secrets_verifies_while_rotating(secret: str, request_for: Any) -> None:
    """Both the one on its way out and the one on its way in."""
    assert _accepts(_twilio(secrets=("old", "new")), _signed(request_for, secret=secret))
    assert not _accepts(_twilio(secrets=("other",)), _signed(request_for, secret=secret))


@pytest.mark.parametrize(
    ("settings_header", "algorithm", "secret", "allowed", "verdict"),
    [
        pytest.param(None, "HMAC_SHA1", "12345", {"sha1"}, None, id="the old scheme"),
        pytest.param(
            None, "HMAC_SHA1", "12345", {"sha256"}, "algorithm", id="no way back to SHA-1 once it is switched off"
        ),
        pytest.param("key=WK1,algorithm=HMAC_SHA256", "HMAC_SHA256", "shared", {"sha256"}, None, id="a named key"),
        pytest.param(
            "algorithm=HMAC_SHA256 , key=WK1", "HMAC_SHA256", "shared", {"sha256"}, None, id="in another order"
        ),
        pytest.param(
            "key=WK1,algorithm=HMAC_SHA256", "HMAC_SHA256", "shared", {"sha1"}, "algorithm", id="SHA-256 not allowed"
        ),
        pytest.param(
            "key=WK2,algorithm=HMAC_SHA256", "HMAC_SHA256", "shared", BOTH, "signing-key", id="an unknown key"
        ),
        pytest.param(
            "key=WK1,algorithm=HMAC_SHA256",
            "HMAC_SHA256",
            "12345",
            BOTH,
            "signature",
            id="the token instead of the key",
        ),
        pytest.param("key=WK1,algorithm=HMAC_MD5", "HMAC_SHA1", "shared", BOTH, "algorithm", id="an unknown algorithm"),
        pytest.param(
            "key=WK1,algorithm=HMAC_SHA1", "HMAC_SHA1", "shared", {"sha256"}, "algorithm", id="the header downgrades"
        ),
        pytest.param("algorithm=HMAC_SHA256", "HMAC_SHA256", "12345", {"sha256"}, None, id="no key named: the secrets"),
        pytest.param("nonsense", "HMAC_SHA1", "12345", {"sha1"}, None, id="settings that say nothing"),
    ],
)
def test_configuration_decides_which_algorithms_count(
    settings_header: str | None, algorithm: str, secret: str, allowed: Any, verdict: str | None, request_for: Any
) -> None:
    """The header chooses among what is allowed and can never downgrade."""
    headers = {"x-twilio-signature": _signature(URL, FIELDS, secret, algorithm)}
    if settings_header is not None:
        headers["x-twilio-webhooks-signature-settings"] = settings_header
    provider = _twilio(keys={"WK1": "shared"}, algorithms=frozenset(allowed))
    request = request_for(URL, FIELDS, headers=headers)

    if verdict is None:
        provider.verify(request)
    else:
        with pytest.raises(RefusedError) as refused:
            provider.verify(request)
        assert (refused.value.code, refused.value.reason) == (403, verdict)


def test_a_get_request_verifies_by_its_query(request_for: Any) -> None:
    """Twilio may be set to GET; then the fields are part of the address."""
    url = URL + "?CallSid=CA1&From=%2B15557654321"
    headers = {"x-twilio-signature": _signature(url, [])}

    assert _accepts(_twilio(), request_for(url, headers=headers, method="GET"))
    assert not _accepts(_twilio(), request_for(url + "1", headers=headers, method="GET"))


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        pytest.param("text/plain", 415, id="plain text"),
        pytest.param("multipart/form-data; boundary=x", 415, id="multipart"),
        pytest.param("", 415, id="nothing"),
        pytest.param("application/json", 403, id="JSON without the hash in its address"),
        pytest.param("Application/X-WWW-Form-Urlencoded ; charset=UTF-8", None, id="a form, oddly spelled"),
    ],
)
def test_only_forms_and_hashed_json_can_be_signed(kind: str, code: int | None, request_for: Any) -> None:
    """Anything else is refused."""
    request = request_for(URL, FIELDS, headers={"x-twilio-signature": _signature(URL, FIELDS), "content-type": kind})

    if code is None:
        _twilio().verify(request)
    else:
        with pytest.raises(RefusedError) as refused:
            _twilio().verify(request)
        assert refused.value.code == code


def test_a_changed_json_body_is_refused(request_for: Any) -> None:
    """The address is signed, and vouches for the body."""
    provider, request = _vector_request(next(v for v in VECTORS if "body" in v), request_for)

    with pytest.raises(RefusedError) as refused:
        provider.verify(request._replace(body=request.body + b" "))

    assert refused.value.reason == "body-hash"


def test_spellings_of_an_address_are_few_and_distinct() -> None:
    """As configured first: that is what nearly every request is signed with."""
    assert spellings("https://h.example/p/") == ("https://h.example/p", "https://h.example:443/p")
    assert spellings("http://h.example:8080") == ("http://h.example:8080", "http://h.example", "http://h.example:80")
