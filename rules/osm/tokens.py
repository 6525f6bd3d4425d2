"""The words of an opening_hours text, each with its place; what no strict text holds is told here, with what to type instead."""

import re
from typing import NamedTuple

import attrs

from rules.dates import MONTHS, WEEKDAYS

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
MONTH_WORDS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@attrs.frozen
class Fault:
    """One mistake in a text: *offset* and *width* count its characters from 0."""

    offset: int
    width: int
    message: str
    hint: str
    code: str = "bad-hours"


class RefusalError(Exception):
    """Ends the reading of one rule; carries the mistake."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


class Token(NamedTuple):
    """A word: its kind, its canonical spelling and its place; *spaced* tells whether a space stands before it."""

    kind: str
    text: str
    offset: int
    width: int
    spaced: bool

    def refuse(self, message: str, hint: str, code: str = "bad-hours") -> RefusalError:
        """Return the refusal to raise at this place."""
        return RefusalError(Fault(self.offset, self.width, message, hint, code))


_PATTERN = re.compile(
    r"""(?P<comment>"[^"]*")
    |(?P<always>24/7)
    |(?P<times>(?<![0-9])[0-9]{1,2}:[0-9]{2}[ ]*-[ ]*[0-9]{1,2}:[0-9]{2})
    |(?P<isodate>[0-9]{4}-[0-9]{2}-[0-9]{2})
    |(?P<clock>[0-9]{1,2}[:.h][0-9]{2}|[0-9]{1,2}[ ]?[ap]\.?m\b\.?)
    |(?P<year>[0-9]{4}(?![0-9]))
    |(?P<number>[0-9]+)
    |(?P<word>[^\W\d_]+)
    |(?P<fallback>\|\|)
    |(?P<mark>[-;,:+/\[\]()])
    |(?P<other>.)""",
    re.VERBOSE | re.IGNORECASE,
)
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
_SUN = {"sunrise", "sunset", "dawn", "dusk"}
_STATES = {"open": "open", "off": "off", "closed": "off"}


def tokens(text: str) -> list[Token]:
    """Cut *text* into words; a word no text may hold becomes a token of kind `wrong` that the grammar refuses."""
    found, at = [], 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        match = _PATTERN.match(text, at)
        assert match is not None  # the last alternative takes any character
        kind, word = match.lastgroup or "other", match[0]
        spaced = at > 0 and text[at - 1].isspace()
        if kind == "word":
            kind, word = _word(word)
        elif kind == "times":
            word = word.replace(" ", "")
        found.append(Token(kind, word, at, len(match[0]), spaced))
        at = match.end()
    return found


def _word(word: str) -> tuple[str, str]:
    """Say what kind of word this is, and how it is spelt."""
    small = word.casefold()
    if small.capitalize() in DAYS:
        return "day", small.capitalize()
    if small.capitalize() in MONTH_WORDS:
        return "month", small.capitalize()
    if small in {"ph", "sh"}:
        return "holiday", word.upper()
    if small in _STATES:
        return "state", _STATES[small]
    if small in {"day", "days"}:
        return "days", "days"
    if small in {"week", "easter", "unknown"}:
        return small, small
    return "sun" if small in _SUN else "strange", word


def misplaced(token: Token) -> RefusalError:
    """Say why *token* cannot stand where it does, and what to write."""
    small = token.text.casefold()
    if token.kind == "fallback":
        return token.refuse(
            "'||' is read differently by different programs", "write all hours in rules with ';', or a mapping"
        )
    if token.kind == "sun":
        return token.refuse("the phones do not follow the sun", "write clock times such as 08:00-20:00")
    if token.kind == "unknown":
        return token.refuse("a business is open or closed, never 'unknown'", "write off, or leave the rule out")
    if token.kind == "isodate":
        year, month, day = token.text.split("-")
        name = MONTH_WORDS[int(month) - 1] if 1 <= int(month) <= 12 else "Dec"
        return token.refuse("dates are written with the name of the month here", f"write {year} {name} {day}")
    if token.kind == "clock":
        return token.refuse(
            f"'{token.text}' is not written as this form reads times", "write from and to, as in 09:00-17:00"
        )
    if token.kind in {"number", "year"}:
        return token.refuse(f"'{token.text}' cannot stand here", "write times as 09:00-17:00")
    if token.kind == "comment":
        return token.refuse(
            "a remark says neither open nor closed", 'write open or off before it, as in `Mo off "stocktaking"`'
        )
    if token.text in _DASHES:
        return token.refuse("this is a typographic dash", "write a plain minus sign, as in 09:00-17:00")
    if token.text == "+":
        return token.refuse("'+' leaves the end open", "write when it ends, as in 18:00-23:00")
    if token.kind == "strange" and small in WEEKDAYS:
        return token.refuse(
            f"days have two letters here, not '{token.text}'",
            f"write {DAYS[WEEKDAYS[small]]}, or write this as a mapping",
        )
    if token.kind == "strange" and small in MONTHS:
        return token.refuse(
            f"months have three letters here, not '{token.text}'", f"write {MONTH_WORDS[MONTHS[small] - 1]}"
        )
    hint = 'write it as in "Mo-Fr 09:00-12:30,13:30-17:30; Sa 10:00-13:00; PH off", or as a mapping'
    return token.refuse(f"'{token.text}' cannot stand here", hint)
