"""Which numbers a person's texts may come through: who answers for several is told each time which one it is."""

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from rules.book import Number, RuleBook, TextBlock
from rules.directory import Directory


def answers_several(book: RuleBook, person: str) -> bool:
    """Say whether texts to more than one number may reach *person*, also as a member of a team or as a stand-in."""
    return _counted(book)[person] > 1


@lru_cache(maxsize=2)  # the rules in force, and those before; a book is known by itself
def _counted(book: RuleBook) -> Counter[str]:
    counted: Counter[str] = Counter()
    for number in book.numbers.values():
        counted.update(texted(book, number))
    return counted


def texted(book: RuleBook, number: Number) -> set[str]:
    """Return the people texts to *number* may reach, whatever rule or plan decides, stand-ins included."""
    return _led_to(book.directory, set(_targets(number)))


def texted_by_phone(book: RuleBook, number: Number) -> list[str]:
    """Return those of them whom such a text reaches on a phone: it is the first of their `texts_by`, and works."""
    if not number.e164.startswith("+"):
        return []
    return sorted(name for name in texted(book, number) if book.directory.people[name].texts_by[:1] == ("sms",))


def _targets(number: Number) -> Iterator[str]:
    blocks = [*number.blocks.values(), *(rule.texts for rule in number.rules)]
    blocks += [plan.texts for plan in number.common.plans.values()]
    for block in blocks:
        if isinstance(block, TextBlock):
            yield from (*block.targets, *block.copy, *(block.urgent.targets if block.urgent else ()))
    yield from number.text_fallback


def _led_to(directory: Directory, targets: set[str]) -> set[str]:
    """Return the people that *targets* lead to, through teams, covers and handovers."""
    reached: set[str] = set()
    waiting = list(targets)
    while waiting:
        name = waiting.pop()
        if name in reached:
            continue
        reached.add(name)
        if team := directory.teams.get(name):
            waiting += team.members
        elif person := directory.people.get(name):
            others = (person.cover, person.handover, *(absence.cover for absence in person.away))
            waiting += [other for other in others if other]
    return reached & directory.people.keys()
