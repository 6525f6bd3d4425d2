"""Texts that can never go out: to people who are texted, from a number whose provider takes no texts from us."""

from collections.abc import Collection

from router.texts.posting import way_to
from rules.book import Number, RuleBook
from rules.relay.answering import texted


def unsendable(book: RuleBook, carriers: Collection[str]) -> list[str]:
    """Return a sentence for each number that is to text people, while its provider is none of *carriers*, which send."""
    found = []
    for number in book.numbers.values():
        provider = number.providers.get("text")
        names = [] if provider in carriers else _by_sms(book, number)
        if names:
            found.append(
                f"{provider} sends no texts for us (no `account`, or it is not Twilio), so texts to {', '.join(names)} "
                f"from {number.name} cannot go out; write an `account`, or `texts_by: [email]`"
            )
    return found


def _by_sms(book: RuleBook, number: Number) -> list[str]:
    ways = {name: way_to(book.directory.people[name], number, lambda _phone: False) for name in texted(book, number)}
    return sorted(name for name, way in ways.items() if way is not None and way.channel == "sms")
