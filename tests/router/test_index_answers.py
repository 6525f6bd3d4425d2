"""What the index answers: live calls, who opted out, automatic replies, texts on their way; and how numbers are known to it."""

from pathlib import Path
from types import ModuleType

import pytest

from router.index.fingerprint import Fingerprint, load_fingerprint
from router.index.outbox import Sends
from router.index.project import over
from router.index.rebuild import rebuild
from router.index.sqlite import Reader


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    """Return a reader of the state folder's index."""
    return Reader(tmp_path / "index.db", tmp_path / "journal", load_fingerprint(tmp_path))


def test_live_calls_are_those_that_are_not_over(journals: ModuleType, reader: Reader, tmp_path: Path) -> None:
    """The last record with a state of each; ended ones and those whose state has an outcome are left out."""
    journals.keep(
        tmp_path,
        [
            journals.call("A"),
            journals.call("B"),
            journals.call("C"),
            journals.call("D"),
            journals.after("next", "A", private={"state": journals.state(None)}),
            journals.after("ended", "B", outcome="caller hung up"),
            journals.after("next", "C", private={"state": journals.state("answered by chloe")}),
            journals.after("recording", "B", private={"state": journals.state(None)}),
            journals.after("leg", "D"),
            ("ended", {"id": None, "key": "twilio|AC1|ended|CAX"}, {}),
        ],
    )
    rebuild(tmp_path)

    live = reader.live_calls()

    assert [(record.seq, record.public["id"][-1]) for record in live] == [(4, "D"), (5, "A")]
    assert [record.kind for record in reader.about(live[1].public["id"])] == ["call", "next"]
    assert [over(record) for record in live] == [False, False]


def test_a_call_nobody_has_heard_of_for_a_day_is_not_live(journals: ModuleType, reader: Reader, tmp_path: Path) -> None:
    """The provider forgot to say that it ended: after 24 hours it no longer counts, a minute before it does."""
    journals.keep(tmp_path, [journals.call("A"), journals.call("B"), journals.call("C")], seconds=12 * 3600 + 30)
    rebuild(tmp_path)

    assert [record.public["id"][-1] for record in reader.live_calls()] == ["B", "C"]


def test_stop_and_start_are_remembered_by_pair(journals: ModuleType, reader: Reader, tmp_path: Path) -> None:
    """The last word counts, for this caller and this number of ours."""
    journals.keep(
        tmp_path,
        [
            journals.text("1", rule="safety:stop", replies=None),
            journals.text("2", rule="safety:stop", replies=None, from_=journals.BEN),
            journals.text("3", rule="safety:start", replies=None, from_=journals.BEN),
            journals.text("4", rule="safety:stop", replies=None, number="london"),
            journals.text("5", rule="safety:stop", replies=None, number=None),
        ],
    )
    rebuild(tmp_path)

    anna = reader.fingerprint(journals.ANNA)
    assert reader.opted_out() == {("boston", anna), ("london", anna)}


def test_automatic_replies_of_a_day_are_kept(journals: ModuleType, reader: Reader, tmp_path: Path) -> None:
    """For the limits: when, from which number, to whom; what is older than a day is gone."""
    journals.keep(tmp_path, [journals.text(str(n)) for n in range(4)], seconds=10 * 3600)
    rebuild(tmp_path)

    replies = reader.replies()

    day = [(at - replies[-1][0]) // 3_600_000_000 for at, _, _ in replies]
    assert day == [-20, -10, 0]
    assert {(number, caller) for _, number, caller in replies} == {("boston", reader.fingerprint(journals.ANNA))}


def test_texts_on_their_way(journals: ModuleType, reader: Reader, tmp_path: Path) -> None:
    """A held text waits for a door, others for the sender; a notice about a missed call is one of them."""
    notice = {"key": "N.0", "kind": "missed", "people": ["chloe"], "target": "everyone", "release_at": None}
    journals.keep(
        tmp_path,
        [journals.text("1"), journals.call("2"), journals.after("next", "2", private={"outbox": [notice]})],
    )
    rebuild(tmp_path)

    held, waiting = Sends(reader.ask, reader.journal, lambda: 3).effects()

    assert (held.kind, held.target, held.release_at) == ("hold", "everyone", "2026-11-23T14:00:00Z")
    assert (waiting.kind, waiting.people, waiting.number) == ("missed", ("chloe",), "boston")


def test_the_newest_answer_of_an_event_counts(journals: ModuleType, reader: Reader, tmp_path: Path) -> None:
    """When the fail-safe document went out instead, those are the bytes a copy gets."""
    key = "twilio|AC1|call|CAA"
    journals.keep(
        tmp_path,
        [
            journals.call("A"),
            ("failsafe", {"id": None, "key": key}, {"answer": {"code": 200, "type": "t", "body": "F"}}),
        ],
    )
    rebuild(tmp_path)

    found = reader.find(key)

    assert found is not None
    assert found.kind == "failsafe"


def test_an_index_that_is_not_there_answers_nothing(reader: Reader) -> None:
    """Whatever is asked: as if it were empty."""
    assert (reader.find("x"), reader.live_calls()) == (None, [])
    assert (reader.opted_out(), reader.replies(), reader.about("x")) == (frozenset(), [], [])


def test_a_row_that_no_longer_holds_is_not_answered(journals: ModuleType, reader: Reader, tmp_path: Path) -> None:
    """Bytes that rotted on disk are never sent as an answer."""
    [row] = journals.keep(tmp_path, [journals.call("A")])
    rebuild(tmp_path)
    [path] = (tmp_path / "journal").glob("*.jsonl")
    content = bytearray(path.read_bytes())
    content[row.offset + row.length - 200] ^= 1
    path.write_bytes(content)

    assert reader.find("twilio|AC1|call|CAA") is None


def test_a_number_is_known_however_it_is_written() -> None:
    """Punctuation and case do not matter, the key does."""
    mine, other = Fingerprint(b"k" * 32), Fingerprint(b"o" * 32)

    assert mine("+1 (202) 555-0123") == mine("+12025550123")
    assert mine("ACME") == mine("Acme")
    assert mine("+12025550123") != other("+12025550123")
    assert mine("+12025550123") != mine("+12025550124")
    assert "k" * 32 not in repr(mine)


def test_the_database_holds_no_number(journals: ModuleType, tmp_path: Path) -> None:
    """Neither a number nor a text nor an answer stands in the file."""
    journals.keep(tmp_path, [journals.call("A"), journals.text("B")])
    rebuild(tmp_path)

    content = b"".join(path.read_bytes() for path in tmp_path.glob("index.db*"))

    assert journals.ANNA[1:].encode() not in content
    assert b"Are you open" not in content
    assert b"<Response>" not in content


def test_an_erased_record_is_projected_without_its_private_part(journals: ModuleType, tmp_path: Path) -> None:
    """What was erased leaves only its place."""
    from router.index.project import project

    [row] = journals.keep(tmp_path, [journals.text("A")])
    erased = row._replace(record=row.record._replace(private=None))

    rows = project([erased], Fingerprint(b"k" * 32))

    assert (rows.outbox, rows.reply, rows.record[0][7]) == ([], [], None)
