"""One effect at one moment: everything that is known when it is turned into messages, and what may come of it."""

from collections.abc import Sequence

import attrs

from router.engine.facts import Facts
from router.outbox.ledger import Effect
from router.outbox.message import Json, Message
from router.texts.talks import Talks
from rules.book import Number, RuleBook
from rules.callers import Caller
from rules.deciding import Timetable
from rules.directory import EvenIf, Person
from rules.reaching import NO_EXCUSE, Reach, reach
from rules.relay.conversation import Conversation
from rules.relay.words import name_of


@attrs.frozen
class Ready:
    """
    It can be done now.

    *messages* are to go out (none when there is nothing to say; *why* then tells), *conversations* are as they stand afterwards,
    *took* is whose turn it was.
    """

    messages: tuple[Message, ...] = ()
    why: str | None = None
    conversations: tuple[Conversation, ...] = ()
    took: str | None = None


@attrs.frozen
class Later:
    """It has to wait: *until* (UTC epoch seconds; None: nobody can say) something changes; *opens*: that is an opening."""

    why: str
    until: int | None = None
    opens: bool = False


Outcome = Ready | Later


@attrs.frozen(kw_only=True)
class Case:
    """
    One *effect* of a record, whose public and private parts it came with, at a moment *at* (UTC epoch seconds).

    *caller* is who wrote (or called). *fresh*: it was decided just now; otherwise it has waited, and whom it reaches is found out
    anew.
    """

    effect: Effect
    public: Json
    private: Json = attrs.field(repr=False)
    timetable: Timetable
    number: Number
    caller: Caller = attrs.field(repr=False)
    at: int
    fresh: bool
    talks: Talks
    facts: Facts

    @property
    def book(self) -> RuleBook:
        """The rules in force."""
        return self.timetable.book

    @property
    def lasting(self) -> int:
        """For how many seconds a conversation stays open."""
        return self.book.conversation_for

    @property
    def customer(self) -> str:
        """The other side, as conversations know it."""
        return self.caller.e164 or self.caller.raw

    @property
    def text(self) -> str:
        """What was written."""
        return str(self.private.get("text") or "")

    @property
    def links(self) -> tuple[str, ...]:
        """Where the pictures are; nobody but the reader ever fetches them."""
        urls = [str(url) for url, _ in self.private.get("media") or ()]
        return tuple(
            url for url in urls if url.startswith(("https://", "http://")) and url.isprintable() and " " not in url
        )

    @property
    def name(self) -> str:
        """The customer, as teammates see them."""
        return name_of(self.book, self.caller)

    def person(self, name: str) -> Person | None:
        """Return somebody by name."""
        return self.book.directory.people.get(name)

    def title(self, name: str) -> str:
        """Return how somebody is called."""
        person = self.person(name)
        return person.title if person else name

    def reach(self, targets: Sequence[str], even_if: EvenIf = NO_EXCUSE) -> Reach:
        """Return who of *targets* is reached now."""
        return reach(self.timetable, self.number, tuple(targets), self.at, even_if=even_if)

    def is_here(self, person: str) -> bool:
        """Say whether *person* can be reached now, in person."""
        return self.reach((person,)).people == (person,)

    def opted_out(self, address: str) -> bool:
        """Say whether whoever has *address* wants no texts from this number."""
        return self.facts.pair(self.number.name, address) in self.facts.opted_out

    def name_in(self, conversation: Conversation) -> str:
        """Return the customer of *conversation*, as teammates see them."""
        return name_of(self.book, self.book.callers.classify(conversation.customer, verified=None))
