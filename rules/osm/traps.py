"""Texts that read one way and mean another: rules that undo each other without saying so."""

from collections.abc import Iterator

from rules.osm.grammar import Rule
from rules.osm.tokens import Fault

_MAPPING = "write this as a mapping, where a span belongs to the day it starts on"


def traps(rules: list[Rule]) -> Iterator[Fault]:
    """Tell each rule that does something else than its writer expects."""
    with_holidays = any(rule.days.holidays for rule in rules)
    for at, rule in enumerate(rules):
        if rule.overnight and with_holidays:
            yield _fault(rule, "hours past midnight and PH together are read in two ways", _MAPPING)
        for later in rules[at + 1 :]:
            if rule.overnight and _cuts(rule, later):
                message = "this rule cuts off hours past midnight of a rule before it, or does not: programs differ"
                yield _fault(later, message, _MAPPING)
                break
        swallows = next((later for later in rules[at + 1 :] if _swallows(rules[:at], rule, later)), None)
        if swallows is not None:
            yield _swallowed(rule, swallows)


def _fault(rule: Rule, message: str, hint: str) -> Fault:
    return Fault(rule.offset, rule.width, message, hint)


def _cuts(rule: Rule, later: Rule) -> bool:
    """Say whether *later* takes hours away on a day on which the night of *rule* begins or ends."""
    if later.added and later.state == "open":
        return False
    ends = frozenset((day + 1) % 7 for day in rule.days.numbers)
    return bool(later.days.numbers & (ends if later.state == "open" and later.spans else ends | rule.days.numbers))


def _swallows(before: list[Rule], rule: Rule, later: Rule) -> bool:
    """Say whether *rule* does nothing because *later* speaks about its days."""
    if later.state == "off" or later.days.holidays:
        return False
    if rule.days.holidays:
        return not later.single
    if rule.state == "off" and not rule.spans and all(other.state == "off" for other in before):
        # It closes nothing that stands before it, and not what stands behind it. `off; Mo ...` is only a way to begin.
        special = bool(rule.dates or rule.days.text)
        return special and later.dates in {"", rule.dates} and bool(rule.days.numbers & later.days.numbers)
    if later.added or not later.spans or "[" in later.days.text or later.dates not in {"", rule.dates}:
        return False
    return rule.days.numbers <= later.days.numbers


def _swallowed(rule: Rule, later: Rule) -> Fault:
    """Say what happens, and how to write it."""
    if rule.days.holidays:
        return _fault(
            rule, "a later rule speaks about the same days, so the holidays are ignored", "write the PH rule last"
        )
    if rule.state == "open" and later.state == "open" and (rule.dates, rule.days) == (later.dates, later.days):
        message = "the last rule for a day counts alone, so these hours are lost"
        return _fault(
            rule, message, "write all hours of a day in one rule, separated by commas: 09:00-12:00,13:00-17:00"
        )
    return _fault(
        rule,
        "a later rule speaks about all of these days, so this one never counts",
        "write the exception after the usual hours",
    )
