"""One schedule on its own: is it open at a moment, and when does that change next, however far away."""

import attrs

from rules.dates import DAY
from rules.hours import Schedule
from rules.timeline import Timeline, Window

_BLOCK = 128 * DAY
_BLOCKS = 29  # about ten years
_EARLIEST, _LATEST = -62_000_000_000, 250_000_000_000  # inside the years 6 to 9891, which `datetime` can tell


@attrs.frozen
class Standing:
    """Whether it is open, and the moment (epoch seconds) that changes; None when it does not within about ten years."""

    open: bool
    next_change: int | None


@attrs.define
class Lookup:
    """Answers for one schedule, compiled block by block as it is asked, each block once."""

    schedule: Schedule
    _blocks: dict[int, Timeline] = attrs.field(factory=dict)

    def at(self, moment: int) -> Standing:
        """Say how it stands at *moment* (epoch seconds); raises ValueError for a year no calendar knows."""
        if not _EARLIEST < moment < _LATEST:
            raise ValueError("that moment is too far away")
        first = moment // _BLOCK
        is_open = self._block(first).at(moment)
        for number in range(first, first + _BLOCKS):
            block, start = self._block(number), number * _BLOCK
            if block.at(max(start, moment)) is not is_open:
                return Standing(is_open, start)
            change = block.next_change(max(start, moment))
            if change is not None and change < start + _BLOCK:
                return Standing(is_open, change)
        return Standing(is_open, None)

    def _block(self, number: int) -> Timeline:
        """Return the timeline of one block."""
        found = self._blocks.get(number)
        if found is None:
            if len(self._blocks) > 4 * _BLOCKS:
                self._blocks.clear()
            window = Window(number * _BLOCK, (number + 1) * _BLOCK)
            found = self._blocks[number] = self.schedule.timeline(window)
        return found
