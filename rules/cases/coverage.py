"""The rules and blocks of a book by the names tests know them by."""

from collections.abc import Iterator

from rules.book import RuleBook

SAFETY = ("refused", "block", *(f"safety:{what}" for what in ("loop", "relay", "command", "stop", "start", "help")))
"""What may decide in every book."""


def rule_names(book: RuleBook) -> tuple[str, ...]:
    """
    Return everything of *book* that a test can reach: rules, open and closed blocks, who is blocked, plans.

    A number without hours never closes, so what it does when closed is left out.
    """
    return tuple(_names(book))


def _names(book: RuleBook) -> Iterator[str]:
    if book.common.block_at is not None:
        yield "block"
    for number in book.numbers.values():
        yield from (f"{number.name}.rules.{rule.name}" for rule in number.rules)
        for kind in ("calls", "texts"):
            yield f"{number.name}.{kind}.open"
            if number.hours is not None:
                yield f"{number.name}.{kind}.closed"
    yield from (f"plan:{name}" for name in book.common.plans)


def known_rules(book: RuleBook) -> tuple[str, ...]:
    """Return every name that may stand after `rule:`."""
    blocks = (
        f"{name}.{kind}.{part}" for name in book.numbers for kind in ("calls", "texts") for part in ("open", "closed")
    )
    return tuple(dict.fromkeys((*rule_names(book), *blocks, *SAFETY)))
