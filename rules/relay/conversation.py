"""
A conversation: a customer, one of our numbers, and the teammates who were given what the customer wrote. Pure.

It never changes; each function returns the one that follows. Moments are UTC epoch seconds; *lasting* is how many seconds a
conversation stays open when nobody writes (`conversation_for`).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

QUIET = 7 * 86_400
"""Seconds for which a conversation that is over is still known, so that a late reply is not taken for another's."""

TOPIC = 40
"""Characters of the customer's last words by which teammates tell conversations apart."""


@attrs.frozen(kw_only=True)
class Party:
    """
    A teammate who was shown a conversation.

    *tag*: the number (`#7`) it has for this person, and no other has. *shown*: when they were last given a text of it.
    *open*: it is theirs to answer; False once somebody else has taken it, or if they only got copies.
    """

    person: str
    tag: int
    shown: int
    open: bool


@attrs.frozen(kw_only=True)
class Conversation:
    """
    What is going on with one customer.

    *id*: of the text it began with. *number*: ours, by name. *customer*: as the provider wrote it (private). *topic*: how the
    last text began (private). *via*: the target the last text was for; *taken_via*: the one it was for when *owner*, who
    answered first, took it. *touched*: when somebody last wrote; *closed*: when it was ended before its time.
    """

    id: str
    number: str
    customer: str = attrs.field(repr=False)
    topic: str = attrs.field(repr=False)
    touched: int
    via: str | None = None
    taken_via: str | None = None
    owner: str | None = None
    parties: tuple[Party, ...] = ()
    closed: int | None = None

    def is_open(self, at: int, lasting: int) -> bool:
        """Say whether it goes on at *at*."""
        return self.closed is None and at < self.touched + lasting

    def party(self, person: str) -> Party | None:
        """Return what *person* has to do with it."""
        return next((party for party in self.parties if party.person == person), None)

    def is_known(self, at: int, lasting: int) -> bool:
        """Say whether it must still be known at *at*: it is open, or was until lately."""
        return at < self.touched + lasting + QUIET


def to_json(conversation: Conversation) -> dict[str, Any]:
    """Write it for a record; whole numbers and texts only."""
    return attrs.asdict(conversation)


def from_json(written: Mapping[str, Any]) -> Conversation:
    """Read what `to_json` wrote."""
    return Conversation(**{**written, "parties": tuple(Party(**party) for party in written["parties"])})


def ongoing(
    conversations: Iterable[Conversation], number: str, customer: str, at: int, lasting: int
) -> Conversation | None:
    """Return the conversation that a text of *customer* to *number* belongs to; None: it begins a new one."""
    mine = [each for each in conversations if (each.number, each.customer) == (number, customer)]
    return max((each for each in mine if each.is_open(at, lasting)), key=lambda each: each.touched, default=None)


# ---------------------------------------------------------------- what happens to it


def delivered(
    conversation: Conversation, people: Sequence[str], at: int, *, text: str, via: str | None, tags: Mapping[str, int]
) -> Conversation:
    """
    Give a *text* of the customer to *people*; *tags* are for those who have none yet.

    They may answer. Of a conversation that somebody has taken, they and the owner alone: a stand-in's time is over when the
    next text reaches the owner.
    """
    shown = _shown(conversation, people, at, tags, opened=True)
    if conversation.owner is not None:
        keep = {conversation.owner, *people}
        shown = tuple(attrs.evolve(party, open=party.open and party.person in keep) for party in shown)
    return attrs.evolve(conversation, parties=shown, touched=max(at, conversation.touched), topic=topic(text), via=via)


def copied(conversation: Conversation, people: Sequence[str], at: int, *, tags: Mapping[str, int]) -> Conversation:
    """Show it to *people* as well, who are not to answer."""
    return attrs.evolve(conversation, parties=_shown(conversation, people, at, tags, opened=False))


def answered(
    conversation: Conversation, person: str, at: int, *, covering: bool
) -> tuple[Conversation, tuple[str, ...]]:
    """
    Let *person* answer the customer: the first who does takes the conversation.

    Returns it, and who is to be told that somebody has answered: all others who could have, once. Somebody *covering* for the
    owner answers in the owner's place.
    """
    changed = attrs.evolve(conversation, touched=max(at, conversation.touched))
    if conversation.owner == person:
        return changed, ()
    if not covering:
        changed = attrs.evolve(changed, owner=person, taken_via=conversation.via)
    keep = {person, changed.owner}
    others = tuple(party.person for party in conversation.parties if party.open and party.person not in keep)
    parties = tuple(attrs.evolve(party, open=party.open and party.person in keep) for party in changed.parties)
    return attrs.evolve(changed, parties=parties), others


def handed_over(
    conversation: Conversation, people: Sequence[str], at: int, *, owner: str | None, tags: Mapping[str, int]
) -> Conversation:
    """Give it to *people*, who are told, in place of its owner, who has left; *owner* is the next one (None: who answers first)."""
    shown = _shown(conversation, people, at, tags, opened=True)
    keep = {owner, *people}
    parties = tuple(attrs.evolve(party, open=party.open and party.person in keep) for party in shown)
    return attrs.evolve(conversation, parties=parties, owner=owner, taken_via=conversation.via if owner else None)


def ended(conversation: Conversation, at: int) -> Conversation:
    """End it: the customer wants no more texts."""
    return attrs.evolve(conversation, closed=at)


def topic(text: str) -> str:
    """Return how *text* begins, on one line."""
    line = " ".join(text.split(maxsplit=TOPIC)[:TOPIC])  # more words than it has room for
    return line if len(line) <= TOPIC else f"{line[: TOPIC - 1].rstrip()}…"


def _shown(
    conversation: Conversation, people: Sequence[str], at: int, tags: Mapping[str, int], *, opened: bool
) -> tuple[Party, ...]:
    known = {party.person: party for party in conversation.parties}
    for person in people:
        party = known.get(person) or Party(person=person, tag=tags[person], shown=at, open=False)
        known[person] = attrs.evolve(party, shown=max(at, party.shown), open=party.open or opened)
    return tuple(known.values())
