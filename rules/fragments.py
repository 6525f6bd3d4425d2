"""
Pieces of a JSON Schema (draft-07): what a value may look like to an editor, beside how it is read.

Editors type scalars as YAML 1.2 does (`20` a number, `true` a boolean) where we read text; so wherever we read a text, what
such an editor makes of it fits as well. A piece may ask for less than its reader does, and never for more.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from rules.dates import MONTHS, WEEKDAYS

Fragment = Mapping[str, Any]

DEFINE = "$define"
"""Under this key a piece carries the name by which the schema refers to it, instead of repeating it."""

TEXT: Fragment = {"type": ["string", "number", "boolean"], "minLength": 1}


def text(pattern: str | None = None) -> Fragment:
    """Return a piece for a text, which fits *pattern* (ECMA 262, searched for) if there is one."""
    return TEXT if pattern is None else {"type": "string", "pattern": pattern}


def choice(words: Iterable[str]) -> Fragment:
    """Return a piece for one of *words*; a word an editor would take for something else also as that."""
    typed: list[object] = []
    for word in words:
        typed += [word, *([int(word)] if word.isdecimal() else []), *([True] if word == "yes" else [])]
    return {"enum": typed}


def whole_number(lowest: int, highest: int) -> Fragment:
    """Return a piece for a whole number within bounds, quoted or not."""
    digits = {"type": "string", "pattern": "^[0-9]{1,9}$"}
    return {"anyOf": [{"type": "integer", "minimum": lowest, "maximum": highest}, digits]}


def one_or_more(item: Fragment) -> Fragment:
    """Return a piece for a single value or a list of them."""
    return {"anyOf": [item, {"type": "array", "items": item, "minItems": 1}]}


def any_of(*pieces: Fragment) -> Fragment:
    """Return a piece for what fits one of *pieces*."""
    return {"anyOf": list(pieces)}


def listed(item: Fragment) -> Fragment:
    """Return a piece for a list, which may be empty."""
    return {"type": "array", "items": item}


def named(entry: Fragment, *, taken: Iterable[str] = (), longest: int = 60) -> Fragment:
    """Return a piece for names, each with an *entry*; *taken* are no names."""
    names: dict[str, Any] = {"pattern": NAME, "maxLength": longest}
    if words := sorted(taken):
        names["not"] = {"enum": words}
    return {"type": "object", "propertyNames": names, "additionalProperties": entry}


def defined(name: str, piece: Fragment) -> Fragment:
    """Return *piece* with a *name* to refer to it."""
    return {DEFINE: name, **piece}


# Letters of any script, digits, and between them spaces, - ' and _. ECMA knows no \w beyond ASCII: what may not stand is named.
NAME = "^[^\\s!-/:-@\\[-`{-~](?:[^!-&(-,./:-@\\[-^`{-~\\t\\r\\n]*[^\\s!-/:-@\\[-^`{-~])?$"

DATE = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
DATE_TIME = "^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[ \\t]+|T)[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?$"
SECRET = "^(?:env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$"  # noqa: S105  a pattern, no secret
LISTENER = "^(?:unix:\\S.*|(?:\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9.-]+):[0-9]{1,5})$"
PUBLIC_URL = "^(?:https://|http://(?:localhost|127\\.0\\.0\\.1|\\[::1\\])(?:[:/]|$))"
HOST_PORT = "^(?:\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9.-]+):[0-9]{1,5}$"
LANGUAGE = "^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}$"
MAIL = "^[^@\\s]+@[^@\\s.]+(?:\\.[^@\\s.]+)+$"
BOX_ADDRESS = f"{MAIL}|^[sS][iI][pP][sS]?:"
SENDER = "^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[A-Za-z0-9-]+(?:\\.[A-Za-z0-9-]+)+$"
SOUND = "^(?!http://)"
CALENDAR = "^(?:env:|file:|https://)"
CHANGE = "^[A-Za-z]+[ \\t]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?$"
DURATION = "^(?!0+[smh])[0-9]{1,6}[smh]$"


def _any_case(words: Iterable[str]) -> str:
    """Return a pattern for *words* in small or capital letters; ECMA has no inline flag for that."""
    longest_first = sorted(set(words), key=lambda word: (-len(word), word))
    return "(?:" + "|".join("".join(f"[{char.upper()}{char}]" for char in word) for word in longest_first) + ")"


YES_NO: Fragment = {
    "anyOf": [
        {"enum": [True, False, "yes", "no"]},
        {"type": "string", "pattern": f"^{_any_case(['yes', 'no', 'on', 'off', 'true', 'false'])}$"},
    ]
}

_SPAN = "[0-9]{1,2}:[0-9]{2}[ \\t]*-[ \\t]*[0-9]{1,2}:[0-9]{2}"
_PART = f"(?:{_SPAN}|[Cc][Ll][Oo][Ss][Ee][Dd]|[Aa][Ll][Ll]-[Dd][Aa][Yy])"
SPANS: Fragment = defined(
    "hours_of_a_day",
    {
        **one_or_more({"type": "string", "pattern": f"^\\s*{_PART}(?:\\s*,\\s*{_PART})*\\s*$"}),
        "examples": ["09:00-12:30, 13:30-17:30", "closed", "all-day"],
    },
)
WEEKDAY_KEY = f"^\\s*(?:{_any_case(WEEKDAYS)}\\s*(?:[-,]\\s*|$))+$|^\\s*[Dd][Aa][Ii][Ll][Yy]\\s*$"
_ONE_DATE = f"(?:[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}|{_any_case(MONTHS)}\\.?\\s*[0-9]{{1,2}}(?:st|nd|rd|th)?)"
DATE_KEY = f"^\\s*{_ONE_DATE}(?:\\s*\\.\\.\\s*{_ONE_DATE})?\\s*$"


def schedule(properties: Fragment) -> Fragment:
    """Return a piece for days with hours, beside the *properties* a schedule has."""
    week = {
        "type": "object",
        "patternProperties": {WEEKDAY_KEY: SPANS},
        "additionalProperties": False,
        "minProperties": 1,
    }
    holidays = any_of({"enum": ["closed", "normal"]}, SPANS)
    return {
        "type": "object",
        "properties": {
            **properties,
            "holidays": {"description": "what public holidays are: closed, normal, or hours", **holidays},
        },
        "patternProperties": {WEEKDAY_KEY: SPANS, DATE_KEY: any_of(SPANS, week)},
        "additionalProperties": False,
        "minProperties": 1,
    }
