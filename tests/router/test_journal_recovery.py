"""Starting again: the end of the chain is found whatever the last write left behind, and nothing good is thrown away."""

from pathlib import Path
from types import ModuleType
from typing import Any

import attrs
import pytest

from router.journal.files import record_at, records, segments
from router.journal.lines import lines
from router.journal.record import START, Point
from router.journal.recovery import BATCH, recover
from router.journal.segment import name_of, read_header
from router.journal.spool import Sizes
from router.journal.walk import check

ROWS = 8


@pytest.fixture
def written(journals: ModuleType, tmp_path: Path) -> Any:
    """Return a bench with eight rows on disk, and the folder they were saved to."""
    bench = journals.Bench()
    for _ in range(ROWS):
        bench.append()
        bench.turn()
    bench.disk.after_power_loss(tmp_path)
    return bench


def spoil(folder: Path, offset: int, data: bytes) -> None:
    """Overwrite bytes of the first segment."""
    path = folder / name_of(1)
    content = bytearray(path.read_bytes())
    content[offset : offset + len(data)] = data
    path.write_bytes(content)


def test_an_empty_folder_is_the_start(tmp_path: Path) -> None:
    """Nothing there: the chain begins, in the first segment."""
    found = recover(tmp_path)

    assert (found.head, found.number, found.used, found.at) == (START, 0, None, "")


def test_a_clean_end_is_gone_on_from(written: Any, tmp_path: Path) -> None:
    """After a clean end the next row goes into the same file, right behind the last."""
    found = recover(tmp_path)

    last = written.durable[-1]
    assert (found.head, found.torn, found.corrupt) == (written.journal.head, None, ())
    assert (found.number, found.used, found.at) == (1, last.offset + last.length + 1, last.record.at)


def test_a_segment_without_rows_continues_what_it_says(journals: ModuleType, tmp_path: Path) -> None:
    """The daemon was killed between making the file and writing the first row."""
    bench = journals.Bench(written=Point(41, "a" * 64))
    bench.spool.write(b"", Point(41, "a" * 64))
    bench.disk.after_power_loss(tmp_path)

    found = recover(tmp_path)

    assert (found.head, found.used) == (Point(41, "a" * 64), bench.spool.tail.used)
    assert found.at.endswith("Z")


def test_cut_at_every_byte_of_the_last_three_rows(written: Any, tmp_path: Path) -> None:
    """The file ends in the middle: what is whole is kept, the rest is reported, and the chain goes on in a new segment."""
    content = (tmp_path / name_of(1)).read_bytes()
    ends = {row.record.seq: row.offset + row.length for row in written.durable}

    for length in range(written.durable[-3].offset, ends[ROWS] + 1):
        (tmp_path / name_of(1)).write_bytes(content[:length])

        found = recover(tmp_path)

        whole = sum(end <= length for end in ends.values())
        assert (found.head.seq, found.corrupt) == (whole, ())
        assert (found.torn is not None) is (length not in {row.offset for row in written.durable} | set(ends.values()))
        assert [placed.record.seq for placed in records(tmp_path)] == list(range(1, whole + 1))


def test_overwritten_with_newlines_from_every_byte_of_the_last_three_rows(written: Any, tmp_path: Path) -> None:
    """The same within space written ahead: the rest of the batch never came."""
    content = (tmp_path / name_of(1)).read_bytes()
    ends = {row.record.seq: row.offset + row.length for row in written.durable}

    for length in range(written.durable[-3].offset, ends[ROWS] + 1):
        (tmp_path / name_of(1)).write_bytes(content[:length] + b"\n" * (len(content) - length))

        found = recover(tmp_path)

        assert (found.head.seq, found.corrupt) == (sum(end <= length for end in ends.values()), ())


def test_flipped_at_every_byte_of_the_last_three_rows(written: Any, tmp_path: Path) -> None:
    """A flipped last row is a torn tail; one before it is corruption, named, and the good rows behind it are still served."""
    content = (tmp_path / name_of(1)).read_bytes()
    rows = {row.record.seq: row for row in written.durable}

    for seq in (ROWS - 2, ROWS - 1, ROWS):
        for offset in range(rows[seq].offset, rows[seq].offset + rows[seq].length):
            spoiled = bytearray(content)
            spoiled[offset] ^= 0x02
            (tmp_path / name_of(1)).write_bytes(spoiled)

            found = recover(tmp_path)

            served = [placed.record.seq for placed in records(tmp_path)]
            assert served == [other for other in range(1, ROWS + 1) if other != seq]
            if seq == ROWS:
                assert found.head.seq == ROWS - 1
                assert found.torn is not None
                assert (found.torn.line, found.used) == (ROWS + 1, None)
            else:
                assert (found.head, found.torn) == (written.journal.head, None)
                assert [flaw.line for flaw in found.corrupt] == [seq + 1]


def test_the_chain_goes_on_in_a_new_segment_after_a_torn_tail(
    journals: ModuleType, written: Any, tmp_path: Path
) -> None:
    """What was torn stays where it is, superseded: the whole journal verifies again."""
    spoil(tmp_path, written.durable[-1].offset + 10, b"XXXX")
    found = recover(tmp_path)
    again = journals.Bench(written=found.head)
    again.spool.number = found.number
    again.append(2)
    again.turn()
    first = (tmp_path / name_of(1)).read_bytes()
    again.disk.after_power_loss(tmp_path)
    (tmp_path / name_of(1)).write_bytes(first)

    verdict = check(segments(tmp_path))

    assert (verdict.flaw, verdict.rows, verdict.superseded) == (None, ROWS + 1, 1)
    assert [placed.record.seq for placed in records(tmp_path)] == list(range(1, ROWS + 2))
    assert recover(tmp_path).head == again.journal.head
    assert check(segments(tmp_path)).head == again.journal.head


def batch_of(bench: Any, count: int, sector: int = 512) -> tuple[int, int]:
    """Append *count* rows as one batch; return the bytes it takes, as (start, end)."""
    start = bench.durable[-1].offset + bench.durable[-1].length + 1
    bench.append(count)
    bench.turn()
    end = bench.durable[-1].offset + bench.durable[-1].length + 1
    assert end - start > 3 * sector
    return start, end


@pytest.mark.parametrize("lost", [b"\n", b"\0"], ids=["space ahead shows through", "a block of zeros"])
def test_blocks_of_the_last_batch_may_be_missing_in_any_place(
    journals: ModuleType, written: Any, tmp_path: Path, lost: bytes
) -> None:
    """
    Power went during a batch and one sector of it never arrived: the whole batch was unanswered, and is cut.

    Good rows behind the hole are no reason to call it corruption.
    """
    start, end = batch_of(written, 10)
    written.disk.after_power_loss(tmp_path)
    content = (tmp_path / name_of(1)).read_bytes()

    for sector in range(start // 512 + 1, end // 512):
        spoiled = bytearray(content)
        spoiled[sector * 512 : (sector + 1) * 512] = lost * 512
        (tmp_path / name_of(1)).write_bytes(spoiled)

        found = recover(tmp_path)

        before = [row for row in written.durable if row.offset + row.length < sector * 512]
        assert found.head.seq == before[-1].record.seq, sector
        assert found.corrupt == (), sector
        assert found.torn is not None, sector


def test_a_hole_made_by_hand_far_from_the_end_is_corruption(journals: ModuleType, tmp_path: Path) -> None:
    """A write cut short cannot lie further back than one batch: rows blanked there are named, those behind them stay."""
    bench = journals.Bench(sizes=Sizes(limit=BATCH * 4, first=4096, step=4096))
    for _ in range(40):
        bench.journal.append("rules", {}, {"texts": "x" * (BATCH // 20)})
        bench.turn()
    bench.disk.after_power_loss(tmp_path)
    second = bench.durable[1]
    start = (second.offset // 512 + 1) * 512
    spoil(tmp_path, start, b"\n" * 512)

    found = recover(tmp_path)

    assert (found.head, found.torn) == (bench.journal.head, None)
    assert found.corrupt[0].line == 3


def test_empty_lines_by_hand_are_harmless(written: Any, tmp_path: Path) -> None:
    """Somebody opened the journal and pressed return between two rows: everything still holds."""
    content = (tmp_path / name_of(1)).read_bytes()
    place = written.durable[3].offset
    filler = 512 - place % 512
    (tmp_path / name_of(1)).write_bytes(content[:place] + b"\n" * filler + content[place:])

    found = recover(tmp_path)

    assert (found.head, found.torn, found.corrupt) == (written.journal.head, None, ())
    assert check(segments(tmp_path)).rows == ROWS


def test_a_row_missing_at_a_hole_is_a_torn_tail(written: Any, tmp_path: Path) -> None:
    """The hole may begin exactly between two rows."""
    row, following = written.durable[-2], written.durable[-1]
    content = (tmp_path / name_of(1)).read_bytes()
    gap = -(-following.offset // 512) * 512 - row.offset
    moved = content[: row.offset] + b"\n" * gap + content[following.offset : following.offset + following.length + 1]
    (tmp_path / name_of(1)).write_bytes(moved)

    found = recover(tmp_path)

    assert (found.head.seq, found.corrupt) == (ROWS - 2, ())
    assert found.torn is not None
    assert found.torn.what == "seq"


def test_a_damaged_first_line_costs_no_row(written: Any, tmp_path: Path) -> None:
    """What the segment continues is told by its first row; the daemon goes on in a new one."""
    spoil(tmp_path, 3, b"X")

    found = recover(tmp_path)

    assert (found.head, found.used, found.torn) == (written.journal.head, None, None)
    assert [flaw.what for flaw in found.corrupt] == ["unreadable"]
    assert len(list(records(tmp_path))) == ROWS


def test_a_first_line_that_is_gone_costs_no_row(written: Any, tmp_path: Path) -> None:
    """The same when the file starts with a row."""
    path = tmp_path / name_of(1)
    path.write_bytes(path.read_bytes().split(b"\n", 1)[1])

    found = recover(tmp_path)

    assert (found.head, len(list(records(tmp_path)))) == (written.journal.head, ROWS)
    assert check(segments(tmp_path)).rows == ROWS


def test_a_file_that_never_became_a_segment_is_left_out(written: Any, tmp_path: Path) -> None:
    """A crash while making it left half a header: the chain ends before it, and its number is not used again."""
    (tmp_path / name_of(2)).write_bytes(b'{"at":"2026-')

    found = recover(tmp_path)

    assert (found.head, found.number, found.used) == (written.journal.head, 2, None)
    assert len(segments(tmp_path)) == 1


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"[]",
        b"{}",
        b"null",
        b'{"segment":1}',
        b"\xff",
        b'{"continues":7,"segment":1,"at":"","node":"","software":"","tzdata":""}',
    ],
)
def test_what_is_no_header(line: bytes) -> None:
    """A first line of any other shape is not taken for one."""
    assert read_header(line) is None


def test_records_can_be_read_from_any_point(written: Any, tmp_path: Path) -> None:
    """From a seq on, from a moment on, or by the place of one."""
    placed = list(records(tmp_path, after=5))
    late = list(records(tmp_path, since="2026-11-22T12:00:01"))

    assert [row.record.seq for row in placed] == [6, 7, 8]
    assert placed == written.durable[5:]
    assert late == []
    assert record_at(tmp_path, 1, placed[0].offset, placed[0].length) == placed[0].record


def test_a_place_that_holds_no_record_answers_nothing(tmp_path: Path, written: Any) -> None:
    """A file that is gone, and bytes that are no row."""
    assert record_at(tmp_path, 9, 0, 100) is None
    assert record_at(tmp_path, 1, 5, 100) is None


def test_old_segments_are_not_even_opened(journals: ModuleType, tmp_path: Path) -> None:
    """Reading from a seq or a moment skips the files that cannot hold it, by what the next one says."""
    bench = journals.Bench(sizes=attrs.evolve(journals.SMALL, limit=2048, first=1024))
    for _ in range(12):
        bench.clock.advance(3600)
        bench.append()
        bench.turn()
    bench.disk.after_power_loss(tmp_path)
    found = segments(tmp_path)
    assert len(found) > 2
    since = bench.durable[-2].record.at
    for segment in found[:-2]:
        header = segment.path.read_bytes().split(b"\n", 1)[0]
        segment.path.write_bytes(header + b"\nnothing to read\n")

    assert [row.record.seq for row in records(tmp_path, since=since)] == [11, 12]
    assert [row.record.seq for row in records(tmp_path, after=10)] == [11, 12]


def test_lines_know_their_places(tmp_path: Path) -> None:
    """Numbers as an editor counts them, empty lines included; a file that grows meanwhile is no matter."""
    path = tmp_path / "x"
    path.write_bytes(b"one\n\n\ntwo\n" + b"\n" * 502 + b"three")

    seen = [(line.number, line.offset, line.text, line.torn_before, line.ended) for line in lines(path)]

    assert seen == [(1, 0, b"one", False, True), (4, 6, b"two", False, True), (507, 512, b"three", True, False)]
