"""One test of an administrator's: an event, moments, and what is expected at each of them."""

import attrs

from rules.event import IncomingCall, IncomingText, Result
from rules.source import Mark
from rules.spec import Word

Value = None | str | tuple[str, ...] | tuple[tuple[str, ...], ...] | tuple[int, ...]
"""What is expected or was found: a word, people, rounds of people, seconds, or nothing (None, or nobody)."""


@attrs.frozen
class Want:
    """What is expected of one key: the *value*, the *words* in it that are names, and where it stands."""

    value: Value
    words: tuple[Word, ...]
    at: Mark


@attrs.frozen
class Check:
    """
    What is expected at one moment.

    *moment* is UTC epoch seconds, *written* how the file says it. *after* are the results of the tries before it; *at* is
    where the expectation stands.
    """

    moment: int
    written: str
    after: tuple[Result, ...]
    wants: tuple[tuple[str, Want], ...]
    at: Mark


@attrs.frozen
class Case:
    """One test: the *event*, what is switched on by hand meanwhile (`open`, `closed`, a plan or None), what is checked."""

    name: str
    at: Mark
    event: IncomingCall | IncomingText
    override: str | None
    checks: tuple[Check, ...]
