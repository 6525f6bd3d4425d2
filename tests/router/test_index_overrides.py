"""What the index knows of what is switched on, and what is found without it."""

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from router.index.fingerprint import load_fingerprint
from router.index.rebuild import rebuild
from router.index.sqlite import Reader
from router.journal.recovery import recover
from router.store import _recent


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    """Return a reader of the state folder's index."""
    return Reader(tmp_path / "index.db", tmp_path / "journal", load_fingerprint(tmp_path))


def override(id_: str, action: str) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """Return a record about something that is switched."""
    return "override", {"id": id_, "action": action}, {}


def test_the_last_word_about_each(journals: ModuleType, reader: Reader, tmp_path: Path) -> None:
    """Set and reminded of: on; cancelled or over: not; a calendar is nobody's switch."""
    journals.keep(
        tmp_path,
        [
            override("o1", "set"),
            override("o2", "set"),
            override("o3", "set"),
            override("o3", "end"),
            override("calendar-anna", "calendar"),
        ],
    )
    rebuild(tmp_path)
    first = [record.seq for record in reader.overrides()]
    journals.keep(tmp_path, [override("o2", "cancel"), override("o1", "remind"), override("o8", "set")])
    rebuild(tmp_path)

    assert first == [1, 2]
    assert [(record.seq, record.public["action"]) for record in reader.overrides()] == [(7, "remind"), (8, "set")]


def test_without_an_index_the_journal_tells(journals: ModuleType, tmp_path: Path) -> None:
    """Of what is older than two days only what was switched is read; with an index nothing is read twice."""
    told = [override("o1", "set"), journals.call("A"), journals.call("B"), override("o4", "set"), journals.call("C")]
    journals.keep(tmp_path, told, seconds=24 * 3600)
    found = recover(tmp_path / "journal")

    assert [record.seq for record in _recent(tmp_path / "journal", found, 0)] == [1, 3, 4, 5]
    assert [record.seq for record in _recent(tmp_path / "journal", found, 4)] == [5]
