"""The PIN of a command: found, taken out, and never shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.pin import HIDDEN, WithPin, split_pin, without_pins
from rules.words import command_word


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("4711 away mon 08:00", WithPin("away mon 08:00", "4711"), id="first"),
        pytest.param("away mon 08:00 4711.", WithPin("away mon 08:00", "4711"), id="last, at the end of a sentence"),
        pytest.param("PIN: 4711 back", WithPin("back", "4711"), id="said to be one"),
        pytest.param("4711", WithPin("", "4711"), id="alone"),
        pytest.param("back", WithPin("back", None), id="none"),
        pytest.param("", WithPin("", None), id="nothing"),
        pytest.param("4711,away", WithPin("away", "4711"), id="no space behind it"),
        pytest.param("４７１１ back", WithPin("back", "4711"), id="in full width"),
        pytest.param("away 2026-12-24 12:00", WithPin("away 2026-12-24 12:00", None), id="a date and a time are none"),
        pytest.param("471 back", WithPin("471 back", None), id="three digits are none"),
        pytest.param("1234567890123 back", WithPin("1234567890123 back", None), id="thirteen digits are none"),
        pytest.param("1111 back 2222", WithPin("back 2222", "1111"), id="of two the first"),
    ],
)
def test_where_it_stands(text: str, found: WithPin) -> None:
    """First or last, four to twelve digits."""
    assert split_pin(text) == found


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("4711 away mon 08:00", "**** away mon 08:00", id="first"),
        pytest.param("away mon 08:00 4711!", "away mon 08:00 ****!", id="last"),
        pytest.param("pin 4711 back 0815", "pin **** back ****", id="whatever can be one"),
        pytest.param("4711 0815 back", "**** **** back", id="side by side"),
        pytest.param("４７１１ back ٤٧١١", "**** back ****", id="in whatever digits"),
        pytest.param("away until 2026-12-24 12:00", "away until 2026-12-24 12:00", id="dates stay"),
    ],
)
def test_hidden(text: str, shown: str) -> None:
    """What is kept of a command shows no PIN, and is still one."""
    assert without_pins(text) == shown


@given(pin=st.from_regex(r"\A[0-9]{4,12}\Z"), words=st.lists(st.text(st.characters(categories=["L"]), max_size=8)))
def test_what_is_taken_is_hidden(pin: str, words: list[str]) -> None:
    """Whatever stands around it, the PIN is found, and nothing of it is kept."""
    for text in (" ".join([pin, *words]), " ".join([*words, pin])):
        assert split_pin(text).pin == pin
        assert without_pins(text).count(HIDDEN) == 1
        assert pin not in without_pins(text)


@given(st.text())
def test_nothing_fails(text: str) -> None:
    """Whatever is written; and a command is one with its PIN hidden, too."""
    split_pin(text)

    assert command_word(without_pins(text)) or not command_word(text)
