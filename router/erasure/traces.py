"""How a phone number is recognised in whatever somebody wrote: as it is dialled, at home and from abroad, punctuated or not."""

import re

import attrs
import phonenumbers

from router.masking import mask

_BETWEEN = rb"(?:[ ()./\t-]|\xc2\xa0|\xe2\x80[\x80-\xaf]){0,3}"
"""What people put between digits, in UTF-8: punctuation, blanks and dashes of all widths."""

_SHORTEST_AT_HOME = 8
"""Digits. A shorter number without its country may be part of anything."""


@attrs.frozen
class Traces:
    """
    Looks for one number: *exact* finds it however it is written, *masked* is what we write in its place.

    *digits* are those it has at home: most of what is looked through does not even hold these, and is done with quickly.
    """

    digits: re.Pattern[bytes] = attrs.field(repr=False)
    exact: re.Pattern[bytes] = attrs.field(repr=False)
    masked: bytes = attrs.field(repr=False)

    @classmethod
    def of(cls, number: str) -> "Traces":
        """Look for *number* (E.164)."""
        parsed = phonenumbers.parse(number, None)
        home = phonenumbers.national_significant_number(parsed)
        country = b"(?:(?:00|011)?" + _BETWEEN + _spelled(str(parsed.country_code)) + _BETWEEN + b")"
        if len(home) >= _SHORTEST_AT_HOME:
            country += b"?"
        trunk = rb"(?:\(?0\)?" + _BETWEEN + b")?"
        written = b"(?<![0-9])" + country + trunk + rb"\(?" + _spelled(home) + b"(?![0-9])"
        return cls(re.compile(_spelled(home)), re.compile(written), mask(number).encode())

    def named(self, text: bytes) -> bool:
        """Say whether the number stands in *text* (UTF-8)."""
        return self.digits.search(text) is not None and self.exact.search(text) is not None

    def hinted(self, text: bytes) -> bool:
        """Say whether it stands there, or what we show in its place, which some others may share."""
        return self.masked in text or self.named(text)

    def struck(self, text: bytes) -> bytes:
        """Return *text* with its digits struck out, in the same length."""
        return self.exact.sub(lambda found: b"x" * len(found[0]), text)


def _spelled(digits: str) -> bytes:
    return _BETWEEN.join(digit.encode() for digit in digits)
