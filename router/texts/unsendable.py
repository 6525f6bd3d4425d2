"""Texts that can never go out: to people who are texted, from a number whose provider takes no texts from us."""

from collections.abc import Collection

from rules.book import RuleBook
from rules.relay.answering import texted_by_phone


def unsendable(book: RuleBook, carriers: Collection[str]) -> list[str]:
    """Return a sentence for each number that is to text people, while its provider is none of *carriers*, which send."""
    found = []
    for number in book.numbers.values():
        provider = number.providers.get("text")
        names = [] if provider in carriers else texted_by_phone(book, number)
        if names:
            found.append(
                f"{provider} sends no texts for us, so texts to {', '.join(names)} from {number.name} cannot go out; "
                "write its `account` (twilio) or its `api` (generic), or `texts_by: [email]`"
            )
    return found
