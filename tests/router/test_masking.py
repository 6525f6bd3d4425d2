"""Numbers as they may be shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.masking import _NUMBER, _hide, mask, mask_all, mask_text


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        pytest.param("+12025550123", "+1202***0123", id="E.164"),
        pytest.param("12025550123", "1202***0123", id="without its plus"),
        pytest.param("%2B12025550123", "+1202***0123", id="as it stands in a link"),
        pytest.param("+1 (202) 555-0123", "+1202***0123", id="as people write it"),
        pytest.param("202-555-0123", "2025***0123", id="as Americans write it"),
        pytest.param("+4930123", "+49***23", id="a short one shows less"),
        pytest.param("+493012345", "+49***45", id="nine digits are short"),
        pytest.param("+4930123456", "+4930***3456", id="ten digits are not"),
        pytest.param("whatsapp:+447700900123", "whatsapp:+4477***0123", id="with a channel before it"),
        pytest.param("sip:+12025550123@pbx", "sip:+1202***0123@pbx", id="within a SIP address"),
        pytest.param("72345678", "72345678", id="a short code is nobody's"),
        pytest.param("ACME", "ACME", id="a name of a sender"),
        pytest.param("sip:anna@pbx", "sip:anna@pbx", id="an address without digits"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_a_number_is_shown_in_part(number: str, shown: str) -> None:
    """Enough to recognise and to tell apart, not enough to dial."""
    assert mask(number) == shown


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22T14:03:09.123456Z",
        "took 0.123456789012 s",
        "CA0123456789abcdef0123456789abcdef",
        "01KAMX7Q3D0123456789JKMNPQ",
        "+1202***0123",
        "open until 17:30 on 2026-11-22",
    ],
)
def test_what_is_no_number_stays(text: str) -> None:
    """Moments, durations, ids and what is masked already are left alone."""
    assert mask_text(text) == text


def test_every_number_in_a_text_is_masked() -> None:
    """However many there are, and whatever stands around them."""
    text = "+12025550123 called; try +1-508-555-0199, or (202) 555-0123."

    assert mask_text(text) == "+1202***0123 called; try +1508***0199, or 2025***0123."


def test_masking_goes_into_lists_and_objects() -> None:
    """The keys of an object are ours; its values are looked through to the end."""
    value = {"why": ["from +12025550123", 7, None], "+12025550123": {"to": "+12025550123"}}

    assert mask_all(value) == {"why": ["from +1202***0123", 7, None], "+12025550123": {"to": "+1202***0123"}}


@given(st.text(st.sampled_from("0123456789aZé٣+ -."), max_size=24))
def test_the_short_way_hides_as_much(text: str) -> None:
    """A text that is let through as a name or an id has no number in it."""
    assert mask_text(text) == _NUMBER.sub(_hide, text)
