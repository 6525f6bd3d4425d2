"""What the index knows of conversations."""

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from router.index.fingerprint import load_fingerprint
from router.index.rebuild import rebuild
from router.index.sqlite import Reader
from router.texts.talks import Talks, written
from rules.relay.conversation import Conversation

DAY = 24 * 3600


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    """Return a reader of the state folder's index."""
    return Reader(tmp_path / "index.db", tmp_path / "journal", load_fingerprint(tmp_path))


def queued(effect: str, *conversations: Conversation) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """Return a record that turned an effect into no messages, and left *conversations* as they are."""
    public, private = written(conversations)
    return (
        "queued",
        {"id": "01A", "number": "main", "effect": effect, "messages": [], **public},
        {"messages": [], **private},
    )


def talk(id_: str, topic: str) -> Conversation:
    """Return a conversation."""
    return Conversation(id=id_, number="main", customer="+12025550199", topic=topic, touched=1)


def test_the_last_word_about_each(journals: ModuleType, reader: Reader, tmp_path: Path) -> None:
    """One record for each, as it was left last; what has none is not read."""
    told = [queued("a.0", talk("A", "first")), queued("b.0", talk("B", "other")), queued("c.0")]
    journals.keep(tmp_path, [*told, queued("a.1", talk("A", "last"))])
    rebuild(tmp_path)
    talks = Talks()
    talks.recall(reader.conversations())

    assert [record.seq for record in reader.conversations()] == [2, 4]
    assert {each.id: each.topic for each in talks.known.values()} == {"A": "last", "B": "other"}


def test_old_ones_are_forgotten(journals: ModuleType, reader: Reader, tmp_path: Path) -> None:
    """After two months nobody means them any more."""
    told = [queued("a.0", talk("A", "first")), queued("b.0", talk("B", "other")), queued("c.0")]
    journals.keep(tmp_path, told, seconds=40 * DAY)
    rebuild(tmp_path)

    assert [record.seq for record in reader.conversations()] == [2]
