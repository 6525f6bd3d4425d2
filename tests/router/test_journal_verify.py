"""The chain as a witness: whatever is changed afterwards is found, and the first row that does not hold is named."""

import random
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs
import pytest

from router.journal.files import segments
from router.journal.segment import name_of
from router.journal.walk import Verdict, check

ROWS = 30


@pytest.fixture
def journal(journals: ModuleType, tmp_path: Path) -> Any:
    """Return a bench with thirty rows over several segments, saved to a folder."""
    bench = journals.Bench(sizes=attrs.evolve(journals.SMALL, limit=8192))
    for _ in range(ROWS):
        bench.append()
        bench.turn()
    bench.disk.after_power_loss(tmp_path)
    return bench


def verdict(folder: Path) -> Verdict:
    """Check what lies in *folder*."""
    return check(segments(folder))


def named(folder: Path) -> tuple[int, int, int | None, str]:
    """Return where the first flaw is said to be, and what it is."""
    flaw = verdict(folder).flaw
    assert flaw is not None
    return flaw.segment, flaw.line, flaw.seq, flaw.what


def rows_of(folder: Path, number: int) -> list[bytes]:
    """Return the lines of a segment, the space written ahead left out."""
    return (folder / name_of(number)).read_bytes().rstrip(b"\n").split(b"\n")


def save(folder: Path, number: int, rows: list[bytes]) -> None:
    """Write the lines of a segment."""
    (folder / name_of(number)).write_bytes(b"\n".join(rows) + b"\n")


def test_an_untouched_journal_holds(journal: Any, tmp_path: Path) -> None:
    """All rows, over all segments, and the head is the last one."""
    found = verdict(tmp_path)

    assert len(segments(tmp_path)) > 1
    assert (found.rows, found.flaw, found.head) == (ROWS, None, journal.journal.head)


def test_three_hundred_changed_bytes_are_all_found_and_named(journal: Any, tmp_path: Path) -> None:
    """A single changed byte anywhere, header lines included: the row (or the first line of the file) is named by its place."""
    chance = random.Random(7)
    files = sorted(tmp_path.glob("*.jsonl"))
    for _ in range(300):
        path = chance.choice(files)
        content = path.read_bytes()
        end = len(content.rstrip(b"\n")) + 1
        place = chance.randrange(end)
        changed = bytearray(content)
        changed[place] = chance.choice([byte for byte in range(256) if byte != content[place]])
        path.write_bytes(changed)

        segment, line, _, _ = named(tmp_path)

        wanted = content[:place].count(b"\n") + 1
        assert segment == int(path.stem)
        assert line in (wanted, wanted + 1) if content[place : place + 1] == b"\n" else line == wanted
        path.write_bytes(content)


def test_a_row_that_was_deleted(journal: Any, tmp_path: Path) -> None:
    """The next row is named, with the seq that should stand there."""
    rows = rows_of(tmp_path, 1)
    save(tmp_path, 1, rows[:5] + rows[6:])

    assert named(tmp_path) == (1, 6, 6, "seq")
    assert "record 5 should stand here" in str(verdict(tmp_path).flaw)


def test_two_rows_exchanged(journal: Any, tmp_path: Path) -> None:
    """The first of them is named."""
    rows = rows_of(tmp_path, 1)
    rows[4], rows[5] = rows[5], rows[4]
    save(tmp_path, 1, rows)

    assert named(tmp_path) == (1, 5, 5, "seq")


def test_two_rows_exchanged_between_segments(journal: Any, tmp_path: Path) -> None:
    """The same over the border of a file."""
    first, second = rows_of(tmp_path, 1), rows_of(tmp_path, 2)
    first[3], second[3] = second[3], first[3]
    save(tmp_path, 1, first)
    save(tmp_path, 2, second)

    assert named(tmp_path)[:2] == (1, 4)


def test_two_segments_exchanged(journal: Any, tmp_path: Path) -> None:
    """A file under another name is noticed by its own header."""
    first, second = rows_of(tmp_path, 1), rows_of(tmp_path, 2)
    save(tmp_path, 1, second)
    save(tmp_path, 2, first)

    assert named(tmp_path)[:2] == (1, 1)
    assert named(tmp_path)[3] == "seq"


def test_a_whole_segment_taken_away(journal: Any, tmp_path: Path) -> None:
    """The file after it says which record it continues."""
    (tmp_path / name_of(1)).unlink()

    segment, line, seq, what = named(tmp_path)

    assert (segment, line, seq, what) == (2, 1, 1, "seq")


def test_the_end_of_an_older_segment_cut_off(journal: Any, tmp_path: Path) -> None:
    """Rows are missing where the next file goes on."""
    rows = rows_of(tmp_path, 1)
    save(tmp_path, 1, rows[:-2])

    segment, line, seq, what = named(tmp_path)

    assert (segment, line, seq, what) == (2, 1, len(rows) - 2, "seq")


def test_a_row_made_anew(journals: ModuleType, journal: Any, tmp_path: Path) -> None:
    """Whoever changes a row and computes its hash again breaks the row behind it; done for all rows, the head differs."""
    from router.journal.record import cut, read, seal

    rows = rows_of(tmp_path, 1)
    pieces = cut(rows[4])
    assert pieces is not None
    record = read(pieces)
    _, line = seal(
        seq=record.seq, at=record.at, kind="call", public={"n": 99}, private={}, prev=record.prev, salt=b"x" * 16
    )
    rows[4] = line.removesuffix(b"\n")
    save(tmp_path, 1, rows)

    assert named(tmp_path) == (1, 6, 5, "prev")


def test_the_last_row_of_an_older_segment_made_anew(journal: Any, tmp_path: Path) -> None:
    """The next file says which record it continues, by its hash."""
    from router.journal.record import cut, read, seal

    rows = rows_of(tmp_path, 1)
    pieces = cut(rows[-1])
    assert pieces is not None
    record = read(pieces)
    _, line = seal(seq=record.seq, at=record.at, kind="call", public={}, private={}, prev=record.prev, salt=b"x" * 16)
    save(tmp_path, 1, [*rows[:-1], line.removesuffix(b"\n")])

    assert named(tmp_path) == (2, 1, record.seq, "prev")


def test_a_cut_tail_shows_only_in_the_head(journal: Any, tmp_path: Path) -> None:
    """No chain knows how long it should be: the head must be compared with one kept elsewhere."""
    newest = max(segment.number for segment in segments(tmp_path))
    rows = rows_of(tmp_path, newest)
    save(tmp_path, newest, rows[:-1])

    found = verdict(tmp_path)

    assert (found.flaw, found.rows) == (None, ROWS - 1)
    assert found.head != journal.journal.head


def test_what_is_being_written_may_be_unfinished(journal: Any, tmp_path: Path) -> None:
    """Half a row at the very end may be on its way; half a row with good ones behind it is not."""
    newest = max(segment.number for segment in segments(tmp_path))
    rows = rows_of(tmp_path, newest)
    save(tmp_path, newest, [*rows[:-1], rows[-1][:50]])
    at_end = verdict(tmp_path)
    save(tmp_path, newest, [*rows[:-2], rows[-2][:50], rows[-1]])
    before = verdict(tmp_path)

    assert at_end.flaw is not None
    assert before.flaw is not None
    assert (at_end.unfinished, before.unfinished) == (True, False)


def test_one_bad_row_is_one_flaw(journal: Any, tmp_path: Path) -> None:
    """The row behind a bad one is taken at its word, so that the report names what was changed and nothing else."""
    from router.journal.walk import Walk

    rows = rows_of(tmp_path, 1)
    rows[4] = rows[4].replace(b'"n"', b'"m"')
    save(tmp_path, 1, rows)

    walk, flaws = Walk(), []
    for segment in segments(tmp_path):
        flaws += [step.flaw for step in walk.along(segment) if step.flaw]

    assert [(flaw.line, flaw.what) for flaw in flaws] == [(5, "hash")]
    assert verdict(tmp_path).rows == ROWS - 1
