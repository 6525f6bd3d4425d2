"""
The PIN in a command by text: where it stands, and the text without it.

Whose number a text comes from can be forged, so a command carries a PIN of digits, as its first word or its last:
`4711 away mon 08:00 chloe`, `away mon 08:00 chloe 4711`.
"""

import re
import unicodedata

import attrs

PIN = re.compile(r"[0-9]{4,12}")
"""What a PIN is: so that it can be told from every other word of a command, and hidden wherever it stands."""

HIDDEN = "****"

# Not inside a word, a date, a clock time or a phone number.
_DIGITS = r"(?<![\w+:-])([0-9]{4,12})(?!\w|[:-][0-9])"
_ANYWHERE = re.compile(_DIGITS)
_FIRST, _LAST = re.compile(rf"\W*(?:pin\W+)?{_DIGITS}\W*", re.IGNORECASE), re.compile(rf"\s*{_DIGITS}\W*\Z")


@attrs.frozen
class WithPin:
    """A command's *text* without its PIN, and the *pin* (None: there is none)."""

    text: str
    pin: str | None = attrs.field(repr=False)


def split_pin(text: str) -> WithPin:
    """Take the PIN out of *text*: its first word, also after the word `pin`, or its last."""
    text = _plain(text)
    if found := _FIRST.match(text):
        return WithPin(text[found.end() :], found[1])
    if found := _LAST.search(text):
        return WithPin(text[: found.start()], found[1])
    return WithPin(text, None)


def without_pins(text: str) -> str:
    """Hide every word of *text*, a command, that can be a PIN, a wrong one too; what is said of days and times stays."""
    return _ANYWHERE.sub(HIDDEN, _plain(text))


def _plain(text: str) -> str:
    """Write all digits as 0 to 9."""
    if text.isascii():
        return text
    plain = unicodedata.normalize("NFKC", text)
    return "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in plain)
