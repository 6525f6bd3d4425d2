"""
The small words of SIP (RFC 3261 section 25): tokens, quoted strings, lists, parameters.

Text is UTF-8 with `surrogateescape`: whatever bytes came go out again as they were. Only space and tab are blanks and only
ASCII digits are digits, whatever Unicode thinks. Every pattern is linear: what one part may hold, the next cannot begin with.
"""

import re
from collections.abc import Iterator

import attrs

from adapters.sip.refusal import MalformedError

BLANKS = " \t"

_TOKEN = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]++")
_QUOTED = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_PAIR = re.compile(r"\\(.)", re.DOTALL)
# A separator that counts, or what shields one; a quote or bracket that is never closed comes last.
_COMMA = re.compile(rf'{_QUOTED}|<[^>]*+>|(,)|(["<])', re.DOTALL)
_SEMICOLON = re.compile(rf'{_QUOTED}|<[^>]*+>|(;)|(["<])', re.DOTALL)
_LEADING_QUOTED = re.compile(_QUOTED, re.DOTALL)
_VALUE = re.compile(rf'{_QUOTED}|[^\x00-\x20\x7f"<>,;]++', re.DOTALL)
_CONTROLS = dict.fromkeys((*range(0x20), 0x7F))


def is_token(text: str) -> bool:
    """Say whether *text* is a token: one word without separators."""
    return _TOKEN.fullmatch(text) is not None


def number(text: str, *, below: int) -> int | None:
    """Read *text* as a decimal number smaller than *below*, leading zeros and all; None when it is none."""
    if not (text.isascii() and text.isdigit()):
        return None
    digits = text.lstrip("0") or "0"
    if len(digits) > len(str(below)):
        return None
    value = int(digits)
    return value if value < below else None


def commas(text: str) -> list[str]:
    """Cut a list at its commas, those in quotes and angle brackets left alone; an empty element is malformed."""
    parts = _cut(_COMMA, text)
    if not all(parts):
        raise MalformedError("empty element")
    return parts


def leading_quoted(text: str) -> tuple[str, str]:
    """Take the quoted string off the front of *text*: what it says, and the rest. Malformed when it is never closed."""
    found = _LEADING_QUOTED.match(text)
    if found is None:
        raise MalformedError("quote")
    return unquote(found[0]), text[found.end() :]


def unquote(text: str) -> str:
    """Say what a quoted string says; other text is returned as it is."""
    return _PAIR.sub(r"\1", text[1:-1]) if text[:1] == '"' else text


def quote(text: str) -> str:
    """Write *text* as a quoted string; control characters, line ends among them, have no place in one and are left out."""
    return '"' + text.translate(_CONTROLS).replace("\\", "\\\\").replace('"', '\\"') + '"'


@attrs.frozen
class Params:
    """
    The parameters of a header field or a URI: pairs of a lower-case name and the value as written, None without `=`.

    Of a repeated one the first counts. `str()` writes them as they go behind a URI: `;tag=1;lr`.
    """

    items: tuple[tuple[str, str | None], ...] = ()

    def __contains__(self, name: str) -> bool:
        """Say whether the parameter is there, with a value or without."""
        return any(each == name for each, _ in self.items)

    def get(self, name: str) -> str | None:
        """Return what the parameter says, quotes taken off; None when it is missing or has no value."""
        for each, value in self.items:
            if each == name:
                return None if value is None else unquote(value)
        return None

    def without(self, *names: str) -> "Params":
        """Return all the others."""
        return Params(tuple(item for item in self.items if item[0] not in names))

    def plus(self, name: str, value: str) -> "Params":
        """Return these and one more behind them; *value* is written as it is."""
        return Params((*self.items, (name, value)))

    def __str__(self) -> str:
        return "".join(f";{name}" if value is None else f";{name}={value}" for name, value in self.items)


NO_PARAMS = Params()


def header_params(text: str) -> Params:
    """Read the parameters of a header field; *text* is empty or begins with `;`. Blanks around `;` and `=` do not count."""
    if not text:
        return NO_PARAMS
    nothing, *pieces = _cut(_SEMICOLON, text)
    if nothing:
        raise MalformedError("parameter")
    return Params(tuple(_header_params(pieces)))


def _header_params(pieces: list[str]) -> Iterator[tuple[str, str | None]]:
    for piece in pieces:
        name, equals, value = piece.partition("=")
        name, value = name.rstrip(BLANKS), value.lstrip(BLANKS)
        if not is_token(name) or (equals and not _VALUE.fullmatch(value)):
            raise MalformedError("parameter")
        yield name.lower(), value if equals else None


def _cut(separator: re.Pattern[str], text: str) -> list[str]:
    parts, start = [], 0
    for found in separator.finditer(text):
        if found[2]:
            raise MalformedError("quote or bracket")
        if found[1]:
            parts.append(text[start : found.start()].strip(BLANKS))
            start = found.end()
    parts.append(text[start:].strip(BLANKS))
    return parts
