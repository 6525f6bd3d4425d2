"""
Twilio's error codes, as far as texts are concerned (https://www.twilio.com/docs/api/errors).

Twilio splits codes up and adds new ones (changelog of 2024-07-10), so the HTTP status decides where a code is not in here.
"""

from collections.abc import Mapping

import attrs

OPTED_OUT = 21610

DIGITS = 9
"""Digits of a code at most."""


@attrs.frozen
class Meaning:
    """What a code says, in words of ours without a number in them, and whether the same again would end the same."""

    words: str
    permanent: bool = True


def _later(words: str) -> Meaning:
    return Meaning(words, permanent=False)


_RECIPIENT = "the provider cannot text this recipient"
_SENDER = "the provider does not let us send from this number"

CODES: Mapping[int, Meaning] = {
    # about us: whoever runs the account must do something, and then it works
    10001: _later("the provider's account is not active"),
    20003: _later("the provider refuses our account and secret"),
    20005: _later("the provider's account is not active"),
    20404: _later("the provider does not know our account or its address"),
    20429: _later("the provider asks us to slow down"),
    21611: _later("too many texts of this number wait at the provider"),
    21730: _later("the provider is under maintenance"),
    # about the recipient
    21211: Meaning("the recipient's number is none the provider knows"),
    21265: Meaning("the recipient's number is a short code"),
    21266: Meaning("sender and recipient are the same number"),
    21408: Meaning("the account may not text to this country"),
    21604: Meaning("there is no recipient"),
    21608: Meaning("a trial account may text to verified numbers only"),
    OPTED_OUT: Meaning("the recipient has opted out of texts from this number"),
    21612: Meaning("the provider has no way from this number to this recipient"),
    21614: Meaning("the recipient's number is no mobile"),
    21635: Meaning("the recipient's number is a landline"),
    # about our number
    21212: Meaning(_SENDER),
    21601: Meaning(_SENDER),
    21603: Meaning(_SENDER),
    21606: Meaning(_SENDER),
    21659: Meaning(_SENDER),
    21660: Meaning(_SENDER),
    21661: Meaning(_SENDER),
    # about the text
    21602: Meaning("the text is empty"),
    21605: Meaning("the text is too long for the provider"),
    21609: Meaning("the provider cannot report to our public address"),
    21617: Meaning("the text is too long for the provider"),
    21619: Meaning("the text is empty"),
    21620: Meaning("the provider cannot fetch what is attached"),
    21623: Meaning("too much is attached"),
    # told later, by receipt
    30001: _later("too many texts of this number wait at the provider"),
    30002: _later("the provider's account is suspended"),
    30003: _later("the recipient's phone cannot be reached"),
    30004: Meaning("the recipient or the carrier blocks texts from this number"),
    30005: Meaning(_RECIPIENT),
    30006: Meaning("the recipient's number is a landline, or its carrier takes no texts"),
    30007: Meaning("a carrier took the text for spam"),
    30008: _later("the carrier did not say why"),
    30034: Meaning("our number is not registered for texts to the United States"),
    63016: Meaning("the recipient has to write first"),
}


def meaning_of(code: int) -> Meaning | None:
    """Return what *code* says; None when it is not known here."""
    return CODES.get(code)


def again_after_receipt(code: str | None) -> bool:
    """Say whether a text whose receipt names *code* may be tried once more; without a code nobody knows why it failed."""
    known = _told_by_receipt(code)
    return known is not None and not known.permanent


def said_by_receipt(code: str | None) -> str | None:
    """Return what the *code* of a receipt says, in words; None when it is not known here."""
    known = _told_by_receipt(code)
    return known.words if known else None


def _told_by_receipt(code: str | None) -> Meaning | None:
    return CODES.get(int(code)) if code and code.isascii() and code.isdecimal() and len(code) <= DIGITS else None
