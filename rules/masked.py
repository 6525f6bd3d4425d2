"""How a phone number is shown to those who need not know it: enough to recognise it, too little to dial it."""


def shown(plus: str, digits: str) -> str:
    """
    Return country, area and last digits of a number: `+1202***0123`, of a short one `+49***56`.

    *plus* is `+` or nothing, as it was written; *digits* are the digits alone.
    """
    if len(digits) >= 10:
        return f"{plus}{digits[:4]}***{digits[-4:]}"
    return f"{plus}{digits[:2]}***{digits[-2:]}"
