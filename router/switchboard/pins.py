"""Whether a command by text carries its sender's PIN. The PIN itself is neither kept nor logged."""

import hmac
from collections.abc import Callable
from typing import Literal

import attrs

from router.limits import HOUR, Sliding
from rules.pin import split_pin

TRIES = 5
"""Wrong PINs of one person within an hour; then none is looked at until the hour is over."""

Proof = Literal["good", "wrong", "missing", "none", "too-many"]
"""
What a command's PIN proves: it is the sender's, or not; there is none in the text; the sender has none in the configuration;
or there were too many wrong ones.
"""


@attrs.define(eq=False)
class Pins:
    """Compares PINs; *pin_of* returns a person's, "" when there is none."""

    pin_of: Callable[[str], str]
    _wrong: Sliding[str] = attrs.field(factory=lambda: Sliding(((HOUR, TRIES),)))

    def check(self, person: str, text: str, at: float) -> Proof:
        """Say what the PIN in *text*, a command of *person* received *at* (UTC epoch seconds), proves."""
        right, said = self.pin_of(person), split_pin(text).pin
        if not right:
            return "none"
        if self._wrong.reached(person, at):
            return "too-many"
        if said is None:
            return "missing"
        if hmac.compare_digest(said.encode(), right.encode()):
            return "good"
        self._wrong.note(person, at)
        return "wrong"

    def recall(self, person: str, proof: str, at: float) -> None:
        """Take up what was found before a restart."""
        if proof == "wrong":
            self._wrong.note(person, at)


def nobodys() -> Pins:
    """Return the PINs of a company in which nobody has one."""
    return Pins(lambda _person: "")
