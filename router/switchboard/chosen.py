"""Which of the things switched on somebody means who wants them ended: by id, number, plan, person, or all for the business."""

from router.switchboard.standing import Register, Standing
from rules.source import closest
from rules.spoken import UnclearError
from rules.switching import EVERYTHING


def chosen(register: Register, target: str, *, person: bool = False) -> list[Standing]:
    """
    Return what *target* means, newest first; with *person* it is somebody's name.

    Raises `UnclearError` when nothing is switched on for it.
    """
    word = " ".join(target.split()).casefold()
    standing = register.newest_first()
    ways = [
        [each for each in standing if each.id == word],
        [each for each in standing if _is(each.number, word)],
        [each for each in standing if each.person is None and each.number is None and word in EVERYTHING],
        [each for each in standing if _is(each.plan, word)],
        [each for each in standing if _is(each.person, word)],
    ]
    found = ways[-1] if person else next((each for each in ways if each), [])
    if found:
        return found
    names = [name for each in standing for name in (each.number, each.plan, each.person, each.id) if name]
    near = closest(word, names)
    there = f"did you mean '{near}'?" if near else f"there is: {', '.join(dict.fromkeys(names))}" if names else ""
    raise UnclearError(f"nothing is switched on for '{target}'" + (f"; {there}" if there else ""))


def _is(name: str | None, word: str) -> bool:
    return name is not None and name.casefold() == word
