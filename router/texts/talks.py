"""The conversations there are: in memory, and in the records that made them what they are."""

from collections.abc import Iterable, Sequence

import attrs

from router.journal.record import Record
from router.outbox.message import Json
from rules.relay.conversation import Conversation, from_json, ongoing, to_json
from rules.relay.routing import free_tag, needs_tag

KEY = "conversations"
"""Under this name conversations stand in the private part of a record, each as it is from then on."""


@attrs.define(eq=False)
class Talks:
    """Every conversation that is open or was until lately, by its id."""

    known: dict[str, Conversation] = attrs.field(factory=dict)

    def recall(self, records: Iterable[Record]) -> None:
        """Take up what *records* say, which come in order; the last word about a conversation counts."""
        for record in records:
            for written in (record.private or {}).get(KEY) or ():
                self.put((from_json(written),))

    def put(self, conversations: Iterable[Conversation]) -> None:
        """Keep *conversations* as they are now."""
        for conversation in conversations:
            self.known[conversation.id] = conversation

    def prune(self, at: int, lasting: int) -> None:
        """Forget those that nobody can mean any more."""
        self.known = {key: each for key, each in self.known.items() if each.is_known(at, lasting)}

    def ongoing(self, number: str, customer: str, at: int, lasting: int) -> Conversation | None:
        """Return the open conversation of *customer* with our *number*."""
        return ongoing(self.known.values(), number, customer, at, lasting)

    def tags(self, people: Iterable[str]) -> dict[str, int]:
        """Return a number for each of *people* that none of their conversations has."""
        return {person: free_tag(self.known.values(), person) for person in people}

    def tag_shown(self, changed: Conversation, person: str, at: int, lasting: int) -> int | None:
        """Return the tag *person* must read with a text of *changed*, as it is from now on; None: there is no other."""
        others = [each for each in self.known.values() if each.id != changed.id]
        party = changed.party(person)
        needed = needs_tag([*others, changed], person, changed.number, at, lasting=lasting)
        return party.tag if party and needed else None


def written(conversations: Sequence[Conversation]) -> tuple[Json, Json]:
    """Return what of *conversations* goes into the public and the private part of a record."""
    if not conversations:
        return {}, {}
    shown = [
        {"id": each.id, "owner": each.owner, "people": [party.person for party in each.parties if party.open]}
        for each in conversations
    ]
    return {KEY: shown}, {KEY: [to_json(each) for each in conversations]}
