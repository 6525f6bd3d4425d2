"""The whole way with the real providers: whatever bytes come in, the answer is one of the documented ones."""

from types import ModuleType
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.generic import Generic, signature
from adapters.twilio import Twilio

ALLOWED = {200, 204, 400, 403, 404, 405, 413, 415}
TWILIO = Twilio("acme", "https://h.example", None, ["12345"], {}, frozenset({"sha1", "sha256"}))
PBX = Generic("acme", "https://h.example", None, ["12345"])

_TOKEN = st.text(alphabet="abcXYZ0189-_.!#$&'*+^`|~", min_size=1, max_size=12)
_VALUE = st.text(alphabet=st.characters(min_codepoint=0x20, max_codepoint=0xFF), max_size=40)
_KNOWN = st.sampled_from(
    ["Content-Type", "X-Twilio-Signature", "X-Twilio-Webhooks-Signature-Settings", "webhook-id", "webhook-timestamp",
     "webhook-signature", "Cookie", "Expect", "X-Forwarded-For"]
)  # fmt: skip
_HEADERS = st.lists(st.tuples(_KNOWN | _TOKEN, _VALUE), max_size=6)
_PATHS = st.sampled_from(["call", "text", "status", "next/a.0.0.m", "leg/x"]) | st.text("abc/%?.0\x00é", max_size=12)


def _answers(raw: bytes) -> list[int]:
    return [int(line.split(b" ")[1]) for line in raw.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]


@settings(max_examples=600, deadline=None)
@given(provider=st.sampled_from([TWILIO, PBX]), path=_PATHS, headers=_HEADERS, body=st.binary(max_size=300))
def test_requests_that_are_almost_right(
    provider: Any, path: str, headers: list[tuple[str, str]], body: bytes, fakes: ModuleType
) -> None:
    """One documented answer to each, never 500, and nothing left behind."""
    world = fakes.World(provider)
    client = world.connect()
    lines = [
        f"POST /hooks/acme/{path} HTTP/1.1",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in headers),
    ]

    raw = client.send("\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n" + body)

    codes = _answers(raw.replace(b"HTTP/1.1 100 Continue\r\n\r\n", b""))
    assert len(codes) == 1
    assert set(codes) <= ALLOWED
    assert world.receiver.received == []
    client.vanish()
    world.pass_seconds(1)
    assert world.clock.getDelayedCalls() == []


@settings(max_examples=300, deadline=None)
@given(pieces=st.lists(st.binary(max_size=80), max_size=8))
def test_bytes_that_are_no_http(pieces: list[bytes], fakes: ModuleType) -> None:
    """They are refused or waited for, in any portions."""
    world = fakes.World(TWILIO)
    client = world.connect()

    raw = b"".join([client.send(piece) for piece in pieces if not client.closed])

    assert set(_answers(raw)) <= ALLOWED
    world.pass_seconds(80)
    assert client.closed


@settings(max_examples=300, deadline=None)
@given(body=st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_signed_bodies_of_any_kind(body: bytes, fakes: ModuleType) -> None:
    """A key does not make a body sound: 400, not a fault."""
    world = fakes.World(PBX)
    at = int(fakes.NOW)
    signed = signature.sign(b"12345", "1", at, body)

    answer = world.connect().send(
        fakes.post(
            body=body,
            content_type="application/json",
            webhook_id="1",
            webhook_timestamp=str(at),
            webhook_signature=signed,
        )
    )

    assert fakes.status(answer) == 400
    assert world.receiver.faults == []
