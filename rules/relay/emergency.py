"""Somebody texts an emergency number to us: nobody may believe that help is on its way because of it."""

import re

from phonenumbers import shortnumberinfo

from rules.phone import country

_ANYWHERE = ("112", "911", "999")
"""Numbers people know from films; phones understand them nearly everywhere (3GPP TS 22.101 section 10.1)."""

_NUMBERS = {
    **dict.fromkeys(("US", "CA", "PR", "MX", "AR", "PH"), "911"),
    **dict.fromkeys(("GB", "IE", "SG", "HK", "MY", "KE", "GH"), "999"),
    "AU": "000",
    "NZ": "111",
    "ZA": "10111",
    "BR": "190",
    "JP": "119",
}
"""What to dial, by country; where it is not listed, 112."""

_ALONE = re.compile(
    r"\W*(?:(?:call|help|sos|emergency)\W+)?([0-9](?:[ .-]?[0-9]){2,4})\W*(?:help|please|now|emergency|sos)?\W*", re.I
)
_LONGEST = 40


def asks_for_help(text: str, number: str) -> bool:
    """Say whether *text*, sent to our *number* (E.164), is an emergency number of its country and hardly more: `911`, `9-1-1!`."""
    found = _ALONE.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        return False
    digits, place = re.sub(r"\D", "", found[1]), _place(number)
    return digits in _ANYWHERE or (place is not None and shortnumberinfo.is_emergency_number(digits, place))


def answer(number: str) -> str:
    """Return what is said to them: that nobody watches our *number* for that, and what to dial in its country."""
    return f"This number is not monitored for emergencies. In an emergency call {_NUMBERS.get(_place(number) or '', _ANYWHERE[0])}."


def _place(number: str) -> str | None:
    return country(number) if number.startswith("+") else None
