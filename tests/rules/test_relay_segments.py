"""How long texts are on the air, and how long ones are split."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.relay.segments import BASIC, EXTENSION, LONGEST, MOST, Size, _reach, measure, parts

FLAG = "\U0001f1e9\U0001f1ea"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", Size("gsm-7", 0, 1), id="nothing is a message all the same"),
        pytest.param("a" * 160, Size("gsm-7", 160, 1), id="a full one"),
        pytest.param("a" * 161, Size("gsm-7", 161, 2), id="one letter more"),
        pytest.param("a" * 306, Size("gsm-7", 306, 2), id="two full segments"),
        pytest.param("a" * 307, Size("gsm-7", 307, 3), id="one letter more than two hold"),
        pytest.param("€" * 80, Size("gsm-7", 160, 1), id="an extension letter takes two places"),
        pytest.param("€" * 80 + "a", Size("gsm-7", 161, 2), id="one place more than extension letters fill"),
        pytest.param(
            "€" * 153, Size("gsm-7", 306, 3), id="an odd place stays empty, for an escape is not torn from its letter"
        ),
        pytest.param("ñ@Δ\n£", Size("gsm-7", 5, 1), id="letters of the table that are not ASCII"),
        pytest.param("ç" * 70, Size("ucs-2", 70, 1), id="a small c with a cedilla is not in the table: 70 fit"),
        pytest.param("ç" * 71, Size("ucs-2", 71, 2), id="71 do not"),
        pytest.param("ç" * 134, Size("ucs-2", 134, 2), id="two full segments in two bytes each"),
        pytest.param("ç" * 135, Size("ucs-2", 135, 3), id="one letter more than these hold"),
        pytest.param("😀" * 35, Size("ucs-2", 70, 1), id="an emoji is two units"),
        pytest.param("😀" * 67, Size("ucs-2", 134, 3), id="a pair of surrogates is not torn apart"),
        pytest.param("`", Size("ucs-2", 1, 1), id="a backtick is not in the table"),
    ],
)
def test_how_long_a_text_is(text: str, expected: Size) -> None:
    """160 or 153 septets, 70 or 67 UTF-16 units."""
    assert measure(text) == expected


def test_the_table_has_all_its_letters() -> None:
    """3GPP TS 23.038: 128 places, one of them the escape, and ten behind it."""
    assert (len(BASIC), len(EXTENSION), len(BASIC & EXTENSION)) == (127, 10, 0)


@pytest.mark.parametrize(
    ("text", "limits", "expected"),
    [
        pytest.param("one two", {}, ("one two",), id="what fits stays as it is"),
        pytest.param("a" * 1600, {}, ("a" * 1600,), id="1,600 letters are one message"),
        pytest.param(
            "one two three four", {"longest": 16}, ("(1/2) one two", "(2/2) three four"), id="between two words"
        ),
        pytest.param(
            "one two three four",
            {"longest": 13},
            ("(1/3) one two", "(2/3) three", "(3/3) four"),
            id="a word that just fits",
        ),
        pytest.param(
            "one  two\nthree",
            {"longest": 12},
            ("(1/3) one", "(2/3) two", "(3/3) three"),
            id="white space at the cut goes",
        ),
        pytest.param(
            "abcdefghij", {"longest": 9}, ("(1/4) abc", "(2/4) def", "(3/4) ghi", "(4/4) j"), id="one long word"
        ),
        pytest.param("abe\u0301cd", {"longest": 9}, None, id="no letter is torn from its accent: one that fits stays"),
        pytest.param(
            "abe\u0301cdefghi",
            {"longest": 9},
            ("(1/4) ab", "(2/4) e\u0301c", "(3/4) def", "(4/4) ghi"),
            id="no letter is torn from its accent",
        ),
        pytest.param(f"{FLAG}{FLAG}xyz", {"longest": 9}, None, id="a flag too long for a part is not lost"),
        pytest.param("x" * 20 + "👍🏽" + "y" * 5, {"longest": 29}, None, id="a thumb that fits"),
        pytest.param(
            "x" * 20 + "👍🏽" + "y" * 9,
            {"longest": 29},
            ("(1/2) " + "x" * 20, "(2/2) 👍🏽" + "y" * 9),
            id="a thumb keeps its tone",
        ),
        pytest.param(
            "x" * 30 + "e" + "\u0301" * 31 + "y" * 9,
            {"longest": 6 + 61},
            ("(1/2) " + "x" * 30, "(2/2) e" + "\u0301" * 31 + "y" * 9),
            id="a letter under a tower of 31 accents stays whole",
        ),
        pytest.param(
            "x" * 30 + "e" + "\u0301" * 32 + "y" * 9,
            {"longest": 6 + 62},
            ("(1/2) " + "x" * 30 + "e" + "\u0301" * 31, "(2/2) \u0301" + "y" * 9),
            id="one more is no letter of anybody's",
        ),
    ],
)
def test_how_a_text_is_split(text: str, limits: dict[str, int], expected: tuple[str, ...] | None) -> None:
    """In the fewest parts, numbered, between words where there are any (None: whatever the parts, nothing is lost)."""
    found = parts(text, **limits)

    if expected is not None:
        assert found == expected
    assert "".join(re.sub(r"^\(\d+/\d+\) ", "", part) for part in found).replace(" ", "") == re.sub(r"\s", "", text)


def test_ten_parts_have_room_for_their_numbers() -> None:
    """The number of parts is written in each of them, also when it has grown by a digit."""
    found = parts("ab " * 30, longest=12)

    assert [part.split()[0] for part in found] == [f"({at}/{len(found)})" for at in range(1, len(found) + 1)]
    assert len(found) > 9
    assert all(len(part) <= 12 for part in found)


@given(st.text(st.sampled_from("ab c€😀é\u0301\u200d\n"), max_size=4000), st.integers(1, MOST))
def test_every_part_fits_and_nothing_is_lost(text: str, most: int) -> None:
    """Whatever is written: each part is within both limits, and together they say the same."""
    found = parts(text, most=most)

    for part in found:
        assert measure(part).segments <= most
        assert len(part.encode("utf-16-le")) // 2 <= LONGEST
    if len(found) > 1:
        said = "".join(part[len(f"({at}/{len(found)}) ") :] for at, part in enumerate(found, 1))
        assert re.sub(r"\s", "", said) == re.sub(r"\s", "", text)
    else:
        assert found == (text,)


@given(
    text=st.text(st.sampled_from("ab \n{€✓😀é") | st.characters(), max_size=400),
    most=st.integers(1, 4),
    longest=st.integers(20, 300),
)
def test_a_message_holds_all_it_can(text: str, most: int, longest: int) -> None:
    """As many letters as can be sent, counted the slow way, and not one more."""
    fitting = [
        size
        for size in range(len(text) + 1)
        if len(text[:size].encode("utf-16-le", "surrogatepass")) // 2 <= longest
        and measure(text[:size]).segments <= most
    ]

    assert _reach(text, most, longest) == max(fitting)
