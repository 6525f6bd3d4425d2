"""What has arrived, in order: texts, mails and web hooks, as the people see them who get them."""

from collections.abc import Callable
from typing import Any, Literal

import attrs

from router.clock import iso


@attrs.frozen(kw_only=True)
class Arrival:
    """
    One message somebody has got, *at* a moment (UTC epoch seconds).

    *way*: `sms`, `email` or `webhook`; *reference*: the id the provider gave it, a mail's Message-ID, a web hook's id. A text
    names the account it came by, a web hook the event. *repeat*: the same reference has come before.
    """

    at: float
    way: Literal["sms", "email", "webhook"]
    to: str
    sender: str
    body: str
    reference: str
    subject: str | None = None
    media: tuple[str, ...] = ()
    repeat: bool = False

    def told(self) -> str:
        """Tell it as people read it; what a terminal would obey is left out."""
        first = {"sms": "Text", "email": "Mail", "webhook": "Web hook"}[self.way]
        about = f" “{self.subject}”" if self.subject else ""
        again = " (again)" if self.repeat else ""
        words = "\n".join(f"    {line}" for line in [*self.body.splitlines(), *self.media])
        return _printable(f"{first} from {self.sender} to {self.to}{about}{again}\n{words}")

    def as_json(self) -> dict[str, Any]:
        """Return it for scripts."""
        return {**attrs.asdict(self), "at": iso(self.at)}


@attrs.define(eq=False)
class Arrivals:
    """Everything that has arrived; *heard* are told of each."""

    now: Callable[[], float]
    all: list[Arrival] = attrs.field(factory=list)
    heard: list[Callable[[Arrival], object]] = attrs.field(factory=list)

    def add(self, **arrival: Any) -> Arrival:
        """Note an arrival of this moment."""
        known = any(each.way == arrival["way"] and each.reference == arrival["reference"] for each in self.all)
        made = Arrival(at=self.now(), repeat=known, **arrival)
        self.all.append(made)
        for hear in self.heard:
            hear(made)
        return made

    def by(self, way: str) -> list[Arrival]:
        """Return what has arrived one way."""
        return [each for each in self.all if each.way == way]


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() or char == "\n" else "?" for char in text)
