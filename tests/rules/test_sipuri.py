"""SIP addresses: one spelling each, and the numbers in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.sipuri import sip_uri


@pytest.mark.parametrize(
    ("text", "key", "phone"),
    [
        pytest.param("sip:anna@pbx.example", "sip:anna@pbx.example", None, id="plain"),
        pytest.param("SIP:anna@PBX.Example", "sip:anna@pbx.example", None, id="the host in capitals"),
        pytest.param("sip:Anna@pbx.example", "sip:Anna@pbx.example", None, id="the user keeps its case"),
        pytest.param("sips:anna@pbx.example", "sip:anna@pbx.example", None, id="over TLS"),
        pytest.param("sip:anna@pbx.example:5060", "sip:anna@pbx.example", None, id="the default port"),
        pytest.param("sip:anna@pbx.example:5070", "sip:anna@pbx.example:5070", None, id="another port"),
        pytest.param("sip:anna@pbx.example;transport=tcp", "sip:anna@pbx.example", None, id="parameters"),
        pytest.param("sip:anna@pbx.example?Subject=x", "sip:anna@pbx.example", None, id="headers"),
        pytest.param("sip:anna:secret@pbx.example", "sip:anna@pbx.example", None, id="a password is dropped"),
        pytest.param('"Anna L" <sip:anna@pbx.example>;tag=7', "sip:anna@pbx.example", None, id="a display name"),
        pytest.param("sip:%61nna@pbx.example", "sip:anna@pbx.example", None, id="escaped letters"),
        pytest.param("sip:pbx.example", "sip:pbx.example", None, id="no user"),
        pytest.param("sip:anna@[2001:db8::1]:5070", "sip:anna@[2001:db8::1]:5070", None, id="an IPv6 host"),
        pytest.param("sip:101@pbx.example", "sip:101@pbx.example", None, id="an extension is no number"),
        pytest.param("sip:+16175550141@trunk", "sip:+16175550141@trunk", "+16175550141", id="an international number"),
        pytest.param("sip:6175550141@trunk;user=phone", "sip:6175550141@trunk", "6175550141", id="said to be a phone"),
        pytest.param("sip:+1617;npdi@trunk", "sip:+1617;npdi@trunk", "+1617", id="a number with parameters"),
        pytest.param("sip:alice@trunk;user=phone", "sip:alice@trunk", None, id="said to be a phone, but a name"),
    ],
)
def test_one_spelling(text: str, key: str, phone: str | None) -> None:
    """What does not belong to the identity is dropped; a telephone number in it is found."""
    uri = sip_uri(text)

    assert uri is not None
    assert (uri.key, uri.phone) == (key, phone)


@pytest.mark.parametrize("text", ["", "sip:", "anna@pbx.example", "tel:+1617", "sip:a b@c", "mailto:a@b", "sip:a@b@c"])
def test_what_is_none(text: str) -> None:
    """Anything else is not a SIP address."""
    assert sip_uri(text) is None


@given(st.text(max_size=60))
def test_it_never_fails(text: str) -> None:
    """Whatever a stranger writes is read or not, but never an error."""
    assert sip_uri("sip:" + text) is None or sip_uri("sip:" + text).key.startswith("sip:")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("address", "place", "there"),
    [
        pytest.param("sip:a@pbx.example", "pbx.example", True, id="the host"),
        pytest.param("sip:a@pbx.example:5081", "PBX.example", True, id="a host without a port means any"),
        pytest.param("sip:a@pbx.example:5081", "pbx.example:5081", True, id="the port"),
        pytest.param("sip:a@pbx.example", "pbx.example:5060", True, id="the usual port"),
        pytest.param("sip:a@pbx.example:5081", "pbx.example:5060", False, id="another port"),
        pytest.param("sip:a@pbx.example", "pbx.example:5081", False, id="no port"),
        pytest.param("sip:a@pbx.example.evil", "pbx.example", False, id="a host that only begins so"),
        pytest.param("sip:pbx.example", "pbx.example", True, id="without a user"),
        pytest.param("sip:a@[2001:db8::1]", "[2001:db8::1]", True, id="IPv6"),
        pytest.param("sip:a@[2001:db8::1]:5070", "[2001:db8::1]", True, id="IPv6 and a port"),
        pytest.param("sip:a@[2001:db8::1]", "[2001:db8:", False, id="a piece of IPv6"),
    ],
)
def test_where_it_is(address: str, place: str, there: bool) -> None:
    """An address is on a host, and on its port where one is written."""
    uri = sip_uri(address)

    assert uri is not None
    assert uri.is_on(place) == there
