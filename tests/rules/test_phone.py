"""Phone numbers: one spelling, the right country, and nothing dangerous dialled."""

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rules import phone


@pytest.mark.parametrize(
    ("text", "region", "expected"),
    [
        pytest.param("+16175550100", None, "+16175550100", id="already canonical"),
        pytest.param("+1 617 555 0100", None, "+16175550100", id="with spaces"),
        pytest.param("+1 (617) 555-0100", None, "+16175550100", id="with brackets and a dash"),
        pytest.param("+1\u202f617\u2011555\u20110100", None, "+16175550100", id="as a word processor writes it"),
        pytest.param("tel:+1-617-555-0100", None, "+16175550100", id="a tel link"),
        pytest.param("tel:+1-617-555-0100;phone-context=evil", None, "+16175550100", id="a tel link with a context"),
        pytest.param("+44 (0)20 7946 0143", None, "+442079460143", id="a trunk zero in brackets"),
        pytest.param("+44 020 7946 0143", None, "+442079460143", id="a trunk zero too many"),
        pytest.param("+39 06 1234567", None, "+39061234567", id="an Italian zero belongs to the number"),
        pytest.param("+٤٤ ٢٠ ٧٩٤٦ ٠١٤٣", None, "+442079460143", id="Arabic digits"),
        pytest.param("+1 617 555 0100 ext. 12", None, "+16175550100", id="an extension is dropped"),
        pytest.param("+1 617 555 0100 x12", None, "+16175550100", id="a short extension is dropped"),
        pytest.param("(617) 555-0100", "US", "+16175550100", id="as dialled at home"),
        pytest.param("1 617 555 0100", "US", "+16175550100", id="as dialled long distance"),
        pytest.param("020 7946 0143", "GB", "+442079460143", id="as dialled in Britain"),
        pytest.param("011 44 20 7946 0143", "US", "+442079460143", id="as dialled abroad from America"),
        pytest.param("0044 20 7946 0143", "GB", "+442079460143", id="as dialled abroad from Europe"),
        pytest.param("0044 20 7946 0143", "US", "+442079460143", id="double zero is understood everywhere"),
        pytest.param("(617) 555-0100", None, None, id="at home, but nobody says where"),
        pytest.param("+1 617 555 01", None, None, id="too short"),
        pytest.param("+1 617 555 01000", None, None, id="too long"),
        pytest.param("555 0100", "US", None, id="a local number without its area"),
        pytest.param("+999 1234 5678", None, None, id="a code of no country"),
        pytest.param("+266696687", None, None, id="a provider's stand-in for a withheld number"),
        pytest.param("1-800-FLOWERS", "US", None, id="letters are not digits"),
        pytest.param("INFO2026", "US", None, id="a sender's name"),
        pytest.param("911", "US", None, id="an emergency number"),
        pytest.param("sip:anna@example.com", "US", None, id="a SIP address"),
        pytest.param("+1+1", "US", None, id="two plus signs"),
        pytest.param("1" * 70, "US", None, id="absurdly long"),
        pytest.param("", "US", None, id="nothing"),
        pytest.param("+", None, None, id="a plus alone"),
    ],
)
def test_one_spelling_for_each_number(text: str, region: str | None, expected: str | None) -> None:
    """Every usual spelling becomes the same E.164 number; what is no number becomes None."""
    assert phone.e164(text, region) == expected


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        pytest.param(128, "+16175550100", id="as long as a number may be written"),
        pytest.param(129, None, id="one character longer"),
        pytest.param(50_000, None, id="long enough to keep a parser busy for a minute"),
    ],
)
def test_how_long_a_number_may_be(length: int, expected: str | None) -> None:
    """What is longer is no number, told before it is parsed, and is not kept in memory."""
    text = "+1 617 555 0100" + " " * (length - 15)
    kept = phone._e164.cache_info().currsize

    assert phone.e164(text, "US") == expected
    assert phone.is_emergency("911" + " " * (length - 3), "US") == (expected is not None)
    assert phone._e164.cache_info().currsize == kept + (expected is not None)


CODES = sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)


@given(st.sampled_from(CODES), st.integers(10**3, 10**13))
@example(44, 2079460143)
@example(1, 16175550100)
def test_the_short_cut_agrees_with_the_library(code: int, national: int) -> None:
    """Numbers that need no parsing are exactly those the library would leave unchanged."""
    number = f"+{code}{national}"

    assert phone.e164(number, None) == phone._parsed(number, None)


@given(st.text(max_size=30), st.sampled_from([None, "US", "GB", "XX"]))
def test_any_text_is_answered(text: str, region: str | None) -> None:
    """Whatever a caller id holds, the answer is a canonical number or None, and asking again changes nothing."""
    number = phone.e164(text, region)

    assert number is None or phone.e164(number, None) == number


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        pytest.param("+16175550141", "US", id="Boston, fictional"),
        pytest.param("+14165550123", "CA", id="Toronto"),
        pytest.param("+18765550123", "JM", id="Jamaica hides behind +1"),
        pytest.param("+12425550123", "BS", id="the Bahamas, fictional"),
        pytest.param("+17875550123", "PR", id="Puerto Rico"),
        pytest.param("+442079460143", "GB", id="London, fictional"),
        pytest.param("+447700900123", "GB", id="a British mobile for films"),
        pytest.param("+447700300123", "JE", id="Jersey, just beside it"),
        pytest.param("+77011234567", "KZ", id="Kazakhstan, not Russia"),
        pytest.param("+12121550177", "US", id="no number, but all around it are in New York"),
        pytest.param("+15551234567", None, id="an area that does not exist"),
        pytest.param("+870773111111", None, id="a ship"),
    ],
)
def test_country(number: str, expected: str | None) -> None:
    """The country comes from the number itself or its nearest neighbours in service, never from the prefix."""
    assert phone.country(number) == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        pytest.param("+16175550141", False, id="an ordinary number"),
        pytest.param("+18005551212", False, id="a free number"),
        pytest.param("+19005551234", True, id="premium rate"),
        pytest.param("+448712345678", True, id="British service number"),
        pytest.param("+870773111111", True, id="Inmarsat"),
        pytest.param("+881612345678", True, id="Iridium"),
        pytest.param("+883510012345678", True, id="an international network"),
        pytest.param("+97912345678", True, id="international premium rate"),
    ],
)
def test_costly(number: str, expected: bool) -> None:
    """Premium, shared-cost, satellite and international networks are known as such."""
    assert phone.is_costly(number) is expected


@given(st.sampled_from(CODES), st.integers(10**3, 10**13))
def test_every_possible_number_has_its_facts(code: int, national: int) -> None:
    """No number that `e164` lets through makes the questions about it fail."""
    number = phone.e164(f"+{code}{national}", None)

    if number:
        assert phone.country(number) is None or len(str(phone.country(number))) == 2
        assert phone.is_costly(number) in (True, False)


@pytest.mark.parametrize(
    ("text", "region", "expected"),
    [
        pytest.param("911", "US", True, id="911"),
        pytest.param("1-1-2", "US", True, id="112 with dashes"),
        pytest.param("tel:911", "US", True, id="as a link"),
        pytest.param("9110", "US", True, id="a digit too many still connects"),
        pytest.param("999", None, True, id="999 without a country"),
        pytest.param("110", "DE", True, id="German police"),
        pytest.param("111", "NZ", True, id="New Zealand"),
        pytest.param("+1911", "US", True, id="behind a country code"),
        pytest.param("+44 999", "US", True, id="behind another country's code"),
        pytest.param("+1 911 555 0123", "US", True, id="as an area code"),
        pytest.param("+91 11 2345 6789", "US", False, id="New Delhi only looks like 112"),
        pytest.param("+16175550141", "US", False, id="an ordinary number"),
        pytest.param("988", "US", False, id="short, but no emergency"),
        pytest.param("+999", "US", True, id="999 with a plus"),
        pytest.param("+0", "US", False, id="no country code"),
        pytest.param("+44", "GB", False, id="a country code alone"),
        pytest.param("+11", "US", False, id="one digit behind a country code"),
        pytest.param("+210", "US", False, id="a code of no country"),
        pytest.param("sip:911@pbx", "US", False, id="an address of our own system"),
    ],
)
def test_emergency(text: str, region: str | None, expected: bool) -> None:
    """Whatever would call for help is known, in every disguise, and nothing else is."""
    assert phone.is_emergency(text, region) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("262966", True), ("988", True), ("98", False), ("2629660", False), ("+1911", False), ("abc", False)],
)
def test_short(text: str, expected: bool) -> None:
    """Three to six digits are a short number."""
    assert phone.is_short(text) is expected
