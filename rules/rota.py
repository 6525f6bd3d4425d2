"""A weekly turn: whose week it is, at any moment."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import attrs

from rules.timeline import Timeline, Window
from rules.zones import instant

WEEK = 7 * 86400


@attrs.frozen
class Rota:
    """
    A weekly turn.

    *members* in order; the first of them from the wall-clock moment *first* on, the next a week later at the same clock
    time, and so on for ever in both directions.
    """

    team: str
    members: tuple[str, ...]
    first: datetime
    zone: ZoneInfo

    def timelines(self, window: Window) -> dict[str, Timeline]:
        """Return, for each member's question `rota:<team>:<member>`, when it is their week."""
        spans: dict[str, list[tuple[int, int]]] = {f"rota:{self.team}:{name}": [] for name in self.members}
        week = (window.start - instant(self.first, self.zone)) // WEEK - 1
        start = self.change(week)
        while start < window.end:
            end = self.change(week + 1)
            member = self.members[week % len(self.members)]
            spans[f"rota:{self.team}:{member}"].append((start, end))
            week, start = week + 1, end
        return {question: Timeline.of(weeks) for question, weeks in spans.items()}

    def change(self, week: int) -> int:
        """Return the moment (UTC epoch seconds) at which week number *week* begins; 0 is the first."""
        return instant(self.first + timedelta(weeks=week), self.zone)
