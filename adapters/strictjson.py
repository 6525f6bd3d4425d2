"""Reads JSON from outside strictly: bounded depth, no doubled key, no number that is none or does not fit."""

import json
import math
import re
from typing import Any, NoReturn

from adapters.api import RefusedError

MAX_DEPTH = 32
_MOST_DIGITS = 18

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_OPENING, _CLOSING = b"[{", b"]}"


def parse_object(raw: bytes) -> dict[str, Any]:
    """Return the JSON object in *raw* (RFC 8259, UTF-8); anything else is refused with 400."""
    if _depth(raw) > MAX_DEPTH:
        _refuse(f"the body is nested more than {MAX_DEPTH} deep")
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


def _depth(raw: bytes) -> int:
    """Measure how deep *raw* nests, before anything recursive sees it."""
    if raw.count(b"[") + raw.count(b"{") <= MAX_DEPTH:
        return 0
    deepest = depth = 0
    for byte in _STRING.sub(b"", raw):
        if byte in _OPENING:
            depth += 1
            deepest = max(deepest, depth)
        elif byte in _CLOSING:
            depth -= 1
    return deepest


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
