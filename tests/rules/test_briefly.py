"""Plans in one line, and stretches of time in a few words."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from rules.briefly import answer_briefly, plan_briefly, shortened, step_briefly, step_fully
from rules.often import days_in_words, often, span_in_words
from rules.plan import Copy, Deliver, Drop, Hangup, Hold, Play, Reject, Reply, Ring, Say, Step, Voicemail
from rules.timeline import Timeline, Window

NEW_YORK = ZoneInfo("America/New_York")
LONG = "We are closed now and will be glad to answer you as soon as we are back."


@pytest.mark.parametrize(
    ("step", "briefly", "fully"),
    [
        pytest.param(
            Ring(("ann", "bob"), "crew", "in-turn", 15),
            "ring crew (in-turn: ann, bob)",
            "ring crew (in-turn: ann, bob), 15 s each",
            id="a team in turn",
        ),
        pytest.param(
            Ring(("ann",), None, "all-at-once", 20), "ring ann", "ring ann (all-at-once), 20 s", id="a person"
        ),
        pytest.param(Say("Hello.", "de"), "say “Hello.”", "say “Hello.” in de", id="a language"),
        pytest.param(Say(LONG), f"say “{shortened(LONG)}”", f"say “{LONG}”", id="a long text"),
        pytest.param(Play("https://a.example/x"), "play https://a.example/x", "play https://a.example/x", id="a file"),
        pytest.param(
            Voicemail("box", None, 60, transcribe=True),
            "voicemail box",
            "voicemail box (no greeting; at most 60 s, written down)",
            id="voicemail",
        ),
        pytest.param(Reject("busy"), "refuse (busy)", "refuse (busy)", id="refused"),
        pytest.param(Hangup(), "hang up", "hang up", id="hung up"),
        pytest.param(Deliver(("ann",), "ann"), "deliver to ann", "deliver to ann, all of them", id="to a person"),
        pytest.param(
            Deliver(("ann",), "crew", one=True),
            "deliver to crew (ann)",
            "deliver to crew (ann), whose turn it is",
            id="to a team",
        ),
        pytest.param(Hold("crew", "open"), "hold for crew until open", "hold for crew until open", id="until open"),
        pytest.param(
            Hold("ann", "reachable"),
            "hold for ann until somebody is in",
            "hold for ann until somebody is in",
            id="until reachable",
        ),
        pytest.param(Copy(("ann",), "ann"), "copy to ann", "copy to ann", id="a copy"),
        pytest.param(Copy(("ann",), "crew"), "copy to crew (ann)", "copy to crew (ann)", id="a copy to a team"),
        pytest.param(Reply(LONG), f"reply “{shortened(LONG)}”", f"reply “{LONG}”", id="a reply"),
        pytest.param(Drop(), "record only", "record only", id="nothing"),
    ],
)
def test_a_step_in_a_few_words(step: Step, briefly: str, fully: str) -> None:
    """Briefly for lists of many; fully where two would look alike."""
    assert (step_briefly(step), step_fully(step)) == (briefly, fully)


def test_a_plan_in_a_line() -> None:
    """Arrows between steps; what has no steps is told all the same."""
    assert plan_briefly([Say("Hi."), Hangup()]) == "say “Hi.” -> hang up"
    assert plan_briefly([]) == "nothing is sent by itself"
    assert answer_briefly("safety:relay", ()) == "taken for a teammate's answer to a customer"


@pytest.mark.parametrize(
    ("text", "short"),
    [
        pytest.param("Short.", "Short.", id="short enough"),
        pytest.param("one two three four", "one two…", id="cut at a word"),
        pytest.param("onetwothreefour", "onetwothr…", id="one long word"),
    ],
)
def test_texts_are_cut_at_a_word(text: str, short: str) -> None:
    """Never longer than asked for."""
    assert shortened(text, 10) == short


def at(text: str) -> int:
    """Read a moment by the clock of New York."""
    return int(datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).astimezone(UTC).timestamp())


def spans(*texts: str) -> Timeline:
    """Read `start/end` texts."""
    pairs = [text.split("/") for text in texts]
    return Timeline.of((at(start), at(end)) for start, end in pairs)


WINDOW = Window(at("2026-11-23T00:00"), at("2027-01-31T00:00"))


@pytest.mark.parametrize(
    ("times", "words"),
    [
        pytest.param(spans("2026-11-23T00:00/2027-01-31T00:00"), "all the time", id="always"),
        pytest.param(spans("2026-12-04T15:00/2026-12-04T16:00"), "once, 1.0 h: Fri 4 Dec 2026 15:00-16:00", id="once"),
        pytest.param(
            spans("2026-12-04T15:00/2026-12-04T24:00".replace("04T24", "05T00"), "2026-12-11T15:00/2026-12-12T00:00"),
            "2 times, 18.0 h, always Fri 15:00-24:00; first Fri 4 Dec 2026, last Fri 11 Dec 2026",
            id="every Friday, until midnight",
        ),
        pytest.param(
            spans("2026-12-04T22:00/2026-12-05T06:00", "2026-12-06T22:00/2026-12-07T06:00"),
            "2 times, 16.0 h, always Fri, Sun 22:00-06:00; first Fri 4 Dec 2026, last Sun 6 Dec 2026",
            id="past midnight",
        ),
        pytest.param(
            spans("2026-12-04T15:00/2026-12-04T16:00:30", "2026-12-11T15:00/2026-12-13T16:00"),
            "2 times, 50.0 h; first Fri 4 Dec 2026 15:00-16:00:30, last Fri 11 Dec 2026 15:00 to Sun 13 Dec 2026 16:00",
            id="without a pattern",
        ),
        pytest.param(
            spans("2026-12-04T15:00/2026-12-04T16:00", "2026-12-11T15:00/2026-12-11T17:00"),
            "2 times, 3.0 h; first Fri 4 Dec 2026 15:00-16:00, last Fri 11 Dec 2026 15:00-17:00",
            id="of different length",
        ),
        pytest.param(
            spans(*(f"2026-12-{day:02}T15:00/2026-12-{day:02}T16:00" for day in range(1, 8))),
            "7 times, 7.0 h, always daily 15:00-16:00; first Tue 1 Dec 2026, last Mon 7 Dec 2026",
            id="daily",
        ),
    ],
)
def test_how_often_and_how_long(times: Timeline, words: str) -> None:
    """Count, hours, the pattern if there is one, first and last."""
    assert often(times, WINDOW, NEW_YORK) == words


def test_weekdays_and_spans() -> None:
    """Three days in a row are a range; a stretch over midnight names both days."""
    assert days_in_words([0, 1, 2, 3, 5, 6]) == "Mon-Thu, Sat, Sun"
    night = (at("2026-12-04T22:00"), at("2026-12-05T06:00"))
    assert span_in_words(night, NEW_YORK) == "Fri 4 Dec 2026 22:00 to Sat 5 Dec 2026 06:00"
