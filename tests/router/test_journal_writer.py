"""Group commit: everything that waits goes to disk with one sync, in the reactor's turn or in the thread, and nobody is answered before."""

from types import ModuleType
from typing import Any

import pytest
from twisted.internet.defer import Deferred

from router.journal.api import JournalDown, Limits
from router.journal.pace import FAST, SELDOM, Pace


def down(waiting: "Deferred[None]") -> bool:
    """Say whether somebody who waited was told that the journal is down."""
    failures: list[Any] = []
    waiting.addErrback(failures.append)
    return bool(failures) and failures[0].check(JournalDown) is JournalDown


def refuse(_call: int, _name: str) -> None:
    """Be a disk on which nothing works."""
    raise OSError("injected")


def warmed(journals: ModuleType, **settings: Any) -> Any:
    """Return a bench whose disk is known to be fast."""
    bench = journals.Bench(worker=journals.HandWorker(quick=True), **settings)
    bench.append()
    bench.turn()
    bench.commits.clear()
    bench.worker.waited.clear()
    return bench


def test_nothing_is_durable_before_the_sync(journals: ModuleType) -> None:
    """`append` numbers at once; who waits is told only when the thread has synced and the reactor has heard of it."""
    bench = journals.Bench()

    [waiting] = bench.append()
    bench.clock.advance(0)

    assert (bench.journal.head.seq, bench.journal.written.seq, waiting.called) == (1, 0, False)
    bench.worker.work()
    assert (bench.journal.written, waiting.called) == (bench.journal.head, True)


def test_rows_of_one_turn_share_one_sync(journals: ModuleType) -> None:
    """However many events a turn of the reactor brought, one write and one sync carry them all."""
    bench = warmed(journals)
    syncs = bench.disk.calls

    waiting = bench.append(20)
    bench.clock.advance(0)

    assert bench.commits == [20]
    assert all(one.called for one in waiting)
    assert bench.disk.calls - syncs == 2  # a write and a sync


def test_a_fast_disk_is_waited_for_within_the_turn(journals: ModuleType) -> None:
    """The reactor waits for each sync, for two milliseconds at most."""
    bench = journals.Bench(worker=journals.HandWorker(quick=True))

    for _ in range(5):
        bench.append()
        bench.turn()

    assert bench.worker.waited == [0.002] * 5


def test_a_slow_disk_is_left_to_the_thread(journals: ModuleType) -> None:
    """At five milliseconds a sync the reactor tries it ever less often, and goes on meanwhile."""
    bench = journals.Bench(worker=journals.HandWorker(quick=True), sync_takes=0.005)

    for _ in range(200):
        bench.append()
        bench.turn()

    tried = [at for at, patience in enumerate(bench.worker.waited) if patience]
    assert tried == [0, 2, 6, 14, 30, 62, 126, 191]


def test_one_stall_says_nothing_of_the_disk(journals: ModuleType) -> None:
    """After a sync that is not back within the patience the next one is left to the thread, and the one after that waited for."""
    bench = warmed(journals)
    bench.worker.quick = False
    bench.append()
    bench.clock.advance(0)
    bench.worker.work()
    bench.worker.quick = True

    for _ in range(3):
        bench.append()
        bench.turn()

    assert bench.worker.waited == [0.002] * 4


@pytest.mark.parametrize(
    ("syncs", "waited"),
    [
        pytest.param([0.0002] * 4, [True] * 4, id="a fast disk is always waited for"),
        pytest.param([0.0002] * 20 + [0.1, 0.0002], [True] * 22, id="one stall, however long, changes nothing"),
        pytest.param(
            [0.0002] * 20 + [0.1] * 2 + [0.0002], [True] * 22 + [False], id="after two in a row one is let go"
        ),
        pytest.param(
            [0.1, 0.1], [True, False], id="of a new disk nothing is known: after one stall the next is let go"
        ),
        pytest.param([FAST, FAST], [True, False], id="as long as a turn of the reactor is not fast"),
        pytest.param([FAST - 1e-6, FAST - 1e-6], [True, True], id="a microsecond less is"),
    ],
)
def test_which_syncs_are_waited_for(syncs: list[float], waited: list[bool]) -> None:
    """By the syncs that were waited for: beside a busy reactor a sync seems longer than it is."""
    pace = Pace()
    found = []
    for sync in syncs:
        found.append(pace.trial())
        if found[-1]:
            pace.note(sync)
    assert found == waited


def test_a_disk_that_was_slow_is_found_fast_again() -> None:
    """By the next trial, which is sixty-four batches away at most; then it must be fast more than once."""
    pace = Pace()
    for _ in range(1000):
        if pace.trial():
            pace.note(0.005)

    let_go = 0
    while not pace.fast:
        if pace.trial():
            pace.note(0.0002)
        else:
            let_go += 1

    assert let_go <= SELDOM


def test_rows_gather_while_a_slow_sync_runs(journals: ModuleType) -> None:
    """What arrives during a sync goes with the next one, after a linger of a millisecond under load."""
    bench = journals.Bench(sync_takes=0.005)
    bench.append(2)
    bench.clock.advance(0)

    later = bench.append(5)
    bench.worker.work()
    before = bench.commits[:]
    bench.clock.advance(0.001)
    bench.worker.work()

    assert (before, bench.commits) == ([2], [2, 5])
    assert all(one.called for one in later)


def test_a_lone_row_does_not_linger(journals: ModuleType) -> None:
    """With nothing to gather the next batch leaves with the next turn."""
    bench = journals.Bench(sync_takes=0.005)
    bench.append()
    bench.clock.advance(0)

    bench.append()
    bench.worker.work()
    bench.turn()

    assert bench.commits == [1, 1]


def test_a_batch_has_a_size(journals: ModuleType) -> None:
    """What would be more than a batch may hold is written in several; a row that is larger alone goes by itself."""
    bench = journals.Bench(limits=Limits(batch=1000))

    bench.append(3)
    bench.journal.append("rules", {}, {"texts": "x" * 5000})
    bench.append(1)
    for _ in range(6):
        bench.clock.advance(0.001)
        bench.worker.work()

    assert bench.commits == [1, 1, 1, 1, 1] or bench.commits == [2, 1, 1, 1]
    assert bench.journal.written == bench.journal.head


def test_waiting_for_what_is_durable_is_no_wait(journals: ModuleType) -> None:
    """A duplicate of an answered event is told at once."""
    bench = journals.Bench()
    bench.append()
    bench.turn()

    assert bench.journal.durable(1).called


def test_two_may_wait_for_one_row(journals: ModuleType) -> None:
    """A copy that arrives during the sync waits for that very sync."""
    bench = journals.Bench()
    [first] = bench.append()
    bench.clock.advance(0)
    second = bench.journal.durable(1)

    bench.worker.work()

    assert (first.called, second.called) == (True, True)


def test_durable_rows_are_handed_on_once_and_in_order_with_their_places(journals: ModuleType) -> None:
    """The index is fed from here: each row once, and its place is where its line really stands."""
    bench = journals.Bench()
    for count in (1, 3, 2):
        bench.append(count)
        bench.turn()

    assert [row.record.seq for row in bench.durable] == [1, 2, 3, 4, 5, 6]
    content = bytes(bench.disk.files["00000001.jsonl"].durable)
    for row in bench.durable:
        line = content[row.offset : row.offset + row.length]
        assert line.startswith(b'{"v":1,"seq":%d,' % row.record.seq)
        assert line.endswith(row.record.hash.encode() + b'"}')


def test_nobody_waits_longer_than_a_quarter_of_a_second(journals: ModuleType) -> None:
    """At 249 ms the answer still waits for a stalled disk, at 250 ms it does not."""
    bench = journals.Bench()
    [waiting] = bench.append()
    bench.clock.advance(0)

    bench.clock.advance(0.249)
    still = waiting.called
    bench.clock.advance(0.001)

    assert (still, bench.ups, bench.untold) == (False, [False], [1])
    assert down(waiting)


def test_while_it_is_down_nobody_waits_at_all(journals: ModuleType) -> None:
    """After the first has waited in vain, the next callers are answered at once; their rows are kept."""
    bench = journals.Bench()
    [first] = bench.append()
    bench.clock.advance(0)
    bench.clock.advance(0.25)

    later = bench.append(2)

    assert [down(one) for one in [first, *later]] == [True] * 3
    assert (bench.untold, bench.journal.waiting(), bench.journal.up) == ([1, 2, 3], 3, False)


def test_what_was_refused_is_written_when_the_disk_is_back(journals: ModuleType) -> None:
    """The rows keep their numbers and their chain, and the journal is up again."""
    bench = journals.Bench()
    assert not down(bench.append()[0])
    bench.clock.advance(0)
    bench.clock.advance(5)
    assert all(down(one) for one in bench.append(2))

    bench.worker.work()
    bench.turn()

    assert (bench.ups, bench.journal.written.seq) == ([False, True], 3)
    assert [row.record.seq for row in bench.durable] == [1, 2, 3]
    assert bench.append()[0].called is False


def test_a_full_ring_counts_what_it_cannot_keep(journals: ModuleType) -> None:
    """Beyond the ring a record is told but not kept; its number goes to the `gap` record, which says how many were lost."""
    bench = journals.Bench(limits=Limits(ring=3))
    bench.append()
    bench.clock.advance(0)
    bench.clock.advance(0.25)

    waiting = bench.append(5)
    bench.worker.work()
    bench.turn()
    bench.turn()

    assert all(down(one) for one in waiting)
    assert bench.untold == [1, 2, 3, 4, 4, 4]
    assert [(row.record.seq, row.record.kind) for row in bench.durable][-1] == (4, "gap")
    assert bench.durable[-1].record.public == {"lost": 3}


def test_a_reactor_that_was_late_itself_is_no_sick_disk(journals: ModuleType) -> None:
    """When the alarm comes and the batch is done already, it is taken in instead."""
    bench = journals.Bench()
    [waiting] = bench.append()
    bench.clock.advance(0)
    work, then = bench.worker.jobs.pop()
    work()

    bench.clock.advance(0.3)

    assert (waiting.called, bench.ups) == (True, [])
    then()  # the thread's own report comes late, and changes nothing
    assert bench.commits == [1]


def test_rows_that_wait_for_their_turn_are_not_given_up(journals: ModuleType) -> None:
    """An alarm between two batches does not call a disk sick that nobody has asked yet."""
    bench = journals.Bench(sync_takes=0.005)
    bench.append(2)
    bench.clock.advance(0)
    late = bench.append(2)
    bench.clock.rightNow += 0.26  # the reactor was away; nothing has run
    bench.worker.work()

    bench.clock.advance(0)
    bench.clock.advance(0.001)
    bench.worker.work()

    assert (bench.ups, [one.called for one in late]) == ([], [True, True])


def test_closing_writes_what_is_waiting(journals: ModuleType) -> None:
    """Everything appended before is on disk when it fires; nothing of ours is left in the reactor."""
    bench = journals.Bench()
    [waiting] = bench.append()
    closed = bench.journal.close()
    early = closed.called

    bench.turn()

    assert (early, closed.called, waiting.called, bench.worker.stopped) == (False, True, True, True)
    assert bench.clock.getDelayedCalls() == []


def test_closing_an_idle_journal_is_done_at_once(journals: ModuleType) -> None:
    """With nothing to write there is nothing to wait for."""
    bench = journals.Bench()

    assert bench.journal.close().called
    assert bench.worker.stopped


def test_closing_does_not_wait_for_a_sick_disk(journals: ModuleType) -> None:
    """Whether it is known to be down, or found out while closing: the daemon can stop."""
    bench = journals.Bench()
    [waiting] = bench.append()
    bench.clock.advance(0)
    closed = bench.journal.close()

    bench.clock.advance(0.25)

    assert (down(waiting), closed.called) == (True, True)
    assert bench.clock.getDelayedCalls() == []
    bench.worker.work()  # the stalled batch comes back after all
    assert bench.clock.getDelayedCalls() == []


def test_closing_gives_up_trying_again(journals: ModuleType) -> None:
    """A journal that is down has another attempt before it; closing calls that off."""
    bench = journals.Bench(disk=journals.MemoryDisk(fault=refuse))
    [waiting] = bench.append()
    bench.turn()
    pending = len(bench.clock.getDelayedCalls())

    closed = bench.journal.close()

    assert (down(waiting), pending, closed.called) == (True, 1, True)
    assert bench.clock.getDelayedCalls() == []


@pytest.mark.parametrize("count", [1, 7])
def test_hooks_need_not_be_given(journals: ModuleType, count: int) -> None:
    """A journal nobody watches works the same, in sickness too."""
    bench = journals.Bench()
    bench.journal.hooks = type(bench.journal.hooks)()
    for one in bench.append(count):
        one.addErrback(lambda _: None)
    bench.clock.advance(0)
    bench.clock.advance(0.25)
    bench.turn()

    assert bench.journal.written.seq == count
