"""Reads JSON from outside strictly: bounded depth and count, no doubled key, no number that is none or does not fit."""

import json
import math
import re
from typing import Any, NoReturn

from adapters.api import RefusedError

MAX_DEPTH = 32
MAX_VALUES = 2000
"""How many values a body may have, all lists and mappings and what is in them; a call has some twenty."""

_MOST_DIGITS = 18

# Matches at every quote, closed or not, and never looks back: an open one must not cost the square of what follows.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.?)*+"?', re.DOTALL)
_SQUARE = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")


def parse_object(raw: bytes) -> dict[str, Any]:
    """Return the JSON object in *raw* (RFC 8259, UTF-8); anything else is refused with 400."""
    _bound(raw)
    try:
        value = json.loads(
            raw.decode(),
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_float=_float,
            parse_int=_int,
        )
    except UnicodeDecodeError:
        _refuse("the body is not UTF-8")
    except json.JSONDecodeError as error:
        _refuse(f"the body is not JSON at character {error.pos}")
    if not isinstance(value, dict):
        _refuse("the body is not a JSON object")
    return value


def _bound(raw: bytes) -> None:
    """
    Refuse *raw* when it nests too deep or holds too much, before anything recursive or slow sees it.

    Counted are brackets and commas outside of texts. Of the brackets the innermost pairs are taken away once for each level;
    what is then left is deeper.
    """
    opened = raw.count(b"[") + raw.count(b"{")
    if opened <= MAX_DEPTH and opened + raw.count(b",") < MAX_VALUES:
        return
    bare = _STRING.sub(b"", raw).translate(_SQUARE)
    if bare.count(b"[") + bare.count(b",") >= MAX_VALUES:
        _refuse(f"the body has more than {MAX_VALUES} values")
    brackets = bare.translate(None, _NO_BRACKETS)
    for _ in range(MAX_DEPTH):
        brackets = brackets.replace(b"[]", b"")
    if brackets:
        _refuse(f"the body is nested more than {MAX_DEPTH} deep")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        _refuse("a key stands twice")
    return found


def _constant(text: str) -> NoReturn:
    _refuse(f"{text} is not a JSON number")


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        _refuse("a number is too large")
    return value


def _int(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        _refuse("a number is too large")
    return int(text)


def _refuse(note: str) -> NoReturn:
    raise RefusedError(400, "malformed", note)
