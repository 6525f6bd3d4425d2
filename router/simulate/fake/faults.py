"""What goes wrong, on purpose: planned message by message, or by chance from a seed."""

from collections import Counter
from collections.abc import Mapping
from random import Random
from typing import Any, Literal, get_args

import attrs

Kind = Literal[
    "hang",
    "hang-after",
    "error",
    "error-after",
    "cut",
    "cut-after",
    "busy",
    "slow",
    "nonsense",
    "refuse",
]
"""
What happens to a message; those that end in `-after` (and `slow`, `nonsense`) take it first.

`hang`: no answer ever. `error`: a server's error (HTTP 500, SMTP 451). `cut`: the connection is closed. `busy`: asked to slow
down (HTTP 429 with Retry-After, SMTP 421). `slow`: an answer after a while. `nonsense`: an answer that means nothing.
`refuse`: refused for good, with a code of the provider.
"""

KINDS: tuple[Kind, ...] = get_args(Kind)


@attrs.frozen
class Fault:
    """One fault: *seconds* for `slow` and `busy`, *code* for `refuse`, *to* only for messages to that recipient."""

    kind: Kind
    seconds: float = 1.0
    code: int = 21610
    to: str | None = None

    @property
    def takes(self) -> bool:
        """Whether the message is taken all the same."""
        return self.kind.endswith("-after") or self.kind in ("slow", "nonsense")

    @classmethod
    def read(cls, written: Mapping[str, Any]) -> "Fault":
        """Read one from JSON; raise ValueError for one there is not."""
        fault = cls(**{str(name): value for name, value in written.items()})
        if fault.kind not in KINDS:
            raise ValueError(f"there is no fault '{fault.kind}'; there are: {', '.join(KINDS)}")
        return fault


@attrs.define(eq=False)
class Faults:
    """
    What goes wrong with the next messages: first what is *planned*, then whatever is *standing*, else by chance.

    By *chance*, one message in so many meets one of *kinds* (`rate`: the share of them, 0 for none).
    """

    chance: Random = attrs.field(factory=lambda: Random(0))  # noqa: S311  repeatable on purpose
    rate: float = 0.0
    kinds: tuple[Kind, ...] = ("hang-after", "error", "error-after", "cut", "cut-after", "busy", "slow", "nonsense")
    planned: list[Fault] = attrs.field(factory=list)
    standing: Fault | None = None
    met: Counter[str] = attrs.field(factory=Counter)

    def plan(self, *faults: Fault) -> None:
        """Plan what goes wrong with the messages to come, one each."""
        self.planned += faults

    def next(self, to: str) -> Fault | None:
        """Return what goes wrong with a message to *to*; None: nothing."""
        fault = self._next(to)
        if fault is not None:
            self.met[fault.kind] += 1
        return fault

    def _next(self, to: str) -> Fault | None:
        for place, fault in enumerate(self.planned):
            if fault.to in (None, to):
                return self.planned.pop(place)
        if self.standing is not None and self.standing.to in (None, to):
            return self.standing
        if self.rate and self.chance.random() < self.rate:
            return Fault(self.chance.choice(self.kinds), seconds=0.05)
        return None
