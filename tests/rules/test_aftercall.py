"""What teammates read after a call, word for word."""

import pytest

from rules import aftercall

WHEN = "Tue 24 Nov 10:00"
RUNG = (("Anna Lind", 15), ("Ben Ortiz", 12))


@pytest.mark.parametrize(
    ("hung_up", "message", "expected"),
    [
        pytest.param(False, False, "Rung: Anna Lind 15 s, Ben Ortiz 12 s; nobody answered.", id="nobody"),
        pytest.param(True, False, "Rung: Anna Lind 15 s, Ben Ortiz 12 s; then the caller hung up.", id="hung up"),
        pytest.param(False, True, "nobody answered. A message was left.", id="with a message"),
    ],
)
def test_a_missed_call(hung_up: bool, message: bool, expected: str) -> None:
    """Who called, which number, when, who was rung, how it ended."""
    told = aftercall.missed("+1202***0199", "boston", WHEN, RUNG, hung_up=hung_up, message=message)

    assert told.startswith("Missed call from +1202***0199 to boston, Tue 24 Nov 10:00. ")
    assert told.endswith(expected)


@pytest.mark.parametrize(
    ("rung", "seconds", "to_hear", "transcript", "lines"),
    [
        pytest.param(
            (), 0, None, None, ["New message from x to boston, Tue 24 Nov 10:00."], id="nothing more is known"
        ),
        pytest.param(
            RUNG[:1],
            9,
            aftercall.to_hear("01A"),
            "Hello,\n  it is me.",
            [
                "New message from x to boston, Tue 24 Nov 10:00, 9 s long.",
                "Rung: Anna Lind 15 s; nobody answered.",
                "Transcript (by a machine): Hello, it is me.",
                "To hear it: switchhook recording 01A",
            ],
            id="everything is",
        ),
        pytest.param(
            (),
            0,
            aftercall.kept_elsewhere("01A"),
            "",
            [
                "New message from x to boston, Tue 24 Nov 10:00.",
                "The recording is where the call was taken; switchhook audit show 01A tells more.",
            ],
            id="a transcript nobody could make",
        ),
    ],
)
def test_a_message(
    rung: aftercall.Rung, seconds: int, to_hear: str | None, transcript: str | None, lines: list[str]
) -> None:
    """As much as is known, a line each."""
    told = aftercall.message("x", "boston", WHEN, rung, seconds=seconds, to_hear=to_hear, transcript=transcript)

    assert told.splitlines() == lines


@pytest.mark.parametrize(
    ("length", "cut"), [pytest.param(1000, False, id="the longest there may be"), pytest.param(1001, True, id="longer")]
)
def test_a_long_transcript(length: int, cut: bool) -> None:
    """It is shortened, and shows that it is."""
    told = aftercall.message("x", "boston", WHEN, (), seconds=0, to_hear=None, transcript="a" * length)

    assert told.endswith("a…" if cut else "a")
    assert told.count("a" * 1000) == 1
    assert "a" * 1001 not in told


def test_a_private_box() -> None:
    """One sentence, the same for everybody."""
    assert aftercall.private_message("clinic") == "A new message is waiting in clinic."
    assert aftercall.private_missed("main") == "A call to main was missed."
