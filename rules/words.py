"""Words in a text: whole words a rule listens for, and the few messages that mean more than they say (STOP, START, HELP)."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal

import attrs

from rules.pin import PIN

OptWord = Literal["stop", "start", "help"]

# The words of 47 CFR 64.1200(a)(10), the defaults of the carriers (CTIA) and, for Canada, their French.
_OPT: dict[str, OptWord] = {
    **dict.fromkeys(("stop", "stopall", "quit", "end", "revoke", "optout", "cancel", "unsubscribe", "arret"), "stop"),
    # Not `yes`: between people it is an answer, and would be swallowed.
    **dict.fromkeys(("start", "unstop"), "start"),
    **dict.fromkeys(("help", "info", "aide"), "help"),
}
# Over `_spaced` words. Of `do not` and `never` the sentence must be about us: it begins so, or asks.
_WRITING = (
    r"(?: (?:ever|you|to|the|this|these|any|all|more|with|me|us|send|sending))*"
    r" (?:text|texts|texting|messag\w*|msgs?|sms|contact|contacting|writing|write) "
)
_WANTS_OUT = re.compile(
    rf" (?:stop|quit|cease|no more|enough){_WRITING}"
    rf"|(?:^| please| pls| just| and) (?:dont|don t|do not|never){_WRITING}"
    r"| stop (?:it|this|that|please|pls|stop(?: stop)*) $"
    r"| (?:please|pls) (?:stop|unsubscribe) $"
    r"| (?:unsubscribe|remove|delete|take|opt) (?:me|us|my number|this number)(?: (?:out|off|from)\b| $)"
    r"| (?:lose|forget|delete|erase|remove) (?:my|this) number "
    r"| leave (?:me|us) alone "
    r"| (?:stopp|arretez|halt) $"
)
_LONGEST = 200
_SIGNS_KEPT = 4096
_COMMANDS = {"away", "back", "override"}

# Invisible inside a word: soft hyphen, zero-width joiners, word joiner, byte order mark, variation selectors.
_INVISIBLE = {0xAD, 0x200C, 0x200D, 0x2060, 0xFEFF, *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)}
# Written without spaces between words: each sign stands for itself.
_UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x3040, 0x30FF),  # Hiragana, Katakana
    (0x3400, 0x9FFF),  # Han
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)


@attrs.frozen
class Words:
    """Words and phrases to listen for: whole, in any case, in full width or not, next to any punctuation or emoji."""

    _phrases: tuple[str, ...]

    @classmethod
    def of(cls, words: Iterable[str]) -> "Words":
        """Listen for *words* as an administrator wrote them; an entry may be a phrase of several words."""
        return cls(tuple(phrase for word in words if (phrase := _spaced(word)) != "  "))

    def matches(self, text: str) -> bool:
        """Say whether any of them stands in *text*."""
        spaced = _spaced(text)
        return any(phrase in spaced for phrase in self._phrases)


def opt_word(text: str) -> OptWord | None:
    """
    Recognise a message that is one of the words carriers list, and nothing else: `STOP`, `Opt-out!`, `ＨＥＬＰ`.

    Case, spaces, punctuation, emoji and accents do not count. Free wording ("please stop texting me") is for people to
    read, not a command.
    """
    if len(text) > _LONGEST:
        return None
    plain = "".join(char for char in unicodedata.normalize("NFKD", text) if unicodedata.category(char) != "Mn")
    return _OPT.get("".join(_spaced(plain).split()))


def wants_out(text: str) -> bool:
    """
    Say whether *text*, in words of its own, may ask for no more texts: `please stop texting me`, `take me off your list`.

    Carriers do not act on such wording, and neither do we: people are told to look. 47 CFR 64.1200(a)(10) counts it all the same.
    """
    return opt_word(text) is None and bool(_WANTS_OUT.search(_spaced(text[:_LONGEST])))


def command_word(text: str) -> bool:
    """Say whether *text* begins like a teammate's command, maybe behind a PIN: `away until mon 08:00`, `4711 back`."""
    words = _spaced(text[:_LONGEST]).split(maxsplit=3)
    if words and words[0] == "pin":
        del words[0]
    if words and PIN.fullmatch(words[0]):
        del words[0]
    return bool(words) and words[0] in _COMMANDS


@lru_cache(maxsize=256)
def _spaced(text: str) -> str:
    """Return the words of *text*, folded, with exactly one space before and after each."""
    if text.isascii():
        folded = text.lower()
    else:
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return f" {' '.join(folded.translate(_SIGNS).split())} "


class _Signs(dict[int, str]):
    """What becomes of each character, worked out when it is first met; when there are thousands of them it begins anew."""

    def __missing__(self, code: int) -> str:
        if len(self) >= _SIGNS_KEPT:
            self.clear()
        self[code] = found = _sign(code)
        return found


_SIGNS = _Signs()


def _sign(code: int) -> str:
    """Return the character if it belongs to a word, a space if it separates words, nothing if it cannot be seen."""
    char = chr(code)
    if code in _INVISIBLE:
        return ""
    # Vowel signs and accents (Mn, Mc) belong to the letter before them.
    if not char.isalnum() and unicodedata.category(char) not in ("Mn", "Mc"):
        return " "
    return f" {char} " if any(first <= code <= last for first, last in _UNSPACED) else char
