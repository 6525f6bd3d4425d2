"""The fields of a JSON body, each asked for with the shape it must have."""

import re
from typing import Any, NoReturn

import attrs

from adapters.api import RefusedError

IDENTIFIER = re.compile(r"[\w.:@/+=-]{1,128}", re.ASCII)
"""An id fit for keys and logs."""

_MOST_SECONDS = 10**6


@attrs.frozen
class Body:
    """A JSON object from outside; a field of the wrong shape is refused with 400."""

    fields: dict[str, Any]

    def identifier(self, key: str) -> str:
        """Return a field that must be there and be an id fit for keys and logs."""
        value = self.text(key)
        if not IDENTIFIER.fullmatch(value):
            _wrong(key, "an id of 1 to 128 letters, digits and . : @ / + = _ -")
        return value

    def text(self, key: str, most: int | None = None) -> str:
        """Return a field that must be there and be a text, at *most* so many characters of it."""
        value = self.optional(key, most)
        if value is None:
            _wrong(key, "there")
        return value

    def optional(self, key: str, most: int | None = None) -> str | None:
        """Return a text, at *most* so many characters of it; None when it is missing or null."""
        value = self.fields.get(key)
        if value is not None and not isinstance(value, str):
            _wrong(key, "a text")
        if value is not None and not _encodable(value):
            _wrong(key, "whole Unicode characters")
        return value if value is None else value[:most]

    def seconds(self, key: str) -> int | None:
        """Return a whole number of seconds, None when it is missing or null."""
        value = self.fields.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST_SECONDS:
            _wrong(key, "a whole number of seconds")
        return value

    def yes_or_no(self, key: str) -> bool | None:
        """Return true or false, None when it is missing or null."""
        value = self.fields.get(key)
        if value is not None and not isinstance(value, bool):
            _wrong(key, "true or false")
        return value

    def objects(self, key: str, *, most: int) -> list["Body"]:
        """Return a list of at most *most* objects, empty when it is missing or null."""
        value = self.fields.get(key)
        if value is None:
            return []
        if not isinstance(value, list) or len(value) > most or not all(isinstance(one, dict) for one in value):
            _wrong(key, f"a list of at most {most} objects")
        return [Body(one) for one in value]


def _encodable(value: str) -> bool:
    """Say whether *value* is free of halves of surrogate pairs, which JSON can spell and nothing else can hold."""
    return value.isascii() or not any("\ud800" <= char <= "\udfff" for char in value)


def _wrong(key: str, wanted: str) -> NoReturn:
    raise RefusedError(400, "malformed", f"{key} must be {wanted}")
