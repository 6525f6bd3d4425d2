"""Who is calling: the class of a caller, the groups they belong to, and whether they are blocked."""

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple, get_args

import attrs

from rules.patterns import Patterns, pattern
from rules.phone import e164, is_emergency
from rules.sipuri import sip_uri
from rules.spec import BlockSpec, GroupSpec, Word

CallerClass = Literal["number", "anonymous", "short-code", "named-sender", "unrecognised", "teammate", "own-number"]
CLASSES: frozenset[str] = frozenset(get_args(CallerClass))

# What providers and exchanges write for a caller who withholds the number.
_WITHHELD = {
    *("", "anonymous", "restricted", "private", "unavailable", "unknown", "blocked", "withheld"),
    *("private number", "unknown number", "unknown caller", "no caller id", "caller id blocked", "not available"),
}
# The same words on a telephone's keypad (Twilio and others send these digits): ANONYMOUS, RESTRICTED, UNAVAILABLE,
# UNKNOWN, BLOCKED. Some pass as numbers of a country, so they are known before any number is looked at.
_STAND_INS = {"266696687", "7378742833", "86282452253", "8656696", "2562533"}
_SEPARATORS = str.maketrans(dict.fromkeys(" -./()\t\u00a0\u2007\u2009\u202f\u2010\u2011\u2012\u2013", ""))
_LONGEST_TEXT = 128
_REMEMBERED = 65536


class Caller(NamedTuple):
    """
    Who is calling, classified once.

    *raw* is the text that came; *e164* the number, if it is one. *person* is whose device it is. *groups* are all groups with
    an entry that fits, in the order of the file. *repliable* says whether the caller may be answered by itself at all: only
    an ordinary number may.
    """

    raw: str
    cls: CallerClass
    e164: str | None
    person: str | None
    groups: tuple[str, ...]
    blocked: bool
    repliable: bool


class Identity(NamedTuple):
    """What a text says about a caller before anybody's lists are read: a class, the number, and the *key* to compare by."""

    cls: CallerClass
    key: str
    e164: str | None = None


def identify(raw: str, region: str | None) -> Identity:
    """Read *raw* as providers write callers; a number without `+` is one of *region* (ISO 3166)."""
    # Nearly every caller comes like this.
    if raw[:1] == "+" and raw[1:] not in _STAND_INS and raw[1:].isdecimal() and (number := e164(raw, region)):
        return Identity("number", number, number)
    text = raw[:_LONGEST_TEXT]
    text = " ".join((text if text.isascii() else unicodedata.normalize("NFKC", text)).split())
    if text[:1] == "+":  # and so nearly every entry of a list: as people write numbers
        digits = text[1:].translate(_SEPARATORS)
        if digits.isdecimal() and digits not in _STAND_INS and (number := e164(text, region)):
            return Identity("number", number, number)
    word = text.casefold()
    if word.startswith(("sip:", "sips:")) or "<sip" in word:
        return _identify_sip(text, region)
    if word.startswith("whatsapp:"):
        text, word = text[9:].strip(), word[9:].strip()
    word = word.removeprefix("tel:")
    digits = word.translate(_SEPARATORS)
    if word in _WITHHELD or digits.removeprefix("+") in _STAND_INS:
        return Identity("anonymous", "anonymous")
    if digits.isdecimal() and 3 <= len(digits) <= 8:
        return Identity("short-code", _ascii(digits))
    if number := e164(text, region):
        return Identity("number", number, number)
    if any(char.isalpha() for char in word):
        return Identity("named-sender", word)
    return Identity("unrecognised", _ascii(digits) or word)


def _identify_sip(text: str, region: str | None) -> Identity:
    """Classify a SIP address by the number in it, if there is one."""
    uri = sip_uri(text)
    if uri is None:
        return Identity("unrecognised", text.casefold())
    if uri.user.casefold() in _WITHHELD or uri.user.removeprefix("+") in _STAND_INS:
        return Identity("anonymous", "anonymous")
    number = e164(uri.phone, region) if uri.phone else None
    return Identity("number", number, number) if number else Identity("unrecognised", uri.key)


def _ascii(digits: str) -> str:
    """Write any script's digits as 0-9."""
    return "".join(str(unicodedata.digit(char, char)) for char in digits)


@attrs.frozen(eq=False)
class _Lists:
    """The lists of a rule book, indexed; positions are those of the groups in the file, the blocked come after them all."""

    names: tuple[str, ...]
    needs_attestation: frozenset[int]
    exact: Mapping[str, list[int]]
    classes: Mapping[str, list[int]]
    patterns: Patterns
    own: Mapping[str, str]
    devices: Mapping[str, str]
    region: str | None

    def classify(self, raw: str, verified: bool | None) -> Caller:
        """Say who *raw* is."""
        who = identify(raw, self.region)
        cls, person = self._ours(who, raw)
        exactly = self.exact.get(who.key, ())
        broadly = [*self.classes.get(cls, ()), *self.patterns.fitting(who.key)]
        groups, blocked = (), False
        if exactly or broadly:
            member = {at for at in (*exactly, *broadly) if verified or at not in self.needs_attestation}
            member.discard(len(self.names))
            groups = tuple(self.names[at] for at in sorted(member))
            known = cls in ("own-number", "teammate") or not member.isdisjoint(exactly)
            blocked = self._blocked(raw, exactly, broadly, known)
        return Caller(raw, cls, who.e164, person, groups, blocked, cls == "number")

    def _blocked(self, raw: str, exactly: Sequence[int], broadly: Sequence[int], known: bool) -> bool:
        """Weigh the block list: an exact entry always counts, a pattern or a class only for a caller not *known* exactly."""
        at = len(self.names)
        listed = at in exactly or (at in broadly and not known)
        # A call back from an emergency service always comes through.
        return listed and not is_emergency(raw[:_LONGEST_TEXT], self.region)

    def _ours(self, who: Identity, raw: str) -> tuple[CallerClass, str | None]:
        """Tell our own numbers and teammates' devices from everybody else."""
        key = who.key
        if key not in self.own and key not in self.devices and raw[:1] != "+":
            # A desk phone whose user part looks like a number is listed by its whole address.
            uri = sip_uri(raw[:_LONGEST_TEXT])
            key = uri.key if uri else key
        if key in self.own:
            return "own-number", None
        if key in self.devices:
            return "teammate", self.devices[key]
        return who.cls, None


@attrs.frozen(eq=False)
class CallerIndex:
    """Classifies callers by the lists of one rule book, and remembers those it has seen lately."""

    _lists: _Lists
    _lately: Callable[[str, bool | None], Caller]

    @classmethod
    def build(
        cls,
        *,
        groups: Mapping[str, GroupSpec],
        block: BlockSpec,
        own: Mapping[str, str],
        devices: Mapping[str, str],
        region: str | None,
    ) -> "CallerIndex":
        """
        Index the lists of a rule book.

        *own* and *devices* map an address (E.164 or `sip:`) to the number's or the person's name; *region* is the country
        (ISO 3166) that numbers without `+` belong to.
        """
        exact: dict[str, list[int]] = {}
        classes: dict[str, list[int]] = {}
        patterns: list[tuple[str, int]] = []
        for position, entries in enumerate((*(group.entries for group in groups.values()), block.entries)):
            for entry in entries:
                word = entry.text.casefold()
                if word in CLASSES:
                    classes.setdefault(word, []).append(position)
                elif written := pattern(entry.text):
                    patterns.append((written, position))
                else:
                    for key in entry_keys(entry.text, region):
                        exact.setdefault(key, []).append(position)
        lists = _Lists(
            names=tuple(groups),
            needs_attestation=frozenset(at for at, group in enumerate(groups.values()) if group.verified),
            exact=exact,
            classes=classes,
            patterns=Patterns.of(patterns),
            own=_addresses(own, region),
            devices=_addresses(devices, region),
            region=region,
        )
        return cls(lists, lru_cache(maxsize=_REMEMBERED)(lists.classify))

    def classify(self, raw: str, *, verified: bool | None) -> Caller:
        """Say who calls as *raw*; *verified* whether the carrier attests the number (None: it says nothing)."""
        # Long texts are nobody's number: they must not fill the memory.
        return self._lately(raw, verified) if len(raw) <= _LONGEST_TEXT else self._lists.classify(raw, verified)


def entry_keys(text: str, region: str | None) -> tuple[str, ...]:
    """
    Return what to compare callers with for an exact *text* in a list: a number, a name or a SIP address.

    Up to eight digits may be a short code and, in small countries, a number: both are meant.
    """
    who = identify(text, region)
    number = e164(text, region) if who.cls == "short-code" else None
    return (who.key, number) if number else (who.key,)


def _addresses(named: Mapping[str, str], region: str | None) -> dict[str, str]:
    """Write the addresses as callers' keys are written; a SIP address also by the whole of it."""
    keyed: dict[str, str] = {}
    for address, name in named.items():
        uri = sip_uri(address) if address[:1] != "+" else None
        keyed.setdefault(uri.key if uri else identify(address, region).key, name)
    return keyed


def listed(entries: Iterable[Word], region: str | None) -> frozenset[str]:
    """Return the exact keys among *entries*, for comparing two lists with each other."""
    return frozenset(
        key
        for entry in entries
        if entry.text.casefold() not in CLASSES and pattern(entry.text) is None
        for key in entry_keys(entry.text, region)
    )
