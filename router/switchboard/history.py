"""What was ever switched on, as the audit tells it: for deciding past events again as things stood then."""

from collections.abc import Iterable

import attrs

from router.clock import epoch
from router.journal.record import Record
from router.switchboard.standing import Standing
from rules.book import RuleBook
from rules.inquiry import Leave, Override, calendar_leave
from rules.timeline import Timeline


@attrs.frozen(eq=False)
class History:
    """Everything that was switched on, each until it really ended; and what *calendars* said, by person, while they said it."""

    standings: tuple[Standing, ...] = ()
    calendars: dict[str, Timeline] = attrs.field(factory=dict)

    @classmethod
    def of(cls, records: Iterable[Record]) -> "History":
        """Put it together from the *records* of it, oldest first."""
        found: dict[str, Standing] = {}
        told: dict[str, list[tuple[int, Timeline]]] = {}
        for record in records:
            public, at = record.public, int(epoch(record.at))
            match public.get("action"):
                case "set":
                    found[public["id"]] = Standing.from_public(public)
                case "cancel" if standing := found.get(public["id"]):
                    found[public["id"]] = attrs.evolve(standing, until=min(standing.until, at))
                case "calendar":
                    spans = Timeline.of((int(epoch(start)), int(epoch(end))) for start, end in public["spans"])
                    told.setdefault(public["person"], []).append((at, spans))
        calendars = {person: _while_told(each) for person, each in told.items()}
        return cls(tuple(sorted(found.values(), key=lambda each: -each.age)), calendars)

    def switches(self, book: RuleBook) -> tuple[tuple[Override, ...], tuple[Leave, ...]]:
        """Return what *book* is to apply, newest first, as the switchboard did then."""
        switched = [
            each.switched(book) for each in self.standings if not each.missing(book) and each.since < each.until
        ]
        leaves = [each for each in switched if isinstance(each, Leave)]
        leaves += [calendar_leave(person, tuple(line.spans())) for person, line in self.calendars.items()]
        return tuple(each for each in switched if isinstance(each, Override)), tuple(leaves)


NOTHING = History()
"""Nothing was ever switched on."""


def _while_told(told: list[tuple[int, Timeline]]) -> Timeline:
    """Join what a calendar said, each only until it said something else."""
    found = Timeline(())
    for (at, spans), following in zip(told, [*told[1:], None], strict=True):
        until = following[0] if following else max(at, *spans.edges, at)
        found |= spans & Timeline.of([(at, until)])
    return found
