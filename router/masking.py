"""
Phone numbers as they may be shown: country and area to recognise, the last digits to tell apart, the rest hidden.

`+12025550123` is shown as `+1202***0123`, a short one as `+49***56`. Short codes (up to eight digits without a plus) belong
to nobody and stay as they are, names of senders too.
"""

import re
from typing import Any

from rules.masked import shown

_NUMBER = re.compile(
    r"""
    (?<![0-9A-Za-z.])                             # not inside an id, a hash or a fraction
    (?:
        (?P<mark>\+|%2[Bb])[ ]?\(?[0-9](?:[ ().-]{0,2}[0-9]){6,14}   # with its plus, people's punctuation allowed
      | [0-9]{9,15}                               # without: as some providers write it
      | \(?[0-9]{3}\)?[ .-][0-9]{3}[ .-][0-9]{4}  # as it is written in North America
    )
    (?![0-9A-Za-z])
    """,
    re.VERBOSE,
)
_DIGIT = re.compile("[0-9]")
_E164 = re.compile(r"\+[0-9]{7,15}")


def mask(number: str) -> str:
    """Hide the middle of *number*; a short code, a name and an address without digits stay as they are."""
    return mask_text(number)


def mask_text(text: str) -> str:
    """Mask whatever looks like a phone number anywhere in *text*; most texts are a name, an id, or one number and nothing else."""
    if text.isascii() and text.isalnum() and not text.isdigit():
        return text  # where no digit is without a letter beside it, there is no number
    if _E164.fullmatch(text):
        return shown("+", text[1:])
    return _NUMBER.sub(_hide, text) if _DIGIT.search(text) else text


def mask_all(value: Any) -> Any:
    """Mask in every text of a JSON value; the keys of its objects are ours and stay."""
    match value:
        case str():
            return mask_text(value)
        case list():
            return [mask_all(part) for part in value]
        case dict():
            return {key: mask_all(part) for key, part in value.items()}
    return value


def _hide(found: re.Match[str]) -> str:
    digits = "".join(char for char in found[0].removeprefix(found["mark"] or "") if char.isdigit())
    return shown("+" if found["mark"] else "", digits)
