"""The outbox in the index and on the command line: the tables say what the records say, and numbers stay hidden."""

import json
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs
import pytest
from click.testing import CliRunner

from router.archive import Archive
from router.cli import main
from router.index.database import connect
from router.index.feeder import write
from router.index.fingerprint import load_fingerprint
from router.index.outbox import KEEP, Sends, concerns
from router.index.project import project
from router.index.rebuild import rebuild
from router.index.sqlite import Reader
from router.outbox.ledger import Ledger
from router.outbox.listing import hidden, listed


@pytest.fixture
def lived(outboxes: ModuleType) -> Any:
    """Return an outbox that has seen everything: sent, delivered, failed, dead, retried, dropped, waiting, unknown, held."""
    bureau = outboxes.Bureau()
    bureau.decide("01A", {"kind": "deliver", "people": ["ben"]}, {"kind": "hold", "release_at": "2026-11-23T14:00:00Z"})
    bureau.decide("01B", {"kind": "copy", "people": ["chloe"]}, {"kind": "hold"})
    bureau.outbox.hold("01B.1", "2026-11-25T14:00:00Z", "closed by override")
    bureau.queue("01A.0/0", "01C.0/0")
    bureau.run(2)
    public, private = bureau.outbox.concerning(outcome("SM1", "failed", "30006"))
    record = bureau.journal.append("receipt", {"key": "r1", "outcome": "failed"} | public, private)
    bureau.durable(record)
    bureau.provider.faults.extend(["no", "no", "no", "refuse", "refuse", "cut", "stop"])
    for lane, key in enumerate(["01D.0/0", "01E.0/0", "01F.0/0", "01G.0/0", "01H.0/0", "01I.0/0", "01J.0/0"]):
        bureau.queue(key, lane=f"main|{lane}", person=None)
    bureau.run(1)
    bureau.outbox.retry("01E.0/0")
    bureau.outbox.drop("01F.0/0")
    bureau.outbox.drop("01G.0/0")
    bureau.outbox.queue(
        "01K.own", [outboxes.text("01K.own/0", channel="email", via="elsewhere", to="anna@acme.example")]
    )
    bureau.run(1)
    return bureau


def outcome(message_id: str, state: str, error: str) -> Any:
    """Return a receipt."""
    from rules.event import Receipt

    return Receipt(provider="twilio", account="AC1", id="r1", message_id=message_id, state=state, error=error)


def keep(journals: ModuleType, state: Path, bureau: Any, first: int = 0, last: int | None = None) -> list[Any]:
    """Write the bureau's records into the journal of *state*, each at its moment."""
    told = [(record.kind, record.public, record.private) for record in bureau.journal.records[first:last]]
    return list(journals.keep(state, told))


def known(state: Path) -> Sends:
    """Return the tables."""
    reader = Reader(state / "index.db", state / "journal", load_fingerprint(state))
    return Sends(reader.ask, reader.journal, lambda: 0)


def test_the_tables_say_what_the_records_say(lived: Any, journals: ModuleType, tmp_path: Path) -> None:
    """Effects that wait, messages on their way with their words, what was given up."""
    rows = keep(journals, tmp_path, lived)
    rebuild(tmp_path)
    ledger = Ledger()
    for row in rows:
        ledger.follow(row.record)
    tables = known(tmp_path)

    assert tables.effects() == sorted(ledger.effects.values(), key=lambda effect: (effect.seq, effect.key))
    for key, entry in ledger.entries.items():
        found = tables.message(key)
        assert found == attrs.evolve(entry, reference=None), key
    assert {entry.message.key for entry in tables.unfinished()} == {
        key for key, entry in ledger.entries.items() if not entry.finished
    }
    assert tables.dead() == sum(entry.course.phase == "dead" for entry in ledger.entries.values()) == 3
    sent = tables.sent_as("twilio", "SM1")
    assert sent is not None
    assert (sent.message.key, sent.course.phase) == ("01C.0/0", "failed")
    assert tables.sent_as("other", "SM1") is None
    assert tables.effect_done("01A.0")
    assert tables.effect_done("01K.own")
    assert not tables.effect_done("01A.1")
    assert tables.record(1) == rows[0].record
    assert tables.record(999) is None


def test_batches_of_any_size_lead_to_the_same(lived: Any, journals: ModuleType, tmp_path: Path) -> None:
    """One record at a time or all at once."""
    rows = keep(journals, tmp_path, lived)
    rebuild(tmp_path)
    whole = [tables.effects() + tables.shown() for tables in [known(tmp_path)]]
    (tmp_path / "index.db").unlink()
    with closing(connect(tmp_path / "index.db")) as database:
        for row in rows:
            write(database, [row], load_fingerprint(tmp_path))

    assert [tables.effects() + tables.shown() for tables in [known(tmp_path)]] == whole


def test_who_opted_out_is_known_after_a_restart(lived: Any, journals: ModuleType, tmp_path: Path) -> None:
    """The provider said so when we wrote; the record has the number, in private."""
    keep(journals, tmp_path, lived)
    rebuild(tmp_path)
    reader = Reader(tmp_path / "index.db", tmp_path / "journal", load_fingerprint(tmp_path))

    assert reader.opted_out() == {("main", reader.fingerprint("+16175550142"))}


def test_what_is_old_is_forgotten(lived: Any, journals: ModuleType, tmp_path: Path) -> None:
    """After 30 days: what is finished, never what is on its way or waits."""
    rows = keep(journals, tmp_path, lived)
    rebuild(tmp_path)
    before = known(tmp_path).effects(), known(tmp_path).unfinished()
    late = rows[-1].record._replace(seq=999, at="2027-01-22T12:00:00.000000Z", kind="start", public={}, private={})
    with closing(connect(tmp_path / "index.db")) as database:
        write(database, [rows[-1]._replace(record=late)], load_fingerprint(tmp_path))

    assert (known(tmp_path).effects(), known(tmp_path).unfinished()) == before
    assert known(tmp_path).dead() == 0
    assert not known(tmp_path).effect_done("01A.0")
    assert KEEP == 30 * 86_400_000_000


def test_erased_words_and_unknown_messages_are_passed_over(lived: Any, journals: ModuleType, tmp_path: Path) -> None:
    """A message whose words are gone for good is not shown; a move of a message nobody knows moves nothing."""
    rows = keep(journals, tmp_path, lived)
    stray = [row for row in rows if row.record.kind in ("attempt", "sent", "start")]
    rebuild(tmp_path)
    (tmp_path / "index.db").unlink()
    with closing(connect(tmp_path / "index.db")) as database:
        write(database, stray, load_fingerprint(tmp_path))

    assert known(tmp_path).shown() == []
    erased = next(row.record for row in rows if row.record.kind == "queued")._replace(private=None)
    assert concerns(erased)
    assert project([rows[0]._replace(record=erased)], load_fingerprint(tmp_path)).outbox == [erased]


def test_an_index_that_is_not_there_knows_nothing(tmp_path: Path) -> None:
    """Whatever is asked."""
    tables = known(tmp_path)

    assert (tables.effects(), tables.unfinished(), tables.dead(), tables.record(1)) == ([], [], 0, None)
    assert (tables.message("x"), tables.sent_as("x", "y"), tables.effect_done("x")) == (None, None, False)


# ---------------------------------------------------------------- the command


def shown(state: Path, *more: str) -> str:
    """Return what `outbox list` says."""
    (state / "config.yaml").write_text("")
    given = ["-c", str(state / "config.yaml"), "outbox", "list", "--state", str(state), *more]
    result = CliRunner().invoke(main, given)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize("indexed", [0, 12, None], ids=["without an index", "with one that is behind", "with one"])
def test_the_list_is_the_same_with_and_without_an_index(
    lived: Any, journals: ModuleType, tmp_path: Path, indexed: int | None
) -> None:
    """State, tries, next try, whom it is for; numbers and addresses hidden, no words."""
    whole = tmp_path / "whole"
    whole.mkdir()
    keep(journals, whole, lived)
    expected = json.loads(shown(whole, "--json"))
    if indexed is None:
        rebuild(whole)
    elif indexed:
        keep(journals, tmp_path, lived, last=indexed)
        rebuild(tmp_path)
        keep(journals, tmp_path, lived, first=indexed)
        whole = tmp_path

    rows = json.loads(shown(whole, "--json"))

    strip = lambda row: {name: value for name, value in row.items() if name not in ("since", "next_try")}  # noqa: E731
    assert [strip(row) for row in rows] == [strip(row) for row in expected]
    by_key = {row["key"]: row for row in rows}
    assert {key: row["state"] for key, row in by_key.items() if row["kind"] != "undelivered"} == {
        "01A.1": "held",
        "01B.0": "waiting",
        "01B.1": "held",
        "01C.0/0": "failed",
        "01D.0/0": "dead",
        "01H.0/0": "waiting",
        "01I.0/0": "unknown",
        "01J.0/0": "dead",
        "01K.own/0": "dead",
    } | ({"01E.0/0": by_key["01E.0/0"]["state"]} if "01E.0/0" in by_key else {})
    assert by_key["01D.0/0"]["to"] == "+1617***0142"
    assert by_key["01K.own/0"]["to"] == "a***@acme.example"
    assert by_key["01D.0/0"]["reason"] == "no such number (21211)"
    assert by_key["01H.0/0"]["attempts"] == 1
    table = shown(whole)
    assert "6175550142" not in table + json.dumps(rows)
    assert "words of" not in table + json.dumps(rows)
    assert "no such number (21211)" in table


def test_nobody_is_named_twice() -> None:
    """A SIP address is masked as a number is; other addresses keep their domain."""
    assert (hidden("sip:anna@pbx.example"), hidden("anna@acme.example")) == (
        "sip:anna@pbx.example",
        "a***@acme.example",
    )
    assert listed(Ledger()) == []
    assert Archive(Path("/nowhere")).outbox().entries == {}


@pytest.mark.parametrize(
    ("what", "answer", "code", "said"),
    [
        pytest.param("retry", {"done": True}, 0, "it is sent now", id="tried again"),
        pytest.param("drop", {"done": True}, 0, "it is not sent any more", id="let go of"),
        pytest.param(
            "retry", {"error": "there is no message x/0 in the outbox"}, 1, "there is no message", id="none there"
        ),
    ],
)
def test_retry_and_drop_ask_the_daemon(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, what: str, answer: dict[str, Any], code: int, said: str
) -> None:
    """By the key as it is listed; the exit code says whether it was done."""
    from router import asking

    asked: list[tuple[str, str]] = []

    class Daemon:
        """Answers as told."""

        @classmethod
        def on(cls, _state: Path) -> "Daemon":
            """Find it."""
            return cls()

        def ask(self, method: str, path: str) -> dict[str, Any]:
            """Answer."""
            asked.append((method, path))
            return answer

    monkeypatch.setattr(asking, "Daemon", Daemon)
    monkeypatch.setattr("router.cli.Context.state_folder", lambda _self: tmp_path)

    result = CliRunner().invoke(main, ["outbox", what, "x/0"])

    assert (result.exit_code, said in result.output) == (code, True)
    assert asked == [("POST", f"/-/outbox/{what}?key=x%2F0")]


def test_a_ledger_follows_each_record_once(lived: Any) -> None:
    """Hearing of an effect, or of a move, a second time changes nothing: the index may be ahead of what it said."""
    ledger = Ledger()
    for record in lived.journal.records:
        ledger.follow(record)
    effects, entries = dict(ledger.effects), dict(ledger.entries)
    for record in lived.journal.records:
        if record.kind != "queued":
            ledger.follow(record)

    assert (ledger.effects.keys(), ledger.entries) == (effects.keys(), entries)


def test_a_message_whose_words_were_erased_is_not_shown(
    lived: Any, journals: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its row is there, its words are not."""
    keep(journals, tmp_path, lived)
    rebuild(tmp_path)
    monkeypatch.setattr("router.index.outbox.entries_of", lambda _record: [])

    assert known(tmp_path).message("01D.0/0") is None
