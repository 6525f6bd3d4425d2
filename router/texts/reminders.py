"""Reminders of what has been switched on for long, to whoever should know that it still is."""

from collections.abc import Callable

import attrs

from router.switchboard.standing import Standing
from router.switchboard.words import reminder
from router.texts.case import Case, Later, Outcome, Ready
from router.texts.deliveries import with_a_way
from router.texts.notice import notice
from rules.deciding import earliest

Groups = tuple[tuple[str, ...], ...]


@attrs.frozen(eq=False)
class Reminders:
    """Says what becomes of a `remind`; *standing* finds what is switched on, by its id."""

    standing: Callable[[str], Standing | None]

    def remind(self, case: Case) -> Outcome:
        """Tell the first who are in; whoever is away is left alone, and when it is over there is nothing to tell."""
        standing = self.standing(case.effect.about)
        if standing is None or case.at >= standing.until:
            return Ready(why="it is over")
        until: int | None = standing.until
        for targets in _concerned(case, standing):
            found = case.reach(targets)
            people = [name for name in with_a_way(case, found.people) if name != standing.person]
            if people:
                return notice(case, people, reminder(standing, case.book), "Still switched on")
            until = earliest(until, found.until)
        return Later("nobody who is to be reminded is in", until)


def _concerned(case: Case, standing: Standing) -> Groups:
    """Return who should know, the closest first: the cover of somebody away; who is told of missed calls."""
    if standing.number is not None:
        groups: Groups = (case.number.notify_missed, case.number.text_fallback)
    else:
        numbers = case.book.numbers.values()
        groups = (
            tuple(dict.fromkeys(name for number in numbers for name in number.notify_missed)),
            tuple(dict.fromkeys(name for number in numbers for name in number.text_fallback)),
        )
    person = case.person(standing.person or "")
    cover = standing.cover or (person.cover if person else None)
    return tuple(group for group in (((cover,) if cover else ()), *groups) if group)
