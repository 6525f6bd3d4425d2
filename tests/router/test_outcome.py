"""What came of a call, in one sentence, whichever order its reports came in."""

from typing import Any

import pytest

from router.audit_rows import audit_row
from router.journal.record import Record
from router.outcome import outcome_of


def record(kind: str, outcome: str | None = None, second: int = 0, **public: Any) -> Record:
    """Return a record of a call at some second."""
    at = f"2026-11-24T15:00:{second:02}.000000Z"
    told = {"id": "01A", "outcome": outcome, "received_at": at, **public}
    return Record(1, at, kind, told, "", None, "", "")


CALL = record("call", rings=["anna"])
RANG_OUT = record("next", "no answer", 15, rang={"people": ["anna", "ben"], "seconds": 15})
HUNG_UP = record("ended", "caller hung up", 27, rang={"people": ["chloe"], "seconds": 12})
NOTICE = {"kind": "notice", "person": "ben", "channel": "sms", "via": "twilio"}
LEFT = record("message", "message left, 23 s", 40)


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        pytest.param([], None, id="nothing"),
        pytest.param([record("text")], None, id="a text"),
        pytest.param([CALL], "still going on", id="a call that rings"),
        pytest.param([record("call", rings=[])], None, id="a call that was refused"),
        pytest.param([CALL, RANG_OUT], "anna, ben rang 15 s; no answer", id="at its second step"),
        pytest.param(
            [CALL, RANG_OUT, HUNG_UP], "anna, ben rang 15 s; chloe rang 12 s; caller hung up", id="a caller who hung up"
        ),
        pytest.param(
            [CALL, RANG_OUT, LEFT, record("ended", "message left, 23 s", 41)],
            "anna, ben rang 15 s; message left, 23 s",
            id="a message",
        ),
        pytest.param(
            [record("call", rings=[]), HUNG_UP, LEFT, record("recording", "recording, 23 s"), record("kept")],
            "chloe rang 12 s; message left, 23 s; its recording is kept",
            id="a message told of after the end",
        ),
        pytest.param(
            [record("call", rings=[]), LEFT, record("kept"), record("expired")],
            "message left, 23 s; its recording has been deleted when its time was over",
            id="a message of long ago",
        ),
        pytest.param(
            [
                CALL,
                record("accept", "answered by ben", 14),
                record("next", "answered by ben", 55, seconds=38),
                record("ended", "answered by ben", 56),
            ],
            "answered by ben after 14 s, spoke 38 s",
            id="an answer",
        ),
        pytest.param(
            [CALL, HUNG_UP, record("next", "answered by anna", 30)],
            "answered by anna",
            id="an answer told of after the end",
        ),
        pytest.param(
            [CALL, record("next", "answered", 30, seconds=5)], "answered, spoke 5 s", id="nobody knows by whom"
        ),
        pytest.param([CALL, record("leg", "answered by anna", 3)], "answered by anna after 3 s", id="a call going on"),
    ],
)
def test_the_outcome(records: list[Record], expected: str | None) -> None:
    """One for each call."""
    assert outcome_of(records) == expected


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        pytest.param(record("call"), None, id="a call"),
        pytest.param(
            record(
                "queued", messages=[{**NOTICE, "kind": "event", "person": None, "channel": "webhook", "via": "crm"}]
            ),
            "event to crm",
            id="a web hook",
        ),
        pytest.param(
            record("queued", messages=[NOTICE, NOTICE, {**NOTICE, "kind": "text-back", "person": None}]),
            "notice to ben, text-back to the customer",
            id="messages, one of them in two parts",
        ),
        pytest.param(record("queued", messages=[], why="kept"), "kept", id="nothing to be sent"),
        pytest.param(record("queued", messages=[], reason="dropped"), "dropped", id="nothing to be sent any more"),
        pytest.param(record("held", reason="nobody is in"), "nobody is in", id="something that waits"),
        pytest.param(record("attempt", message="01A.missed/0"), "message 01A.missed/0", id="a try"),
        pytest.param(record("kept", size=8), "its recording is kept, 8 bytes", id="a recording"),
        pytest.param(record("expired"), "its recording is deleted, its time is over", id="one that is gone"),
        pytest.param(record("heard"), "its recording was fetched by an administrator", id="one that was heard"),
        pytest.param(RANG_OUT, "no answer (anna, ben rang 15 s)", id="a step"),
        pytest.param(LEFT, "message left, 23 s", id="a message"),
        pytest.param(
            record("next", None, rang={"people": ["anna"], "seconds": 3}), "left (anna rang 3 s)", id="no words"
        ),
    ],
)
def test_each_row_says_what_it_is_about(one: Record, expected: str | None) -> None:
    """Who rang, who is told, what became of the recording: a list of what happened tells the story too."""
    assert audit_row(one)["outcome"] == expected
