"""Groups of callers and the block list: entries that can be callers, and nobody both welcome and refused."""

from collections.abc import Iterable, Iterator

from rules.callers import CLASSES, entry_keys, identify, listed
from rules.check.walk import region
from rules.decode import quote
from rules.patterns import pattern
from rules.phone import e164
from rules.source import Mark, Problem, Report
from rules.spec import FileSpec, Word


def check_entries(spec: FileSpec, report: Report) -> None:
    """Everything in a list of callers is a number, a pattern, a kind of caller, or a sender's name."""
    home = region(spec)
    lists = [group.entries for group in spec.groups.values()]
    lists += [rule.callers for number in spec.numbers.values() for rule in number.rules]
    for problem in _misspelled([*lists, spec.block.entries], home):
        report(problem)


def _misspelled(lists: Iterable[tuple[Word, ...]], home: str | None) -> Iterator[Problem]:
    for entries in lists:
        for text, at in entries:
            if e164(text, home) or pattern(text) or text.casefold() in CLASSES:
                continue
            if text[:1].isalpha():
                continue
            if text[:1] == "+" or identify(text, home).cls == "unrecognised":
                hint = "count the digits; in a pattern x stands for any digit, as in +1 508 555 01xx"
                yield Problem("bad-number", f"{quote(text)} is no possible number or pattern", at, hint)


def check_vip_and_blocked(spec: FileSpec, report: Report) -> None:
    """The same number must not stand in a group and in the block list."""
    home = region(spec)
    blocked: dict[str, Mark] = {}
    for word in spec.block.entries:
        for key in listed([word], home):
            blocked.setdefault(key, word.at)
    if not blocked:
        return
    for group in spec.groups.values():
        for word in group.entries:
            keys = entry_keys(word.text, home) if pattern(word.text) is None else ()
            at = next((blocked[key] for key in keys if key in blocked), None)
            if at:
                message = f"this caller is in the group '{group.name}' and blocked"
                report(Problem("vip-and-blocked", message, at, f"in the group at {word.at}; remove one of them"))


def check_blocked_groups(spec: FileSpec, report: Report) -> None:
    """A group is not blocked by its name."""
    for word in spec.block.entries:
        if word.text in spec.names["callers"]:
            hint = f"the group is at {spec.names['callers'][word.text]}; write its numbers here instead"
            report(Problem("bad-value", f"{quote(word.text)} is a group, here stand numbers", word.at, hint))
