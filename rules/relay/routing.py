"""
Whom a teammate's reply is for. Pure: never a guess, always one conversation, or words that say why not.

Without a tag a reply goes out only if the person was shown one single conversation through that number lately: also one that
somebody else has taken since counts, for the reply may have been written before that was known.
"""

import re
from collections.abc import Iterable, Sequence

import attrs

from rules.relay.conversation import Conversation, Party

_TAG = re.compile(r"\s*[#＃]\s?(\d{1,6})(?![^\W_])(?:[:,.)](?=\s|$))?\s*")
_LIKE_A_TAG = re.compile(r"\s*[#＃]\s?\d")


@attrs.frozen
class Routed:
    """It goes to the customer of *conversation*, in these *words*: those written, without the tag."""

    conversation: Conversation
    words: str = attrs.field(repr=False)


@attrs.frozen
class Ask:
    """It may be meant for any of *choices* (tag and conversation), or for none; *tag* is one that was written and is none."""

    choices: tuple[tuple[int, Conversation], ...]
    tag: int | None = None


@attrs.frozen
class Moved:
    """The conversation it was for is not this person's to answer any more, or is over."""

    conversation: Conversation
    tag: int


@attrs.frozen
class Elsewhere:
    """The conversation with that *tag* goes through another number of ours."""

    conversation: Conversation
    tag: int


@attrs.frozen
class Wordless:
    """There is a tag and nothing behind it."""

    tag: int


@attrs.frozen
class Nothing:
    """No customer's text was shown to this person through that number lately."""


Route = Routed | Ask | Moved | Elsewhere | Wordless | Nothing


def route(
    conversations: Iterable[Conversation],
    person: str,
    number: str,
    text: str,
    at: int,
    *,
    lasting: int,
    media: bool = False,
) -> Route:
    """
    Say whom a *text* of *person* to our *number* (by name) is for; *media*: pictures came with it.

    *conversations* are all there are of this person, whatever number they go through.
    """
    mine = [(each, party) for each in conversations if (party := each.party(person))]
    here = [(each, party) for each, party in mine if each.number == number and _lately(each, party, at, lasting)]
    ours = [(each, party) for each, party in here if _answerable(each, party, at, lasting)]
    choices = tuple((party.tag, each) for each, party in sorted(ours, key=lambda pair: pair[1].tag))
    tag, words = read_tag(text)
    if tag is not None:
        return _tagged(mine, number, tag, words, at, choices, lasting=lasting, media=media)
    if not here:
        return Nothing()
    if _LIKE_A_TAG.match(text):
        return Ask(choices)
    if not ours:
        last, party = max(here, key=lambda pair: pair[1].shown)
        return Moved(last, party.tag)
    return Routed(ours[0][0], text) if len(here) == 1 else Ask(choices)


def _tagged(
    mine: Sequence[tuple[Conversation, Party]],
    number: str,
    tag: int,
    words: str,
    at: int,
    choices: tuple[tuple[int, Conversation], ...],
    *,
    lasting: int,
    media: bool,
) -> Route:
    meant = next(((each, party) for each, party in mine if party.tag == tag), None)
    if meant is None:
        return Ask(choices, tag)
    conversation, party = meant
    if conversation.number != number:
        return Elsewhere(conversation, tag)
    if not _answerable(conversation, party, at, lasting):
        return Moved(conversation, tag)
    return Routed(conversation, words) if words or media else Wordless(tag)


def read_tag(text: str) -> tuple[int | None, str]:
    """Split a reply into the number behind its `#` (None: it has none) and the words behind that."""
    found = _TAG.match(text)
    return (int(found[1]), text[found.end() :].strip()) if found else (None, text)


def needs_tag(conversations: Iterable[Conversation], person: str, number: str, at: int, *, lasting: int) -> bool:
    """Say whether *person*, being given a text of one of *conversations* now, must be told its tag: there are others."""
    mine = [(each, party) for each in conversations if each.number == number and (party := each.party(person))]
    return sum(_lately(each, party, at, lasting) for each, party in mine) > 1


def free_tag(conversations: Iterable[Conversation], person: str) -> int:
    """Return the smallest number that none of *conversations* has for *person*."""
    taken = {party.tag for each in conversations if (party := each.party(person))}
    return next(tag for tag in range(1, len(taken) + 2) if tag not in taken)


def _lately(conversation: Conversation, party: Party, at: int, lasting: int) -> bool:
    """Say whether a reply written now may be meant for it."""
    return at < party.shown + lasting or _answerable(conversation, party, at, lasting)


def _answerable(conversation: Conversation, party: Party, at: int, lasting: int) -> bool:
    return party.open and conversation.is_open(at, lasting)
