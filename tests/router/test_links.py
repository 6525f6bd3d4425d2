"""Links nobody else can make."""

from base64 import urlsafe_b64decode
from hashlib import blake2b

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.tokens import step_of
from router.links import Links, key_in, write_private
from rules.event import StepRef

CALL = "01J9Z3T0M6Q8R5K2"
LINKS = Links(b"step-token-key-0123456789abcdef!", "https://phone.example/base")


def test_a_link_names_its_step() -> None:
    """Behind whatever prefix the public address has; what it names comes back."""
    link = LINKS.of_step("twilio", CALL, 1)("next", 0)
    token = link.rpartition("/")[2]

    assert link.startswith("https://phone.example/base/hooks/twilio/next/01J9Z3T0M6Q8R5K2.1.0.")
    assert len(token.rpartition(".")[2]) == 22
    assert LINKS.genuine("twilio", "next", step_of(token))


@given(
    key=st.binary(max_size=64),
    what=st.sampled_from(["next", "leg", "transcript"]),
    step=st.integers(0, 9999),
    leg=st.integers(0, 9999),
)
def test_the_authenticator_is_the_standard_one(key: bytes, what: str, step: int, leg: int) -> None:
    """Keyed BLAKE2b as Python has it, over all that the token names."""
    signed = f"v2.twilio-{what}.{step}.{leg}.{CALL}".encode()

    mac = Links(key, "").mac("twilio", what, StepRef(CALL, step, leg, ""))

    assert urlsafe_b64decode(mac + "==") == blake2b(signed, key=key, digest_size=16).digest()


@pytest.mark.parametrize(
    ("provider", "what", "change"),
    [
        pytest.param("other", "next", {}, id="for another provider"),
        pytest.param("twilio", "message", {}, id="for another call-back"),
        pytest.param("twilio", "next", {"call": CALL[:-1] + "3"}, id="of another call"),
        pytest.param("twilio", "next", {"step": 2}, id="of another step"),
        pytest.param("twilio", "next", {"leg": 1}, id="of another leg"),
        pytest.param("twilio", "next", {"mac": "A" * 22}, id="with another authenticator"),
        pytest.param("twilio", "next", {"mac": ""}, id="with none"),
        pytest.param("twilio", "next", {"mac": "ü\ud800"}, id="with letters no link has"),
    ],
)
def test_a_changed_token_is_not_ours(provider: str, what: str, change: dict[str, object]) -> None:
    """Whatever is changed."""
    ref = StepRef(CALL, 1, 0, LINKS.mac("twilio", "next", StepRef(CALL, 1, 0, "")))

    assert LINKS.genuine("twilio", "next", ref)
    assert not LINKS.genuine(provider, what, ref._replace(**change))


def test_the_key_stays(tmp_path: object) -> None:
    """It is made once, only for us to read."""
    from pathlib import Path

    folder = Path(str(tmp_path))
    key = key_in(folder)

    assert key_in(folder) == key
    assert len(key) == 32
    assert (folder / "link-key").stat().st_mode & 0o777 == 0o600
    assert repr(Links(key, "")).count(repr(key)) == 0


def test_a_damaged_key_is_not_used(tmp_path: object) -> None:
    """A short one would be easy to guess."""
    from pathlib import Path

    write_private(Path(str(tmp_path)) / "link-key", b"short")

    with pytest.raises(ValueError, match="must hold 32 bytes"):
        key_in(Path(str(tmp_path)))
