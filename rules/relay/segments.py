"""
How long a text is for the network, and how one that is too long is split.

A text is sent in seven-bit letters if all of them stand in the table of 3GPP TS 23.038 section 6.2.1 (GSM 03.38), else in
UCS-2, two bytes each. What does not fit into one SMS goes out in segments, each a little shorter to make room for its place.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Literal

import attrs

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("\f^{}\\[~]|€")
"""Letters that take two places, an escape and themselves, which are never torn apart."""

LONGEST = 1600
"""Characters (UTF-16) that providers take in one message."""

MOST = 11
"""Segments of one message: what 1,600 plain letters come to."""

_SINGLE = {"gsm-7": 160, "ucs-2": 70}
_JOINED = {"gsm-7": 153, "ucs-2": 67}
_JOINER = "\u200d"
_SIGN = 32
"""Characters that no sign is longer than: real text has at most thirty marks on a letter (Unicode Standard Annex 15, section 13)."""
_NOT_PLAIN = re.compile(f"[^{re.escape(''.join(sorted(BASIC | EXTENSION)))}]")
_ESCAPED = re.compile(f"[{re.escape(''.join(sorted(EXTENSION)))}]")
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")


@attrs.frozen
class Size:
    """How long a text is: *units* are septets (an extension letter is two) or UTF-16 units, *segments* SMS on the air."""

    encoding: Literal["gsm-7", "ucs-2"]
    units: int
    segments: int


def measure(text: str) -> Size:
    """Say how *text* goes over the air; an empty one still takes a message."""
    plain = all(char in BASIC or char in EXTENSION for char in text)
    encoding: Literal["gsm-7", "ucs-2"] = "gsm-7" if plain else "ucs-2"
    widths = [2 if (char in EXTENSION if plain else ord(char) > 0xFFFF) else 1 for char in text]
    units = sum(widths)
    if units <= _SINGLE[encoding]:
        return Size(encoding, units, 1)
    segments, used, room = 1, 0, _JOINED[encoding]
    for width in widths:
        if used + width > room:
            segments, used = segments + 1, 0
        used += width
    return Size(encoding, units, segments)


def parts(text: str, *, most: int = MOST, longest: int = LONGEST) -> tuple[str, ...]:
    """
    Split *text* into messages of at most *most* segments and *longest* UTF-16 units.

    One that fits stays as it is. Otherwise each part begins with its place, `(1/3) `, and ends between two words; the white space
    there is dropped. A word too long for a message is cut, though never within a letter and its accents or within an emoji.
    """
    if _fits(text, most, longest):
        return (text,)
    digits = len(str(len(text) // longest + 1))
    while True:
        place = f"({'8' * digits}/{'8' * digits}) "
        pieces = list(_pieces(text.strip(), place, most, longest))
        if len(str(len(pieces))) <= digits:
            return tuple(f"({at}/{len(pieces)}) {piece}" for at, piece in enumerate(pieces, 1))
        digits += 1


def _fits(text: str, most: int, longest: int) -> bool:
    return len(text) <= longest and _reach(text, most, longest) == len(text)


def _pieces(text: str, place: str, most: int, longest: int) -> Iterator[str]:
    """Yield what stands in each part behind a *place* of that length."""
    while text:
        end = max(0, _reach(place + text[:longest], most, longest) - len(place))
        if end < len(text):
            end = _between_words(text, end) or _between_letters(text, end)
        yield text[:end].rstrip()
        text = text[end:].lstrip()


def _reach(text: str, most: int, longest: int) -> int:
    """
    Return how many characters of *text* fit into *most* segments and *longest* UTF-16 units.

    Filled segment by segment: to try lengths, one after the other, would keep the reactor for a fifth of a second with 60 kB.
    """
    room = _filled(text, 0, longest, _ASTRAL)
    other = _NOT_PLAIN.search(text)
    begins_plain = text[: other.start()] if other else text
    plain = _in_segments(begins_plain, most, "gsm-7", _ESCAPED)
    if other is None or plain < other.start():
        return min(room, plain)
    return min(room, max(other.start(), _in_segments(text, most, "ucs-2", _ASTRAL)))


def _in_segments(text: str, most: int, encoding: Literal["gsm-7", "ucs-2"], wide: re.Pattern[str]) -> int:
    """Return how many characters fit into *most* segments in this *encoding*, in which those that are *wide* take two units."""
    if most == 1:
        return _filled(text, 0, _SINGLE[encoding], wide)
    if wide.search(text) is None:
        return min(len(text), most * _JOINED[encoding])
    at = 0
    for _ in range(most):
        at = _filled(text, at, _JOINED[encoding], wide)
    return at


def _filled(text: str, start: int, room: int, wide: re.Pattern[str]) -> int:
    """Return where *room* units from *start* on are used up."""
    end = min(len(text), start + room)
    while (over := end - start + len(wide.findall(text, start, end)) - room) > 0:
        end -= (over + 1) // 2
    return end


def _between_words(text: str, end: int) -> int:
    """Return the last place up to *end* where white space begins or a word has just ended; 0 when there is none."""
    head = text[:end]
    if text[end].isspace() or head[-1:].isspace():
        return end
    return end - len(head.rsplit(maxsplit=1)[-1]) if head else 0


def _between_letters(text: str, end: int) -> int:
    """Return the last place up to *end* that does not tear a letter from its accents or an emoji apart; *end* if none is near."""
    near = range(end, max(0, end - _SIGN), -1)
    return next((at for at in near if not _belongs(text[at - 1], text[at])), max(end, 1))


def _belongs(before: str, char: str) -> bool:
    """Say whether *char* is read as one sign with the one *before* it (Unicode Standard Annex 29, its common cases)."""
    if _JOINER in (before, char) or unicodedata.category(char) in ("Mn", "Mc", "Me"):
        return True
    tone = "\U0001f3fb" <= char <= "\U0001f3ff"
    flag = "\U0001f1e6" <= before <= "\U0001f1ff" and "\U0001f1e6" <= char <= "\U0001f1ff"
    return tone or flag
