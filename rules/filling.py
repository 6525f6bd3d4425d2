"""The templates in what is said and written, filled in for one decision."""

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import attrs

from rules.book import Number
from rules.callers import Caller
from rules.plan import Reply, Say, Step, Voicemail


@attrs.frozen
class Filling:
    """Fills in templates for one decision, and remembers in *told* which fields were named; *opens* is epoch seconds."""

    business: str
    number: Number | None
    opens: int | None
    caller: Caller
    told: set[str] = attrs.field(factory=set)

    def step(self, step: Step) -> Step:
        """Return *step* with the templates of what is said or replied filled in."""
        match step:
            case Say(text=text) | Reply(text=text) if "{" in text:
                return attrs.evolve(step, text=self.text(text))
            case Voicemail(greeting=Say() as greeting) if "{" in greeting.text:
                return attrs.evolve(step, greeting=attrs.evolve(greeting, text=self.text(greeting.text)))
        return step

    def text(self, text: str) -> str:
        """Fill in one text. The caller reads or hears it, so their own number may stand in it."""
        for field, value in FIELDS.items():
            if field in text:
                self.told.add(field)
                text = text.replace(field, value(self))
        return text


FIELDS: dict[str, Callable[[Filling], str]] = {
    "{business}": lambda filling: filling.business,
    "{next_open}": lambda filling: in_words(filling.opens, filling.number.zone) if filling.number else "",
    "{caller}": lambda filling: filling.caller.e164 or "your number",
}
"""What a template may name, and what it comes to."""


def in_words(moment: int | None, zone: ZoneInfo) -> str:
    """Tell *moment* (UTC epoch seconds) as a customer reads it in *zone*: `Mon 30 Nov 09:00`."""
    if moment is None:
        return "as soon as we can"
    return f"{datetime.fromtimestamp(moment, UTC).astimezone(zone):%a %-d %b %H:%M}"
