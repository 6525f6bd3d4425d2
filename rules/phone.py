"""Phone numbers: one spelling for each (E.164), the country it belongs to, and what must never be dialled."""

import re
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType, ValidationResult, shortnumberinfo
from phonenumbers.phonemetadata import PhoneMetadata

# What people put between digits; no-break and narrow spaces, and the dashes word processors make.
_PUNCTUATION = str.maketrans(dict.fromkeys(" -./()\t\u00a0\u2007\u2009\u202f\u2010\u2011\u2012\u2013", ""))
_CANONICAL = re.compile(r"\+[1-9][0-9]{6,14}")
_EXTENSION = re.compile(r"(?:;.*|\s*(?:ext\.?|extension|x|#)\s*[0-9]{1,8})$", re.IGNORECASE | re.DOTALL)
_ONLY_DIGITS = re.compile(r"[+＋]?[\d\s.()/\u2010-\u2015-]+")
_COSTLY = {PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST}
# Satellite and international networks (+870 Inmarsat, +881 and +882 mobile satellite, +883 networks) and
# the international premium rate service.
_BEYOND_COUNTRIES = {870, 871, 872, 873, 874, 878, 881, 882, 883, 888, 979}
# Understood by mobile networks in every country (3GPP TS 22.101 section 10.1).
_EMERGENCY_ANYWHERE = {"000", "08", "110", "112", "118", "119", "911", "999"}
# Ofcom's numbers for drama: no neighbour in service tells their country, for Jersey has the ones around them.
_FICTIONAL = {"+447700900": "GB"}

LONGEST = 128
"""How many characters a number may be written with; what is longer is none, and is neither parsed nor remembered."""


def e164(text: str, region: str | None) -> str | None:
    """
    Return *text* as `+` and digits (ITU-T E.164), or None when it is no possible number.

    Any usual spelling is understood: `tel:`, `+44 (0)20`, any script's digits; an extension is dropped. A number
    without `+` is read as dialled in *region* (ISO 3166, `US`). Letters are never turned into digits: a sender called
    `INFO2026` is no number.
    """
    return _e164(text, region) if len(text) <= LONGEST else None


@lru_cache(maxsize=65536)
def _e164(text: str, region: str | None) -> str | None:
    compact = text.translate(_PUNCTUATION)
    if _CANONICAL.fullmatch(compact) and "(" not in text and _needs_no_parsing(compact):
        return compact
    return _parsed(text, region)


@lru_cache(maxsize=65536)
def country(number: str) -> str | None:
    """
    Name the country (ISO 3166) that *number* (E.164) belongs to, or None when that cannot be said.

    Not by prefix: `+1876` is Jamaica. A number that is not in service belongs where its neighbours belong, if these
    all lie in one country.
    """
    if number[:10] in _FICTIONAL:
        return _FICTIONAL[number[:10]]
    places = {phonenumbers.region_code_for_number(each) for each in _itself_or_neighbours(number)}
    place = places.pop() if len(places) == 1 else None
    return place if place != "001" else None


@lru_cache(maxsize=65536)
def is_costly(number: str) -> bool:
    """Say whether *number* (E.164) is premium rate, shared cost, satellite or on an international network."""
    among = _itself_or_neighbours(number)
    return _parse(number).country_code in _BEYOND_COUNTRIES or any(
        phonenumbers.number_type(each) in _COSTLY for each in among
    )


def is_emergency(text: str, region: str | None) -> bool:
    """Say whether *text* would call for help in *region*: `911`, `1-1-2`, also disguised as `+1 911` or `+1 911 555 0100`."""
    return len(text) <= LONGEST and _is_emergency(text, region)


@lru_cache(maxsize=4096)
def _is_emergency(text: str, region: str | None) -> bool:
    compact = text.removeprefix("tel:").translate(_PUNCTUATION)
    digits = compact.lstrip("+")
    if not digits.isdecimal() or not digits.isascii():
        return False
    if digits in _EMERGENCY_ANYWHERE:
        return True
    if compact.startswith("+"):
        return _hides_emergency(digits)
    return region is not None and len(digits) <= 6 and shortnumberinfo.connects_to_emergency_number(digits, region)


def is_short(text: str) -> bool:
    """Say whether *text* is a short number (3 to 6 digits, no `+`): it works inside one network only."""
    digits = text.translate(_PUNCTUATION)
    return digits.isdecimal() and 2 < len(digits) <= 6


def _needs_no_parsing(number: str) -> bool:
    """Say whether the library would leave *number* as it is: a length in use, and no trunk prefix in front."""
    for width in (1, 2, 3):
        known = _lengths_and_trunk(int(number[1 : 1 + width]))
        if known:
            national = number[1 + width :]
            return len(national) in known[0] and not (known[1] and known[1].match(national))
    return False


@lru_cache(maxsize=1024)
def _lengths_and_trunk(calling_code: int) -> tuple[frozenset[int], re.Pattern[str] | None] | None:
    """Return how long national numbers may be and how a trunk prefix looks, or None if there is no such code."""
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(calling_code)
    if regions is None:
        return None
    metadata = PhoneMetadata.metadata_for_region_or_calling_code(calling_code, regions[0])
    assert metadata is not None
    assert metadata.general_desc is not None
    trunk = metadata.national_prefix_for_parsing
    return frozenset(metadata.general_desc.possible_length), re.compile(trunk) if trunk else None


def _parsed(text: str, region: str | None) -> str | None:
    stripped = _EXTENSION.sub("", text.strip().removeprefix("tel:"))
    if len(stripped) > 60 or not _ONLY_DIGITS.fullmatch(stripped):
        return None
    spellings = (stripped, "+" + stripped[2:]) if stripped.startswith("00") else (stripped,)
    for spelling in spellings:
        try:
            number = phonenumbers.parse(spelling, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE:
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return None


def _parse(number: str) -> PhoneNumber:
    return phonenumbers.parse(number, None)


@lru_cache(maxsize=64)  # who asks for the country asks for the cost as well
def _itself_or_neighbours(number: str) -> tuple[PhoneNumber, ...]:
    """Return *number* if it can be in service, else the nearest numbers that can: same beginning, other last digits."""
    itself = _parse(number)
    if phonenumbers.region_code_for_number(itself) is not None:
        return (itself,)
    digits = len(phonenumbers.national_significant_number(itself))
    for tail in range(2, min(8, digits)):
        candidates = [_parse(number[:-tail] + digit * tail) for digit in "0123456789"]
        if found := tuple([each for each in candidates if phonenumbers.is_valid_number(each)]):
            return found
    return ()


def _hides_emergency(digits: str) -> bool:
    """Say whether an international number is an emergency number behind a country's code."""
    for width in (1, 2, 3):
        regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(digits[:width]), ())
        national = digits[width:]
        if regions and national:
            return not _in_service("+" + digits) and any(
                shortnumberinfo.connects_to_emergency_number(national, region) for region in regions if region != "001"
            )
    return False


def _in_service(number: str) -> bool:
    try:
        return phonenumbers.is_valid_number(_parse(number))
    except phonenumbers.NumberParseException:
        return False
