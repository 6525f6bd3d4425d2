"""The form fields of a Twilio webhook: looked up, and refused in words when a necessary one is missing."""

import re
from collections.abc import Mapping

from adapters.api import RefusedError

Fields = Mapping[str, str]

_ID = re.compile(r"[\w.:-]{1,128}", re.ASCII)
_COUNT = re.compile(r"\d{1,9}", re.ASCII)


def identifier(fields: Fields, *names: str) -> str:
    """Return the first of *names* that holds an id fit for keys and logs; refused with 400 when none does."""
    for name in names:
        value = fields.get(name, "")
        if _ID.fullmatch(value):
            return value
    raise RefusedError(400, "malformed", f"{names[0]} is missing or is no id")


def required(fields: Fields, *names: str) -> str:
    """Return the first of *names* that is there and not blank; refused with 400 when none is."""
    for name in names:
        if value := fields.get(name, ""):
            return value
    raise RefusedError(400, "malformed", f"{names[0]} is missing")


def word(status: str) -> str:
    """Keep a status as a part of a key, whatever it will be one day."""
    return status if _ID.fullmatch(status) else "unknown"


def count(fields: Fields, name: str) -> int | None:
    """Return a whole number, None when there is none."""
    value = fields.get(name, "")
    return int(value) if _COUNT.fullmatch(value) else None


def kept(fields: Fields, **names: str) -> dict[str, str]:
    """Pick what is there and not blank, under our words: `kept(fields, seconds="DialCallDuration")`."""
    return {ours: value for ours, theirs in names.items() if (value := fields.get(theirs, ""))}
