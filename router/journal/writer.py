"""
The journal as the daemon sees it: `append` numbers and chains at once, `durable` waits for the disk.

All rows that are waiting go to disk with one write and one sync. On a fast disk the reactor waits for that sync at the end of
its turn (never longer than `patience`); on a slow one it goes on, and the next batch gathers meanwhile. docs/decisions/journal.md
says why.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import attrs
from twisted.internet.defer import Deferred

from router.chance import Chance
from router.clock import iso
from router.journal.api import Hooks, JournalDown, Limits, Placed, Timers
from router.journal.batch import Batch, Row, gather, placed
from router.journal.form import Forms
from router.journal.pace import Pace
from router.journal.record import SALT_BYTES, Point, Record, seal
from router.journal.spool import Spool, Written
from router.journal.worker import Worker

__all__ = ["Hooks", "Journal", "JournalDown", "Limits", "Placed"]


Then = Callable[[Exception | None], object]
"""Told that a record is on disk (None), or what keeps it from being there."""


class _Waiter(NamedTuple):
    seq: int
    since: float
    then: Then


@attrs.define(eq=False)
class Journal:
    """
    The chain, its rows on the way to disk, and who waits for them.

    *written* is the last durable record, *head* the last one appended. One reactor thread uses it; *worker* does the files.
    """

    written: Point
    spool: Spool
    worker: Worker
    timers: Timers
    wall: Callable[[], float]
    hooks: Hooks = attrs.field(factory=Hooks)
    limits: Limits = attrs.field(factory=Limits)
    chance: Callable[[int], bytes] = attrs.field(factory=Chance)
    up: bool = attrs.field(default=True, init=False)
    pace: Pace = attrs.field(factory=Pace, init=False)
    head: Point = attrs.field(init=False)
    _rows: list[Row] = attrs.field(factory=list, init=False)
    _waiters: list[_Waiter] = attrs.field(factory=list, init=False)
    _lost: int = attrs.field(default=0, init=False)
    _told: int = attrs.field(default=0, init=False)
    _busy: Batch | None = attrs.field(default=None, init=False)
    _turn: Any = attrs.field(default=None, init=False)
    _alarm: Any = attrs.field(default=None, init=False)
    _closed: Deferred[None] | None = attrs.field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        self.head = self.written

    def append(self, kind: str, public: dict[str, Any], private: dict[str, Any], forms: Forms | None = None) -> Record:
        """
        Number, seal and chain a record, and let it go to disk with this turn's batch.

        With *forms*, *public* and *private* are what fills their gaps.

        With *ring* rows waiting for a sick disk it is not taken in: told to the hook `untold`, counted for the `gap` record,
        and `durable` fails for its number. The chain stays whole, since the number goes to the next record.
        """
        record, line = seal(
            seq=self.head.seq + 1,
            at=iso(self.wall()),
            kind=kind,
            public=public,
            private=private,
            prev=self.head.hash,
            salt=self.chance(SALT_BYTES),
            forms=forms,
        )
        if len(self._rows) >= self.limits.ring:
            self._lost += 1
            self.hooks.untold(record)
            return record
        self.head = Point(record.seq, record.hash)
        self._rows.append(Row(record, line))
        if not self.up:
            self._tell()
        elif self._busy is None and self._turn is None:
            self._turn = self.timers.callLater(0, self._commit)
        return record

    def durable(self, seq: int) -> "Deferred[None]":
        """
        Fire when record *seq* is on disk.

        Fails with `JournalDown` when that takes longer than `limits.waiting`; while the journal is down, at once.
        """
        waiting: Deferred[None] = Deferred()
        self.when_durable(seq, lambda error: waiting.errback(error) if error else waiting.callback(None))
        return waiting

    def when_durable(self, seq: int, then: Then) -> None:
        """Do what `durable` does, for whoever waits thousands of times a second: *then* is called instead of a Deferred."""
        if seq <= self.written.seq:
            then(None)
        elif not self.up or seq > self.head.seq:
            then(JournalDown("the journal cannot be written"))
        else:
            self._waiters.append(_Waiter(seq, self.timers.seconds(), then))
            if self._busy:
                self._watch()

    def waiting(self) -> int:
        """Return how many rows are not on disk yet."""
        return len(self._rows)

    def close(self) -> Deferred[None]:
        """Write what is waiting and let go of the files; fires when that is done, at once when the disk is sick."""
        closed = self._closed = Deferred[None]()
        if not self._rows or not self.up:
            self._end()
        return closed

    # ---------------------------------------------------------------- a batch, there and back

    def _commit(self) -> None:
        """Send all that waits to the disk, as one batch."""
        self._turn = None
        batch = self._busy = gather(self._rows, self.limits.batch)
        data = batch.data()
        after = self.written

        def work() -> None:
            try:
                batch.outcome = self.spool.write(data, after)
            except OSError as error:
                batch.outcome = error

        batch.awaited = self.up and self.pace.trial()
        patience = self.limits.patience if batch.awaited else 0.0
        if self.worker.run(work, partial(self._settle, batch), patience):
            self._settle(batch)
        else:
            self._watch()

    def _settle(self, batch: Batch) -> None:
        """Take in what became of *batch*; a second time nothing happens."""
        if self._busy is not batch:
            return
        self._busy = None
        if isinstance(batch.outcome, Written):
            if batch.awaited:
                self.pace.note(batch.outcome.seconds)
            self._have_written(batch.rows, batch.outcome)
        else:
            self._turn = self.timers.callLater(self.limits.retry, self._commit)
            self._go_down()

    def _have_written(self, rows: list[Row], where: Written) -> None:
        del self._rows[: len(rows)]
        last = rows[-1].record
        self.written = Point(last.seq, last.hash)
        if not self.up:
            self._come_up()
        self._wake()
        self.hooks.committed(where.seconds, len(rows))
        self.hooks.durable(placed(rows, where))
        if self._rows and self._turn is None:
            self._turn = self.timers.callLater(self.pace.linger if len(rows) > 1 else 0, self._commit)
            self._watch()
        elif self._closed and not self._rows:
            self._end()

    def _wake(self) -> None:
        """Tell everybody whose row is durable."""
        ready = [waiter for waiter in self._waiters if waiter.seq <= self.written.seq]
        self._waiters = [waiter for waiter in self._waiters if waiter.seq > self.written.seq]
        for waiter in ready:
            waiter.then(None)

    # ---------------------------------------------------------------- a sick disk

    def _watch(self) -> None:
        """See to it that nobody waits longer than allowed; an alarm once set stays, whoever waits then."""
        if self._waiters and self._alarm is None:
            due = self._waiters[0].since + self.limits.waiting
            self._alarm = self.timers.callLater(max(0.0, due - self.timers.seconds()), self._too_late)

    def _too_late(self) -> None:
        """Look whether the oldest has waited long enough; but perhaps it was the reactor that was late, and the batch is done."""
        self._alarm = None
        if not self._waiters:
            return
        if self._waiters[0].since + self.limits.waiting > self.timers.seconds():
            self._watch()
        elif self._busy and self._busy.outcome:
            self._settle(self._busy)
        elif self._busy:
            self._go_down()
        else:
            self._alarm = self.timers.callLater(self.limits.waiting / 10, self._too_late)

    def _go_down(self) -> None:
        """Say that nothing can be written now, once, and let go of everybody who waits."""
        if self.up:
            self.up = False
            self.hooks.up(False)
        self._tell()
        if self._alarm:
            self._alarm.cancel()
            self._alarm = None
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            waiter.then(JournalDown("the journal could not be written in time"))
        if self._closed:
            self._end()

    def _come_up(self) -> None:
        """Say that it works again, and put down how many records were lost, if any."""
        self.up = True
        self.hooks.up(True)
        if self._lost:
            lost, self._lost = self._lost, 0
            self.append("gap", {"lost": lost}, {})

    def _tell(self) -> None:
        """Hand each row that is late to the hook, once."""
        first = max(0, len(self._rows) - (self.head.seq - self._told))
        for row in self._rows[first:]:
            self.hooks.untold(row.record)
        self._told = self.head.seq

    def _end(self) -> None:
        for call in (self._turn, self._alarm):
            if call:
                call.cancel()
        self._turn = self._alarm = self._busy = None
        self.worker.stop(self.spool.close)
        closed, self._closed = self._closed, None
        assert closed is not None
        closed.callback(None)
