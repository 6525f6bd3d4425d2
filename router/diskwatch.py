"""What becomes of the journal, told to whoever reads the log and the metrics."""

import attrs
import structlog

from router.journal.record import Record
from router.metrics import Metrics
from router.store import Report


@attrs.frozen
class DiskWatch:
    """Tells it."""

    metrics: Metrics
    _log: structlog.typing.FilteringBoundLogger = attrs.field(
        factory=lambda: structlog.get_logger().bind(logger="daemon"), init=False
    )

    def found(self, report: Report) -> None:
        """Say what was wrong on disk when we started."""
        self.metrics.journal_up.set(1)
        if report.torn:
            self._log.warning("journal.torn", note=report.torn)
        for row in report.corrupt:
            self._log.error("journal.corrupt", note=row)
        if report.index:
            self._log.warning("index.rebuilding", note=report.index)

    def up(self, up: bool) -> None:
        """Say that writing begins to fail, or works again."""
        self.metrics.journal_up.set(1 if up else 0)
        if up:
            self._log.info("journal.up")
        else:
            self._log.error("journal.down", note="calls are answered all the same, texts are sent back to the provider")

    def untold(self, record: Record) -> None:
        """Put what could not be written into the log, as far as it may be seen there."""
        self._log.error("journal.unwritten", seq=record.seq, kind=record.kind, record=record.public)
