"""Writes XML that every parser reads back as it was meant, whatever text a caller or a carrier put into it."""

import re
from collections.abc import Mapping
from typing import NamedTuple, Union

# What XML 1.0 cannot hold at all (https://www.w3.org/TR/xml/#charsets), and the characters that turn the direction
# of writing around (Unicode Bidi_Control): a caller's name must not rearrange what a person reads next to it.
_UNWANTED = re.compile(
    "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)

# `>` is escaped too, so that `]]>` cannot occur; a bare CR would be read back as LF.
_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;"})
_ATTRIBUTE = _TEXT | str.maketrans({"\n": "&#10;", "\t": "&#9;"})

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'


class Element(NamedTuple):
    """An element; attributes are written in the order given, those that are None left out."""

    name: str
    attributes: Mapping[str, str | None] = {}
    children: tuple[Union["Element", str], ...] = ()


def plain(text: str) -> str:
    """Leave out of *text* what XML cannot hold and what changes the direction of writing."""
    return _UNWANTED.sub("", text)


def document(root: Element) -> bytes:
    """Write *root* as a whole document in UTF-8."""
    return (_DECLARATION + _written(root)).encode()


def _written(node: Element | str) -> str:
    if isinstance(node, str):
        return _escaped(node, _TEXT)
    name, attributes, children = node
    opening = name
    for key, value in attributes.items():
        if value is not None:
            opening += f' {key}="{_escaped(value, _ATTRIBUTE)}"'
    if not children:
        return f"<{opening}/>"
    return f"<{opening}>{''.join([_written(child) for child in children])}</{name}>"


def _escaped(text: str, table: dict[int, str]) -> str:
    """Clean and escape *text*; an address or a number is through after a glance."""
    if text.isascii() and text.isprintable() and not ("&" in text or "<" in text or ">" in text or '"' in text):
        return text
    return plain(text).translate(table)
