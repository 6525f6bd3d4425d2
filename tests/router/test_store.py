"""Opening the state folder: the chain goes on, memory gets back what the index does not know, and what was wrong is said."""

import os
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from router.index.rebuild import rebuild
from router.journal.files import segments
from router.journal.reserve import RESERVE
from router.journal.segment import Origin
from router.journal.spool import Sizes
from router.journal.walk import check
from router.store import Store, open_store, private_folder


class Opened:
    """Opens stores on one folder, with a reactor that stands still, and closes them again."""

    def __init__(self, journals: ModuleType, folder: Path) -> None:
        self.journals = journals
        self.folder = folder
        self.clock = journals.ThreadClock()
        self.stores: list[Store] = []

    def __call__(self, **settings: Any) -> Store:
        store = open_store(
            self.folder,
            reactor=self.clock,
            wall=lambda: self.journals.NOON + 7200,
            origin=settings.pop("origin", self.journals.ORIGIN),
            sizes=Sizes(first=1 << 16, step=1 << 14),
            reserve_size=1 << 17,
            **settings,
        )
        self.stores.append(store)
        return store

    def write(self, store: Store, *told: Any) -> None:
        """Append records and wait until they are durable."""
        for kind, public, private in told:
            waiting = store.journal.durable(store.journal.append(kind, public, private).seq)
            self.clock.advance(0)
            while not waiting.called:
                self.clock.hear()

    def close(self) -> None:
        """Close what is open."""
        for store in self.stores:
            closed = store.close()
            self.clock.advance(0)
            assert closed.called
        self.stores.clear()


@pytest.fixture
def opened(journals: ModuleType, tmp_path: Path) -> Iterator[Opened]:
    """Return what opens the store; everything is closed afterwards."""
    opened = Opened(journals, tmp_path / "state")
    yield opened
    opened.close()


def test_what_was_written_is_there_after_a_restart(journals: ModuleType, opened: Opened) -> None:
    """The chain goes on in the same segment; the index knows the answers, so nothing is recent."""
    first = opened(disk=journals.HastyDisk())
    opened.write(first, journals.call("A"), journals.call("B"))
    head = first.journal.head
    opened.close()

    again = opened()
    opened.write(again, journals.call("C"))

    assert (again.recent, again.report.torn, again.report.corrupt, again.report.index) == ([], None, (), None)
    assert again.journal.head.seq == head.seq + 1
    found = again.index.find("twilio|AC1|call|CAA")
    assert found is not None
    assert found.public["event_id"] == "CAA"
    opened.close()
    assert [segment.number for segment in segments(opened.folder / "journal")] == [1]
    assert check(segments(opened.folder / "journal")).flaw is None


def test_what_the_index_has_not_taken_up_is_recent(journals: ModuleType, opened: Opened) -> None:
    """After a crash the engine's memory is filled from the index first, and from these on top."""
    journals.keep(opened.folder, [journals.call("A"), journals.call("B")])
    rebuild(opened.folder)
    journals.keep(opened.folder, [journals.call("C"), journals.call("D")])

    store = opened()

    assert [record.public["event_id"] for record in store.recent] == ["CAC", "CAD"]
    assert store.index.position() >= 2


def test_with_the_index_lost_the_last_two_days_are_recent(journals: ModuleType, opened: Opened) -> None:
    """Forty-eight hours before the end of the journal, to the minute; the index is rebuilt meanwhile."""
    journals.keep(opened.folder, [journals.call(str(n)) for n in range(4)], seconds=24 * 3600)

    store = opened()

    assert [record.seq for record in store.recent] == [2, 3, 4]
    opened.close()
    assert store.index.position() == 4


def test_a_damaged_index_is_told_and_rebuilt(journals: ModuleType, opened: Opened) -> None:
    """Whoever reads the log learns why it took a moment."""
    journals.keep(opened.folder, [journals.call("A")])
    (opened.folder / "index.db").write_bytes(b"nonsense" * 1000)

    store = opened()

    assert store.report.index is not None
    assert store.report.index.startswith("index.db: it is rebuilt: it is damaged")


def test_a_torn_tail_is_told_and_the_chain_goes_on_in_a_new_segment(journals: ModuleType, opened: Opened) -> None:
    """The sentence names the place; the index never keeps a row the journal has lost."""
    rows = journals.keep(opened.folder, [journals.call("A"), journals.call("B"), journals.call("C")])
    rebuild(opened.folder)
    path = opened.folder / "journal" / "00000001.jsonl"
    os.truncate(path, rows[-1].offset + 40)

    store = opened()
    opened.write(store, journals.call("D"))

    assert store.report.torn is not None
    assert "journal/00000001.jsonl line 4" in store.report.torn
    assert store.journal.head.seq == 3
    assert store.index.find("twilio|AC1|call|CAC") is None
    opened.close()
    verdict = check(segments(opened.folder / "journal"))
    assert (verdict.flaw, verdict.rows, verdict.superseded) == (None, 3, 1)


def test_a_flipped_row_is_told_and_the_others_are_served(journals: ModuleType, opened: Opened) -> None:
    """Corruption names the row; what stands before and behind it is found."""
    rows = journals.keep(opened.folder, [journals.call("A"), journals.call("B"), journals.call("C")])
    path = opened.folder / "journal" / "00000001.jsonl"
    content = bytearray(path.read_bytes())
    content[rows[1].offset + 60] ^= 1
    path.write_bytes(content)

    store = opened()

    assert [record.seq for record in store.recent] == [1, 3]
    assert len(store.report.corrupt) == 1
    assert "line 3" in store.report.corrupt[0]
    assert store.journal.head.seq == 3


def test_another_version_begins_a_new_segment(journals: ModuleType, opened: Opened) -> None:
    """The first line of a segment says which software and which time zone database wrote its rows."""
    opened.write(opened(), journals.call("A"))
    opened.close()

    opened.write(opened(origin=Origin("node-1", "0.2.0", "2026.2")), journals.call("B"))
    opened.close()

    found = segments(opened.folder / "journal")
    assert [segment.header.origin.software for segment in found if segment.header] == ["0.1.0", "0.2.0"]
    assert check(found).flaw is None


def test_only_the_owner_can_look_inside(journals: ModuleType, opened: Opened) -> None:
    """Folders 0700, files 0600, even where the folder was made by somebody with other habits."""
    opened.folder.mkdir(mode=0o755)
    store = opened()
    opened.write(store, journals.call("A"))
    reserve = store.journal.spool.reserve
    assert reserve is not None
    assert reserve.idle.wait(10)
    opened.close()

    modes = {path.name: path.stat().st_mode & 0o777 for path in opened.folder.rglob("*")}

    assert opened.folder.stat().st_mode & 0o777 == 0o700
    assert modes.pop("journal") == 0o700
    assert set(modes.values()) == {0o600}
    assert {RESERVE, "index.db", "index.key", "00000001.jsonl"} <= set(modes)


def test_what_the_index_is_asked_goes_through_the_store(journals: ModuleType, opened: Opened) -> None:
    """Every question of the engine has its answer."""
    journals.keep(opened.folder, [journals.call("A"), journals.text("B"), journals.text("C", rule="safety:stop")])
    rebuild(opened.folder)

    index = opened().index

    anna = index.fingerprint(journals.ANNA)
    assert [record.seq for record in index.live_calls()] == [1]
    assert [record.seq for record in index.about(f"01{'B':0>24}")] == [2]
    assert index.opted_out() == {("boston", anna)}
    assert [(number, caller) for _, number, caller in index.replies()] == [("boston", anna)]
    assert [effect.key[-3:] for effect in index.outbox.effects()] == ["B.0", "C.0"]
    assert (index.up, index.lag()) == (True, 0.0)


def test_a_hook_for_durable_rows_is_kept(journals: ModuleType, opened: Opened) -> None:
    """Index and hook both get them."""
    from router.journal.api import Hooks

    seen: list[Any] = []
    store = opened(hooks=Hooks(durable=seen.extend))

    opened.write(store, journals.call("A"))

    assert [row.record.seq for row in seen] == [1]


def test_a_folder_that_is_private_already_stays_so(tmp_path: Path) -> None:
    """Nothing is changed where nothing is wrong."""
    private_folder(tmp_path / "s")

    assert private_folder(tmp_path / "s").stat().st_mode & 0o777 == 0o700
